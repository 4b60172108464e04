"""The rows of a grid and what can be done to them; no widget, no store, no clock.

An operation returns the steps that it is made of, and nothing changes until they are applied: so the
same steps are done, undone and done again.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from client.intake.disarming import disarmed, rearmed
from client.ui.grid import words
from forms.catalog.problems import Answer, Problem
from forms.catalog.schema import Field, Item, Value
from forms.qt.typed import as_text, as_value

MOST_ROWS: Final = 2_000
"""Rows of one grid, and of one paste: more than that is a file to import."""

IN_THE_FORM: Final[Mapping[str, str]] = {"attachment": words.FILES, "group": words.GROUP_ROWS}
"""Types of field that have no place in a cell, and what a cell says of them instead."""

Judge = Callable[[Mapping[str, Value], Sequence[Answer]], Sequence[Problem]]


@dataclass(slots=True, eq=False)
class SheetRow:
    """One draft, or a row that will be one once something stands in it.

    Attributes:
        key: tells rows apart as long as the grid is open.
        locked: why it may not be written any more; empty when it may.
        version: grows with every change of its values.
    """

    key: int
    record_id: str | None = None
    values: dict[str, Value] = field(default_factory=dict)
    answers: tuple[Answer, ...] = ()
    locked: str = ""
    version: int = 0
    _judged: tuple[int, Sequence[Problem]] | None = None

    def problems(self, judge: Judge) -> Sequence[Problem]:
        """What is wrong with the row as it stands; nothing is wrong with an empty one."""
        if not self.values:
            return ()
        if self._judged is None or self._judged[0] != self.version:
            self._judged = (self.version, judge(self.values, self.answers))
        return self._judged[1]


@dataclass(frozen=True, slots=True)
class Step:
    """One cell before and after; None is an empty cell."""

    row: SheetRow
    field_id: str
    before: Value | None
    after: Value | None

    def do(self) -> None:
        """Let the cell hold what comes after."""
        _put(self.row, self.field_id, self.after)

    def undo(self) -> None:
        """Let the cell hold what was before."""
        _put(self.row, self.field_id, self.before)


def _put(row: SheetRow, field_id: str, value: Value | None) -> None:
    if value is None:
        row.values.pop(field_id, None)
    else:
        row.values[field_id] = value
    row.version += 1


@dataclass(frozen=True, slots=True)
class Pasted:
    """What a paste comes to.

    Attributes:
        steps: the cells that change.
        new: rows that have to be added at the end first.
        rows, columns: how large the block is.
        by_heading: its first line was headings, and told the columns.
        too_wide, too_long: columns and rows that found no place.
        left_out: cells of locked rows and of fields that have no cell.
    """

    steps: tuple[Step, ...]
    new: tuple[SheetRow, ...]
    rows: int
    columns: int
    by_heading: bool = False
    too_wide: int = 0
    too_long: int = 0
    left_out: int = 0


class Sheet:
    """The rows of one item, in the order in which the grid keeps them."""

    def __init__(self, item: Item, fields: Sequence[Field]) -> None:
        self.item, self.fields = item, tuple(fields)
        self.rows: list[SheetRow] = []
        self._keys = 0

    def new_row(self) -> SheetRow:
        """Make a row that stands nowhere yet."""
        self._keys += 1
        return SheetRow(self._keys)

    def text(self, row: SheetRow, field: Field) -> str:
        """Return what a cell shows."""
        value = row.values.get(field.id)
        if value is None or field.type in IN_THE_FORM:
            return ""
        return as_text(field, value)

    def typed(self, row: SheetRow, field: Field, text: str) -> tuple[Step, ...]:
        """Return the step of a text typed into a cell; none when it means what stands there."""
        if row.locked or field.type in IN_THE_FORM or text == self.text(row, field):
            return ()
        before, after = row.values.get(field.id), as_value(field, text)
        return () if before == after else (Step(row, field.id, before, after),)

    def cleared(self, cells: Iterable[tuple[SheetRow, Field]]) -> tuple[Step, ...]:
        """Return the steps that empty cells."""
        return tuple(step for row, about in cells for step in self.typed(row, about, ""))

    def filled_down(self, columns: Sequence[Field], rows: Sequence[SheetRow]) -> tuple[Step, ...]:
        """Return the steps that give the cells of `rows` what the first of them holds."""
        if len(rows) < 2:
            return ()
        first, *rest = rows
        steps = []
        for about in columns:
            if about.type in IN_THE_FORM:
                continue
            value = first.values.get(about.id)
            steps += [
                Step(row, about.id, row.values.get(about.id), value)
                for row in rest
                if not row.locked and row.values.get(about.id) != value
            ]
        return tuple(steps)

    def copied(self, columns: Sequence[Field], rows: Sequence[SheetRow]) -> str:
        """Return cells as spreadsheets pass them on: tabs, lines, quotes where a cell needs them."""
        out = io.StringIO(newline="")
        writer = csv.writer(out, "excel-tab", lineterminator="\n")
        writer.writerows([disarmed(self.text(row, about)) for about in columns] for row in rows)
        return out.getvalue().removesuffix("\n")

    def pasted(
        self,
        text: str,
        below: Sequence[SheetRow],
        first: int,
        field_of: Callable[[str], str | None],
        across: int = 1,
    ) -> Pasted:
        """Return what pasting `text` comes to.

        Args:
            text: what a spreadsheet put on the clipboard.
            below: the rows from the one where it begins, as the grid shows them.
            first: place of the field where it begins.
            field_of: heading → field id, to know a line of headings.
            across: columns that are chosen; one cell pasted over several fills them all.
        """
        block = [line for line in csv.reader(io.StringIO(text, newline=""), "excel-tab") if line]
        headed = _fields_of_headings(block[0], field_of) if len(block) > 1 else None
        if headed is not None:
            del block[0]
            columns: list[Field | None] = [self.item.by_id[name] if name else None for name in headed]
        else:
            columns = list(self.fields[first:])
        block, too_long = block[:MOST_ROWS], max(len(block) - MOST_ROWS, 0)
        width = max(map(len, block), default=0)
        if width == 1 and across > 1 and headed is None:
            block = [line * across for line in block]
            width = across
        new = tuple(self.new_row() for _ in range(max(len(block) - len(below), 0)))
        steps: list[Step] = []
        left_out = 0
        for row, line in zip([*below[: len(block)], *new], block, strict=True):
            for about, cell in zip(columns, line, strict=False):
                if about is None:
                    continue
                if (row.locked or about.type in IN_THE_FORM) and cell:
                    left_out += 1
                    continue
                steps += self.typed(row, about, rearmed(cell))
        wide = 0 if headed is not None else max(width - len(columns), 0)
        return Pasted(
            tuple(steps), new, len(block), width - wide, headed is not None, wide, too_long, left_out
        )


def _fields_of_headings(
    line: Sequence[str], field_of: Callable[[str], str | None]
) -> list[str | None] | None:
    """Return the fields of a line of headings; None when it is not one: every word must name a field."""
    found = [field_of(cell) if cell.strip() else None for cell in line]
    named = [name for name in found if name]
    filled = sum(bool(cell.strip()) for cell in line)
    is_heading = len(named) >= 2 and len(named) == filled and len(set(named)) == len(named)
    return found if is_heading else None
