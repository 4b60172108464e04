"""The files beside a reason: opened in their own program, and said to be missing when they are."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, QUrl
from PySide6.QtGui import QDesktopServices

from client.core.records import Attachment
from client.store import attachments
from client.ui.records import words
from client.ui.records.reason_panel import ReasonPanel
from client.ui.session import Session


class Evidence(QObject):
    """Between the reason panel and the desk's encrypted files."""

    def __init__(self, session: Session, panel: ReasonPanel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session, self._panel = session, panel
        panel.open_asked.connect(self._open)
        panel.shown.connect(self._look)

    def _look(self, files: tuple[Attachment, ...]) -> None:
        desk, ids = self._session.desk, [one.sha256 for one in files]
        if ids:
            self._session.tasks.read(lambda: attachments.missing(desk, ids), self._panel.show_missing)

    def _open(self, attachment: Attachment) -> None:
        desk = self._session.desk
        self._session.tasks.read(lambda: attachments.open_copy(desk, attachment.sha256), self._opened)

    def _opened(self, path: Path) -> None:
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(path))):
            self._session.show_message(words.NO_PROGRAM.format(kind=path.suffix, path=path), "warn")
