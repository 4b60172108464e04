"""The rows of a repeated group as a table model: what changes them, what was wrong, and the way back."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt

from forms.catalog.problems import Problem
from forms.catalog.schema import Field, Value
from forms.qt import words
from forms.qt.typed import as_text, as_value

TONE_ROLE: Final = Qt.ItemDataRole.UserRole
STEPS_BACK: Final = 50
NUMBERS: Final = frozenset({"decimal", "int"})

Row = Mapping[str, Value]
Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class Pasted:
    """What came of a paste: rows that it wrote in, and what had no place."""

    rows: int
    rows_left: int
    columns_left: int


class GroupModel(QAbstractTableModel):
    """Rows of values; a row is never changed, but another put in its place, so that going back is cheap."""

    def __init__(self, fields: Sequence[Field], most: int) -> None:
        super().__init__()
        self.fields = tuple(fields)
        self.most = most
        self._rows: list[Row] = []
        self._past: list[list[Row]] = []
        self._problems: dict[tuple[int, str], list[tuple[str, str]]] = {}

    # --- values -----------------------------------------------------------------------------

    def rows(self) -> list[Row]:
        """The rows; those at the end that hold nothing are none."""
        last = max((n for n, row in enumerate(self._rows) if row), default=-1)
        return self._rows[: last + 1]

    def set_rows(self, rows: Sequence[Row]) -> None:
        """Show these; there is no way back to those before."""
        self.beginResetModel()
        self._rows, self._past, self._problems = list(rows), [], {}
        self.endResetModel()

    def value(self, row: int, column: int) -> Value | None:
        """What a cell holds."""
        return self._rows[row].get(self.fields[column].id)

    def is_empty(self, row: int) -> bool:
        """Say whether a row holds nothing."""
        return not self._rows[row]

    def put(self, row: int, column: int, value: Value | None) -> None:
        """Put a value into a cell; None empties it."""
        field = self.fields[column].id
        others = {name: held for name, held in self._rows[row].items() if name != field}
        self._rows[row] = others if value is None else {**others, field: value}
        index = self.index(row, column)
        self.dataChanged.emit(index, index)

    def add(self, row: int) -> None:
        """Put an empty row before `row`."""
        self.beginInsertRows(QModelIndex(), row, row)
        self._rows.insert(row, {})
        self.endInsertRows()

    def remove(self, row: int) -> None:
        """Take a row out."""
        self.beginRemoveRows(QModelIndex(), row, row)
        del self._rows[row]
        self._problems = {}
        self.endRemoveRows()

    def paste(self, row: int, column: int, text: str) -> Pasted:
        """Write cells of a spreadsheet from a place on, to the right and down; rows are added as needed."""
        table = list(csv.reader(io.StringIO(text), delimiter="\t"))
        fields = self.fields[column:]
        if table and [cell.strip() for cell in table[0]] in _headings(fields, len(table[0])):
            del table[0]
        taken = table[: self.most - row]
        rows = list(self._rows)
        for n, cells in enumerate(taken, row):
            held = dict(rows[n]) if n < len(rows) else {}
            for field, cell in zip(fields, cells, strict=False):
                value = as_value(field, cell)
                held.pop(field.id, None)
                if value is not None:
                    held[field.id] = value
            rows[n : n + 1] = [held]
        self._show(rows)
        widest = max((len(cells) for cells in table), default=0)
        return Pasted(len(taken), len(table) - len(taken), max(0, widest - len(fields)))

    # --- the way back -----------------------------------------------------------------------

    def keep(self) -> None:
        """Remember how it is now, before something changes it."""
        self._past = [*self._past[-STEPS_BACK + 1 :], list(self._rows)]

    def undo(self) -> bool:
        """Go back to what was kept last; False when there is nothing."""
        if not self._past:
            return False
        self._show(self._past.pop())
        return True

    def _show(self, rows: list[Row]) -> None:
        self.beginResetModel()
        self._rows, self._problems = rows, {}
        self.endResetModel()

    # --- problems ---------------------------------------------------------------------------

    def set_problems(self, problems: Sequence[tuple[Problem, str]]) -> None:
        """Mark the cells that problems are about; each with its sentence."""
        found: dict[tuple[int, str], list[tuple[str, str]]] = {}
        for problem, sentence in problems:
            row, _, field = problem.path.partition("/")[2].partition("/")
            if row.isdecimal():
                tone = "bad" if problem.severity == "error" else "warn"
                found.setdefault((int(row), field), []).append((tone, sentence))
        if found != self._problems and self.rowCount():
            self._problems = found
            self.dataChanged.emit(self.index(0, 0), self.index(self.rowCount() - 1, self.columnCount() - 1))

    def said(self, row: int, column: int) -> list[tuple[str, str]]:
        """Tone and sentence of what is wrong in a cell, or with its row as a whole."""
        field = self.fields[column].id if column < len(self.fields) else ""
        return [*self._problems.get((row, field), []), *self._problems.get((row, ""), [])]

    # --- Qt's -------------------------------------------------------------------------------

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return 0 if parent.isValid() else len(self.fields)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        field, said = self.fields[index.column()], self.said(index.row(), index.column())
        if role == Qt.ItemDataRole.DisplayRole:
            return as_text(field, self.value(index.row(), index.column())).replace("\n", " ")
        if role == TONE_ROLE:
            return "bad" if any(tone == "bad" for tone, _ in said) else "warn" if said else ""
        if role == Qt.ItemDataRole.ToolTipRole:
            return "\n".join(sentence for _, sentence in said) or self.data(index) or None
        if role == Qt.ItemDataRole.TextAlignmentRole and field.type in NUMBERS:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        across = orientation == Qt.Orientation.Horizontal
        if role == Qt.ItemDataRole.DisplayRole:
            return heading_of(self.fields[section]) if across else str(section + 1)
        if role == Qt.ItemDataRole.ToolTipRole and across:
            return self.fields[section].help
        if role == Qt.ItemDataRole.TextAlignmentRole and across:
            return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        return None


def heading_of(field: Field) -> str:
    """Return the title of a column: with its unit, and a star where it must be filled."""
    unit = f"（{field.unit}）" if field.unit and f"({field.unit})" not in field.title else ""
    return f"{field.title}{unit}{' *' if field.required else ''}"


def is_table(text: str) -> bool:
    """Say whether a text holds more than one cell, as a spreadsheet copies them."""
    return "\t" in text or "\n" in text.rstrip("\r\n")


def _headings(fields: Sequence[Field], count: int) -> list[list[str]]:
    """The first headings, as a table may have them over its rows."""
    some = fields[:count]
    return [[field.title for field in some], [heading_of(field).rstrip(" *") for field in some]]


def said_of(pasted: Pasted, most: int) -> str:
    """Return what is to be said of a paste."""
    parts = [words.ROWS_PASTED.format(n=pasted.rows)]
    if pasted.rows_left:
        parts.append(words.ROWS_LEFT.format(n=pasted.rows_left, most=most))
    if pasted.columns_left:
        parts.append(words.COLUMNS_LEFT.format(n=pasted.columns_left))
    return "".join(parts)
