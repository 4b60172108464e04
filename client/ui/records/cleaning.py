"""What the import of a record put in order (清洗) is undone for a field, and done again."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject

from client.store import import_changes
from client.store.import_changes import Undone
from client.ui.records import verbs, words
from client.ui.records.form_panel import FormPanel
from client.ui.records.writing import Writing
from client.ui.session import Session


class Cleaning(QObject):
    """Between the line over the form and the desk; what was typed is stored first."""

    def __init__(
        self, session: Session, panel: FormPanel, writing: Writing, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._session, self._writing = session, writing
        panel.cleaned.asked.connect(self._ask)

    def _ask(self, field: str, again: bool) -> None:
        self._writing.when_stored(partial(self._do, field, again))

    def _do(self, field: str, again: bool) -> None:
        record_id, desk = self._writing.record_id(), self._session.desk
        if record_id is None:
            return
        act = import_changes.redo_in if again else import_changes.undo_in
        self._session.tasks.write(
            lambda: act(desk, record_id, field), partial(self._say, field, again), changes=verbs.RECORDS
        )

    def _say(self, field: str, again: bool, done: Undone) -> None:
        if not done.done:
            self._session.show_message(words.CLEANED_LEFT, "warn")
            return
        said, back = words.CLEANED_UNDONE, words.CLEAN_AGAIN
        if again:
            said, back = words.CLEANED_AGAIN_DONE, words.CLEANED_UNDO
        self._session.show_message(said, "good", (back, partial(self._ask, field, not again)))
