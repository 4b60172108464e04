"""The head of a case: who and what, how far it is, when it is due and why, whose it is, what can be done."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QPushButton, QVBoxLayout, QWidget

from client.ui.cases import act_words, words
from client.ui.cases.act_words import ACTS, FIRST
from client.ui.cases.clock_panel import ClockPanel
from client.ui.cases.queue_words import progress, urgency
from client.ui.cases.reading import CaseView
from client.ui.session import Session
from client.ui.theme import restyle
from client.ui.widgets import buttons
from client.ui.widgets.elided import ElidedLabel
from client.ui.widgets.marks import StateLook, mark_icon


class CaseHead(QWidget):
    """See the module.

    Signals:
        act_asked(str): the kind of the event that a person wants to bring about.
    """

    act_asked = Signal(str)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._subject = QLabel()
        self._subject.setProperty("role", "heading")
        self._subject.setWordWrap(True)
        self._subject.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._what = ElidedLabel(role="secondary")
        self._state, self._state_mark = QLabel(), QLabel()
        self._due, self._due_mark = QLabel(), QLabel()
        self._due.setProperty("role", "heading")
        self.clocks = ClockPanel()
        self.acts: dict[str, QPushButton] = {}
        self._row = QHBoxLayout()
        self._row.setSpacing(8)
        self.menu = QMenu(self)
        self.menu_button = buttons.with_menu(act_words.MENU, self.menu)
        self._lay_out()

    def show_head(self, view: CaseView) -> None:
        """Show it."""
        case, row = view.case, view.row
        self._subject.setText(row.subject_name or "—")
        items = "、".join(dict.fromkeys(item.name for item in view.items))
        owner = words.OWNER.format(name=view.shown.owner_name) if view.shown.owner else words.NO_OWNER
        road = words.CITY_ROAD.format(hall=case.hall_unit, unit=case.unit)
        self._what.setText(f"{words.KINDS.get(case.row.kind, case.row.kind)}　{items}　{owner}　{road}")
        self._mark(self._state, self._state_mark, progress(row))
        due = urgency(row, self._session.desk.today())
        day = ""
        if row.is_open and row.due_on:
            shape = words.CERTAIN_DUE if row.due_certain else words.EARLIEST_DUE
            day = f"　{shape.format(due=row.due_on)}"
        self._mark(
            self._due, self._due_mark, StateLook(due.shape, f"{due.word.split('（')[0]}{day}", due.tone)
        )
        self._due.setVisible(row.is_open)
        self._due_mark.setVisible(row.is_open)
        self.clocks.show_clocks(view.clocks)
        self._show_acts(view)

    def say_lease(self, text: str) -> None:
        """Say who works on it now."""
        self.lease.setText(text)
        self.lease.setVisible(bool(text))

    def _show_acts(self, view: CaseView) -> None:
        first = [kind for kind in FIRST.get(view.shown.stage, ()) if kind in view.can]
        for button in self.acts.values():
            self._row.removeWidget(button)
            button.hide()
            button.deleteLater()
        self.acts = {}
        for place, kind in enumerate(first):
            button = self.acts[kind] = buttons.plain(ACTS[kind].word, partial(self.act_asked.emit, kind))
            self._row.insertWidget(place, button)
        self.menu.clear()
        for kind, act in ACTS.items():
            if kind in view.can and kind not in first:
                self.menu.addAction(act.word, partial(self.act_asked.emit, kind))
        self.menu_button.setVisible(not self.menu.isEmpty())

    def _mark(self, text: QLabel, mark: QLabel, look: StateLook) -> None:
        text.setText(look.word)
        restyle(text, "tone", look.tone)
        mark.setPixmap(mark_icon(look.shape, self.palette(), look.tone).pixmap(QSize(14, 14)))

    def _lay_out(self) -> None:
        self.lease = ElidedLabel(role="secondary")
        self.lease.hide()
        state = QHBoxLayout()
        state.setSpacing(4)
        for part in (self._due_mark, self._due, self._state_mark, self._state):
            state.addWidget(part)
        top = QHBoxLayout()
        top.setSpacing(12)
        top.addWidget(self._subject, 1)
        top.addLayout(state)
        second = QHBoxLayout()
        second.setSpacing(8)
        second.addWidget(self._what, 1)
        self._row.addWidget(self.menu_button)
        second.addLayout(self._row)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 12, 0)
        column.setSpacing(4)
        column.addLayout(top)
        column.addLayout(second)
        column.addWidget(self.clocks)
        column.addWidget(self.lease)
