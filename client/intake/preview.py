"""Look into a file before anything is done with it: sheets, headers, what they mean, a few records."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from client.core.recipes import Recipe
from client.errors import ClientError, FileRefused
from client.intake import child
from client.intake.candidates import Candidates, candidates_of
from client.intake.cells import Cell
from client.intake.clean import as_typed
from client.intake.headings import Header, Heading
from client.intake.notices import of_template
from client.intake.origin import Origin, template_of
from client.intake.read import Book, open_book
from client.intake.table import Notice, Records, Table, header_of, told_by
from forms.catalog.schema import CatalogSet

SAMPLE_ROWS: Final = 5
COUNTED_ROWS: Final = 50_000
"""Records that are counted one by one; how many there are beyond is taken from the height of the sheet."""


@dataclass(frozen=True, slots=True)
class SheetPreview:
    """One sheet.

    Attributes:
        header: None when no row has the headings of any item.
        rows: records under the header; filled lines when there is no header.
        sample: the first records, or the first filled lines, as text.
        estimated: whether `rows` is about right only: nobody counted a long sheet to its end.
        notices: what is known of the sheet and its file before all of it is read.
    """

    name: str
    hidden: bool
    header: Header | None
    rows: int
    sample: tuple[tuple[str, ...], ...]
    estimated: bool = False
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True, slots=True)
class Preview:
    """What a file is.

    Attributes:
        refused: why it cannot come in as it is; its sheets are shown as far as they could be read.
    """

    sheets: tuple[SheetPreview, ...]
    encoding: str | None
    refused: FileRefused | None

    @property
    def best(self) -> SheetPreview | None:
        """The visible sheet with most headings: what an import takes unless it is told another."""
        fitting = [sheet for sheet in self.sheets if sheet.header is not None and not sheet.hidden]
        return max(fitting, key=lambda sheet: sheet.header.matched if sheet.header else 0, default=None)

    def as_json(self, say: Callable[[ClientError], str]) -> dict[str, Any]:
        """The shape of `preview --json`, docs/architecture.md "Commands".

        Args:
            say: turns an error into its sentence.
        """
        return {
            "sheets": [_sheet_json(sheet) for sheet in self.sheets],
            "encoding": self.encoding,
            "refused": {"code": self.refused.code, "message": say(self.refused)} if self.refused else None,
        }


def _heading_json(heading: Heading) -> dict[str, Any]:
    said: dict[str, Any] = {"column": heading.letters, "text": heading.text, "field": heading.field}
    if heading.guess is not None:
        said |= {"guess": heading.guess, "found": heading.found, "certainty": heading.certainty}
    return said


def _sheet_json(sheet: SheetPreview) -> dict[str, Any]:
    header = sheet.header
    said: dict[str, Any] = {
        "name": sheet.name,
        "hidden": sheet.hidden,
        "header_row": header.row if header else None,
        "rows": sheet.rows,
        "headings": [_heading_json(heading) for heading in (header.headings if header else ())],
        "item": header.item if header else None,
        "sample": [list(row) for row in sheet.sample],
    }
    if header and header.rival:
        said["rival"] = header.rival
    if header and header.recipe:
        said["recipe"] = header.recipe
    return said


def preview(
    path: Path,
    catalog: CatalogSet,
    *,
    item: str | None = None,
    sheet: str | None = None,
    header_row: int | None = None,
    recipes: Sequence[Recipe] = (),
    cancelled: child.Cancelled = child.never,
) -> Preview:
    """Look into a file. A file that cannot come in is no error here: the answer says why.

    Args:
        path: the file.
        catalog: the set whose items it may be.
        item: code, when the person said which.
        sheet: that `header_row` is meant of; None for all.
        header_row: where the header begins, as the spreadsheet shows it, when the person said so.
        recipes: how files were taken before; one that fits settles the columns.
        cancelled: asked all the time.

    Raises:
        Stopped: `cancelled` said so.
        FileRefused: only `item_unknown`.
    """
    sheets: list[SheetPreview] = []
    encoding: str | None = None
    wanted = candidates_of(catalog, item, recipes)
    try:
        with contextlib.closing(
            child.run(look, path, wanted, sheet, header_row, cancelled=cancelled)
        ) as messages:
            encoding = next(messages)
            sheets += messages
    except FileRefused as refused:
        return Preview(tuple(sheets), encoding, refused)
    found = Preview(tuple(sheets), encoding, None)
    return Preview(found.sheets, encoding, _refusal(found))


def _refusal(found: Preview) -> FileRefused | None:
    """Say why an import would refuse a file that can be read."""
    best = found.best
    if best is None or best.header is None or not best.header.matched:
        filled = any(sheet.rows for sheet in found.sheets if not sheet.hidden)
        return FileRefused("headings_unknown" if filled else "file_empty")
    if best.rows == 0:
        return FileRefused("no_rows")
    try:
        best.header.refuse_doubles()
    except FileRefused as refused:
        return refused
    return None


def look(
    path: Path, items: Candidates, sheet: str | None = None, header_row: int | None = None
) -> Iterator[str | SheetPreview | None]:
    """Yield the encoding, then each sheet; runs in the child."""
    with open_book(path) as book:
        yield book.encoding
        origin = template_of(book)
        items = told_by(origin, items)
        for name, _hidden in book.names:
            yield _look_into(book, name, items, origin, header_row if sheet in {None, name} else None)


def _look_into(
    book: Book, name: str, items: Candidates, origin: Origin | None, header_row: int | None
) -> SheetPreview:
    sheet = book.sheet(name)
    header = header_of(sheet, items, header_row)
    lines: Iterable[tuple[int, list[Cell]]]
    notices: tuple[Notice, ...] = ()
    if header is None or not header.matched:
        last = header.last_row if header else 0
        lines = (row for row in sheet.rows() if row[0] > last and any(cell != "" for cell in row[1]))
    else:
        old = of_template(origin, header, items.item(header.item))
        records = Records(Table(sheet, header, remarks=book.remarks, template=old))
        notices = tuple(records.notices)
        lines = ((number, cells) for number, _, cells in records)
    rows, estimated, sample = _count(lines, sheet.height)
    shown = tuple(tuple(as_typed(cell) for cell in _trimmed(cells)) for cells in sample)
    return SheetPreview(name, sheet.hidden, header, rows, shown, estimated, notices)


def _count(lines: Iterable[tuple[int, list[Cell]]], height: int) -> tuple[int, bool, list[list[Cell]]]:
    """Return how many lines there are, whether that is an estimate, and the first ones."""
    sample: list[list[Cell]] = []
    rows = 0
    for number, cells in lines:
        rows += 1
        if rows <= SAMPLE_ROWS:
            sample.append(cells)
        if rows == COUNTED_ROWS and height > number:
            return rows + height - number, True, sample
    return rows, False, sample


def _trimmed(cells: list[Cell]) -> list[Cell]:
    last = max((place for place, cell in enumerate(cells) if cell != ""), default=-1)
    return cells[: last + 1]
