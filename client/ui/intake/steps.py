"""The line of four steps: where one is, what is done, what comes."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtWidgets import QApplication, QHBoxLayout, QLabel, QLineEdit, QPushButton, QWidget

from client.ui.intake import words
from client.ui.theme import restyle


class Steps(QWidget):
    """Says which step is shown; nothing in it is pressed."""

    def __init__(self) -> None:
        super().__init__()
        self._labels = [QLabel(f"{number} {word}") for number, word in enumerate(words.STEPS, start=1)]
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        for place, label in enumerate(self._labels):
            if place:
                arrow = QLabel("›")
                arrow.setProperty("role", "secondary")
                row.addWidget(arrow)
            row.addWidget(label)
        self.show_step(0)

    def show_step(self, place: int) -> None:
        """Mark the step that is shown."""
        for number, label in enumerate(self._labels):
            label.setProperty("role", "heading" if number == place else "secondary")
            restyle(label, "tone", "info" if number == place else "")
        self.setAccessibleName(f"{words.TITLE}：{words.STEPS[place]}")


def begin_at(page: QWidget, first: QWidget) -> None:
    """Let a step begin at its matter, unless the person is typing elsewhere, or is on another page."""
    here = QApplication.focusWidget()
    elsewhere = isinstance(here, QLineEdit) and not page.isAncestorOf(here)
    if page.isVisible() and not elsewhere:
        first.setFocus()


def press_one_of(buttons: Iterable[QPushButton]) -> None:
    """Press the first that can be pressed now."""
    for button in buttons:
        if button.isVisible() and button.isEnabled():
            button.click()
            return
