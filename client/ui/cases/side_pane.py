"""Beside the findings: the applicant's materials, the department's own document, the record, its history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtWidgets import QTabWidget, QWidget

from client.core.records import Attachment
from client.ui.cases import words
from client.ui.records.history import Event, HistoryModel
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
    """

    item: Item
    values: Values
    source: tuple[Attachment, ...]
    events: tuple[Event, ...]


class SidePane(QTabWidget):
    """See the module."""

    def __init__(self, session: Session, item: Item, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.evidence = ViewerPane(session)
        self.source = ViewerPane(session)
        self.form = CatalogForm(item, Setting(session.desk.today))
        self.form.set_read_only(True)
        self._events = HistoryModel()
        self.history = Table(words.TAB_HISTORY)
        self.history.setModel(self._events)
        self.history.lay_out((112, 140, 112, 140, 120), stretch=1, yields={4: 0, 2: 72})
        for pane, word in (
            (self.evidence, words.TAB_EVIDENCE),
            (self.source, words.TAB_SOURCE),
            (self.form, words.TAB_RECORD),
            (self.history, words.TAB_HISTORY),
        ):
            self.addTab(pane, word)
        self.setUsesScrollButtons(True)
        self.setMinimumWidth(240)

    def show_beside(self, beside: Beside, evidence: Sequence[Attachment]) -> None:
        """Show what belongs to one record; the tab that is open stays."""
        self.evidence.show_files(evidence, words.NO_EVIDENCE, words.NO_EVIDENCE_WAY)
        self.source.show_files(beside.source, words.NO_SOURCE, words.NO_SOURCE_WAY)
        self.form.set_values(beside.values)
        self._events.show_events(beside.events)
        for n, count in ((0, len(evidence)), (1, len(beside.source))):
            word = (words.TAB_EVIDENCE, words.TAB_SOURCE)[n]
            self.setTabText(n, f"{word} {count}" if count else word)
