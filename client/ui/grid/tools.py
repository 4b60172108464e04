"""What stands over the table of a grid: verbs with their keys, counts, and what is to be shown."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QPushButton, QWidget

from client.ui.grid import words
from client.ui.grid.model import GridModel
from client.ui.grid.sheet import SheetRow
from client.ui.widgets.buttons import link, plain

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
        asked(str): a verb of `VERBS`, or older or newer: another part of a long list.
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
        self.older = link(words.OLDER, partial(self.asked.emit, "older"))
        self.newer = link(words.NEWER, partial(self.asked.emit, "newer"))
        self.older.setToolTip(words.OLDER_KEYS)
        self.newer.setToolTip(words.NEWER_KEYS)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        for button in self.buttons.values():
            row.addWidget(button)
        row.addStretch(1)
        for part in (self.older, self.newer, self.count, self.only, self.search):
            row.addWidget(part)
        self.show_parts(older=False, newer=False)

    def show_parts(self, *, older: bool, newer: bool) -> None:
        """Offer the parts of a long list that are not shown; nothing where all is."""
        for button, there in ((self.older, older), (self.newer, newer)):
            button.setVisible(older or newer)
            button.setEnabled(there)

    def show_all(self) -> None:
        """Let every row through."""
        self.only.setChecked(False)
        self.search.clear()

    def keep(self, model: GridModel) -> Callable[[SheetRow], bool] | None:
        """Return what lets a row through: a text that it must hold, problems that it must have."""
        wanted, wrong = self.search.text().strip().casefold(), self.only.isChecked()
        if not wanted and not wrong:
            return None

        def keep(row: SheetRow) -> bool:
            if wrong and not model.problems(row):
                return False
            return not wanted or any(wanted in model.sheet.text(row, f).casefold() for f in model.fields)

        return keep
