"""登记办件: an application is taken in at the desk, without a line, and is a case at once."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QDate, Qt
from pytestqt.qtbot import QtBot

from client.store import drafts, review
from client.store.approvals import approve
from client.store.case_shown import posts_of
from client.ui.cases.page import CasesPage
from client.ui.cases.register_form import RegisterForm
from tests.client.ui.conftest import Driver
from tests.client.ui.house import House, a_penalty, answered


@pytest.fixture
def page(profile: House, driver: Driver) -> CasesPage:
    """A desk with one record that the platform has taken."""
    desk = profile.desk_of("许可")
    made = review.submit(desk, [drafts.create(desk, "XZCF_FR", a_penalty(1))], title="测试")
    checker = profile.desk_of("庄敏")
    assert made.act_id is not None
    approve(checker, made.act_id)
    answered(checker, {})
    profile.close()
    driver.unlock("许可")
    return driver.go("cases")  # type: ignore[no-any-return]


def form_of(page: CasesPage, driver: Driver, qtbot: QtBot) -> RegisterForm:
    """Open the form by its key, and find the record."""
    qtbot.keyClick(page, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    form = page.aside.form
    assert form is not None
    qtbot.keyClick(form.text, Qt.Key.Key_Return)
    driver.settle()
    return form


def give(form: RegisterForm, driver: Driver, qtbot: QtBot) -> None:
    qtbot.keyClick(form.text, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    driver.settle()


def test_an_objection_is_registered_without_a_line_and_twice_only_on_purpose(
    page: CasesPage, driver: Driver, qtbot: QtBot
):
    for attempt in range(2):
        form = form_of(page, driver, qtbot)
        give(form, driver, qtbot)
        assert "加上争议的记录" in form.banner.text()
        form.take()
        driver.settle()
        (box,) = form.records
        give(form, driver, qtbot)
        assert "选择理由" in form.banner.text()
        box.reason.setCurrentIndex(box.reason.findData("wrong_information"))
        give(form, driver, qtbot)
        assert "至少加一项" in form.banner.text()
        box.add_claim("CF_NR_FK")
        box.claims["CF_NR_FK"].set_value("0.05")
        form.applicant.name.setText("海湾样例商贸有限公司")
        form.applicant.number.setText("350203199001019999")
        form.statement.setPlainText("罚款金额与决定书不一致。")
        give(form, driver, qtbot)
        if attempt == 0:
            assert page.sheet.view.shown.stage == "received"
    assert "没有办结" in form.banner.text()
    qtbot.mouseClick(form.anyway_button, Qt.MouseButton.LeftButton)
    driver.settle()

    assert page.queue.model.rowCount() == 2
    assert page.queue.row().also_open == 1
    session = driver.window.session
    assert session is not None
    (post,) = posts_of(session.desk.db.reader(), page.sheet.view.row.case_id)
    assert post.kind == "opening"
    assert post.body["records"][0]["disputes"] == [{"field": "CF_NR_FK", "old": "0.1", "claimed": "0.05"}]


def test_a_repair_says_from_when_it_may_be_granted(page: CasesPage, driver: Driver, qtbot: QtBot):
    form = form_of(page, driver, qtbot)
    form.take()
    driver.settle()
    qtbot.mouseClick(form.kinds["repair"], Qt.MouseButton.LeftButton)
    form.repair.severity.setCurrentIndex(form.repair.severity.findData("ordinary"))
    form.repair.published.setDate(QDate(2026, 10, 1))
    form.repair.fulfilled.setDate(QDate(2026, 10, 20))
    assert "2027" in form.repair.earliest.text()
    form.applicant.name.setText("海湾样例商贸有限公司")
    form.applicant.number.setText("350203199001019999")
    form.statement.setPlainText("已缴清罚款。")
    give(form, driver, qtbot)

    assert page.sheet.view.case.row.kind == "repair"
    assert page.sheet.repair is not None


def test_giving_up_leaves_nothing_behind(page: CasesPage, driver: Driver, qtbot: QtBot):
    form = form_of(page, driver, qtbot)
    qtbot.keyClick(form.text, Qt.Key.Key_Escape)
    driver.settle()

    assert page.aside.form is None
    assert page.queue.model.rowCount() == 0
