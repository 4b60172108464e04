"""Less typing on the page 填报: the chooser, templates, pins, the last record, known subjects."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from client.store import drafts, habits
from client.ui.records import words
from client.ui.records.filling import find_subjects
from client.ui.records.habits import read
from client.ui.records.item_chooser import choices, matching
from tests.client.ui.house import CATALOGS, a_penalty
from tests.client.ui.records.conftest import LIMIT_MS, Room

CTRL = Qt.KeyboardModifier.ControlModifier
CTRL_SHIFT = CTRL | Qt.KeyboardModifier.ShiftModifier
ENTRIES = list(CATALOGS.current.entries.values())


def form_values(room: Room) -> dict[str, Any]:
    return dict(room.page.panel.values())


def open_chooser(room: Room) -> None:
    room.press(Qt.Key.Key_N, CTRL_SHIFT)
    room.qtbot.waitUntil(room.page.chooser.box.hasFocus, timeout=LIMIT_MS)


def initials(text: str) -> str:
    return {"行政处罚": "xzcf"}.get(text[:4], "")


# --- the chooser ------------------------------------------------------------------------------


def test_every_item_can_be_chosen():
    lines = choices(ENTRIES, [], [], initials)

    assert {line.item for line in lines} == set(CATALOGS.current.entries)
    assert len(lines) == len(ENTRIES) == 151


@pytest.mark.parametrize(
    "text", ["行政处罚", "XZCF_FR", "xzcf", "处罚 法人"], ids=["name", "code", "initials", "two words"]
)
def test_an_item_is_found_by(text: str):
    assert "XZCF_FR" in {line.item for line in matching(choices(ENTRIES, [], [], initials), text)}


def test_favourites_and_those_used_last_stand_first(room: Room):
    habits.note_use(room.desk, "XZXK_FR")
    habits.note_use(room.desk, "XZCF_ZRR")
    habits.set_favourite(room.desk, "XZCF_FR", on=True)
    known = read(room.desk)

    lines = choices(ENTRIES, known.templates, known.uses, initials)
    assert [line.item for line in lines[:3]] == ["XZCF_FR", "XZCF_ZRR", "XZXK_FR"]
    assert [line.place for line in lines[1:3]] == [words.RECENT, words.RECENT]
    assert len(lines) == len(ENTRIES)


def test_a_new_record_is_begun_with_keys_alone(room: Room):
    open_chooser(room)
    room.qtbot.keyClicks(room.page.chooser.box, "XZXK_FR")
    room.press(Qt.Key.Key_Return)
    room.settle()

    assert room.page.writing.item_code() == "XZXK_FR"
    form = room.page.panel.form()
    assert form is not None
    assert form.isVisible()
    assert [use.item for use in read(room.desk).uses] == ["XZXK_FR"]


def test_an_item_is_found_by_the_initials_of_its_name(room: Room):
    open_chooser(room)
    room.qtbot.waitUntil(lambda: bool(room.page.sounds.items), timeout=LIMIT_MS)
    room.qtbot.keyClicks(room.page.chooser.box, "qygjjnd")

    assert room.page.chooser.names() == ["企业公积金年度缴存"]


def test_a_code_is_found_by_the_initials_of_its_name(room: Room):
    room.page.new_record("XZCF_FR")
    room.type("CF_FR_ZJLX", "s")
    room.settle()
    room.qtbot.keyClicks(room.box("CF_FR_ZJLX"), "fz")
    popup = QApplication.activePopupWidget()
    assert popup is not None
    room.qtbot.keyClick(popup, Qt.Key.Key_Return)
    room.settle()
    form = room.page.panel.form()
    assert form is not None

    value = form.editor("CF_FR_ZJLX").value()
    codes = form.item.by_id["CF_FR_ZJLX"].code_set
    assert codes is not None
    assert codes.by_code[str(value)].name == "身份证"


def test_arrows_in_the_box_go_through_the_list(room: Room):
    open_chooser(room)
    second = room.page.chooser.model.row(1).item
    room.press(Qt.Key.Key_Down)
    room.press(Qt.Key.Key_Return)

    assert room.page.writing.item_code() == second


def test_esc_empties_the_search_then_leads_back(room: Room):
    open_chooser(room)
    room.qtbot.keyClicks(room.page.chooser.box, "zzzz")
    assert room.page.chooser.names() == []
    room.press(Qt.Key.Key_Escape)
    assert len(room.page.chooser.names()) == 151
    room.press(Qt.Key.Key_Escape)

    assert not room.page.chooser.isVisible()


def test_ctrl_b_makes_a_favourite_and_the_line_stays_current(room: Room):
    open_chooser(room)
    room.qtbot.keyClicks(room.page.chooser.box, "XZXK_ZRR")
    room.press(Qt.Key.Key_B, CTRL)
    room.settle()
    line = room.page.chooser.current()

    assert line is not None
    assert (line.item, line.favourite) == ("XZXK_ZRR", True)


def test_the_button_opens_the_chooser(room: Room):
    room.qtbot.mouseClick(room.page.new_button(), Qt.MouseButton.LeftButton)

    assert room.page.chooser.isVisible()


# --- templates --------------------------------------------------------------------------------


def save_template(room: Room, name: str) -> None:
    room.page.panel.name_template()
    room.write(room.page.panel.template.box, name)
    room.press(Qt.Key.Key_Return)
    room.settle()


def test_the_form_is_kept_as_a_template_and_begins_a_new_record(room: Room):
    room.show(room.create())
    save_template(room, "常用处罚")
    assert room.texts()[-1] == words.TEMPLATE_SAVED.format(name="常用处罚")

    open_chooser(room)
    room.write(room.page.chooser.box, "常用")
    room.press(Qt.Key.Key_Return)
    room.settle()

    assert form_values(room) == {k: v for k, v in a_penalty().items() if k != "CF_WSH"}
    assert room.page.writing.record_id() is None


def test_a_template_is_renamed_and_thrown_away_with_a_way_back(room: Room):
    habits.save_template(room.desk, "XZCF_FR", "旧名", {"BZ": "x"})
    room.page.habits.set_favourite("XZCF_FR", on=True)
    room.settle()
    open_chooser(room)
    room.write(room.page.chooser.box, "旧名")
    room.press(Qt.Key.Key_F2)
    room.qtbot.waitUntil(room.page.chooser.strip.box.hasFocus, timeout=LIMIT_MS)
    room.write(room.page.chooser.strip.box, "新名")
    room.press(Qt.Key.Key_Return)
    room.settle()
    assert [one.name for one in read(room.desk).templates] == ["新名"]

    room.page.chooser.box.clear()
    room.write(room.page.chooser.box, "新名")
    room.qtbot.keyClick(room.page.chooser.table, Qt.Key.Key_Delete)
    room.settle()
    assert read(room.desk).templates == []
    action = room.said[-1].action
    assert action is not None
    action[1]()
    room.settle()
    assert [one.name for one in read(room.desk).templates] == ["新名"]


def test_an_empty_form_makes_no_template(room: Room):
    room.page.new_record("XZXK_ZRR")
    form = room.page.panel.form()
    assert form is not None
    form.set_values({})
    save_template(room, "空的")

    assert "空的" in room.texts()[-1] or "还是空的" in room.texts()[-1]
    assert read(room.desk).templates == []


def test_esc_gives_the_name_up(room: Room):
    room.show(room.create())
    room.page.panel.name_template()
    room.press(Qt.Key.Key_Escape)

    assert not room.page.panel.template.isVisible()
    assert read(room.desk).templates == []


# --- pins -------------------------------------------------------------------------------------


def test_what_is_pinned_stands_in_the_next_new_record(room: Room):
    room.page.new_record("XZCF_FR")
    room.type("CF_YJ", "第十二条")
    room.press(Qt.Key.Key_F6)
    room.settle()
    room.press(Qt.Key.Key_N, CTRL)
    room.settle()

    assert form_values(room)["CF_YJ"] == "第十二条"
    assert room.page.writing.record_id() is None
    form = room.page.panel.form()
    assert form is not None
    assert form.row("CF_YJ").is_needed()
    pin = form.row("CF_YJ").pin
    assert pin is not None
    assert pin.is_on()


def test_pins_are_there_again_when_the_desk_is_opened_next(room: Room):
    room.page.new_record("XZCF_FR")
    room.type("BZ", "巡查")
    room.press(Qt.Key.Key_F6)
    room.settle()

    assert read(room.desk).pins == {"XZCF_FR": {"BZ": "巡查"}}


def test_a_record_that_is_only_read_has_no_pins(room: Room):
    record_id = room.create()
    room.accept(record_id)
    room.show(record_id)
    form = room.page.panel.form()

    assert form is not None
    assert form.pins.values() is None


# --- from the record before -------------------------------------------------------------------


def test_all_is_copied_from_the_record_before_but_its_number(room: Room):
    ours = {"CF_CFJG": "厦门市某局", "CF_SJLY": "厦门市某局"}  # stands in a new record already
    room.create(1, **ours)
    room.page.new_record("XZCF_FR")
    room.enter("CF_WSH")
    room.press(Qt.Key.Key_D, CTRL_SHIFT)
    room.settle()

    assert form_values(room) == {k: v for k, v in a_penalty(1, **ours).items() if k != "CF_WSH"}


def test_one_group_is_copied_and_what_is_filled_stays(room: Room):
    room.create(1)
    room.page.new_record("XZCF_FR")
    form = room.page.panel.form()
    assert form is not None
    room.type("CF_XDR_MC", "另一家样例公司")
    room.press(Qt.Key.Key_D, CTRL)
    room.settle()
    values = form_values(room)

    assert values["CF_XDR_MC"] == "另一家样例公司"
    assert values["CF_FRDB"] == a_penalty(1)["CF_FRDB"]
    assert "CF_YJ" not in values
    assert "已经填了的 1 项没有动" in room.texts()[-1]


def test_where_there_is_no_record_before_it_says_so(room: Room):
    room.page.new_record("XZXK_FR")
    room.enter("XK_WSH")
    room.press(Qt.Key.Key_D, CTRL)
    room.settle()

    assert room.texts()[-1] == words.NO_LAST


def test_the_menu_has_the_same(room: Room):
    room.create(1)
    room.page.new_record("XZCF_FR")
    room.page.panel.filler(1).trigger()
    room.settle()

    assert form_values(room)["CF_FRDB"] == a_penalty(1)["CF_FRDB"]


# --- known subjects ---------------------------------------------------------------------------


def test_a_subject_of_an_earlier_record_is_picked_from_the_list(room: Room):
    room.create(7, CF_XDR_MC="𠮷䶮样例茶业有限公司", CF_FRDB="阿依夏木·买买提")
    room.page.new_record("XZXK_FR")
    room.type("XK_XDR_MC", "𠮷䶮")
    form = room.page.panel.form()
    assert form is not None
    assert form.subjects is not None
    found = form.subjects.lists["XK_XDR_MC"]
    room.qtbot.waitUntil(found.is_open, timeout=LIMIT_MS)
    room.qtbot.keyClick(found.popup(), Qt.Key.Key_Down)
    room.qtbot.keyClick(found.popup(), Qt.Key.Key_Return)
    room.settle()
    values = form_values(room)

    assert values["XK_XDR_MC"] == "𠮷䶮样例茶业有限公司"
    assert values["XK_FRDB"] == "阿依夏木·买买提"
    assert values["XK_XDR_SHXYM"] == a_penalty(7)["CF_XDR_SHXYM"]


def test_persons_are_not_offered_among_organisations(room: Room):
    drafts.create(room.desk, "XZCF_ZRR", {"CF_XDR_MC": "林样例", "CF_XDR_ZJHM": "350203199003074012"})
    items = room.desk.catalogs

    assert find_subjects(room.desk, items.item("XZCF_FR"), "林样例") == []
    (person,) = find_subjects(room.desk, items.item("XZCF_ZRR"), "林样例")
    assert person.name == "林样例"
