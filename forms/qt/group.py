"""The editor of a repeated group (明细): a table, a button that adds a row, one line under it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from forms.catalog.messages import short
from forms.catalog.nested import most_entries
from forms.catalog.problems import Problem
from forms.catalog.schema import Field, Item, Value
from forms.qt import words
from forms.qt.editor import Editor, Setting
from forms.qt.file_rows import SaidRow, link, say_instead
from forms.qt.glyphs import ADD, glyph
from forms.qt.group_model import GroupModel, Row
from forms.qt.group_table import FORWARD, GroupTable, MakeEditor
from forms.qt.inputs import ENTER, finish_composition

NOTES_SHOWN: Final = 5
"""Problems that stand under the table in full; further ones are marked in their cells."""


class GroupEditor(Editor):
    """Rows of the same fields. What stands in their place and is none stays as given until it is removed."""

    wide = True

    def __init__(
        self, field: Field, setting: Setting, make: MakeEditor, parent: QWidget | None = None
    ) -> None:
        super().__init__(field, setting, parent)
        self._given: Value | None = None
        self._touched = False
        self._read_only = False
        self._more = 0
        self._strange: SaidRow | None = None
        self.model = GroupModel(field.fields, most_entries(field))
        self.table = GroupTable(self.model, field.title, setting, make)
        self.add_button = QPushButton(words.ADD_ROW)
        self.add_button.setIcon(glyph(ADD, self.palette()))
        self.add_button.setAutoDefault(False)
        self.add_button.setToolTip(words.GROUP_KEYS)
        self.undo_button = link(words.UNDO, words.UNDO)
        self.undo_button.hide()
        self.remove_button = link(words.REMOVE_ROW, words.REMOVE_ROW)
        self.remove_button.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # Ctrl+Delete does the same from the cell
        self._said = QLabel()
        self._said.setWordWrap(True)
        self._said.setProperty("role", "secondary")
        self._lay_out()
        self._connect()
        self.name_for_readers(field.title)
        self._say("")

    # --- values -----------------------------------------------------------------------------

    def value(self) -> Value | None:
        if not self._touched:
            return self._given
        return [dict(row) for row in self.model.rows()] or None

    def set_value(self, value: Value | None) -> None:
        self._given, self._touched = value, False
        members = value if isinstance(value, list) else [] if value is None else [value]
        rows: list[Row] = [one for one in members if isinstance(one, dict)] if isinstance(value, list) else []
        self.table.close_cell()
        self.model.set_rows(rows)
        self._show_strange("、".join(str(one) for one in members if one not in rows))
        self.undo_button.hide()
        self._more = 0
        self._say("")

    def set_read_only(self, on: bool) -> None:
        self._read_only = on
        self.table.set_read_only(on)
        self.add_button.setVisible(not on)
        self.remove_button.setVisible(False)
        if self._strange is not None:
            self._strange.button.setVisible(not on)
        self._say("")

    def inputs(self) -> tuple[QWidget, ...]:
        cell = self.table.cell()
        inner = cell.inputs() if cell is not None else ()
        undo = () if self.undo_button.isHidden() else (self.undo_button,)
        add = () if self._read_only else (self.add_button,)
        return (self.table, *inner, *undo, *add)

    def focus_at(self, place: str) -> QWidget:
        """Go to the cell of ``0/SUB``."""
        row, _, field_id = place.partition("/")
        columns = {field.id: n for n, field in enumerate(self.field.fields)}
        self.table.setFocus(Qt.FocusReason.ShortcutFocusReason)
        if row.isdecimal() and not self._read_only:
            self.table.open_cell(int(row), columns.get(field_id, 0))
        return self.table

    def is_in_hand(self, path: str) -> bool:
        at = self.table.at()
        return at is not None and path.split("/")[1:2] == [str(at[0])]

    # --- marks ------------------------------------------------------------------------------

    def set_tone(self, tone: str) -> None:
        if self.table.property("tone") != tone:
            self.table.setProperty("tone", tone)
            self.table.style().unpolish(self.table)
            self.table.style().polish(self.table)

    def take_problems(self, problems: Sequence[Problem], item: Item) -> Sequence[Problem]:
        self.model.set_problems([(problem, short(problem, item)) for problem in problems])
        self._more = max(0, len(problems) - NOTES_SHOWN)
        self._say_place()
        return problems[:NOTES_SHOWN]

    def name_for_readers(self, name: str, description: str = "") -> None:
        self.table.setAccessibleName(name)
        self.table.setAccessibleDescription(f"{description}\n{words.GROUP_KEYS}".strip())
        self.table.describe(description)
        self.add_button.setAccessibleName(f"{name}：{words.ADD_ROW}")
        self.remove_button.setAccessibleName(f"{name}：{words.REMOVE_ROW}")

    def said(self) -> str:
        """What stands under the table."""
        return self._said.text()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter on a button of the foot goes on to the next field."""
        if event.key() in ENTER:
            self.entered.emit()
        else:
            super().keyPressEvent(event)

    # --- inside -----------------------------------------------------------------------------

    def _on_edited(self) -> None:
        self._touched = True
        self._show_strange("")
        self.edited.emit()

    def _on_told(self, text: str, way_back: bool) -> None:
        self.undo_button.setVisible(way_back)
        self._say(text)

    def _on_came(self, _row: int, _column: int) -> None:
        self.remove_button.setVisible(not self._read_only)
        self._say_place()

    def _on_left(self) -> None:
        if self.table.cell() is None:
            self.remove_button.hide()
        self.left.emit()

    def _on_finished(self, way: int) -> None:
        if way == FORWARD:
            self.add_button.setFocus(Qt.FocusReason.TabFocusReason)
        else:
            self.table.leave_backwards()

    def _on_add(self) -> None:
        self.table.add_row()

    def _on_remove(self) -> None:
        if (at := self.table.at()) is not None:
            self.table.remove_row(at[0])

    def _on_undo(self) -> None:
        finish_composition()
        self.undo_button.hide()
        self.table.undo()

    def _say_place(self) -> None:
        """Say what is wrong in the cell in hand; else how much is marked and not written out."""
        at = self.table.at()
        said = self.model.said(*at) if at is not None else []
        if said:
            tone = "bad" if any(one == "bad" for one, _ in said) else "warn"
            self._say("　".join(sentence for _, sentence in said), tone)
        elif self.undo_button.isHidden():
            self._say(words.MORE_MARKED.format(n=self._more) if self._more else "")

    def _say(self, text: str, tone: str = "") -> None:
        if not text and not self.model.rowCount():
            text = words.NO_ROWS if self._read_only else words.GROUP_HINT
        self._said.setText(text)
        if self._said.property("tone") != tone:
            self._said.setProperty("tone", tone)
            self._said.style().unpolish(self._said)
            self._said.style().polish(self._said)

    def _show_strange(self, text: str) -> None:
        said = words.NOT_ROWS.format(text=text) if text else ""
        self._strange = say_instead(self._column, self._strange, said, self._on_edited)
        if self._strange is not None:
            self._strange.button.setVisible(not self._read_only)

    def _connect(self) -> None:
        self.table.edited.connect(self._on_edited)
        self.table.left.connect(self._on_left)
        self.table.entered.connect(self.entered)
        self.table.finished.connect(self._on_finished)
        self.table.told.connect(self._on_told)
        self.table.came.connect(self._on_came)
        self.add_button.clicked.connect(self._on_add)
        self.undo_button.clicked.connect(self._on_undo)
        self.remove_button.clicked.connect(self._on_remove)

    def _lay_out(self) -> None:
        foot = QHBoxLayout()
        foot.setContentsMargins(0, 0, 0, 0)
        foot.setSpacing(8)
        foot.addWidget(self.add_button)
        foot.addWidget(self.remove_button)
        foot.addWidget(self._said, 1)
        foot.addWidget(self.undo_button)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(4)
        self._column.addWidget(self.table)
        self._column.addLayout(foot)
