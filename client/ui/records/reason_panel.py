"""Why a stored record is corrected or withdrawn: a reason, words, and files that prove it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from client.core.reasons import REASONS
from client.core.records import Attachment, Reason
from client.ui.evidence import size_words
from client.ui.records import words
from client.ui.theme import LABEL_PX
from client.ui.widgets.buttons import link
from forms.qt.inputs import Line

REST_MS = 600


class ReasonPanel(QFrame):
    """Shows and takes a reason and evidence.

    Signals:
        edited(Reason, tuple): reason and evidence after a person rested, or went on.
        files_offered(list): paths of files that are to be evidence.
        shown(tuple): these files came in view.
        open_asked(Attachment): show this file in the program for it.
    """

    edited = Signal(object, object)
    files_offered = Signal(object)
    open_asked = Signal(object)
    shown = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "surface")
        self.setAcceptDrops(True)
        self._evidence: tuple[Attachment, ...] = ()
        self._missing: frozenset[str] = frozenset()
        self._editable = False
        self._code = QComboBox()
        self._code.setAccessibleName(words.REASON)
        self._code.setMinimumWidth(160)
        self._code.activated.connect(self._say)
        self._text = Line()
        self._text.setAccessibleName(words.REASON_TEXT)
        self._text.setPlaceholderText(words.REASON_HINT)
        self._text.textEdited.connect(self._on_typed)
        self._text.left.connect(self.flush)
        self._rest = QTimer(self, singleShot=True, interval=REST_MS)
        self._rest.timeout.connect(self._say)
        self._files = QVBoxLayout()
        self._files.setSpacing(0)
        self._add = link(words.ADD_EVIDENCE, self._pick)
        self._lay_out()

    def show_reason(
        self, op: str, reason: Reason | None, evidence: Sequence[Attachment], *, editable: bool
    ) -> None:
        """Show what was given so far."""
        self._rest.stop()
        self._editable = editable
        self._code.clear()
        self._code.addItem(words.CHOOSE_REASON, "")
        for code, ops in REASONS.items():
            if op in ops:
                self._code.addItem(words.REASONS[code], code)
        self._code.setCurrentIndex(max(self._code.findData(reason.code if reason else ""), 0))
        self._code.setEnabled(editable)
        self._text.setText(reason.text if reason else "")
        self._text.setReadOnly(not editable)
        self._missing = frozenset()
        self.show_evidence(evidence)
        self.shown.emit(self._evidence)

    def show_evidence(self, evidence: Sequence[Attachment]) -> None:
        """Show these files."""
        self._evidence = tuple(evidence)
        while (item := self._files.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for attachment in self._evidence:
            self._files.addWidget(self._file_line(attachment))
        if not self._evidence:
            hint = QLabel(words.NO_EVIDENCE if self._editable else "—")
            hint.setProperty("role", "secondary")
            self._files.addWidget(hint)
        self._add.setVisible(self._editable)

    def show_missing(self, ids: frozenset[str]) -> None:
        """Say of the files with these SHA-256 that their bytes are not on this disk."""
        if ids != self._missing:
            self._missing = ids
            self.show_evidence(self._evidence)

    def file_lines(self) -> list[QWidget]:
        """A line for each file, with its buttons."""
        found = [item.widget() for n in range(self._files.count()) if (item := self._files.itemAt(n))]
        return [widget for widget in found if widget is not None]

    def reason(self) -> Reason:
        """What is given now."""
        return Reason(self._code.currentData() or "", self._text.text().strip())

    def evidence(self) -> tuple[Attachment, ...]:
        """The files that are shown."""
        return self._evidence

    def add(self, files: Sequence[Attachment]) -> None:
        """Take files that are stored now."""
        known = {one.sha256 for one in self._evidence}
        new = tuple(one for one in dict.fromkeys(files) if one.sha256 not in known)
        if new:
            self.show_evidence((*self._evidence, *new))
            self._say()

    def flush(self) -> None:
        """Say at once what was typed and not said yet."""
        if self._rest.isActive():
            self._say()

    def choose(self, code: str) -> None:
        """Choose a reason, as a person does in the list."""
        self._code.setCurrentIndex(self._code.findData(code))
        self._code.activated.emit(self._code.currentIndex())

    def text_box(self) -> Line:
        """Where the words are written."""
        return self._text

    def focus(self) -> None:
        """Go to the reason."""
        self._code.setFocus()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if self._editable and any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        if self._editable and paths:
            event.acceptProposedAction()
            self.files_offered.emit(paths)

    def _lay_out(self) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(8, 6, 12, 6)
        grid.setHorizontalSpacing(14)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(1, 1)
        first = QHBoxLayout()
        first.setSpacing(6)
        first.addWidget(self._code)
        first.addWidget(self._text, 1)
        files = QHBoxLayout()
        files.addLayout(self._files, 1)
        files.addWidget(self._add)
        for line, (name, row) in enumerate(((words.REASON, first), (words.EVIDENCE, files))):
            label = QLabel(name)
            label.setFixedWidth(LABEL_PX)
            label.setProperty("role", "label")
            label.setAlignment(label.alignment().AlignRight | label.alignment().AlignVCenter)
            grid.addWidget(label, line, 0)
            grid.addLayout(row, line, 1)

    def _file_line(self, attachment: Attachment) -> QWidget:
        line = QWidget()
        row = QHBoxLayout(line)
        row.setContentsMargins(0, 0, 0, 0)
        label = QLabel(f"{attachment.name}　{size_words(attachment.size_bytes)}")
        row.addWidget(label)
        if attachment.sha256 in self._missing:
            gone = QLabel(words.FILE_MISSING)
            gone.setProperty("tone", "warn")
            row.addWidget(gone)
        else:
            opening = link(words.OPEN_FILE, partial(self.open_asked.emit, attachment))
            opening.setAccessibleName(f"{words.OPEN_FILE} {attachment.name}")
            row.addWidget(opening)
        if self._editable:
            removing = link(words.REMOVE, partial(self._remove, attachment))
            removing.setAccessibleName(f"{words.REMOVE} {attachment.name}")
            row.addWidget(removing)
        row.addStretch(1)
        return line

    def _remove(self, attachment: Attachment) -> None:
        self.show_evidence([one for one in self._evidence if one != attachment])
        self._say()

    def _pick(self) -> None:
        paths, _ = QFileDialog.getOpenFileNames(self, words.PICK_EVIDENCE)
        if paths:
            self.files_offered.emit([Path(path) for path in paths])

    def _on_typed(self) -> None:
        self._rest.start()

    def _say(self) -> None:
        self._rest.stop()
        self.edited.emit(self.reason(), self._evidence)
