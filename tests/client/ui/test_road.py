"""The whole road by clicks against the real platform: enrol, report, review, send, answer an objection."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QBuffer, QByteArray, QIODevice, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from client import wiring
from client.app import Window, World
from client.demo.ground import Person, Unit, _unit, seconds
from client.demo.hall import Hall
from client.store import drafts, records, review
from client.store.desk import Desk
from client.ui.enrol import EnrolPanel
from client.ui.session import Halves
from tests.client.ui.conftest import LIMIT_MS, Driver
from tests.client.ui.house import CATALOGS, a_penalty


class Walker(Driver):
    """A driver of a window that talks to a platform."""

    @property
    def desk(self) -> Desk:
        session = self.window.session
        assert session is not None
        return session.desk

    def press(self, button: Any) -> None:
        self.qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
        self.settle()

    def come_in(self, person: Person) -> None:
        """Lock out whoever is there, unlock, sign in at the platform, wait for the first cycle."""
        if self.window.frame is not None:
            self.lock()
        self.unlock(person.name, person.passphrase)
        frame, session = self.window.frame, self.window.session
        assert frame is not None
        assert session is not None
        if not session.line.facts().signed_in:
            frame.sign_in.password.setText(person.password)
            frame.sign_in.figures.setText(person.totp(seconds()))
            self.press(frame.sign_in.button)
            self.qtbot.waitUntil(lambda: session.line.facts().signed_in, timeout=LIMIT_MS)
        self.sync()

    def sync(self) -> None:
        """Press 立即同步 and wait until the cycle is over."""
        session = self.window.session
        assert session is not None
        self.qtbot.waitUntil(lambda: not session.line.facts().running, timeout=LIMIT_MS)
        with self.qtbot.waitSignal(session.line.finished, timeout=LIMIT_MS):
            session.line.sync_now()
        self.settle()

    def sync_until(self, done: Callable[[], bool]) -> None:
        """Sync again while the platform's worker is still at it."""
        for _ in range(40):
            self.sync()
            if done():
                return
        pytest.fail("the platform did not come to an end")

    def states(self) -> dict[str, int]:
        return {state: n for state, n in records.states(self.desk.db.reader()).items() if n}

    def approve(self, person: Person) -> None:
        """Approve the act that is shown, with the passphrase if it is asked for."""
        page = self.go("review")
        self.press(page.approve_button)
        if page.passphrase.isVisible():
            page.passphrase.passphrase.setText(person.passphrase)
            self.press(page.passphrase.button)


@pytest.fixture
def unit(platform: Any) -> Unit:
    return _unit(platform.unit("350200-01"))


@pytest.fixture
def walker(qapp: QApplication, qtbot: QtBot, tmp_path: Path):
    none = Halves(lambda *_: None, lambda *_: None, lambda: "")
    world = World(wiring.utc_now, wiring.new_id, CATALOGS, none)
    window = Window(qapp, tmp_path / "desk", world)
    window.main.resize(1366, 768)
    window.start()
    yield Walker(qtbot, window)
    window.close()


def enrol(walker: Walker, url: str, unit: Unit, first: Person) -> None:
    panel = walker.window.card
    assert isinstance(panel, EnrolPanel)
    panel.join.url.setText(url)
    panel.join.code.setText(unit.enrolment_codes[0])
    panel.join.desk_name.setText("窗口一号机")
    walker.press(panel.join.button)
    card = panel.first
    assert card is not None, panel.join.note()
    names = [card.name.itemText(n) for n in range(card.name.count())]
    card.name.setCurrentIndex(next(n for n, name in enumerate(names) if name.startswith(first.name)))
    card.passphrase.first.setText(first.passphrase)
    card.passphrase.second.setText(first.passphrase)
    walker.press(card.button)
    walker.qtbot.waitUntil(lambda: walker.window.frame is not None, timeout=LIMIT_MS)
    walker.settle()


def let_in(walker: Walker, *people: Person) -> None:
    page = walker.go("settings")
    for person in people:
        walker.press(page.people.add_button)
        form = page.people.adding
        names = [form.name.itemText(n) for n in range(form.name.count())]
        form.name.setCurrentIndex(next(n for n, name in enumerate(names) if name.startswith(person.name)))
        form.passphrase.first.setText(person.passphrase)
        form.passphrase.second.setText(person.passphrase)
        walker.press(form.button)
        assert "可以解锁本机了" in page.people.said()


def values_of(unit: Unit, subject: dict[str, str], number: int) -> dict[str, Any]:
    return a_penalty(
        number,
        CF_XDR_MC=subject["name"],
        CF_XDR_SHXYM=subject["code"],
        CF_FRDB=subject["representative"],
        CF_CFJG=unit.name,
        CF_CFJGDM=unit.code18,
        CF_SJLY=unit.name,
        CF_SJLYDM=unit.code18,
    )


