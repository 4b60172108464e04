"""导入, by clicks: from a file to drafts in review, and what a bad file does."""

from __future__ import annotations

import random
import zipfile
from pathlib import Path

import pytest
import xlsxwriter
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QFileDialog

from client.demo.sample_files import write_penalties
from client.demo.samples import Office, invented_subject, many_penalties
from client.store import imports
from client.store import records as stored
from client.ui.intake import words
from client.ui.intake.page import COLUMNS, DONE, FILE, PROBLEMS
from tests.client.ui.house import CATALOGS
from tests.client.ui.intake.hands import TODAY, click, drop, typed, write


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    """Penalties as a department hands them in, some rows wrong."""
    chance = random.Random(7)
    subjects = [invented_subject(n, chance) for n in range(60)]
    path, office = tmp_path / "台账.xlsx", Office("示范局", "11350500MA9YYYYY7N")
    write_penalties(path, CATALOGS.item("XZCF_FR"), office=office, subjects=subjects, today=TODAY)
    return path


def test_a_dropped_file_becomes_drafts_and_goes_to_review_in_one_act(page, sample):
    shown = page.page
    drop(page, sample)
    assert shown.stack.currentIndex() == COLUMNS
    assert shown.columns.item_code() == "XZCF_FR"

    click(page, shown.check)
    assert shown.stack.currentIndex() == PROBLEMS
    assert shown.problems.kinds.model().rowCount() > 10

    click(page, shown.bring)
    assert shown.stack.currentIndex() == DONE
    reader = page.window.session.desk.db.reader()
    done = imports.list_imports(reader)[0]
    assert done.adds_up()
    assert shown.sum.text().startswith(f"读取 {done.rows_read} = 新增 {done.created}")
    assert stored.count(reader, import_id=done.import_id) == done.created

    click(page, shown.submit)
    assert stored.count(reader, state="in_review") == done.created
    assert "已提交" in shown.banner.text()


def test_the_same_file_twice_brings_nothing_twice(page, sample):
    shown = page.page
    for _ in range(2):
        drop(page, sample)
        click(page, shown.check)
        click(page, shown.bring)
        page.window.go("intake")
        shown.begin_anew()
        page.settle()

    newest, first = imports.list_imports(page.window.session.desk.db.reader())
    assert newest.created == newest.updated == newest.corrected == 0
    assert newest.skipped == first.created + first.skipped


def test_a_file_is_brought_in_by_keys_alone_and_the_same_again_says_so(page, tmp_path):
    shown = page.page
    path = write(tmp_path / "处罚.xlsx", [typed(1), typed(2)])

    def go_on() -> None:
        page.qtbot.keyClick(
            QApplication.focusWidget(), Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier
        )
        page.settle()

    for title in (words.DONE, words.DONE_WITHOUT):
        drop(page, path)
        assert QApplication.focusWidget() is shown.columns.table
        go_on()
        assert shown.stack.currentIndex() == PROBLEMS
        assert QApplication.focusWidget() is shown.found.tabs.tabBar()
        assert (words.SAME_AS_HERE.format(n=2) in shown.found.summary.text()) == (title == words.DONE_WITHOUT)
        go_on()
        assert shown.stack.currentIndex() == DONE
        assert shown.done.title.text() == title.format(file="处罚.xlsx")
        before = stored.count(page.window.session.desk.db.reader(), state="in_review")
        go_on()
        assert stored.count(page.window.session.desk.db.reader(), state="in_review") == before == 0


def test_an_item_that_the_file_cannot_be_leaves_the_page_as_it_was(page, tmp_path):
    shown = page.page
    drop(page, write(tmp_path / "处罚.xlsx", [typed(1)]))
    before = shown.columns.item.currentData()

    shown.columns.item_chosen.emit("GJJ_NDJC")
    shown.columns.item.setCurrentIndex(shown.columns.item.findData("GJJ_NDJC"))
    page.settle()

    assert (shown.columns.item.currentData(), shown.columns.item_code()) == (before, before)
    assert shown.banner.text()


