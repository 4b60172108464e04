"""The strip under the head of a case: what one act asks, and the button that does it. A table makes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from PySide6.QtCore import QDate, Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from client.store import evidence_files
from client.ui.cases import act_words as words
from client.ui.cases.act_words import ACTS, Input
from client.ui.cases.day_box import DayBox
from client.ui.evidence import DeskFiles
from client.ui.session import Session
from client.ui.theme import restyle
from client.ui.widgets import buttons
from forms.qt.file_list import FileList

Choices = Mapping[str, Sequence[tuple[str, Any]]]
"""Name of an input → its entries, each a word and a value."""

TEXT_LINES: Final = 3
MOST_TEXT: Final = 2_000
MOST_DAYS: Final = 365


class ActStrip(QFrame):
    """Hidden until an act is asked for; Esc puts it away, and what was written stays until the next.

    Signals:
        given(str, dict, object): the kind of the event, its data, and the files it names.
        put_away(): it was closed without an act.
    """

    given = Signal(str, object, object)
    put_away = Signal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "banner")
        self.setProperty("tone", "info")
        self._session = session
        self.kind = ""
        self.boxes: dict[str, QWidget] = {}
        self._note = QLabel()
        self._note.setWordWrap(True)
        self._rows = QFormLayout()
        self._rows.setHorizontalSpacing(12)
        self._rows.setVerticalSpacing(4)
        self.do_button = buttons.primary("", self.give)
        self.cancel_button = buttons.plain(words.CANCEL, self.close_strip, "Esc")
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(self.do_button)
        foot.addWidget(self.cancel_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 12, 8)
        column.setSpacing(6)
        column.addWidget(self._note)
        column.addLayout(self._rows)
        column.addLayout(foot)
        buttons.on_keys("Esc", self, self.close_strip)
        self.hide()

    def ask(self, kind: str, choices: Choices) -> None:
        """Open it for one act."""
        act = ACTS[kind]
        self.kind = kind
        while self._rows.rowCount():
            self._rows.removeRow(0)
        self.boxes = {}
        for one in act.inputs:
            box = self.boxes[one.name] = self._box(one, choices.get(one.name, ()))
            box.setAccessibleName(one.title)
            title = QLabel(one.title if one.needed else f"{one.title}（可不填）")
            self._rows.addRow(title, box)
        self.say(act.note)
        self.do_button.setText(f"{act.word} Ctrl+Enter")
        self.do_button.setAccessibleName(act.word)
        self.do_button.setEnabled(True)
        self.show()
        first = next(iter(self.boxes.values()), self.do_button)
        first.setFocus(Qt.FocusReason.OtherFocusReason)

    def say(self, text: str, tone: str = "info") -> None:
        """Say what the act means, or what is wrong."""
        restyle(self, "tone", tone)
        self._note.setText(text)
        self._note.setAccessibleName(text)

    def note(self) -> str:
        """What it says now."""
        return self._note.text()

    def data(self) -> dict[str, Any]:
        """What was written so far, as the event has it; what is empty is left out."""
        said = {name: _value(box) for name, box in self.boxes.items()}
        return {name: value for name, value in said.items() if value not in (None, "", [])}

    def give(self) -> None:
        """Do the act, when nothing is missing."""
        if self.isHidden() or not self.do_button.isEnabled():
            return
        said = self.data()
        missing = next((i for i in ACTS[self.kind].inputs if i.needed and i.name not in said), None)
        if missing is not None:
            self.say(words.MISSING.format(title=missing.title), "warn")
            self.boxes[missing.name].setFocus()
            return
        self.do_button.setEnabled(False)
        files = [entry["sha256"] for entry in said.get("evidence", ())]
        self.given.emit(self.kind, said, files)

    def refuse(self, text: str) -> None:
        """Say why it was not done; what was written stays."""
        self.say(text, "warn")
        self.do_button.setEnabled(True)

    def close_strip(self) -> None:
        """Put it away."""
        if not self.isHidden():
            self.hide()
            self.put_away.emit()

    def _box(self, one: Input, entries: Sequence[tuple[str, Any]]) -> QWidget:
        if one.kind in {"text", "items"}:
            text = QPlainTextEdit()
            text.setPlaceholderText(one.hint)
            text.setTabChangesFocus(True)
            text.setFixedHeight(text.fontMetrics().lineSpacing() * TEXT_LINES + 14)
            return text
        if one.kind == "days":
            days = QSpinBox()
            days.setRange(1, MOST_DAYS)
            days.setMaximumWidth(96)
            return days
        if one.kind == "day":
            today = self._session.desk.today()
            return DayBox(words.NO_DAY, QDate(today.year, today.month, today.day))
        if one.kind == "choice":
            return _choice(entries)
        if one.kind == "files":
            files = FileList(DeskFiles(self._session, self, evidence_files.add), one.title)
            files.set_editable(True)
            return files
        line = QLineEdit()
        line.setPlaceholderText(one.hint)
        line.setMaxLength(200)
        return line


def _choice(entries: Sequence[tuple[str, Any]]) -> QComboBox:
    box = QComboBox()
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    box.setMinimumContentsLength(16)
    if len(entries) != 1:
        box.addItem(words.CHOOSE if entries else words.NO_CHOICE, "")
    for word, value in entries:
        box.addItem(word, value)
    return box


def _value(box: QWidget) -> Any:
    if isinstance(box, QPlainTextEdit):
        return box.toPlainText().strip()[:MOST_TEXT]
    if isinstance(box, QLineEdit):
        return box.text().strip()
    if isinstance(box, QSpinBox):
        return box.value()
    if isinstance(box, DayBox):
        return box.day()
    if isinstance(box, QComboBox):
        return box.currentData()
    assert isinstance(box, FileList)
    return box.entries()
