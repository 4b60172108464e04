"""A line over the form that asks for a name; Enter keeps, Esc gives up. No dialog."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel

from client.ui.records import words
from client.ui.widgets.buttons import link, plain
from forms.qt.inputs import Line


class NameStrip(QFrame):
    """Hidden until somebody asks for a name.

    Signals:
        named(str): the name that was given.
    """

    named = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "banner")
        self.setProperty("tone", "info")
        self.box = Line()
        self.box.setAccessibleName(words.TEMPLATE_NAME)
        self.box.setPlaceholderText(words.TEMPLATE_HINT)
        self.box.entered.connect(self._keep)
        label = QLabel(words.TEMPLATE_NAME)
        label.setBuddy(self.box)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 6, 8, 6)
        row.setSpacing(8)
        row.addWidget(label)
        row.addWidget(self.box, 1)
        row.addWidget(plain(words.TEMPLATE_KEEP, self._keep))
        row.addWidget(link(words.GIVE_UP_NAME, self.give_up))
        self.hide()

    def ask(self, name: str = "") -> None:
        """Show the line, with a name to begin with."""
        self.box.setText(name)
        self.box.selectAll()
        self.show()
        self.box.setFocus()

    def give_up(self) -> None:
        """Take the line away."""
        self.hide()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc gives up, but not while the input method composes."""
        if event.key() == Qt.Key.Key_Escape and not self.box.is_composing():
            self.give_up()
        else:
            super().keyPressEvent(event)

    def _keep(self) -> None:
        name = self.box.text().strip()
        if name:
            self.hide()
            self.named.emit(name)
        else:
            self.box.setFocus()
