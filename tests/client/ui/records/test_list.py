"""The list of the page 填报: pages, filters, selection, keys."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QPalette

from client.core.records import RecordRow
from client.ui.records import words
from client.ui.records.model import Column, RecordsModel
from tests.client.ui.house import a_penalty


def a_row(number: int, state: str = "draft", **given) -> RecordRow:
    said = {
        "record_id": f"r{number}", "item": "XZCF_FR", "state": state, "op": "create",
        "subject_name": f"公司{number}", "subject_code": "", "doc_no": f"{number}号", "act_on": "2026-11-20",
        "errors": 0, "warnings": 0, "changed_at": "2026-11-24T00:00:00.000Z", "import_id": None,
        "import_row": None,
    }  # fmt: skip
    return RecordRow(**(said | given))


def a_model() -> RecordsModel:
    return RecordsModel(QPalette)


def test_the_model_keeps_qts_rules(qtmodeltester, qapp):
    model = a_model()
    model.show_rows([a_row(n) for n in range(5)], more=True)

    qtmodeltester.check(model)


def test_the_model_keeps_qts_rules_while_rows_come_and_change(qtmodeltester, qapp):
    model = a_model()
    qtmodeltester.check(model)

    model.show_rows([a_row(1)], more=True)
    model.add_rows([a_row(2), a_row(3)], more=False)
    model.update_row(a_row(2, "queued"))
    model.show_rows([a_row(2)], more=False)

    assert model.rowCount() == 1


def test_a_reload_with_the_same_records_redraws_only_what_changed(qtbot, qapp):
    model = a_model()
    model.show_rows([a_row(1), a_row(2)], more=False)

    with qtbot.assertNotEmitted(model.modelReset), qtbot.waitSignal(model.dataChanged) as changed:
        model.show_rows([a_row(1), a_row(2, "queued")], more=False)

    assert changed.args[0].row() == 1


def test_a_state_is_a_mark_and_a_word(qapp):
    model = a_model()
    model.show_rows([a_row(1, "problems", errors=3), a_row(2, "queued", op="correct")], more=False)

    first, second = (model.index(n, Column.STATE) for n in range(2))

    assert first.data() == "3 个问题"
    assert second.data() == "更正 · 待发送"
    assert not first.data(Qt.ItemDataRole.DecorationRole).isNull()


def test_further_pages_come_as_one_scrolls(full_room):
    table = full_room.page.list.table
    assert full_room.page.model.loaded() == 200

    table.setFocus()
    full_room.press(Qt.Key.Key_End, Qt.KeyboardModifier.ControlModifier)
    full_room.settle()

    assert full_room.page.model.loaded() == 250
    assert full_room.page.list.count.text() == "250 条"


def test_a_word_in_the_box_narrows_the_list(full_room):
    full_room.press(Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    full_room.write(full_room.page.list.text, "17号商贸")
    full_room.qtbot.waitUntil(lambda: full_room.page.model.loaded() < 200, timeout=3_000)
    full_room.settle()

    shown = [full_room.page.model.at(n).subject_name for n in range(full_room.page.model.loaded())]
    assert set(shown) == {f"鹭岛样例{n}号商贸有限公司" for n in (17, 117, 217)}


def test_a_state_narrows_the_list(room):
    room.create(1)
    bad = room.create(2, CF_NR=None)
    box = room.page.list.state
    box.setFocus()

    while box.currentData() != "problems":
        room.qtbot.keyClick(box, Qt.Key.Key_Down)
    box.activated.emit(box.currentIndex())
    room.settle()

    assert [room.page.model.at(n).record_id for n in range(room.page.model.loaded())] == [bad]


def test_nothing_found_says_so_and_one_click_shows_all_again(room):
    room.create(1)
    room.page.open(text="没有这家公司")
    room.settle()
    empty = room.page.list.empty()
    said = empty.title()

    room.qtbot.mouseClick(empty.button(), Qt.MouseButton.LeftButton)
    room.settle()

    assert said == words.NO_MATCH
    assert room.page.model.loaded() == 1


def test_an_empty_desk_says_how_to_begin(room):
    assert room.page.list.empty().isVisible()
    assert room.page.list.empty().title() == words.NO_RECORDS


def test_arrows_go_from_record_to_record_and_enter_goes_into_the_form(room):
    room.create(1)
    second = room.create(2)
    room.page.reload()
    room.settle()
    room.page.list.table.setFocus()

    room.press(Qt.Key.Key_Down)
    room.settle()
    shown = room.page.writing.record_id()
    room.press(Qt.Key.Key_Return)

    assert shown == second
    assert room.box("CF_XDR_MC").hasFocus()


def test_the_window_can_open_a_record_at_a_field(room):
    record_id = room.create(CF_NR=None)

    room.page.open(record_id=record_id, field="CF_NR")
    room.settle()

    assert room.box("CF_NR").hasFocus()
    assert room.page.panel.form().row("CF_NR").problems()


def test_the_window_can_open_what_came_with_an_import_and_the_filter_is_taken_off_with_a_click(room):
    room.create(1)
    room.page.open(import_id="no-such-import")
    room.settle()
    narrowed = room.page.model.loaded()

    room.qtbot.mouseClick(room.page.list.import_chip(), Qt.MouseButton.LeftButton)
    room.settle()

    assert (narrowed, room.page.model.loaded()) == (0, 1)
    assert room.page.model.at(0).subject_name == a_penalty(1)["CF_XDR_MC"]


def test_a_filter_from_elsewhere_shows_the_first_that_it_finds(room):
    room.create(1)
    bad = room.create(2, CF_NR=None)

    room.page.open(state="problems")
    room.settle()

    assert room.page.writing.record_id() == bad
    assert room.page.list.table.hasFocus()
