"""One list of 报送: a row of filters, the table, and how many there are; an empty list says why."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from client.ui.sync.filters import Filter
from client.ui.widgets import buttons
from client.ui.widgets.icons import icon
from client.ui.widgets.tables import Table

REST_MS = 250


Choice = tuple[str, tuple[str, ...]]
"""A word of the filter, and the states behind it."""


class ListTab(QWidget):
    """Filters over a table.

    Signals:
        asked(): the filters changed; read the list anew.
    """

    asked = Signal()

    def __init__(self, table: Table, choices: Sequence[Choice], *, searched: bool = True) -> None:
        super().__init__()
        self.table = table
        self.state = QComboBox()
        self.state.setAccessibleName("筛选：状态")
        for word, states in choices:
            self.state.addItem(word, states)
        if len(choices) == 1:
            self.state.hide()
        self.state.currentIndexChanged.connect(self._ask)
        self.text = QLineEdit()
        self.text.setAccessibleName("筛选：名称或文书号")
        self.text.setPlaceholderText("名称、文书号")
        self.text.setClearButtonEnabled(True)
        self.text.setMaximumWidth(240)
        self.text.addAction(
            icon("magnifying-glass", self.palette(), "plain"), QLineEdit.ActionPosition.LeadingPosition
        )
        if not searched:
            self.text.hide()
        self._resting = QTimer(self)
        self._resting.setSingleShot(True)
        self._resting.setInterval(REST_MS)
        self._resting.timeout.connect(self.asked)
        self.text.textChanged.connect(lambda _text: self._resting.start())
        self.text.returnPressed.connect(table.setFocus)
        self._count = QLabel()
        self._count.setProperty("role", "secondary")
        self._clear = buttons.link("清除筛选", self.clear)
        self._clear.hide()
        row = QHBoxLayout()
        row.setContentsMargins(8, 6, 8, 6)
        row.setSpacing(8)
        row.addWidget(self.state)
        row.addWidget(self.text, 1)
        row.addWidget(self._clear)
        row.addStretch(1)
        row.addWidget(self._count)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(row)
        column.addWidget(table, 1)
        buttons.on_keys("Ctrl+F", self, self.text.setFocus)

    def filter(self) -> Filter:
        """What is asked for."""
        return Filter(tuple(self.state.currentData() or ()), self.text.text().strip())

    def is_filtered(self) -> bool:
        """Say whether anything is left out on purpose."""
        return self.state.currentIndex() > 0 or bool(self.text.text().strip())

    def clear(self) -> None:
        """Show everything again."""
        self.state.setCurrentIndex(0)
        self.text.clear()
        self._resting.stop()
        self.asked.emit()

    def say_count(self, shown: int, of: int | None) -> None:
        """Say how many are shown; `of` is all of them, where the list was cut."""
        whole = of is None or of <= shown
        self._count.setText(f"{shown:,} 条" if whole else f"前 {shown:,} 条，共 {of:,} 条")
        self._clear.setVisible(self.is_filtered())

    def _ask(self, _place: int) -> None:
        self.asked.emit()
