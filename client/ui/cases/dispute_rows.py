"""One disputed field a row: what is held, what the applicant claims, what the handler finds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from client.core.cases import Dispute, Disputed
from client.ui.cases import words
from forms.catalog.problems import Problem
from forms.catalog.schema import Field, Item, Value
from forms.qt.editor import Setting
from forms.qt.notes import FieldNotes, Reasons
from forms.qt.registry import make_editor
from forms.qt.typed import as_text

TITLE_PX: Final = 104


def as_words(field: Field, value: Value | None) -> str:
    """Return a value as people read it, several codes with the mark of Chinese lists."""
    text = as_text(field, value)
    return (text.replace(";", "、") if field.type == "set" else text) or words.NOTHING


class DisputeRow(QObject):
    """The finding on one field.

    Signals:
        edited(): a person chose or wrote something.
        answered(str, str, str): path and code of a warning of the corrected record, and what was said.
    """

    edited = Signal()
    answered = Signal(str, str, str)

    def __init__(
        self, record: Disputed, item: Item, field: Field, dispute: Dispute, setting: Setting, parent: QObject
    ) -> None:
        super().__init__(parent)
        self.record, self.field, self.dispute = record, field, dispute
        self.stands = QRadioButton(words.STANDS)
        self.stands.setAccessibleName(f"{field.title}：{words.STANDS}")
        self.correct_to = QRadioButton(words.CORRECT_TO)
        self.correct_to.setAccessibleName(f"{field.title}：{words.CORRECT_TO}")
        self.editor = make_editor(field, setting)
        self.editor.name_for_readers(f"{field.title}，{words.CORRECT_TO}", field.help or "")
        self.notes = FieldNotes(item)
        self.notes.answered.connect(self.answered)
        self._group = QButtonGroup(self)
        self._group.addButton(self.stands)
        self._group.addButton(self.correct_to)
        self._group.buttonClicked.connect(self._on_choice)
        self.editor.edited.connect(self.edited)

    def place(self, grid: QGridLayout, line: int) -> None:
        """Put the widgets into `grid` at `line`."""
        top = Qt.AlignmentFlag.AlignTop
        title = _text(self.field.title, "heading")
        title.setFixedWidth(TITLE_PX)
        choice = QHBoxLayout()
        choice.setSpacing(12)
        choice.addWidget(self.stands)
        choice.addWidget(self.correct_to)
        choice.addStretch(1)
        finding = QVBoxLayout()
        finding.setSpacing(2)
        finding.addLayout(choice)
        finding.addWidget(self.editor)
        finding.addWidget(self.notes)
        finding.addStretch(1)
        grid.addWidget(title, line, 0, top)
        grid.addWidget(_text(as_words(self.field, self.dispute.old)), line, 1, top)
        grid.addWidget(_text(as_words(self.field, self.dispute.claimed)), line, 2, top)
        grid.addLayout(finding, line, 3)
        self._follow()

    def show_finding(self, said: Mapping[str, Any]) -> None:
        """Show what was found so far; signals nothing."""
        self._group.setExclusive(False)
        self.stands.setChecked(said.get("finding") == "stands")
        self.correct_to.setChecked(said.get("finding") == "correct_to")
        self._group.setExclusive(True)
        self.editor.set_value(said.get("value"))
        self._follow()

    def finding(self) -> dict[str, Any] | None:
        """Return the finding in the shape of the store; None when nothing was chosen."""
        said: dict[str, Any] = {"record_id": self.record.record_id, "field": self.field.id}
        if self.stands.isChecked():
            return said | {"finding": "stands"}
        if self.correct_to.isChecked():
            return said | {"finding": "correct_to", "value": self.editor.value()}
        return None

    def set_read_only(self, on: bool) -> None:
        """Show only, or let choose."""
        self.stands.setEnabled(not on)
        self.correct_to.setEnabled(not on)
        self.editor.set_read_only(on)

    def show_problems(self, problems: Sequence[Problem], reasons: Reasons, *, read_only: bool) -> None:
        """Show what is wrong with the field as it would be corrected."""
        mine = [p for p in problems if p.field_id == self.field.id] if self.correct_to.isChecked() else []
        self.notes.show_problems(mine, reasons, read_only=read_only)
        self.notes.setVisible(bool(mine))
        standing = [p for p in mine if (p.path, p.code) not in reasons]
        errors = any(p.severity == "error" for p in standing)
        self.editor.set_tone("bad" if errors else "warn" if standing else "")

    def _on_choice(self) -> None:
        if self.correct_to.isChecked() and self.editor.value() is None:
            self.editor.set_value(self.dispute.claimed)
        self._follow()
        if self.correct_to.isChecked():
            self.editor.inputs()[0].setFocus(Qt.FocusReason.OtherFocusReason)
        self.edited.emit()

    def _follow(self) -> None:
        self.editor.setVisible(self.correct_to.isChecked())
        if not self.correct_to.isChecked():
            self.notes.hide()


class DisputeGrid(QWidget):
    """All disputed fields under three column titles.

    Signals:
        edited(), answered(str, str, str): from the rows.
    """

    edited = Signal()
    answered = Signal(str, str, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows: list[DisputeRow] = []
        self.unknown: list[Dispute] = []
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(10)
        for column, title in enumerate(words.COLUMNS):
            self._grid.addWidget(_text(title, "small"), 0, column)
        for column, share in ((1, 3), (2, 3), (3, 5)):
            self._grid.setColumnStretch(column, share)

    def set_records(self, records: Sequence[Disputed], items: Sequence[Item], setting: Setting) -> None:
        """Make a row for each disputed field that the catalogs know; used once."""
        for record, item in zip(records, items, strict=True):
            for dispute in record.disputes:
                field = item.by_id.get(dispute.field)
                if field is None:
                    self.unknown.append(dispute)
                    continue
                row = DisputeRow(record, item, field, dispute, setting, self)
                row.edited.connect(self.edited)
                row.answered.connect(self.answered)
                self.rows.append(row)
                row.place(self._grid, len(self.rows))


def _text(text: str, role: str = "") -> QLabel:
    label = QLabel(text)
    label.setWordWrap(True)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    if role:
        label.setProperty("role", role)
    return label
