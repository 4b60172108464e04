"""异议: the queue at the left, the case at the right; acts on the way, decided field by field, submitted.

What the handler writes is saved by itself a moment after the last key, and before anything else happens.
"""

from __future__ import annotations

from typing import Any, ClassVar, Final

from PySide6.QtCore import QTimer
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from client.core.records import Submitted
from client.errors import ClientError
from client.intake.road_lists import cases_listing
from client.store.case_queue import Filter, QueueRow
from client.ui.cases import figures_pane, queue_words, reading, register_words, verbs, words
from client.ui.cases.acting import Acting
from client.ui.cases.aside import Aside
from client.ui.cases.case_view import CaseSheet
from client.ui.cases.holding import Holding
from client.ui.cases.queue_pane import QueuePane
from client.ui.cases.reading import CaseView
from client.ui.cases.standing import say_standing
from client.ui.letters.button import LettersButton
from client.ui.navigation import Page
from client.ui.papers.button import Papers
from client.ui.papers.verbs import Paper
from client.ui.session import Session
from client.ui.sync.spans import clock_text
from client.ui.widgets import buttons
from client.ui.widgets.empty import EmptyState
from forms.catalog.problems import Problem

AUTOSAVE_MS: Final = 1_200
DECIDED: Final = frozenset({"records", "review", "cases"})


