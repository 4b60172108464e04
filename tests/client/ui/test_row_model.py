"""The table model over frozen values."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from PySide6.QtCore import Qt
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from client.ui.row_model import Column, Role, RowModel, current, fill
from client.ui.widgets.marks import StateLook
from client.ui.widgets.tables import Table


@dataclass(frozen=True)
class Row:
    key: str
    count: int = 0


COLUMNS = (
    Column(
        "键", lambda row: row.key, look=lambda row: StateLook("ring", "草稿", "bad") if row.count else None
    ),
    Column("数", lambda row: f"{row.count:,}", sort=lambda row: row.count, tip=lambda row: f"共 {row.count}"),
)


@pytest.fixture
def model() -> RowModel:
    return RowModel(COLUMNS, key=lambda row: row.key)


def test_it_keeps_to_the_rules_of_models(model: RowModel, qtmodeltester: ModelTester):
    model.set_rows([Row("甲"), Row("乙", 1_200)])

    qtmodeltester.check(model)


def test_cells_titles_tips_and_sort_keys_come_from_the_columns(model: RowModel):
    model.set_rows([Row("乙", 1_200)])
    cell = model.index(0, 1)

    assert model.headerData(1, Qt.Orientation.Horizontal) == "数"
    assert (cell.data(), cell.data(Role.SORT), cell.data(Qt.ItemDataRole.ToolTipRole)) == (
        "1,200",
        1_200,
        "共 1200",
    )
    assert cell.data(Role.ROW) == Row("乙", 1_200)
    assert model.index(0, 0).data(Qt.ItemDataRole.DecorationRole) is not None
    assert model.index(0, 1).data(Qt.ItemDataRole.DecorationRole) is None


def test_the_same_rows_with_other_values_reset_nothing(model: RowModel, qtbot: QtBot):
    model.set_rows([Row("甲"), Row("乙")])

    with qtbot.assertNotEmitted(model.modelReset), qtbot.waitSignal(model.dataChanged):
        model.set_rows([Row("甲", 1), Row("乙")])


def test_the_chosen_row_stays_chosen_when_rows_come_and_go(model: RowModel, qtbot: QtBot):
    table = Table("表")
    qtbot.addWidget(table)
    table.setModel(model)
    fill(table, [Row("甲"), Row("乙"), Row("丙")], otherwise_first=True)
    assert current(table) == Row("甲")
    table.selectRow(2)

    assert fill(table, [Row("新"), Row("丙", 5)]) == Row("丙", 5)
    assert fill(table, [Row("新")]) == Row("新")
    assert fill(table, []) is None
