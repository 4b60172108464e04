"""A list under a box: keys go on into the box, and while the input method composes they are all its."""

from __future__ import annotations

from typing import cast

from PySide6.QtCore import QAbstractItemModel, QEvent, QObject
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QCompleter

from forms.qt.inputs import LIST_KEYS, Line


class BoxList(QCompleter):
    """What is found for the text of a box. Enter takes and Esc closes, but not in the middle of a word."""

    def __init__(self, box: Line, model: QAbstractItemModel, rows: int) -> None:
        super().__init__(box)
        self.setModel(model)
        self.setCompletionMode(QCompleter.CompletionMode.UnfilteredPopupCompletion)
        self.setMaxVisibleItems(rows)
        self.setWidget(box)

    def box(self) -> Line:
        """The box that the list stands under."""
        return cast("Line", self.widget())

    def is_open(self) -> bool:
        """Say whether the list is on the screen."""
        return self.popup().isVisible()

    def close(self) -> None:
        """Take the list away."""
        self.popup().hide()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Leave Enter and Esc to the input method while it composes."""
        mine = isinstance(event, QKeyEvent) and event.key() in LIST_KEYS
        if mine and self.box().is_composing():
            return True
        return super().eventFilter(watched, event)
