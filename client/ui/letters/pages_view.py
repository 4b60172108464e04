"""Pages of a letter, one under the other, as wide as there is room."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QFrame, QLabel, QScrollArea, QVBoxLayout, QWidget

from client.ui.letters import words
from client.ui.viewer.reading import Sheet

MARGIN_PX = 16
LEAST_PX = 320
MOST_PX = 760


class PagesView(QScrollArea):
    """Scrolls over the pages; says a line where there are none."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)  # or the width would jump
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setProperty("kind", "window")
        self.setAccessibleName(words.PAGES)
        self._page = QWidget()
        self._column = QVBoxLayout(self._page)
        self._column.setContentsMargins(MARGIN_PX, MARGIN_PX, MARGIN_PX, MARGIN_PX)
        self._column.setSpacing(MARGIN_PX)
        self.setWidget(self._page)
        self.pages: list[QLabel] = []
        self.say(words.DRAWING)

    def width_px(self) -> int:
        """How wide a page is drawn, in the screen's own pixels."""
        room = min(max(self.viewport().width() - 2 * MARGIN_PX, LEAST_PX), MOST_PX)
        return round(room * self.devicePixelRatioF())

    def say(self, text: str) -> None:
        """Show a line in place of pages."""
        label = QLabel(text)
        label.setProperty("role", "secondary")
        label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._fill([label])
        self.pages = []

    def show_sheets(self, sheets: Sequence[Sheet]) -> None:
        """Show pages; where it was scrolled to stays."""
        place = self.verticalScrollBar().value()
        labels = []
        for sheet in sheets:
            pixmap = QPixmap.fromImage(sheet.image)
            pixmap.setDevicePixelRatio(self.devicePixelRatioF())
            label = QLabel()
            label.setPixmap(pixmap)
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            labels.append(label)
        self._fill(labels)
        self.pages = labels
        self.verticalScrollBar().setValue(place)

    def _fill(self, labels: Sequence[QLabel]) -> None:
        while (item := self._column.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.deleteLater()
        for label in labels:
            self._column.addWidget(label)
        self._column.addStretch(1)
