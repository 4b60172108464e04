"""报送: the sentence of truth, the lists, where a rejected record opens, recall and release."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from client.core.batches import BatchRow, WaitingRow
from client.core.questions import Question
from client.core.times import to_text
from client.store import batches, cases, drafts, link, outbox, questions, records, review
from client.sync.wire import batch_body
from client.ui.records.page import RecordsPage
from client.ui.sync.facts import LineFacts
from client.ui.sync.page import SyncPage
from client.ui.sync.reading import first_field, next_of, what_next
from tests.client.rivals import stale
from tests.client.ui.conftest import Driver
from tests.client.ui.house import House, a_case, a_penalty, a_problem, answered

NOW = datetime(2026, 11, 24, 2, 42, tzinfo=UTC)
LATER = NOW + timedelta(minutes=4)


@pytest.fixture
def approved(profile: House) -> Callable[..., list[str]]:
    """Let so many penalties be submitted and approved; the desk is left open."""

    def approve(count: int = 3) -> list[str]:
        desk = profile.desk_of("许可")
        ids = drafts.create_many(
            desk, "XZCF_FR", [drafts.NewDraft(a_penalty(n)) for n in range(1, count + 1)]
        )
        act_id = review.submit(desk, ids, title="处罚").act_id
        assert act_id is not None
        review.approve(profile.desk_of("庄敏"), act_id)
        return ids

    return approve


def show(driver: Driver, profile: House, name: str = "许可", **where: Any) -> SyncPage:
    profile.close()
    driver.unlock(name)
    page: SyncPage = driver.go("sync", **where)  # type: ignore[assignment]
    return page


def said(page: SyncPage) -> str:
    return " ".join(label.text() for label in page.detail.findChildren(QLabel) if not label.isHidden())


# --- the sentence: the table is in sync/test_status.py ---


def test_the_page_and_the_status_line_say_the_same(approved: Callable, driver: Driver, profile: House):
    approved(3)
    page = show(driver, profile)

    assert page.sentence.text() == "3 条记录等着发送。联网登录后自动发送。"
    assert driver.window.frame is not None
    assert driver.window.frame.top.line_text() == "3 条待发 · 未联网登录"


def test_without_a_sign_in_the_one_button_opens_the_strip(driver: Driver, profile: House, qtbot: QtBot):
    page = show(driver, profile)
    frame = driver.window.frame
    assert frame is not None
    frame.sign_in.hide()
    assert page.sync_button.accessibleName() == "联网登录"
    qtbot.mouseClick(page.sync_button, Qt.MouseButton.LeftButton)

    assert frame.sign_in.isVisible()


def test_a_line_that_is_down_is_said_since_when_and_the_queue_stays(
    approved: Callable, driver: Driver, profile: House, qtbot: QtBot
):
    approved(2)
    desk = profile.desk_of("许可")
    link.store_session(desk, desk.operator, token="t", expires_at="2027-01-01T00:00:00.000Z")
    page = show(driver, profile)
    qtbot.waitUntil(lambda: page.sync_button.accessibleName() == "立即同步")
    qtbot.mouseClick(page.sync_button, Qt.MouseButton.LeftButton)
    session = driver.window.session
    assert session is not None
    assert session.line is not None
    qtbot.waitUntil(lambda: session.line.facts().down_since_at is not None, timeout=20_000)
    driver.settle()

    assert page.sentence.text().startswith("平台暂时联系不上（09:00 起）。2 条待发送的记录都在本机")
    assert driver.window.frame is not None
    assert driver.window.frame.top.line_text() == "2 条待发 · 离线（09:00 起）"
    assert records.states(session.desk.db.reader())["queued"] == 2


# --- the lists ---


def test_what_waits_is_listed_and_can_be_recalled_while_never_sent(
    approved: Callable, driver: Driver, profile: House, qtbot: QtBot
):
    approved(2)
    page = show(driver, profile)
    assert page.tabs.tabText(0) == "待发送 2"
    assert page.detail.recall_button.isVisible()
    qtbot.mouseClick(page.detail.recall_button, Qt.MouseButton.LeftButton)
    driver.settle()

    assert page.tabs.tabText(0) == "待发送 1"
    assert driver.message() == "已撤回，回到草稿。"
    session = driver.window.session
    assert session is not None
    assert records.states(session.desk.db.reader())["draft"] == 1


def test_what_is_stored_shows_its_receipt(approved: Callable, driver: Driver, profile: House):
    approved(1)
    answered(profile.desk_of("庄敏"), {})
    page = show(driver, profile, tab="stored")

    assert page.tabs.tabText(3) == "已入库 1"
    assert "350200-202611-" in said(page)
    assert "平台签名已核对" in said(page)
    assert page.detail.recall_button.isHidden()


def test_what_is_stored_can_be_corrected_from_its_menu(approved: Callable, driver: Driver, profile: House):
    approved(1)
    answered(profile.desk_of("庄敏"), {})
    page = show(driver, profile, tab="stored")
    menu = page.menu_of(page.selected())
    words = [action.text().partition("\t")[0] for action in menu.actions()]
    assert words == ["打开", "更正", "复制", "打印这条记录", "导出清单…"]
    menu.actions()[1].trigger()
    driver.settle()

    assert driver.window.frame is not None
    assert isinstance(driver.window.frame.current(), RecordsPage)
    session = driver.window.session
    assert session is not None
    assert records.states(session.desk.db.reader())["draft"] == 1


def test_a_rejected_record_opens_where_it_is_wrong(
    approved: Callable, driver: Driver, profile: House, qtbot: QtBot
):
    ids = approved(2)
    answered(profile.desk_of("庄敏"), {ids[0]: a_problem("field-invalid", "CF_NR_FK", "CF_JDRQ")})
    page = show(driver, profile, tab="rejected")
    assert page.rejected.model().index(0, 2).data() == "2 个数据项有误"
    assert "没有通过平台的校验" in page.detail.banner.text()
    assert "CF_NR_FK 有误" in page.detail.banner.text()
    qtbot.mouseClick(page.detail.open_button, Qt.MouseButton.LeftButton)
    driver.settle()

    assert driver.window.frame is not None
    shown = driver.window.frame.current()
    assert isinstance(shown, RecordsPage)
    assert first_field(a_problem("field-invalid", "CF_NR_FK")) == "CF_NR_FK"
    assert driver.message() == ""


def test_what_another_desk_changed_first_is_merged_from_its_row(
    approved: Callable, driver: Driver, profile: House, qtbot: QtBot
):
    (record_id,) = approved(1)
    theirs = stale(a_penalty(1, CF_NR_FK="0.2"))
    answered(profile.desk_of("庄敏"), {record_id: a_problem("stale") | theirs})
    page = show(driver, profile, tab="rejected")
    assert page.detail.open_button.text() == "合并修改"
    qtbot.mouseClick(page.detail.open_button, Qt.MouseButton.LeftButton)
    driver.settle()

    assert driver.window.frame is not None
    shown = driver.window.frame.current()
    assert isinstance(shown, RecordsPage)
    assert shown.panel.merge.isVisible()
    assert "1 项两边都改了" in driver.message()


def test_enter_opens_the_record_too(approved: Callable, driver: Driver, profile: House, qtbot: QtBot):
    approved(1)
    page = show(driver, profile)
    qtbot.keyClick(page.waiting, Qt.Key.Key_Return)
    driver.settle()

    assert driver.window.frame is not None
    assert isinstance(driver.window.frame.current(), RecordsPage)


def test_what_is_blocked_is_named_with_a_reason_and_can_be_tried_again(
    approved: Callable, driver: Driver, profile: House, qtbot: QtBot
):
    approved(1)
    desk = profile.desk_of("庄敏")
    (approval_id,) = outbox.approvals_to_put(desk.db.reader())
    outbox.confirm_approval(desk, approval_id)
    batch = outbox.cut_batch(desk, choose=list, encode=batch_body, is_over=lambda *_: True, look_at=9)
    assert batch is not None
    batches.mark_sending(desk, batch.batch_id)
    batches.block(desk, batch.batch_id, "malformed")
    page = show(driver, profile)
    assert "1 条已隔离" in driver.window.frame.top.line_text()
    assert "平台读不懂" in page.detail.banner.text()
    qtbot.mouseClick(page.detail.release_button, Qt.MouseButton.LeftButton)
    driver.settle()

    session = driver.window.session
    assert session is not None
    assert records.states(session.desk.db.reader())["queued"] == 1


def test_a_decision_that_waits_is_listed_with_its_case(driver: Driver, profile: House, qtbot: QtBot):
    desk = profile.desk_of("许可")
    case_id = a_case(desk, a_penalty(1))
    record_id = cases.get(desk.db.reader(), case_id).row.record_id
    finding = {"record_id": record_id, "field": "CF_NR_FK", "finding": "stands"}
    cases.save_decision(desk, case_id, {"disputes": [finding], "text": "内容属实。", "answers": []})
    act_id = cases.submit_decision(desk, case_id).act_id
    assert act_id is not None
    review.approve(profile.desk_of("庄敏"), act_id)
    page = show(driver, profile)
    assert page.tabs.tabText(0) == "待发送 1"
    assert "异议核查结论" in said(page)
    assert page.detail.recall_button.isHidden()
    qtbot.mouseClick(page.detail.open_button, Qt.MouseButton.LeftButton)
    driver.settle()

    assert driver.window.frame is not None
    shown = driver.window.frame.current()
    assert shown is not None
    assert shown.name == "cases"


def test_a_batch_shows_every_sending_and_what_came_of_it(approved: Callable, driver: Driver, profile: House):
    approved(2)
    desk = profile.desk_of("庄敏")
    answered(desk, {})
    page = show(driver, profile, tab="batches")
    model = page.batches.model()
    texts = [model.index(0, column).data() for column in range(model.columnCount())]

    assert texts[:6] == ["1", "有结果", "2", "2", "0", "1 次"]
    assert texts[7] == "已有结果"
    assert page.right.currentWidget() is page.batch
    tries = page.batch.tries.model()
    assert [tries.index(0, column).data() for column in (0, 2, 3)] == ["1", "平台有了答复", "answered"]
    page.copy()
    assert "平台有了答复（answered）" in QGuiApplication.clipboard().text()


LINE = LineFacts(signed_in=True, now=NOW)


@pytest.mark.parametrize(
    ("row", "facts", "text"),
    [
        pytest.param({"state": "open", "tries": 0}, {}, "下次同步时发送", id="never sent"),
        pytest.param({"state": "open", "tries": 2}, {}, "下次同步时询问结果", id="sent, no answer"),
        pytest.param({"state": "open"}, {"signed_in": False}, "联网登录后询问结果", id="no sign-in"),
        pytest.param({"state": "open"}, {"paused_at": NOW}, "已暂停，恢复后继续", id="paused"),
        pytest.param({"state": "open"}, {"next_try_at": LATER}, "10:46 自动询问结果", id="when"),
        pytest.param({"state": "answered"}, {}, "已有结果", id="answered"),
        pytest.param({"state": "answered", "waiting": 3}, {}, "3 条稍后再送", id="held ones left"),
        pytest.param({"state": "void"}, {}, "已拆开重新编批", id="split"),
        pytest.param({"state": "void", "problem": "malformed"}, {}, "已作废，记录另行处理", id="blocked"),
    ],
)
def test_what_happens_next_with_a_batch_is_said(row: dict, facts: dict, text: str):
    batch = BatchRow(
        **{
            "batch_id": "b", "device_seq": 1, "items": 5, "size_bytes": 9, "state": "open", "cut_at": "",
            "last_sent_at": None, "tries": 1, "problem": None, "accepted": 0, "rejected": 0, "waiting": 0,
        }
        | row
    )  # fmt: skip

    assert what_next(batch, replace(LINE, **facts)) == text


@pytest.mark.parametrize(
    ("row", "facts", "text"),
    [
        pytest.param({"state": "queued"}, {}, "下次同步时发送", id="its turn"),
        pytest.param({"state": "queued"}, {"next_try_at": LATER}, "10:46 自动发送", id="then"),
        pytest.param({"state": "queued"}, {"signed_in": False}, "联网登录后发送", id="no sign-in"),
        pytest.param({"state": "queued"}, {"paused_at": NOW}, "已暂停，恢复后继续", id="paused"),
        pytest.param({"state": "queued"}, {"error": "device_revoked"}, "处理好后继续", id="stop"),
        pytest.param({"state": "held", "next_try_at": to_text(LATER)}, {}, "10:46 自动再送", id="held"),
        pytest.param({"state": "unknown"}, {}, "下次同步时询问结果", id="unknown"),
        pytest.param(
            {"state": "unknown", "problem": {"code": "by_courier"}}, {}, "等回执包", id="went by stick"
        ),
        pytest.param(
            {"state": "blocked", "problem": {"code": "maker_key_unknown", "of": "approval"}}, {},
            "请填报人联网登录", id="a key is missing: whose",
        ),
        pytest.param(
            {"state": "blocked", "problem": {"code": "malformed", "of": "platform"}}, {},
            "看过原因后再试", id="set aside",
        ),
    ],
)  # fmt: skip
def test_what_happens_next_with_a_version_is_said_and_who_must_act(row: dict, facts: dict, text: str):
    given = {
        "version_id": "v", "record_id": "r", "op": "create", "item": "", "subject_name": "", "doc_no": "",
        "state": "queued", "tries": 0, "next_try_at": None, "batch_id": None, "queued_n": 1, "problem": None,
    }  # fmt: skip

    assert next_of(WaitingRow(**given | row), replace(LINE, **facts)) == text


# --- filters, several rows, keys ---


def test_a_filter_shows_what_it_says_and_an_empty_one_says_how_to_get_out(
    approved: Callable, driver: Driver, profile: House, qtbot: QtBot
):
    approved(2)
    page = show(driver, profile)
    tab = page.lists["waiting"]
    tab.state.setCurrentIndex(1)
    driver.settle()
    assert page.waiting.model().rowCount() == 0
    assert page.empty.title() == "没有符合筛选的"
    qtbot.mouseClick(page.empty.button(), Qt.MouseButton.LeftButton)
    driver.settle()

    assert page.waiting.model().rowCount() == 2
    qtbot.keyClick(page, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)


def test_what_is_set_aside_is_let_go_together_and_its_reasons_are_copied(
    approved: Callable, driver: Driver, profile: House
):
    approved(2)
    desk = profile.desk_of("庄敏")
    with desk.db.transaction() as tx:
        tx.execute("UPDATE outbox SET state = 'blocked', last_problem = '{\"code\":\"malformed\"}'")
    page = show(driver, profile)
    page.waiting.selectAll()
    assert "再试一次" in [action.text() for action in page.menu_of(page.selected()).actions()]
    page.copy()
    assert QGuiApplication.clipboard().text().count("malformed") == 2
    page.release()
    driver.settle()

    assert driver.message() == "已放回 2 条，下次同步时再送。"
    assert page.tabs.tabText(0) == "待发送 2"
    session = driver.window.session
    assert session is not None
    assert records.states(session.desk.db.reader())["queued"] == 2


def test_the_sending_is_paused_and_resumed_by_a_button(driver: Driver, profile: House, qtbot: QtBot):
    page = show(driver, profile)
    qtbot.mouseClick(page.head.pause_button, Qt.MouseButton.LeftButton)
    driver.settle()
    assert "已暂停" in page.sentence.text()
    assert page.sync_button.accessibleName() == "恢复报送"
    assert page.head.pause_button.isHidden()
    qtbot.mouseClick(page.sync_button, Qt.MouseButton.LeftButton)
    driver.settle()

    assert "已暂停" not in page.sentence.text()
    assert page.head.pause_button.isVisible()


def test_a_slow_line_says_bytes_and_time_left(driver: Driver, profile: House):
    page = show(driver, profile)
    page.head.show_facts(
        LineFacts(
            signed_in=True, running=True, going=(120, 500), sent_bytes=40_960, total_bytes=163_840,
            left_s=100.0, now=NOW,
        )
    )  # fmt: skip

    assert "（40 KB / 160 KB）" in page.sentence.text()
    assert "还要约 2 分钟" in page.sentence.text()
    assert page.head.stop_button.isVisible()
    assert page.head._progress.value() == 250


# --- questions ---


def test_questions_are_listed_offline_and_mended_by_a_correction(
    approved: Callable, driver: Driver, profile: House, qtbot: QtBot
):
    ids = approved(1)
    answered(profile.desk_of("庄敏"), {ids[0]: a_problem("field-invalid", "CF_NR_FK")})
    desk = profile.desk_of("许可")
    questions.keep(desk, [_question(ids[0], 1), _question("elsewhere", 2)])
    page = show(driver, profile, tab="questions")
    assert page.tabs.tabText(4) == "疑问数据 2"
    rows = [page.questions.model().index(n, 0).data() for n in range(2)]
    assert sorted(rows) == ["别的电脑填报的记录", "鹭岛样例1号商贸有限公司"]
    page.questions.selectRow(rows.index("别的电脑填报的记录"))
    driver.settle()
    assert page.question.mend_button.isHidden()
    page.questions.selectRow(rows.index("鹭岛样例1号商贸有限公司"))
    driver.settle()
    assert "CF_NR_FK 有误" in page.question.banner.text()
    assert not page.question.ignore_button.isEnabled()
    qtbot.mouseClick(page.question.mend_button, Qt.MouseButton.LeftButton)
    driver.settle()

    assert driver.window.frame is not None
    assert isinstance(driver.window.frame.current(), RecordsPage)
    session = driver.window.session
    assert session is not None
    states = records.states(session.desk.db.reader())
    assert states["draft"] + states["problems"] == 1


def _question(record_id: str, n: int) -> Question:
    at = "2026-11-24T00:00:00.000Z"
    return Question(
        f"v{n}", record_id, "350203-SJ", "XZCF_FR", "rejected", "field-invalid", "open", at, at, None, None
    )
