"""报送: one sentence of truth and one button; below, what waits, batches, what came back, what is stored."""

from __future__ import annotations

from functools import partial
from typing import Any, ClassVar, Final

from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QSplitter,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from client.core.batches import BatchRow, WaitingRow
from client.core.records import RecordDetail, RecordRow
from client.intake.listings import Which, records_listing
from client.intake.road_lists import batches_listing, receipts_listing, waiting_listing
from client.sync.cycle import SyncOutcome
from client.ui import messages
from client.ui.navigation import Page
from client.ui.papers.button import Papers
from client.ui.papers.verbs import Make, Paper
from client.ui.row_model import Column, RowModel, current, fill
from client.ui.session import MessageKind, Session
from client.ui.sync import reading
from client.ui.sync.detail import RecordPanel
from client.ui.sync.reading import Lists
from client.ui.sync.status import LineFacts, clock_text, words
from client.ui.theme import restyle
from client.ui.widgets import buttons
from client.ui.widgets.marks import StateLook, look
from client.ui.widgets.tables import Table

TABS: Final = ("待发送", "批次", "退回", "已入库")
LISTS: Final[tuple[Make, ...]] = (
    waiting_listing,
    batches_listing,
    partial(records_listing, which=Which(states=reading.REJECTED)),
    partial(records_listing, which=Which(states=reading.STORED)),
)
"""What is exported of each tab: all of it, not only what is shown."""
BATCH_LOOKS: Final[dict[str, StateLook]] = {
    "open": StateLook("away", "等结果", "info"),
    "answered": StateLook("dots4", "有结果", "good"),
    "void": StateLook("cut", "作废", "plain"),
}


