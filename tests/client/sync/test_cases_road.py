"""An objection, from the hall down to the department and its decision up again, along the real platform."""

from __future__ import annotations

import pytest

from client.store import attachments, cases
from client.store.approvals import approve
from tests.client.sync.branch import Branch, Hall, Ledger, check_agreement

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
