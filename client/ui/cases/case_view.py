"""One case: its head, the findings, the application, the timeline, and what stands beside.

Takes a `CaseView` in, gives a decision's payload out. Saves nothing itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QSplitter, QVBoxLayout, QWidget

from client.core.records import Attachment
from client.ui.cases import words
from client.ui.cases.act_strip import ActStrip
from client.ui.cases.act_words import UNSENT_NOTE
from client.ui.cases.application import RepairBox, application_rows, label
from client.ui.cases.case_head import CaseHead
from client.ui.cases.dispute_rows import DisputeGrid
from client.ui.cases.reading import CaseView
from client.ui.cases.side_pane import SidePane
from client.ui.cases.timeline import Step
from client.ui.session import Session
from client.ui.sync.spans import clock_text
from client.ui.tall_page import TallPage, scrolled
from client.ui.widgets import buttons
from client.ui.widgets.banner import Banner
from forms.catalog.problems import Problem
from forms.qt.editor import Setting

CONCLUSION_LINES: Final = 5


class CaseSheet(QFrame):
    """The case that is shown. Made anew for each case, filled again when it changes.

    Signals:
        edited(): the handler chose or wrote something.
        again_clicked(): say once more what the platform refused.
        take_back_clicked(): take back what was said last and never sent.
    """

    edited = Signal()
    again_clicked = Signal()
    take_back_clicked = Signal()

    def __init__(self, session: Session, view: CaseView, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "surface")
        self._session, self.view = session, view
        self._answers: dict[tuple[str, str], str] = {}
        self._read_only = True
        self._filling = False
        self._place = 0
        self.head = CaseHead(session)
        self.banner = Banner()
        self.again_button = buttons.plain(words.AGAIN, self.again_clicked.emit)
        self.again_button.hide()
        self.take_back_button = buttons.link(words.TAKE_BACK_POST, self.take_back_clicked.emit)
        self.strip = ActStrip(session)
        self.grid = DisputeGrid()
        self.grid.set_records(view.case.records, view.items, Setting(session.desk.today))
        self.grid.edited.connect(self.edited)
        self.grid.answered.connect(self._on_answered)
        self.grid.looked_at.connect(self._look_at)
        self.repair = RepairBox() if view.case.repair is not None else None
        if self.repair is not None:
            self.repair.edited.connect(self.edited)
        self.conclusion = QPlainTextEdit()
        self.conclusion.setAccessibleName(words.CONCLUSION)
        self.conclusion.setPlaceholderText(words.CONCLUSION_HINT)
        self.conclusion.setTabChangesFocus(True)
        self.conclusion.setFixedHeight(self.conclusion.fontMetrics().lineSpacing() * CONCLUSION_LINES + 16)
        self.conclusion.textChanged.connect(self._on_text)
        self.side = SidePane(session)
        self._timeline = QVBoxLayout()
        self._timeline.setSpacing(4)
        self._lay_out()
        self.show_case(view)

    def show_case(self, view: CaseView) -> None:
        """Fill in the case; what the handler has written is taken from the store."""
        self._filling = True
        case = view.case
        payload = case.decision.payload if case.decision is not None else case.decided or {}
        self.grid.show_findings(payload.get("disputes", []))
        if self.repair is not None:
            self.repair.show_repair(view, str(payload.get("outcome", "")))
        if self.conclusion.toPlainText() != str(payload.get("text", "")):
            self.conclusion.setPlainText(str(payload.get("text", "")))
        self._answers = {(a["path"], a["code"]): a["reason"] for a in payload.get("answers", [])}
        self._filling = False
        self.show_around(view)

    def show_around(self, view: CaseView) -> None:
        """Show how far the case has come, without touching what is being written."""
        self.view = view
        self.head.show_head(view)
        self.side.show_beside(view.beside[self._place], _papers(view))
        self.side.show_others(view.also, view.earlier)
        self._show_steps(view.steps)
        me = self._session.operator.operator_id
        waiting = view.shown.waiting
        may = bool(waiting) and waiting[-1].state == "queued" and waiting[-1].operator == me
        self.take_back_button.setVisible(may)

    def focus_work(self) -> None:
        """Go to the first thing to decide."""
        for row in self.grid.rows:
            if row.stands.isEnabled():
                row.stands.setFocus()
                return
        self.conclusion.setFocus()

    def set_read_only(self, on: bool) -> None:
        """Show only, or let decide."""
        self._read_only = on
        self.grid.set_read_only(on, transferable="transferred" in self.view.can)
        if self.repair is not None:
            self.repair.set_read_only(on)
        self.conclusion.setReadOnly(on)

    def payload(self) -> dict[str, Any]:
        """Return what the handler has found so far, in the shape of the store."""
        answers = [
            {"path": path, "code": code, "reason": reason}
            for (path, code), reason in sorted(self._answers.items())
            if reason
        ]
        said = {"disputes": self.grid.findings(), "text": self.conclusion.toPlainText(), "answers": answers}
        outcome = self.repair.outcome() if self.repair is not None else ""
        return said | ({"outcome": outcome} if outcome else {})

    def show_problems(self, problems: Mapping[str, Sequence[Problem]]) -> None:
        """Show what is wrong with each record as it would be corrected, beside its fields."""
        for row in self.grid.rows:
            mine = problems.get(row.record.record_id, ())
            row.show_problems(mine, self._answers, read_only=self._read_only)

    def _look_at(self, place: int) -> None:
        self._place = place
        self.side.show_beside(self.view.beside[place], _papers(self.view))

    def _on_answered(self, path: str, code: str, reason: str) -> None:
        self._answers[path, code] = reason
        self.edited.emit()

    def _on_text(self) -> None:
        if not self._filling:
            self.edited.emit()

    # --- layout -------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        self.split = QSplitter(Qt.Orientation.Horizontal)
        self.split.addWidget(self._work())
        self.split.addWidget(self.side)
        self.split.setSizes([520, 340])
        self.split.setStretchFactor(0, 3)
        self.split.setStretchFactor(1, 2)
        self.split.setChildrenCollapsible(False)
        self._session.remember("cases/beside", self.split)
        around = QVBoxLayout()
        around.setContentsMargins(12, 0, 12, 0)
        around.setSpacing(4)
        around.addWidget(self.banner)
        around.addWidget(self.again_button, 0, Qt.AlignmentFlag.AlignLeft)
        around.addWidget(self.strip)
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 1, 1, 1)
        column.setSpacing(4)
        column.addWidget(self.head)
        column.addLayout(around)
        column.addWidget(self.split, 1)

    def _work(self) -> QWidget:
        page = TallPage()
        left = QVBoxLayout(page)
        left.setContentsMargins(12, 4, 12, 12)
        left.setSpacing(8)
        if self.repair is not None:
            left.addWidget(label(words.REPAIR, "heading"))
            left.addWidget(self.repair)
        if any(record.disputes for record in self.view.case.records) or len(self.view.case.records) > 1:
            left.addWidget(self.grid)
        left.addWidget(label(words.CONCLUSION, "heading"))
        left.addWidget(self.conclusion)
        left.addWidget(label(words.APPLICATION, "heading"))
        left.addLayout(application_rows(self._session, self.view))
        left.addWidget(label(words.TIMELINE, "heading"))
        left.addWidget(self.take_back_button, 0, Qt.AlignmentFlag.AlignLeft)
        left.addLayout(self._timeline)
        left.addStretch(1)
        return scrolled(page)

    def _show_steps(self, steps: Sequence[Step]) -> None:
        while (item := self._timeline.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for step in steps:
            by = f"（{step.by}）" if step.by else ""
            unsent = "" if step.confirmed else UNSENT_NOTE
            line = label(f"{clock_text(step.at)}　{step.text}{by}{unsent}")
            if not step.confirmed:
                line.setProperty("tone", "warn")
            self._timeline.addWidget(line)


def _papers(view: CaseView) -> list[Attachment]:
    """The papers of the case whose bytes are kept, and those that came later."""
    said = [one for one in view.case.materials if one.get("sha256")]
    found = [Attachment(str(one["sha256"]), 0, str(one["name"]), "") for one in said]
    later = [one for event in view.shown.events for one in event.data.get("evidence", ())]
    found += [Attachment(one["sha256"], int(one["size"]), one["name"], one["media_type"]) for one in later]
    return found
