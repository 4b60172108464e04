"""The line over 比对: whether the platform was asked what others hold, what it said, a button to ask."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from client.core.comparisons import Asked
from client.ui.intake import words
from client.ui.messages import sentence_of
from client.ui.theme import restyle
from client.ui.widgets import buttons


class PlatformLine(QWidget):
    """Says how far the platform was asked.

    Signals:
        ask_wanted(): somebody wants to ask it, or to go on.
    """

    ask_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.said = QLabel()
        self.said.setWordWrap(True)
        self.ask = buttons.plain(words.ASK, self.ask_wanted.emit, words.ASK_KEYS)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.said, 1)
        row.addWidget(self.ask)

    def show_asked(self, asked: Asked, of: int, found: int) -> None:
        """Say how many of so many rows were asked about, and how many others have reported."""
        left = of - len(asked.keys)
        begun, word = bool(asked.keys), words.ASK
        if not of:
            text, tone = words.NOTHING_TO_ASK, ""
        elif asked.problem is not None:
            why = words.ASKING_STOPPED if asked.problem.code == "stopped" else sentence_of(asked.problem)
            text = (words.ASKED_PART if begun else words.NOT_ASKED).format(
                n=len(asked.keys), of=of, found=found, why=why
            )
            tone, word = "warn", words.ASK_REST if begun else words.ASK
        elif left > 0:
            text, tone = words.ASK_HINT.format(n=left), ""
        else:
            text, tone = words.ASKED.format(n=of, found=found), "warn" if found else "good"
        self.said.setText(text)
        self.said.setToolTip(asked.problem.code if asked.problem else "")
        restyle(self.said, "tone", tone)
        self.ask.setText(f"{word} {words.ASK_KEYS}")
        self.ask.setAccessibleName(word)
        self.ask.setVisible(left > 0)
