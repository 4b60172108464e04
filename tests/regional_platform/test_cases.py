"""Objections: opened at the hall, decided by a handler and a reviewer, closed when carried out."""

from __future__ import annotations

import hashlib

import pytest

NOWHERE = "018f0000-0000-7000-8000-000000000000"


@pytest.fixture
def hall(served):
    return served.desk("350200-00")


@pytest.fixture
def stored(desk):
    """A stored record of the desk."""
    content = desk.content()
    desk.send([content])
    desk.stages([content["version_id"]])
    return content


def opened(hall, *record_ids, **changed):
    answer = hall.open_case(hall.opening(*record_ids, **changed))
    assert answer.status_code == 201, answer.text
    return answer.json()


def decide(desk, *contents):
    return desk.outcomes(contents, maker="handler")


def news(desk, kind):
    """Wait for news of a kind; returns the case as the last of them has it."""
    items = desk.feed_until(lambda items: any(one["type"] == kind for one in items))
    return [one["data"] for one in items if one["type"] == kind][-1]


def test_an_objection_reaches_the_unit_that_supplied_the_record(hall, desk, stored):
    case = opened(hall, stored["record_id"])

    told = news(desk, "case.opened")
    read = desk.call("GET", f"/v1/cases/{case['case_id']}").json()
    assert told == case == {name: value for name, value in read.items() if name in told}
    assert (case["state"], case["unit"]) == ("opened", "350200-01")
    assert (case["due_on"], case["decision"], case["closed_at"]) == (None, None, None)
    (disputed,) = case["records"]
    assert {name: disputed[name] for name in ("version_id", "catalog", "payload")} == {
        name: stored[name] for name in ("version_id", "catalog", "payload")
    }
    assert [one["kind"] for one in case["events"]] == ["received"]
    assert (case["stage"], case["revision"], case["hall_unit"]) == ("received", case["case_id"], "350200-00")
    assert news(hall, "case.opened") == case


def test_a_record_under_dispute_says_so_to_every_reader_until_the_case_is_closed(hall, desk, stored):
    assert desk.record(stored["record_id"])["disputed"] is False
    case = hall.accepted(stored["record_id"])

    assert desk.record(stored["record_id"])["disputed"] is True
    assert hall.record(stored["record_id"], role="hall")["disputed"] is True
    assert desk.call("GET", "/v1/records").json()["records"][0]["disputed"] is True
    assert decide(desk, desk.decision(case)) == ["accepted"]
    news(desk, "case.closed")
    assert desk.record(stored["record_id"])["disputed"] is False


def test_a_decision_that_corrects_closes_when_the_correction_is_stored(hall, desk, stored):
    case = opened(hall, stored["record_id"])
    correction = desk.correction(stored, payload=desk.penalty(0, CF_NR_FK="0.03"), case_id=case["case_id"])
    decision = desk.decision(case, [correction["version_id"]])

    assert decide(desk, decision) == ["accepted"]
    decided = news(desk, "case.changed")
    assert (decided["state"], decided["decision"]["version_id"]) == ("decided", decision["version_id"])
    desk.stages([decision["version_id"]])
    assert desk.call("GET", f"/v1/cases/{case['case_id']}").json()["state"] == "decided"
    assert decide(desk, correction) == ["accepted"]
    closed = news(desk, "case.closed")
    assert closed["closed_at"] is not None
    assert desk.record(stored["record_id"])["head"]["payload"]["CF_NR_FK"] == "0.03"
    assert len({case["revision"], decided["revision"], closed["revision"]}) == 3


def test_a_decision_and_its_correction_may_come_in_one_act_in_either_order(hall, desk, stored):
    case = opened(hall, stored["record_id"])
    correction = desk.correction(stored, payload=desk.penalty(0, CF_NR_FK="0.03"), case_id=case["case_id"])

    assert decide(desk, correction, desk.decision(case, [correction["version_id"]])) == ["accepted"] * 2
    news(desk, "case.closed")
    assert [one["type"] for one in desk.feed()["items"] if one["type"] != "stage"] == [
        "case.opened", "case.changed", "case.closed",
    ]  # fmt: skip


def test_a_decision_cannot_be_corrected_as_if_its_case_were_a_record(hall, desk, stored):
    decision = desk.decision(opened(hall, stored["record_id"]))
    of_the_case = {**stored, "record_id": decision["record_id"], "version_id": decision["version_id"]}
    correction = desk.correction(of_the_case)

    assert decide(desk, decision) == ["accepted"]
    assert desk.outcomes([correction]) == ["rejected malformed"]


