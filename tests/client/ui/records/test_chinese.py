"""Chinese from the input method to the spreadsheet: no sign is lost, whatever plane it lies in."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtWidgets import QApplication, QWidget

from client.intake import importing
from client.store import records
from client.ui.records.model import Query
from forms.catalog.export import columns
from forms.catalog.fieldtypes import show
from tests.client.ui.house import a_penalty
from tests.client.ui.records.conftest import LIMIT_MS, Room

NAMES = [
    pytest.param("阿依夏木·买买提", id="a name with a dot"),
    pytest.param("林䶮", id="a rare character, extension A"),
    pytest.param("𠮷野𡈽", id="beyond the basic plane"),
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


@pytest.mark.parametrize("name", NAMES)
def test_a_name_comes_back_from_a_spreadsheet(room: Room, tmp_path: Path, name: str):
    item = room.desk.catalogs.item("XZCF_FR")
    values = a_penalty(3, CF_FRDB=name, CF_XDR_MC=f"{name}样例茶庄有限公司")
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    heads = columns(item)
    sheet.append([column.heading for column in heads])
    shown = {key: show(item.by_id[key], value) for key, value in values.items()}
    sheet.append([shown.get(column.field_id, "") for column in heads])
    path = tmp_path / "名单.xlsx"
    book.save(path)

    importing.import_file(room.desk, path, item="XZCF_FR")

    (row,) = records.list_records(room.desk.db.reader(), text=name)
    assert room.stored_values(row.record_id)["CF_FRDB"] == name


def test_leaving_in_the_middle_of_a_composition_keeps_every_letter(room: Room):
    record_id = room.create(1)
    room.show(record_id)
    box = room.enter("BZ")
    compose(box, "", "巡")
    compose(box, "cha")
    room.enter("CF_WSH")
    room.settle()
    room.page.writing.save_now()
    room.settle()

    assert room.stored_values(record_id)["BZ"] == "巡cha"


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
