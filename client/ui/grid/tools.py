"""What stands over the table of a grid: verbs with their keys, counts, and what is to be shown."""

from __future__ import annotations

from functools import partial
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QPushButton, QWidget

from client.ui.grid import words
from client.ui.widgets.buttons import plain

VERBS: Final = (
    ("undo", words.UNDO, "Ctrl+Z"),
    ("redo", words.REDO, "Ctrl+Y"),
    ("fill_down", words.FILL_DOWN, "Ctrl+D"),
    ("delete_rows", words.DELETE_ROWS, "Ctrl+-"),
)
SEARCH_PX: Final = 180


class Tools(QWidget):
    """See the module.

    Signals:
        asked(str): a verb of `VERBS`.
        narrowed(): other rows are to be shown.
    """

    asked = Signal(str)
    narrowed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.buttons = {verb: plain(word, partial(self.asked.emit, verb), keys) for verb, word, keys in VERBS}
        self.count = QLabel()
        self.only = QPushButton(words.ONLY_PROBLEMS)
        self.only.setCheckable(True)
        self.only.setAutoDefault(False)
        self.only.toggled.connect(lambda _on: self.narrowed.emit())
        self.search = QLineEdit()
        self.search.setPlaceholderText(f"{words.SEARCH} Ctrl+F")
        self.search.setAccessibleName(words.SEARCH)
        self.search.setMaximumWidth(SEARCH_PX)
        self.search.textChanged.connect(lambda _text: self.narrowed.emit())
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        for button in self.buttons.values():
            row.addWidget(button)
        row.addStretch(1)
        for part in (self.count, self.only, self.search):
            row.addWidget(part)

    def show_all(self) -> None:
        """Let every row through."""
        self.only.setChecked(False)
        self.search.clear()

    def wanted(self) -> tuple[str, bool]:
        """The text that rows must hold, and whether only those with problems are wanted."""
        return self.search.text().strip().casefold(), self.only.isChecked()
