"""What a file holds that calamine does not tell, and that a person has to be told. Values only.

One scanner a format fills them in: `sheet_xml`, `sheet_xls`, `sheet_xlsb`, `sheet_ods`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from forms.catalog.problems import Problem

Place = tuple[int, int]
"""Row and column, both from 0."""

Remark = Literal["macros_not_run", "links_not_followed", "dde_not_run", "objects_not_opened"]
"""What a workbook carries beside its cells: never run, followed or opened, and said."""

REMARKS: Final[tuple[Remark, ...]] = (
    "macros_not_run",
    "links_not_followed",
    "dde_not_run",
    "objects_not_opened",
)

ERROR_TEXTS: Final = {
    0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!",
    0x2A: "#N/A", 0x2B: "#GETTING_DATA",
}  # fmt: skip
"""Codes of error values. Source: [MS-XLS] 2.5.10."""


@dataclass(slots=True)
class Marks:
    """Cells of a sheet that need a word to the person.

    Attributes:
        formulas: cell → whether the file holds the formula's result.
        errors: cell → ``#N/A`` and its like, which calamine reads as blank.
        hidden_rows: from 0; read like all others.
        hidden_columns: from 0.
        notes: how many cells have a note (批注).
        first_note: where the first one stands, when the format tells.
    """

    formulas: dict[Place, bool] = field(default_factory=dict)
    errors: dict[Place, str] = field(default_factory=dict)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    notes: int = 0
    first_note: Place | None = None

    def add_note(self, place: Place | None) -> None:
        """Count a note."""
        self.notes += 1
        if place is not None and (self.first_note is None or place < self.first_note):
            self.first_note = place


def error_text(code: int) -> str:
    """Return how a spreadsheet shows an error value."""
    return ERROR_TEXTS.get(code, "#VALUE!")


def problems_by_row(marks: Marks, names: Mapping[int, str]) -> dict[int, list[Problem]]:
    """Name cells that hold an error, or a formula whose result was never saved.

    Args:
        marks: of the sheet.
        names: column from 0 → field.

    Returns:
        Row as the sheet shows it → problems.
    """
    marked: dict[int, list[Problem]] = {}
    for (row, column), error in marks.errors.items():
        if column in names:
            problem = Problem(names[column], "cell_error", params={"value": error})
            marked.setdefault(row + 1, []).append(problem)
    for (row, column), has_value in marks.formulas.items():
        if has_value is False and column in names and (row, column) not in marks.errors:
            marked.setdefault(row + 1, []).append(Problem(names[column], "formula_without_value"))
    return marked
