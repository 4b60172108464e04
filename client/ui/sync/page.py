"""报送: one sentence of truth and one button; below, what waits, batches, what came back, what is stored."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, ClassVar, Final

from PySide6.QtCore import QModelIndex, QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QMenu,
    QSplitter,
    QStackedWidget,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from client.core.batches import BatchRow, BatchTry, WaitingRow
from client.core.questions import QuestionRow
from client.core.records import RecordDetail, RecordRow
from client.core.times import from_text
from client.core.workflow import ACCEPTED
from client.errors import ClientError, LinkError
from client.intake.listings import Which, records_listing
from client.intake.road_lists import batches_listing, receipts_listing, waiting_listing
from client.store import outbox
from client.sync import doubts
from client.sync.cycle import SyncOutcome
from client.ui import messages
from client.ui.navigation import Page
from client.ui.papers.button import Papers
from client.ui.papers.verbs import Make, Paper
from client.ui.records.acts import RecordActs
from client.ui.row_model import Role, current, fill
from client.ui.session import MessageKind, Session
from client.ui.sync import reading, tables
from client.ui.sync.batch_panel import BatchPanel
from client.ui.sync.detail import RecordPanel
from client.ui.sync.facts import LineFacts
from client.ui.sync.filter_row import ListTab
from client.ui.sync.head import PAUSE_KEYS, STICK_KEYS, SYNC_KEYS, HeadPanel
from client.ui.sync.question_panel import QuestionPanel
from client.ui.sync.reading import TAB_NAMES, Lists
from client.ui.sync.spans import ago
from client.ui.sync.words import CHOICES, TITLES, as_line, empty_words, outcome_words
from client.ui.widgets import buttons
from client.ui.widgets.empty import EmptyState
from client.ui.widgets.tables import Table

LISTS: Final[dict[str, Make]] = {
    "waiting": waiting_listing,
    "batches": batches_listing,
    "rejected": partial(records_listing, which=Which(states=reading.REJECTED)),
    "stored": partial(records_listing, which=Which(states=reading.STORED)),
    "questions": receipts_listing,
}
"""What is exported of each tab: all of it, not only what is shown."""


class SyncPage(Page):
    """See the module."""

    name = "sync"
    title = "报送"
    icon = "upload-simple"
    kinds: ClassVar[frozenset[str]] = frozenset({"outbox"})

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self._lists: Lists | None = None
        self._asked_questions = False
        self.head = HeadPanel(session)
        self.waiting = tables.waiting_table(self._next_of)
        self.batches = tables.batches_table(self._next_of_batch)
        self.rejected = tables.rejected_table(self._reason_of)
        self.stored = tables.records_table("已入库", "进度")
        self.questions = tables.questions_table(self._item_name)
        self.tabs = QTabWidget()
        self.lists: dict[str, ListTab] = {}
        for name in TAB_NAMES:
            self._add_tab(name, getattr(self, name))
        self.detail = RecordPanel(session)
        self.batch = BatchPanel(session)
        self.question = QuestionPanel(session)
        self.empty = EmptyState("package", "")
        self.right = QStackedWidget()
        for panel in (self.empty, self.detail, self.batch, self.question):
            self.right.addWidget(panel)
        self.papers = Papers(session, self, self._paper)
        self._acts = RecordActs(session, self)
        self._acts.went.connect(lambda record_id: session.navigate("records", record_id=record_id))
        self._lay_out()
        self.tabs.currentChanged.connect(self._on_tab)
        for keys, then in (
            (SYNC_KEYS, self.head.sync), (STICK_KEYS, self.head.turn_stick), (PAUSE_KEYS, self.head.pause),
        ):  # fmt: skip
            buttons.on_keys(keys, self, then)
        if session.line is not None:
            session.line.facts_changed.connect(self._on_facts)
            session.line.finished.connect(self._show_outcome)

    # --- what others ask ------------------------------------------------------------------------

    @property
    def sentence(self) -> QLabel:
        """The sentence of truth."""
        return self.head.sentence

    @property
    def sync_button(self) -> Any:
        """The one button."""
        return self.head.sync_button

    def open(self, **where: Any) -> None:
        """Show the page; `tab` (of TAB_NAMES) chooses a list, `stick` opens what goes by stick."""
        if where.get("tab") in TAB_NAMES:
            self.tabs.setCurrentIndex(TAB_NAMES.index(str(where["tab"])))
        self._table().setFocus()
        if where.get("stick") and self.head.stick.isHidden():
            self.head.turn_stick()

    def reload(self) -> None:
        """Read the lists again."""
        desk = self.session.desk
        filters = {name: tab.filter() for name, tab in self.lists.items()}
        self.session.tasks.read(lambda: reading.read_lists(desk, filters), self._show_lists)

    # --- the lists ------------------------------------------------------------------------------

    def _show_lists(self, lists: Lists) -> None:
        self._lists = lists
        for place, name in enumerate(TAB_NAMES):
            rows, count = lists.rows(name), lists.counts.get(name, 0)
            fill(getattr(self, name), rows)
            tab = self.lists[name]
            tab.say_count(
                len(rows), None if tab.is_filtered() or name == "questions" else lists.counts.get(name)
            )
            self.tabs.setTabText(place, f"{TITLES[name]} {count:,}" if count else TITLES[name])
        self._on_tab()

    def _on_tab(self, _place: int = 0) -> None:
        table = self._table()
        row = current(table)
        if row is None and table.model().rowCount():
            table.selectRow(0)
            row = current(table)
        self._show_row(row)
        if self._tab() == "questions":
            self._fetch_questions()

    def _on_row(self, index: QModelIndex, _before: QModelIndex) -> None:
        if index.isValid() and index.model() is self._table().model():
            self._show_row(current(self._table()))

    def _show_row(self, row: RecordRow | WaitingRow | BatchRow | QuestionRow | None) -> None:
        desk = self.session.desk
        if row is None:
            self._show_empty()
        elif isinstance(row, BatchRow):
            self.session.tasks.read(
                lambda: reading.read_batch(desk, row), lambda read: self._show_batch(*read)
            )
        elif isinstance(row, QuestionRow):
            self.session.tasks.read(
                lambda: reading.read_question(desk, row), lambda read: self._show_question(*read)
            )
        else:
            self.session.tasks.read(lambda: reading.read_detail(desk, row), self._show_detail)

    def _show_detail(self, detail: RecordDetail) -> None:
        row = current(self._table())
        if isinstance(row, RecordRow | WaitingRow) and row.record_id == detail.row.record_id:
            self.detail.show_record(detail)
            self.right.setCurrentWidget(self.detail)

    def _show_batch(self, row: BatchRow, tries: tuple[BatchTry, ...]) -> None:
        now = current(self._table())
        if isinstance(now, BatchRow) and now.batch_id == row.batch_id:
            self.batch.show_batch(row, tries, self._next_of_batch(row))
            self.right.setCurrentWidget(self.batch)

    def _show_question(self, row: QuestionRow, reason: str) -> None:
        now = current(self._table())
        if isinstance(now, QuestionRow) and now.question.version_id == row.question.version_id:
            self.question.show_question(row, reason)
            self.right.setCurrentWidget(self.question)

    def _reason_of(self, row: RecordRow) -> Mapping[str, Any] | None:
        return self._lists.reasons.get(row.record_id) if self._lists is not None else None

    def _show_empty(self) -> None:
        tab = self.lists[self._tab()]
        if tab.is_filtered():
            self.empty.say("funnel", "没有符合筛选的", "换一个筛选，或清除它。", ("清除筛选", tab.clear))
        elif self._tab() == "waiting" and self._lists is not None and self._lists.counts["rejected"]:
            count = self._lists.counts["rejected"]
            step = (f"看退回的 {count:,} 条", lambda: self.open(tab="rejected"))
            self.empty.say("warning", "没有待发送的记录", "有被平台退回的，改好再提交就会自动发送。", step)
        else:
            self.empty.say(*empty_words(self.session, self._tab(), self._questions_words()))
        self.right.setCurrentWidget(self.empty)

    def _on_facts(self, facts: LineFacts) -> None:
        for table in (self.waiting, self.batches):
            rows = table.model().rowCount()
            if rows:
                last = table.model().index(rows - 1, table.model().columnCount() - 1)
                table.model().dataChanged.emit(table.model().index(0, 0), last)
        del facts

    def _next_of(self, row: WaitingRow) -> str:
        return reading.next_of(row, self._facts())

    def _next_of_batch(self, row: BatchRow) -> str:
        return reading.what_next(row, self._facts())

    def _facts(self) -> LineFacts:
        line = self.session.line
        return line.facts() if line is not None else LineFacts(now=self.session.desk.clock())

    def _item_name(self, code: str) -> str:
        item = self.session.desk.catalogs.current.items.get(code)
        return item.name if item is not None else code

    # --- questions ------------------------------------------------------------------------------

    def _fetch_questions(self, *, again: bool = False) -> None:
        """Ask for the unit's questions, once a sitting or when told; the feed tells what changes."""
        line, desk = self.session.line, self.session.desk
        if line is None or not line.facts().signed_in or (self._asked_questions and not again):
            return
        self._asked_questions = True
        line.with_line(
            lambda wire: doubts.fetch(desk, wire, _never), lambda _count: self.reload(),
            None if again else self._not_fetched,
        )  # fmt: skip

    def _not_fetched(self, error: ClientError) -> bool:
        """Nobody asked for it: a dead line is what the head of the page says, anything else is shown."""
        self._asked_questions = False
        return isinstance(error, LinkError)

    def _questions_words(self) -> str:
        at = self._lists.questions_at if self._lists is not None else None
        if at is None:
            return "还没有从平台取过。联网登录后自动取回。"
        return f"平台{ago(from_text(at), self.session.desk.clock())}的情况。"

    # --- what a person does to rows -------------------------------------------------------------

    def selected(self) -> list[Any]:
        """The rows that are chosen in the list that is shown."""
        return [index.data(Role.ROW) for index in self._table().selectionModel().selectedRows()]

    def release(self) -> None:
        """Let every chosen version that is set aside try again."""
        desk = self.session.desk
        ids = [
            row.version_id
            for row in self.selected()
            if isinstance(row, WaitingRow) and row.state == "blocked"
        ]
        if not ids:
            return

        def freed() -> int:
            for version_id in ids:
                outbox.release(desk, version_id)
            return len(ids)

        self.session.tasks.write(
            freed,
            lambda count: self.session.show_message(f"已放回 {count:,} 条，下次同步时再送。", "good"),
            changes=frozenset({"records", "outbox"}),
        )

    def copy(self) -> None:
        """Put what is said of the chosen rows on the clipboard."""
        if self._tab() == "batches":
            self.batch.copy()
            return
        lines = [as_line(row) for row in self.selected()]
        if lines:
            QGuiApplication.clipboard().setText("\n".join(lines))
            self.session.show_message(f"已复制 {len(lines):,} 条。", "good")

    def menu_of(self, rows: list[Any]) -> QMenu:
        """Return what can be done to rows."""
        menu = QMenu(self)
        menu.addAction("打开\tEnter", self._open)
        if any(_is_set_aside(row) for row in rows):
            menu.addAction("再试一次", self.release)
        if any(isinstance(row, RecordRow) and row.state in ACCEPTED for row in rows) and len(rows) == 1:
            menu.addAction("更正", lambda: self._acts.begin_change(rows[0].record_id, "correct"))
        menu.addAction("复制\tCtrl+C", self.copy)
        if self._tab() not in ("batches", "questions"):
            menu.addAction("打印这条记录\tCtrl+P", self.papers.print_record)
        menu.addAction("导出清单…", self.papers.ask_for_place)
        if self._tab() == "questions":
            menu.addAction("从平台重新取", lambda: self._fetch_questions(again=True))
        return menu

    def _open(self) -> None:
        if self._tab() == "questions":
            self.question.open_record()
        elif self._tab() != "batches":
            self.detail.open_record()

    def _show_menu(self, at: QPoint) -> None:
        rows = self.selected()
        if rows:
            self.menu_of(rows).popup(self._table().viewport().mapToGlobal(at))

    def _show_outcome(self, outcome: SyncOutcome) -> None:
        told = outcome.resent or outcome.clock_jump_s is not None
        if not self.isVisible() and not told:
            return
        if outcome.problem is not None:
            kind: MessageKind = "warn" if messages.is_expected(outcome.problem) else "bad"
            text = messages.sentence(outcome.problem)
            self.session.show_message(text, kind, code=outcome.problem.code)
        elif outcome.sent or outcome.events or told:
            self.session.show_message(outcome_words(outcome), "warn" if told else "good")

    def _paper(self) -> Paper:
        tab, row = self._tab(), current(self._table())
        is_record = isinstance(row, RecordRow | WaitingRow) and row.op != "decide"
        title = "回执清单" if tab == "questions" else f"{TITLES[tab]}清单"
        return Paper(
            title, LISTS[tab], row.record_id if is_record else None, more=(("回执清单", receipts_listing),)
        )

    # --- layout ---------------------------------------------------------------------------------

    def _tab(self) -> str:
        return TAB_NAMES[self.tabs.currentIndex()]

    def _table(self) -> Table:
        return self.lists[self._tab()].table

    def _add_tab(self, name: str, table: Table) -> None:
        tab = self.lists[name] = ListTab(table, CHOICES[name], searched=name != "batches")
        tab.asked.connect(self.reload)
        table.selectionModel().currentRowChanged.connect(self._on_row)
        table.activated.connect(lambda _index: self._open())
        table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        table.customContextMenuRequested.connect(self._show_menu)
        buttons.on_keys("Ctrl+C", table, self.copy)
        self.tabs.addTab(tab, TITLES[name])

    def _lay_out(self) -> None:
        title = QLabel(self.title)
        title.setProperty("role", "title")
        head = QHBoxLayout()
        head.setContentsMargins(16, 8, 16, 0)
        head.addWidget(title)
        head.addStretch(1)
        head.addWidget(self.papers.button)
        self.split = QSplitter(Qt.Orientation.Horizontal)
        self.split.addWidget(self.tabs)
        self.split.addWidget(self.right)
        self.split.setSizes([720, 460])
        self.split.setStretchFactor(0, 3)
        self.split.setStretchFactor(1, 2)
        self.split.setChildrenCollapsible(False)
        self.session.remember("sync/split", self.split)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 16)
        column.setSpacing(12)
        column.addLayout(head)
        for widget, stretch in ((self.head, 0), (self.split, 1)):
            inset = QHBoxLayout()
            inset.setContentsMargins(16, 0, 16, 0)
            inset.addWidget(widget)
            column.addLayout(inset, stretch)


def _is_set_aside(row: Any) -> bool:
    return isinstance(row, WaitingRow) and row.state == "blocked"


def _never() -> bool:
    return False
