"""Chinese from the input method to the spreadsheet: no sign is lost, whatever plane it lies in."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from PySide6.QtCore import Qt
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget

from client.intake import importing
from client.intake.template import FILL_SHEET, write_template
from client.store import records
from client.ui.records.model import Query
from forms.catalog.export import columns
from forms.catalog.fieldtypes import show
from forms.catalog.schema import Item
from tests.client.ui.records.conftest import LIMIT_MS, Room

NAMES = [
    pytest.param("阿依夏木·买买提", id="a name with a dot"),
    pytest.param("林䶮", id="a rare character, extension A"),
    pytest.param("𠮷野𡈽", id="beyond the basic plane"),
    pytest.param("㛃\U00030edd", id="extensions A and G"),
    pytest.param("㐂葛\U000e0100", id="a variant of a character"),
]


def compose(box: QWidget, preedit: str, commit: str = "") -> None:
    event = QInputMethodEvent(preedit, [])
    if commit:
        event.setCommitString(commit)
    QApplication.sendEvent(box, event)


@pytest.mark.parametrize("name", NAMES)
def test_a_name_goes_from_the_form_to_store_search_and_form(room: Room, name: str):
    record_id = room.create(1)
    room.show(record_id)
    room.type("CF_FRDB", name)
    room.type("CF_XDR_MC", f"{name}样例茶庄")
    room.press(Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    room.settle()

    assert room.stored_values(record_id)["CF_FRDB"] == name
    found = records.list_records(room.desk.db.reader(), text=name)
    assert [row.record_id for row in found] == [record_id]
    room.page.list.set_query(Query(text=name))
    room.settle()
    assert room.page.model.loaded() == 1
    room.show(record_id)
    assert room.page.panel.values()["CF_FRDB"] == name


def test_a_name_of_rare_signs_goes_the_whole_way(room: Room, tmp_path: Path):
    """Form, store, search; template, import, error report; search, form."""
    name = "𠮷㛃䶮\U00030edd·买买提"
    first = room.create(1)
    room.show(first)
    room.type("CF_FRDB", name)
    room.type("CF_XDR_MC", f"{name}样例茶庄")
    room.press(Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    room.settle()
    typed = room.stored_values(first)
    book, report = tmp_path / "填报.xlsx", tmp_path / "错误报告.xlsx"
    item = room.desk.catalogs.item("XZCF_FR")

    write_template(item, book)
    fill_in(
        book, item, {**typed, "CF_WSH": "鹭监罚决〔2026〕31号"}, {**typed, "CF_WSH": "", "CF_JDRQ": "某日"}
    )
    imported = importing.import_file(room.desk, book, item="XZCF_FR")
    importing.write_report(room.desk, imported.sum.import_id, report)

    found = [row.record_id for row in records.list_records(room.desk.db.reader(), text=name)]
    assert len(found) == 2
    second = next(one for one in found if one != first)
    assert room.stored_values(second)["CF_FRDB"] == name
    said = [cell for sheet in load_workbook(report) for row in sheet.values for cell in row]
    assert name in said
    room.page.list.set_query(Query(text=name))
    room.settle()
    assert room.page.model.loaded() == 2
    room.show(second)
    assert room.box("CF_FRDB").text() == name  # type: ignore[attr-defined]


def fill_in(book: Path, item: Item, *rows: dict[str, Any]) -> None:
    """Write rows into a template as a person does, in place of its example."""
    workbook = load_workbook(book)
    sheet = workbook[FILL_SHEET]
    at = {column.heading: n for n, column in enumerate(columns(item), 1)}
    head = next(row for row in sheet.iter_rows() if any(cell.value in at for cell in row))
    place = {item.fields[n].id: cell.column for n, cell in enumerate(head) if cell.value}
    sheet.delete_rows(head[0].row + 1, sheet.max_row)
    for n, values in enumerate(rows, head[0].row + 1):
        for field, value in values.items():
            text = value if isinstance(value, str) and not value else show(item.by_id[field], value)
            sheet.cell(n, place[field], text)
    workbook.save(book)


def to_another_field(room: Room) -> None:
    room.enter("CF_WSH")


def ctrl_s(room: Room) -> None:
    room.press(Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)


def ctrl_enter(room: Room) -> None:
    room.press(Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)


def tab(room: Room) -> None:
    room.press(Qt.Key.Key_Tab)


def f4(room: Room) -> None:
    room.press(Qt.Key.Key_F4)


def f6(room: Room) -> None:
    room.press(Qt.Key.Key_F6)


def to_the_next_record(room: Room) -> None:
    room.press(Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)


def a_new_record(room: Room) -> None:
    room.press(Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)


def close_the_page(room: Room) -> None:
    room.page.flush()
    room.page.hide()


WAYS = [
    pytest.param(to_another_field, id="a click into another field"),
    pytest.param(ctrl_s, id="Ctrl+S"),
    pytest.param(ctrl_enter, id="Ctrl+Enter"),
    pytest.param(tab, id="Tab"),
    pytest.param(f4, id="F4"),
    pytest.param(f6, id="F6"),
    pytest.param(to_the_next_record, id="Alt+Down"),
    pytest.param(a_new_record, id="Ctrl+N"),
    pytest.param(close_the_page, id="closing the page"),
]


@pytest.mark.parametrize("field", [pytest.param("BZ", id="a line"), pytest.param("CF_SY", id="a long text")])
@pytest.mark.parametrize("way", WAYS)
def test_no_letter_of_a_composition_is_lost_by(room: Room, way: Callable[[Room], None], field: str):
    record_id = room.create(1, BZ=None, CF_SY=None)
    room.show(record_id)
    box = room.enter(field)
    compose(box, "", "巡𠮷")
    compose(box, "cha")

    way(room)
    room.settle()
    room.page.flush()
    room.settle()

    if way is ctrl_enter and field == "CF_SY":  # nothing is missing then, and it was submitted
        draft = records.get(room.desk.db.reader(), record_id).draft
        assert draft is not None
        assert draft.values[field] == "巡𠮷cha"
    else:
        assert room.stored_values(record_id)[field] == "巡𠮷cha"


@pytest.mark.parametrize(
    ("field", "before"),
    [
        pytest.param("CF_NR_FK", "1.5", id="the unit of money"),
        pytest.param("CF_JDRQ", "2026-11-20", id="the calendar"),
        pytest.param("CF_XDR_LB", "1", id="the list of codes"),
        pytest.param("CF_XDR_MC", "鹭岛样例1号商贸有限公司", id="the list of subjects"),
    ],
)
def test_f4_in_the_middle_of_a_composition_opens_and_loses_no_letter(room: Room, field: str, before: str):
    record_id = room.create(1)
    room.show(record_id)
    box = room.enter(field)
    assert isinstance(box, QLineEdit)
    shown = box.text()
    box.end(False)
    compose(box, "qi")

    room.press(Qt.Key.Key_F4)
    popup = QApplication.activePopupWidget()
    if popup is not None:
        popup.close()
    room.page.writing.save_now()
    room.settle()

    assert shown
    assert "qi" in str(room.stored_values(record_id)[field])


def test_the_list_under_a_box_takes_no_key_from_the_input_method(room: Room):
    record_id = room.create(1)
    room.show(record_id)
    box = room.type("CF_XDR_LB", "1")
    editor = room.page.panel.form().editor("CF_XDR_LB")
    assert editor._codes().is_open()
    compose(box, "geti")

    for key in (Qt.Key.Key_Return, Qt.Key.Key_Escape):
        room.qtbot.keyClick(editor._codes().popup(), key)

    assert box.is_composing()
    assert box.hasFocus()
    assert box.text() == "1"


def test_enter_and_esc_are_the_input_methods_while_it_composes(room: Room):
    room.page.choose_item()
    box = room.page.chooser.box
    room.qtbot.waitUntil(box.hasFocus, timeout=LIMIT_MS)
    compose(box, "xing")
    room.press(Qt.Key.Key_Return)
    room.press(Qt.Key.Key_Escape)

    assert room.page.chooser.isVisible()
    compose(box, "", "行政处罚")
    assert room.page.chooser.names()


def test_a_template_and_a_pin_keep_every_sign(room: Room):
    room.page.new_record("XZCF_FR")
    room.type("BZ", "𠮷·䶮")
    room.press(Qt.Key.Key_F6)
    room.page.panel.name_template()
    room.write(room.page.panel.template.box, "𠮷䶮·常用")
    room.press(Qt.Key.Key_Return)
    room.settle()

    assert room.page.habits.pins("XZCF_FR") == {"BZ": "𠮷·䶮"}
    assert [(one.name, one.values["BZ"]) for one in room.page.habits.templates] == [("𠮷䶮·常用", "𠮷·䶮")]
