"""A line over the form: what the import put in order in this record. Opened, each field can be undone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from client.store.import_changes import CellChange
from client.ui.intake.changes import Line, lines_of
from client.ui.records import words
from client.ui.widgets.buttons import link
from client.ui.widgets.elided import ElidedLabel
from forms.catalog.schema import Item, Value

HIGHEST_PX: Final = 132
"""A handful of fields; more are scrolled."""


def cleaned_of(item: Item, changes: Iterable[CellChange], values: Mapping[str, Value]) -> list[Line]:
    """Return a line a field, in the order of the form; fields that were edited since are left out."""
    by_field: dict[str, CellChange] = {}
    for change in changes:
        first = by_field.get(change.field)
        by_field[change.field] = replace(change, before=first.before) if first else change
    stand = [
        by_field[field.id]
        for field in item.fields
        if field.id in by_field and _stands(by_field[field.id], values.get(field.id, ""))
    ]
    return lines_of(item, stand)


def _stands(change: CellChange, value: Value) -> bool:
    return value == (change.before if change.undone else change.after)


class CleanedStrip(QFrame):
    """Hidden where nothing was put in order; one line until somebody opens it.

    Signals:
        asked(str, bool): a field is to be as it was read; or, with True, put in order again.
    """

    asked = Signal(str, bool)

    def __init__(self) -> None:
        super().__init__()
        self._said = QLabel()
        self._said.setProperty("role", "secondary")
        self.toggle = link(words.CLEANED_SHOW, self._turn)
        self.buttons: dict[str, QPushButton] = {}
        self._record_id: str | None = None
        self._lines = QWidget()
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setMaximumHeight(HIGHEST_PX)
        self._scroll.hide()
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self._said)
        head.addWidget(self.toggle)
        head.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(4, 0, 4, 4)
        column.setSpacing(4)
        column.addLayout(head)
        column.addWidget(self._scroll)
        self.hide()

    def show_changes(self, record_id: str | None, changes: Sequence[Line], *, editable: bool) -> None:
        """Show what was put in order; the line stays open while the record is the same."""
        here = next((name for name, button in self.buttons.items() if button.hasFocus()), None)
        if record_id != self._record_id:
            self._open(False)
        self._record_id = record_id
        self._said.setText(words.CLEANED_COUNT.format(n=len(changes)))
        self.buttons = {}
        self._lines = QWidget()
        grid = QGridLayout(self._lines)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(2)
        grid.setColumnStretch(1, 3)
        grid.setColumnStretch(2, 2)
        for place, one in enumerate(changes):
            self._put(grid, place, one, editable=editable)
        self._scroll.setWidget(self._lines)
        for part in (self._scroll.viewport(), self._lines):
            part.setAutoFillBackground(False)
        self.setVisible(bool(changes))
        if here in self.buttons:
            self.buttons[here].setFocus()

    def _put(self, grid: QGridLayout, place: int, one: Line, *, editable: bool) -> None:
        title = QLabel(one.title)
        title.setProperty("role", "secondary")
        turned = words.CLEANED_BACK if one.undone else words.CLEANED_FROM_TO
        grid.addWidget(title, place, 0)
        grid.addWidget(ElidedLabel(turned.format(before=one.before, after=one.after)), place, 1)
        grid.addWidget(ElidedLabel(one.said, "secondary"), place, 2)
        if editable:
            word = words.CLEAN_AGAIN if one.undone else words.CLEANED_UNDO
            button = link(word, partial(self.asked.emit, one.field, one.undone))
            button.setAccessibleName(f"{one.title}：{word}")
            self.buttons[one.field] = button
            grid.addWidget(button, place, 3)

    def _turn(self) -> None:
        self._open(self._scroll.isHidden())

    def _open(self, on: bool) -> None:
        self._scroll.setVisible(on)
        self.toggle.setText(words.CLEANED_HIDE if on else words.CLEANED_SHOW)
        self.toggle.setAccessibleName(self.toggle.text())
