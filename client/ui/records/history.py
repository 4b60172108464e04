"""经过: what became of a record, newest first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt

from client.core.events import Event, events_of
from client.ui.records import words

__all__ = ["Event", "HistoryModel", "events_of"]

Index = QModelIndex | QPersistentModelIndex
NOWHERE = QModelIndex()


class HistoryModel(QAbstractTableModel):
    """Events as a table."""

    def __init__(self) -> None:
        super().__init__()
        self._events: list[Event] = []

    def show_events(self, events: Sequence[Event]) -> None:
        """Show these."""
        if list(events) != self._events:
            self.beginResetModel()
            self._events = list(events)
            self.endResetModel()

    def events(self) -> list[Event]:
        """What is shown."""
        return list(self._events)

    def rowCount(self, parent: Index = NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._events)

    def columnCount(self, parent: Index = NOWHERE) -> int:
        return 0 if parent.isValid() else len(words.HISTORY_COLUMNS)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return words.HISTORY_COLUMNS[section]
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or role != Qt.ItemDataRole.DisplayRole:
            return None
        event = self._events[index.row()]
        return (event.at, event.what, event.who, event.result, event.receipt_no)[index.column()]
