"""The list of records as a table: read in pages through the store lane, updated narrowly."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Final

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QPalette

from client.core.records import RecordRow
from client.ui.records import words
from client.ui.widgets.marks import look, mark_icon

Index = QModelIndex | QPersistentModelIndex

PAGE_ROWS: Final = 200

ID_ROLE: Final = Qt.ItemDataRole.UserRole
ROW_ROLE: Final = Qt.ItemDataRole.UserRole + 1

NOWHERE: Final = QModelIndex()


class Column(IntEnum):
    """The columns, from left to right."""

    SUBJECT = 0
    DOC_NO = 1
    ACT_ON = 2
    STATE = 3


@dataclass(frozen=True, slots=True)
class Query:
    """What the list shows; None and empty mean "all"."""

    item: str | None = None
    state: str | None = None
    text: str = ""
    import_id: str | None = None

    def is_narrow(self) -> bool:
        """Say whether anything is filtered away."""
        return self != Query()


class RecordsModel(QAbstractTableModel):
    """Rows of `RecordRow`. Who reads them is not its business: it asks by `wanted`.

    Signals:
        wanted(object): the next page is needed; the row after which it begins.
    """

    wanted = Signal(object)

    def __init__(self, palette: Callable[[], QPalette]) -> None:
        super().__init__()
        self._palette = palette
        self._rows: list[RecordRow] = []
        self._places: dict[str, int] = {}
        self._more = False
        self._asked = False

    # --- filling ----------------------------------------------------------------------------

    def show_rows(self, rows: Sequence[RecordRow], *, more: bool) -> None:
        """Show these instead; where the ids are the same, only cells are redrawn."""
        self._more, self._asked = more, False
        if [row.record_id for row in rows] == [row.record_id for row in self._rows]:
            changed = [n for n, row in enumerate(rows) if row != self._rows[n]]
            self._rows = list(rows)
            for n in changed:
                self._redraw(n)
            return
        self.beginResetModel()
        self._rows = list(rows)
        self._places = {row.record_id: n for n, row in enumerate(rows)}
        self.endResetModel()

    def add_rows(self, rows: Sequence[RecordRow], *, more: bool) -> None:
        """Put the next page at the end."""
        self._more, self._asked = more, False
        new = [row for row in rows if row.record_id not in self._places]
        if not new:
            return
        first = len(self._rows)
        self.beginInsertRows(NOWHERE, first, first + len(new) - 1)
        self._rows += new
        self._places |= {row.record_id: first + n for n, row in enumerate(new)}
        self.endInsertRows()

    def update_row(self, row: RecordRow) -> None:
        """Show the newest of one record, where it stands."""
        place = self._places.get(row.record_id)
        if place is not None and self._rows[place] != row:
            self._rows[place] = row
            self._redraw(place)

    # --- asking -----------------------------------------------------------------------------

    def row_of(self, record_id: str) -> int | None:
        """The place of a record in the list; None when it is not there (yet)."""
        return self._places.get(record_id)

    def at(self, place: int) -> RecordRow:
        """The record of a row."""
        return self._rows[place]

    def loaded(self) -> int:
        """How many rows have been read."""
        return len(self._rows)

    def last(self) -> RecordRow | None:
        """The last row read."""
        return self._rows[-1] if self._rows else None

    # --- Qt ---------------------------------------------------------------------------------

    def rowCount(self, parent: Index = NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = NOWHERE) -> int:
        return 0 if parent.isValid() else len(Column)

    def canFetchMore(self, parent: Index) -> bool:
        return not parent.isValid() and self._more and not self._asked

    def fetchMore(self, parent: Index) -> None:
        if self.canFetchMore(parent):
            self._asked = True
            self.wanted.emit(self.last())

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return words.COLUMNS[section]
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row, column = self._rows[index.row()], index.column()
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self._text(row, column)
            case Qt.ItemDataRole.AccessibleTextRole:
                return f"{words.COLUMNS[column]} {self._text(row, column)}"
            case Qt.ItemDataRole.ForegroundRole if column == Column.SUBJECT and not row.subject_name:
                return self._palette().brush(QPalette.ColorRole.PlaceholderText)
            case _:
                return self._asked_rarely(row, column, role)

    def _asked_rarely(self, row: RecordRow, column: int, role: int) -> Any:
        if role == ID_ROLE:
            return row.record_id
        if role == ROW_ROLE:
            return row
        shown = look(row.state, row.errors or row.warnings)
        if role == Qt.ItemDataRole.DecorationRole and column == Column.STATE:
            return mark_icon(shown.shape, self._palette(), shown.tone)
        if role == Qt.ItemDataRole.ToolTipRole and column == Column.STATE:
            return shown.word
        return None

    def _text(self, row: RecordRow, column: int) -> str:
        if column == Column.SUBJECT:
            return row.subject_name or words.UNNAMED
        if column == Column.DOC_NO:
            return row.doc_no
        if column == Column.ACT_ON:
            return row.act_on
        word = look(row.state, row.errors or row.warnings).word.partition("，")[0]
        return f"{words.OPS[row.op]} · {word}" if row.op in CHANGES else word

    def _redraw(self, place: int) -> None:
        self.dataChanged.emit(self.index(place, 0), self.index(place, len(Column) - 1))


CHANGES: Final = frozenset({"correct", "withdraw"})
