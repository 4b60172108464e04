"""Attachments as people see them: name and size, a button that opens, a picture where it is one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from PySide6.QtCore import QSize, Qt, QUrl
from PySide6.QtGui import QDesktopServices, QImage, QImageReader, QPixmap
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from client.core.records import Attachment
from client.store import attachments
from client.store.desk import Desk
from client.ui.session import Session
from client.ui.widgets import buttons
from client.ui.widgets.icons import icon

PREVIEW: Final = QSize(260, 180)
LARGEST_PREVIEW_BYTES: Final = 20 * 1024 * 1024


def size_words(size_bytes: int) -> str:
    """Return a size as people say it: 12 KB, 3.4 MB."""
    if size_bytes < 1024 * 1024:
        return f"{max(1, round(size_bytes / 1024)):,} KB"
    return f"{size_bytes / 1024 / 1024:,.1f} MB"


def preview(desk: Desk, attachment: Attachment) -> QImage | None:
    """Return a small picture of an attachment that is one; None for anything else."""
    if not attachment.media_type.startswith("image/") or attachment.size_bytes > LARGEST_PREVIEW_BYTES:
        return None
    reader = QImageReader(str(attachments.open_copy(desk, attachment.sha256)))
    reader.setAutoTransform(True)
    size = reader.size()
    if size.isValid() and (size.width() > PREVIEW.width() or size.height() > PREVIEW.height()):
        reader.setScaledSize(size.scaled(PREVIEW, Qt.AspectRatioMode.KeepAspectRatio))
    image = reader.read()
    return None if image.isNull() else image


class EvidenceList(QWidget):
    """Attachments one under the other. Bytes are decrypted only when somebody opens one."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._shown: tuple[Attachment, ...] = ()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(4)

    def show_attachments(self, attached: Sequence[Attachment], nothing: str = "没有附件") -> None:
        """Show these; `nothing` is said when there are none, empty for no word at all."""
        self._shown = tuple(attached)
        while (item := self._column.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        if not attached and nothing:
            self._column.addWidget(_quiet(nothing))
        for one in attached:
            self._column.addWidget(self._row(one))

    def attachments(self) -> tuple[Attachment, ...]:
        """What is shown now."""
        return self._shown

    def _row(self, attachment: Attachment) -> QWidget:
        box = QFrame()
        column = QVBoxLayout(box)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        row = QHBoxLayout()
        row.setSpacing(6)
        mark = QLabel()
        mark.setPixmap(icon("paperclip", self.palette(), "plain").pixmap(16, 16))
        name = QLabel(attachment.name)
        name.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        name.setToolTip(attachment.name)
        name.setWordWrap(True)
        row.addWidget(mark)
        row.addWidget(name, 1)
        row.addWidget(_quiet(size_words(attachment.size_bytes)))
        opening = buttons.link("打开", lambda: self._open(attachment))
        opening.setAccessibleName(f"打开附件 {attachment.name}")
        row.addWidget(opening)
        column.addLayout(row)
        if attachment.media_type.startswith("image/"):
            picture = QLabel()
            picture.setAccessibleName(f"图片 {attachment.name}")
            column.addWidget(picture)
            self._fill(picture, attachment)
        return box

    def _fill(self, picture: QLabel, attachment: Attachment) -> None:
        desk = self._session.desk

        def show(image: QImage | None) -> None:
            if image is not None:
                picture.setPixmap(QPixmap.fromImage(image))

        def say(_error: object) -> None:
            picture.setText("图片还不在本机，联网同步后显示。")
            picture.setProperty("role", "secondary")

        self._session.tasks.read(lambda: preview(desk, attachment), show, say)

    def _open(self, attachment: Attachment) -> None:
        desk = self._session.desk
        self._session.tasks.read(lambda: attachments.open_copy(desk, attachment.sha256), self._opened)

    def _opened(self, path: Path) -> None:
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(path))):
            self._session.show_message(
                f"这台电脑没有能打开“{path.suffix}”的程序。文件放在 {path}，锁定时自动清除。", "warn"
            )


def _quiet(text: str) -> QLabel:
    label = QLabel(text)
    label.setProperty("role", "secondary")
    return label
