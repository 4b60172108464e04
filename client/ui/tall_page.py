"""Pages that are longer than the window: content in a scroll area that goes up and down only."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget


class TallPage(QWidget):
    """The content of a scroll area, on the ground of a surface.

    Whoever limits its width does so on this widget, not on what lies in it: the scroll area asks how
    tall it must be at its own width.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "page")


def scrolled(page: QWidget) -> QScrollArea:
    """Return `page` in a scroll area without a frame."""
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setWidget(page)
    return area
