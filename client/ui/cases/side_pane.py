"""Beside the findings: materials, the department's document, the record, its history, other cases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QModelIndex, Signal
from PySide6.QtWidgets import QStackedWidget, QTabWidget, QWidget

from client.core.records import Attachment
from client.core.times import day_and_clock
from client.store.case_queue import QueueRow
from client.ui.cases import words
from client.ui.cases.queue_words import progress
from client.ui.records.history import Event, HistoryModel
from client.ui.row_model import Column, RowModel, current, fill
from client.ui.session import Session
from client.ui.viewer.pane import ViewerPane
from client.ui.widgets.tables import Table
from forms.catalog.schema import Item, Values
from forms.qt.editor import Setting
from forms.qt.form import CatalogForm


@dataclass(frozen=True, slots=True)
class Beside:
    """What stands beside the findings on one record.

    Attributes:
        values: of the record as the platform held it.
        source: evidence of that version: the department's own document; empty where this desk has none.
        events: of the record on this desk, newest first.
        evidence: what the applicant handed in about it.
    """

    item: Item
    values: Values
    source: tuple[Attachment, ...]
    events: tuple[Event, ...]
    evidence: tuple[Attachment, ...]


class SidePane(QTabWidget):
    """See the module.

    Signals:
        case_asked(str): another case is to be opened.
    """

    case_asked = Signal(str)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.evidence = ViewerPane(session)
        self.source = ViewerPane(session)
        self._session = session
        self._forms: dict[str, CatalogForm] = {}
        self._records = QStackedWidget()
        self._events = HistoryModel()
        self.history = Table(words.TAB_HISTORY)
        self.history.setModel(self._events)
        self.history.lay_out((112, 140, 112, 140, 120), stretch=1, yields={4: 0, 2: 72})
        self.others = _others_table()
        self.others.activated.connect(self._open_other)
        for pane, word in (
            (self.evidence, words.TAB_EVIDENCE),
            (self.source, words.TAB_SOURCE),
            (self._records, words.TAB_RECORD),
            (self.history, words.TAB_HISTORY),
            (self.others, words.TAB_OTHERS),
        ):
            self.addTab(pane, word)
        self.setUsesScrollButtons(True)
        self.setMinimumWidth(240)

    def show_beside(self, beside: Beside, materials: Sequence[Attachment]) -> None:
        """Show what belongs to one record, and the papers of the case; the tab that is open stays."""
        evidence = {one.sha256: one for one in (*beside.evidence, *materials)}
        self.evidence.show_files(list(evidence.values()), words.NO_EVIDENCE, words.NO_EVIDENCE_WAY)
        self.source.show_files(beside.source, words.NO_SOURCE, words.NO_SOURCE_WAY)
        form = self._form(beside.item)
        form.set_values(beside.values)
        self._records.setCurrentWidget(form)
        self._events.show_events(beside.events)
        self._count(0, words.TAB_EVIDENCE, len(evidence))
        self._count(1, words.TAB_SOURCE, len(beside.source))

    def show_others(self, also: Sequence[QueueRow], earlier: Sequence[QueueRow]) -> None:
        """Show other cases about the same records, then about the same subjects."""
        rows = [(one, words.SAME_RECORD) for one in also] + [(one, words.SAME_SUBJECT) for one in earlier]
        fill(self.others, rows)
        self._count(4, words.TAB_OTHERS, len(rows))

    def form(self) -> CatalogForm:
        """The form of the record that is shown."""
        form = self._records.currentWidget()
        assert isinstance(form, CatalogForm)
        return form

    def _form(self, item: Item) -> CatalogForm:
        if item.ref not in self._forms:
            form = self._forms[item.ref] = CatalogForm(item, Setting(self._session.desk.today))
            form.set_read_only(True)
            self._records.addWidget(form)
        return self._forms[item.ref]

    def _count(self, tab: int, word: str, count: int) -> None:
        self.setTabText(tab, f"{word} {count}" if count else word)

    def _open_other(self, _index: QModelIndex) -> None:
        chosen = current(self.others)
        if chosen is not None:
            self.case_asked.emit(chosen[0].case_id)


def _others_table() -> Table:
    table = Table(words.TAB_OTHERS)
    table.setModel(
        RowModel(
            (
                Column("日期", lambda pair: day_and_clock(pair[0].opened_at)[:10]),
                Column("关系", lambda pair: pair[1]),
                Column("进展", lambda pair: progress(pair[0]).word, look=lambda pair: progress(pair[0])),
                Column("主体", lambda pair: pair[0].subject_name or "—"),
            ),
            key=lambda pair: pair[0].case_id,
        )
    )
    table.lay_out((92, 72, 104, 120), stretch=3)
    table.setToolTip(words.OTHERS_TIP)
    return table