def test_faulty_rows_wait_until_somebody_takes_them(page, sample):
    shown = page.page
    drop(page, sample)
    click(page, shown.check)
    click(page, shown.bring)
    reader = page.window.session.desk.db.reader()
    faulty = imports.list_imports(reader)[0].faulty
    assert stored.count(reader, state="problems") == 0

    shown.done.rows.selectRow(0)
    assert shown.take.text() == "选中的行转为草稿"
    click(page, shown.take)
    assert stored.count(reader, state="problems") == 1

    shown.done.rows.clearSelection()
    click(page, shown.take)
    assert stored.count(reader, state="problems") == faulty
    assert not shown.take.isVisible()


def test_a_kind_of_problem_shows_its_cells_only(page, sample):
    shown = page.page
    drop(page, sample)
    click(page, shown.check)
    kinds, cells = shown.problems.kinds, shown.problems.cells
    everything = cells.model().rowCount()

    kinds.setFocus()
    page.qtbot.keyClick(kinds, Qt.Key.Key_Down)

    assert 0 < cells.model().rowCount() < everything


def test_a_column_can_be_left_out(page, sample):
    shown = page.page
    drop(page, sample)
    box = next(box for box in shown.columns.boxes if box.field() == "BZ")

    box.setCurrentIndex(0)
    click(page, shown.check)
    click(page, shown.bring)

    reader = page.window.session.desk.db.reader()
    row = stored.list_records(reader, limit=1)[0]
    assert "BZ" not in stored.get(reader, row.record_id).draft.values


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("信.pdf", b"%PDF-1.7\n" + b"x" * 300, "not_a_spreadsheet"),
        ("空.xlsx", b"", "file_empty"),
        ("文字.csv", "随便几个字\n没有表头\n".encode(), "headings_unknown"),
    ],
)
def test_a_file_that_cannot_come_in_says_why_and_changes_nothing(page, tmp_path, name, content, code):
    path = tmp_path / name
    path.write_bytes(content)

    drop(page, path)

    shown = page.page
    assert shown.stack.currentIndex() == FILE
    assert shown.banner.text()
    assert shown.banner._code.text() == code
    assert imports.list_imports(page.window.session.desk.db.reader()) == []


def test_two_files_at_once_are_not_taken(page, sample, tmp_path):
    drop(page, sample, tmp_path / "b.xlsx")

    assert "一个" in page.page.banner.text()
    assert page.page.stack.currentIndex() == FILE


def test_the_error_report_is_written_where_the_person_says(page, sample, tmp_path, monkeypatch):
    shown = page.page
    out = tmp_path / "报告.xlsx"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(out), ""))
    drop(page, sample)
    click(page, shown.check)

    click(page, shown.report)

    assert out.stat().st_size > 0
    assert out.name in shown.banner.text()


def test_what_the_error_report_cannot_keep_is_said_before_it_is_asked_where(
    page, sample, tmp_path, monkeypatch
):
    with zipfile.ZipFile(sample, "a") as archive:
        archive.writestr("_xmlsignatures/sig1.xml", "<x/>")
    shown, out = page.page, tmp_path / "报告.xlsx"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(out), ""))
    drop(page, sample)
    click(page, shown.check)

    click(page, shown.report)
    assert "数字签名" in shown.banner.text()
    assert not out.exists()

    click(page, shown.banner.button())
    assert out.exists()


def test_stopping_leaves_nothing(page, tmp_path):
    path = tmp_path / "多.xlsx"
    write_many(path, many_penalties(6_000, today=TODAY))
    shown = page.page
    shown.look_into(path)
    page.settle()
    shown.run_check()
    page.qtbot.waitUntil(shown.stop.isVisible, timeout=20_000)

    page.qtbot.mouseClick(shown.stop, Qt.MouseButton.LeftButton)
    page.settle()

    assert shown.stack.currentIndex() == COLUMNS
    assert imports.list_imports(page.window.session.desk.db.reader()) == []


def write_many(path: Path, rows) -> None:
    fields = [field.id for field in CATALOGS.item("XZCF_FR").fields]
    with xlsxwriter.Workbook(str(path), {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, fields)
        for number, row in enumerate(rows, start=1):
            sheet.write_row(number, 0, ["" if row.get(f) is None else str(row.get(f)) for f in fields])