class SyncPage(Page):
    """See the module."""

    name = "sync"
    title = "报送"
    icon = "upload-simple"
    kinds: ClassVar[frozenset[str]] = frozenset({"outbox"})

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self._lists: Lists | None = None
        self.sentence = QLabel()
        self.sentence.setProperty("role", "heading")
        self.sentence.setWordWrap(True)
        self._under = QLabel()
        self._under.setProperty("role", "secondary")
        self._under.setWordWrap(True)
        self._progress = QProgressBar()
        self._progress.hide()
        self.sync_button = buttons.primary("立即同步", self._sync)
        self.stop_button = buttons.plain("停止", self._stop)
        self.tabs = QTabWidget()
        self.waiting = self._waiting_table()
        self.batches = self._batches_table()
        self.rejected = _records_table("退回", "状态")
        self.stored = _records_table("已入库", "进度")
        for table, title in zip((self.waiting, self.batches, self.rejected, self.stored), TABS, strict=True):
            self.tabs.addTab(table, title)
        self.detail = RecordPanel(session)
        self.papers = Papers(session, self, self._paper)
        self._lay_out()
        for table in (self.waiting, self.rejected, self.stored):
            table.selectionModel().currentRowChanged.connect(self._on_row)
            table.activated.connect(self.detail.open_record)
        self.tabs.currentChanged.connect(self._on_tab)
        if session.line is not None:
            session.line.facts_changed.connect(self._show_facts)
            session.line.finished.connect(self._show_outcome)
            self._show_facts(session.line.facts())

    def open(self, **where: Any) -> None:
        """Show the page; `tab` (waiting, batches, rejected, stored) chooses a list."""
        names = ("waiting", "batches", "rejected", "stored")
        if where.get("tab") in names:
            self.tabs.setCurrentIndex(names.index(str(where["tab"])))
        self.tabs.currentWidget().setFocus()

    def reload(self) -> None:
        """Read the lists again."""
        desk = self.session.desk
        self.session.tasks.read(lambda: reading.read_lists(desk), self._show_lists)

    # --- the sentence and the button ----------------------------------------------------------

    def _show_facts(self, facts: LineFacts) -> None:
        said = words(facts)
        self.sentence.setText(said.sentence)
        restyle(self.sentence, "tone", said.tone)
        self.sync_button.setText("立即同步" if facts.signed_in else "联网登录")
        self.sync_button.setAccessibleName(self.sync_button.text())
        self.sync_button.setVisible(not facts.running)
        self.stop_button.setVisible(facts.running)
        self._progress.setVisible(facts.running)
        if facts.running:
            done, of = facts.going or (0, 0)
            self._progress.setRange(0, of)
            self._progress.setValue(done)
        self._say_when(facts)

    def _say_when(self, facts: LineFacts) -> None:
        line = self.session.line
        parts = []
        if facts.last_contact_at is not None and words(facts).tone != "good":
            parts.append(f"最近联系平台 {clock_text(facts.last_contact_at.isoformat(), facts.now)}")
        if line is not None and not facts.running and facts.now is not None:
            when = reading.clock_text_of(line.next_try_at(), facts.now)
            if when:
                parts.append(f"{when} 自动再试")
        self._under.setText("　·　".join(parts))
        self._under.setVisible(bool(parts))

    def _sync(self) -> None:
        line = self.session.line
        if line is None:
            return
        if line.facts().signed_in:
            line.sync_now()
        else:
            self.session.ask_sign_in()

    def _stop(self) -> None:
        if self.session.line is not None:
            self.session.line.stop_cycle()

    def _show_outcome(self, outcome: SyncOutcome) -> None:
        if not self.isVisible():
            return
        if outcome.problem is not None:
            kind: MessageKind = "warn" if messages.is_expected(outcome.problem) else "bad"
            text = messages.sentence(outcome.problem)
            self.session.show_message(text, kind, code=outcome.problem.code)
        elif outcome.sent or outcome.events:
            self.session.show_message(outcome_words(outcome), "good")

    # --- the lists ----------------------------------------------------------------------------

    def _show_lists(self, lists: Lists) -> None:
        self._lists = lists
        fill(self.waiting, lists.waiting)
        fill(self.batches, lists.batches)
        fill(self.rejected, lists.rejected)
        fill(self.stored, lists.stored)
        for place, name in ((0, "waiting"), (2, "rejected"), (3, "stored")):
            count = lists.counts[name]
            self.tabs.setTabText(place, f"{TABS[place]} {count:,}" if count else TABS[place])
        self._on_tab()

    def _on_tab(self, _place: int = 0) -> None:
        table = self.tabs.currentWidget()
        assert isinstance(table, Table)
        self.detail.setVisible(table is not self.batches)
        if table is self.batches:
            return
        row = current(table)
        if row is None and table.model().rowCount():
            table.selectRow(0)
            row = current(table)
        self._read(row)

    def _on_row(self, index: QModelIndex, _before: QModelIndex) -> None:
        table = self.tabs.currentWidget()
        if index.isValid() and isinstance(table, Table) and index.model() is table.model():
            self._read(current(table))

    def _read(self, row: RecordRow | WaitingRow | None) -> None:
        if row is None:
            self.detail.clear(self.tabs.currentIndex())
            return
        desk = self.session.desk
        self.session.tasks.read(lambda: reading.read_detail(desk, row), self._show_detail)

    def _show_detail(self, detail: RecordDetail) -> None:
        table = self.tabs.currentWidget()
        row = current(table) if isinstance(table, Table) and table is not self.batches else None
        if row is not None and row.record_id == detail.row.record_id:
            self.detail.show_record(detail)

    def _paper(self) -> Paper:
        place = self.tabs.currentIndex()
        table = self.tabs.currentWidget()
        row = current(table) if isinstance(table, Table) and table is not self.batches else None
        record_id = None if row is None or row.op == "decide" else row.record_id
        return Paper(f"{TABS[place]}清单", LISTS[place], record_id, more=(("回执清单", receipts_listing),))

    # --- layout -------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        title = QLabel(self.title)
        title.setProperty("role", "title")
        head = QHBoxLayout()
        head.setContentsMargins(16, 8, 16, 0)
        head.addWidget(title)
        head.addStretch(1)
        head.addWidget(self.papers.button)
        top = QFrame()
        top.setProperty("role", "surface")
        words_column = QVBoxLayout()
        words_column.setSpacing(4)
        words_column.addWidget(self.sentence)
        words_column.addWidget(self._under)
        words_column.addWidget(self._progress)
        row = QHBoxLayout(top)
        row.setContentsMargins(16, 12, 16, 12)
        row.setSpacing(16)
        row.addLayout(words_column, 1)
        row.addWidget(self.stop_button)
        row.addWidget(self.sync_button)
        self.split = QSplitter(Qt.Orientation.Horizontal)
        self.split.addWidget(self.tabs)
        self.split.addWidget(self.detail)
        self.split.setSizes([720, 460])
        self.split.setStretchFactor(0, 3)
        self.split.setStretchFactor(1, 2)
        self.split.setChildrenCollapsible(False)
        self.session.remember("sync/split", self.split)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 16)
        column.setSpacing(12)
        column.addLayout(head)
        for widget, stretch in ((top, 0), (self.split, 1)):
            inset = QHBoxLayout()
            inset.setContentsMargins(16, 0, 16, 0)
            inset.addWidget(widget)
            column.addLayout(inset, stretch)

    def _waiting_table(self) -> Table:
        table = Table("待发送")

        def why(row: WaitingRow) -> str:
            return reading.why_waiting(row, self.session.desk.clock())

        table.setModel(
            RowModel(
                (
                    Column("行政相对人", lambda r: r.subject_name or "—"),
                    Column("文书号", lambda r: r.doc_no or reading.DECISION),
                    Column("状态", lambda r: look(r.state).word, look=lambda r: look(r.state)),
                    Column("发送", lambda r: f"{r.tries} 次" if r.tries else "还没有", tip=why),
                ),
                key=lambda r: r.record_id,
            )
        )
        table.lay_out((160, 172, 120, 72), stretch=0)
        return table

    def _batches_table(self) -> Table:
        table = Table("批次")
        table.setModel(
            RowModel(
                (
                    Column("批次", lambda b: f"{b.device_seq}", sort=lambda b: b.device_seq),
                    Column("条数", lambda b: f"{b.items:,}"),
                    Column("状态", lambda b: BATCH_LOOKS[b.state].word, look=lambda b: BATCH_LOOKS[b.state]),
                    Column("通过", lambda b: f"{b.accepted:,}"),
                    Column("退回", lambda b: f"{b.rejected:,}"),
                    Column("发送次数", lambda b: f"{b.tries}"),
                    Column("最近发送", lambda b: clock_text(b.last_sent_at)),
                    Column(
                        "接下来", self._next, tip=lambda b: messages.sentence(b.problem) if b.problem else ""
                    ),
                ),
                key=lambda b: b.batch_id,
            )
        )
        table.lay_out((56, 56, 88, 56, 56, 76, 104, 160), stretch=7)
        return table

    def _next(self, row: BatchRow) -> str:
        line = self.session.line
        next_try_at = line.next_try_at() if line is not None else None
        return reading.what_next(row, next_try_at, self.session.desk.clock())


def outcome_words(outcome: SyncOutcome) -> str:
    """Say what a cycle brought about."""
    parts = []
    if outcome.accepted:
        parts.append(f"平台接受 {outcome.accepted:,} 条")
    if outcome.rejected:
        parts.append(f"退回 {outcome.rejected:,} 条")
    if outcome.held:
        parts.append(f"待处理 {outcome.held:,} 条")
    if outcome.events:
        parts.append(f"取回 {outcome.events:,} 条通知")
    return "同步完成：" + "，".join(parts) + "。" if parts else "同步完成，没有新内容。"


def _records_table(name: str, state_title: str) -> Table:
    table = Table(name)
    table.setModel(
        RowModel(
            (
                Column("行政相对人", lambda r: r.subject_name or "—"),
                Column("文书号", lambda r: r.doc_no),
                Column(state_title, lambda r: look(r.state).word, look=lambda r: look(r.state)),
                Column("时间", lambda r: clock_text(r.changed_at), sort=lambda r: r.changed_at),
            ),
            key=lambda r: r.record_id,
        )
    )
    table.lay_out((160, 172, 112, 104), stretch=0)
    return table
