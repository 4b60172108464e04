"""复核: approve and return by keys and clicks, on a real desk."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from client.core.records import Reason
from client.store import acts, cases, drafts, records, review
from client.ui.review.page import LARGE_ACT, ReviewPage
from client.ui.row_model import choose
from tests.client.ui.conftest import Driver
from tests.client.ui.house import PASSPHRASE, House, a_case, a_penalty, answered


def some(desk: Any, count: int, start: int = 1) -> list[str]:
    return drafts.create_many(
        desk, "XZCF_FR", [drafts.NewDraft(a_penalty(n)) for n in range(start, start + count)]
    )


@pytest.fixture
def submitted(profile: House) -> Callable[..., list[str]]:
    """Let 许可 submit so many penalties as one act."""

    def submit(count: int = 3, title: str = "十一月处罚", by: str = "许可", start: int = 1) -> list[str]:
        desk = profile.desk_of(by)
        ids = some(desk, count, start)
        assert review.submit(desk, ids, title=title).act_id is not None
        profile.close()
        return ids

    return submit


@pytest.fixture
def page_of(driver: Driver) -> Callable[[str], ReviewPage]:
    """Show the page to somebody."""

    def show(name: str) -> ReviewPage:
        if driver.window.frame is None:
            driver.unlock(name)
        else:
            driver.switch(name)
        return driver.go("review")  # type: ignore[no-any-return]

    return show


def press(driver: Driver, widget: Any, key: Qt.Key) -> None:
    widget.setFocus()
    driver.qtbot.keyClick(widget, key)
    driver.settle()


def click(driver: Driver, button: Any) -> None:
    driver.qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    driver.settle()


def confirm(driver: Driver, page: ReviewPage, passphrase: str = PASSPHRASE) -> None:
    driver.qtbot.keyClicks(page.passphrase.passphrase, passphrase)
    press(driver, page.passphrase.passphrase, Qt.Key.Key_Return)


def states(driver: Driver) -> dict[str, int]:
    session = driver.window.session
    assert session is not None
    return {state: n for state, n in records.states(session.desk.db.reader()).items() if n}


def test_an_empty_page_says_what_will_come(page_of: Callable):
    page = page_of("庄敏")

    assert page.record.shown() is None
    assert page.entries.isHidden()
    assert not page.approve_button.isEnabled()


def test_enter_approves_the_whole_act_after_the_passphrase_once_a_sitting(
    submitted: Callable, driver: Driver, page_of: Callable
):
    submitted(3, "第一份")
    submitted(2, "第二份", start=11)
    page = page_of("庄敏")

    press(driver, page.acts, Qt.Key.Key_Return)
    assert page.passphrase.isVisible()
    assert states(driver) == {"in_review": 5}
    confirm(driver, page)
    assert states(driver) == {"in_review": 2, "queued": 3}
    assert driver.message() == "已通过 3 条，进入待发送。"

    press(driver, page.acts, Qt.Key.Key_Return)
    assert page.passphrase.isHidden()
    assert states(driver) == {"queued": 5}


def test_a_wrong_passphrase_approves_nothing_and_asks_again(
    submitted: Callable, driver: Driver, page_of: Callable
):
    submitted(1)
    page = page_of("庄敏")
    press(driver, page.acts, Qt.Key.Key_Return)
    confirm(driver, page, "wrong passphrase")

    assert "口令不对" in page.passphrase.note()
    assert states(driver) == {"in_review": 1}
    confirm(driver, page)
    assert states(driver) == {"queued": 1}


def test_esc_puts_the_question_away_and_nothing_is_approved(
    submitted: Callable, driver: Driver, page_of: Callable
):
    submitted(1)
    page = page_of("庄敏")
    press(driver, page.acts, Qt.Key.Key_Return)
    press(driver, page.passphrase.passphrase, Qt.Key.Key_Escape)

    assert page.passphrase.isHidden()
    assert states(driver) == {"in_review": 1}


def test_the_maker_is_told_before_the_click_that_another_must_review(submitted: Callable, page_of: Callable):
    submitted(1, by="庄敏")
    page = page_of("庄敏")

    assert "另一位复核员" in page._said.text()
    assert not page.approve_button.isEnabled()
    assert not page.return_button.isEnabled()


def test_a_reporter_may_look_and_not_approve(submitted: Callable, driver: Driver, page_of: Callable):
    submitted(1, by="庄敏")
    page = page_of("许可")
    press(driver, page.acts, Qt.Key.Key_Return)

    assert "只能查看" in page._said.text()
    assert page.passphrase.isHidden()


def test_r_returns_the_record_with_a_reason_and_the_field(
    submitted: Callable, driver: Driver, page_of: Callable, qtbot: QtBot
):
    submitted(1)
    page = page_of("庄敏")
    press(driver, page.acts, Qt.Key.Key_R)
    assert page.returning.isVisible()
    page.returning.field.setCurrentIndex(page.returning.field.findData("CF_NR_FK"))
    page.returning.reason.setText("金额与决定书不符")
    press(driver, page.returning.reason, Qt.Key.Key_Return)

    assert states(driver) == {"returned": 1}
    session = driver.window.session
    assert session is not None
    reader = session.desk.db.reader()
    (row,) = records.list_records(reader, state="returned")
    (note,) = records.get(reader, row.record_id).notes
    assert (note.field, note.reason) == ("CF_NR_FK", "金额与决定书不符")
    assert driver.message() == "已退回 1 条，填报人会看到原因。"


def test_a_return_without_a_reason_is_not_taken(submitted: Callable, driver: Driver, page_of: Callable):
    submitted(1)
    page = page_of("庄敏")
    click(driver, page.return_button)
    press(driver, page.returning.reason, Qt.Key.Key_Return)

    assert page.returning.note() == "请写明退回的原因。"
    assert states(driver) == {"in_review": 1}


def test_marked_records_go_back_while_the_rest_passes_in_one_act(
    submitted: Callable, driver: Driver, page_of: Callable
):
    submitted(4)
    page = page_of("庄敏")
    press(driver, page.entries, Qt.Key.Key_Space)
    press(driver, page.entries, Qt.Key.Key_Space)
    assert page.approve_button.text() == "通过 2 条 Enter"

    press(driver, page.entries, Qt.Key.Key_Return)
    assert page.returning.isVisible()
    page.returning.reason.setText("缺少依据")
    press(driver, page.returning.reason, Qt.Key.Key_Return)
    confirm(driver, page)

    assert states(driver) == {"queued": 2, "returned": 2}
    assert driver.message() == "已通过 2 条，退回 2 条，进入待发送。"


def test_a_mark_can_be_taken_away(submitted: Callable, driver: Driver, page_of: Callable):
    submitted(2)
    page = page_of("庄敏")
    click(driver, page.mark_button)
    choose(page.entries, 0)
    driver.settle()
    click(driver, page.mark_button)

    assert page.approve_button.text() == "通过 2 条 Enter"


def test_a_large_act_shows_its_progress_and_can_be_stopped_whole(
    submitted: Callable, driver: Driver, page_of: Callable, qtbot: QtBot
):
    submitted(LARGE_ACT * 3)
    page = page_of("庄敏")
    press(driver, page.acts, Qt.Key.Key_Return)
    driver.qtbot.keyClicks(page.passphrase.passphrase, PASSPHRASE)
    driver.qtbot.keyClick(page.passphrase.passphrase, Qt.Key.Key_Return)
    qtbot.waitUntil(page.stop_button.isVisible)
    driver.qtbot.mouseClick(page.stop_button, Qt.MouseButton.LeftButton)
    driver.settle()

    # Either it was stopped and nothing at all was approved, or the stop came too late for the last page.
    assert states(driver) in ({"in_review": LARGE_ACT * 3}, {"queued": LARGE_ACT * 3})
    assert page.stop_button.isHidden()


def test_a_correction_shows_what_changed_against_what_the_platform_holds(
    profile: House, driver: Driver, page_of: Callable
):
    desk = profile.desk_of("许可")
    (record_id,) = some(desk, 1)
    act_id = review.submit(desk, [record_id], title="一条").act_id
    assert act_id is not None
    reviewer = profile.desk_of("庄敏")
    review.approve(reviewer, act_id)
    answered(reviewer, {})
    desk = profile.desk_of("许可")
    drafts.begin_change(desk, record_id, "correct")
    drafts.save(desk, record_id, a_penalty(1, CF_NR_FK="0.05"))
    drafts.set_reason(desk, record_id, Reason("wrong_entry", "登记时多写了一倍"))
    review.submit(desk, [record_id], title="更正一条")
    profile.close()

    page = page_of("庄敏")

    assert "更正 1 项" in page.record.banner_text()
    assert "登记时多写了一倍" in page.record.banner_text()
    form = page.record.form()
    assert form is not None
    notes = form.row("CF_NR_FK").notes()
    assert notes is not None
    assert notes.isVisible()
    assert form.values()["CF_NR_FK"] == "0.05"


def test_a_withdrawal_shows_the_record_as_the_platform_holds_it(profile: House, page_of: Callable):
    desk = profile.desk_of("许可")
    (record_id,) = some(desk, 1)
    act_id = review.submit(desk, [record_id], title="一条").act_id
    assert act_id is not None
    reviewer = profile.desk_of("庄敏")
    review.approve(reviewer, act_id)
    answered(reviewer, {})
    desk = profile.desk_of("许可")
    drafts.begin_change(desk, record_id, "withdraw")
    drafts.set_reason(desk, record_id, Reason("decision_revoked", "决定已被撤销"))
    review.submit(desk, [record_id], title="撤销一条")
    profile.close()

    page = page_of("庄敏")

    assert page.record.banner_text().startswith("撤销这条已上报的记录")
    form = page.record.form()
    assert form is not None
    assert form.values()["CF_XDR_MC"] == "鹭岛样例1号商贸有限公司"


def test_a_decision_and_its_correction_pass_together(profile: House, driver: Driver, page_of: Callable):
    desk = profile.desk_of("许可")
    case_id = a_case(desk, a_penalty(1))
    record_id = cases.get(desk.db.reader(), case_id).row.record_id
    finding = {"record_id": record_id, "field": "CF_NR_FK", "finding": "correct_to", "value": "0.05"}
    cases.save_decision(desk, case_id, {"disputes": [finding], "text": "经核查，异议成立。", "answers": []})
    assert cases.submit_decision(desk, case_id).act_id is not None
    profile.close()

    page = page_of("庄敏")
    shown = page.record.shown()
    assert shown is not None
    assert shown.text == "经核查，异议成立。"
    assert [(f.title, f.before, f.finding) for f in shown.findings] == [
        ("罚款金额(万元)", "0.1", "更正为 0.05")
    ]
    assert page.mark_button.isHidden()
    choose(page.entries, 1)
    driver.settle()
    assert "更正 1 项" in page.record.banner_text()
    press(driver, page.acts, Qt.Key.Key_Return)
    confirm(driver, page)

    session = driver.window.session
    assert session is not None
    assert acts.acts_waiting(session.desk.db.reader()) == []
    assert driver.message() == "已通过 2 条，进入待发送。"
