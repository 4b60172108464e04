"""One question of the platform (疑问数据), and its answer: mend the record, or ignore it with a reason."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFormLayout, QFrame, QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from client.core.questions import Question, QuestionRow
from client.sync import doubts
from client.ui.records.acts import RecordActs
from client.ui.records.words import MERGE
from client.ui.session import Session
from client.ui.sync import reading
from client.ui.sync.spans import clock_text
from client.ui.sync.tables import question_look
from client.ui.widgets import buttons
from client.ui.widgets.banner import Banner

MAY_ANSWER = frozenset({"reporter", "reviewer", "handler", "admin"})
"""Roles whose word the platform takes; it looks itself, too."""

LEAST_REASON = 4


class QuestionPanel(QFrame):
    """See the module."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "surface")
        self._session = session
        self._row: QuestionRow | None = None
        self._acts = RecordActs(session, self)
        self._acts.went.connect(lambda record_id: session.navigate("records", record_id=record_id))
        self._title = QLabel()
        self._title.setProperty("role", "heading")
        self._title.setWordWrap(True)
        self.banner = Banner()
        self._facts = QFormLayout()
        self._facts.setHorizontalSpacing(12)
        self._facts.setVerticalSpacing(2)
        self._facts.setLabelAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop)
        self.mend_button = buttons.plain("去更正", self.mend)
        self.open_button = buttons.plain("打开记录", self.open_record)
        self.reopen_button = buttons.plain("重新处理", self.reopen)
        self.reason = QLineEdit()
        self.reason.setAccessibleName("忽略的理由")
        self.reason.setPlaceholderText("为什么不用改，例如：平台主体库登记滞后")
        self.reason.setMaxLength(500)
        self.reason.textChanged.connect(lambda _text: self._allow())
        self.reason.returnPressed.connect(self.ignore)
        self.ignore_button = buttons.plain("忽略", self.ignore)
        self._note = QLabel()
        self._note.setProperty("role", "secondary")
        self._note.setWordWrap(True)
        self._lay_out()

    def show_question(self, row: QuestionRow, reason: str = "") -> None:
        """Show one question; `reason` is all that the platform said of a record of this desk."""
        if self._row is None or self._row.question.version_id != row.question.version_id:
            self.reason.clear()
        self._row = row
        one = row.question
        self._title.setText(row.subject_name or reading.ELSEWHERE)
        looks = question_look(row)
        said = reason or (reading.code_words(one.problem.replace("-", "_")) if one.problem else "")
        cause = reading.CAUSES.get(one.cause, one.cause)
        code = "" if reason else one.problem
        self.banner.say(f"{cause}：{said}" if said else f"{cause}。", looks.tone, code=code)
        while self._facts.rowCount():
            self._facts.removeRow(0)
        for word, value in self._rows(row):
            label = QLabel(value)
            label.setWordWrap(True)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            title = QLabel(word)
            title.setProperty("role", "small")
            self._facts.addRow(title, label)
        self._allow()

    # --- the answers ----------------------------------------------------------------------------

    def mend(self) -> None:
        """Open the record for a correction: what was given back becomes a draft, what stands is corrected."""
        if self._row is None:
            return
        one = self._row.question
        if one.cause == "rejected":
            self._acts.reopen(one.record_id)
        else:
            self._acts.begin_change(one.record_id, "correct")

    def open_record(self) -> None:
        """Look at the record."""
        if self._row is not None:
            self._session.navigate("records", record_id=self._row.question.record_id)

    def ignore(self) -> None:
        """Tell the platform that it is right as it is, and why."""
        if self._row is None or not self.ignore_button.isEnabled():
            return
        desk, line, reason = self._session.desk, self._session.line, self.reason.text().strip()
        version_id = self._row.question.version_id
        if line is not None:
            line.with_line(lambda wire: doubts.ignore(desk, wire, version_id, reason), self._answered)

    def reopen(self) -> None:
        """Take up again what was set aside."""
        if self._row is None:
            return
        desk, line, version_id = self._session.desk, self._session.line, self._row.question.version_id
        if line is not None:
            line.with_line(lambda wire: doubts.reopen(desk, wire, version_id), self._answered)

    def _answered(self, now: Question) -> None:
        said = "已忽略，平台已记下理由。" if now.state == "ignored" else "已重新列为未处理。"
        self.reason.clear()
        self._session.show_message(said, "good")
        self._session.announce("outbox")

    # --- inside ---------------------------------------------------------------------------------

    def _rows(self, row: QuestionRow) -> list[tuple[str, str]]:
        one = row.question
        found = [
            ("文书号", row.doc_no or "—"),
            ("事项", self._item_name(one.item)),
            ("状态", question_look(row).word),
            ("起于", clock_text(one.since_at)),
            ("版本号", one.version_id),
        ]
        if one.reason:
            found.append(("理由", one.reason))
        if one.changed_at != one.since_at:
            found.append(("最近变动", clock_text(one.changed_at)))
        return found

    def _item_name(self, code: str) -> str:
        entry = self._session.desk.catalogs.current.items.get(code)
        return entry.name if entry is not None else code

    def _allow(self) -> None:
        row = self._row
        if row is None:
            return
        state = row.question.state
        line = self._session.line
        on_line = line is not None and line.facts().signed_in
        may = bool(self._session.operator.roles & MAY_ANSWER)
        is_open = state == "open"
        word = "去修改" if row.question.cause == "rejected" else "去更正"
        self.mend_button.setText(MERGE if row.question.problem == "stale" else word)
        self.mend_button.setVisible(is_open and row.is_here)
        self.open_button.setVisible(row.is_here)
        for part in (self.reason, self.ignore_button):
            part.setVisible(is_open and may)
            part.setEnabled(on_line)
        self.ignore_button.setEnabled(on_line and len(self.reason.text().strip()) >= LEAST_REASON)
        self.reopen_button.setVisible(state == "ignored" and may)
        self.reopen_button.setEnabled(on_line)
        notes = []
        if is_open and not row.is_here:
            notes.append("这条记录不在本机：请在填报它的电脑上更正。")
        if not on_line and may and state in ("open", "ignored"):
            notes.append("忽略和重新处理要联网登录。")
        if not may and is_open:
            notes.append("由填报员、复核员、异议处理员或管理员处理。")
        self._note.setText("".join(notes))
        self._note.setVisible(bool(notes))

    def _lay_out(self) -> None:
        acts = QHBoxLayout()
        acts.setSpacing(8)
        for button in (self.mend_button, self.open_button, self.reopen_button):
            acts.addWidget(button)
        acts.addStretch(1)
        ignoring = QHBoxLayout()
        ignoring.setSpacing(8)
        ignoring.addWidget(self.reason, 1)
        ignoring.addWidget(self.ignore_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 12, 12, 12)
        column.setSpacing(8)
        column.addWidget(self._title)
        column.addWidget(self.banner)
        column.addLayout(self._facts)
        column.addLayout(acts)
        column.addLayout(ignoring)
        column.addWidget(self._note)
        column.addStretch(1)
