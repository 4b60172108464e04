"""The right side while several records are selected: what can be done with them together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from client.core.records import RecordRow
from client.core.workflow import Act, refusal
from client.ui.records import words
from client.ui.widgets.buttons import plain
from client.ui.widgets.marks import STATES, mark

TOGETHER: Final[tuple[tuple[Act, str], ...]] = (
    ("submit", words.SUBMIT),
    ("take_back", words.TAKE_BACK),
    ("delete", words.DELETE),
    ("bring_back", words.BRING_BACK),
)


class ChoicePanel(QFrame):
    """How many are selected, in what states, and a button for each act that suits some of them.

    Signals:
        asked(str, list): an act, and the rows that it is possible for.
    """

    asked = Signal(str, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "surface")
        self._title = QLabel()
        self._title.setProperty("role", "heading")
        self._states = QVBoxLayout()
        self._acts = QVBoxLayout()
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 24)
        column.setSpacing(12)
        column.addWidget(self._title)
        column.addLayout(self._states)
        column.addLayout(self._acts)
        column.addStretch(1)

    def show_rows(self, rows: Sequence[RecordRow], roles: frozenset[str]) -> None:
        """Show what is selected and what is possible."""
        self._title.setText(words.CHOSEN.format(n=len(rows)))
        _clear(self._states)
        _clear(self._acts)
        for state, n in Counter(row.state for row in rows).most_common():
            self._states.addWidget(self._state_line(state, n))
        for act, word in TOGETHER:
            suited = [row for row in rows if refusal(act, roles, row.state) is None]
            if act == "bring_back":
                suited = [row for row in suited if row.state == "deleted"]
            if suited:
                self._acts.addWidget(self._act_line(act, word, suited))
        if not self._acts.count():
            none = QLabel(words.CHOSEN_NONE)
            none.setProperty("role", "secondary")
            self._acts.addWidget(none)

    def _state_line(self, state: str, n: int) -> QWidget:
        line = QWidget()
        row = QHBoxLayout(line)
        row.setContentsMargins(0, 0, 0, 0)
        shape = QLabel()
        shown = STATES[state]
        shape.setPixmap(mark(shown.shape, self.palette(), shown.tone, ratio=self.devicePixelRatioF()))
        row.addWidget(shape)
        row.addWidget(QLabel(f"{shown.word}　{words.COUNT.format(n=n)}"))
        row.addStretch(1)
        return line

    def _act_line(self, act: Act, word: str, suited: list[RecordRow]) -> QWidget:
        line = QWidget()
        row = QHBoxLayout(line)
        row.setContentsMargins(0, 0, 0, 0)
        button = plain(word, lambda: self.asked.emit(act, suited))
        button.setObjectName(act)
        row.addWidget(button)
        note = QLabel(words.CHOSEN_CAN.format(n=len(suited), act=word))
        note.setProperty("role", "secondary")
        row.addWidget(note)
        row.addStretch(1)
        return line


def _clear(column: QVBoxLayout) -> None:
    while (item := column.takeAt(0)) is not None:
        widget = item.widget()
        if widget is not None:
            widget.hide()
            widget.deleteLater()
