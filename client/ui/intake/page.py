"""导入: file → columns → problems → drafts. Puts the panes together and carries out what a person asks.

Reading and checking run in a child process, storing beside the lanes; the window stays free, and
whatever is long can be stopped. A wrong file changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLabel, QStackedWidget, QVBoxLayout

from client.core.imports import Import
from client.errors import ClientError
from client.intake.importing import Imported
from client.intake.preview import Preview
from client.ui.intake import columns_pane, found_pane, verbs, words
from client.ui.intake.after import IMPORTED, After
from client.ui.intake.asking import Asking
from client.ui.intake.columns_pane import ColumnsPane
from client.ui.intake.done_pane import DonePane
from client.ui.intake.found_pane import FoundPane
from client.ui.intake.paper import papers_of
from client.ui.intake.recipes_pane import RecipesPane
from client.ui.intake.reports import Reports
from client.ui.intake.running import Running
from client.ui.intake.start_pane import StartPane
from client.ui.intake.steps import Steps, begin_at, press_one_of
from client.ui.messages import sentence_of
from client.ui.navigation import Page
from client.ui.session import Session
from client.ui.widgets import buttons
from client.ui.widgets.banner import Banner

FILE, COLUMNS, PROBLEMS, DONE = range(4)


@dataclass(frozen=True, slots=True)
class Kept:
    """Where the page stands; survives that it is drawn anew."""

    path: Path | None
    asked: verbs.Asked
    step: int
    columns: columns_pane.Kept | None
    found: found_pane.Kept
    import_id: str
    group: str | None


class IntakePage(Page):
    """See the module."""

    name: ClassVar[str] = "intake"
    title: ClassVar[str] = words.TITLE
    icon: ClassVar[str] = "file-arrow-down"
    kinds: ClassVar[frozenset[str]] = frozenset({"imports"})

    def __init__(self, session: Session, parent: Any = None) -> None:
        super().__init__(session, parent)
        self._path: Path | None = None
        self._importable = False
        self._asked = verbs.Asked()
        self.steps = Steps()
        self.banner = Banner()
        self.watching = session.watching
        self.start = StartPane(self.watching)
        self.columns = ColumnsPane(session, RecipesPane(session, self.banner))
        self.found = FoundPane()
        self.problems = self.found.problems
        self.done = DonePane()
        self.running = Running()
        self.after = After(session, self.done, self.banner, self.running, self.refuse)
        self.asking = Asking(session, self.found, self.banner, self.running)
        self.stack = QStackedWidget()
        self.sum = QLabel(words.NO_SUM)
        self.stop = self.running.stop
        self.pick = buttons.primary(words.PICK, self.ask_for_file, words.PICK_KEYS)
        self.back = buttons.plain(words.BACK, self.begin_anew)
        self.check = buttons.primary(words.CHECK, self.run_check, words.GO_ON_KEYS)
        self.reports = Reports(self, self.after, self.found, self.banner, self.running)
        self.report = buttons.plain(words.REPORT, self.reports.ask)
        self.bring = buttons.primary(words.CHECK, self._go_on)
        self.take = buttons.plain(words.TAKE_ALL, self.after.take_faulty)
        self.show_records = buttons.plain(words.SHOW_RECORDS, self.after.go_to_records)
        self.submit = buttons.primary(words.SUBMIT, self.after.submit_all)
        self._lay_out()
        buttons.on_keys(words.PICK_KEYS, self, self.ask_for_file)
        forward = partial(press_one_of, (self.check, self.bring))  # submitting is for its button alone
        for keys in ("Ctrl+Return", words.GO_ON_KEYS):
            buttons.on_keys(keys, self, forward)
        self.start.zone.dropped.connect(self.look_into)
        self.start.zone.many.connect(lambda: self.banner.say(words.ONE_FILE, "warn"))
        self.start.opened.connect(self.after.show_import)
        self.columns.item_chosen.connect(self._take_for)
        self.columns.row_chosen.connect(self._begin_in)
        self.columns.recipes.looked_again.connect(lambda: self._look(verbs.Asked()))
        self.found.cleaning_changed.connect(self._show_bring)
        self.found.said.connect(lambda text: self.banner.say(text, "info"))
        self.running.changed.connect(self._show_buttons)
        self.after.read.connect(self._show_import)
        self.done.rows.selectionModel().selectionChanged.connect(self._name_taking)
        if self.watching is not None:
            self.running.changed.connect(self._set_watch_aside)
            self.watching.free.connect(self._import_now)
            self._set_watch_aside()
        self._show_step(FILE)

    # --- the page ---------------------------------------------------------------------------------

    def open(self, *, import_id: str = "", path: str = "", **_where: Any) -> None:
        """Show an import, or begin with a file; without either, stay where one was."""
        if import_id:
            self.after.show_import(import_id)
        elif path:
            self.look_into(Path(path))

    def reload(self) -> None:
        """Read the imports of the past again, and the one that is shown."""
        desk = self.session.desk
        self.session.tasks.read(lambda: verbs.past(desk), self._show_past)
        self.after.reload()

    def _show_past(self, past: list[Import]) -> None:
        self.start.show_past(past)
        cut = next((one for one in past if one.state == "loading"), None)
        busy = self.running.is_busy() or (self.watching is not None and self.watching.is_busy())
        if cut is not None and not busy:
            text = words.CUT.format(file=cut.file_name, row=max(cut.next_row - 1, 0))
            self.banner.say(text, "warn", (words.REMOVE, lambda: self._remove(cut)))

    def _remove(self, cut: Import) -> None:
        desk = self.session.desk
        self.session.tasks.write(
            lambda: verbs.remove(desk, cut.import_id),
            lambda _nothing: self.banner.say(words.REMOVED, "good"),
            changes=IMPORTED,
        )

    def kept(self) -> Kept:
        """What was said of the file at hand, what was found in it, and the import that is shown."""
        shown, group = self.after.shown, self.after.group
        step = self.stack.currentIndex()
        return Kept(
            self._path, self._asked, step, self.columns.kept(), self.found.kept(),
            shown.import_id if shown is not None and step == DONE else "", group,
        )  # fmt: skip

    def go_on_with(self, kept: Kept) -> None:
        """Go on where the page stood that this one takes the place of."""
        self._path, self._asked = kept.path, kept.asked
        if kept.import_id:
            self.after.show_import(kept.import_id)
        elif kept.path is not None and kept.step != FILE and kept.columns is not None:
            self.columns.go_on_with(kept.columns)
            self._show_step(COLUMNS)
            if kept.step == PROBLEMS and kept.found.checked is not None:
                self._checked(kept.found.checked)
                self.found.go_on_with(kept.found)
                self._show_bring()

    # --- file ---------------------------------------------------------------------------------------

    def ask_for_file(self) -> None:
        """Let a person choose a file."""
        if self.running.is_busy():
            return
        last = str(self.session.settings.value("intake/folder", ""))
        chosen, _ = QFileDialog.getOpenFileName(self, words.PICK_TITLE, last, words.FILTER)
        if chosen:
            self.session.settings.setValue("intake/folder", str(Path(chosen).parent))
            self.look_into(Path(chosen))

    def look_into(self, path: Path) -> None:
        """Find out what a file is."""
        self._path = path
        self.after.forget()
        self.columns.forget()
        self.found.forget()
        self.sum.setText(words.NO_SUM)
        self._look(verbs.Asked())

    def _take_for(self, item: str) -> None:
        """The file is of another item."""
        self._look(verbs.Asked(item, self.columns.sheet_name(), self.columns.header_row()))

    def _begin_in(self, row: int) -> None:
        """The header begins in another row."""
        self._look(replace(self._asked, sheet=self.columns.sheet_name(), header_row=row))

    def _look(self, asked: verbs.Asked) -> None:
        desk, path = self.session.desk, self._path
        if path is None:
            return
        self.banner.clear()
        task = self.session.tasks.work(
            lambda _progress, cancelled: verbs.look(desk, path, asked, cancelled),
            partial(self._looked, asked),
            self.refuse,
            ended=self.running.end,
        )
        self.running.begin(task, words.LOOKING)

    def _looked(self, asked: verbs.Asked, preview: Preview) -> None:
        refused = preview.refused
        if not verbs.can_be_settled(preview, asked):
            self.refuse(refused or ClientError("headings_unknown"))
            self.columns.say_item()
            if refused is not None and refused.code == "headings_unknown" and asked.header_row is None:
                by_hand = (words.SAY_HEADER_ROW, lambda: self._look(verbs.Asked(header_row=1)))
                self.banner.say(sentence_of(refused), "bad", by_hand, refused.code)
            return
        self._asked = asked
        self.columns.show_preview(preview, asked.sheet, asked.header_row)
        if refused is not None:
            self.banner.say(sentence_of(refused), "warn", code=refused.code)
        self._show_step(COLUMNS)

    def refuse(self, error: ClientError) -> None:
        """Say why a file cannot come in, where the person looks; nothing was stored."""
        if error.code == "stopped":
            self.banner.say(words.STOPPED, "info")
        else:
            self.banner.say(sentence_of(error), "bad", code=error.code)
        self.reload()

    def begin_anew(self) -> None:
        """Back to the first step; what was imported stays."""
        self._path = None
        self.after.forget()
        self.found.forget()
        self.sum.setText(words.NO_SUM)
        self.banner.clear()
        self._show_step(FILE)
        self.reload()

    def path(self) -> Path | None:
        """The file at hand."""
        return self._path

    def chosen(self) -> verbs.Chosen:
        """What was said of the file at hand."""
        assert self._path is not None
        return verbs.Chosen(
            self._path, self.columns.item_code(), self.columns.sheet_name(), self.columns.fields(),
            self.columns.header_row(), self.columns.units(), cleanings=self.found.cleanings(),
        )  # fmt: skip

    # --- problems -----------------------------------------------------------------------------------

    def run_check(self) -> None:
        """Check every row of the file."""
        desk, chosen, asked = self.session.desk, self.chosen(), self.found.meetings.asked
        self.banner.clear()
        task = self.session.tasks.work(
            lambda progress, cancelled: verbs.check(desk, chosen, asked, progress, cancelled),
            self._checked,
            self.refuse,
            lambda row, of: self.running.say_row(words.CHECKING, row, of),
            ended=self.running.end,
        )
        self.running.begin(task)

    def _checked(self, checked: verbs.Checked) -> None:
        self.found.show_checked(checked)
        self._importable = checked.outcome.ok > 0
        self.report.setVisible(checked.outcome.faulty > 0)
        if not checked.outcome.ok:
            self.banner.say(words.NOTHING_TO_BRING_IN, "warn")
        self._show_step(PROBLEMS)

    def _show_bring(self) -> None:
        """Name the primary button: what was said of cleaning is checked first, then all goes in."""
        checked = self.found.checked
        if checked is None:
            return
        fresh = self.found.is_checked()
        said = words.BRING_IN.format(n=checked.outcome.ok) if fresh else words.CHECK_AGAIN
        self.bring.setText(f"{said} {words.GO_ON_KEYS}")
        self.bring.setAccessibleName(said)
        self.bring.setEnabled(not self.running.is_busy() and (self._importable or not fresh))
        if not fresh:
            self.banner.say(words.CLEANING_CHANGED, "info")
        elif self.banner.text() == words.CLEANING_CHANGED:
            self.banner.clear()

    def _go_on(self) -> None:
        """Bring the good rows in, or first check again what was said of cleaning."""
        if self.found.is_checked():
            self.run_import()
        else:
            self.run_check()

    # --- drafts -------------------------------------------------------------------------------------

    def run_import(self) -> None:
        """Bring the good rows in; the watched folder waits meanwhile."""
        if self.watching is not None:
            self.watching.step_aside()
        else:
            self._import_now()

    def _set_watch_aside(self) -> None:
        assert self.watching is not None
        self.watching.set_aside(self.running.is_busy())

    def _import_now(self) -> None:
        if self._path is None or self.found.checked is None or self.running.is_busy():
            return  # the person went elsewhere while the folder was still being read
        desk, chosen, choices = self.session.desk, self.chosen(), self.found.choices()
        checked = self.found.checked
        task = self.session.tasks.work(
            lambda progress, cancelled: verbs.bring_in(desk, chosen, choices, checked, progress, cancelled),
            self._imported,
            self.refuse,
            lambda row, of: self.running.say_row(words.IMPORTING, row, of),
            IMPORTED,
            ended=self.running.end,
        )
        self.running.begin(task)

    def _imported(self, done: Imported) -> None:
        self.banner.clear()
        self.found.forget()
        self.after.show_import(done.sum.import_id)

    def _show_import(self, view: verbs.ImportView) -> None:
        self.sum.setText(words.sum_of(view.sum))
        self.take.setVisible(view.faulty_now > 0)
        self.report.setVisible(view.faulty_now > 0)
        self._show_step(DONE)

    def _name_taking(self) -> None:
        self.take.setText(words.TAKE if self.done.chosen_faulty() else words.TAKE_ALL)

    # --- looks --------------------------------------------------------------------------------------

    def _show_step(self, step: int) -> None:
        before = self.stack.currentIndex()
        self.stack.setCurrentIndex(step)
        self.steps.show_step(step)
        self._show_buttons()
        if step not in {before, FILE}:
            begin_at(self, (self.columns.table, self.found.first(), self.done.first())[step - COLUMNS])

    def _show_buttons(self) -> None:
        """Offer what can be done in this step; while something runs, only to stop it."""
        step, busy = self.stack.currentIndex(), self.running.is_busy()
        self.pick.setVisible(step == FILE)
        self.back.setVisible(step != FILE)
        self.back.setText(words.AGAIN if step == DONE else words.BACK)
        self.check.setVisible(step == COLUMNS)
        self.bring.setVisible(step == PROBLEMS)
        self.show_records.setVisible(step == DONE)
        self.submit.setVisible(step == DONE)
        if step in (FILE, COLUMNS):
            self.report.hide()
        if step != DONE:
            self.take.hide()
        ask = self.found.meetings.platform.ask
        for button in (self.pick, self.back, self.check, self.report, self.take, self.submit, ask):
            button.setEnabled(not busy)
        self._show_bring()

    def _lay_out(self) -> None:
        head, head_row = buttons.bar(top_line=False)
        title = QLabel(words.TITLE)
        title.setProperty("role", "title")
        head_row.addWidget(title)
        head_row.addSpacing(16)
        head_row.addWidget(self.steps)
        head_row.addStretch(1)
        head_row.addWidget(papers_of(self, lambda: (self.after.shown, self.after.group)).button)
        head_row.addWidget(self.pick)
        for pane in (self.start, self.columns, self.found, self.done):
            self.stack.addWidget(pane)
        self.sum.setProperty("role", "small")
        foot, foot_row = buttons.bar()
        foot_row.addWidget(self.sum, 1)
        acts = (self.show_records, self.check, self.bring, self.submit)
        for part in (self.running, self.back, self.report, self.take, *acts):
            foot_row.addWidget(part)
        band = QHBoxLayout()
        band.setContentsMargins(16, 0, 16, 0)
        band.addWidget(self.banner)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(head)
        column.addLayout(band)
        column.addWidget(self.stack, 1)
        column.addWidget(foot)
