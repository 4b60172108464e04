"""A card of 设置: a title, rows of word and value, buttons, and one line for what came of them."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFormLayout, QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from client.ui.theme import Tone, restyle


class Card(QFrame):
    """One subject of the page."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "surface")
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(16, 12, 16, 16)
        self.column.setSpacing(8)
        self.column.addWidget(text(title, "heading"))
        self.rows = QFormLayout()
        self.rows.setHorizontalSpacing(16)
        self.rows.setVerticalSpacing(4)
        self.rows.setLabelAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop)
        self.column.addLayout(self.rows)
        self._said = text("")
        self._said.hide()

    def row(self, word: str, value: str = "") -> QLabel:
        """Add a row; returns the label of its value."""
        label = text(value)
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.rows.addRow(text(word, "secondary"), label)
        return label

    def buttons(self, *made: QPushButton) -> None:
        """Add buttons side by side, and under them the line for what came of them."""
        row = QHBoxLayout()
        row.setSpacing(8)
        for button in made:
            row.addWidget(button)
        row.addStretch(1)
        self.column.addLayout(row)
        self.column.addWidget(self._said)

    def say(self, said: str, tone: Tone = "plain") -> None:
        """Say what came of it; empty takes the line away."""
        restyle(self._said, "tone", tone)
        self._said.setText(said)
        self._said.setVisible(bool(said))

    def said(self) -> str:
        """What it says now."""
        return "" if self._said.isHidden() else self._said.text()


def text(said: str, role: str = "") -> QLabel:
    """Return a wrapped label in a role of the theme."""
    label = QLabel(said)
    label.setWordWrap(True)
    if role:
        label.setProperty("role", role)
    return label