def test_a_decision_has_no_subject_and_goes_straight_to_stored(hall, desk, stored):
    decision = desk.decision(opened(hall, stored["record_id"]))
    decide(desk, decision)

    assert desk.stages([decision["version_id"]]) == ["stored"]


def test_a_decision_on_an_older_revision_is_stale_and_shows_the_current_one(hall, desk, stored):
    case = opened(hall, stored["record_id"])
    first, second = desk.decision(case), desk.decision(case)
    receipts = desk.send([first, second], maker="handler")
    current = desk.call("GET", f"/v1/cases/{case['case_id']}").json()

    assert [one["outcome"] for one in receipts] == ["accepted", "rejected"]
    shown = receipts[1]["problem"]["current"]
    assert (shown["case_id"], shown["state"]) == (case["case_id"], "decided")
    assert current["decision"]["version_id"] == first["version_id"]


def test_a_closed_case_stays_closed(hall, desk, stored):
    case = opened(hall, stored["record_id"])
    decide(desk, desk.decision(case))
    closed = news(desk, "case.closed")

    assert decide(desk, desk.decision(closed)) == ["rejected stale"]


def test_a_decision_whose_correction_was_rejected_can_be_replaced(hall, desk, stored):
    case = opened(hall, stored["record_id"])
    wrong = desk.correction(stored, payload=desk.penalty(0, CF_NR_FK="-1"), case_id=case["case_id"])
    assert decide(desk, desk.decision(case, [wrong["version_id"]]), wrong) == [
        "accepted", "rejected field-invalid",
    ]  # fmt: skip
    decided = desk.call("GET", f"/v1/cases/{case['case_id']}").json()
    right = desk.correction(stored, payload=desk.penalty(0, CF_NR_FK="0.03"), case_id=case["case_id"])

    assert decide(desk, desk.decision(decided, [right["version_id"]]), right) == ["accepted"] * 2
    assert news(desk, "case.closed")["decision"]["corrections"] == [right["version_id"]]


def test_only_a_handler_decides(hall, desk, stored):
    case = opened(hall, stored["record_id"])

    assert desk.outcomes([desk.decision(case)], maker="reporter") == ["rejected not-authorised"]


@pytest.mark.parametrize(
    ("findings", "member"),
    [
        pytest.param(
            [{"field": "CF_SY", "finding": "stands"}], "disputes", id="the disputed field has no finding"
        ),
        pytest.param(
            [{"field": "CF_NR_FK", "finding": "correct_to", "value": "1"}], "corrections",
            id="a correction without a version",
        ),
        pytest.param(
            [{"field": "CF_NR_FK", "finding": "stands"}] * 2, "disputes", id="two findings on one field"
        ),
    ],
)  # fmt: skip
def test_an_incomplete_decision_is_pointed_at(hall, desk, stored, findings, member):
    case = opened(hall, stored["record_id"])
    decision = desk.decision(case)
    decision["payload"]["disputes"] = [
        {**one, "record_id": case["records"][0]["record_id"]} for one in findings
    ]
    (receipt,) = desk.send([decision], maker="handler")

    assert receipt["problem"]["type"] == "urn:minxin:problem:field-invalid"
    assert f"#/payload/{member}" in {one["pointer"] for one in receipt["problem"]["errors"]}


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"payload": {"text": "x"}}, id="members missing"),
        pytest.param({"catalog": "XZCF_FR@2026.1"}, id="another catalog"),
        pytest.param({"item_sha256": "1" * 64}, id="an item digest"),
        pytest.param({"case_id": None}, id="no case"),
    ],
)
def test_a_misshapen_decision_is_rejected(hall, desk, stored, changed):
    decision = {**desk.decision(opened(hall, stored["record_id"])), **changed}

    assert decide(desk, decision) == ["rejected malformed"]


def test_a_case_of_another_unit_cannot_be_decided_named_or_read(served, hall, desk, stored, tools):
    case = opened(hall, stored["record_id"])
    other = served.desk("350600-01")
    naming = other.content(3, case_id=case["case_id"])

    assert decide(other, other.decision(case)) == ["rejected case-unknown"]
    assert other.outcomes([naming]) == ["rejected case-unknown"]
    answer = other.call("GET", f"/v1/cases/{case['case_id']}")
    assert (answer.status_code, tools.code_of(answer.json())) == (404, "case-unknown")


