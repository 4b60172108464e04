"""After an import: its sum, its groups, faulty rows taken over, cleaning undone, all of it submitted."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QObject, Signal

from client.core.imports import Import, Taken
from client.core.records import Submitted
from client.store.import_changes import Undone
from client.ui.intake import changes, verbs, words
from client.ui.intake.done_pane import DonePane
from client.ui.intake.running import Running
from client.ui.session import Session
from client.ui.tasks import Failed
from client.ui.widgets.banner import Banner

IMPORTED: Final = frozenset({"records", "imports"})
SUBMITTED: Final = frozenset({"records", "imports", "review"})


class After(QObject):
    """The import that is shown, and what can be done with it.

    Signals:
        read(ImportView): it was read, again or for the first time.
    """

    read = Signal(object)

    def __init__(
        self, session: Session, pane: DonePane, banner: Banner, running: Running, refused: Failed
    ) -> None:
        super().__init__(pane)
        self._session = session
        self._pane = pane
        self._banner = banner
        self._running = running
        self._refused = refused
        self.group: str | None = None
        self.shown: Import | None = None
        pane.group_chosen.connect(self._show_group)
        pane.more_wanted.connect(self._read_more)
        pane.changes.wanted.connect(self._read_changes)
        pane.changes.undo_asked.connect(self._undo)
        pane.changes.opened.connect(self._open_row)

    def show_import(self, import_id: str) -> None:
        """Show an import of now or of the past."""
        self.group = None
        self._pane.show_rows_page()
        self._read(import_id)

    def forget(self) -> None:
        """No import is shown any more."""
        self.shown = None
        self.group = None

    def reload(self) -> None:
        """Read again what is shown."""
        if self.shown is not None:
            self._read(self.shown.import_id)

    def go_to_records(self) -> None:
        """Show the records that came with it."""
        if self.shown is not None:
            self._session.navigate("records", import_id=self.shown.import_id)

    # --- groups ---

    def _read(self, import_id: str) -> None:
        desk, fate = self._session.desk, self.group
        self._session.tasks.read(lambda: verbs.view(desk, import_id, fate), self._show)

    def _show(self, view: verbs.ImportView) -> None:
        self.shown = view.sum
        self._pane.show_import(view, self.group)
        if self._pane.changes.isVisible():
            self._read_groups()
        self.read.emit(view)

    def _show_group(self, name: str) -> None:
        if self.shown is None:
            return
        if name == "created":
            self.go_to_records()
        elif name == "cleaned":
            self._pane.show_changes_page()
            self._read_groups()
        else:
            self._pane.show_rows_page()
            self.group = name
            self._read(self.shown.import_id)

    def _read_more(self, after: int) -> None:
        if self.shown is None:
            return
        desk, import_id, fate = self._session.desk, self.shown.import_id, self.group
        self._session.tasks.read(
            lambda: verbs.more_rows(desk, import_id, fate, after), self._pane.add_rows
        )  # fmt: skip

    # --- faulty rows ---

    def take_faulty(self) -> None:
        """Make drafts of the chosen faulty rows, or of all."""
        if self.shown is None:
            return
        desk, import_id, rows = self._session.desk, self.shown.import_id, self._pane.chosen_faulty() or None
        self._session.tasks.write(lambda: verbs.take(desk, import_id, rows), self._taken, changes=IMPORTED)

    def _taken(self, taken: Taken) -> None:
        said = words.TAKEN.format(n=len(taken.record_ids))
        if taken.left:
            said += words.LEFT.format(n=len(taken.left))
        self._banner.say(said, "good", (words.SHOW_RECORDS, self.go_to_records))

    # --- cleaning ---

    def _read_groups(self) -> None:
        if self.shown is None:
            return
        desk, one = self._session.desk, self.shown
        self._session.tasks.read(lambda: changes.groups(desk, one), self._pane.changes.show_groups)

    def _read_changes(self, group: changes.Group | None, after: int) -> None:
        if self.shown is None:
            return
        desk, one = self._session.desk, self.shown
        pane = self._pane.changes
        self._session.tasks.read(
            lambda: changes.page(desk, one, group, after), lambda page: pane.show_page(page, after)
        )  # fmt: skip

    def _undo(self, group: changes.Group | None, cells: list[tuple[int, str]] | None) -> None:
        if self.shown is None:
            return
        desk, import_id = self._session.desk, self.shown.import_id
        self._session.tasks.write(
            lambda: changes.undo(desk, import_id, group, cells), self._undone, changes=IMPORTED
        )  # fmt: skip

    def _undone(self, undone: Undone) -> None:
        sentence = words.UNDONE_LEFT if undone.left else words.UNDONE
        said = sentence.format(done=undone.done, left=undone.left)
        self._banner.say(said, "warn" if undone.left else "good")

    def _open_row(self, row: int) -> None:
        if self.shown is None:
            return
        desk, import_id = self._session.desk, self.shown.import_id
        self._session.tasks.read(lambda: changes.record_of(desk, import_id, row), self._go_to)

    def _go_to(self, record_id: str | None) -> None:
        if record_id is not None:
            self._session.navigate("records", record_id=record_id)

    # --- review ---

    def submit_all(self) -> None:
        """Submit what came in for review, in one act."""
        if self.shown is None:
            return
        desk, shown = self._session.desk, self.shown
        task = self._session.tasks.work(
            lambda progress, _cancelled: verbs.submit_all(desk, shown, lambda n: progress(n, None)),
            self._submitted,
            self._refused,
            lambda n, of: self._running.say_row(words.SUBMIT, n, of),
            SUBMITTED,
            ended=self._running.end,
        )
        self._running.begin(task, words.SUBMIT)

    def _submitted(self, done: Submitted | None) -> None:
        if done is None:
            self._banner.say(words.NOTHING_LEFT, "info")
        elif done.stopped:
            text = words.NOT_ALL.format(n=len(done.submitted), stopped=len(done.stopped))
            self._banner.say(text, "warn", (words.SHOW_RECORDS, self.go_to_records))
        else:
            self._banner.say(words.SUBMITTED.format(n=len(done.submitted)), "good")
