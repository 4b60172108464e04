"""What a page shows where there is nothing yet: what would stand here, and the first step."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QFrame, QLabel, QPushButton, QVBoxLayout, QWidget

from client.ui.widgets.icons import icon


class EmptyState(QFrame):
    """An icon, a line, a smaller line, and perhaps one button."""

    def __init__(self, icon_name: str, title: str, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon = QLabel(alignment=Qt.AlignmentFlag.AlignCenter)
        self._title = QLabel(alignment=Qt.AlignmentFlag.AlignCenter)
        self._title.setProperty("role", "heading")
        self._title.setWordWrap(True)
        self._text = QLabel(alignment=Qt.AlignmentFlag.AlignCenter)
        self._text.setProperty("role", "secondary")
        self._text.setWordWrap(True)
        self._button = QPushButton()
        self._button.setAutoDefault(False)
        self._button.clicked.connect(self._act)
        self._then: Callable[[], object] | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 24)
        column.setSpacing(8)
        column.addStretch(2)
        for part in (self._icon, self._title, self._text):
            column.addWidget(part)
        column.addWidget(self._button, 0, Qt.AlignmentFlag.AlignCenter)
        column.addStretch(3)
        self.say(icon_name, title, text)

    def say(
        self,
        icon_name: str,
        title: str,
        text: str = "",
        action: tuple[str, Callable[[], object]] | None = None,
    ) -> None:
        """Change what it says."""
        self._icon.setPixmap(icon(icon_name, self.palette(), "plain").pixmap(QSize(32, 32)))
        self._title.setText(title)
        self._text.setText(text)
        self._text.setVisible(bool(text))
        self._button.setVisible(action is not None)
        if action:
            self._button.setText(action[0])
            self._button.setAccessibleName(action[0])
        self._then = action[1] if action else None

    def title(self) -> str:
        """What it says first."""
        return self._title.text()

    def button(self) -> QPushButton:
        """The first step, where there is one."""
        return self._button

    def _act(self) -> None:
        if self._then is not None:
            self._then()
