"""Which of two values a field is to have that two desks changed (合并修改)."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject

from client.core.merge import SIDES, Side
from client.core.records import Saved
from client.store import drafts
from client.ui.records import verbs, words
from client.ui.records.form_panel import FormPanel
from client.ui.records.writing import Writing
from client.ui.session import Session


class Merging(QObject):
    """Between the lines over the form and the desk; what was typed is stored first."""

    def __init__(
        self, session: Session, panel: FormPanel, writing: Writing, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._session, self._writing = session, writing
        panel.merge.chosen.connect(self._ask)

    def _ask(self, field: str, side: Side) -> None:
        self._writing.when_stored(partial(self._do, field, side))

    def _do(self, field: str, side: Side) -> None:
        record_id, desk = self._writing.record_id(), self._session.desk
        if record_id is None:
            return

        def said(_saved: Saved) -> None:
            self._session.show_message(words.MERGE_CHOSEN.format(side=SIDES[side]), "good")

        self._session.tasks.write(
            lambda: drafts.choose(desk, record_id, field, side), said, changes=verbs.RECORDS
        )
