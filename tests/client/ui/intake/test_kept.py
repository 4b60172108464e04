"""The page is drawn anew, in another theme: what was at hand is still at hand."""

from __future__ import annotations

from PySide6.QtCore import Qt

from client.store import imports
from tests.client.ui.house import CATALOGS
from tests.client.ui.intake.hands import bring_in, click, drop, typed, write
from tests.client.ui.intake.test_found import WORDS_DATE, choose_kind, key, last_import, texts


def redraw(driver, scheme: str) -> None:
    driver.window.set_theme(scheme)
    driver.settle()
    driver.page = driver.window.frame.current()


def test_a_file_at_hand_and_what_was_said_of_it_survive_another_theme(page, tmp_path):
    bring_in(page, write(tmp_path / "旧.xlsx", [typed(1)]))
    page.page.begin_anew()
    page.settle()
    rows = [typed(1, BZ="补"), typed(2, CF_JDRQ=WORDS_DATE), typed(3)]
    drop(page, write(tmp_path / "新.xlsx", rows))
    empty = next(f.id for f in CATALOGS.item("XZCF_FR").fields if f.id not in rows[0] and not f.required)
    left_out = next(n for n, line in enumerate(page.page.columns.lines()) if line.taken == empty)
    page.page.columns.boxes[left_out].setCurrentIndex(0)
    columns = [line.taken for line in page.page.columns.lines()]

    redraw(page, "dark")
    assert [line.taken for line in page.page.columns.lines()] == columns
    assert columns[left_out] is None

    click(page, page.page.check)
    found = page.page.found
    found.tabs.setCurrentIndex(1)
    page.settle()
    key(page, found.cleaning.groups, Qt.Key.Key_Space)
    said, before = texts(found.cleaning.groups), found.summary.text()
    found.tabs.setCurrentIndex(2)
    page.settle()
    choose_kind(page, "与本机草稿")
    key(page, found.meetings.groups, Qt.Key.Key_Space)

    redraw(page, "light")
    shown, found = page.page, page.page.found
    assert (found.summary.text(), found.tabs.currentIndex()) == (before, 2)
    assert texts(found.cleaning.groups) == said
    assert texts(found.meetings.groups)[0][2] == "跳过"
    assert shown.bring.accessibleName() == "按选择重新校验"
    for _ in range(2):
        click(page, shown.bring)
    assert (last_import(page).created, last_import(page).skipped, last_import(page).faulty) == (1, 1, 1)

    redraw(page, "dark")
    assert page.page.sum.text().startswith("读取 3 = 新增 1")
    assert len(imports.list_imports(page.window.session.desk.db.reader())) == 2