def a_picture() -> bytes:
    image = QImage(60, 40, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.lightGray)
    raw = QByteArray()
    buffer = QBuffer(raw)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")
    return bytes(raw.data())


def test_a_wrong_enrolment_code_is_said_and_the_right_one_then_works(
    walker: Walker, platform: Any, unit: Unit
):
    panel = walker.window.card
    assert isinstance(panel, EnrolPanel)
    panel.join.url.setText(platform.url)
    panel.join.code.setText("AAAAA-AAAAA-AAAAA-AAAAA")
    panel.join.desk_name.setText("窗口一号机")
    walker.press(panel.join.button)
    assert "不认识这个登记码" in panel.join.note()

    enrol(walker, platform.url, unit, unit.person("reporter"))
    page = walker.go("settings", card="network")
    walker.press(page.network.test_button)
    assert page.network.said().startswith("连接正常")


def test_the_road_from_a_draft_to_a_receipt_and_an_objection_that_is_answered(
    walker: Walker, platform: Any, unit: Unit
):
    reporter, reviewer, handler = (unit.person(role) for role in ("reporter", "reviewer", "handler"))
    enrol(walker, platform.url, unit, reporter)
    let_in(walker, reviewer, handler)
    walker.come_in(reporter)
    subjects = platform.seed["subjects"]
    desk = walker.desk
    made = [drafts.NewDraft(values_of(unit, subjects[n], n)) for n in range(1, 6)]
    twice = drafts.NewDraft(values_of(unit, subjects[1], 1))
    ids = drafts.create_many(desk, "XZCF_FR", [*made, twice])
    assert len(review.submit(desk, ids, title="十一月处罚").submitted) == 6

    # Review and send: five are stored, the double is rejected and opens where it is wrong.
    walker.come_in(reviewer)
    walker.approve(reviewer)
    walker.sync_until(lambda: walker.states().get("stored") == 5)
    assert walker.states() == {"stored": 5, "rejected": 1}
    assert walker.window.frame is not None
    assert walker.window.frame.top.line_text() == "1 条被退回"
    page = walker.go("sync", tab="rejected")
    assert "同一件行政行为" in page.detail.banner.text()

    # An objection comes down, is decided, reviewed, and closed by the platform.
    hall = Hall(platform.url, _unit(platform.unit("350200-00")))
    stored = next(row for row in records.list_records(walker.desk.db.reader(), state="stored"))
    case_id = hall.object_to(
        stored.record_id, field="CF_NR_FK", old="0.1", claimed="0.05",
        statement="罚款金额与决定书不一致，请核查。", evidence=a_picture(),
    )  # fmt: skip
    walker.come_in(handler)
    page = walker.go("cases", case_id=case_id)
    assert page.sheet is not None
    assert page.sheet.side.evidence.choice.currentText().startswith("行政处罚决定书.png")
    (row,) = page.sheet.grid.rows
    walker.press(row.correct_to)
    page.sheet.conclusion.setPlainText("经核对决定书原件，异议成立，予以更正。")
    walker.press(page.submit_button)
    walker.come_in(reviewer)
    walker.approve(reviewer)
    walker.sync_until(lambda: hall.case(case_id)["state"] == "closed")
    walker.sync()

    page = walker.go("cases", case_id=case_id)
    assert page.sheet is not None
    assert page.sheet.banner.text().startswith("已办结")
    assert walker.states() == {"stored": 4, "corrected": 1, "rejected": 1}
    assert hall.record(stored.record_id)["head"]["payload"]["CF_NR_FK"] == "0.05"
    hall.close()


def test_a_platform_that_goes_away_and_comes_back_costs_nothing(walker: Walker, platform: Any, unit: Unit):
    platform.quiet = False  # it is killed
    reporter, reviewer = unit.person("reporter"), unit.person("reviewer")
    enrol(walker, platform.url, unit, reporter)
    let_in(walker, reviewer)
    walker.come_in(reporter)
    desk, subjects = walker.desk, platform.seed["subjects"]
    ids = drafts.create_many(
        desk, "XZCF_FR", [drafts.NewDraft(values_of(unit, subjects[n], n)) for n in range(3)]
    )
    review.submit(desk, ids, title="三条")
    walker.come_in(reviewer)
    platform.kill()
    walker.approve(reviewer)
    walker.sync()
    assert walker.window.frame is not None
    assert walker.window.frame.top.line_text().split(" · ")[-1].startswith("离线")
    assert walker.states() == {"queued": 3}

    platform.start()
    walker.sync_until(lambda: walker.states() == {"stored": 3})
    assert walker.window.frame.top.line_text().startswith("已全部送达")
