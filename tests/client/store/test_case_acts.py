"""A decision on a case and what follows from it: one act."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from client.core.records import Reason
from client.errors import NotAllowed
from client.store import acts, drafts, records, review, versions
from client.store.desk import Desk
from forms.seal.content import Content

Build = Callable[..., dict[str, Any]]
CASE = "0199a0d0-0000-7000-8000-00000000c001"
ELSEWHERE = "0199a0d0-0000-7000-8000-00000000b001"


def a_decision(desk: Desk, **given: Any) -> Content:
    said: dict[str, Any] = {
        "record_id": CASE,
        "version_id": desk.new_id(),
        "parent": "0199a0d0-0000-7000-8000-00000000f001",
        "op": "decide",
        "catalog": "CASE@1",
        "item_sha256": "0" * 64,
        "payload": {"disputes": [], "corrections": [], "text": "经核查，予以更正。"},
        "reason": {"code": "objection", "text": "异议成立"},
        "case_id": CASE,
    }
    return Content(**(said | given))


def a_correction(desk: Desk, values: dict[str, Any], **given: Any) -> Content:
    item = desk.catalogs.item("XZCF_FR")
    said: dict[str, Any] = {
        "record_id": ELSEWHERE,
        "version_id": desk.new_id(),
        "parent": "0199a0d0-0000-7000-8000-00000000f002",
        "op": "correct",
        "catalog": item.ref,
        "item_sha256": item.digest,
        "payload": values,
        "reason": {"code": "objection", "text": "异议成立"},
        "case_id": CASE,
    }
    return Content(**(said | given))


@pytest.fixture
def act_id(house: Any, a_penalty: Build) -> str:
    """A decision and the correction of a record that this desk never had, in review."""
    desk = house.switch("林晓")
    contents = [a_decision(desk), a_correction(desk, a_penalty(5))]
    done = review.submit_contents(desk, contents, title="异议：海湾样例5号", case_id=CASE)
    assert done.act_id is not None
    assert done.submitted == (CASE, ELSEWHERE)
    return done.act_id


def test_decision_and_correction_wait_as_one_act(house: Any, act_id: str):
    (act,) = acts.acts_waiting(house.desk.db.reader())

    assert (act.act_id, act.case_id, act.waiting) == (act_id, CASE, 2)
    entries = acts.act_entries(house.desk.db.reader(), act_id)
    assert sorted(entry.op for entry in entries) == ["correct", "decide"]
    assert records.get(house.desk.db.reader(), ELSEWHERE).row.state == "in_review"


def test_an_approved_decision_goes_first(house: Any, act_id: str):
    desk = house.switch("陈敏")

    assert review.approve(desk, act_id).versions == 2

    lanes = desk.db.reader().execute(
        "SELECT v.op, o.lane FROM version v JOIN outbox o USING (version_id) ORDER BY o.lane LIMIT 9"
    )
    assert [tuple(row) for row in lanes] == [("decide", 0), ("correct", 1)]
    assert records.get(desk.db.reader(), ELSEWHERE).row.state == "queued"
    assert desk.db.reader().value("SELECT case_id FROM version WHERE op = 'correct'") == CASE


def test_nothing_of_a_decision_can_be_left_out(house: Any, act_id: str):
    desk = house.switch("陈敏")

    with pytest.raises(NotAllowed, match="act_is_whole"):
        review.approve(desk, act_id, left_out=[ELSEWHERE])


@pytest.mark.parametrize("named", [CASE, ELSEWHERE])
def test_a_decision_is_returned_whole(house: Any, act_id: str, named: str):
    desk = house.switch("陈敏")

    review.return_(desk, [named], "理由不充分")

    assert acts.acts_waiting(desk.db.reader()) == []
    assert records.get(desk.db.reader(), ELSEWHERE).row.state == "returned"
    assert records.notes(desk.db.reader(), CASE)[0].reason == "理由不充分"


def test_the_handler_takes_a_decision_back_whole(house: Any, act_id: str):
    review.take_back(house.desk, [CASE])

    assert acts.acts_waiting(house.desk.db.reader()) == []
    assert records.get(house.desk.db.reader(), ELSEWHERE).row.state == "draft"


def test_a_returned_decision_can_be_submitted_again(house: Any, act_id: str, a_penalty: Build):
    review.return_(house.switch("陈敏"), [CASE], "理由不充分")
    desk = house.switch("林晓")

    again = review.submit_contents(
        desk, [a_decision(desk), a_correction(desk, a_penalty(6))], title="再次", case_id=CASE
    )

    assert len(again.submitted) == 2
    assert records.get(desk.db.reader(), ELSEWHERE).row.subject_name == "海湾样例6号商贸有限公司"


def test_a_correction_of_a_case_is_not_submitted_alone(house: Any, act_id: str):
    review.take_back(house.desk, [CASE])

    ((_, problems),) = review.submit(house.desk, [ELSEWHERE], title="单独").stopped

    assert [p.code for p in problems] == ["belongs_to_case"]


def test_what_belongs_to_a_decision_is_not_recalled_alone(house: Any, act_id: str):
    review.approve(house.switch("陈敏"), act_id)
    desk = house.switch("林晓")
    rows = desk.db.reader().execute("SELECT version_id FROM version LIMIT 9").fetchall()

    for row in rows:
        with pytest.raises(NotAllowed, match="belongs_to_case"):
            versions.recall(desk, row[0])


def test_a_faulty_correction_stops_the_whole_act(house: Any, a_penalty: Build):
    desk = house.switch("林晓")
    contents = [a_decision(desk), a_correction(desk, a_penalty(5, CF_JDRQ="昨天"))]

    done = review.submit_contents(desk, contents, title="异议", case_id=CASE)

    assert (done.act_id, done.submitted) == (None, ())
    assert [record_id for record_id, _ in done.stopped] == [ELSEWHERE]
    assert acts.acts_waiting(desk.db.reader()) == []
    with pytest.raises(NotAllowed, match="record_unknown"):
        records.get(desk.db.reader(), ELSEWHERE)


def test_a_decision_without_a_reason_is_stopped(house: Any):
    desk = house.switch("林晓")

    done = review.submit_contents(desk, [a_decision(desk, reason=None)], title="异议", case_id=CASE)

    assert [p.code for _, problems in done.stopped for p in problems] == ["reason_missing"]


def test_a_record_that_somebody_is_working_on_is_not_taken_away(house: Any, a_penalty: Build):
    desk = house.switch("林晓")
    record_id = drafts.create(desk, "XZCF_FR", a_penalty(1))
    contents = [a_decision(desk), a_correction(desk, a_penalty(5), record_id=record_id)]

    with pytest.raises(NotAllowed, match="being_changed"):
        review.submit_contents(desk, contents, title="异议", case_id=CASE)
    assert records.get(desk.db.reader(), record_id).draft.values == a_penalty(1)


def test_a_change_under_way_for_the_same_case_is_taken_over(house: Any, act_id: str, a_penalty: Build):
    review.take_back(house.desk, [CASE])
    drafts.save(house.desk, ELSEWHERE, a_penalty(8))
    drafts.set_reason(house.desk, ELSEWHERE, Reason("objection", "异议成立"))
    desk = house.desk

    done = review.submit_contents(
        desk, [a_decision(desk), a_correction(desk, a_penalty(8))], title="异议", case_id=CASE
    )

    assert len(done.submitted) == 2


def test_only_a_handler_decides(house: Any):
    desk = house.switch("陈敏")

    with pytest.raises(NotAllowed, match="not_your_role"):
        review.submit_contents(desk, [a_decision(desk)], title="异议", case_id=CASE)


def test_contents_of_another_case_are_our_own_bug(house: Any):
    desk = house.switch("林晓")

    with pytest.raises(ValueError, match="all of the case"):
        review.submit_contents(desk, [a_decision(desk)], title="异议", case_id="another")
    with pytest.raises(ValueError, match="about its case"):
        review.submit_contents(desk, [a_decision(desk, record_id=ELSEWHERE)], title="异议", case_id=CASE)
