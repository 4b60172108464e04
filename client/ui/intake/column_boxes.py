"""The choices in the lines of 列对应: a box for each column's field, and for its unit where that is asked.

Boxes are dear: they are made a few at a time, from the top, and a line shows plain text until it has its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QStandardItemModel
from PySide6.QtWidgets import QWidget

from client.core.recipes import UNITS
from client.ui.intake import columns_model, words
from client.ui.intake.columns_model import Line
from client.ui.intake.field_box import FieldBox, QuietBox
from client.ui.widgets.tables import Table
from forms.catalog.schema import Item

AT_ONCE: Final = 3
"""Lines that get their boxes in one turn of the event loop: about 15 ms."""


class ColumnBoxes(QObject):
    """The boxes of a table, by the place of their lines; one that is asked for is there at once.

    Signals:
        field_chosen(int): a person chose the field of the line at this place.
        unit_chosen(int): or its unit.
    """

    field_chosen = Signal(int)
    unit_chosen = Signal(int)

    def __init__(self, table: Table, field_at: int, unit_at: int, line_of: Callable[[int], Line]) -> None:
        super().__init__(table)
        self._table, self._field_at, self._unit_at, self._line_of = table, field_at, unit_at, line_of
        self._item: Item | None = None
        self._fields = QStandardItemModel()
        self._lines = 0
        self._boxes: dict[int, FieldBox] = {}
        self._units: dict[int, QuietBox] = {}
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._make_some)

    def show(self, lines: int, item: Item, fields: QStandardItemModel) -> None:
        """Make boxes for so many new lines, which have none yet."""
        self._item, self._fields, self._lines = item, fields, lines
        self._boxes, self._units = {}, {}
        self._timer.start(0)

    def __getitem__(self, place: int) -> FieldBox:
        """The box of a field."""
        if place not in self._boxes:
            self._make(place)
        return self._boxes[place]

    def __iter__(self) -> Iterator[FieldBox]:
        """All boxes of fields, from the top."""
        return (self[place] for place in range(self._lines))

    def has(self, place: int) -> bool:
        """Whether the box of a line has been made."""
        return place in self._boxes

    def unit(self, place: int) -> QuietBox | None:
        """The box of a unit; None where it is not asked."""
        self[place]
        return self._units.get(place)

    def _make_some(self) -> None:
        waiting = [place for place in range(self._lines) if place not in self._boxes]
        for place in waiting[:AT_ONCE]:
            self._make(place)
        if len(waiting) <= AT_ONCE:
            self._timer.stop()

    def _make(self, place: int) -> None:
        line = self._line_of(place)
        box = FieldBox(self._fields, line.field, f"{line.heading.letters} {line.heading.text}")
        box.currentIndexChanged.connect(partial(self._on_field, place))
        box.activated.connect(partial(self._on_field, place))  # the guess itself, chosen: a yes
        self._boxes[place] = box
        self._table.setIndexWidget(self._table.model().index(place, self._field_at), box)
        self._ask_unit(place)

    def _on_field(self, place: int, _index: int) -> None:
        self.field_chosen.emit(place)
        self._ask_unit(place)

    def _on_unit(self, place: int, _index: int) -> None:
        self.unit_chosen.emit(place)

    def _ask_unit(self, place: int) -> None:
        """Ask for the unit where the heading does not say it."""
        line = self._line_of(place)
        index = self._table.model().index(place, self._unit_at)
        assert self._item is not None
        if not columns_model.asks_for_unit(line, self._item):
            if self._units.pop(place, None) is not None:
                self._table.setIndexWidget(index, QWidget())
            return
        box = self._units[place] = QuietBox()
        box.setAccessibleName(words.UNIT_OF.format(title=line.heading.text or line.heading.letters))
        usual = self._item.by_id[line.field or ""].unit
        box.addItem(words.UNIT_UNSAID.format(unit=usual), "")
        for unit in UNITS:
            box.addItem(unit, unit)
        box.setCurrentIndex(max(0, box.findData(line.unit)))
        box.currentIndexChanged.connect(partial(self._on_unit, place))
        self._table.setIndexWidget(index, box)
