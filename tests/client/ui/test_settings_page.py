"""设置: true results, people, copies, looks."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from client.store import drafts, records
from client.ui import messages
from client.ui.row_model import choose
from client.ui.session import Halves
from client.ui.settings.page import PARTS, SettingsPage, licences
from client.ui.sign_in import UnlockPanel
from tests.client.ui.conftest import Driver
from tests.client.ui.house import PASSPHRASE, House, a_penalty


@pytest.fixture
def page(driver: Driver) -> SettingsPage:
    driver.unlock("洪涛")
    return driver.go("settings")  # type: ignore[no-any-return]


def said(card) -> str:
    return " ".join(label.text() for label in card.findChildren(QLabel) if not label.isHidden())


def click(driver: Driver, button) -> None:
    driver.qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    driver.settle()


def test_people_are_shown_with_roles_and_how_they_unlock(page: SettingsPage):
    rows = {person.operator.name: person for person in page.people.table.model().rows()}

    assert set(rows) == {"许可", "庄敏", "洪涛"}
    assert all(person.unlocks and not person.keyring for person in rows.values())
    assert "没有可用的系统钥匙串" in said(page.people)


def test_the_keyring_is_named_where_there_is_one(profile: House, open_window: Callable):
    halves = Halves(lambda *_: None, lambda *_: None, lambda: "Secret Service")
    driver = open_window(profile.directory, profile.clock, halves)
    driver.unlock("许可")
    page = driver.go("settings")

    assert "Secret Service" in said(page.people)


def test_somebody_is_taken_off_the_desk_and_let_in_again(page: SettingsPage, driver: Driver, qtbot: QtBot):
    people = page.people
    choose(people.table, [p.operator.name for p in people.table.model().rows()].index("许可"))
    click(driver, people.remove_button)
    assert "许可 已移出本机" in people.said()
    rows = {person.operator.name: person.unlocks for person in people.table.model().rows()}
    assert rows == {"洪涛": True, "庄敏": True, "许可": False}

    click(driver, people.add_button)
    qtbot.keyClicks(people.adding.passphrase.first, "another passphrase")
    qtbot.keyClicks(people.adding.passphrase.second, "another passphrase")
    click(driver, people.adding.button)
    assert "许可 可以解锁本机了" in people.said()
    driver.lock()
    driver.unlock("许可", "another passphrase")


@pytest.mark.parametrize(
    ("first", "second", "note"),
    [
        pytest.param("short", "short", "至少", id="short"),
        pytest.param("aaaaaaaaaaaaaa", "aaaaaaaaaaaaaa", "太简单", id="one letter"),
        pytest.param("windy island 27", "windy island 28", "不一样", id="two different"),
    ],
)
def test_a_passphrase_that_will_not_do_is_named(
    page: SettingsPage, driver: Driver, qtbot: QtBot, first: str, second: str, note: str
):
    click(driver, page.people.change_button)
    form = page.people.changing
    qtbot.keyClicks(form.old, PASSPHRASE)
    qtbot.keyClicks(form.passphrase.first, first)
    qtbot.keyClicks(form.passphrase.second, second)
    click(driver, form.button)

    assert note in form.note.text()


def test_a_person_changes_the_passphrase(page: SettingsPage, driver: Driver, qtbot: QtBot):
    click(driver, page.people.change_button)
    form = page.people.changing
    qtbot.keyClicks(form.old, PASSPHRASE)
    qtbot.keyClicks(form.passphrase.first, "calm harbour 27")
    qtbot.keyClicks(form.passphrase.second, "calm harbour 27")
    click(driver, form.button)

    assert "口令已修改" in page.people.said()
    driver.lock()
    driver.unlock("洪涛", "calm harbour 27")


def test_nobody_takes_himself_off_and_only_an_administrator_others(driver: Driver):
    driver.unlock("许可")
    page = driver.go("settings")

    assert page.people.remove_button.isHidden()


def test_a_copy_by_hand_is_there_at_once(page: SettingsPage, driver: Driver):
    before = page.backups.table.model().rowCount()
    click(driver, page.backups.now_button)

    assert page.backups.said().startswith("已备份")
    assert page.backups.table.model().rowCount() == before + 1


def test_putting_a_copy_back_brings_the_desk_to_what_it_was(driver: Driver, profile: House, qtbot: QtBot):
    driver.unlock("许可")
    session = driver.window.session
    assert session is not None
    desk = session.desk
    session.tasks.write(lambda: drafts.create(desk, "XZCF_FR", a_penalty(1)))
    page = driver.go("settings")
    click(driver, page.backups.now_button)
    made = page.backups.said().partition("：")[2].partition("（")[0]
    session.tasks.write(lambda: drafts.create(desk, "XZCF_FR", a_penalty(2)))
    driver.settle()
    names = [copy.name for copy in page.backups.table.model().rows()]
    choose(page.backups.table, names.index(made))
    click(driver, page.backups.restore_button)
    qtbot.keyClicks(page.backups.passphrase, PASSPHRASE)
    qtbot.keyClick(page.backups.passphrase, Qt.Key.Key_Return)
    driver.settle()

    panel = driver.window.card
    assert isinstance(panel, UnlockPanel)
    assert panel.note() == "备份已恢复，请解锁查看。"
    driver.unlock("许可")
    session = driver.window.session
    assert session is not None
    assert records.states(session.desk.db.reader())["draft"] == 1


def test_a_wrong_passphrase_puts_nothing_back(driver: Driver, qtbot: QtBot):
    driver.unlock("许可")
    page = driver.go("settings")
    click(driver, page.backups.now_button)
    click(driver, page.backups.restore_button)
    qtbot.keyClicks(page.backups.passphrase, "not this one")
    qtbot.keyClick(page.backups.passphrase, Qt.Key.Key_Return)
    driver.settle()

    panel = driver.window.card
    assert isinstance(panel, UnlockPanel)
    assert panel.note().startswith("没有恢复：口令不对")


def test_the_catalog_is_shown_with_its_age(page: SettingsPage):
    text = said(page.catalog)

    assert "2026.1" in text
    assert "已 327 天" in text


def test_every_part_of_the_program_is_named_with_its_licence():
    lines = licences()

    assert len(lines) == len(PARTS)
    for line in lines:
        assert line.count("　") == 1, line
        assert line.partition("　")[2], line


def test_the_licences_open_and_close(page: SettingsPage, driver: Driver):
    click(driver, page.about.button)
    assert page.about._texts.isVisible()
    assert "LGPL" in page.about._texts.toPlainText()
    click(driver, page.about.button)
    assert page.about._texts.isHidden()


def test_a_desk_that_the_platform_forgot_is_enrolled_again_with_a_code(
    page: SettingsPage, driver: Driver, qtbot: QtBot
):
    platform, desk = page.platform, page.session.desk.device.device_id
    click(driver, platform.again_button)
    assert platform.again.code.hasFocus()
    click(driver, platform.again.button)
    assert platform.again.isVisible()

    qtbot.keyClicks(platform.again.code, "AAAAA-BBBBB")
    qtbot.keyClick(platform.again.code, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "正在联系" not in platform.said(), timeout=20_000)

    assert platform.said() == messages.sentence("no_connection")
    assert page.session.desk.device.device_id == desk
