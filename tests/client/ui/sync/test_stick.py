"""用 U 盘报送 in the window: out, once more, in parts, stopped, refused; and how it is reached by keys."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from client.core.answers import Applied
from client.core.packages import Refused, TakenIn
from client.store import drafts, review
from client.sync.courier import Progress
from client.ui.sync import stick_words
from client.ui.sync.page import SyncPage
from client.ui.sync.stick import StickPanel
from forms.seal.package import PackageKey
from tests.client.ui.conftest import Driver
from tests.client.ui.house import House, a_penalty


@pytest.fixture
def page(driver: Driver, profile: House) -> SyncPage:
    """The page 报送 of a desk on which two records wait, and that knows the platform's key for packages."""
    desk = profile.desk_of("许可")
    ids = drafts.create_many(desk, "XZCF_FR", [drafts.NewDraft(a_penalty(n)) for n in (1, 2)])
    act_id = review.submit(desk, ids, title="处罚").act_id
    assert act_id is not None
    desk = profile.desk_of("庄敏")
    review.approve(desk, act_id)
    with desk.db.transaction() as tx:
        tx.execute("UPDATE device SET package_key = ?", (PackageKey(b"k" * 32).public,))
    profile.close()
    driver.unlock("许可")
    shown: SyncPage = driver.go("sync")
    return shown


@pytest.fixture
def stick(page: SyncPage, driver: Driver, qtbot: QtBot) -> StickPanel:
    """What goes by stick, opened by its key."""
    qtbot.keyClick(page, Qt.Key.Key_F6)
    driver.settle()
    return page.head.stick


def test_by_keys_and_from_the_menu_of_the_line_it_opens_and_what_is_no_package_changes_nothing(
    page: SyncPage, stick: StickPanel, driver: Driver, qtbot: QtBot, tmp_path: Path
):
    assert stick.isVisible()
    assert stick.out_button.hasFocus()
    assert page.head.stick_button.isChecked()
    assert stick.again_button.isHidden()  # there is none yet
    qtbot.keyClick(stick.out_button, Qt.Key.Key_Escape)

    assert stick.isHidden()
    assert not page.head.stick_button.isChecked()
    driver.go("home")
    assert driver.window.frame is not None
    driver.window.frame.top.stick_asked.emit()
    driver.settle()
    assert driver.window.frame.current() is page
    assert stick.isVisible()

    (tmp_path / "回执.mxp").write_bytes(b"no package")
    stick.read(tmp_path / "回执.mxp")
    driver.settle()
    assert "这不是交换包" in stick.result.text()
    assert stick.in_button.isEnabled()


def test_what_is_written_is_said_with_its_check_code_and_slip_and_can_be_written_again(
    page: SyncPage, stick: StickPanel, driver: Driver, tmp_path: Path
):
    stick.write(tmp_path / "报送.mxp")
    driver.settle()
    said = stick.result.text()
    assert said.startswith("已写好 报送.mxp：2 条记录，核对码 ")
    assert "才算送达" in said
    assert stick.result.button().hasFocus()
    assert (tmp_path / "报送.pdf").read_bytes().startswith(b"%PDF")
    assert stick.last.text().endswith("回执还没有读入。")
    assert page.sentence.text().startswith("2 条记录等着发送")

    stick.parts.setCurrentIndex(1)
    assert stick.from_row.isVisible()
    stick.write_again(tmp_path / "另一个U盘.mxp")
    driver.settle()
    assert (tmp_path / "另一个U盘.mxp").read_bytes() == (tmp_path / "报送.mxp").read_bytes()
    assert stick.result.text().partition("核对码")[2] == said.partition("核对码")[2]
    rows = page.waiting.model()
    assert [rows.index(0, column).data() for column in (2, 4)] == ["已装进交换包", "等回执包"]
    rows = page.batches.model()
    said = [rows.index(0, column).data() for column in (1, 5, 7)]
    assert said == ["已装进交换包", "U 盘", "等回执包，或联网询问"]


def test_a_stick_that_cannot_be_written_is_said_and_the_package_waits_for_another(
    stick: StickPanel, driver: Driver, tmp_path: Path
):
    stick.parts.setCurrentIndex(1)
    stick.write(tmp_path / "pulled out" / "报送.mxp")
    driver.settle()
    assert "U 盘写不进去（第 1 卷，共 1 卷）" in stick.result.text()
    assert stick.result.button().text() == "换一个 U 盘，接着写…"
    assert stick.last.text().endswith("没有在 U 盘上写完，请再写一份。")
    stick.write_again(tmp_path / "报送.mxp")
    driver.settle()

    assert stick.result.text().startswith("已写好 报送.mxp")


def test_a_slip_that_cannot_be_written_takes_nothing_from_the_package(
    stick: StickPanel, driver: Driver, tmp_path: Path
):
    (tmp_path / "报送.pdf").mkdir()
    stick.write(tmp_path / "报送.mxp")
    driver.settle()

    assert stick.result.text().startswith("已写好 报送.mxp")
    assert "交接单没有写成：报送.pdf 没有写成" in stick.result.text()


def test_while_it_is_written_the_step_is_said_and_it_can_be_stopped(
    stick: StickPanel, driver: Driver, tmp_path: Path
):
    stick.write(tmp_path / "报送.mxp")
    assert not stick.out_button.isEnabled()
    stick._show_step(Progress("writing", 12 << 20, 48 << 20))
    assert stick.step.text() == "写入 U 盘 12.0 MB / 48.0 MB"
    assert stick.bar.value() == stick.bar.maximum() // 4
    driver.qtbot.mouseClick(stick.stop_button, Qt.MouseButton.LeftButton)
    driver.settle()

    stopped = stick.result.text() == stick_words.STOPPED
    assert stopped != (tmp_path / "报送.mxp").exists()
    assert stick.out_button.isEnabled()
    assert stick.stop_button.isHidden()


def test_without_the_platforms_key_it_says_what_to_do_first(driver: Driver, profile: House, tmp_path: Path):
    driver.unlock("许可")
    page: SyncPage = driver.go("sync")
    page.head.stick.write(tmp_path / "报送.mxp")  # behind a panel that was put away: said in the bar
    driver.settle()

    assert "请先联网同步一次" in driver.message()


@pytest.mark.parametrize(
    ("taken", "words", "tone"),
    [
        ({}, "没有新内容。", "good"),
        ({"applied": Applied(accepted=3, rejected=1)}, "平台接受 3 条，退回 1 条。", "warn"),
        ({"again": True}, "这个回执包以前读过。", "good"),
        ({"missing": (4, 5)}, "还有回执包没有读入（第 4、5 号）。", "warn"),
        ({"refused": (Refused("batch", "b", "malformed"),)}, "没有接收 1 项。", "warn"),
        ({"epoch_changed": True, "resent": 7}, "平台缺 7 条以前接受过的记录，随下一个包再送。", "warn"),
        ({"outdated": True}, "已略过。", "warn"),
    ],
)
def test_what_a_package_brought_is_said_in_words(taken: dict, words: str, tone: str):
    said = stick_words.read_words(TakenIn(**{
        "package_id": "p", "package_seq": 6, "ack_of": "q", "ack_seq": 2, "again": False, "missing": (),
    } | taken))  # fmt: skip

    assert said[0].startswith("已读入第 2 号包的回执：")
    assert said[0].endswith(words)
    assert said[1] == tone
