"""Acts on a case: asked by a strip, said at once, kept until the platform has them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QLabel, QLineEdit, QPlainTextEdit, QSpinBox
from pytestqt.qtbot import QtBot

from client.store import case_sending
from client.store.case_shown import posts_of
from client.store.desk import Desk
from client.ui.cases.act_words import ACTS
from client.ui.cases.page import CasesPage
from tests.client.ui.conftest import Driver
from tests.client.ui.house import House, a_case, a_penalty

WORDS = "有理由"


@pytest.fixture
def opened(profile: House, driver: Driver) -> Callable[..., CasesPage]:
    """Open the page on a case that the feed brought."""

    def build(**given: Any) -> CasesPage:
        case_id = a_case(profile.desk_of("许可"), a_penalty(1), **given)
        profile.close()
        driver.unlock("许可")
        return driver.go("cases", case_id=case_id)  # type: ignore[no-any-return]

    return build


def said(page: CasesPage) -> str:
    assert page.sheet is not None
    return " ".join(label.text() for label in page.sheet.findChildren(QLabel) if not label.isHidden())


def desk_of(driver: Driver) -> Desk:
    assert driver.window.session is not None
    return driver.window.session.desk


def fill_in(page: CasesPage) -> None:
    """Write something into every box of the strip."""
    assert page.sheet is not None
    for box in page.sheet.strip.boxes.values():
        if isinstance(box, QPlainTextEdit):
            box.setPlainText(WORDS)
        elif isinstance(box, QLineEdit):
            box.setText(WORDS)
        elif isinstance(box, QSpinBox):
            box.setValue(3)
        elif isinstance(box, QComboBox):
            box.setCurrentIndex(box.count() - 1)


def press_enter(page: CasesPage, driver: Driver, qtbot: QtBot) -> None:
    assert page.sheet is not None
    qtbot.keyClick(page.sheet.strip.do_button, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    driver.settle()


def test_a_case_is_accepted_at_once_and_taken_back_before_it_was_sent(
    opened: Callable[..., CasesPage], driver: Driver, qtbot: QtBot
):
    page = opened(stage="received")
    assert set(page.sheet.head.acts) == {"accepted", "supplement_asked", "refused"}
    qtbot.mouseClick(page.sheet.head.acts["accepted"], Qt.MouseButton.LeftButton)
    assert "异议中" in page.sheet.strip.note()
    press_enter(page, driver, qtbot)

    assert page.queue.row().waiting == 1
    assert "受理" in driver.message()
    assert "还没有送到平台" in said(page)
    assert "accepted" not in page.sheet.view.can

    qtbot.mouseClick(page.sheet.take_back_button, Qt.MouseButton.LeftButton)
    driver.settle()
    assert page.queue.row().stage == "received"
    assert "还没有送到平台" not in said(page)


def test_what_an_act_needs_is_asked_for_and_what_a_stage_does_not_allow_is_not_offered(
    opened: Callable[..., CasesPage], driver: Driver, qtbot: QtBot
):
    page = opened(stage="received")
    page.sheet.head.act_asked.emit("resumed")
    assert page.sheet.strip.isHidden()

    qtbot.mouseClick(page.sheet.head.acts["refused"], Qt.MouseButton.LeftButton)
    press_enter(page, driver, qtbot)
    assert "请填写“理由”" in page.sheet.strip.note()
    qtbot.keyClick(page.sheet.strip.do_button, Qt.Key.Key_Escape)
    assert page.sheet.strip.isHidden()


@pytest.mark.parametrize(
    ("stage", "kinds"),
    [
        pytest.param("received", ("supplement_asked", "supplemented", "accepted"), id="put right"),
        pytest.param("received", ("assigned", "refused", "told"), id="handed out, refused, told"),
        pytest.param("accepted", ("suspended", "resumed", "transferred"), id="examined, then transferred"),
        pytest.param("accepted", ("withdrawn",), id="withdrawn by the applicant"),
    ],
)
def test_acts_follow_each_other_without_a_line(
    opened: Callable[..., CasesPage], driver: Driver, qtbot: QtBot, stage: str, kinds: tuple[str, ...]
):
    page = opened(stage=stage)
    for kind in kinds:
        page.sheet.head.act_asked.emit(kind)
        fill_in(page)
        press_enter(page, driver, qtbot)
        assert page.sheet.strip.isHidden(), page.sheet.strip.note()

    posts = posts_of(desk_of(driver).db.reader(), page.sheet.view.row.case_id)
    assert [one.event for one in posts] == list(kinds)
    assert all(one.state == "queued" for one in posts)
    assert ACTS[kinds[-1]].word in driver.message()


def test_a_case_that_changed_meanwhile_shows_both_and_nothing_is_overwritten(
    opened: Callable[..., CasesPage], driver: Driver, qtbot: QtBot
):
    page = opened(stage="received")
    view = page.sheet.view
    page.sheet.head.act_asked.emit("refused")
    fill_in(page)
    desk = desk_of(driver)
    a_case(
        desk, a_penalty(1), case_id=view.row.case_id, stage="received", record_id=view.case.row.record_id,
        statement="补充说明。",
    )  # fmt: skip
    press_enter(page, driver, qtbot)

    assert "办件有了变化" in page.sheet.strip.note()
    assert page.sheet.strip.data()["text"] == WORDS
    press_enter(page, driver, qtbot)
    assert page.sheet.strip.isHidden()
    assert page.sheet.view.shown.stage == "refused"  # it stays in view, though it is no longer in the list


def test_what_the_platform_did_not_take_stands_over_the_case_until_somebody_chose(
    opened: Callable[..., CasesPage], driver: Driver, qtbot: QtBot
):
    page = opened(stage="received")
    page.sheet.head.act_asked.emit("accepted")
    press_enter(page, driver, qtbot)
    desk = desk_of(driver)
    case_id = page.sheet.view.row.case_id
    (post,) = posts_of(desk.db.reader(), case_id)
    case_sending.begin(desk, post.post_id)
    case_sending.refused(desk, post.post_id, "stale")
    driver.window.session.announce("cases")
    driver.settle()

    assert "平台没有接受" in page.sheet.banner.text()
    assert "待受理" in page.sheet.banner.text()
    qtbot.mouseClick(page.sheet.again_button, Qt.MouseButton.LeftButton)
    driver.settle()
    assert page.queue.row().waiting == 1
    assert "平台没有接受" not in page.sheet.banner.text()


def test_each_clock_opens_to_how_its_date_was_counted(opened: Callable[..., CasesPage], qtbot: QtBot):
    page = opened(rules={"platform": "zhejiang-objection", "provider": "shenzhen-objection"})
    clocks = page.sheet.head.clocks
    assert "2026年11月25日" in clocks.buttons["provider"].text()
    qtbot.mouseClick(clocks.buttons["provider"], Qt.MouseButton.LeftButton)

    assert "期限2个工作日" in clocks.derivation()
    assert "未经本地法制部门确认" in clocks.derivation()
    qtbot.mouseClick(clocks.buttons["platform"], Qt.MouseButton.LeftButton)
    assert "浙江" in clocks.derivation()


def test_a_finding_is_taken_back_by_a_key(opened: Callable[..., CasesPage], qtbot: QtBot):
    page = opened()
    (row,) = page.sheet.grid.rows
    assert page.sheet.head.lease.isHidden()
    qtbot.mouseClick(row.stands, Qt.MouseButton.LeftButton)
    assert "别人可能也在办" in page.sheet.head.lease.text()  # there is no line
    qtbot.mouseClick(row.correct_to, Qt.MouseButton.LeftButton)
    row.stands.setFocus()
    qtbot.keyClick(row.stands, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert row.stands.isChecked()
    qtbot.mouseClick(page.sheet.grid.undo_button, Qt.MouseButton.LeftButton)

    assert not row.stands.isChecked()
    assert page.sheet.grid.undo_button.isHidden()
