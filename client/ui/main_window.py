"""The one top-level window. Shows the enrolment, the lock screen, or the frame of an open desk."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QByteArray, QRect, QSettings, QSize, Qt, Signal
from PySide6.QtGui import QCloseEvent, QGuiApplication
from PySide6.QtWidgets import QLabel, QMainWindow, QWidget

from client.ui.sign_in import centred

TITLE: Final = "闽信通"
SMALLEST: Final = QSize(896, 480)
"""1366×768 at 150 %, without the bar of the desktop."""

FIRST: Final = QSize(1366, 728)


class MainWindow(QMainWindow):
    """Holds one thing at a time; what is replaced is destroyed, with everything it showed.

    Attributes:
        may_close: asked when a person closes the window.

    Signals:
        closing(): the person closes the window; handle it before the event loop ends.
    """

    closing = Signal()

    def __init__(self, remembered: QSettings) -> None:
        super().__init__()
        self._remembered = remembered
        self._cover: QLabel | None = None
        self.may_close: Callable[[], bool] = lambda: True
        self.setWindowTitle(TITLE)
        self.setMinimumSize(SMALLEST)
        self._put_back()

    def show_card(self, card: QWidget) -> None:
        """Show one card in the middle of an otherwise empty window."""
        self._replace(centred(card))
        card.setFocus()

    def show_whole(self, content: QWidget) -> None:
        """Let `content` fill the window."""
        self._replace(content)
        content.setFocus()

    def cover(self, text: str) -> None:
        """Hide what is shown behind one sentence, until it is replaced or uncovered."""
        if self._cover is None:
            self._cover = QLabel(self)
            self._cover.setAlignment(Qt.AlignmentFlag.AlignCenter)
            self._cover.setAutoFillBackground(True)
        self._cover.setText(text)
        self._cover.setGeometry(self.rect())
        self._cover.show()
        self._cover.raise_()

    def uncover(self) -> None:
        """Show it again."""
        if self._cover is not None:
            self._cover.hide()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask whether it may close; remember where the window was, and let the work be finished."""
        if not self.may_close():
            event.ignore()
            return
        self._remembered.setValue("window/geometry", self.saveGeometry())
        self.closing.emit()
        super().closeEvent(event)

    def _replace(self, content: QWidget) -> None:
        old = self.takeCentralWidget()
        if old is not None:
            old.hide()
            old.deleteLater()
        self.setCentralWidget(content)
        self.uncover()

    def _put_back(self) -> None:
        geometry = self._remembered.value("window/geometry")
        if isinstance(geometry, QByteArray) and self.restoreGeometry(geometry):
            return
        screen = QGuiApplication.primaryScreen()
        room = screen.availableGeometry() if screen else QRect(0, 0, FIRST.width(), FIRST.height())
        self.resize(FIRST.boundedTo(room.size()).expandedTo(SMALLEST.boundedTo(room.size())))
