"""问问平台 by clicks and keys: before the real platform with records of another city, and without a line."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt

from client.store import link
from tests.client.sync.branch import PASSPHRASE, now
from tests.client.sync.cities import two_departments
from tests.client.ui.house import Clock
from tests.client.ui.intake.hands import check, click, typed, write
from tests.client.ui.intake.test_found import key, last_import, texts

REASON = "两地各有一份决定"


def compared(driver, path, rows) -> None:
    """Check a file, and open the tab 比对."""
    check(driver, write(path, rows)).tabs.setCurrentIndex(2)
    driver.settle()


def said(driver) -> str:
    return driver.page.found.meetings.platform.said.text()


@pytest.fixture
def cities(shared_platform, tmp_path):
    with two_departments(shared_platform, tmp_path / "cities") as made:
        yield made


def test_who_else_has_reported_it_is_asked_seen_and_chosen(cities, open_window, tmp_path):
    here, unit, day = cities.here, cities.there.unit["name"], cities.reported()["CF_JDRQ"]
    here.stand_up()
    driver = open_window(here.folder, Clock(now()))
    driver.unlock(here.person("reporter")["name"], PASSPHRASE)
    driver.page = shown = driver.go("intake")
    rows = [cities.reported(0), cities.reported(1), here.penalty(CF_WSH="厦样监罚〔2026〕901号")]
    rows[0] |= {"CF_NR_FK": "0.2", "CF_FRDB": "另一人"}
    compared(driver, tmp_path / "月报.xlsx", [{**row, "CF_CFLB": "02"} for row in rows])
    pane = shown.found.meetings
    assert said(driver) == "还没有问平台：有 3 行可以问，别的部门、别的城市报过没有。"

    key(driver, shown.found.tabs.tabBar(), Qt.Key.Key_B, Qt.KeyboardModifier.ControlModifier)
    assert said(driver) == "问过平台：3 行里有 2 行别处已报。"
    assert not pane.platform.ask.isVisible()
    assert shown.found.tabs.tabText(2) == "比对 2"
    assert texts(pane.groups) == [["平台上已有，别处报过同一件事", "2", "跳过"]]
    assert [row[3:] for row in texts(pane.rows)] == [[f"{unit}（{day}）", "跳过"]] * 2
    assert pane.about.text() == f"{unit}已报（{day}）。"

    click(driver, pane.look)
    assert pane.about.text() == f"与{unit}的记录有 1 项不同。另有 1 项是个人信息，不给看，没有比。"
    assert [row[1:] for row in texts(pane.fields)] == [["0.1", "0.2"]]

    pane.rows.setFocus()
    pane.rows.selectRow(1)
    pane.reason.setText(REASON)
    click(driver, pane.acts["keep"])
    assert [row[4] for row in texts(pane.rows)] == ["跳过", "两条都留"]

    click(driver, shown.bring)
    done = last_import(driver)
    assert (done.created, done.skipped, done.adds_up()) == (2, 1, True)
    assert texts(shown.done.rows)[0][2] == f"{unit}（{day}）已在平台上报过同一件事，没有再收。"


def test_without_a_session_or_a_line_it_is_said_and_the_desks_own_comparison_stands(page, tmp_path):
    desk = page.window.session.desk
    compared(page, tmp_path / "表.xlsx", [typed(1), typed(2), typed(2)])
    pane = page.page.found.meetings
    click(page, pane.platform.ask)
    assert "还没有联网登录" in said(page)
    assert "还没有联网登录" in page.page.banner.text()

    link.store_session(desk, desk.operator, token="t", expires_at="2030-01-01T00:00:00.000Z")
    click(page, pane.platform.ask)

    assert said(page).startswith("没有问到平台：平台暂时联系不上。")
    assert said(page).endswith("与本机记录的比对不受影响。")
    assert pane.platform.ask.isVisible()
    assert texts(pane.groups) == [["与前面的行重复，内容相同", "1", "跳过"]]
    click(page, page.page.bring)
    assert (last_import(page).created, last_import(page).skipped) == (2, 1)
