"""复核 of a whole import: its sums, filters, a sample with its seed, marks with reasons of their own."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from PySide6.QtCore import Qt

from client.store import act_sums, acts, drafts, records, review
from client.store.act_sums import Which
from client.ui.review.page import ReviewPage
from client.ui.review.whole import lines_of
from client.ui.row_model import choose
from tests.client.ui.conftest import Driver
from tests.client.ui.house import PASSPHRASE, House, a_penalty

COUNT = 40


@pytest.fixture
def submitted(profile: House) -> list[str]:
    """Forty penalties submitted as one act; every fourth with an amount of more than ten."""
    desk = profile.desk_of("许可")
    made = [
        drafts.NewDraft(a_penalty(n, CF_NR_FK="12.5" if n % 4 == 0 else "5")) for n in range(1, COUNT + 1)
    ]
    ids = drafts.create_many(desk, "XZCF_FR", made)
    done = review.submit(desk, ids, title="十一月导入")
    assert len(done.submitted) == COUNT
    profile.close()
    return ids


@pytest.fixture
def page(driver: Driver, submitted: list[str]) -> ReviewPage:
    driver.unlock("庄敏")
    return driver.go("review")  # type: ignore[no-any-return]


def press(driver: Driver, widget: Any, key: Qt.Key) -> None:
    widget.setFocus()
    driver.qtbot.keyClick(widget, key)
    driver.settle()


def test_sums_cover_all_and_name_fields(profile: House, submitted: list[str]):
    desk = profile.desk_of("庄敏")
    (act,) = acts.acts_waiting(desk.db.reader())
    sums = act_sums.sums_of(desk, act)
    assert sum(sums.items.values()) == COUNT
    amount = sums.amounts["XZCF_FR@2026.1", "CF_NR_FK"]
    assert (amount.count, amount.total, amount.most) == (COUNT, Decimal(275), Decimal("12.5"))
    assert all(sum(codes.values()) >= COUNT for codes in sums.codes.values())
    assert any(line.startswith("罚款金额") and "合计 275" in line for line in lines_of(sums, desk.catalogs))


def test_filters_and_limits_count_everything_and_keep_little(profile: House, submitted: list[str]):
    desk = profile.desk_of("庄敏")
    (act,) = acts.acts_waiting(desk.db.reader())
    above = act_sums.find(desk, act, Which(above=Decimal(10)), limit=3)
    assert (above.count, len(above.entries)) == (COUNT // 4, 3)
    (key, codes), *_ = act_sums.sums_of(desk, act).codes.items()
    code, n = codes.most_common(1)[0]
    assert act_sums.find(desk, act, Which(value=(key[1], code))).count == n
    assert act_sums.find(desk, act, Which(answered="*")).count == 0
    assert act_sums.find(desk, act, Which(cleaned=True)).count == 0


def test_a_seed_draws_the_same_sample_again(profile: House, submitted: list[str]):
    desk = profile.desk_of("庄敏")
    (act,) = acts.acts_waiting(desk.db.reader())
    first, again, other = (act_sums.find(desk, act, Which(sample=8, seed=seed)) for seed in (7, 7, 8))
    assert first == again != other
    assert first.count == 8


def test_a_sample_is_drawn_by_a_key_shows_its_seed_and_remembers_what_was_looked_at(
    driver: Driver, page: ReviewPage
):
    page.whole.how_many.setValue(5)
    press(driver, page.entries, Qt.Key.Key_S)
    assert page.entries.model().rowCount() == 5
    assert "抽样 5 条，种子" in page.whole.sums.text()
    for _ in range(2):
        press(driver, page.entries, Qt.Key.Key_Down)
    assert "看过 3 条" in page.whole.sums.text()
    assert "通过的是全部 40 条" in page.whole.sums.text()

    desk = driver.window.session.desk
    (act,) = acts.acts_waiting(desk.db.reader())
    assert len(act_sums.seen(desk.db.reader(), act.act_id, desk.operator.operator_id)) == 3


def test_an_amount_filters_the_list_and_all_the_rest_still_passes(driver: Driver, page: ReviewPage):
    page.whole.above.setText("10")
    press(driver, page.whole.above, Qt.Key.Key_Return)
    assert page.entries.model().rowCount() == COUNT // 4
    press(driver, page.entries, Qt.Key.Key_Space)
    assert page.approve_button.text() == f"通过 {COUNT - 1} 条 Enter"


def test_marked_ones_go_back_with_a_reason_each_while_the_rest_passes(driver: Driver, page: ReviewPage):
    press(driver, page.entries, Qt.Key.Key_Space)
    press(driver, page.entries, Qt.Key.Key_Space)
    marked = list(page._marked)
    choose(page.entries, 0)
    press(driver, page.entries, Qt.Key.Key_W)
    page.returning.reason.setText("金额与决定书不一致")
    press(driver, page.returning.reason, Qt.Key.Key_Return)
    press(driver, page.entries, Qt.Key.Key_Return)
    assert "退回标记的 1 条" in page.returning.note()
    page.returning.reason.setText("名称写错")
    press(driver, page.returning.reason, Qt.Key.Key_Return)
    driver.qtbot.keyClicks(page.passphrase.passphrase, PASSPHRASE)
    press(driver, page.passphrase.passphrase, Qt.Key.Key_Return)

    reader = driver.window.session.desk.db.reader()
    whys = [records.notes(reader, one)[0].reason for one in marked]
    assert whys == ["金额与决定书不一致", "名称写错"]
    states = {state: n for state, n in records.states(reader).items() if n}
    assert states == {"queued": COUNT - 2, "returned": 2}
