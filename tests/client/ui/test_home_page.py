"""工作台: each line a link to what waits."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from client.store import drafts, review
from tests.client.ui.conftest import Driver
from tests.client.ui.house import House, a_case, a_penalty, a_problem, answered


def prepare(profile: House) -> None:
    """One of everything: ready, with a problem, returned, rejected, waiting for review, a case."""
    desk = profile.desk_of("许可")
    ids = drafts.create_many(desk, "XZCF_FR", [drafts.NewDraft(a_penalty(n)) for n in range(1, 5)])
    drafts.create(desk, "XZCF_FR", a_penalty(9, CF_NR_FK=None))
    rejected = review.submit(desk, ids[:1], title="将被平台退回").act_id
    review.submit(desk, ids[1:2], title="将被复核退回")
    review.submit(desk, ids[2:3], title="待复核")
    a_case(desk, a_penalty(7))
    assert rejected is not None
    desk = profile.desk_of("庄敏")
    review.approve(desk, rejected)
    review.return_(desk, ids[1:2], "缺依据")
    answered(desk, {ids[0]: a_problem("duplicate-business-key")})
    profile.close()


def test_a_day_without_work_says_so(driver: Driver):
    driver.unlock("许可")
    page = driver.go("home")

    assert page.lines == []
    assert page._empty.isVisible()


def test_a_reporter_and_handler_sees_what_is_hers_to_do(profile: House, driver: Driver):
    prepare(profile)
    driver.unlock("许可")
    page = driver.go("home")

    assert [line.text() for line in page.lines] == [
        "1 件异议待核查",
        "1 条被平台退回，改好再报",
        "1 条复核退回",
        "1 条草稿有问题",
        "1 条草稿可以提交",
    ]
    assert page.figures["等别人复核"].text() == "1"


def test_a_reviewer_sees_what_waits_for_review(profile: House, driver: Driver):
    prepare(profile)
    driver.unlock("庄敏")
    page = driver.go("home")

    assert "1 份待你复核" in [line.text() for line in page.lines]
    assert not any("异议" in line.text() for line in page.lines)


@pytest.mark.parametrize(
    ("word", "page_name"),
    [("异议", "cases"), ("平台退回", "sync"), ("有问题", "records"), ("复核退回", "records")],
    ids=["case", "rejected", "problems", "returned"],
)
def test_each_line_leads_to_its_page(profile: House, driver: Driver, qtbot: QtBot, word: str, page_name: str):
    prepare(profile)
    driver.unlock("许可")
    page = driver.go("home")
    line = next(line for line in page.lines if word in line.text())
    qtbot.mouseClick(line, Qt.MouseButton.LeftButton)
    driver.settle()

    assert driver.window.frame is not None
    shown = driver.window.frame.current()
    assert shown is not None
    assert shown.name == page_name


def test_every_figure_is_a_link(driver: Driver, qtbot: QtBot):
    driver.unlock("许可")
    for title, page_name in (("待发送", "sync"), ("已入库", "sync"), ("未关联", "records")):
        page = driver.go("home")
        qtbot.mouseClick(page.figures[title], Qt.MouseButton.LeftButton)
        driver.settle()
        assert driver.window.frame is not None
        shown = driver.window.frame.current()
        assert shown is not None
        assert shown.name == page_name
