"""One disputed field a row, record by record: what is held, what is claimed, what is found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Final

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from client.core.cases import Dispute, Disputed
from client.ui.cases import words
from client.ui.widgets import buttons
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
        # What is missing is supplemented; what is there is corrected: never both.
        self._change = "supplement" if record.values.get(field.id) in (None, "", []) else "correct_to"
        word = words.SUPPLEMENT if self._change == "supplement" else words.CORRECT_TO
        self.stands = QRadioButton(words.STANDS)
        self.stands.setAccessibleName(f"{field.title}：{words.STANDS}")
        self.correct_to = QRadioButton(word)
        self.correct_to.setAccessibleName(f"{field.title}：{word}")
        self.editor = make_editor(field, setting)
        self.editor.name_for_readers(f"{field.title}，{word}", field.help or "")
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
        self.correct_to.setChecked(said.get("finding") in {"correct_to", "supplement"})
        self._group.setExclusive(True)
        self.editor.set_value(said.get("value"))
        self._follow()

    def finding(self) -> dict[str, Any] | None:
        """Return the finding in the shape of the store; None when nothing was chosen."""
        said: dict[str, Any] = {"record_id": self.record.record_id, "field": self.field.id}
        if self.stands.isChecked():
            return said | {"finding": "stands"}
        if self.correct_to.isChecked():
            return said | {"finding": self._change, "value": self.editor.value()}
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


class RecordBox(QWidget):
    """The disputed fields of one record, whether it goes as a whole, and whether it is ours at all.

    Signals:
        edited(), answered(str, str, str): from the rows.
        not_ours(): the record was supplied by another unit.
        looked_at(): the record came in hand; what stands beside follows.
    """

    edited = Signal()
    answered = Signal(str, str, str)
    not_ours = Signal()
    looked_at = Signal()

    def __init__(self, record: Disputed, item: Item, setting: Setting, title: str) -> None:
        super().__init__()
        self.record = record
        self.rows: list[DisputeRow] = []
        self._read_only = False
        self.show_button = buttons.link(title, self.looked_at.emit)
        self.show_button.setVisible(bool(title))
        self.delete = QCheckBox(words.DELETE)
        self.delete.setToolTip(words.DELETE_TIP)
        self.delete.clicked.connect(self._on_delete)
        self.not_ours_button = buttons.link(words.NOT_OURS, self.not_ours.emit)
        self._grid = QGridLayout()
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(10)
        for column, head in enumerate(words.COLUMNS):
            self._grid.addWidget(_text(head, "small"), 0, column)
        for column, share in ((1, 3), (2, 3), (3, 5)):
            self._grid.setColumnStretch(column, share)
        for dispute in record.disputes:
            self._add(item, dispute, setting)
        foot = QHBoxLayout()
        foot.setSpacing(12)
        foot.addWidget(self.delete)
        foot.addStretch(1)
        foot.addWidget(self.not_ours_button)
        lines = QVBoxLayout(self)
        lines.setContentsMargins(0, 0, 0, 0)
        lines.setSpacing(6)
        lines.addWidget(self.show_button)
        lines.addLayout(self._grid)
        lines.addLayout(foot)

    def show_findings(self, said: Mapping[tuple[str, str], Mapping[str, Any]]) -> None:
        """Show what was found so far; signals nothing."""
        mine = [one for (record_id, _), one in said.items() if record_id == self.record.record_id]
        self.delete.setChecked(bool(mine) and all(one.get("finding") == "delete" for one in mine))
        for row in self.rows:
            row.show_finding(said.get((self.record.record_id, row.field.id), {}))
        self._follow()

    def findings(self) -> list[dict[str, Any]]:
        """Return what was found, in the shape of the store."""
        if self.delete.isChecked():
            record_id = self.record.record_id
            return [
                {"record_id": record_id, "field": one.field, "finding": "delete"}
                for one in self.record.disputes
            ]
        return [found for row in self.rows if (found := row.finding()) is not None]

    def set_read_only(self, on: bool, *, transferable: bool) -> None:
        """Show only, or let choose."""
        self._read_only = on
        self.not_ours_button.setVisible(transferable)
        self.delete.setEnabled(not on)
        self._follow()

    def _add(self, item: Item, dispute: Dispute, setting: Setting) -> None:
        line = self._grid.rowCount()
        field = item.by_id.get(dispute.field)
        if field is None:
            self._grid.addWidget(
                _text(words.UNKNOWN_FIELD.format(field=dispute.field), "secondary"), line, 0, 1, 4
            )
            return
        row = DisputeRow(self.record, item, field, dispute, setting, self)
        row.edited.connect(self.edited)
        row.answered.connect(self.answered)
        self.rows.append(row)
        row.place(self._grid, line)

    def _on_delete(self) -> None:
        self._follow()
        self.edited.emit()

    def _follow(self) -> None:
        for row in self.rows:
            row.set_read_only(self._read_only or self.delete.isChecked())


class DisputeGrid(QWidget):
    """All records of a case, one under the other; the last finding can be taken back.

    Signals:
        edited(), answered(str, str, str): from the rows.
        not_ours(): a record was supplied by another unit.
        looked_at(int): the place of the record that came in hand.
    """

    edited = Signal()
    answered = Signal(str, str, str)
    not_ours = Signal()
    looked_at = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.boxes: list[RecordBox] = []
        self.rows: list[DisputeRow] = []
        self._before: list[list[dict[str, Any]]] = []
        self._now: list[dict[str, Any]] = []
        self.undo_button = buttons.link(words.UNDO_FINDING, self.undo)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(12)
        buttons.on_keys("Ctrl+Z", self, self.undo)

    def set_records(self, records: Sequence[Disputed], items: Sequence[Item], setting: Setting) -> None:
        """Make a box for each record; used once."""
        for place, (record, item) in enumerate(zip(records, items, strict=True)):
            name = str(record.values.get(item.doc_no or "") or item.name)
            title = (
                words.RECORD_OF.format(n=place + 1, count=len(records), name=name) if len(records) > 1 else ""
            )
            box = RecordBox(record, item, setting, title)
            box.edited.connect(self._on_edited)
            box.answered.connect(self.answered)
            box.not_ours.connect(self.not_ours)
            box.looked_at.connect(partial(self.looked_at.emit, place))
            self.boxes.append(box)
            self.rows += box.rows
            self._column.addWidget(box)
        self._column.addWidget(self.undo_button, 0, Qt.AlignmentFlag.AlignLeft)
        self.undo_button.hide()

    def show_findings(self, disputes: Sequence[Mapping[str, Any]]) -> None:
        """Show what was found so far; signals nothing, and there is nothing to take back."""
        if list(disputes) == self.findings():
            return
        said = {(one["record_id"], one["field"]): one for one in disputes}
        for box in self.boxes:
            box.show_findings(said)
        self._before, self._now = [], self.findings()
        self.undo_button.hide()

    def findings(self) -> list[dict[str, Any]]:
        """Return what was found, in the shape of the store."""
        return [found for box in self.boxes for found in box.findings()]

    def set_read_only(self, on: bool, *, transferable: bool) -> None:
        """Show only, or let choose."""
        for box in self.boxes:
            box.set_read_only(on, transferable=transferable)
        self.undo_button.setVisible(bool(self._before) and not on)

    def undo(self) -> None:
        """Take the last finding back."""
        if not self._before or self.undo_button.isHidden():
            return
        before = self._before.pop()
        kept = self._before
        self.show_findings(before)
        self._before = kept
        self.undo_button.setVisible(bool(kept))
        self.edited.emit()

    def _on_edited(self) -> None:
        found = self.findings()
        if _chosen(found) != _chosen(self._now):
            self._before.append(self._now)
            self.undo_button.show()
        self._now = found
        self.edited.emit()


def _chosen(findings: Sequence[Mapping[str, Any]]) -> list[tuple[str, str, str]]:
    """What was chosen, without what is being typed: a value has an undo of its own."""
    return [(one["record_id"], one["field"], one["finding"]) for one in findings]


def _text(text: str, role: str = "") -> QLabel:
    label = QLabel(text)
    label.setWordWrap(True)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    if role:
        label.setProperty("role", role)
    return label
