"""Tables: what is long costs no more than what is in sight."""

from __future__ import annotations

from collections.abc import Sequence
from typing import overload

from PySide6.QtCore import QItemSelectionModel

from client.ui.packed_model import PackedModel
from client.ui.row_model import Column, RowModel
from client.ui.widgets.tables import Table

ROWS = 20_000


class Looked(Sequence[int]):
    """Long, and knows which of it was looked at."""

    def __init__(self) -> None:
        self.places: set[int] = set()

    def __len__(self) -> int:
        return ROWS

    @overload
    def __getitem__(self, place: int) -> int: ...
    @overload
    def __getitem__(self, place: slice) -> list[int]: ...
    def __getitem__(self, place: int | slice) -> int | list[int]:
        assert isinstance(place, int)
        self.places.add(place)
        return place


def a_table(qtbot, rows: Sequence[int]) -> Table:
    table, model = Table("长表"), PackedModel([Column(title, str) for title in "甲乙丙"])
    table.setModel(model)
    table.lay_out((100, 100, 100), 2)
    qtbot.addWidget(table)
    model.show(rows)
    table.resize(500, 400)
    table.show()
    return table


def test_only_rows_in_sight_are_looked_at(qtbot):
    rows = Looked()
    table = a_table(qtbot, rows)

    table.selectAll()
    table.grab()
    table.scrollToBottom()
    table.grab()

    assert {0, ROWS - 1} < rows.places
    assert len(rows.places) < 60


def test_headings_do_not_ask_every_row_whether_it_is_chosen(qtbot):
    """Qt asks each row of each column, which takes a second in a table of 100,000."""
    table = a_table(qtbot, range(ROWS))

    table.selectAll()

    assert len(table.selectionModel().selectedRows()) == ROWS
    headings: QItemSelectionModel = table.horizontalHeader().selectionModel()
    assert not headings.hasSelection()


def test_in_a_narrow_table_other_columns_give_way_before_the_name_vanishes_and_come_back(qtbot):
    table = Table("records")
    qtbot.addWidget(table)
    table.setModel(RowModel([Column(str(n), str) for n in range(4)], key=int))
    table.lay_out((160, 172, 60, 96), stretch=0, yields={2: 0, 1: 124})
    table.show()
    seen = []
    for width in (600, 420, 600):
        table.resize(width, 200)
        seen.append((table.columnWidth(0), table.columnWidth(1), table.isColumnHidden(2)))

    assert seen[0] == seen[2]
    assert seen[0][1:] == (172, False)
    assert 124 <= seen[1][1] < 172  # how much exactly, the frame of the theme decides
    assert seen[1][2]
    assert min(name for name, _, _ in seen) >= 160
