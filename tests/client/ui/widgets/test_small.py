"""Banner, empty state, table, elided text: the small things that every page uses."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtGui import QStandardItem, QStandardItemModel

from client.ui.theme import ROW_PX
from client.ui.widgets.banner import Banner
from client.ui.widgets.buttons import plain, primary
from client.ui.widgets.elided import ElidedLabel
from client.ui.widgets.empty import EmptyState
from client.ui.widgets.tables import Table, remember
from client.ui.widgets.times import clock, day_and_clock


def test_a_banner_is_hidden_until_something_stands_in_the_way(qtbot):
    banner = Banner()
    qtbot.addWidget(banner)
    before = banner.isHidden()

    banner.say("平台暂时联系不上。", "warn")
    shown = not banner.isHidden()
    banner.clear()

    assert (before, shown, banner.isHidden()) == (True, True, True)


def test_the_button_of_a_banner_does_what_it_says(qtbot):
    banner = Banner()
    qtbot.addWidget(banner)
    done: list[str] = []
    banner.say("没有存上。", "bad", ("马上再试", lambda: done.append("again")), "disk_full")
    banner.show()

    qtbot.mouseClick(banner.button(), Qt.MouseButton.LeftButton)

    assert done == ["again"]
    assert banner.button().accessibleName() == "马上再试"


def test_an_empty_state_offers_the_first_step(qtbot):
    empty = EmptyState("note-pencil", "这里还没有记录")
    qtbot.addWidget(empty)
    done: list[str] = []
    empty.say("note-pencil", "这里还没有记录", "新建一条。", ("新建", lambda: done.append("new")))
    empty.show()

    qtbot.mouseClick(empty.button(), Qt.MouseButton.LeftButton)

    assert done == ["new"]


def test_a_table_has_rows_of_one_height_whatever_the_model(qtbot):
    table = Table("表")
    qtbot.addWidget(table)
    model = QStandardItemModel(3, 2)

    table.setModel(model)

    assert {table.rowHeight(n) for n in range(3)} == {ROW_PX}


def test_widths_of_columns_are_remembered(qtbot, tmp_path):
    settings = QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat)
    first, second = Table("一"), Table("二")
    for table in (first, second):
        qtbot.addWidget(table)
        table.setModel(QStandardItemModel(1, 3))
    remember(settings, "columns", first.horizontalHeader())
    first.setColumnWidth(1, 173)

    remember(settings, "columns", second.horizontalHeader())

    assert second.columnWidth(1) == 173


def test_buttons_say_their_keys_but_are_named_by_their_word(qtbot):
    done: list[int] = []
    button = primary("提交并新建", lambda: done.append(1), "Ctrl+Enter")
    qtbot.addWidget(button)

    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)

    assert (button.text(), button.accessibleName()) == ("提交并新建 Ctrl+Enter", "提交并新建")
    assert done == [1]


def test_a_verb_with_a_default_argument_is_not_handed_the_state_of_the_button(qtbot):
    got: list[object] = []

    def verb(what: object = None) -> None:
        got.append(what)

    button = plain("删除", verb)
    qtbot.addWidget(button)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)

    assert got == [None]


def test_a_text_that_does_not_fit_ends_in_dots_and_is_whole_in_the_tip(qtbot):
    label = ElidedLabel()
    qtbot.addWidget(label)
    label.resize(80, 20)
    label.show()

    label.say("厦门市思明区鹭江街道某某供应链管理有限责任公司")

    assert label.shown().endswith("…")
    assert label.toolTip() == label.text() == "厦门市思明区鹭江街道某某供应链管理有限责任公司"


@pytest.mark.parametrize(
    ("at", "shown"),
    [("2026-11-24T02:41:07.000Z", "10:41:07"), ("2026-11-24T16:00:00.000Z", "00:00:00")],
    ids=["morning", "midnight"],
)
def test_times_are_shanghais(at, shown):
    assert clock(at) == shown


def test_the_day_turns_at_shanghais_midnight():
    assert day_and_clock("2026-11-24T16:00:00.000Z") == "2026-11-25 00:00"


def test_a_cell_that_is_cut_off_tells_all_in_a_tip(qtbot):
    table = Table("表")
    qtbot.addWidget(table)
    model = QStandardItemModel()
    model.appendRow([QStandardItem("厦门市思明区鹭江街道某某供应链管理有限责任公司")])
    table.setModel(model)
    table.setColumnWidth(0, 60)
    table.show()

    assert table.itemDelegate().is_cut_off(table, model.index(0, 0))
    table.setColumnWidth(0, 600)
    assert not table.itemDelegate().is_cut_off(table, model.index(0, 0))
