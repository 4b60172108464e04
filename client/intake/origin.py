"""Which item of which catalog set a template was written for: found again when it comes back filled in.

Stands in a sheet that a spreadsheet program does not offer to show. The properties of the file say the same
for people; but programs that save a workbook anew may leave those out.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from forms.catalog.schema import Item

if TYPE_CHECKING:  # who is told a notice opens no spreadsheet
    from client.intake.read import Book

ORIGIN_SHEET: Final = "目录版本"


@dataclass(frozen=True, slots=True)
class Origin:
    """What a template was written for.

    Attributes:
        ref: item and set, e.g. ``XZXK_FR@2026.1``.
        digest: of the item then.
    """

    ref: str
    digest: str

    @property
    def code(self) -> str:
        """The item's code, without the set."""
        return self.ref.partition("@")[0]

    def is_of(self, item: Item) -> bool:
        """Whether the template is of the item just as it is now."""
        return (self.ref, self.digest) == (item.ref, item.digest)


def write_origin(book: Any, item: Item) -> None:
    """Add the sheet to a workbook that xlsxwriter writes."""
    sheet = book.add_worksheet(ORIGIN_SHEET)
    sheet.write_row(0, 0, (item.ref, item.digest))
    sheet.very_hidden()


def template_of(book: Book) -> Origin | None:
    """Read what a workbook says of its origin; None when it was not written as a template."""
    if (ORIGIN_SHEET, True) not in book.names:
        return None
    rows = list(islice(book.sheet(ORIGIN_SHEET).rows(), 1))
    cells = [str(cell) for cell in rows[0][1][:2]] if rows else []
    return Origin(*cells) if len(cells) == 2 and all(cells) else None
