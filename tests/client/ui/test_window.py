"""The window: lock, switch, move about, remember, close."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton
from pytestqt.qtbot import QtBot

from client.app import PAGES
from client.errors import StoreError
from client.store import drafts, records, review
from client.ui.frame import Frame
from client.ui.sign_in import UnlockPanel, wait_after
from tests.client.ui.conftest import Driver
from tests.client.ui.house import PASSPHRASE, House, a_penalty


def the_lock(driver: Driver) -> UnlockPanel:
    panel = driver.window.card
    assert isinstance(panel, UnlockPanel)
    return panel


def the_frame(driver: Driver) -> Frame:
    assert driver.window.frame is not None
    return driver.window.frame


# --- locked ---


def test_the_lock_screen_offers_the_people_of_the_desk_and_nothing_else(
    profile: House, open_window: Callable
):
    desk = profile.desk_of("许可")
    drafts.create(desk, "XZCF_FR", a_penalty(1))
    profile.close()

    driver = open_window(profile.directory, profile.clock)

    panel = the_lock(driver)
    assert {panel.name.itemText(n) for n in range(panel.name.count())} == {"许可", "庄敏", "洪涛"}
    said = "".join(label.text() for label in driver.window.main.findChildren(QLabel))
    assert "样例" not in said


def test_a_person_types_the_passphrase_and_enter_opens_the_desk(driver: Driver, qtbot: QtBot):
    panel = the_lock(driver)
    panel.name.setCurrentText("庄敏")
    qtbot.keyClicks(panel.passphrase, PASSPHRASE)

    with qtbot.waitSignal(driver.window.opened):
        qtbot.keyClick(panel.passphrase, Qt.Key.Key_Return)

    assert driver.window.session is not None
    assert driver.window.session.operator.name == "庄敏"


def test_a_wrong_passphrase_is_said_and_the_next_try_must_wait(driver: Driver, qtbot: QtBot):
    panel = the_lock(driver)
    qtbot.keyClicks(panel.passphrase, "not this one")
    qtbot.mouseClick(panel.button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "口令不对" in panel.note())

    assert "1 秒后可以再试" in panel.note()
    assert not panel.button.isEnabled()
    assert panel.passphrase.text() == ""
    qtbot.waitUntil(panel.button.isEnabled)
    assert "秒后" not in panel.note()


def test_the_wait_grows_with_each_wrong_try_up_to_half_a_minute():
    assert [wait_after(n) for n in range(8)] == [0, 1, 2, 4, 8, 16, 30, 30]


def test_an_empty_passphrase_asks_for_one_and_costs_no_try(driver: Driver, qtbot: QtBot):
    panel = the_lock(driver)
    qtbot.mouseClick(panel.button, Qt.MouseButton.LeftButton)

    assert panel.note() == "请输入口令。"
    assert panel.button.isEnabled()


def test_a_profile_that_is_open_elsewhere_says_so(profile: House, open_window: Callable, qtbot: QtBot):
    profile.desk_of("许可")
    driver = open_window(profile.directory, profile.clock)
    driver.window.unlock("许可", PASSPHRASE)

    qtbot.waitUntil(lambda: "另一个" in the_lock(driver).note())


def test_ctrl_l_locks_and_takes_everything_personal_off_the_screen(profile: House, open_window: Callable):
    desk = profile.desk_of("许可")
    drafts.create(desk, "XZCF_FR", a_penalty(1))
    profile.close()
    driver = open_window(profile.directory, profile.clock)
    driver.unlock("许可")
    driver.go("records")

    driver.qtbot.keyClick(the_frame(driver), Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    driver.settle()

    assert driver.window.session is None
    assert driver.window.main.findChildren(Frame) == []
    texts = [label.text() for label in driver.window.main.findChildren(QLabel)]
    texts += [line.text() for line in driver.window.main.findChildren(QLineEdit)]
    assert not any("样例" in text for text in texts)


def test_switching_locks_and_opens_the_desk_for_somebody_else(driver: Driver):
    driver.unlock("许可")
    (switch,) = [a for a in the_frame(driver).top.operator_menu().actions() if "切换" in a.text()]
    switch.trigger()
    driver.qtbot.waitUntil(lambda: driver.window.frame is None)
    driver.unlock("庄敏")

    assert driver.window.session is not None
    assert driver.window.session.operator.name == "庄敏"
    assert driver.message() == ""


def test_the_operator_who_worked_last_is_offered_first(driver: Driver, profile: House, open_window: Callable):
    driver.unlock("洪涛")
    driver.lock()

    assert the_lock(driver).name.currentText() == "洪涛"


def test_what_was_asked_to_be_written_is_written_before_the_desk_is_closed(driver: Driver, profile: House):
    driver.unlock("许可")
    session = driver.window.session
    assert session is not None
    desk = session.desk
    for n in range(20):
        session.tasks.write(lambda n=n: drafts.create(desk, "XZCF_FR", a_penalty(n + 1)))
    driver.lock()
    driver.settle()
    driver.window.close()

    assert records.states(profile.desk_of("许可").db.reader())["draft"] == 20


def test_a_desk_with_something_that_could_not_be_saved_is_not_locked_unasked(driver: Driver, qtbot: QtBot):
    driver.unlock("许可")
    session = driver.window.session
    assert session is not None

    def fail() -> None:
        raise StoreError("disk_full")

    session.tasks.write(fail)
    driver.window.lock()
    driver.settle()
    assert driver.window.session is session
    assert driver.message().startswith("没有锁定：刚才的改动还没有存上。磁盘满了")

    qtbot.mouseClick(the_frame(driver).messages.action_button(), Qt.MouseButton.LeftButton)
    driver.settle()
    assert driver.window.session is None


def test_a_window_with_something_that_could_not_be_saved_is_not_closed_unasked(driver: Driver, qtbot: QtBot):
    driver.unlock("许可")
    session = driver.window.session
    assert session is not None

    def fail() -> None:
        raise StoreError("read_only")

    session.tasks.write(fail)
    assert not driver.window.main.close()
    driver.settle()
    assert driver.window.main.isVisible()
    assert driver.message().startswith("没有关闭")


def test_a_person_closes_the_window_and_everything_is_saved(driver: Driver, profile: House, qtbot: QtBot):
    driver.unlock("许可")
    session = driver.window.session
    assert session is not None
    desk = session.desk
    session.tasks.write(lambda: drafts.create(desk, "XZCF_FR", a_penalty(1)))
    with qtbot.waitSignal(driver.window.main.closing):
        driver.window.main.close()

    assert records.states(profile.desk_of("许可").db.reader())["draft"] == 1


# --- open ---


def test_ctrl_and_a_number_shows_a_page(driver: Driver, qtbot: QtBot):
    driver.unlock("许可")
    frame = the_frame(driver)
    for n, name in enumerate((page.name for page in PAGES if not page.under), start=1):
        qtbot.keyClick(frame, Qt.Key(Qt.Key.Key_0 + n), Qt.KeyboardModifier.ControlModifier)
        driver.settle()
        page = frame.current()
        assert page is not None
        assert page.name == name
        assert frame.navigation.row(name).isChecked()


def test_a_click_in_the_navigation_shows_a_page(driver: Driver, qtbot: QtBot):
    driver.unlock("许可")
    frame = the_frame(driver)
    qtbot.mouseClick(frame.navigation.row("cases"), Qt.MouseButton.LeftButton)
    driver.settle()

    page = frame.current()
    assert page is not None
    assert page.name == "cases"


def test_counts_in_the_navigation_are_things_to_do_for_this_person(profile: House, open_window: Callable):
    desk = profile.desk_of("许可")
    ids = drafts.create_many(desk, "XZCF_FR", [drafts.NewDraft(a_penalty(n)) for n in range(1, 4)])
    drafts.create(desk, "XZCF_FR", a_penalty(9, CF_NR_FK=None))
    review.submit(desk, ids, title="三条")
    profile.close()
    driver = open_window(profile.directory, profile.clock)

    driver.unlock("许可")
    own = {name: the_frame(driver).navigation.row(name).count() for name in ("records", "review")}
    driver.switch("庄敏")
    other = {name: the_frame(driver).navigation.row(name).count() for name in ("records", "review")}

    assert own == {"records": 1, "review": 0}
    assert other == {"records": 1, "review": 1}


def test_the_counts_follow_what_is_done(driver: Driver, qtbot: QtBot):
    driver.unlock("许可")
    session = driver.window.session
    assert session is not None
    desk = session.desk
    session.tasks.write(
        lambda: drafts.create(desk, "XZCF_FR", a_penalty(1, CF_NR_FK=None)), changes=frozenset({"records"})
    )

    qtbot.waitUntil(lambda: the_frame(driver).navigation.row("records").count() == 1)


def test_the_navigation_shrinks_to_icons_and_stays_so(profile: House, open_window: Callable, qtbot: QtBot):
    driver = open_window(profile.directory, profile.clock)
    driver.unlock("许可")
    the_frame(driver).navigation.set_narrow(True)
    driver.switch("许可")

    row = the_frame(driver).navigation.row("review")
    assert row.text() == ""
    assert row.accessibleName() == "复核"


def test_an_error_that_nobody_handles_is_said_with_its_code(driver: Driver, qtbot: QtBot):
    driver.unlock("许可")
    session = driver.window.session
    assert session is not None

    def fail() -> None:
        raise StoreError("disk_full")

    session.tasks.write(fail)
    driver.settle()

    assert driver.message().startswith("磁盘满了")
    said = the_frame(driver).messages.message()
    assert said is not None
    assert (said.kind, said.code) == ("bad", "disk_full")


def test_a_bug_is_said_with_a_number_and_work_goes_on(driver: Driver, caplog: pytest.LogCaptureFixture):
    driver.unlock("许可")
    session = driver.window.session
    assert session is not None
    session.tasks.read(lambda: {}["no"], lambda _value: None)  # type: ignore[index]  # the bug
    driver.settle()

    said = the_frame(driver).messages.message()
    assert said is not None
    assert said.code is not None
    assert said.code in caplog.text
    assert "已保存的内容都在" in said.text


def test_the_button_of_a_message_does_its_work_and_the_message_goes(driver: Driver, qtbot: QtBot):
    driver.unlock("许可")
    done: list[str] = []
    session = driver.window.session
    assert session is not None
    session.show_message("已删除 1 条草稿。", "info", ("恢复", lambda: done.append("恢复")))
    bar = the_frame(driver).messages
    qtbot.mouseClick(bar.action_button(), Qt.MouseButton.LeftButton)

    assert done == ["恢复"]
    assert bar.isHidden()


def test_the_strip_for_signing_in_wants_a_password_and_six_figures(driver: Driver, qtbot: QtBot):
    driver.unlock("许可")
    strip = the_frame(driver).sign_in
    assert strip.isVisible()
    qtbot.keyClicks(strip.figures, "12x34")
    qtbot.mouseClick(strip.button, Qt.MouseButton.LeftButton)

    assert strip.figures.text() == "1234"
    assert "6 位" in strip.note()
    qtbot.mouseClick(strip.later, Qt.MouseButton.LeftButton)
    assert strip.isHidden()


def test_a_platform_that_is_down_is_said_in_the_strip(driver: Driver, qtbot: QtBot):
    driver.unlock("许可")
    strip = the_frame(driver).sign_in
    qtbot.keyClicks(strip.password, "secret")
    qtbot.keyClicks(strip.figures, "123456")
    qtbot.keyClick(strip.figures, Qt.Key.Key_Return)
    driver.settle()

    assert "联系不上" in strip.note()
    assert strip.password.text() == strip.figures.text() == ""
    assert strip.button.isEnabled()


def test_without_a_sign_in_the_status_line_tells_the_truth_and_offers_one(driver: Driver, qtbot: QtBot):
    driver.unlock("许可")
    top = the_frame(driver).top
    assert top.line_text() == "未联网登录"
    visible = [action.text() for action in top.line_menu().actions() if action.isVisible()]
    assert visible == ["联网登录…", "查看报送", "用 U 盘报送…"]


# --- remembered ---


def test_light_and_dark_are_chosen_in_place_and_remembered(driver: Driver, qtbot: QtBot, profile: House):
    driver.unlock("许可")
    page = driver.go("settings")
    page.looks.choices["dark"].click()
    qtbot.waitUntil(lambda: driver.window.frame is not None and driver.window.frame.current() is not page)
    driver.settle()

    shown = the_frame(driver).current()
    assert shown is not None
    assert shown.name == "settings"
    assert shown.palette().window().color().lightness() < 64
    assert json.loads((profile.directory / "settings.json").read_text())["scheme"] == "dark"
    driver.window.set_theme("light")
    driver.settle()


def test_the_window_comes_back_as_large_as_it_was_left(profile: House, open_window: Callable):
    first = open_window(profile.directory, profile.clock)
    first.window.main.resize(1111, 666)
    first.window.close()

    second = open_window(profile.directory, profile.clock, size=None)

    # The screen of an offscreen run is narrower than the window may be: only the height can be seen.
    assert second.window.main.height() == 666


def test_a_settings_file_that_cannot_be_read_is_said_and_the_defaults_hold(
    profile: House, open_window: Callable
):
    (profile.directory / "settings.json").write_text("{broken", encoding="utf-8")
    driver = open_window(profile.directory, profile.clock)

    assert "读不懂" in the_lock(driver).note()
    driver.unlock("许可")


# --- nothing is dead ---


@pytest.mark.parametrize("name", ["许可", "庄敏", "洪涛"])
def test_no_page_shows_a_button_without_a_name(driver: Driver, name: str):
    driver.unlock(name)
    frame = the_frame(driver)
    for page in frame.page_names():
        shown = driver.go(page)
        for button in shown.findChildren(QPushButton):
            if button.isVisible():
                assert button.text() or button.accessibleName(), (page, button)
