"""Which of two tables beside each other the person looked at last: what a button then speaks of."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QWidget


class LastFocused(QObject):
    """Remembers it, also while a button or a line is in focus; at first it is the first."""

    def __init__(self, first: QWidget, second: QWidget) -> None:
        super().__init__(first)
        self._second = second
        self._is_second = False
        for widget in (first, second):
            widget.installEventFilter(self)

    def is_second(self) -> bool:
        """Whether the second was looked at last."""
        return self._is_second

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """See the focus come."""
        if event.type() == QEvent.Type.FocusIn:
            self._is_second = watched is self._second
        return super().eventFilter(watched, event)
