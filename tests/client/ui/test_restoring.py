"""A desk whose database is damaged at the start: the lock screen offers the newest copy."""

from __future__ import annotations

import os

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from client.store import backup, drafts, outbox, review
from client.ui import restored_words as words
from client.ui.sign_in import UnlockPanel
from tests.client.ui.conftest import Driver
from tests.client.ui.house import PASSPHRASE, House, a_penalty


def test_a_damaged_desk_comes_back_from_the_lock_screen_with_its_unsent_work(
    profile: House, open_window, qtbot: QtBot
):
    desk = profile.desk_of("许可")
    backup.now(desk)
    act = review.submit(desk, [drafts.create(desk, "XZCF_FR", a_penalty(1))], title="试")
    review.approve(profile.desk_of("庄敏"), act.act_id)
    profile.close()
    (profile.directory / "desk.db").write_bytes(os.urandom(40_000))
    (profile.directory / "desk.db-wal").unlink(missing_ok=True)
    driver: Driver = open_window(profile.directory, profile.clock)
    panel = driver.window.card
    assert isinstance(panel, UnlockPanel)
    assert not panel.restore.isVisible()

    driver.window.unlock("许可", PASSPHRASE)
    driver.settle()
    assert panel.note() == words.OFFERED["damaged"]
    assert panel.restore.text().startswith("从备份恢复（")
    qtbot.mouseClick(panel.restore, Qt.MouseButton.LeftButton)
    assert panel.note() == words.TYPE_FIRST
    qtbot.keyClicks(panel.passphrase, PASSPHRASE)
    panel.restore.setFocus()
    qtbot.keyClick(panel.restore, Qt.Key.Key_Space)
    driver.settle()
    assert panel.note() == words.RESTORED
    assert not panel.restore.isVisible()

    driver.unlock("许可")

    assert driver.message() == words.FOUND.format(n=1)
    session = driver.window.session
    assert session is not None
    assert outbox.status(session.desk.db.reader())["queued"] == 1


def test_a_wrong_passphrase_is_asked_for_again_and_nothing_to_restore_offers_nothing(
    profile: House, open_window, qtbot: QtBot
):
    profile.desk_of("许可")
    profile.close()
    (profile.directory / "desk.db").unlink()
    driver: Driver = open_window(profile.directory, profile.clock)
    driver.window.unlock("许可", PASSPHRASE)
    driver.settle()
    panel = driver.window.card
    assert isinstance(panel, UnlockPanel)
    assert (panel.note().startswith("档案文件夹里缺少数据库"), panel.restore.isVisible()) == (True, False)

    panel.restore_asked.emit("许可", PASSPHRASE)
    driver.settle()
    assert panel.note().startswith("没有恢复：找不到这份备份")
