"""Why a stored record is corrected or withdrawn: a reason, words, and files that prove it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QComboBox, QFrame, QGridLayout, QHBoxLayout, QLabel, QWidget

from client.core.reasons import REASONS
from client.core.records import Attachment, Reason
from client.ui.evidence import attachment_of, entry_of
from client.ui.records import words
from client.ui.theme import LABEL_PX
from forms.qt.file_list import FileList
from forms.qt.files import Files
from forms.qt.inputs import Line

REST_MS = 600
FIRST_LINE_PX = 5


class ReasonPanel(QFrame):
    """Shows and takes a reason and evidence.

    Signals:
        edited(Reason, tuple): reason and evidence after a person rested, or went on.
    """

    edited = Signal(object, object)

    def __init__(self, files: Files, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "surface")
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
        self.files = FileList(files, words.EVIDENCE, nothing="—")
        self.files.changed.connect(self._say)
        self._lay_out()

    def show_reason(
        self, op: str, reason: Reason | None, evidence: Sequence[Attachment], *, editable: bool
    ) -> None:
        """Show what was given so far."""
        self._rest.stop()
        self._code.clear()
        self._code.addItem(words.CHOOSE_REASON, "")
        for code, ops in REASONS.items():
            if op in ops:
                self._code.addItem(words.REASONS[code], code)
        self._code.setCurrentIndex(max(self._code.findData(reason.code if reason else ""), 0))
        self._code.setEnabled(editable)
        self._text.setText(reason.text if reason else "")
        self._text.setReadOnly(not editable)
        self.files.show_entries([entry_of(one) for one in evidence])
        self.files.set_editable(editable)

    def reason(self) -> Reason:
        """What is given now."""
        return Reason(self._code.currentData() or "", self._text.text().strip())

    def evidence(self) -> tuple[Attachment, ...]:
        """The files that are shown."""
        return tuple(map(attachment_of, self.files.entries()))

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
        files.addWidget(self.files)
        for line, (name, row) in enumerate(((words.REASON, first), (words.EVIDENCE, files))):
            label = QLabel(name)
            label.setFixedWidth(LABEL_PX)
            label.setProperty("role", "label")
            label.setContentsMargins(0, FIRST_LINE_PX, 0, 0)
            label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop)
            grid.addWidget(label, line, 0, Qt.AlignmentFlag.AlignTop)
            grid.addLayout(row, line, 1)

    def _on_typed(self) -> None:
        self._rest.start()

    def _say(self) -> None:
        self._rest.stop()
        self.edited.emit(self.reason(), self.evidence())
