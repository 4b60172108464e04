"""One case: who objects to what and why, the findings, the timeline, and beside them what they rest on.

Takes a `CaseView` in, gives a decision's payload out. Saves nothing itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from client.core.cases import CaseRow
from client.ui.cases import words
from client.ui.cases.dispute_rows import DisputeGrid
from client.ui.cases.reading import CaseView, Step
from client.ui.cases.side_pane import SidePane
from client.ui.session import Session
from client.ui.sync.spans import clock_text
from client.ui.tall_page import TallPage, scrolled
from client.ui.theme import restyle
from client.ui.widgets.banner import Banner
from client.ui.widgets.elided import ElidedLabel
from client.ui.words import CLAIMS
from forms.catalog.problems import Problem
from forms.qt.editor import Setting

CONCLUSION_LINES = 5


class CaseSheet(QFrame):
    """The case that is shown. Made anew for each case, filled again when it changes.

    Signals:
        edited(): the handler chose or wrote something.
        seen_asked(): the handler has seen what changed at the platform.
    """

    edited = Signal()
    seen_asked = Signal()

    def __init__(self, session: Session, view: CaseView, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "surface")
        self._session, self.view = session, view
        self._answers: dict[tuple[str, str], str] = {}
        self._read_only = True
        setting = Setting(session.desk.today)
        self._head = QLabel()
        self._head.setProperty("role", "heading")
        self._what = ElidedLabel(role="secondary")
        self._state = QLabel()
        self._due = QLabel(words.NO_DUE_YET)
        self._due.setProperty("role", "secondary")
        self._due.setToolTip(words.NO_DUE_WHY)
        self.banner = Banner()
        self.grid = DisputeGrid()
        self.grid.set_records(view.case.records, view.items, setting)
        self.grid.edited.connect(self.edited)
        self.grid.answered.connect(self._on_answered)
        self.conclusion = QPlainTextEdit()
        self.conclusion.setAccessibleName(words.CONCLUSION)
        self.conclusion.setPlaceholderText(words.CONCLUSION_HINT)
        self.conclusion.setTabChangesFocus(True)
        self.conclusion.setFixedHeight(self.conclusion.fontMetrics().lineSpacing() * CONCLUSION_LINES + 16)
        self.conclusion.textChanged.connect(self._on_text)
        self.side = SidePane(session, view.items[0])
        self._timeline = QVBoxLayout()
        self._timeline.setSpacing(4)
        self.split = QSplitter(Qt.Orientation.Horizontal)
        self.split.addWidget(self._work())
        self.split.addWidget(self.side)
        self.split.setSizes([520, 340])
        self.split.setStretchFactor(0, 3)
        self.split.setStretchFactor(1, 2)
        self.split.setChildrenCollapsible(False)
        session.remember("cases/beside", self.split)
        self._filling = False
        self._lay_out()
        self.show_case(view)

    def show_case(self, view: CaseView) -> None:
        """Fill in the case; what the handler has written is taken from the store."""
        self.view = view
        case = view.case
        self._filling = True
        kind = words.KINDS.get(case.row.kind, case.row.kind)
        self._head.setText(case.row.subject_name or "—")
        self._what.setText(f"{kind}　{view.items[0].name}")
        self.show_state(case.row)
        self._due.setText(words.DUE.format(due=case.row.due_on) if case.row.due_on else words.NO_DUE_YET)
        payload = case.decision.payload if case.decision is not None else case.decided or {}
        said = {(one["record_id"], one["field"]): one for one in payload.get("disputes", [])}
        for row in self.grid.rows:
            row.show_finding(said.get((row.record.record_id, row.field.id), {}))
        if self.conclusion.toPlainText() != str(payload.get("text", "")):
            self.conclusion.setPlainText(str(payload.get("text", "")))
        self._answers = {(a["path"], a["code"]): a["reason"] for a in payload.get("answers", [])}
        evidence = [one.attachment for record in case.records for one in record.evidence]
        self.side.show_beside(view.beside, evidence)
        self._show_steps(view.steps)
        self._filling = False

    def show_state(self, row: CaseRow) -> None:
        """Say how far the case has come."""
        look = words.look(row)
        self._state.setText(look.word)
        restyle(self._state, "tone", look.tone)

    def set_read_only(self, on: bool) -> None:
        """Show only, or let decide."""
        self._read_only = on
        for row in self.grid.rows:
            row.set_read_only(on)
        self.conclusion.setReadOnly(on)

    def payload(self) -> dict[str, Any]:
        """Return what the handler has found so far, in the shape of the store."""
        findings = [found for row in self.grid.rows if (found := row.finding()) is not None]
        answers = [
            {"path": path, "code": code, "reason": reason}
            for (path, code), reason in sorted(self._answers.items())
            if reason
        ]
        return {"disputes": findings, "text": self.conclusion.toPlainText(), "answers": answers}

    def show_problems(self, problems: Mapping[str, Sequence[Problem]]) -> None:
        """Show what is wrong with each record as it would be corrected, beside its fields."""
        for row in self.grid.rows:
            mine = problems.get(row.record.record_id, ())
            row.show_problems(mine, self._answers, read_only=self._read_only)

    def _on_answered(self, path: str, code: str, reason: str) -> None:
        self._answers[path, code] = reason
        self.edited.emit()

    def _on_text(self) -> None:
        if not self._filling:
            self.edited.emit()

    # --- layout -------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(12, 8, 12, 4)
        head.setSpacing(12)
        self._head.setWordWrap(True)
        titles = QVBoxLayout()
        titles.setSpacing(2)
        titles.addWidget(self._head)
        titles.addWidget(self._what)
        head.addLayout(titles, 1)
        top = Qt.AlignmentFlag.AlignTop
        head.addWidget(self._state, 0, top)
        head.addWidget(self._due, 0, top)
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 1, 1, 1)
        column.setSpacing(4)
        column.addLayout(head)
        around = QVBoxLayout()
        around.setContentsMargins(12, 0, 12, 0)
        around.addWidget(self.banner)
        column.addLayout(around)
        column.addWidget(self.split, 1)

    def _work(self) -> QWidget:
        page = TallPage()
        left = QVBoxLayout(page)
        left.setContentsMargins(12, 4, 12, 12)
        left.setSpacing(8)
        left.addWidget(self.grid)
        left.addSpacing(4)
        left.addWidget(_label(words.CONCLUSION, "heading"))
        left.addWidget(self.conclusion)
        left.addSpacing(4)
        left.addWidget(_label(words.APPLICATION, "heading"))
        left.addLayout(self._application())
        left.addSpacing(4)
        left.addWidget(_label(words.TIMELINE, "heading"))
        left.addLayout(self._timeline)
        left.addStretch(1)
        return scrolled(page)

    def _application(self) -> QFormLayout:
        case = self.view.case
        codes = self._session.desk.catalogs.current.code_sets.get(words.CERTIFICATES)
        code = codes.by_code.get(case.applicant.get("id_kind", "")) if codes is not None else None
        rows = QFormLayout()
        rows.setHorizontalSpacing(12)
        rows.setVerticalSpacing(2)
        rows.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        for title, text in (
            (words.APPLICANT, case.applicant.get("name", "")),
            (
                code.name if code is not None else words.CERTIFICATE,
                words.masked(case.applicant.get("id_number", "")),
            ),
            (words.PHONE, words.masked(case.applicant.get("phone", ""))),
            (words.OPENED, clock_text(case.row.opened_at)),
            (
                words.REASON,
                "、".join(dict.fromkeys(CLAIMS.get(r.reason_code, r.reason_code) for r in case.records)),
            ),
            (words.STATEMENT, case.statement),
        ):
            if text:
                rows.addRow(_label(title, "secondary"), _label(text))
        return rows

    def _show_steps(self, steps: Sequence[Step]) -> None:
        while (item := self._timeline.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for step in steps:
            self._timeline.addWidget(_label(f"{clock_text(step.at)}　{step.text}"))


def _label(text: str, role: str = "") -> QLabel:
    label = QLabel(text)
    label.setWordWrap(True)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    if role:
        label.setProperty("role", role)
    return label