class CasesPage(Page):
    """See the module."""

    name = "cases"
    title = words.TITLE
    icon = "scales"
    kinds: ClassVar[frozenset[str]] = frozenset({"cases"})

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self._case_id = ""
        self._unsaved = self._wants_sheet = False
        self._revision: str | None = None
        self._writing = 0
        self.queue = QueuePane(session)
        self.sheet: CaseSheet | None = None
        self.acting = Acting(session, self)
        self.letters_button = LettersButton(session)
        self.holding = Holding(session, self)
        self._empty = EmptyState("scales", words.NONE_CHOSEN, words.NONE_CHOSEN_WAY)
        self._right = QStackedWidget()
        self._right.addWidget(self._empty)
        self.aside = Aside(session, self._right, self)
        self._said = QLabel()
        self._said.setProperty("role", "secondary")
        self.register_button = buttons.plain(register_words.REGISTER, self.register, register_words.KEYS)
        self.figures_button = buttons.plain(figures_pane.TITLE, self.aside.show_figures)
        self.next_button = buttons.plain(queue_words.NEXT, self.next, queue_words.NEXT_KEYS)
        self.take_back_button = buttons.plain(words.TAKE_BACK, self.take_back)
        self.save_button = buttons.plain(words.SAVE, self.save, "Ctrl+S")
        self.submit_button = buttons.primary(words.SUBMIT, self.submit, "Ctrl+Enter")
        self._autosave = QTimer(self)
        self._autosave.setSingleShot(True)
        self._autosave.setInterval(AUTOSAVE_MS)
        self._autosave.timeout.connect(self.flush)
        self._lay_out()
        buttons.on_keys("Ctrl+S", self, self.save)
        buttons.on_keys("Ctrl+Return", self, self._do)
        buttons.on_keys("Ctrl+Enter", self, self._do)
        buttons.on_keys(queue_words.NEXT_KEYS, self, self.next)
        buttons.on_keys(register_words.KEYS, self, self.register)
        self.queue.picked.connect(self._on_picked)
        self.aside.turned.connect(self._set_buttons)
        self.aside.closed.connect(self._back)
        self.aside.case_asked.connect(lambda case_id: self.open(case_id=case_id))
        self.aside.cases_asked.connect(self._show_filter)
        self.queue.shown.connect(self._on_queue)
        self.queue.opened.connect(self._focus_work)
        self._set_buttons()

    # --- what is shown ------------------------------------------------------------------------

    def open(self, **where: Any) -> None:
        """Show the queue; `case_id` chooses a case, `view` one of the views."""
        wanted = str(where.get("case_id", ""))
        if wanted and wanted != self._case_id:
            self.flush()
            self._case_id, self._wants_sheet = wanted, True
            self.queue.want(wanted)
            self.reload()
        elif "view" in where:
            self.queue.show_view(str(where["view"]))
        self.queue.table.setFocus()

    def reload(self) -> None:
        """Read queue and case again; what is being written stays."""
        self.queue.reload()

    def flush(self) -> None:
        """Save what the handler wrote."""
        self._autosave.stop()
        if not self._unsaved or self.sheet is None:
            return
        self._unsaved = False
        self._writing += 1
        self._say(words.SAVING)
        desk, payload, revision = self.session.desk, self.sheet.payload(), self._revision
        case_id = self.sheet.view.row.case_id
        self.session.tasks.write(
            lambda: verbs.save(desk, case_id, payload, revision),
            lambda at: self._saved(case_id, at),
            self._not_saved,
            ended=self._written,
        )

    def hideEvent(self, event: QHideEvent) -> None:
        """Whoever leaves lets the case go."""
        super().hideEvent(event)
        self.holding.let_go()

    def next(self) -> None:
        """Go to the most urgent case that this person can work on now."""
        self.flush()
        self.queue.next(self.sheet.view.row.key if self.sheet is not None else None)

    def register(self) -> None:
        """Take an application in at this desk."""
        self.flush()
        self.aside.register()

    def _back(self) -> None:
        self._right.setCurrentWidget(self.sheet or self._empty)
        self._set_buttons()

    def _show_filter(self, which: Filter) -> None:
        self._wants_sheet = True
        self.queue.show_filter(which)

    def read_again(self) -> None:
        """Read the case in view again."""
        if self._case_id:
            self._read(self._case_id)

    def _on_picked(self, row: QueueRow) -> None:
        if row.case_id != self._case_id:
            self.flush()
            self._wants_sheet = True
        self._read(row.case_id)

    def _on_queue(self, row: QueueRow | None) -> None:
        """The queue was read again; a case that is no longer in this view stays until another is chosen."""
        if row is not None:
            self._on_picked(row)
        elif self._case_id:
            self._read(self._case_id)
        else:
            self._show_none()

    def _show_none(self) -> None:
        self.flush()
        self._case_id = ""
        self.letters_button.show_case("")
        self._drop_sheet()
        if not self.aside.is_shown():
            self._right.setCurrentWidget(self._empty)
        self._set_buttons()

    def _drop_sheet(self) -> None:
        if self.sheet is not None:
            self.holding.follow(None)
            self._right.removeWidget(self.sheet)
            self.sheet.deleteLater()
            self.sheet = None

    def _read(self, case_id: str) -> None:
        self._case_id = case_id
        desk = self.session.desk
        self.session.tasks.read(lambda: reading.read_case(desk, case_id), self._show_case, self._not_read)

    def _not_read(self, _error: ClientError) -> bool:
        self._show_none()
        return False

    def _show_case(self, view: CaseView) -> None:
        if view.row.case_id != self._case_id:
            return
        self.letters_button.show_case(view.row.case_id)
        sheet = self.sheet
        if sheet is None or sheet.view.row.case_id != view.row.case_id:
            self._drop_sheet()
            sheet = self.sheet = CaseSheet(self.session, view)
            sheet.edited.connect(self._on_edited)
            sheet.side.case_asked.connect(lambda case_id: self.open(case_id=case_id))
            self.acting.follow(sheet)
            self.holding.follow(sheet)
            self._right.addWidget(sheet)
            self._said.clear()
        elif self._unsaved or self._writing:
            sheet.show_around(view)
        else:
            sheet.show_case(view)
        decision = view.case.decision
        self._revision = decision.parent if decision is not None else view.shown.revision
        if not self.aside.is_shown() or self._wants_sheet:
            self._right.setCurrentWidget(sheet)
        self._wants_sheet = False
        sheet.set_read_only(not self._may_write())
        say_standing(sheet, self.session, self._take_as_seen, self.acting)
        self._set_buttons()
        self._check()

    def _may_write(self) -> bool:
        if self.sheet is None or "handler" not in self.session.operator.roles:
            return False
        view = self.sheet.view
        decision = view.case.decision
        return view.shown.stage in words.DECIDABLE and (decision is None or decision.state == "editing")

    def _take_as_seen(self) -> None:
        if self.sheet is not None:
            self._revision = self.sheet.view.shown.revision
            self._unsaved = True
            self.flush()

    def _focus_work(self) -> None:
        if self.sheet is not None:
            self.sheet.focus_work()

    # --- what the handler does ----------------------------------------------------------------

    def _on_edited(self) -> None:
        if not self._may_write():
            return
        self._unsaved = True
        self.holding.take()
        self._say(words.TO_SAVE)
        self._autosave.start()
        self._check()

    def save(self) -> None:
        """Save now."""
        if self._may_write():
            self._unsaved = True
            self.flush()

    def _do(self) -> None:
        """Ctrl+Enter does what is in hand: the application, the act that is asked, else the decision."""
        if self.aside.give():
            return
        if self.sheet is not None and not self.sheet.strip.isHidden():
            self.sheet.strip.give()
        else:
            self.submit()

    def submit(self) -> None:
        """Submit the decision and its corrections for review."""
        if not self.submit_button.isEnabled() or self.submit_button.isHidden() or self.sheet is None:
            return
        self._autosave.stop()
        payload = self.sheet.payload()
        lacks = reading.missing(self.sheet.view, payload)
        if lacks is not None:
            self.session.show_message(lacks, "warn")
            return
        self._unsaved = False
        self._writing += 1
        self._set_buttons()
        desk, case_id, revision = self.session.desk, self._case_id, self._revision
        self.session.tasks.write(
            lambda: verbs.submit(desk, case_id, payload, revision),
            self._submitted,
            None,
            DECIDED,
            ended=self._written,
        )

    def take_back(self) -> None:
        """Take a submitted decision back."""
        desk, case_id = self.session.desk, self._case_id
        self.session.tasks.write(
            lambda: verbs.take_back(desk, case_id),
            lambda _nothing: self.session.show_message(words.TAKEN_BACK, "good"),
            None,
            DECIDED,
        )

    def _submitted(self, submitted: Submitted) -> None:
        if submitted.stopped:
            problems = dict(submitted.stopped)
            standing = sum(len(found) for found in problems.values())
            self.session.show_message(words.STOPPED.format(n=standing), "warn")
            if self.sheet is not None:
                self.sheet.show_problems(problems)
        else:
            self._say("")
            self.session.show_message(
                words.SUBMITTED, "good", ("查看复核", lambda: self.session.navigate("review"))
            )

    def _saved(self, case_id: str, at: str) -> None:
        if case_id == self._case_id:
            self._say(words.SAVED.format(time=clock_text(at, self.session.desk.clock())))
        self.queue.refresh()

    def _not_saved(self, error: ClientError) -> bool:
        self._unsaved = True
        self._say("")
        self._autosave.start()
        return error.code is None

    def _written(self) -> None:
        self._writing -= 1
        self._set_buttons()

    # --- problems of the records as they would be corrected -------------------------------------

    def _check(self) -> None:
        if self.sheet is None or not self._may_write():
            return
        desk, view, payload = self.session.desk, self.sheet.view, self.sheet.payload()
        self.session.tasks.read(
            lambda: reading.standing(desk, view, payload), lambda found: self._show_problems(view, found)
        )

    def _show_problems(self, view: CaseView, problems: dict[str, tuple[Problem, ...]]) -> None:
        if self.sheet is not None and self.sheet.view.row.case_id == view.row.case_id:
            self.sheet.show_problems(problems)

    # --- layout -------------------------------------------------------------------------------

    def _say(self, text: str) -> None:
        self._said.setText(text)

    def _set_buttons(self) -> None:
        may = self._may_write() and not self.aside.is_shown()
        decision = self.sheet.view.case.decision if self.sheet is not None else None
        mine = decision is not None and decision.handler == self.session.operator.operator_id
        in_review = decision is not None and decision.state == "in_review"
        self.save_button.setVisible(may)
        self.submit_button.setVisible(may and self.sheet.view.shown.stage in words.SUBMITTABLE)
        self.submit_button.setEnabled(may and not self._writing)
        self.take_back_button.setVisible(in_review and mine)
        self.register_button.setVisible(self.aside.may_register())

    def _lay_out(self) -> None:
        title = QLabel(self.title)
        title.setProperty("role", "title")
        head = QHBoxLayout()
        head.setContentsMargins(16, 8, 16, 8)
        head.addWidget(title)
        head.addStretch(1)
        self.papers = Papers(self.session, self, lambda: Paper(words.PAPER, cases_listing))
        head.setSpacing(8)
        head.addWidget(self.register_button)
        head.addWidget(self.figures_button)
        head.addWidget(self.letters_button)
        head.addWidget(self.papers.button)
        self.split = QSplitter()
        self.split.addWidget(self.queue)
        self.split.addWidget(self._right)
        self.split.setSizes([372, 808])
        self.split.setStretchFactor(1, 1)
        self.split.setChildrenCollapsible(False)
        self.session.remember("cases/split", self.split)
        middle = QHBoxLayout()
        middle.setContentsMargins(16, 0, 16, 8)
        middle.addWidget(self.split)
        self._bar, row = buttons.bar()
        row.addWidget(self._said)
        row.addStretch(1)
        for button in (self.next_button, self.take_back_button, self.save_button, self.submit_button):
            row.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addLayout(middle, 1)
        column.addWidget(self._bar)
