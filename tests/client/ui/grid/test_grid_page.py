"""表格填报: many drafts at once, by keys that people know from spreadsheets; nothing typed is lost."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QInputMethodEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from client.intake.disarming import disarmed
from client.store import drafts, records, review
from client.ui.grid import words
from client.ui.grid.cells import CellBox
from client.ui.grid.sheet import MOST_ROWS
from tests.client.ui.grid.conftest import Hands
from tests.client.ui.house import House, a_penalty, a_uscc

CTRL = Qt.KeyboardModifier.ControlModifier
NAME, NUMBER, DAY, FACTS, KIND = "CF_XDR_MC", "CF_WSH", "CF_JDRQ", "CF_SY", "CF_XDR_LB"


def test_it_shows_the_drafts_of_the_item_the_oldest_first_and_an_empty_row(hands: Hands):
    assert [hands.cell(row, NUMBER) for row in range(4)] == [
        "鹭监罚决〔2026〕1号", "鹭监罚决〔2026〕2号", "鹭监罚决〔2026〕3号", "",
    ]  # fmt: skip
    assert hands.page.tools.count.text() == "3 行　1 行有问题"
    assert hands.page.table.currentIndex().row() == 3


def test_what_is_typed_is_stored_and_the_next_row_is_chosen(hands: Hands):
    hands.at(0, FACTS)
    hands.write("改过的事实")

    assert hands.page.table.currentIndex().row() == 1
    hands.settle()
    assert hands.stored()[hands.ids[0]][FACTS] == "改过的事实"
    assert hands.page.status.text().startswith("已自动保存")


def test_a_wrong_value_stays_as_typed_and_is_marked(hands: Hands):
    hands.at(0, DAY)
    hands.write("2026年13月1日")
    hands.at(0, DAY)

    assert hands.cell(0, DAY) == "2026年13月1日"
    assert "决定日期" in hands.page.cell.text()
    hands.settle()
    assert hands.stored()[hands.ids[0]][DAY] == "2026年13月1日"


def test_typing_into_the_empty_row_makes_a_record(hands: Hands):
    hands.at(3, NAME)
    hands.write("新来的有限公司")
    hands.settle()

    assert hands.model.rowCount() == 5
    new = hands.model.row_at(3).record_id
    assert new is not None
    assert hands.stored()[new] == {NAME: "新来的有限公司"}


def test_undo_and_redo_follow_into_the_store(hands: Hands):
    hands.at(3, NAME)
    hands.write("新来的有限公司")
    hands.settle()
    hands.key(Qt.Key.Key_Z, CTRL)
    hands.settle()
    assert hands.model.rowCount() == 4
    assert len(hands.stored()) == 3

    hands.key(Qt.Key.Key_Y, CTRL)
    hands.settle()
    assert [values.get(NAME) for values in hands.stored().values()].count("新来的有限公司") == 1
    assert hands.model.rowCount() == 5


def test_a_block_from_a_spreadsheet_lands_where_it_is_pasted_and_adds_rows(hands: Hands):
    hands.at(2, NUMBER)
    hands.paste("鹭监罚决〔2026〕33号\t\n鹭监罚决〔2026〕34号\t\n鹭监罚决〔2026〕35号\t\n")
    hands.settle()

    assert [hands.cell(row, NUMBER) for row in range(5)] == [
        f"鹭监罚决〔2026〕{n}号" for n in (1, 2, 33, 34, 35)
    ]
    assert len(hands.stored()) == 5
    hands.key(Qt.Key.Key_Z, CTRL)
    hands.settle()
    assert hands.cell(2, NUMBER) == "鹭监罚决〔2026〕3号"
    assert len(hands.stored()) == 3


def test_a_block_with_headings_finds_its_columns(hands: Hands):
    titles = {about.id: about.title for about in hands.model.fields}
    hands.at(3, NAME)
    hands.paste(f'{titles[DAY]}\t{titles[NAME]}\t{titles[FACTS]}\n2026/11/3\t表头有限公司\t"两行\n事实"\n')
    hands.settle()

    new = hands.stored()[hands.model.row_at(3).record_id or ""]
    assert new == {DAY: "2026-11-03", NAME: "表头有限公司", FACTS: "两行\n事实"}


def test_what_finds_no_place_is_said(hands: Hands):
    last = hands.model.fields[-1].id
    hands.at(0, last)
    hands.paste("备注一\t多出来的\n备注二\t也多出来")

    assert hands.cell(1, last) == "备注二"
    assert hands.page.banner.text() == words.PASTE_TOO_WIDE.format(n=1)


def test_more_rows_than_a_grid_holds_are_cut_off_and_said(hands: Hands):
    hands.at(3, NAME)
    hands.paste("\n".join(f"第{n}家有限公司" for n in range(MOST_ROWS + 7)))

    assert hands.page.banner.text() == words.PASTE_TOO_LONG.format(most=MOST_ROWS, n=7)
    assert hands.model.rowCount() == 3 + MOST_ROWS + 1


def test_one_cell_fills_all_that_are_chosen(hands: Hands):
    hands.block(0, FACTS, 3)
    hands.paste("同一个事实")

    assert {hands.cell(row, FACTS) for row in range(3)} == {"同一个事实"}
    assert hands.model.rowCount() == 4


def test_what_is_copied_is_pasted_the_same(hands: Hands):
    hands.at(0, FACTS)
    hands.model.setData(hands.page.table.currentIndex(), '含"引号"\n和\t制表符')
    hands.block(0, NAME, 1, len(hands.model.fields))
    hands.key(Qt.Key.Key_C, CTRL)
    before = dict(hands.model.row_at(0).values)
    hands.at(3, NAME)
    hands.paste(QGuiApplication.clipboard().text())

    copied = dict(hands.model.row_at(3).values)
    left = hands.model.column_of(NAME) or 0
    expected = {about.id for about in hands.model.fields[left:]} & before.keys()
    assert {key: copied[key] for key in expected} == {key: before[key] for key in expected}


@pytest.mark.parametrize("text", ["=HYPERLINK(1)", "@SUM(A1)", "+86 592", "-5", "'甲'"])
def test_what_is_copied_runs_nowhere_and_is_pasted_the_same(hands: Hands, text: str):
    """A spreadsheet program calculates what is pasted into it; a text that others sent may be a formula."""
    hands.at(0, FACTS)
    hands.model.setData(hands.page.table.currentIndex(), text)
    hands.key(Qt.Key.Key_C, CTRL)
    on_the_way = QGuiApplication.clipboard().text()
    hands.at(3, FACTS)
    hands.paste(on_the_way)

    assert on_the_way == disarmed(text)
    assert hands.cell(3, FACTS) == text


def test_fill_down_gives_the_first_value_to_the_rows_below(hands: Hands):
    hands.at(0, FACTS)
    hands.write("第一行的事实")
    hands.block(0, FACTS, 3)
    hands.key(Qt.Key.Key_D, CTRL)
    hands.settle()

    assert {values[FACTS] for values in hands.stored().values()} == {"第一行的事实"}
    assert hands.page.tools.count.text() == "3 行"


def test_deleted_rows_come_back_where_they_were(hands: Hands):
    hands.at(1, NAME)
    hands.key(Qt.Key.Key_Minus, CTRL)
    hands.settle()
    assert len(hands.stored()) == 2

    hands.key(Qt.Key.Key_Z, CTRL)
    hands.settle()
    assert hands.cell(1, NUMBER) == "鹭监罚决〔2026〕2号"
    assert len(hands.stored()) == 3


def test_delete_empties_cells_and_cut_copies_them_first(hands: Hands):
    hands.block(0, FACTS, 2)
    hands.key(Qt.Key.Key_X, CTRL)
    assert hands.cell(0, FACTS) == hands.cell(1, FACTS) == ""
    assert "公示收费标准" in QGuiApplication.clipboard().text()

    hands.at(0, NAME)
    hands.key(Qt.Key.Key_Delete)
    hands.settle()
    assert NAME not in hands.stored()[hands.ids[0]]


def test_sorting_puts_empty_cells_last_and_a_third_time_everything_back(hands: Hands):
    hands.model.setData(hands.model.index(0, hands.model.column_of(NUMBER) or 0), "")
    header = hands.page.table.horizontalHeader()
    column = hands.model.column_of(NUMBER) or 0

    header.sectionDoubleClicked.emit(column)
    header.sectionDoubleClicked.emit(column)
    assert [hands.cell(row, NUMBER) for row in range(3)] == ["鹭监罚决〔2026〕3号", "鹭监罚决〔2026〕2号", ""]
    header.sectionDoubleClicked.emit(column)
    assert hands.cell(0, NUMBER) == ""


def test_amounts_are_put_in_order_by_size(hands: Hands):
    column = hands.model.column_of("CF_NR_FK") or 0
    for row, amount in enumerate(("10", "9", "0.5")):
        hands.model.setData(hands.model.index(row, column), amount)
    hands.page.table.horizontalHeader().sectionDoubleClicked.emit(column)

    assert [hands.cell(row, "CF_NR_FK") for row in range(3)] == ["0.5", "9", "10"]


def test_only_rows_with_problems_or_with_a_text_are_shown(hands: Hands):
    hands.page.tools.only.setChecked(True)
    assert [hands.cell(row, NUMBER) for row in range(hands.model.rowCount())] == ["鹭监罚决〔2026〕3号", ""]

    hands.at(0, FACTS)
    hands.write("补上的事实")
    assert hands.model.rowCount() == 2, "a row that is mended stays while one works"

    hands.page.tools.only.setChecked(False)
    hands.page.tools.search.setText("〔2026〕2")
    assert hands.cell(0, NUMBER) == "鹭监罚决〔2026〕2号"
    assert hands.page.tools.count.text() == "1 / 3 行"


def test_f8_goes_to_the_next_problem(hands: Hands):
    hands.at(0, NAME)
    hands.key(Qt.Key.Key_F8)

    index = hands.page.table.currentIndex()
    assert (index.row(), hands.model.fields[index.column()].id) == (2, FACTS)


def test_f4_opens_the_codes_and_enter_takes_one(hands: Hands):
    hands.at(0, KIND)
    hands.key(Qt.Key.Key_F4)
    box = QApplication.focusWidget()
    assert isinstance(box, CellBox)
    assert box.list_is_open()
    box.setText("")
    box.insert("个体")
    box.textEdited.emit("个体")
    hands.qtbot.keyClick(QApplication.activePopupWidget(), Qt.Key.Key_Return)
    hands.qtbot.keyClick(box, Qt.Key.Key_Return)

    assert hands.cell(0, KIND) == "个体工商户"


def test_enter_belongs_to_the_input_method_first_and_no_letter_is_lost(hands: Hands):
    hands.at(0, NAME)
    hands.key(Qt.Key.Key_F2)
    box = QApplication.focusWidget()
    assert isinstance(box, CellBox)
    box.clear()
    QApplication.sendEvent(box, QInputMethodEvent("厦门 gong si", []))
    hands.qtbot.keyClick(box, Qt.Key.Key_Return)
    assert hands.page.table.currentIndex().row() == 0, "still composing"

    hands.settle()
    assert hands.stored()[hands.ids[0]][NAME] == "厦门 gong si"


def test_the_chosen_rows_are_submitted_in_one_act_and_those_with_problems_stay(hands: Hands):
    hands.block(0, NAME, 3)
    hands.key(Qt.Key.Key_Return, CTRL)
    hands.window.settle()

    assert hands.model.rowCount() == 2
    assert hands.cell(0, NUMBER) == "鹭监罚决〔2026〕3号"
    assert hands.window.message() == words.SUBMITTED_SOME.format(n=2, stopped=1)
    reader = hands.page.session.desk.db.reader()
    assert {records.get(reader, one).row.state for one in hands.ids[:2]} == {"in_review"}


def test_a_row_that_was_submitted_elsewhere_is_named_and_no_other_is_held_up(hands: Hands):
    review.submit(hands.page.session.desk, hands.ids[:1], title="别处提交")
    hands.at(0, FACTS)
    hands.write("太晚了")
    hands.at(1, FACTS)
    hands.write("还来得及")
    hands.settle()

    assert "第 1 行不能再改" in hands.page.banner.text()
    assert hands.stored()[hands.ids[1]][FACTS] == "还来得及"
    assert not hands.model.flags(hands.model.index(0, 0)) & Qt.ItemFlag.ItemIsEditable


def test_the_form_opens_at_the_cell(hands: Hands):
    hands.at(2, FACTS)
    hands.key(Qt.Key.Key_Return, Qt.KeyboardModifier.AltModifier)
    hands.window.settle()

    page = hands.window.window.frame.current()
    assert page.name == "records"
    assert page.writing.record_id() == hands.ids[2]


def test_the_list_opens_the_table_at_the_record_in_view(hands: Hands):
    page = hands.window.go("records", record_id=hands.ids[1])
    page.open_grid()
    hands.window.settle()

    assert hands.window.window.frame.current() is hands.page
    assert hands.page.table.currentIndex().row() == 1


def test_leaving_the_page_stores_what_is_half_typed(hands: Hands):
    hands.at(0, FACTS)
    hands.key(Qt.Key.Key_F2)
    hands.window.go("home")
    hands.window.go("grid", item="XZCF_FR")
    hands.at(1, NAME)
    hands.key(Qt.Key.Key_F2)
    box = QApplication.focusWidget()
    assert isinstance(box, CellBox)
    box.setText("只打了一半")
    hands.window.go("home")
    hands.window.settle()

    assert "只打了一半" in {values.get(NAME) for values in hands.stored().values()}


def test_without_an_item_it_says_what_to_do(profile: House, open_window):
    window = open_window(profile.directory, profile.clock)
    window.unlock("许可")
    page = window.go("grid")

    assert page._stack.currentWidget() is page._empty


def test_a_thousand_rows_paste_and_save(hands: Hands):
    lines = [f"第{n}家有限公司\t1\t{a_uscc(n)}" for n in range(1_000)]
    hands.at(3, NAME)
    hands.paste("\n".join(lines))
    hands.settle()

    assert records.count(hands.page.session.desk.db.reader(), item="XZCF_FR") == 1_003


def test_a_paste_of_a_thousand_cells_is_undone_and_done_again_as_one(hands: Hands):
    before = hands.stored()
    hands.at(2, NAME)  # one row is left, the others are added
    hands.paste("\n".join(f"第{n}家有限公司\t1\t{a_uscc(n)}\t\t" for n in range(200)))
    hands.settle()
    reader = hands.page.session.desk.db.reader()
    assert records.count(reader, item="XZCF_FR") == hands.model.counts()[0] == 202
    pasted = [hands.cell(row, NAME) for row in range(2, 202)]

    hands.key(Qt.Key.Key_Z, CTRL)
    hands.settle()
    assert (hands.stored(), hands.model.counts()) == (before, (3, 3))
    assert not hands.model.undo.canUndo()

    hands.key(Qt.Key.Key_Y, CTRL)
    hands.settle()
    assert [hands.cell(row, NAME) for row in range(2, 202)] == pasted
    assert records.count(reader, item="XZCF_FR") == 202


def test_fill_down_and_paste_keep_to_the_rows_that_are_shown(hands: Hands):
    hands.page.tools.only.setChecked(True)
    assert hands.model.counts() == (3, 1)
    hands.at(0, FACTS)
    hands.paste("补写的事实\n新的一行的事实")
    hands.settle()

    facts = {values.get(NUMBER): values.get(FACTS) for values in hands.stored().values()}
    assert facts == {
        "鹭监罚决〔2026〕1号": a_penalty(1)[FACTS], "鹭监罚决〔2026〕2号": a_penalty(2)[FACTS],
        "鹭监罚决〔2026〕3号": "补写的事实", None: "新的一行的事实",
    }  # fmt: skip


def test_drafts_beyond_a_grid_are_turned_to_and_what_is_shown_is_said(
    qtbot: QtBot, profile: House, open_window
):
    desk, total = profile.desk_of("许可"), MOST_ROWS + 30
    new = [drafts.NewDraft({NAME: f"第{n}家有限公司"}, problems=()) for n in range(total)]
    ids = drafts.create_many(desk, "XZCF_FR", new)
    profile.close()
    window = open_window(profile.directory, profile.clock)
    window.unlock("许可")
    page = window.go("grid", item="XZCF_FR")
    hands = Hands(qtbot, window, page, ids)

    def seen() -> tuple[list[str], str]:
        return [row.record_id for row in page.model.sheet.rows], page.banner.text()

    assert seen() == (ids[30:], words.MORE.format(total=total, first=1, last=MOST_ROWS))
    hands.key(Qt.Key.Key_PageUp, CTRL)
    window.settle()
    assert seen() == (ids[:30], words.MORE.format(total=total, first=MOST_ROWS + 1, last=total))
    assert not page.tools.older.isEnabled()
    qtbot.mouseClick(page.tools.newer, Qt.MouseButton.LeftButton)
    window.settle()
    assert seen()[0] == ids[30:]

    page = window.go("grid", item="XZCF_FR", record_id=ids[3])
    assert page.model.row_at(page.table.currentIndex().row()).record_id == ids[3]


def test_the_drafts_of_the_item_are_exported_all_or_as_they_are_filtered(hands: Hands, tmp_path: Path):
    hands.at(0, FACTS)
    hands.write("刚刚写的事实")
    hands.page.papers.export_to(tmp_path / "全部.csv", hands.page.papers._what().make)
    hands.window.settle()
    hands.page.tools.only.setChecked(True)
    paper = hands.page.papers._what()
    hands.page.papers.export_to(tmp_path / "筛出.csv", paper.make)
    hands.window.settle()

    rows = {}
    for name in ("全部", "筛出"):
        with (tmp_path / f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
            rows[name] = list(csv.reader(file))
    assert [len(lines) for lines in rows.values()] == [4, 2]
    assert any("刚刚写的事实" in line for line in rows["全部"])
    assert paper.title == words.PAPER_SHOWN.format(n=1)


@pytest.mark.parametrize("values", [{}, a_penalty(5)])
def test_a_row_that_is_emptied_is_still_a_draft(hands: Hands, values):
    record_id = drafts.create(hands.page.session.desk, "XZCF_FR", values)
    hands.window.go("home")
    hands.window.go("grid", item="XZCF_FR", record_id=record_id)
    place = hands.page.table.currentIndex().row()
    hands.page.table.selectRow(place)
    hands.key(Qt.Key.Key_Delete)
    hands.settle()

    assert hands.stored()[record_id] == {}
