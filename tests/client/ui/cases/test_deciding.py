"""异议: read a case, decide field by field, submit; what is written is never lost."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from client.store import acts, cases
from client.ui.cases.page import CasesPage
from client.ui.cases.words import masked
from client.ui.row_model import choose
from tests.client.ui.conftest import Driver
from tests.client.ui.house import House, a_case, a_penalty


@pytest.fixture
def case_id(profile: House) -> str:
    desk = profile.desk_of("许可")
    made = a_case(desk, a_penalty(1))
    profile.close()
    return made


@pytest.fixture
def page(case_id: str, driver: Driver) -> CasesPage:
    driver.unlock("许可")
    return driver.go("cases")  # type: ignore[no-any-return]


def said(page: CasesPage) -> str:
    assert page.sheet is not None
    return " ".join(label.text() for label in page.sheet.findChildren(QLabel) if not label.isHidden())


def decide(page: CasesPage, qtbot: QtBot, value: str = "0.05", text: str = "经核查，异议成立。") -> None:
    assert page.sheet is not None
    (row,) = page.sheet.grid.rows
    qtbot.mouseClick(row.correct_to, Qt.MouseButton.LeftButton)
    row.editor.set_value(value)
    row.editor.edited.emit()
    page.sheet.conclusion.setPlainText(text)


def stored(driver: Driver, case_id: str):
    session = driver.window.session
    assert session is not None
    return cases.get(session.desk.db.reader(), case_id)


def test_without_cases_the_page_says_where_they_come_from(driver: Driver):
    driver.unlock("许可")
    page = driver.go("cases")

    assert page.sheet is None
    assert "登记办件" in page.queue._empty._text.text()


def test_a_case_shows_who_objects_to_what_and_why(page: CasesPage):
    text = said(page)

    assert "鹭岛样例1号商贸有限公司" in text
    assert "海湾样例商贸有限公司" in text
    assert "罚款金额与决定书不一致" in text
    assert "信息错误" in text
    for held_or_claimed in ("0.1", "0.05"):
        assert held_or_claimed in text


def test_a_case_without_a_clock_says_so_instead_of_guessing(page: CasesPage):
    assert "期限未设" in said(page)


def test_numbers_of_persons_are_masked(page: CasesPage):
    assert "350203199001019999" not in said(page)
    assert masked("350203199001019999") == "350***********9999"
    assert masked("139") == "***"


def test_correct_to_begins_with_what_the_applicant_claims(page: CasesPage, qtbot: QtBot):
    assert page.sheet is not None
    (row,) = page.sheet.grid.rows
    assert row.editor.isHidden()
    qtbot.mouseClick(row.correct_to, Qt.MouseButton.LeftButton)

    assert row.editor.value() == "0.05"
    assert not row.editor.isHidden()


def test_what_is_written_is_saved_by_itself(page: CasesPage, driver: Driver, qtbot: QtBot, case_id: str):
    decide(page, qtbot)
    qtbot.waitUntil(lambda: page._said.text().startswith("已保存"))
    driver.settle()

    decision = stored(driver, case_id).decision
    assert decision is not None
    assert decision.payload["text"] == "经核查，异议成立。"
    assert decision.payload["disputes"][0]["value"] == "0.05"
    assert page.queue.model.index(0, 2).data() == "核查中"


def test_ctrl_s_saves_at_once(page: CasesPage, driver: Driver, qtbot: QtBot, case_id: str):
    decide(page, qtbot)
    qtbot.keyClick(page.sheet.conclusion, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    driver.settle()

    assert stored(driver, case_id).decision is not None


def test_locking_in_the_middle_of_a_sentence_loses_nothing(
    page: CasesPage, driver: Driver, qtbot: QtBot, case_id: str
):
    decide(page, qtbot, text="写到一半")
    driver.switch("许可")

    decision = stored(driver, case_id).decision
    assert decision is not None
    assert decision.payload["text"] == "写到一半"


@pytest.mark.parametrize(
    ("value", "text", "message"),
    [
        pytest.param(None, "有结论", "请为“罚款金额(万元)”选择维持或更正。", id="no finding"),
        pytest.param("0.05", "  ", "请写明核查结论。", id="no conclusion"),
        pytest.param("0.1", "有结论", "更正后的内容和登记的一样", id="nothing corrected"),
    ],
)
def test_a_decision_that_is_not_whole_is_not_submitted(
    page: CasesPage, driver: Driver, qtbot: QtBot, value: str | None, text: str, message: str
):
    if value is None:
        assert page.sheet is not None
        page.sheet.conclusion.setPlainText(text)
    else:
        decide(page, qtbot, value, text)
    qtbot.mouseClick(page.submit_button, Qt.MouseButton.LeftButton)
    driver.settle()

    assert message in driver.message()
    session = driver.window.session
    assert session is not None
    assert acts.acts_waiting(session.desk.db.reader()) == []


def test_a_correction_that_would_be_wrong_is_named_beside_its_field(
    page: CasesPage, driver: Driver, qtbot: QtBot
):
    decide(page, qtbot, "-3")
    driver.settle()

    assert page.sheet is not None
    (row,) = page.sheet.grid.rows
    assert not row.notes.isHidden()
    qtbot.mouseClick(page.submit_button, Qt.MouseButton.LeftButton)
    driver.settle()
    assert "处问题，见各项下面" in driver.message()


def test_submitting_makes_one_act_of_decision_and_correction(
    page: CasesPage, driver: Driver, qtbot: QtBot, case_id: str
):
    decide(page, qtbot)
    qtbot.keyClick(page.sheet.conclusion, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    driver.settle()

    session = driver.window.session
    assert session is not None
    (act,) = acts.acts_waiting(session.desk.db.reader())
    assert (act.case_id, act.waiting) == (case_id, 2)
    assert "等复核员确认" in page.sheet.banner.text()
    assert page.submit_button.isHidden()
    assert page.sheet.conclusion.isReadOnly()


def test_a_decision_that_everything_stands_needs_no_correction(page: CasesPage, driver: Driver, qtbot: QtBot):
    assert page.sheet is not None
    (row,) = page.sheet.grid.rows
    qtbot.mouseClick(row.stands, Qt.MouseButton.LeftButton)
    page.sheet.conclusion.setPlainText("经核查，登记内容与决定书一致。")
    qtbot.mouseClick(page.submit_button, Qt.MouseButton.LeftButton)
    driver.settle()

    session = driver.window.session
    assert session is not None
    (act,) = acts.acts_waiting(session.desk.db.reader())
    assert act.waiting == 1


def test_a_submitted_decision_can_be_taken_back_and_written_on(page: CasesPage, driver: Driver, qtbot: QtBot):
    decide(page, qtbot)
    qtbot.mouseClick(page.submit_button, Qt.MouseButton.LeftButton)
    driver.settle()
    qtbot.mouseClick(page.take_back_button, Qt.MouseButton.LeftButton)
    driver.settle()

    assert page.sheet is not None
    assert not page.sheet.conclusion.isReadOnly()
    assert page.sheet.conclusion.toPlainText() == "经核查，异议成立。"
    assert page.submit_button.isEnabled()


def test_somebody_without_the_role_may_look_only(case_id: str, driver: Driver):
    driver.unlock("庄敏")
    page = driver.go("cases")

    assert page.sheet is not None
    assert "只能查看" in page.sheet.banner.text()
    assert page.submit_button.isHidden()
    assert page.sheet.conclusion.isReadOnly()


def test_moving_to_another_case_saves_the_one_before(profile: House, driver: Driver, qtbot: QtBot):
    desk = profile.desk_of("许可")
    first = a_case(desk, a_penalty(1))
    a_case(desk, a_penalty(2), opened_at="2026-11-24T02:00:00.000Z")
    profile.close()
    driver.unlock("许可")
    page = driver.go("cases", case_id=first)
    decide(page, qtbot, text="第一件")
    choose(page.queue.table, 1)
    driver.settle()

    assert page.sheet is not None
    assert page.sheet.view.row.case_id != first
    decision = stored(driver, first).decision
    assert decision is not None
    assert decision.payload["text"] == "第一件"


def test_a_case_that_changed_at_the_platform_is_looked_at_again_before_it_is_submitted(
    page: CasesPage, driver: Driver, qtbot: QtBot, case_id: str
):
    decide(page, qtbot)
    qtbot.keyClick(page.sheet.conclusion, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    driver.settle()
    session = driver.window.session
    assert session is not None
    desk = session.desk
    record_id = stored(driver, case_id).row.record_id
    session.tasks.write(
        lambda: a_case(desk, a_penalty(1), case_id=case_id, record_id=record_id, statement="补充说明。"),
        changes=frozenset({"cases"}),
    )
    driver.settle()
    assert page.sheet is not None
    assert "有变化" in page.sheet.banner.text()

    qtbot.mouseClick(page.submit_button, Qt.MouseButton.LeftButton)
    driver.settle()
    assert acts.acts_waiting(desk.db.reader()) == []


def test_the_timeline_and_the_record_can_be_read(page: CasesPage, driver: Driver):
    assert page.sheet is not None
    assert page.sheet.side.form().values()["CF_WSH"] == "鹭监罚决〔2026〕1号"
    assert page.sheet.side.tabText(2) == "记录"
    assert "海湾样例商贸有限公司提出申请" in said(page)


def test_the_queue_survives_a_change_that_comes_while_one_writes(
    page: CasesPage, driver: Driver, qtbot: QtBot, case_id: str, open_window: Callable
):
    assert page.sheet is not None
    page.sheet.conclusion.setPlainText("正在写")
    session = driver.window.session
    assert session is not None
    session.announce("cases")
    driver.settle()

    assert page.sheet.conclusion.toPlainText() == "正在写"
