"""Step 文件: a place to drop a spreadsheet, the watched folder, and the imports of the past."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout, QWidget

from client.core.imports import Import
from client.ui.intake import words
from client.ui.intake.watch_line import WatchLine
from client.ui.intake.watching import Watching
from client.ui.row_model import Column, RowModel, current, fill
from client.ui.theme import restyle
from client.ui.widgets.icons import icon
from client.ui.widgets.marks import StateLook
from client.ui.widgets.tables import Table
from client.ui.widgets.times import day_and_clock

LOOKS = {
    "loading": StateLook("pause", words.STATES["loading"], "warn"),
    "visible": StateLook("dots4", words.STATES["visible"], "good"),
}


class DropZone(QFrame):
    """Takes one file.

    Signals:
        dropped(Path): a file was let go here.
        many(): more than one was; nothing is taken.
    """

    dropped = Signal(object)
    many = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "drop")
        self.setAcceptDrops(True)
        self.setMinimumHeight(150)
        self.setMaximumHeight(280)
        picture = QLabel(alignment=Qt.AlignmentFlag.AlignCenter)
        picture.setPixmap(icon("file-arrow-down", self.palette(), "plain").pixmap(QSize(32, 32)))
        heading = QLabel(words.DROP, alignment=Qt.AlignmentFlag.AlignCenter)
        heading.setProperty("role", "heading")
        more = QLabel(words.DROP_MORE, alignment=Qt.AlignmentFlag.AlignCenter)
        more.setProperty("role", "secondary")
        more.setWordWrap(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 16, 24, 16)
        column.setSpacing(8)
        column.addStretch(1)
        for part in (picture, heading, more):
            column.addWidget(part)
        column.addStretch(1)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Show that a file can be let go here."""
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            restyle(self, "over", "true")
            event.acceptProposedAction()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """It went away again."""
        restyle(self, "over", "false")
        super().dragLeaveEvent(event)

    def dropEvent(self, event: QDropEvent) -> None:
        """Take the file."""
        restyle(self, "over", "false")
        paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        event.acceptProposedAction()
        if len(paths) == 1:
            self.dropped.emit(paths[0])
        elif paths:
            self.many.emit()


class StartPane(QWidget):
    """The drop zone and the watched folder over the past imports.

    Signals:
        opened(str): the id of an import of the past that somebody wants to see.
    """

    opened = Signal(str)

    def __init__(self, watching: Watching | None = None) -> None:
        super().__init__()
        self.zone = DropZone()
        self.watch = WatchLine(watching) if watching is not None else None
        self.past = Table(words.PAST)
        self.past.setModel(RowModel(_columns(), lambda one: one.import_id))
        self.past.lay_out((128, 240, 120, 80, 80, 80, 110), 1)
        self.past.activated.connect(lambda _index: self._open())
        self._none = QLabel(words.NO_PAST)
        self._none.setProperty("role", "secondary")
        heading = QLabel(words.PAST)
        heading.setProperty("role", "heading")
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 8, 16, 8)
        column.setSpacing(8)
        column.addWidget(self.zone, 2)
        if self.watch is not None:
            column.addWidget(self.watch)
        column.addWidget(heading)
        column.addWidget(self._none)
        column.addWidget(self.past, 3)
        column.addStretch(1)

    def show_past(self, past: list[Import]) -> None:
        """List the imports of the past."""
        fill(self.past, past)
        self.past.setVisible(bool(past))
        self._none.setVisible(not past)

    def _open(self) -> None:
        one = current(self.past)
        if one is not None:
            self.opened.emit(one.import_id)


def _columns() -> list[Column]:
    time, file, item, read, created, faulty, state = words.PAST_TITLES
    return [
        Column(time, lambda one: day_and_clock(one.started_at)),
        Column(file, lambda one: one.file_name),
        Column(item, lambda one: one.item.partition("@")[0]),
        Column(read, lambda one: f"{one.rows_read:,}", sort=lambda one: one.rows_read),
        Column(created, lambda one: f"{one.created:,}", sort=lambda one: one.created),
        Column(faulty, lambda one: f"{one.faulty:,}", sort=lambda one: one.faulty),
        Column(state, lambda one: words.STATES[one.state], look=lambda one: LOOKS[one.state]),
    ]
