"""The queue: by days left, page by page, filtered, and which one is next."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from client.ui.cases.page import CasesPage
from client.ui.cases.queue_model import PAGE_ROWS
from client.ui.row_model import choose
from tests.client.ui.conftest import Driver
from tests.client.ui.house import House, a_case, a_penalty, operator_id

ME = {"operator_id": operator_id("许可"), "name": "许可"}
OTHER = {"operator_id": operator_id("庄敏"), "name": "庄敏"}


@pytest.fixture
def page(profile: House, driver: Driver) -> CasesPage:
    """Overdue and mine; today and another's; later and nobody's, twice about one record; waiting; closed."""
    desk = profile.desk_of("许可")
    record = desk.new_id()
    for number, given in enumerate(
        (
            {"due_on": "2026-11-20", "due_certain": True, "owner": ME},
            {"due_on": "2026-11-24", "due_certain": True, "owner": OTHER},
            {"due_on": "2027-01-05", "record_id": record},
            {"due_on": "2027-01-06", "record_id": record, "statement": "另一位申请人"},
            {"stage": "suspended"},
            {"stage": "closed", "state": "closed", "closed_at": "2026-11-23T05:00:00.000Z"},
        ),
        start=1,
    ):
        a_case(desk, a_penalty(number), **given)
    profile.close()
    driver.unlock("许可")
    return driver.go("cases")  # type: ignore[no-any-return]


def urgencies(page: CasesPage) -> list[str]:
    return [page.queue.model.index(n, 0).data() for n in range(page.queue.model.rowCount())]


def test_what_is_urgent_stands_first_and_what_is_not_certain_says_so(page: CasesPage):
    assert urgencies(page) == ["逾期 4 天", "今天", "还有 42 天（暂定）", "还有 43 天（暂定）", "期限未设"]
    assert "同一记录另有 1 件" in page.queue.model.index(2, 1).data()
    assert "暂定" in page.queue.model.index(2, 0).data(Qt.ItemDataRole.ToolTipRole)
    assert page.queue.count.text() == "5 件"


@pytest.mark.parametrize(
    ("view", "shown"),
    [("mine", 1), ("unassigned", 3), ("overdue", 1), ("unit", 5), ("ended", 1), ("refused", 0)],
)
def test_a_view_shows_its_cases(page: CasesPage, driver: Driver, view: str, shown: int):
    page.queue.view.setCurrentIndex(page.queue.view.findData(view))
    page.queue.view.activated.emit(page.queue.view.currentIndex())
    driver.settle()

    assert page.queue.model.rowCount() == shown


def test_text_finds_a_case_and_clearing_shows_all(page: CasesPage, driver: Driver, qtbot: QtBot):
    qtbot.keyClick(page.queue.table, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert page.queue.text.hasFocus()
    page.queue.text.setText("样例2号")
    qtbot.waitUntil(lambda: page.queue.model.rowCount() == 1)
    qtbot.mouseClick(page.queue.clear_button, Qt.MouseButton.LeftButton)
    driver.settle()

    assert page.queue.model.rowCount() == 5


def test_the_next_case_is_one_that_i_can_work_on(page: CasesPage, driver: Driver, qtbot: QtBot):
    choose(page.queue.table, 0)
    driver.settle()
    qtbot.keyClick(page.queue.table, Qt.Key.Key_F8)
    driver.settle()

    assert page.sheet.view.row.due_on == "2027-01-05"  # not the one of today, which is another's


def test_a_long_queue_is_read_a_page_at_a_time(profile: House, driver: Driver, qtmodeltester: ModelTester):
    desk = profile.desk_of("许可")
    for number in range(PAGE_ROWS + 30):
        a_case(desk, a_penalty(number))
    profile.close()
    driver.unlock("许可")
    page = driver.go("cases")
    model = page.queue.model
    assert (model.rowCount(), page.queue.count.text()) == (PAGE_ROWS, f"{PAGE_ROWS + 30} 件")

    page.queue.table.scrollToBottom()
    driver.settle()
    assert model.rowCount() == PAGE_ROWS + 30
    assert not model.canFetchMore()
    qtmodeltester.check(model)


def test_every_figure_leads_to_the_cases_that_it_counts(page: CasesPage, driver: Driver, qtbot: QtBot):
    qtbot.mouseClick(page.figures_button, Qt.MouseButton.LeftButton)
    driver.settle()
    figures = page.aside.figures
    assert figures is not None
    assert figures.links["收到"].text() == "6 件"
    assert figures.links["信息错误"].text() == "6 件"
    qtbot.mouseClick(figures.links["未结且逾期"], Qt.MouseButton.LeftButton)
    driver.settle()

    assert urgencies(page) == ["逾期 4 天"]
    assert not page.aside.is_shown()
