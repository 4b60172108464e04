"""An objection, from the hall down to the department and its decision up again, along the real platform."""

from __future__ import annotations

from datetime import timedelta

import pytest

from client.core.case_openings import Claim, DisputedRecord, Opening, Person
from client.store import attachments, case_posts, cases
from client.store.approvals import approve
from client.sync import finding, leases
from tests.client.sync.branch import Branch, Hall, Ledger, check_agreement, new_id

UNIT, HALL = "350200-01", "350200-00"
PAPER = b"%PDF-1.4 proof of payment"


@pytest.fixture
def branch(platform, tmp_path):
    made = Branch(tmp_path / "desk", platform.url, platform.unit(UNIT), platform.seed["subjects"])
    made.open_for_business("reporter", "reviewer", "handler")
    yield made
    made.stand_up()


@pytest.fixture
def hall(platform, tmp_path):
    made = Branch(tmp_path / "hall", platform.url, platform.unit(HALL), platform.seed["subjects"])
    made.open_for_business("hall")
    yield Hall(made)
    made.stand_up()


def stored(branch):
    (record_id,) = branch.approved(1)
    branch.sync_until(lambda: branch.states()[record_id] == "stored")
    return record_id


def decide(branch, case_id, finding, value=None, text="经核对原始案卷，结论如上。"):
    """Let the handler decide and the reviewer confirm."""
    dispute = {"field": "CF_NR_FK", "finding": finding} | ({"value": value} if value else {})
    handler = branch.sit_down("handler")
    cases.save_decision(handler, case_id, {"disputes": [dispute], "text": text})
    submitted = cases.submit_decision(handler, case_id)
    assert submitted.stopped == ()
    approve(branch.sit_down("reviewer"), submitted.act_id)
    branch.sit_down("handler")


def state_here(branch, case_id):
    return cases.get(branch.desk.db.reader(), case_id).row.state


def test_an_objection_that_is_upheld_corrects_the_record_and_closes_the_case(platform, branch, hall):
    record_id = stored(branch)
    case_id = hall.object_to(record_id, {"field": "CF_NR_FK", "old": "0.1", "claimed": "0.01"}, paper=PAPER)
    assert hall.record(record_id)["disputed"]

    branch.sync()
    case = cases.get(branch.desk.db.reader(), case_id)
    assert case.records[0].evidence[0].is_here
    assert attachments.read(branch.desk, case.records[0].evidence[0].attachment.sha256) == PAPER
    decide(branch, case_id, "correct_to", "0.01")
    branch.sync_until(lambda: branch.states()[record_id] == "corrected")
    assert state_here(branch, case_id) == "decided", "the hall holds the record, and does not know yet"

    def hall_hears_and_the_case_is_closed():
        assert hall.branch.sync().problem is None
        return state_here(branch, case_id) == "closed"

    branch.sync_until(hall_hears_and_the_case_is_closed)

    record = hall.record(record_id)
    assert (record["head"]["payload"]["CF_NR_FK"], record["disputed"]) == ("0.01", False)
    assert hall.case(case_id)["decision"]["text"] == "经核对原始案卷，结论如上。"
    check_agreement(branch, Ledger.of(platform.database, UNIT))


def test_an_objection_that_is_not_upheld_leaves_the_record_and_closes_the_case(branch, hall):
    record_id = stored(branch)
    case_id = hall.object_to(record_id, {"field": "CF_NR_FK", "old": "0.1", "claimed": "0.01"})
    branch.sync()

    decide(branch, case_id, "stands")
    branch.sync_until(lambda: state_here(branch, case_id) == "closed")

    assert branch.states()[record_id] == "stored"
    assert hall.record(record_id)["head"]["payload"]["CF_NR_FK"] == "0.1"


def test_a_case_can_be_read_and_decided_while_the_platform_is_away(platform, branch, hall):
    record_id = stored(branch)
    case_id = hall.object_to(record_id, {"field": "CF_NR_FK", "old": "0.1", "claimed": "0.01"}, paper=PAPER)
    branch.sync()
    platform.stop()

    case = cases.get(branch.desk.db.reader(), case_id)
    assert attachments.read(branch.desk, case.records[0].evidence[0].attachment.sha256) == PAPER
    decide(branch, case_id, "correct_to", "0.01")
    assert branch.sync().problem is not None

    platform.start()
    branch.sync_until(lambda: state_here(branch, case_id) == "closed")


def taken_in(record_id, paper=None):
    """An objection as the department's own desk takes it in."""
    who = Person("林小满", "10", "110101199003070011", "13800000000")
    about = [Claim("CF_NR_FK", "0.1", "0.01")]
    record = DisputedRecord(record_id, "wrong_information", about, [paper] if paper else [])
    return Opening("objection", who, "罚款金额与决定书不符。", [record], "2026-11-20T02:00:00.000Z")


def posts_of(branch, case_id):
    found = cases.get(branch.desk.db.reader(), case_id).posts
    return [(one.event, one.state, (one.problem or {}).get("code")) for one in found]


