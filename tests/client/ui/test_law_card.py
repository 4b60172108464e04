"""设置 · 期限与日历: what is in force at this desk, who confirmed it, and which dates have moved."""

from __future__ import annotations

import pytest

from client.store.case_dues import Moved
from client.ui.settings.law_card import LawView, calendar_words, move_words, read_view
from client.ui.settings.page import SettingsPage
from tests.client.ui.conftest import Driver


@pytest.fixture
def page(driver: Driver) -> SettingsPage:
    driver.unlock("洪涛")
    return driver.go("settings")  # type: ignore[no-any-return]


def test_what_ships_is_shown_and_that_nobody_confirmed_it(page: SettingsPage):
    follows, clocks = page.law.rules["objection"]

    assert "未经本地法制部门确认" in follows.text()
    assert follows.property("tone") == "warn"
    assert "提供单位核查并答复：天数未查到" in clocks.text()
    assert "一般：最短 3个月，最长 1年" in page.law.rules["repair"][1].text()
    assert "2018–2026 年" in page.law.calendar.text()
    assert page.law.moved.text() == "没有"
    assert page.law.seen_button.isHidden()


@pytest.mark.parametrize(
    ("years", "said"),
    [
        ([], "没有放假通知，工作日一律按暂定计算。"),
        ([2025, 2026], "2027 年的通知还没有"),
        ([2024, 2025], "2026 年的通知还没有"),
        ([2026, 2027], "2026–2027 年，依据国务院办公厅放假通知。"),
    ],
)
def test_the_first_year_without_a_notice_is_named(years: list[int], said: str):
    assert said in calendar_words(years, 2026)


def test_moved_dates_are_shown_until_somebody_has_seen_them(page: SettingsPage, driver: Driver):
    desk = page.session.desk
    shown = read_view(desk)
    moves = tuple(
        Moved(n, f"c{n}", f"样例公司{n}", None, "2027-01-05", certain=False, why="calendar", moved_at="")
        for n in range(8, 0, -1)
    )

    page.law.show_view(LawView(shown.calendar, shown.rules, (), moves))

    assert page.law.moved.text().splitlines()[0] == "样例公司8：没有日期 → 2027-01-05（暂定），因放假通知"
    assert page.law.moved.text().splitlines()[-1] == "另有 2 件"
    assert not page.law.seen_button.isHidden()
    page.law.seen_button.click()
    driver.settle()
    assert page.law.moved.text() == "没有"
    was = Moved(1, "c1", "", "2026-01-05", None, certain=False, why="rules", moved_at="")
    assert move_words(was) == "c1：2026-01-05 → 没有日期，因期限规则"
