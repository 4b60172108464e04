"""异议: the queue at the left, the case at the right; decide field by field, submit for review.

What the handler writes is saved by itself a moment after the last key, and before anything else
happens. Clocks are not in force yet: the header says so rather than guess a date.
"""

from __future__ import annotations

from typing import Any, ClassVar, Final

from PySide6.QtCore import QModelIndex, Qt, QTimer
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from client.core.cases import CaseRow
from client.core.records import Submitted
from client.errors import ClientError
from client.intake.road_lists import cases_listing
from client.ui import messages
from client.ui.cases import reading, verbs, words
from client.ui.cases.case_view import CaseSheet
from client.ui.cases.reading import CaseView
from client.ui.navigation import Page
from client.ui.papers.button import Papers
from client.ui.papers.verbs import Paper
from client.ui.row_model import Column, RowModel, choose, current, fill
from client.ui.session import Session
from client.ui.sync.spans import clock_text
from client.ui.widgets import buttons
from client.ui.widgets.empty import EmptyState
from client.ui.widgets.tables import Table
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
        self._unsaved = False
        self._revision: str | None = None
        self._writing = 0
        self.queue = _queue_table()
        self.sheet: CaseSheet | None = None
        self._empty = EmptyState("scales", words.EMPTY, words.EMPTY_WAY)
        self._right = QStackedWidget()
        self._right.addWidget(self._empty)
        self._said = QLabel()
        self._said.setProperty("role", "secondary")
        self.take_back_button = buttons.plain(words.TAKE_BACK, self.take_back)
        self.save_button = buttons.plain(words.SAVE, self.save, "Ctrl+S")
        self.submit_button = buttons.primary(words.SUBMIT, self.submit, "Ctrl+Enter")
        self._autosave = QTimer(self)
        self._autosave.setSingleShot(True)
        self._autosave.setInterval(AUTOSAVE_MS)
        self._autosave.timeout.connect(self.flush)
        self._lay_out()
        buttons.on_keys("Ctrl+S", self, self.save)
        buttons.on_keys("Ctrl+Return", self, self.submit)
        buttons.on_keys("Ctrl+Enter", self, self.submit)
        self.queue.selectionModel().currentRowChanged.connect(self._on_row)
        self._set_buttons()

    # --- what is shown ------------------------------------------------------------------------

    def open(self, **where: Any) -> None:
        """Show the queue; `case_id` chooses a case."""
        wanted = str(where.get("case_id", ""))
        if wanted and wanted != self._case_id:
            self.flush()
            self._case_id = wanted
            self.reload()
        self.queue.setFocus()

    def reload(self) -> None:
        """Read queue and case again; what is being written stays."""
        desk = self.session.desk
        self.session.tasks.read(lambda: reading.read_queue(desk), self._show_queue)

    def flush(self) -> None:
        """Save what the handler wrote."""
        self._autosave.stop()
        if not self._unsaved or self.sheet is None:
            return
        self._unsaved = False
        self._writing += 1
        self._say(words.SAVING)
        desk, payload, revision = self.session.desk, self.sheet.payload(), self._revision
        case_id = self.sheet.view.case.row.case_id
        self.session.tasks.write(
            lambda: verbs.save(desk, case_id, payload, revision),
            lambda at: self._saved(case_id, at),
            self._not_saved,
            ended=self._written,
        )

    def _show_queue(self, rows: list[CaseRow]) -> None:
        row = fill(self.queue, rows, otherwise_first=True)
        model = self.queue.model()
        assert isinstance(model, RowModel)
        wanted = model.place_of(self._case_id) if self._case_id else None
        if wanted is not None:
            choose(self.queue, wanted)
            row = rows[wanted]
        if row is None:
            self._case_id = ""
            if self.sheet is not None:
                self.sheet.deleteLater()
            self.sheet = None
            self._empty.say("scales", words.EMPTY, words.EMPTY_WAY)
            self._right.setCurrentWidget(self._empty)
            self._set_buttons()
        else:
            self._read(row.case_id)

    def _show_states(self, rows: list[CaseRow]) -> None:
        """Show how far each case is, without touching what is being written."""
        fill(self.queue, rows)
        for row in rows:
            if self.sheet is not None and row.case_id == self._case_id:
                self.sheet.show_state(row)

    def _on_row(self, index: QModelIndex, _before: QModelIndex) -> None:
        row = current(self.queue) if index.isValid() else None
        if row is not None and row.case_id != self._case_id:
            self.flush()
            self._read(row.case_id)

    def _read(self, case_id: str) -> None:
        self._case_id = case_id
        desk = self.session.desk
        self.session.tasks.read(lambda: reading.read_case(desk, case_id), self._show_case)

    def _show_case(self, view: CaseView) -> None:
        case = view.case
        if case.row.case_id != self._case_id:
            return
        sheet = self.sheet
        if sheet is None or sheet.view.case.row.case_id != case.row.case_id:
            if sheet is not None:
                self._right.removeWidget(sheet)
                sheet.deleteLater()
            sheet = self.sheet = CaseSheet(self.session, view)
            sheet.edited.connect(self._on_edited)
            self._right.addWidget(sheet)
            self._said.clear()
        elif not self._unsaved and not self._writing:
            sheet.show_case(view)
        self._revision = case.decision.parent if case.decision is not None else case.revision
        self._right.setCurrentWidget(sheet)
        sheet.set_read_only(not self._may_write())
        self._say_state()
        self._check()

    def _may_write(self) -> bool:
        if self.sheet is None or "handler" not in self.session.operator.roles:
            return False
        case = self.sheet.view.case
        return case.row.state == "opened" and (case.decision is None or case.decision.state == "editing")

    def _say_state(self) -> None:
        assert self.sheet is not None
        case, banner = self.sheet.view.case, self.sheet.banner
        if case.row.state == "closed":
            banner.say(words.CLOSED.format(at=clock_text(case.row.closed_at)), "good")
        elif case.row.state == "decided":
            banner.say(words.DECIDED, "info")
        elif case.decision is not None and case.decision.state == "in_review":
            banner.say(words.IN_REVIEW, "info")
        elif case.decision is not None and case.decision.state == "approved":
            banner.say(words.APPROVED, "info")
        elif "handler" not in self.session.operator.roles:
            banner.say(words.NOT_HANDLER, "info")
        elif case.row.changed:
            banner.say(words.CHANGED, "bad", (words.SEEN, self._take_as_seen))
        elif case.note:
            why = messages.SENTENCES.get(case.note, case.note)
            banner.say(words.RETURNED.format(why=why), "warn")
        else:
            banner.clear()
        self._set_buttons()

    def _take_as_seen(self) -> None:
        if self.sheet is not None:
            self._revision = self.sheet.view.case.revision
            self._unsaved = True
            self.flush()

    # --- what the handler does ----------------------------------------------------------------

    def _on_edited(self) -> None:
        if not self._may_write():
            return
        self._unsaved = True
        self._say(words.TO_SAVE)
        self._autosave.start()
        self._check()

    def save(self) -> None:
        """Save now."""
        if self._may_write():
            self._unsaved = True
            self.flush()

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
            desk = self.session.desk
            self.session.tasks.read(lambda: reading.read_queue(desk), self._show_states)

    def _not_saved(self, error: ClientError) -> bool:
        self._unsaved = True
        self._say("")
        self._autosave.start()
        return error.code is None

    def _written(self) -> None:
        self._writing -= 1
        self._set_buttons()

    # --- problems of the record as it would be corrected ---------------------------------------

    def _check(self) -> None:
        if self.sheet is None or not self._may_write():
            return
        desk, view, payload = self.session.desk, self.sheet.view, self.sheet.payload()
        self.session.tasks.read(
            lambda: reading.standing(desk, view, payload), lambda found: self._show_problems(view, found)
        )

    def _show_problems(self, view: CaseView, problems: dict[str, tuple[Problem, ...]]) -> None:
        if self.sheet is not None and self.sheet.view is view:
            self.sheet.show_problems(problems)

    # --- layout -------------------------------------------------------------------------------

    def _say(self, text: str) -> None:
        self._said.setText(text)

    def _set_buttons(self) -> None:
        may = self._may_write()
        decision = self.sheet.view.case.decision if self.sheet is not None else None
        mine = decision is not None and decision.handler == self.session.operator.operator_id
        in_review = decision is not None and decision.state == "in_review"
        self.save_button.setVisible(may)
        self.submit_button.setVisible(may)
        self.submit_button.setEnabled(may and not self._writing)
        self.take_back_button.setVisible(in_review and mine)
        self.queue.setVisible(self.sheet is not None)
        self._bar.setVisible(self.sheet is not None)

    def _lay_out(self) -> None:
        title = QLabel(self.title)
        title.setProperty("role", "title")
        head = QHBoxLayout()
        head.setContentsMargins(16, 8, 16, 8)
        head.addWidget(title)
        head.addStretch(1)
        self.papers = Papers(self.session, self, lambda: Paper(words.PAPER, cases_listing))
        head.addWidget(self.papers.button)
        self.split = QSplitter(Qt.Orientation.Horizontal)
        self.split.addWidget(self.queue)
        self.split.addWidget(self._right)
        self.split.setSizes([320, 860])
        self.split.setStretchFactor(1, 1)
        self.split.setChildrenCollapsible(False)
        self.session.remember("cases/split", self.split)
        middle = QHBoxLayout()
        middle.setContentsMargins(16, 0, 16, 8)
        middle.addWidget(self.split)
        self._bar, row = buttons.bar()
        row.addWidget(self._said)
        row.addStretch(1)
        for button in (self.take_back_button, self.save_button, self.submit_button):
            row.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addLayout(middle, 1)
        column.addWidget(self._bar)


def _queue_table() -> Table:
    table = Table(words.QUEUE)
    table.setModel(
        RowModel(
            (
                Column("主体", lambda c: c.subject_name or "—"),
                Column("状态", lambda c: words.look(c).word, look=words.look),
                Column("期限", lambda c: c.due_on or words.NO_DUE, tip=lambda _c: words.NO_DUE_WHY),
            ),
            key=lambda c: c.case_id,
        )
    )
    table.lay_out((120, 96, 80), stretch=0)
    return table
