"""The bar at the bottom, always in view: what is saved, the record before and after, the two verbs."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from client.ui.records import words
from client.ui.theme import restyle
from client.ui.widgets.buttons import bar, plain, primary


class ActionBar(QWidget):
    """Buttons that say their keys.

    Signals:
        stepped(int): to the record before (-1) or after (1).
        save_asked, submit_asked: the verbs.
    """

    stepped = Signal(int)
    save_asked = Signal()
    submit_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._status = QLabel()
        self._status.setProperty("role", "small")
        self.before = plain(words.BEFORE, lambda: self.stepped.emit(-1), icon_name="caret-left")
        self.after = plain(words.AFTER, lambda: self.stepped.emit(1), icon_name="caret-right")
        self.before.setToolTip("Alt+↑")
        self.after.setToolTip("Alt+↓")
        self.save = plain(words.SAVE, self.save_asked.emit, words.SAVE_KEYS)
        self.submit = primary(words.SUBMIT_AND_NEW, self.submit_asked.emit, words.SUBMIT_KEYS)
        frame, row = bar()
        row.addWidget(self._status, 1)
        row.addWidget(self.before)
        row.addWidget(self.after)
        row.addSpacing(16)
        row.addWidget(self.save)
        row.addWidget(self.submit)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(frame)

    def say(self, text: str, tone: str = "") -> None:
        """Say what is saved."""
        self._status.setText(text)
        restyle(self._status, "tone", tone)

    def text(self) -> str:
        """What it says."""
        return self._status.text()

    def offer(self, *, save: bool, submit: bool, before: bool, after: bool) -> None:
        """Let be pressed what is possible."""
        self.save.setEnabled(save)
        self.submit.setEnabled(submit)
        self.before.setEnabled(before)
        self.after.setEnabled(after)


def title_row(title: str) -> tuple[QHBoxLayout, QLabel]:
    """Return the row over a page, with its title at the left."""
    row = QHBoxLayout()
    row.setContentsMargins(16, 8, 12, 8)
    row.setSpacing(8)
    label = QLabel(title)
    label.setProperty("role", "title")
    row.addWidget(label)
    row.addStretch(1)
    return row, label
