"""One line over the lower edge of the page: what happened, and perhaps one button. Moves nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QEvent, QObject, QSize, QTimer
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QToolButton, QWidget

from client.ui.session import Message
from client.ui.theme import restyle
from client.ui.widgets.banner import ICONS
from client.ui.widgets.icons import icon

SHOWN_MS: Final = 6_000
SHOWN_WITH_ACTION_MS: Final = 12_000
MOST_WIDE_PX: Final = 760
GAP_PX: Final = 12


class MessageBar(QFrame):
    """Floats over `over`, above what stands at the lower edge of the page, so that nothing jumps.

    Good news goes by itself; what is doubtful or bad stays until it is closed or replaced.
    """

    def __init__(self, over: QWidget, bottom: Callable[[], int]) -> None:
        super().__init__(over)
        self._bottom = bottom
        self.setProperty("role", "banner")
        self._icon = QLabel()
        self._text = QLabel()
        self._text.setWordWrap(True)
        self._text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._code = QLabel()
        self._code.setProperty("role", "code")
        self._action = QPushButton()
        self._action.setProperty("kind", "link")
        self._action.clicked.connect(self._act)
        close = QToolButton()
        close.setIcon(icon("x", self.palette(), "plain"))
        close.setToolTip("关闭（Esc）")
        close.setAccessibleName("关闭消息")
        close.clicked.connect(self.clear)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 6, 6, 6)
        row.setSpacing(8)
        row.addWidget(self._icon)
        row.addWidget(self._text, 1)
        row.addWidget(self._code)
        row.addWidget(self._action)
        row.addWidget(close)
        self._message: Message | None = None
        self._going = QTimer(self)
        self._going.setSingleShot(True)
        self._going.timeout.connect(self.clear)
        over.installEventFilter(self)
        self.hide()

    def say(self, message: Message) -> None:
        """Show a message in place of the one before."""
        self._message = message
        restyle(self, "tone", message.kind)
        self._icon.setPixmap(icon(ICONS[message.kind], self.palette(), message.kind).pixmap(QSize(20, 20)))
        self._text.setText(message.text)
        self._code.setText(message.code or "")
        self._code.setVisible(bool(message.code))
        self._action.setVisible(message.action is not None)
        if message.action:
            self._action.setText(message.action[0])
            self._action.setAccessibleName(message.action[0])
        self.setAccessibleName(message.text)
        self._going.stop()
        if message.kind in ("good", "info"):
            self._going.start(SHOWN_WITH_ACTION_MS if message.action else SHOWN_MS)
        self.show()
        self.raise_()
        self._place()

    def clear(self) -> None:
        """Take the message away."""
        self._message = None
        self.hide()

    def stay_on_top(self) -> None:
        """Another page came in view."""
        self.raise_()
        if self.isVisible():
            self._place()

    def message(self) -> Message | None:
        """What it says now."""
        return self._message

    def action_button(self) -> QPushButton:
        """The button beside the text."""
        return self._action

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay at the lower edge when the page changes its size."""
        if event.type() == QEvent.Type.Resize and self.isVisible():
            self._place()
        return super().eventFilter(watched, event)

    def _place(self) -> None:
        over = self.parentWidget()
        width = min(MOST_WIDE_PX, over.width() - 2 * GAP_PX)
        self.setFixedWidth(width)
        height = max(self.heightForWidth(width), self.sizeHint().height())
        free = over.height() - height - self._bottom() - GAP_PX
        self.setGeometry((over.width() - width) // 2, free, width, height)

    def _act(self) -> None:
        action = self._message.action if self._message else None
        self.clear()
        if action:
            action[1]()
