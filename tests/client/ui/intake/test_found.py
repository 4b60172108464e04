"""Step 问题 by clicks and keys: three tabs, what a person says on them, and what comes of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt

from client.store import imports, records
from tests.client.ui.intake.hands import bring_in, check, click, typed, write

WORDS_DATE = "2026年11月2日"


def texts(table: Any) -> list[list[str]]:
    model = table.model()
    columns = range(model.columnCount())
    return [[model.index(row, column).data() for column in columns] for row in range(model.rowCount())]


def key(
    driver: Any, table: Any, what: Qt.Key, held: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
) -> None:
    table.setFocus()
    driver.qtbot.keyClick(table, what, held)
    driver.settle()


def drafts(driver: Any) -> list[dict[str, Any]]:
    reader = driver.window.session.desk.db.reader()
    rows = records.list_records(reader, limit=100)
    return [dict(records.get(reader, row.record_id).draft.values) for row in rows]


def last_import(driver: Any) -> Any:
    return imports.list_imports(driver.window.session.desk.db.reader())[0]


@pytest.fixture
def cleaned(page, tmp_path: Path):
    """A file with two dates in words and a name with a blank, checked; the tab 清洗 is open."""
    rows = [typed(1, CF_JDRQ=WORDS_DATE), typed(2, CF_JDRQ=WORDS_DATE), typed(3, CF_FRDB="张　三")]
    found = check(page, write(tmp_path / "表.xlsx", rows))
    found.tabs.setCurrentIndex(1)
    page.settle()
    return page


def test_the_tabs_say_how_much_is_on_them_and_nothing_is_a_designed_state(page, tmp_path):
    found = check(page, write(tmp_path / "净.xlsx", [typed(1)]))

    assert [found.tabs.tabText(n) for n in range(3)] == ["问题 0", "清洗 0", "比对 0"]
    assert found.cleaning._none.title()
    assert found.meetings._none.title()


def test_each_proposal_is_shown_before_and_after(cleaned):
    pane = cleaned.page.found.cleaning

    assert [row[2:] for row in texts(pane.groups)] == [["1", "接受"], ["2", "接受"]]
    key(cleaned, pane.groups, Qt.Key.Key_Down)
    assert [[row[0], *row[2:]] for row in texts(pane.cells)] == [
        ["2", WORDS_DATE, "2026-11-02", "接受"],
        ["3", WORDS_DATE, "2026-11-02", "接受"],
    ]


def test_a_group_is_refused_by_the_space_key_and_checked_again_before_it_comes_in(cleaned):
    shown, pane = cleaned.page, cleaned.page.found.cleaning
    key(cleaned, pane.groups, Qt.Key.Key_Down)
    key(cleaned, pane.groups, Qt.Key.Key_Space)
    assert texts(pane.groups)[1][3] == "保持原样"
    assert shown.bring.accessibleName() == "按选择重新校验"

    click(cleaned, shown.bring)
    assert "有误 2" in shown.found.summary.text()
    assert shown.bring.accessibleName() == "导入合格的 1 行"
    assert texts(pane.groups)[1][3] == "保持原样"

    click(cleaned, shown.bring)
    assert (last_import(cleaned).created, last_import(cleaned).faulty) == (1, 2)


def test_what_is_refused_and_accepted_again_needs_no_second_check(cleaned):
    pane = cleaned.page.found.cleaning
    for _ in range(2):
        key(cleaned, pane.groups, Qt.Key.Key_Space)

    assert cleaned.page.bring.accessibleName() == "导入合格的 3 行"


def test_one_cell_is_refused_alone_and_all_of_them_with_ctrl_a(cleaned):
    pane = cleaned.page.found.cleaning
    key(cleaned, pane.groups, Qt.Key.Key_Down)
    pane.cells.selectRow(0)
    key(cleaned, pane.cells, Qt.Key.Key_Space)
    assert [row[4] for row in texts(pane.cells)] == ["保持原样", "接受"]
    assert texts(pane.groups)[1][3] == "部分接受"

    key(cleaned, pane.cells, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    click(cleaned, pane.refuse)
    assert [row[4] for row in texts(pane.cells)] == ["保持原样", "保持原样"]
    assert texts(pane.groups)[1][3] == "保持原样"


def test_after_the_import_cleaning_is_seen_and_undone(cleaned):
    shown = cleaned.page
    click(cleaned, shown.bring)
    click(cleaned, shown.done.cleaned)
    pane = shown.done.changes
    pane.groups.selectRow(1)
    cleaned.settle()
    assert [row[2:] for row in texts(pane.cells)] == [[WORDS_DATE, "2026-11-02", "已理顺"]] * 2

    pane.cells.selectRow(0)
    click(cleaned, pane.undo)
    assert [row[4] for row in texts(pane.cells)] == ["已恢复原样", "已理顺"]
    click(cleaned, pane.undo_group)

    assert sorted(values["CF_JDRQ"] for values in drafts(cleaned))[-2:] == [WORDS_DATE, WORDS_DATE]
    assert "1 处已恢复原样" in shown.banner.text()


# --- 比对 ---


@pytest.fixture
def met(page, tmp_path: Path):
    """One draft on the desk; a file with another content for it, and a row twice; the tab 比对 is open."""
    bring_in(page, write(tmp_path / "旧.xlsx", [typed(1)]))
    page.page.begin_anew()
    page.settle()
    found = check(page, write(tmp_path / "新.xlsx", [typed(1, BZ="补"), typed(2), typed(2)]))
    found.tabs.setCurrentIndex(2)
    page.settle()
    return page


def choose_kind(driver: Any, start: str) -> None:
    pane = driver.page.found.meetings
    place = next(n for n, row in enumerate(texts(pane.groups)) if row[0].startswith(start))
    pane.groups.setFocus()
    pane.groups.selectRow(place)
    driver.settle()


def test_what_a_row_meets_is_shown_field_by_field(met):
    pane = met.page.found.meetings
    choose_kind(met, "与本机草稿")

    assert [row[0] for row in texts(pane.rows)] == ["2"]
    assert texts(pane.rows)[0][3:] == ["本机记录 · 草稿", "更新"]
    assert texts(pane.fields) == [["备注", "（空）", "补"]]
    choose_kind(met, "与前面的行重复")
    assert texts(pane.rows)[0][3:] == ["第 3 行", "跳过"]


def test_skipping_a_kind_leaves_the_draft_as_it_is(met):
    pane = met.page.found.meetings
    choose_kind(met, "与本机草稿")
    key(met, pane.groups, Qt.Key.Key_Space)
    assert texts(pane.groups)[1][2] == "跳过"

    click(met, met.page.bring)

    done = last_import(met)
    assert (done.created, done.updated, done.skipped, done.adds_up()) == (1, 0, 2, True)
    assert all("BZ" not in values for values in drafts(met))


def test_keeping_both_asks_for_a_reason_first(met):
    pane = met.page.found.meetings
    choose_kind(met, "与本机草稿")
    click(met, pane.acts["keep"])
    assert "理由" in met.page.banner.text()
    assert texts(pane.groups)[1][2] == "更新"

    pane.reason.setText("两次检查，两份决定")
    click(met, pane.acts["keep"])
    click(met, met.page.bring)

    assert (last_import(met).created, last_import(met).updated) == (2, 0)
    assert len(drafts(met)) == 3


def test_what_the_page_says_stays_true_after_faulty_rows_are_taken(page, tmp_path):
    bring_in(
        page, write(tmp_path / "表.xlsx", [typed(1), typed(2, CF_CFLB="罚金"), typed(3, CF_CFLB="罚金")])
    )
    shown = page.page
    shown.done.rows.selectRow(0)
    click(page, shown.take)

    assert shown.done.groups["faulty"].text() == "有误 2（已转为草稿 1）"
    assert shown.sum.text() == "读取 3 = 新增 1 + 更新 0 + 更正 0 + 跳过 0 + 有误 2"
    click(page, shown.done.groups["faulty"])
    assert sorted(row[1] for row in texts(shown.done.rows)) == ["已转为草稿", "有误，没有入库"]
