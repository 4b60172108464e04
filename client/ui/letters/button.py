"""The button 文书 of a case; it opens the letters of the case in a window beside it."""

from __future__ import annotations

from PySide6.QtWidgets import QPushButton, QWidget

from client.ui.letters import words
from client.ui.letters.panel import LettersPanel
from client.ui.session import Session
from client.ui.widgets.icons import icon


class LettersButton(QPushButton):
    """Disabled until a case is shown."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(words.BUTTON, parent)
        self._session = session
        self._case_id = ""
        self.panel: LettersPanel | None = None
        self.setIcon(icon("file-text", self.palette()))
        self.setToolTip(words.BUTTON_TIP)
        self.setAccessibleName(words.BUTTON)
        self.setAutoDefault(False)
        self.setEnabled(False)
        self.clicked.connect(self._open)

    def show_case(self, case_id: str) -> None:
        """Say whose letters it opens; empty for no case."""
        self._case_id = case_id
        self.setEnabled(bool(case_id))
        if self.panel is not None and self.panel.isVisible() and case_id:
            self.panel.show_case(case_id)

    def _open(self) -> None:
        if self.panel is None:
            self.panel = LettersPanel(self._session, self)
        self.panel.show()
        self.panel.raise_()
        self.panel.activateWindow()
        self.panel.show_case(self._case_id)
