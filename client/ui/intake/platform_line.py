"""The line over 比对: whether the platform was asked what others hold, what it said, a button to ask."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QWidget

from client.core.comparisons import Asked
from client.ui.intake import words
from client.ui.messages import sentence_of
from client.ui.theme import restyle
from client.ui.widgets import buttons

LONGEST_REASON: Final = 200
REASON_WIDTH: Final = 240


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
        self.may_ask_about_persons = False
        self._only_persons = False
        self.reason = QLineEdit()
        self.reason.setPlaceholderText(words.PERSON_REASON)
        self.reason.setAccessibleName(words.PERSON_REASON)
        self.reason.setMaxLength(LONGEST_REASON)
        self.reason.setFixedWidth(REASON_WIDTH)
        self.reason.returnPressed.connect(self.ask_wanted)
        self.ask = buttons.plain(words.ASK, self.ask_wanted.emit, words.ASK_KEYS)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.said, 1)
        row.addWidget(self.reason)
        row.addWidget(self.ask)

    def lacks_reason(self) -> bool:
        """Go to where the reason is written, when there is nothing else left to ask and none is written."""
        lacks = self._only_persons and not self.reason.text().strip()
        if lacks:
            self.reason.setFocus()
        return lacks

    def show_asked(self, asked: Asked, of: int, found: int, persons: int) -> None:
        """Say how many of so many rows were asked about, and how many others have reported.

        Those about persons are asked about only with a reason, by whoever may.
        """
        left_out = 0 if asked.persons else persons
        of -= left_out
        left = of - len(asked.keys)
        begun, word = bool(asked.keys), words.ASK
        if not of:
            text, tone = "" if left_out else words.NOTHING_TO_ASK, ""
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
        if left_out:
            more = words.ASK_PERSONS if self.may_ask_about_persons else words.ASK_PERSONS_NOT
            text += more.format(n=left_out)
        can_ask_more = bool(left_out) and self.may_ask_about_persons
        self._only_persons = can_ask_more and left <= 0
        self.reason.setVisible(can_ask_more)
        self.said.setText(text)
        self.said.setToolTip(asked.problem.code if asked.problem else "")
        restyle(self.said, "tone", tone)
        self.ask.setText(f"{word} {words.ASK_KEYS}")
        self.ask.setAccessibleName(word)
        self.ask.setVisible(left > 0 or can_ask_more)
