"""Reads the list through the store lane; an answer that is no longer wanted is dropped."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject, Signal

from client.core.records import RecordRow
from client.ui.records import verbs
from client.ui.records.model import PAGE_ROWS, Query, RecordsModel
from client.ui.records.verbs import Listed
from client.ui.session import Session

MOST_KEPT = 1_000
"""A reload reads again at most so many rows; further ones come as one scrolls."""


class ListReader(QObject):
    """Fills the model.

    Signals:
        listed(int): the list is up to date; how many records the filter lets through.
    """

    listed = Signal(int)

    def __init__(self, session: Session, model: RecordsModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._model = model
        self._turn = 0
        self._waiting = False
        self.query = Query()
        model.wanted.connect(self._read_more)

    def show(self, query: Query) -> None:
        """Show what `query` lets through, from the top."""
        self.query = query
        self._read(PAGE_ROWS)

    def reload(self) -> None:
        """Read again as much as is there; several asked for at once are one."""
        if not self._waiting:
            self._read(min(max(self._model.loaded(), PAGE_ROWS), MOST_KEPT))

    def _read(self, rows: int) -> None:
        self._turn += 1
        self._waiting = True
        desk, query = self._session.desk, self.query
        self._session.tasks.read(
            lambda: verbs.read_list(desk, query, None, rows), partial(self._show, self._turn), self._on_failed
        )

    def _show(self, turn: int, listed: Listed) -> None:
        if turn == self._turn:
            self._waiting = False
            self._model.show_rows(listed.rows, more=listed.more)
            self.listed.emit(listed.total)

    def _on_failed(self, _error: object) -> bool:
        self._waiting = False
        return False

    def _read_more(self, after: RecordRow) -> None:
        desk, query = self._session.desk, self.query
        self._session.tasks.read(
            lambda: verbs.read_list(desk, query, after), partial(self._add, self._turn), self._on_failed
        )

    def _add(self, turn: int, listed: Listed) -> None:
        if turn == self._turn:
            self._model.add_rows(listed.rows, more=listed.more)
