"""Files over the desk: kept encrypted, opened as a copy, shown as a picture; beside the window's thread."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, QSize, Qt, QUrl
from PySide6.QtGui import QDesktopServices, QImage, QImageReader

from client.core.records import Attachment
from client.errors import ClientError
from client.store import attachments
from client.store.desk import Desk
from client.ui import messages
from client.ui.session import Session
from forms.qt.file_list import FileList
from forms.qt.files import FileEntry

PREVIEW: Final = QSize(260, 180)
LARGEST_PREVIEW_BYTES: Final = 20 * 1024 * 1024

NO_PROGRAM: Final = "这台电脑没有能打开“{kind}”的程序。文件放在 {path}，锁定时自动清除。"
TOO_LATE: Final = "“{name}”没有附上：存好时已经换到别的记录。请回到那条记录再加一次。"
EVIDENCE: Final = "附件"
NO_EVIDENCE: Final = "没有附件"


def entry_of(attachment: Attachment) -> FileEntry:
    """Return an attachment as a form knows it."""
    return {
        "sha256": attachment.sha256,
        "name": attachment.name,
        "size": attachment.size_bytes,
        "media_type": attachment.media_type,
    }


def attachment_of(entry: FileEntry) -> Attachment:
    """Return an entry as the store knows it."""
    return Attachment(entry["sha256"], entry["size"], entry["name"], entry.get("media_type", ""))


def preview(desk: Desk, entry: FileEntry) -> QImage | None:
    """Return a small picture of a file that is one; None for anything else."""
    if not entry["media_type"].startswith("image/") or entry["size"] > LARGEST_PREVIEW_BYTES:
        return None
    reader = QImageReader(str(attachments.open_copy(desk, entry["sha256"])))
    reader.setAutoTransform(True)
    size = reader.size()
    if size.isValid() and (size.width() > PREVIEW.width() or size.height() > PREVIEW.height()):
        reader.setScaledSize(size.scaled(PREVIEW, Qt.AspectRatioMode.KeepAspectRatio))
    image = reader.read()
    return None if image.isNull() else image


class DeskFiles(QObject):
    """The encrypted files of the desk, for forms and lists (`forms.qt.files.Files`)."""

    def __init__(
        self,
        session: Session,
        parent: QObject | None = None,
        add: Callable[..., Attachment] = attachments.add,
    ) -> None:
        """Serve a form; `add` takes a file in, or refuses what it must not be."""
        super().__init__(parent)
        self._session, self._add = session, add

    def add(
        self,
        path: Path,
        taken: Callable[[FileEntry], bool],
        refused: Callable[[str], object],
        progress: Callable[[int], None],
    ) -> None:
        """Encrypt a file into the desk, beside the store's lane: what is typed meanwhile is kept as ever."""
        desk = self._session.desk

        def done(kept: Attachment) -> None:
            if not taken(entry_of(kept)):
                self._session.show_message(TOO_LATE.format(name=kept.name), "warn")

        def failed(error: ClientError) -> None:
            refused(messages.sentence_of(error))

        self._session.tasks.work(lambda say, _cancelled: self._add(desk, path, say), done, failed, progress)

    def open(self, entry: FileEntry) -> None:
        """Decrypt a copy, and show it in the program for it."""
        desk = self._session.desk
        self._session.tasks.read(lambda: attachments.open_copy(desk, entry["sha256"]), self._opened)

    def look(self, entries: Sequence[FileEntry], missing: Callable[[frozenset[str]], object]) -> None:
        """Look which files have no bytes here; nothing is decrypted."""
        desk, ids = self._session.desk, [one["sha256"] for one in entries]
        self._session.tasks.read(lambda: attachments.missing(desk, ids), missing)

    def picture(self, entry: FileEntry, shown: Callable[[QImage | None], object]) -> None:
        """Make a small picture."""
        desk = self._session.desk
        self._session.tasks.read(partial(preview, desk, entry), shown, lambda _error: shown(None))

    def _opened(self, path: Path) -> None:
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(path))):
            self._session.show_message(NO_PROGRAM.format(kind=path.suffix, path=path), "warn")


class EvidenceList(FileList):
    """Attachments to be looked at, with pictures of those that are pictures."""

    def __init__(self, session: Session) -> None:
        super().__init__(DeskFiles(session), EVIDENCE, pictures=True, nothing=NO_EVIDENCE)

    def show_attachments(self, attached: Sequence[Attachment], nothing: str = NO_EVIDENCE) -> None:
        """Show these; `nothing` is said when there are none, empty for no word at all."""
        self.say_nothing(nothing)
        self.show_entries([entry_of(one) for one in attached])

    def attachments(self) -> tuple[Attachment, ...]:
        """What is shown now."""
        return tuple(map(attachment_of, self.entries()))