def test_anothers_stored_version_does_not_carry_a_decision_out(served, hall, desk, stored):
    case = opened(hall, stored["record_id"])
    other = served.desk("350600-01")
    foreign = other.content(3)
    other.send([foreign])
    other.stages([foreign["version_id"]])
    decision = desk.decision(case, [foreign["version_id"]])
    decide(desk, decision)
    desk.stages([decision["version_id"]])

    assert desk.call("GET", f"/v1/cases/{case['case_id']}").json()["state"] == "decided"


def test_the_same_opening_again_opens_nothing_and_other_content_is_refused(hall, stored, tools):
    opening = hall.opening(stored["record_id"])
    first, again = hall.open_case(opening), hall.open_case(opening)
    other = hall.open_case({**opening, "statement": "换了说法"})

    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert again.headers["Idempotency-Replayed"] == "true"
    assert (other.status_code, tools.code_of(other.json())) == (422, "key-reused")
    assert len(hall.call("GET", "/v1/feed", role="hall", params={"epoch": hall.epoch}).json()["items"]) == 1


@pytest.mark.parametrize(
    ("changed", "status", "code"),
    [
        pytest.param({"about": {"record_id": NOWHERE}}, 404, "record-unknown", id="no record"),
        pytest.param({"about": {"disputes": [{"field": "NO_SUCH", "old": None, "claimed": None}]}}, 422,
                     "field-invalid", id="no such field"),
        pytest.param({"about": {"disputes": []}}, 422, "field-invalid", id="nothing disputed"),
        pytest.param({"kind": "repair"}, 422, "field-invalid", id="a repair that rests on nothing"),
        pytest.param({"records": []}, 400, "malformed", id="no record at all"),
        pytest.param({"taken_in_at": "2026-13-40T25:00:00.000Z"}, 422, "field-invalid", id="no such time"),
        pytest.param({"surprise": 1}, 400, "malformed", id="unknown member"),
        pytest.param({"about": {"evidence": [
            {"sha256": "0" * 64, "size": 1, "name": "a", "media_type": "b/c"},
        ]}}, 409, "attachment-missing", id="evidence that has not come"),
        pytest.param({"materials": [{"kind": "id_card", "name": "身份证", "sha256": "0" * 64}]}, 409,
                     "attachment-missing", id="a material that has not come"),
    ],
)  # fmt: skip
def test_an_objection_that_cannot_be_opened_says_why(hall, stored, tools, changed, status, code):
    answer = hall.open_case(hall.opening(stored["record_id"], **changed))

    assert (answer.status_code, tools.code_of(answer.json())) == (status, code)


def test_there_is_no_objection_to_a_withdrawn_record(hall, desk, stored, tools):
    desk.send([desk.withdrawal(stored)])
    answer = hall.open_case(hall.opening(stored["record_id"]))

    assert (answer.status_code, tools.code_of(answer.json())) == (409, "withdrawn-already")


def test_only_the_hall_opens_cases(desk, stored, tools):
    answer = desk.open_case(desk.opening(stored["record_id"]), role="admin")

    assert (answer.status_code, tools.code_of(answer.json())) == (403, "not-authorised")


def test_both_parties_of_a_case_may_read_its_evidence_and_nobody_else(served, hall, desk, stored):
    proof = b"%PDF-1.7 proof"
    sha256 = hashlib.sha256(proof).hexdigest()
    named = {"sha256": sha256, "size": len(proof), "name": "证明.pdf", "media_type": "application/pdf"}
    hall.put(proof, role="hall")
    assert desk.call("GET", f"/v1/attachments/{sha256}").status_code == 404
    case = opened(hall, stored["record_id"], about={"evidence": [named]})
    reply = b"%PDF-1.7 reply"
    answer = hashlib.sha256(reply).hexdigest()
    desk.put(reply)
    decide(desk, desk.decision(case, evidence=[{**named, "sha256": answer}]))

    assert desk.call("GET", f"/v1/attachments/{sha256}").content == proof
    assert hall.call("GET", f"/v1/attachments/{answer}", role="hall").content == reply
    assert served.desk("350600-01").call("GET", f"/v1/attachments/{sha256}").status_code == 404
