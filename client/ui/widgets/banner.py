"""A band across the page: something stands in the way, and what can be done about it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QWidget

from client.ui.theme import Tone, restyle
from client.ui.widgets.icons import icon

ICONS: dict[Tone, str] = {
    "good": "check-circle", "warn": "warning", "bad": "warning-octagon", "info": "info", "plain": "info",
}  # fmt: skip


class Banner(QFrame):
    """Hidden until something is said; `clear` hides it again."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "banner")
        self._icon = QLabel()
        self._text = QLabel()
        self._text.setWordWrap(True)
        self._text.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._code = QLabel()
        self._code.setProperty("role", "code")
        self._button = QPushButton()
        self._button.setAutoDefault(False)
        self._button.clicked.connect(self._act)
        self._then: Callable[[], object] | None = None
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 6, 8, 6)
        row.setSpacing(8)
        row.addWidget(self._icon)
        row.addWidget(self._text, 1)
        row.addWidget(self._code)
        row.addWidget(self._button)
        self.hide()

    def say(
        self,
        text: str,
        tone: Tone = "info",
        action: tuple[str, Callable[[], object]] | None = None,
        code: str = "",
    ) -> None:
        """Show one sentence; `action` is a button beside it, `code` what support looks up."""
        restyle(self, "tone", tone)
        self._icon.setPixmap(icon(ICONS[tone], self.palette(), tone).pixmap(QSize(20, 20)))
        self._text.setText(text)
        self.setAccessibleName(text)
        self._code.setText(code)
        self._code.setVisible(bool(code))
        self._button.setVisible(action is not None)
        if action:
            self._button.setText(action[0])
            self._button.setAccessibleName(action[0])
        self._then = action[1] if action else None
        self.show()

    def clear(self) -> None:
        """Nothing stands in the way any more."""
        self._then = None
        self.hide()

    def text(self) -> str:
        """What it says now; empty when hidden."""
        return "" if self.isHidden() else self._text.text()

    def button(self) -> QPushButton:
        """The way out."""
        return self._button

    def _act(self) -> None:
        if self._then is not None:
            self._then()
