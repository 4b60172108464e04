"""One record as the platform sees it: its receipts, and what to do where it is wrong."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFormLayout, QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from client.core.merge import theirs_in
from client.core.records import RecordDetail, VersionRow
from client.store import outbox, versions
from client.store.courier import BY_COURIER
from client.ui.records.acts import RecordActs
from client.ui.records.words import MERGE, OPS, OUTBOX, OUTCOMES, STAGES
from client.ui.session import Session
from client.ui.sync import reading
from client.ui.sync.spans import clock_text
from client.ui.tall_page import TallPage, scrolled
from client.ui.theme import Tone
from client.ui.widgets import buttons
from client.ui.widgets.banner import Banner
from client.ui.widgets.elided import ElidedLabel

RECALLABLE: Final = frozenset({"queued"})


class RecordPanel(QFrame):
    """See the module."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "surface")
        self._session = session
        self._detail: RecordDetail | None = None
        self._came_second = False
        self._acts = RecordActs(session, self)
        self._acts.went.connect(lambda record_id: session.navigate("records", record_id=record_id))
        self._title = _label("", "heading")
        self._number = ElidedLabel()
        self._what = ElidedLabel(role="secondary")
        self.banner = Banner()
        self.open_button = buttons.plain("打开记录", self.open_record)
        self.recall_button = buttons.plain("撤回", self._recall)
        self.recall_button.setToolTip("还没有发出的记录可以撤回，回到草稿")
        self.release_button = buttons.plain("再试一次", self._release)
        self.release_button.setToolTip("放回待发送；原因没有消除的话，会再次被隔离")
        self.copy_button = buttons.plain("复制原因", self.copy_reason)
        self._receipts = QVBoxLayout()
        self._receipts.setSpacing(12)
        body = TallPage()
        column = QVBoxLayout(body)
        column.setContentsMargins(12, 12, 12, 12)
        column.setSpacing(8)
        for part in (self._title, self._number, self._what, self.banner):
            column.addWidget(part)
        row = QHBoxLayout()
        row.setSpacing(8)
        for button in (self.open_button, self.recall_button, self.release_button, self.copy_button):
            row.addWidget(button)
        row.addStretch(1)
        column.addLayout(row)
        column.addLayout(self._receipts)
        column.addStretch(1)
        self._body = scrolled(body)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(1, 1, 1, 1)
        outer.addWidget(self._body)

    def show_record(self, detail: RecordDetail) -> None:
        """Show one record."""
        self._detail = detail
        row, version = detail.row, reading.newest(detail)
        self._title.setText(row.subject_name or "—")
        item = self._session.desk.catalogs.item(row.item).name if row.item else ""
        self._number.setText(row.doc_no)
        self._number.setVisible(bool(row.doc_no))
        self._what.setText(item)
        self._say_problem(row.state, version)
        self.recall_button.setVisible(row.state in RECALLABLE and version is not None and not version.case_id)
        self.release_button.setVisible(row.state == "blocked")
        self.copy_button.setVisible(bool(reading.whole_reason(version.problem if version else None)))
        refused = version.problem if version is not None and row.state == "rejected" else None
        self._came_second = theirs_in(refused) is not None
        word = "打开修改" if row.state == "rejected" else "打开记录" if row.item else "打开异议"
        word = MERGE if self._came_second else word
        self.open_button.setText(word)
        self._show_receipts(detail.versions)

    def shown(self) -> RecordDetail | None:
        """What is shown now."""
        return self._detail

    def copy_reason(self) -> None:
        """Put the reason on the clipboard, with what it is about, for a colleague or for support."""
        version = reading.newest(self._detail) if self._detail is not None else None
        if self._detail is None or version is None:
            return
        row = self._detail.row
        about = "　".join(part for part in (row.subject_name, row.doc_no, version.version_id) if part)
        QGuiApplication.clipboard().setText(f"{about}\n{reading.whole_reason(version.problem)}")
        self._session.show_message("已复制原因。", "good")

    def open_record(self, *_args: object) -> None:
        """Open the record where it is wrong; what another desk changed first is put together with that."""
        if self._detail is None:
            return
        if self._came_second:
            self._acts.reopen(self._detail.row.record_id)
            return
        if not self._detail.row.item:
            self._session.navigate("cases", case_id=self._detail.row.record_id)
            return
        version = reading.newest(self._detail)
        field = reading.first_field(version.problem if version else None)
        where = {"record_id": self._detail.row.record_id} | ({"field": field} if field else {})
        self._session.navigate("records", **where)

    def _say_problem(self, state: str, version: VersionRow | None) -> None:
        problem = version.problem if version is not None else None
        said = reading.whole_reason(problem)
        if not said:
            self.banner.clear()
            return
        tone: Tone = "bad" if state in ("rejected", "blocked") else "warn"
        if reading.problem_code(problem) == BY_COURIER:
            tone = "info"
        self.banner.say(said, tone)

    def _show_receipts(self, rows: tuple[VersionRow, ...]) -> None:
        while (item := self._receipts.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for version in rows:
            self._receipts.addWidget(_version(version))

    def _recall(self) -> None:
        detail = self._detail
        version = reading.newest(detail) if detail is not None else None
        if version is None:
            return
        desk, record_id = self._session.desk, version.record_id
        self._session.tasks.write(
            lambda: versions.recall(desk, version.version_id),
            lambda _nothing: self._session.show_message(
                "已撤回，回到草稿。",
                "good",
                ("打开", lambda: self._session.navigate("records", record_id=record_id)),
            ),
            changes=frozenset({"records", "outbox"}),
        )

    def _release(self) -> None:
        detail = self._detail
        version = reading.newest(detail) if detail is not None else None
        if version is None:
            return
        desk = self._session.desk
        self._session.tasks.write(
            lambda: outbox.release(desk, version.version_id),
            lambda _nothing: self._session.show_message("已放回待发送，下次同步时再送。", "good"),
            changes=frozenset({"records", "outbox"}),
        )


def _version(version: VersionRow) -> QWidget:
    box = QFrame()
    form = QFormLayout(box)
    form.setContentsMargins(0, 0, 0, 0)
    form.setHorizontalSpacing(12)
    form.setVerticalSpacing(2)
    form.setLabelAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop)
    stage = STAGES.get(version.stage or "", "")
    outcome = OUTCOMES.get(version.outcome or "", "") or OUTBOX.get(version.outbox, "")
    if version.outbox == "unknown" and reading.problem_code(version.problem) == BY_COURIER:
        outcome = "已装进交换包，等回执包"
    for title, text in (
        ("版本", f"{OPS.get(version.op, version.op)}　{clock_text(version.created_at)}"),
        ("结果", "，".join(part for part in (outcome, stage) if part)),
        ("回执号", version.receipt_no or "还没有回执"),
        ("签名", "平台签名已核对" if version.receipt_no else "—"),
        ("问题编号", reading.problem_code(version.problem)),
    ):
        if not text:
            continue
        value = _label(text)
        value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        form.addRow(_label(title, "small"), value)
    return box


def _label(text: str, role: str = "") -> QLabel:
    label = QLabel(text)
    label.setWordWrap(True)
    if role:
        label.setProperty("role", role)
    return label
