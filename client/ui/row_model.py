"""A table model over a list of frozen values: columns are named functions, rows keep their place."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Final

from PySide6.QtCore import QAbstractTableModel, QItemSelectionModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor, QGuiApplication
from PySide6.QtWidgets import QTableView

from client.ui.theme import tokens_for
from client.ui.widgets.marks import StateLook, mark_icon

Index = QModelIndex | QPersistentModelIndex
NOWHERE: Final = QModelIndex()


class Role(IntEnum):
    """Roles of ours: the value behind a row, and what a column sorts by."""

    ROW = Qt.ItemDataRole.UserRole
    SORT = Qt.ItemDataRole.UserRole + 1


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    Attributes:
        text: what the cell says.
        look: mark and tone of the cell, or None for plain text.
        sort: what the column sorts by; the text when None.
        tip: a longer text; None to show the cell's own when it is cut off.
    """

    title: str
    text: Callable[[Any], str]
    look: Callable[[Any], StateLook | None] | None = None
    sort: Callable[[Any], Any] | None = None
    tip: Callable[[Any], str] | None = None


class RowModel(QAbstractTableModel):
    """Rows are told apart by `key`; rows that stay are changed in place, so that selection stays."""

    def __init__(self, columns: Sequence[Column], key: Callable[[Any], Hashable]) -> None:
        super().__init__()
        self.columns = tuple(columns)
        self._key = key
        self._rows: list[Any] = []

    def rowCount(self, parent: Index = NOWHERE) -> int:
        """How many rows."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = NOWHERE) -> int:
        """How many columns."""
        return 0 if parent.isValid() else len(self.columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """What a cell is in a role."""
        if not index.isValid() or index.row() >= len(self._rows):
            return None
        row, column = self._rows[index.row()], self.columns[index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.text(row)
        if role == Qt.ItemDataRole.ToolTipRole and column.tip is not None:
            return column.tip(row) or None
        if role == Role.ROW:
            return row
        if role == Role.SORT:
            return (column.sort or column.text)(row)
        if (
            role in (Qt.ItemDataRole.DecorationRole, Qt.ItemDataRole.ForegroundRole)
            and column.look is not None
        ):
            return self._looked(column.look(row), role)
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Titles of the columns."""
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return self.columns[section].title
        return None

    def set_rows(self, rows: Sequence[Any]) -> None:
        """Show these rows, with the narrowest signals that tell the difference."""
        old, new = [self._key(row) for row in self._rows], [self._key(row) for row in rows]
        if old == new:
            self._rows = list(rows)
            if rows:
                self.dataChanged.emit(self.index(0, 0), self.index(len(rows) - 1, len(self.columns) - 1))
            return
        self.beginResetModel()
        self._rows = list(rows)
        self.endResetModel()

    def rows(self) -> list[Any]:
        """The values behind the rows."""
        return list(self._rows)

    def row(self, place: int) -> Any:
        """The value behind one row."""
        return self._rows[place]

    def key_at(self, place: int) -> Hashable:
        """The key of one row."""
        return self._key(self._rows[place])

    def place_of(self, key: Hashable) -> int | None:
        """Where the row with `key` stands."""
        return next((n for n, row in enumerate(self._rows) if self._key(row) == key), None)

    @staticmethod
    def _looked(look: StateLook | None, role: int) -> Any:
        if look is None:
            return None
        palette = QGuiApplication.palette()
        if role == Qt.ItemDataRole.ForegroundRole:
            return QColor(tokens_for(palette).tone(look.tone))
        return mark_icon(look.shape, palette, look.tone)


def fill(table: QTableView, rows: Sequence[Any], *, otherwise_first: bool = False) -> Any:
    """Show `rows` in a table of a RowModel; keep the chosen row, else choose the nearest, the first, or none.

    Returns:
        The value of the row that is current now, or None.
    """
    model = table.model()
    assert isinstance(model, RowModel)
    place = table.currentIndex().row()
    key = model.key_at(place) if 0 <= place < model.rowCount() else None
    scroll = table.verticalScrollBar().value()
    model.set_rows(rows)
    found = model.place_of(key) if key is not None else None
    if found is None and rows and (key is not None or otherwise_first):
        found = min(max(place, 0), len(rows) - 1)
    if found is not None:
        choose(table, found)
    table.verticalScrollBar().setValue(scroll)
    return model.row(found) if found is not None else None


def choose(table: QTableView, place: int) -> None:
    """Make one row the current and only chosen one."""
    flags = QItemSelectionModel.SelectionFlag
    table.selectionModel().setCurrentIndex(
        table.model().index(place, 0), flags.ClearAndSelect | flags.Rows | flags.Current
    )


def current(table: QTableView) -> Any:
    """Return the value of the current row, or None."""
    index = table.currentIndex()
    return index.data(Role.ROW) if index.isValid() else None
