"""复核: acts that wait at the left, the record at the right; approve (Enter) or return (R).

A whole import is one act: its sums are shown, its entries can be read one by one, doubtful ones
are marked and go back while the rest passes in one signature. Whoever submitted an act is told
before the click that another person must review it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, ClassVar, Final

from PySide6.QtCore import QModelIndex
from PySide6.QtWidgets import QLabel, QProgressBar, QWidget

from client.core.records import ActEntry, ActRow, Approved
from client.intake.listings import act_listing
from client.store import act_sums
from client.store.act_sums import Which
from client.ui.navigation import Page
from client.ui.papers.button import Papers
from client.ui.papers.verbs import Paper
from client.ui.review import reading, verbs
from client.ui.review.layout import lay_out, split_of
from client.ui.review.panels import PassphraseStrip, ReturnStrip
from client.ui.review.reading import ActView, EntryView
from client.ui.review.record_view import RecordView
from client.ui.review.sitting import Sitting
from client.ui.review.tables import acts_table, entries_table
from client.ui.review.whole import WholeStrip
from client.ui.row_model import RowModel, choose, current, fill
from client.ui.session import Session
from client.ui.tasks import Task
from client.ui.widgets import buttons
from client.ui.widgets.elided import ElidedLabel
from client.ui.widgets.tables import Table

LARGE_ACT: Final = 500  # entries above which approving shows its progress and can be stopped

APPROVED: Final = frozenset({"records", "review", "outbox", "cases"})
RETURNED: Final = frozenset({"records", "review", "cases"})

OWN_ACT: Final = "这一份是你自己提交的，要由另一位复核员来复核。"
NO_ROLE: Final = "你的角色不含复核，这里只能查看。"


class ReviewPage(Page):
    """See the module."""

    name = "review"
    title = "复核"
    icon = "check-circle"
    kinds: ClassVar[frozenset[str]] = frozenset({"review"})

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self._marked: dict[str, str] = {}
        self._view: ActView | None = None
        self._writing_reason_of = ""
        self._act_id = ""
        self._wanted_record = ""
        self._approving = False
        self._reason = ""
        self._running: Task | None = None
        self._summary = QLabel()
        self._summary.setProperty("role", "secondary")
        self.whole = WholeStrip()
        self.whole.hide()
        self.acts = acts_table()
        self.entries = entries_table(lambda entry: entry.record_id in self._marked, self._is_seen)
        self.record = RecordView(session)
        self.returning = ReturnStrip()
        self.passphrase = PassphraseStrip()
        self._sitting = Sitting(session, self.passphrase)
        self._said = ElidedLabel(role="secondary")
        self._progress = QProgressBar()
        self._progress.setFixedWidth(160)
        self._progress.hide()
        self.mark_button = buttons.plain("标记退回", self.toggle_mark, "空格")
        self.return_button = buttons.plain("退回", self.ask_return, "R")
        self.approve_button = buttons.primary("通过", self.approve, "Enter")
        self.stop_button = buttons.plain("停止", self._stop)
        self.stop_button.hide()
        self.papers = Papers(session, self, self._paper)
        self._lay_out()
        self._set_keys()
        self.acts.selectionModel().currentRowChanged.connect(self._on_act)
        self.entries.selectionModel().currentRowChanged.connect(self._on_entry)
        self.returning.given.connect(self._on_reason)
        self.whole.asked.connect(self._reread)
        self.whole.drawn.connect(self._on_drawn)

    def bottom_px(self) -> int:
        """The action bar, and a strip over it that asks something."""
        strips = sum(strip.height() for strip in (self.returning, self.passphrase) if strip.isVisible())
        return super().bottom_px() + strips

    # --- what is shown ------------------------------------------------------------------------

    def open(self, **where: Any) -> None:
        """Show the acts; `act_id` or `record_id` chooses one."""
        self._act_id = str(where.get("act_id", self._act_id))
        self._wanted_record = str(where.get("record_id", ""))
        self.acts.setFocus()
        if where:
            self.reload()

    def reload(self) -> None:
        """Read the acts again."""
        desk = self.session.desk
        self.session.tasks.read(lambda: reading.read_acts(desk), self._show_acts)

    def _show_acts(self, acts: list[ActRow]) -> None:
        total = sum(act.waiting for act in acts)
        self._summary.setText(f"{len(acts):,} 份待复核，共 {total:,} 条" if acts else "")
        act = fill(self.acts, acts, otherwise_first=True)
        wanted = self._model(self.acts).place_of(self._act_id) if self._act_id else None
        if wanted is not None:
            choose(self.acts, wanted)
            act = acts[wanted]
        if act is None:
            self._act_id = ""
            self._marked.clear()
            fill(self.entries, [])
            self.entries.hide()
            self.whole.clear()
            self.record.clear()
            self._say_act()
        else:
            self._read_entries(act)

    def _on_act(self, index: QModelIndex, _before: QModelIndex) -> None:
        act = current(self.acts) if index.isValid() else None
        if act is not None and act.act_id != self._act_id:
            self._read_entries(act)

    def _read_entries(self, act: ActRow) -> None:
        if act.act_id != self._act_id:
            self._marked.clear()
        self._act_id = act.act_id
        desk, which, known = self.session.desk, self.whole.which(act.act_id), self._view
        self.session.tasks.read(lambda: reading.read_act(desk, act, which, known), self._show_entries)

    def _reread(self) -> None:
        if (act := self._act()) is not None:
            self._read_entries(act)

    def _on_drawn(self, which: Which) -> None:
        act, desk = self._act(), self.session.desk
        if act is not None:
            self.session.tasks.write(lambda: act_sums.draw(desk, act, which), lambda _: self._reread())

    def _is_seen(self, entry: ActEntry) -> bool:
        return self._view is not None and entry.version_id in self._view.seen

    def _look_at(self, entry: ActEntry) -> None:
        """Remember that an entry of a sample was looked at."""
        view = self._view
        if view is None or not self.whole.which(self._act_id).sample or entry.version_id in view.seen:
            return
        desk, act_id = self.session.desk, self._act_id
        self._view = replace(view, seen=view.seen | {entry.version_id})
        self.whole.show_view(self._view, desk.catalogs)
        self.session.tasks.write(lambda: act_sums.looked_at(desk, act_id, entry.version_id))

    def _show_entries(self, view: ActView) -> None:
        if view.act.act_id != self._act_id:
            return
        entries = view.entries
        self._view = view
        self.whole.show_view(view, self.session.desk.catalogs)
        listed = {entry.record_id for entry in entries}
        if view.found == view.act.waiting == len(entries):  # what has left the act is marked no more
            self._marked = {one: why for one, why in self._marked.items() if one in listed}
        entry = fill(self.entries, entries, otherwise_first=True)
        wanted = next((n for n, e in enumerate(entries) if e.record_id == self._wanted_record), None)
        if wanted is not None:
            choose(self.entries, wanted)
            entry = entries[wanted]
        self._wanted_record = ""
        self.entries.setVisible(view.act.waiting > 1)
        self._say_act()
        if entry is None:
            self.record.clear()
        else:
            self._read_entry(entry)

    def _on_entry(self, index: QModelIndex, _before: QModelIndex) -> None:
        entry = current(self.entries) if index.isValid() else None
        shown = self.record.shown()
        if entry is not None and (shown is None or shown.entry.version_id != entry.version_id):
            self._read_entry(entry)

    def _read_entry(self, entry: ActEntry) -> None:
        desk = self.session.desk
        self.session.tasks.read(lambda: reading.read_entry(desk, entry), self._show_entry)

    def _show_entry(self, view: EntryView) -> None:
        entry = current(self.entries)
        if entry is not None and entry.version_id == view.entry.version_id:
            self.record.show_entry(view)
            self._look_at(entry)

    def _paper(self) -> Paper:
        act, entry = self._act(), current(self.entries)
        if act is None:
            return Paper("复核清单")
        record_id = entry.record_id if entry is not None and entry.op != "decide" else None
        return Paper("复核清单", lambda desk: act_listing(desk, act.act_id), record_id)

    # --- what may be done ---------------------------------------------------------------------

    def _act(self) -> ActRow | None:
        act: ActRow | None = current(self.acts)
        return act

    def _refusal(self, act: ActRow | None) -> str:
        """Say before the click why this act is not this operator's; empty when it is."""
        operator = self.session.operator
        if "reviewer" not in operator.roles:
            return NO_ROLE
        if act is not None and act.maker == operator.operator_id:
            return OWN_ACT
        return ""

    def _say_act(self) -> None:
        act = self._act()
        why = self._refusal(act)
        can = act is not None and not why and self._running is None
        several = act is not None and act.waiting > 1
        for button in (self.approve_button, self.return_button, self.mark_button):
            button.setEnabled(can)
        self.mark_button.setVisible(several and act is not None and act.case_id is None)
        if act is None:
            self._said.setText(why)
            self.approve_button.setText("通过 Enter")
            return
        passing = act.waiting - len(self._marked)
        word = "通过" if not several else f"通过 {passing:,} 条"
        self.approve_button.setText(f"{word} Enter")
        self.approve_button.setEnabled(can and passing > 0)
        marked = f"，标记退回 {len(self._marked):,} 条（W 单独写原因）" if self._marked else ""
        sums = f"{act.waiting:,} 条待复核{marked}：{act.title}"
        self._said.setText(why or sums)

    def toggle_mark(self) -> None:
        """Mark the entry as one that goes back, or take the mark away; go on to the next."""
        entry: ActEntry | None = current(self.entries)
        if entry is None or not self.mark_button.isEnabled() or self.mark_button.isHidden():
            return
        if self._marked.pop(entry.record_id, None) is None:
            self._marked[entry.record_id] = ""
        model = self._model(self.entries)
        place = self.entries.currentIndex().row()
        model.dataChanged.emit(model.index(place, 0), model.index(place, model.columnCount() - 1))
        self._say_act()
        if place + 1 < model.rowCount():
            choose(self.entries, place + 1)

    # --- return -------------------------------------------------------------------------------

    def ask_own_reason(self) -> None:
        """Ask why the current marked entry goes back, apart from the others."""
        entry: ActEntry | None = current(self.entries)
        if entry is not None and entry.record_id in self._marked:
            self._writing_reason_of = entry.record_id
            self.returning.ask(f"“{entry.subject_name or '这一条'}”单独的退回原因：", None)

    def _own_reasons(self) -> dict[str, str]:
        return {record_id: why for record_id, why in self._marked.items() if why}

    def ask_return(self) -> None:
        """Ask why the marked entries, or the one that is shown, go back."""
        entry: ActEntry | None = current(self.entries)
        if entry is None or not self.return_button.isEnabled():
            return
        self.passphrase.close_strip()
        self._approving, self._writing_reason_of = False, ""
        view = self.record.shown()
        if self._marked:
            self.returning.ask(f"退回标记的 {len(self._marked):,} 条：", None)
        else:
            item = view.item if view is not None else None
            self.returning.ask(f"退回“{entry.subject_name or '这一条'}”：", item, self.record.focused_field())

    def _on_reason(self, reason: str, field_id: str) -> None:
        entry: ActEntry | None = current(self.entries)
        if entry is None:
            return
        if self._writing_reason_of:
            self._marked[self._writing_reason_of] = reason
            self._writing_reason_of = ""
            self.entries.setFocus()
            return
        if self._approving:
            self._reason = reason
            self._sitting.confirmed(self._approve_now)
            return
        ids = sorted(self._marked) or [entry.record_id]
        desk, own = self.session.desk, self._own_reasons()
        self.session.tasks.write(
            lambda: verbs.give_back(desk, ids, reason, field_id, own), self._returned, changes=RETURNED
        )

    def _returned(self, count: int) -> None:
        self._marked.clear()
        self.session.show_message(f"已退回 {count:,} 条，填报人会看到原因。", "good")
        self.acts.setFocus()

    # --- approve ------------------------------------------------------------------------------

    def approve(self) -> None:
        """Approve the act, all but what is marked."""
        asking = self.returning.isVisible() or self.passphrase.isVisible()
        if self.whole.took_enter() or asking or not self.approve_button.isEnabled():
            return
        self._reason = self._writing_reason_of = ""
        lacking = len(self._marked) - len(self._own_reasons())
        if lacking:
            self._approving = True
            self.returning.ask(f"通过其余，退回标记的 {lacking:,} 条，原因：", None)
        else:
            self._sitting.confirmed(self._approve_now)

    def _approve_now(self) -> None:
        act = self._act()
        if act is None or self._running is not None:
            return
        desk, left_out = self.session.desk, sorted(self._marked)
        reason, own = self._reason, self._own_reasons()
        large = act.waiting > LARGE_ACT

        def work(progress: Any, cancelled: Any) -> Approved:
            return verbs.approve(desk, act.act_id, left_out, reason, own, progress, cancelled)

        tasks = self.session.tasks
        if large:
            self._progress.setRange(0, act.waiting)
            self._running = tasks.work(
                work, self._approved, None, self._progress.setValue, APPROVED, ended=self._ended
            )
        else:
            self._running = tasks.write(
                lambda: work(lambda _done: None, lambda: False),
                self._approved,
                None,
                APPROVED,
                ended=self._ended,
            )
        self._progress.setVisible(large)
        self.stop_button.setVisible(large)
        self._say_act()

    def _approved(self, approved: Approved) -> None:
        back = f"，退回 {len(self._marked):,} 条" if self._marked else ""
        self._marked.clear()
        self.session.show_message(
            f"已通过 {approved.versions:,} 条{back}，进入待发送。",
            "good",
            ("查看报送", lambda: self.session.navigate("sync")),
        )

    def _ended(self) -> None:
        self._running = None
        self._progress.hide()
        self.stop_button.hide()
        self._say_act()
        self.acts.setFocus()

    def _stop(self) -> None:
        if self._running is not None:
            self._running.cancel()

    # --- layout -------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        self.split = split_of(self.acts, self.whole, self.entries, self.record)
        self.session.remember("review/split", self.split)
        lay_out(
            self, title=self.title, summary=self._summary, papers=self.papers.button, split=self.split,
            strips=(self.returning, self.passphrase), said=self._said,
            parts=(
                self._progress, self.stop_button, self.mark_button, self.return_button, self.approve_button,
            ),
        )  # fmt: skip

    def _set_keys(self) -> None:
        # On the lists and the record only: a button or a strip that has the focus keeps its own keys.
        buttons.on_keys("Return", self.split, self.approve)
        buttons.on_keys("Enter", self.split, self.approve)
        buttons.on_keys("R", self.split, self.ask_return)
        buttons.on_keys("Space", self.entries, self.toggle_mark)
        buttons.on_keys("W", self.entries, self.ask_own_reason)
        buttons.on_keys("S", self.entries, self.whole.sample_button.click)

    @staticmethod
    def _model(table: Table) -> RowModel:
        model = table.model()
        assert isinstance(model, RowModel)
        return model
