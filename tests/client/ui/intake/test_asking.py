"""问问平台 by clicks and keys: a window before the real platform, which has records of another city."""

from __future__ import annotations

import itertools

import pytest
from PySide6.QtCore import Qt

from client.store import link
from tests.client.sync.branch import PASSPHRASE, now
from tests.client.sync.cities import two_departments
from tests.client.ui.house import Clock
from tests.client.ui.intake.hands import check, click, write
from tests.client.ui.intake.test_found import key, last_import, texts

REASON = "两地各有一份决定"


FRESH = itertools.count(0, 2)
"""Each test has two acts of its own: what it brings in stays at the desk."""


@pytest.fixture(scope="module")
def cities(shared_platform, tmp_path_factory):
    with two_departments(shared_platform, tmp_path_factory.mktemp("cities"), 8) as made:
        yield made


@pytest.fixture
def asking(cities, open_window, tmp_path):
    """A file with two rows that the other city has reported and one that nobody has; the tab 比对 is open."""
    here = cities.here
    here.stand_up()
    driver = open_window(here.folder, Clock(now()))
    driver.unlock(here.person("reporter")["name"], PASSPHRASE)
    driver.page = driver.go("intake")
    first = next(FRESH)
    rows = [
        cities.reported(first),
        cities.reported(first + 1),
        here.penalty(CF_WSH=f"厦样监罚〔2026〕90{first}号"),
    ]
    rows[0] |= {"CF_NR_FK": "0.2", "CF_FRDB": "另一人"}
    found = check(driver, write(tmp_path / "月报.xlsx", [{**row, "CF_CFLB": "02"} for row in rows]))
    found.tabs.setCurrentIndex(2)
    driver.settle()
    return driver


def said(driver) -> str:
    return driver.page.found.meetings.platform.said.text()


def test_who_else_has_reported_it_is_asked_seen_and_chosen(asking, cities):
    shown, pane = asking.page, asking.page.found.meetings
    assert said(asking) == "还没有问平台：有 3 行可以问，别的部门、别的城市报过没有。"
    key(asking, shown.found.tabs.tabBar(), Qt.Key.Key_B, Qt.KeyboardModifier.ControlModifier)

    assert said(asking) == "问过平台：3 行里有 2 行别处已报。"
    assert not pane.platform.ask.isVisible()
    assert shown.found.tabs.tabText(2) == "比对 2"
    assert texts(pane.groups) == [["平台上已有，别处报过同一件事", "2", "跳过"]]
    unit, day = cities.there.unit["name"], cities.reported()["CF_JDRQ"]
    assert [row[3:] for row in texts(pane.rows)] == [[f"{unit}（{day}）", "跳过"]] * 2
    assert pane.about.text() == f"{unit}已报（{day}）。"

    click(asking, pane.look)
    assert pane.about.text() == f"与{unit}的记录有 1 项不同。另有 1 项是个人信息，不给看，没有比。"
    assert [row[1:] for row in texts(pane.fields)] == [["0.1", "0.2"]]


def test_a_row_is_kept_with_a_reason_the_other_skipped_and_the_sum_is_right(asking):
    shown, pane = asking.page, asking.page.found.meetings
    click(asking, pane.platform.ask)
    pane.rows.setFocus()
    pane.rows.selectRow(1)
    pane.reason.setText(REASON)
    click(asking, pane.acts["keep"])
    assert [row[4] for row in texts(pane.rows)] == ["跳过", "两条都留"]

    click(asking, shown.bring)

    done = last_import(asking)
    assert (done.created, done.skipped, done.adds_up()) == (2, 1, True)
    assert texts(shown.done.rows)[0][2].endswith("已在平台上报过同一件事，没有再收。")


def test_without_a_line_it_is_said_and_the_desks_own_comparison_stands(asking, shared_platform):
    pane = asking.page.found.meetings
    shared_platform.stop()
    try:
        click(asking, pane.platform.ask)
        assert said(asking).startswith("没有问到平台：平台暂时联系不上。")
        assert said(asking).endswith("与本机记录的比对不受影响。")
        assert pane.platform.ask.isVisible()
    finally:
        shared_platform.start()

    click(asking, pane.platform.ask)
    assert said(asking) == "问过平台：3 行里有 2 行别处已报。"


def test_without_a_session_the_way_to_sign_in_is_offered(asking):
    desk = asking.window.session.desk
    kept = link.token(desk.db.reader(), desk.operator.operator_id)
    link.drop_session(desk)

    click(asking, asking.page.found.meetings.platform.ask)

    assert "还没有联网登录" in said(asking)
    assert "还没有联网登录" in asking.page.banner.text()
    link.store_session(desk, desk.operator, token=kept, expires_at="2030-01-01T00:00:00.000Z")
