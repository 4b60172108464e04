"""One record of an application: why it is disputed, and field by field what the applicant claims instead."""

from __future__ import annotations

from functools import partial
from typing import Any, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from client.core.case_openings import Claim, DisputedRecord, Snapshot
from client.core.records import Attachment, RecordRow
from client.ui.cases import register_words as words
from client.ui.cases.application import label, legal_words
from client.ui.cases.dispute_rows import as_words
from client.ui.widgets import buttons
from forms.catalog.schema import Item
from forms.qt.editor import Editor, Setting
from forms.qt.registry import make_editor

CHOOSE: Final = "请选择"
NOT_HERE: Final = frozenset({"attachment", "group"})
"""Types of fields that are not disputed value by value."""


class RecordClaims(QFrame):
    """See the module.

    Signals:
        removed(): the record is not part of the application after all.
    """

    removed = Signal()

    def __init__(self, row: RecordRow, item: Item, held: Snapshot, setting: Setting) -> None:
        super().__init__()
        self.setProperty("role", "surface")
        self.row, self.item, self.held, self._setting = row, item, held, setting
        self.claims: dict[str, Editor] = {}
        self._parts: dict[str, list[QWidget]] = {}
        self.name = "　".join(part for part in (row.subject_name, row.doc_no) if part)
        self.reason = QComboBox()
        self.reason.setAccessibleName(words.REASON)
        self.reason_row = QWidget()
        self.field = QComboBox()
        self.field.setAccessibleName(words.ADD_FIELD)
        self.field.addItem(words.ADD_FIELD, "")
        for field in item.fields:
            if field.type not in NOT_HERE:
                self.field.addItem(field.title, field.id)
        self.field.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.field.setMinimumContentsLength(16)
        self.field.activated.connect(self._on_field)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(6)
        self._grid.setColumnStretch(1, 2)
        self._grid.setColumnStretch(2, 3)
        self._lay_out()

    def set_kind(self, kind: str) -> None:
        """An objection has a reason; a repair has none."""
        self.reason.clear()
        self.reason.addItem(CHOOSE, "")
        for word in legal_words().reasons_for(kind):
            self.reason.addItem(word.title, word.code)
        self.reason_row.setVisible(kind == "objection")

    def add_claim(self, field_id: str) -> None:
        """Let a value be claimed for a field."""
        field = self.item.by_id.get(field_id)
        if field is None or field_id in self.claims:
            return
        editor = self.claims[field_id] = make_editor(field, self._setting)
        editor.name_for_readers(f"{field.title}，{words.CLAIMED}", field.help or "")
        held = label(words.HELD.format(value=as_words(field, self.held.values.get(field_id))), "secondary")
        drop = buttons.link(words.REMOVE, partial(self.drop_claim, field_id))
        drop.setAccessibleName(f"{words.REMOVE}：{field.title}")
        parts: list[QWidget] = [label(field.title, "heading"), held, editor, drop]
        line = self._grid.rowCount()
        for column, part in enumerate(parts):
            self._grid.addWidget(
                part, line, column, Qt.AlignmentFlag.AlignTop if column != 2 else Qt.AlignmentFlag(0)
            )
        self._parts[field_id] = parts
        editor.inputs()[0].setFocus(Qt.FocusReason.OtherFocusReason)

    def drop_claim(self, field_id: str) -> None:
        """The field is not disputed after all."""
        del self.claims[field_id]
        for part in self._parts.pop(field_id):
            self._grid.removeWidget(part)
            part.hide()
            part.deleteLater()

    def disputed(self, evidence: tuple[Attachment, ...]) -> DisputedRecord:
        """What was written, as the opening has it."""
        claims = [
            Claim(field_id, self.held.values.get(field_id), _value(editor))
            for field_id, editor in self.claims.items()
        ]
        return DisputedRecord(self.row.record_id, str(self.reason.currentData() or ""), claims, evidence)

    def _on_field(self, _place: int) -> None:
        field_id = str(self.field.currentData() or "")
        self.field.setCurrentIndex(0)
        self.add_claim(field_id)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.addWidget(label(self.name, "heading"), 1)
        self.remove_button: QPushButton = buttons.link(words.REMOVE, self.removed.emit)
        self.remove_button.setAccessibleName(f"{words.REMOVE}：{self.name}")
        head.addWidget(self.remove_button)
        reason = QHBoxLayout(self.reason_row)
        reason.setContentsMargins(0, 0, 0, 0)
        reason.setSpacing(12)
        reason.addWidget(QLabel(words.REASON))
        reason.addWidget(self.reason)
        reason.addStretch(1)
        foot = QHBoxLayout()
        foot.addWidget(self.field)
        foot.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 12, 8)
        column.setSpacing(6)
        column.addLayout(head)
        column.addWidget(label(self.item.name, "secondary"))
        column.addWidget(self.reason_row)
        column.addLayout(self._grid)
        column.addLayout(foot)


def _value(editor: Editor) -> Any:
    value = editor.value()
    return None if value in ("", []) else value
