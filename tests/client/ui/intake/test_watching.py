"""The watched folder in the window: files come in by themselves, and what became of them is seen."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog

from client.store import imports
from client.store import records as stored
from client.ui.intake import words
from tests.client.ui.intake.conftest import WRITER
from tests.client.ui.intake.hands import bring_in, check, click, typed, write

LIMIT_MS = 20_000
QUICK_MS = 20


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "交换"
    made.mkdir()
    return made


@pytest.fixture
def watched(page, folder, monkeypatch):
    """The page with the folder chosen as a person does, looked at more often."""
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(folder))
    watching_of(page).timer.setInterval(QUICK_MS)
    click(page, page.page.start.watch.pick)
    return page


def watching_of(driver):
    return driver.window.session.watching


def said(driver) -> list[str]:
    """The results in view, without their time."""
    lines = [line for line in driver.page.start.watch.results if line.isVisible()]
    return [line.text().partition("　")[2] for line in lines]


def wait_for(driver, wanted) -> None:
    driver.qtbot.waitUntil(lambda: bool(wanted()), timeout=LIMIT_MS)
    driver.settle()


def reader_of(driver):
    return driver.window.session.desk.db.reader()


def test_a_file_that_is_put_there_becomes_drafts_and_the_page_says_so(watched, folder):
    write(folder / "处罚.xlsx", [typed(1), typed(2)])

    wait_for(watched, lambda: said(watched))

    assert said(watched) == ["处罚.xlsx：已导入，新增 2"]
    assert stored.count(reader_of(watched), state="draft") == 2
    assert (folder / "已导入" / "处罚.xlsx").is_file()
    assert watched.page.start.past.model().rowCount() == 1
    assert watched.page.start.watch.folder.text() == str(folder)
    assert watched.page.start.watch.switch.isChecked()


def test_bad_files_are_put_aside_and_the_next_one_comes_in(watched, folder):
    (folder / "a.xlsx").write_bytes(b"PK\x03\x04 broken")
    write(folder / "b.xlsx", [typed(1), typed(2, CF_CFLB="罚金")])
    write(folder / "c.xlsx", [typed(3)])

    wait_for(watched, lambda: len(said(watched)) == 3)

    by_file = {line.partition("：")[0]: line for line in said(watched)}
    assert by_file["a.xlsx"].startswith("a.xlsx：没有读取，")
    assert by_file["b.xlsx"] == "b.xlsx：新增 1，有误 1；错误报告在 有误/b-错误报告.xlsx"
    assert by_file["c.xlsx"] == "c.xlsx：已导入，新增 1"
    assert stored.count(reader_of(watched), state="draft") == 2


def test_a_folder_that_goes_away_is_told_and_looked_at_again(watched, folder):
    line = watched.page.start.watch.folder
    folder.rmdir()
    wait_for(watched, lambda: "找不到文件夹" in line.text())
    assert "找不到文件夹" in watched.message()

    folder.mkdir()
    write(folder / "处罚.xlsx", [typed(1)])
    wait_for(watched, lambda: said(watched))

    assert line.text() == str(folder)
    assert watched.page.start.watch.switch.isChecked()


def test_nothing_comes_in_once_it_is_switched_off(watched, folder):
    watched.page.start.watch.switch.click()
    watched.settle()
    write(folder / "处罚.xlsx", [typed(1)])

    assert not watching_of(watched).timer.isActive()
    watching_of(watched).timer.timeout.emit()
    watched.settle()

    assert imports.list_imports(reader_of(watched)) == []
    assert (folder / "处罚.xlsx").is_file()


def test_it_goes_on_after_the_next_unlock_on_whatever_page_one_is(watched, folder):
    before = watching_of(watched)
    watched.lock()
    write(folder / "处罚.xlsx", [typed(1)])
    watched.unlock(WRITER)
    assert watching_of(watched) is not before
    watching_of(watched).timer.start(QUICK_MS)

    wait_for(watched, lambda: watching_of(watched).results)

    assert stored.count(reader_of(watched), state="draft") == 1
    watched.page = watched.go("intake")
    assert said(watched) == ["处罚.xlsx：已导入，新增 1"]


def test_another_operator_has_no_watch_of_theirs(watched, folder):
    watched.switch("洪涛")
    write(folder / "处罚.xlsx", [typed(1)])

    assert not watching_of(watched).is_on()
    watched.page = watched.go("intake")
    assert not watched.page.start.watch.pick.isEnabled()
    assert watched.page.start.watch.folder.text() == words.WATCH_REFUSED


def test_a_person_who_imports_goes_first_and_the_folder_follows(watched, folder, tmp_path):
    check(watched, write(tmp_path / "我的.xlsx", [typed(9)]))
    write(folder / "处罚.xlsx", [typed(n) for n in range(10, 200)])
    watched.qtbot.waitUntil(watching_of(watched).is_busy, timeout=LIMIT_MS)

    click(watched, watched.page.bring)
    wait_for(watched, lambda: watching_of(watched).results)

    mine, theirs = sorted(imports.list_imports(reader_of(watched)), key=lambda one: one.rows_read)
    assert (mine.state, mine.created) == ("visible", 1)
    assert (theirs.state, theirs.created) == ("visible", 190)


def test_it_waits_while_the_page_is_at_work(watched, folder, tmp_path):
    bring_in(watched, write(tmp_path / "我的.xlsx", [typed(9)]))
    watched.page.begin_anew()
    watched.settle()
    assert watching_of(watched).timer.isActive()  # and goes on afterwards

    watching_of(watched).set_aside(True)

    assert not watching_of(watched).timer.isActive()
