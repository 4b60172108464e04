"""Lines over the form: what another desk changed too (合并修改), with both values, to choose from."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from client.core.merge import SIDES, Open, Side, shown
from client.ui.records import words
from client.ui.widgets.buttons import plain
from client.ui.widgets.elided import ElidedLabel
from forms.catalog.schema import Item

HIGHEST_PX: Final = 160
"""A handful of fields; more are scrolled."""


class MergeStrip(QFrame):
    """Hidden where nothing is to be chosen.

    Signals:
        chosen(str, str): a field, and whose value it is to have: mine or theirs.
    """

    chosen = Signal(str, str)

    def __init__(self) -> None:
        super().__init__()
        self._said = QLabel()
        self._said.setProperty("role", "heading")
        self.buttons: dict[tuple[str, Side], QPushButton] = {}
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setMaximumHeight(HIGHEST_PX)
        column = QVBoxLayout(self)
        column.setContentsMargins(4, 4, 4, 4)
        column.setSpacing(4)
        column.addWidget(self._said)
        column.addWidget(self._scroll)
        self.hide()

    def show_choices(self, item: Item, choices: Sequence[Open]) -> None:
        """Show what is to be chosen; the keyboard stays where it was, or goes to the next choice."""
        had_focus = any(button.hasFocus() for button in self.buttons.values())
        here = next((place for place, button in self.buttons.items() if button.hasFocus()), None)
        self._said.setText(words.MERGE_COUNT.format(n=len(choices)))
        self.buttons = {}
        lines = QWidget()
        grid = QGridLayout(lines)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(2, 1)
        grid.setColumnStretch(4, 1)
        for place, one in enumerate(choices):
            self._put(grid, place, item, one)
        self._scroll.setWidget(lines)
        for part in (self._scroll.viewport(), lines):
            part.setAutoFillBackground(False)
        self._scroll.setFixedHeight(min(lines.sizeHint().height(), HIGHEST_PX))
        self.setVisible(bool(choices))
        if had_focus and self.buttons:
            self.buttons.get(here or ("", "mine"), next(iter(self.buttons.values()))).setFocus()

    def _put(self, grid: QGridLayout, place: int, item: Item, one: Open) -> None:
        title = item.by_id[one.field].title if one.field in item.by_id else one.field
        label = QLabel(title)
        label.setProperty("role", "secondary")
        grid.addWidget(label, place, 0)
        values = {"mine": one.mine, "theirs": one.theirs}
        for n, (side, whose) in enumerate(SIDES.items()):
            value = shown(item, one.field, values[side]) or words.MERGE_EMPTY
            use = words.MERGE_USE.format(side=whose)
            button = plain(use, partial(self.chosen.emit, one.field, side))
            button.setAccessibleName(f"{title}：{use}，{value}")
            self.buttons[one.field, side] = button
            grid.addWidget(button, place, 2 * n + 1)
            grid.addWidget(ElidedLabel(value), place, 2 * n + 2)
