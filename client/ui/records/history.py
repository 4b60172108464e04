"""经过: what became of a record, newest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt

from client.core.records import RecordDetail, VersionRow
from client.ui.records import words
from client.ui.widgets.times import day_and_clock

Index = QModelIndex | QPersistentModelIndex
NOWHERE = QModelIndex()


@dataclass(frozen=True, slots=True)
class Event:
    """One line: when, what, by whom, with what result, under which receipt."""

    at: str
    what: str
    who: str
    result: str
    receipt_no: str = ""


def events_of(detail: RecordDetail, names: dict[str, str]) -> list[Event]:
    """Return versions and returns of a record, newest first; `names` are those of operators."""
    found = [(version.created_at, _version(version, names)) for version in detail.versions]
    for note in detail.notes:
        who = names.get(note.operator, note.operator)
        found.append((note.at, Event(day_and_clock(note.at), words.NOTE, who, note.reason)))
    return [event for _, event in sorted(found, key=lambda pair: pair[0], reverse=True)]


def _version(version: VersionRow, names: dict[str, str]) -> Event:
    by = words.BY.format(
        maker=names.get(version.maker, version.maker), checker=names.get(version.checker, version.checker)
    )
    reason = ""
    if version.reason is not None:
        reason = "：" + " ".join(
            part for part in (words.REASONS.get(version.reason.code, ""), version.reason.text) if part
        )
    what = f"{words.OPS[version.op]}{reason}"
    return Event(day_and_clock(version.created_at), what, by, _result(version), version.receipt_no or "")


def _result(version: VersionRow) -> str:
    if version.outcome is None:
        return words.OUTBOX[version.outbox]
    parts = [words.OUTCOMES.get(version.outcome, version.outcome)]
    if version.stage is not None and version.outcome != "rejected":
        parts.append(words.STAGES.get(version.stage, version.stage))
    if version.problem is not None:
        parts.append(str(version.problem.get("detail") or version.problem.get("title") or ""))
    return " · ".join(part for part in parts if part)


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
