"""A repeated group in the form: typed in place, added, removed, pasted, gone back on; problems in cells."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from types import MappingProxyType
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from forms.catalog.problems import Problem
from forms.catalog.rules import Uscc
from forms.catalog.schema import Code, Field, Item
from forms.qt import words
from forms.qt.editor import Setting
from forms.qt.form import CatalogForm
from forms.qt.group import GroupEditor
from tests.forms.qt.conftest import a_code_set, a_field

pytestmark = pytest.mark.qt_log_ignore("does not support", extend=True)

CTRL = Qt.KeyboardModifier.ControlModifier
KINDS = a_code_set(Code("1", "茶叶"), Code("2", "紫菜"), Code("9", "其他", other=True))


def columns() -> tuple[Field, ...]:
    return (
        a_field("string", id="NAME", title="货物名称", required=True),
        a_field("enum", id="KIND", title="种类", code_set=KINDS),
        a_field("decimal", id="SUM", title="金额", unit="万元", max_length=18, scale=6),
        a_field("date", id="DAY", title="交货日期"),
    )


@dataclass
class Room:
    form: CatalogForm
    editor: GroupEditor
    qtbot: QtBot

    def press(self, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        box = QApplication.activePopupWidget() or QApplication.focusWidget()
        assert box is not None
        self.qtbot.keyClick(box, key, modifier)

    def type(self, text: str) -> None:
        for sign in text:
            box = QApplication.focusWidget()
            assert box is not None
            if sign.isascii():
                self.qtbot.keyClicks(box, sign)
            else:
                compose(box, "", sign)

    def enter(self, row: int, column: int) -> QWidget:
        self.editor.table.open_cell(row, column)
        return self.box()

    def box(self) -> QWidget:
        cell = self.editor.table.cell()
        assert cell is not None
        return cell.inputs()[0]

    def value(self) -> Any:
        return self.form.values().get("MX")

    def paste(self, text: str) -> None:
        QApplication.clipboard().setText(text)
        self.press(Qt.Key.Key_V, CTRL)


def compose(box: QWidget, preedit: str, commit: str = "") -> None:
    event = QInputMethodEvent(preedit, [])
    if commit:
        event.setCommitString(commit)
    QApplication.sendEvent(box, event)


@pytest.fixture
def item(penalty: Item) -> Item:
    """行政处罚 with rows of goods after the number of the decision."""
    section = penalty.fields[0].section
    group = a_field("group", id="MX", title="货物明细", fields=columns(), max_length=6, section=section)
    fields = [replace(field, rules=()) for field in penalty.fields[:8]]
    fields.insert(2, group)
    return replace(penalty, fields=tuple(fields), by_id=MappingProxyType({f.id: f for f in fields}))


@pytest.fixture
def room_of(qtbot: QtBot, setting: Setting, item: Item) -> Callable[..., Room]:
    def make(rows: Any = None) -> Room:
        form = CatalogForm(item, setting)
        qtbot.addWidget(form)
        form.resize(760, 640)
        form.show()
        form.activateWindow()
        qtbot.waitUntil(form.isActiveWindow)
        form.make_all()
        form.set_values({} if rows is None else {"MX": rows})
        editor = form.editor("MX")
        assert isinstance(editor, GroupEditor)
        return Room(form, editor, qtbot)

    return make


ROWS = [{"NAME": "铁观音", "KIND": "1", "SUM": "1.5"}, {"NAME": "坛紫菜", "KIND": "2", "DAY": "2026-11-20"}]


def test_rows_are_written_with_keys_alone(room_of: Callable[..., Room]):
    room = room_of()
    room.editor.table.setFocus()

    room.type("铁观音")
    room.press(Qt.Key.Key_Tab)
    room.type("1")
    room.press(Qt.Key.Key_Return)  # takes the code
    room.press(Qt.Key.Key_Return)
    room.type("5000元")
    room.press(Qt.Key.Key_Tab)
    room.type("2026/11/20")
    room.press(Qt.Key.Key_Return)  # the last cell: another row
    room.type("坛紫菜")

    assert room.value() == [
        {"NAME": "铁观音", "KIND": "1", "SUM": "0.5", "DAY": "2026-11-20"},
        {"NAME": "坛紫菜"},
    ]


def test_enter_in_an_empty_last_row_is_done_with_the_rows_and_goes_on(room_of: Callable[..., Room]):
    room = room_of(ROWS)
    room.enter(1, 3)
    room.press(Qt.Key.Key_Return)
    rows = room.editor.model.rowCount()
    room.press(Qt.Key.Key_Return)

    assert rows == 3
    assert room.editor.model.rowCount() == 2
    ids = [row.field.id for row in room.form.rows_made()]
    after = room.form.editor(ids[ids.index("MX") + 1])
    assert QApplication.focusWidget() in after.inputs()


def test_tab_goes_into_the_table_through_its_cells_and_out_and_back(room_of: Callable[..., Room]):
    room = room_of(ROWS)
    ids = [row.field.id for row in room.form.rows_made()]
    before = room.form.editor(ids[ids.index("MX") - 1]).inputs()[-1]
    after = room.form.editor(ids[ids.index("MX") + 1]).inputs()[0]
    before.setFocus()
    room.qtbot.waitUntil(before.hasFocus)
    went = []
    for _ in range(8):
        room.press(Qt.Key.Key_Tab)
        went.append(room.editor.table.at())
    room.press(Qt.Key.Key_Tab)
    button = QApplication.focusWidget()
    room.press(Qt.Key.Key_Tab)
    behind = QApplication.focusWidget()
    for _ in range(2):
        room.press(Qt.Key.Key_Backtab)
    back = room.editor.table.at()
    for _ in range(8):
        room.press(Qt.Key.Key_Backtab)

    assert went == [(row, column) for row in range(2) for column in range(4)]
    assert (button, behind, back) == (room.editor.add_button, after, (1, 3))
    assert QApplication.focusWidget() is before


def test_up_and_down_go_from_row_to_row_and_a_date_stays_as_it_is(room_of: Callable[..., Room]):
    room = room_of(ROWS)
    room.enter(0, 3)

    room.press(Qt.Key.Key_Down)
    room.press(Qt.Key.Key_Up)

    assert room.editor.table.at() == (0, 3)
    assert room.value() == ROWS


def test_a_row_is_removed_and_brought_back(room_of: Callable[..., Room]):
    room = room_of(ROWS)
    room.enter(0, 0)
    room.press(Qt.Key.Key_Delete, CTRL)
    left, said = room.value(), room.editor.said()
    room.press(Qt.Key.Key_Z, CTRL)

    assert left == ROWS[1:]
    assert said == words.ROW_REMOVED.format(n=1)
    assert room.value() == ROWS


def test_the_button_brings_back_what_was_removed_last(room_of: Callable[..., Room], qtbot: QtBot):
    room = room_of(ROWS[:1])
    room.enter(0, 0)
    qtbot.mouseClick(room.editor.remove_button, Qt.MouseButton.LeftButton)
    left = room.value()
    qtbot.mouseClick(room.editor.undo_button, Qt.MouseButton.LeftButton)

    assert left is None
    assert room.value() == ROWS[:1]


def test_insert_puts_a_row_below(room_of: Callable[..., Room]):
    room = room_of(ROWS)
    room.enter(0, 2)
    room.press(Qt.Key.Key_Insert)
    room.type("x")

    assert [row.get("NAME") for row in room.value()] == ["铁观音", "x", "坛紫菜"]


def test_rows_of_a_spreadsheet_are_pasted_from_the_cell_in_hand_on(room_of: Callable[..., Room]):
    room = room_of(ROWS)
    room.enter(1, 0)
    room.paste('货物名称\t种类\t金额\r\n岩茶\t茶叶\t2\r\n"两行\n名称"\t二\t三万\t2026.1.5\t多余\r\n')

    assert room.value() == [
        ROWS[0],
        {"NAME": "岩茶", "KIND": "1", "SUM": "2", "DAY": "2026-11-20"},
        {"NAME": "两行\n名称", "KIND": "二", "SUM": "3", "DAY": "2026-01-05"},
    ]
    assert "2 行" in room.editor.said()
    assert "1 列" in room.editor.said()
    room.press(Qt.Key.Key_Z, CTRL)
    assert room.value() == ROWS


def test_pasting_into_an_empty_group_makes_its_rows_and_no_more_than_it_may_have(
    room_of: Callable[..., Room],
):
    room = room_of()
    room.editor.table.setFocus()
    room.paste("\n".join(f"货{n}" for n in range(9)))

    assert [row["NAME"] for row in room.value()] == [f"货{n}" for n in range(6)]
    assert "3 行没有贴入" in room.editor.said()
    room.editor.table.add_row()
    assert room.editor.model.rowCount() == 6


def test_one_word_is_pasted_into_the_box_alone(room_of: Callable[..., Room]):
    room = room_of(ROWS)
    room.enter(0, 0)
    room.press(Qt.Key.Key_A, CTRL)
    room.paste("岩茶")

    assert room.value()[0] == {**ROWS[0], "NAME": "岩茶"}


def test_esc_takes_back_what_was_typed_in_the_cell(room_of: Callable[..., Room]):
    room = room_of(ROWS)
    room.enter(0, 0)
    room.type("abc")
    typed = room.value()[0]["NAME"]
    room.press(Qt.Key.Key_Escape)

    assert typed == "abc"
    assert room.value() == ROWS


def test_a_wrong_value_stays_as_typed_and_is_seen_in_its_cell(room_of: Callable[..., Room]):
    room = room_of(ROWS)
    room.enter(0, 2)
    room.type("若干")
    problem = Problem("MX/0/SUM", "not_a_number")
    room.form.set_problems([problem])
    index = room.editor.model.index(0, 2)
    while_typing = index.data(Qt.ItemDataRole.ToolTipRole)
    room.press(Qt.Key.Key_Down)

    assert room.value()[0]["SUM"] == "若干"
    assert index.data() == "若干"
    assert "第 1 行" not in while_typing
    assert "第 1 行" in index.data(Qt.ItemDataRole.ToolTipRole)
    room.enter(0, 2)
    assert room.editor.said().startswith("第 1 行 金额")


def test_a_problem_leads_into_its_cell(room_of: Callable[..., Room]):
    room = room_of(ROWS)

    assert room.form.focus_field("MX/1/KIND")
    assert room.editor.table.at() == (1, 1)
    assert room.box().hasFocus()


def test_many_problems_are_marked_and_only_the_first_written_out(room_of: Callable[..., Room]):
    room = room_of([{"NAME": "货", "SUM": "x"}] * 6 + [{"KIND": "1", "SUM": "y"}])
    room.form.set_problems([Problem(f"MX/{n}/SUM", "not_a_number") for n in range(7)])
    room.form.reveal_all()
    notes = room.form.row("MX").notes()

    assert notes is not None
    assert len(notes.notes()) == 5
    assert room.editor.said() == words.MORE_MARKED.format(n=2)


def test_a_suggestion_settles_one_cell(room_of: Callable[..., Room]):
    room = room_of(ROWS)
    room.form.set_problems(
        [Problem("MX/1/NAME", "too_long", suggestion="紫菜", params={"max": 2, "length": 3})]
    )
    room.form.reveal_all()
    notes = room.form.row("MX").notes()
    assert notes is not None
    room.qtbot.mouseClick(notes.notes()[0].ways_out()["suggestion"], Qt.MouseButton.LeftButton)

    assert room.value() == [ROWS[0], {**ROWS[1], "NAME": "紫菜"}]


@pytest.mark.parametrize("way", ["tab", "elsewhere", "refill"])
def test_no_letter_of_a_composition_in_a_cell_is_lost(room_of: Callable[..., Room], way: str):
    room = room_of(ROWS)
    box = room.enter(0, 0)
    box.end(False)  # type: ignore[attr-defined]
    compose(box, "cha")
    values: Any = None
    room.form.edited.connect(lambda: None)
    if way == "tab":
        room.press(Qt.Key.Key_Tab)
    elif way == "elsewhere":
        room.form.editor("CF_XDR_MC").inputs()[0].setFocus()
    else:
        from_form: list[Any] = []
        room.form.edited.connect(lambda _id: from_form.append(room.value()))
        room.form.set_values({})
        values = from_form[-1]

    assert (values or room.value())[0]["NAME"] == "铁观音cha"


def test_the_input_method_begins_a_row_and_has_enter_and_esc_first(room_of: Callable[..., Room]):
    room = room_of()
    room.editor.table.setFocus()
    compose(room.editor.table, "tie")
    box = room.box()
    for key in (Qt.Key.Key_Return, Qt.Key.Key_Escape):
        room.press(key)
    compose(box, "", "铁𠮷")

    assert room.editor.table.at() == (0, 0)
    assert room.value() == [{"NAME": "铁𠮷"}]


def test_the_table_grows_with_its_rows_up_to_a_limit(room_of: Callable[..., Room]):
    rooms = [room_of([{"NAME": "货"}] * n) for n in (1, 2, 6, 8, 40)]
    heights = [room.editor.table.height() for room in rooms]

    assert heights[0] < heights[1] < heights[2] < heights[3]
    assert heights[3] == heights[4]


def has_room(cell: QWidget) -> bool:
    return cell.height() >= cell.sizeHint().height()


def test_a_long_text_and_ticks_have_room_while_they_are_in_hand(
    qtbot: QtBot, setting: Setting, penalty: Item
):
    fields = (a_field("text", id="T", title="说明"), a_field("set", id="S", title="种类", code_set=KINDS))
    group = a_field("group", id="MX", title="明细", fields=fields)
    form = CatalogForm(replace(penalty, fields=(group,), by_id={"MX": group}), setting)
    qtbot.addWidget(form)
    form.resize(700, 500)
    form.show()
    editor = form.editor("MX")
    assert isinstance(editor, GroupEditor)
    form.set_values({"MX": [{"T": "一行"}]})
    high = editor.table.rowHeight(0)
    for column in range(2):
        editor.table.open_cell(0, column)
        cell = editor.table.cell()
        assert cell is not None
        qtbot.waitUntil(partial(has_room, cell))
    editor.table.close_cell()

    assert editor.table.rowHeight(0) == high


def test_what_is_no_list_of_rows_stays_as_it_was_given(room_of: Callable[..., Room]):
    room = room_of("见附表")
    kept = room.value()
    room.editor.table.add_row()
    room.type("x")

    assert kept == "见附表"
    assert room.value() == [{"NAME": "x"}]


def test_where_one_only_reads_no_cell_is_opened(room_of: Callable[..., Room]):
    room = room_of(ROWS)
    room.form.set_read_only(True)
    room.editor.table.setFocus()
    room.press(Qt.Key.Key_Insert)

    assert room.editor.table.cell() is None
    assert room.value() == ROWS
    assert not room.editor.add_button.isVisible()


def test_every_cell_says_where_it_is(room_of: Callable[..., Room]):
    room = room_of(ROWS)

    assert room.enter(1, 2).accessibleName() == "货物明细 第 2 行 金额"
    assert room.editor.table.accessibleName() == "货物明细"


def test_an_identifier_in_a_cell_is_checked_while_typing(qtbot: QtBot, setting: Setting, penalty: Item):
    payer = a_field("string", id="P", title="付款人代码", rules=(Uscc(),), max_length=18)
    group = a_field("group", id="MX", title="明细", fields=(payer,))
    form = CatalogForm(replace(penalty, fields=(group,), by_id={"MX": group}), setting)
    qtbot.addWidget(form)
    form.show()
    editor = form.editor("MX")
    assert isinstance(editor, GroupEditor)
    editor.table.add_row()
    cell = editor.table.cell()
    assert cell is not None
    qtbot.keyClicks(cell.inputs()[0], "9135")

    assert cell.inputs()[0].said() == "4/18 位"  # type: ignore[attr-defined]
