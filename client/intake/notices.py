"""What is said of a file, not of a record: lines left out, what is hidden, what is never run or followed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from client.core.imports import ROW_KEY_HEADING
from client.intake.headings import Header
from client.intake.marks import Remark
from client.intake.origin import Origin
from client.intake.sheet_xml import column_letters
from forms.catalog.schema import Item

if TYPE_CHECKING:  # who is told a notice opens no spreadsheet
    from client.intake.read import Sheet

NOTICES: Final = frozenset({
    "totals_skipped", "note_skipped", "header_repeated", "formula_value_taken", "unit_assumed",
    "heading_guessed", "template_old",
    "hidden_rows_read", "hidden_column_read", "notes_not_read", "other_sheets_not_read",
    "row_key_damaged", "row_key_doubled", "row_key_moved", "row_key_unknown",
    "macros_not_run", "links_not_followed", "dde_not_run", "objects_not_opened",
})  # fmt: skip
"""Every code that a notice may have; each has a sentence in `forms.catalog.sentences`."""


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that is said of the file, not of a record.

    Attributes:
        code: one of `NOTICES`.
        row: as the spreadsheet shows it.
        column: letters.
        value: what stands there; for what is counted, how many; for sheets, their names.
        field: id, when it is about a column.
    """

    code: str
    row: int
    column: str
    value: str = ""
    field: str = ""


def of_sheet(
    sheet: Sheet, header: Header, others: Sequence[str] = (), remarks: Sequence[Remark] = ()
) -> list[Notice]:
    """Say what is known of a sheet before its records are taken."""
    first = _first(header)
    said = [Notice(remark, header.row, first) for remark in remarks]
    if others:
        said.append(Notice("other_sheets_not_read", header.row, first, "、".join(others)))
    hidden = [
        Notice("hidden_column_read", header.row, heading.letters, heading.text, heading.field)
        for heading in header.headings
        if heading.field and heading.column in sheet.marks.hidden_columns
    ]
    return said + hidden + _notes(sheet, header, first)


def _first(header: Header) -> str:
    return header.headings[0].letters if header.headings else "A"


def _notes(sheet: Sheet, header: Header, first: str) -> list[Notice]:
    """Name the notes (批注) of cells: they are no part of a record; those of a file we gave back are ours."""
    marks = sheet.marks
    if not marks.notes or any(ROW_KEY_HEADING in heading.text for heading in header.headings):
        return []
    row, column = (header.row, first) if marks.first_note is None else (
        marks.first_note[0] + 1, column_letters(marks.first_note[1]),
    )  # fmt: skip
    return [Notice("notes_not_read", row, column, str(marks.notes))]


def of_template(origin: Origin | None, header: Header, item: Item) -> tuple[Notice, ...]:
    """Say that a template was written for the item as it was in another set, or before it was changed."""
    if origin is None or origin.code != item.code or origin.is_of(item):
        return ()
    return (Notice("template_old", header.row, _first(header), origin.ref),)


def hidden_row_notice(rows: Sequence[int], column: str) -> Notice:
    """Say that rows which the spreadsheet does not show were read like the others."""
    return Notice("hidden_rows_read", rows[0], column, str(len(rows)))
