"""Step 列对应, by clicks and keys: guesses need a yes, and a person can say what the file does not."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from PySide6.QtCore import Qt
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtWidgets import QApplication

from client.core.imports import UNSETTLED
from client.store import imports
from client.store import records as stored
from client.ui.intake.columns_model import Line
from client.ui.intake.columns_pane import FIELD, ColumnsPane
from client.ui.intake.field_box import FieldBox
from client.ui.intake.page import COLUMNS, FILE, PROBLEMS
from tests.client.ui.house import CATALOGS
from tests.client.ui.intake.hands import click, drop, typed

ITEM = CATALOGS.item("XZCF_FR")
GUESSED = {"CF_CFJG": "chufajiguan", "CF_XDR_SHXYM": "统一社会信用代吗"}
"""Headings that no field has, and the fields that they sound like."""


def book(path: Path, titles: dict[str, str], rows: Sequence[dict[str, Any]], *, above: int = 0) -> Path:
    """Write penalties under titles, some of them changed; `above` lines of notes come first."""
    with xlsxwriter.Workbook(str(path), {"default_date_format": "yyyy-mm-dd"}) as made:
        sheet = made.add_worksheet("处罚")
        for line in range(above):
            sheet.write(line, 0, "某月台账")
        fields = [field for field in ITEM.fields if titles.get(field.id) != ""]
        sheet.write_row(above, 0, [titles.get(field.id, field.title) for field in fields])
        for number, row in enumerate(rows, start=above + 1):
            for column, field in enumerate(fields):
                if row.get(field.id) is not None:
                    sheet.write(number, column, row[field.id])
    return path


def line_of(pane: ColumnsPane, field: str) -> Line:
    return next(line for line in pane.lines() if line.field == field)


def place_of(pane: ColumnsPane, field: str) -> int:
    return next(place for place, line in enumerate(pane.lines()) if line.field == field)


def commit(box: FieldBox, text: str) -> None:
    """Type as an input method does."""
    event = QInputMethodEvent()
    event.setCommitString(text)
    QApplication.sendEvent(box.lineEdit(), event)


@pytest.fixture
def guessed(page, tmp_path: Path) -> ColumnsPane:
    drop(page, book(tmp_path / "猜.xlsx", GUESSED, [typed(n) for n in range(1, 5)]))
    assert page.page.stack.currentIndex() == COLUMNS
    return page.page.columns


def test_a_guess_waits_and_is_not_read_until_somebody_says_yes(page, guessed):
    line = line_of(guessed, "CF_CFJG")

    assert line.waits
    assert line.look().word == "待确认：拼音 95%"
    assert line.look().shape == "triangle"
    assert guessed.fields() == {line_of(guessed, field).heading.column: UNSETTLED for field in GUESSED}
    assert "2 列" in guessed.waiting.text()
    assert "处罚机关" in guessed.lacking.text()


def test_space_says_yes_and_goes_on_to_the_next_guess(page, guessed):
    guessed.table.setFocus()
    page.qtbot.keyClick(guessed.table, Qt.Key.Key_Space)
    assert sum(line.waits for line in guessed.lines()) == 1
    assert guessed.lines()[guessed.table.currentIndex().row()].waits

    page.qtbot.keyClick(guessed.table, Qt.Key.Key_Space)

    assert not any(line.waits for line in guessed.lines())
    assert guessed.fields() == {line_of(guessed, field).heading.column: field for field in GUESSED}
    assert guessed.confirm_all.isHidden()


def test_choosing_the_guessed_field_in_its_box_is_a_yes(page, guessed):
    place = place_of(guessed, "CF_CFJG")
    guessed.boxes[place].setFocus()

    page.qtbot.keyClick(guessed.boxes[place].lineEdit(), Qt.Key.Key_Return)

    assert guessed.lines()[place].taken == "CF_CFJG"


def test_what_was_confirmed_comes_in_and_what_was_not_does_not(page, guessed):
    guessed.table.selectRow(place_of(guessed, "CF_CFJG"))
    click(page, guessed.confirm)

    click(page, page.page.check)

    assert page.page.stack.currentIndex() == PROBLEMS
    assert "CF_CFJG" not in {kind.field for kind in page.page.found.checked.kinds}
    assert "CF_XDR_SHXYM" in {kind.field for kind in page.page.found.checked.kinds}


def test_all_guesses_are_confirmed_at_once(page, guessed):
    click(page, guessed.confirm_all)

    click(page, page.page.check)
    click(page, page.page.bring)

    reader = page.window.session.desk.db.reader()
    assert imports.list_imports(reader)[0].created == 4
    row = stored.list_records(reader, limit=1)[0]
    assert stored.get(reader, row.record_id).draft.values["CF_CFJG"]


@pytest.mark.parametrize("typing", ["处罚机关", "CF_CFJG", "cfjg"])
def test_a_field_is_chosen_by_typing_a_name_an_id_or_initials(page, tmp_path, typing):
    drop(page, book(tmp_path / "生.xlsx", {"CF_CFJG": "哪家"}, [typed(1)]))
    pane = page.page.columns
    place = next(place for place, line in enumerate(pane.lines()) if line.heading.text == "哪家")
    box = pane.boxes[place]
    assert box.field() is None

    box.setFocus()
    box.lineEdit().selectAll()
    commit(box, typing)
    page.qtbot.keyClick(box.completer().popup(), Qt.Key.Key_Down)
    page.qtbot.keyClick(box.completer().popup(), Qt.Key.Key_Return)

    assert pane.lines()[place].field == "CF_CFJG"
    assert pane.lines()[place].look().word == "您指定"


def test_what_is_typed_and_fits_nothing_is_forgotten(page, tmp_path):
    drop(page, book(tmp_path / "表.xlsx", {}, [typed(1)]))
    box = page.page.columns.boxes[0]
    before = box.field()

    box.setFocus()
    box.lineEdit().selectAll()
    commit(box, "没有这样的项")
    page.page.columns.table.setFocus()

    assert box.field() == before
    assert box.lineEdit().text() == ITEM.by_id[before].title


def test_two_columns_of_one_field_are_marked(page, tmp_path):
    drop(page, book(tmp_path / "表.xlsx", {}, [typed(1)]))
    pane = page.page.columns

    pane.boxes[1].setCurrentIndex(pane.boxes[0].currentIndex())

    assert pane.lines()[0].look().word == "与 B 列重复"
    assert pane.lines()[1].look().tone == "bad"


def test_a_file_with_a_heading_twice_can_be_settled_by_hand(page, tmp_path):
    titles = {"BZ": ITEM.by_id["CF_CFJG"].title}
    drop(page, book(tmp_path / "双.xlsx", titles, [typed(1)]))
    shown, pane = page.page, page.page.columns
    assert shown.stack.currentIndex() == COLUMNS
    assert "heading_doubled" in shown.banner._code.text()

    place = [place for place, line in enumerate(pane.lines()) if line.field == "CF_CFJG"][-1]
    pane.boxes[place].setCurrentIndex(0)
    click(page, shown.check)

    assert shown.stack.currentIndex() == PROBLEMS


def test_the_unit_of_an_amount_is_asked_where_the_heading_does_not_say_it(page, tmp_path):
    field = next(field for field in ITEM.fields if field.unit == "万元")
    row = typed(1, CF_CFLB="罚款") | {field.id: 20000}
    drop(page, book(tmp_path / "钱.xlsx", {field.id: field.title.partition("(")[0]}, [row]))
    pane = page.page.columns
    place = place_of(pane, field.id)
    box = pane.boxes.unit(place)
    assert not pane.table.isColumnHidden(5)

    box.setCurrentIndex(box.findData("元"))

    assert pane.units() == {pane.lines()[place].heading.column: "元"}
    click(page, page.page.check)
    click(page, page.page.bring)
    reader = page.window.session.desk.db.reader()
    row_id = stored.list_records(reader, limit=1)[0].record_id
    assert str(stored.get(reader, row_id).draft.values[field.id]) == "2"


def test_a_person_says_in_which_row_the_header_begins(page, tmp_path):
    path = tmp_path / "文字.csv"
    path.write_text("说明,甲,乙\n单位,丙,丁\n某某,1,2\n", encoding="utf-8")
    drop(page, path)
    shown, pane = page.page, page.page.columns
    assert shown.stack.currentIndex() == FILE

    click(page, shown.banner.button())
    assert shown.stack.currentIndex() == COLUMNS
    assert [line.heading.text for line in pane.lines()] == ["说明", "甲", "乙"]
    pane.row.selectAll()
    page.qtbot.keyClicks(pane.row, "2")
    click(page, pane.look_again)

    assert [line.heading.text for line in pane.lines()] == ["单位", "丙", "丁"]
    assert pane.header_row() == 2
    assert not pane.look_again.isEnabled()


def test_the_other_item_that_a_file_may_be_is_one_click_away(page, tmp_path):
    titles = {field.id: "" for field in ITEM.fields if field.id not in {"CF_WSH", "CF_JDRQ", "CF_CFLB"}}
    drop(page, book(tmp_path / "少.xlsx", titles, [typed(1)]))
    pane = page.page.columns
    first = pane.item_code()
    assert "也像" in pane.rival.text()

    click(page, pane.take_rival)

    assert pane.item_code() != first
    assert pane.take_rival.isHidden()


def test_what_was_said_of_a_sheet_still_holds_when_one_comes_back_to_it(page, tmp_path):
    path = tmp_path / "两张.xlsx"
    with xlsxwriter.Workbook(str(path), {"default_date_format": "yyyy-mm-dd"}) as made:
        for name, heading in (("一月", "哪家"), ("二月", "谁家")):
            sheet = made.add_worksheet(name)
            for column, field in enumerate(ITEM.fields):
                title = {"CF_CFJG": heading, "CF_NR_FK": "罚款金额"}.get(field.id, field.title)
                sheet.write(0, column, title)
                if (cell := typed(1).get(field.id)) is not None:
                    sheet.write(1, column, cell)
    drop(page, path)
    pane = page.page.columns
    place = next(n for n, line in enumerate(pane.lines()) if line.heading.text == "哪家")
    column, amount = pane.lines()[place].heading.column, place_of(pane, "CF_NR_FK")
    pane.boxes[place].setCurrentIndex(pane.boxes[place].findData("CF_CFJG"))
    pane.boxes.unit(amount).setCurrentIndex(pane.boxes.unit(amount).findData("元"))

    show_sheet(pane, "二月")
    assert pane.fields() is None
    assert pane.units() is None
    show_sheet(pane, "一月")
    assert (pane.fields(), pane.boxes[place].field()) == ({column: "CF_CFJG"}, "CF_CFJG")
    assert pane.boxes.unit(amount).currentData() == "元"
    pane.row_chosen.emit(1)  # the file is looked at again
    page.settle()

    assert pane.fields() == {column: "CF_CFJG"}
    assert list(pane.units().values()) == ["元"]

    drop(page, path)
    assert pane.fields() is None


def show_sheet(pane: ColumnsPane, name: str) -> None:
    place = pane.sheet.findData(name)
    pane.sheet.setCurrentIndex(place)
    pane.sheet.activated.emit(place)


def test_boxes_come_a_few_at_a_time_and_the_one_that_is_asked_for_at_once(page, tmp_path):
    drop(page, book(tmp_path / "表.xlsx", {}, [typed(1)]))
    pane = page.page.columns
    lines = len(pane.lines())

    show_sheet(pane, "处罚")

    assert not any(map(pane.boxes.has, range(lines)))
    cell = pane.table.model().index(lines - 1, FIELD)
    assert cell.data() == ITEM.by_id[pane.lines()[-1].field].title
    assert pane.boxes[lines - 1].field() == pane.lines()[-1].field
    assert cell.data() == ""
    assert sum(map(pane.boxes.has, range(lines))) == 1
    page.qtbot.waitUntil(lambda: all(map(pane.boxes.has, range(lines))))