def test_a_case_is_taken_in_accepted_and_decided_without_a_line_and_goes_up_whole(platform, branch):
    record_id = stored(branch)
    platform.stop()
    handler = branch.sit_down("handler")
    paper = attachments.keep(handler, [PAPER], name="缴款书.pdf", media_type="application/pdf")
    case_id = case_posts.register(handler, taken_in(record_id, paper))
    case_posts.say(handler, case_id, "accepted")
    me = {"operator_id": handler.operator.operator_id, "name": handler.operator.name}
    case_posts.say(handler, case_id, "assigned", me)
    decide(branch, case_id, "correct_to", "0.01")
    assert branch.sync().problem is not None

    platform.start()
    branch.sync_until(lambda: state_here(branch, case_id) == "closed")

    assert posts_of(branch, case_id) == [
        ("received", "done", None), ("accepted", "done", None), ("assigned", "done", None),
    ]  # fmt: skip
    case = cases.get(branch.desk.db.reader(), case_id)
    assert [one.kind for one in case.events] == ["received", "accepted", "assigned", "decided", "closed"]
    assert all(one.confirmed for one in case.events)
    assert case.owner["name"] == handler.operator.name
    assert branch.states()[record_id] == "corrected"
    check_agreement(branch, Ledger.of(platform.database, UNIT))


def test_what_was_decided_without_a_line_on_a_case_that_went_elsewhere_is_refused_and_kept(branch, hall):
    record_id = stored(branch)
    case_id = hall.object_to(record_id, {"field": "CF_NR_FK", "old": "0.1", "claimed": "0.01"})
    branch.sync()
    handler = branch.sit_down("handler")
    seen = cases.get(handler.db.reader(), case_id).revision
    case_posts.say(handler, case_id, "suspended", {"reason": "鉴定", "examiner": "检测中心"})
    case_posts.say(handler, case_id, "resumed")
    decide(branch, case_id, "correct_to", "0.01", text="查明后写的结论。")
    before = cases.get(branch.desk.db.reader(), case_id).decision
    other = Hall(branch)
    there = {"transfer_id": new_id(), "revision": seen, "to_unit": "350500-01", "reason": "不是我局的"}
    other.ask("POST", f"/v1/cases/{case_id}/transfers", there, Idempotency_Key=f'"{there["transfer_id"]}"')

    branch.sync()
    branch.sync()

    case = cases.get(branch.desk.db.reader(), case_id)
    assert (case.unit, case.decision.state, case.decision.payload) == ("350500-01", "editing", before.payload)
    assert [one[:2] for one in posts_of(branch, case_id)] == [
        ("suspended", "refused"), ("resumed", "refused"),
    ]  # fmt: skip
    assert "queued" not in branch.outbox()
    assert branch.states()[record_id] == "stored"


def test_a_case_in_hand_is_not_taken_by_another_and_without_a_line_nothing_is(platform, branch, hall):
    case_id = hall.object_to(stored(branch), {"field": "CF_NR_FK", "old": "0.1", "claimed": "0.01"})
    handler = branch.sit_down("handler")

    mine = leases.take(handler, branch.transport(), case_id)

    assert (mine.is_mine, mine.name, mine.code) == (True, handler.operator.name, None)
    assert not mine.is_due(mine.until - timedelta(minutes=11))
    assert mine.is_due(mine.until - timedelta(minutes=9))
    assert hall.case(case_id)["lease"]["name"] == handler.operator.name
    assert leases.release(handler, branch.transport(), case_id)
    platform.stop()
    offline = leases.take(handler, branch.transport(), case_id)
    assert (offline.is_mine, offline.code) == (False, "lease_offline")
    assert not leases.release(handler, branch.transport(), case_id)
    platform.start()


def test_who_comes_second_to_a_case_is_told_who_has_it(platform, branch, hall):
    case_id = hall.object_to(stored(branch), {"field": "CF_NR_FK", "old": "0.1", "claimed": "0.01"})
    handler = branch.sit_down("handler")
    assert leases.take(handler, branch.transport(), case_id).is_mine
    colleague = branch.person("handler")["name"]

    other = leases.take(branch.sit_down("reviewer"), branch.transport(), case_id)

    assert (other.is_mine, other.name, other.code) == (False, colleague, "case_leased")
    assert other.until is not None


def test_the_hall_finds_a_record_of_another_unit_and_takes_a_case_in_that_comes_down_there(branch, hall):
    record_id = stored(branch)
    code = branch.desk.db.reader().value("SELECT subject_code FROM record WHERE record_id = ?", (record_id,))
    desk = hall.branch.desk

    found = {one.record_id: one for one in finding.of_subject(desk, hall.branch.transport(), code)}
    assert (found[record_id].snapshot.unit, found[record_id].disputed) == (UNIT, False)
    snapshots = {one.record_id: one.snapshot for one in found.values()}
    case_id = case_posts.register(desk, taken_in(record_id), found=snapshots)
    hall.branch.sync()

    branch.sync_until(lambda: bool(cases.list_cases(branch.desk.db.reader())))
    case = cases.get(branch.desk.db.reader(), case_id)
    assert (case.stage, case.hall_unit, case.records[0].record_id) == ("received", HALL, record_id)
