"""What may be said of a case, when, by whom; the mark that follows from it; who has it in hand."""

from __future__ import annotations

import itertools

import pytest

NOWHERE = "018f0000-0000-7000-8000-000000000000"
OTHER = "350200-02"
DATA = {
    "accepted": {}, "resumed": {},
    "refused": {"code": "not_accepted", "text": "材料与申请不符。"},
    "supplement_asked": {"items": ["身份证复印件", "缴款凭证"], "until": "2026-12-01"},
    "supplemented": {"materials": [{"kind": "id_card", "name": "身份证", "sha256": None}], "evidence": []},
    "assigned": {"operator_id": None, "name": ""},
    "suspended": {"reason": "需要专家评审", "examiner": "省计量院"},
    "told": {"how": "当面送达", "document": None},
    "withdrawn": {"text": "申请人不再要求处理。"},
}  # fmt: skip


@pytest.fixture(scope="module")
def served(shared):
    return shared


@pytest.fixture(scope="module")
def hall(served):
    return served.desk("350200-00")


@pytest.fixture(scope="module")
def desk(served):
    return served.desk()


@pytest.fixture(scope="module")
def numbers():
    return itertools.count()


@pytest.fixture
def stored(desk, numbers):
    content = desk.content(next(numbers))
    desk.send([content])
    desk.stages([content["version_id"]])
    return content


@pytest.fixture
def case(hall, stored):
    return hall.open_case(hall.opening(stored["record_id"])).json()


def walk(desk, case, *kinds, **how):
    """Say one thing after the other; returns the case as it is then."""
    for kind in kinds:
        answer = desk.say(case, kind, DATA[kind], **how)
        assert answer.status_code == 201, answer.text
        case = answer.json()
    return case


def test_what_is_said_stands_in_the_history_under_the_id_that_its_writer_gave(desk, hall, case, served):
    accepted = walk(desk, case, "accepted")

    event = accepted["events"][-1]
    assert (event["kind"], event["unit"], event["event_id"]) == (
        "accepted",
        "350200-01",
        accepted["revision"],
    )
    assert (accepted["stage"], accepted["state"]) == ("accepted", "opened")
    for party in (desk, hall):
        items = party.feed_until(lambda items: any(one["data"] == accepted for one in items))
        assert items[-1]["type"] == "case.changed"


def test_a_chain_that_was_written_without_a_line_is_taken_event_by_event(hall, desk, stored, tools):
    opening = hall.opening(stored["record_id"])
    accepted, taken = tools.new_id(), tools.new_id()

    hall.open_case(opening)
    first = desk.say(opening, "accepted", {}, event_id=accepted, revision=opening["case_id"])
    second = desk.say(opening, "assigned", DATA["assigned"], event_id=taken, revision=accepted)
    again = desk.say(opening, "accepted", {}, event_id=accepted, revision=opening["case_id"])

    assert [one.status_code for one in (first, second, again)] == [201] * 3
    assert again.json() == second.json()
    assert again.headers["Idempotency-Replayed"] == "true"
    other = desk.say(opening, "told", DATA["told"], event_id=accepted, revision=taken)
    assert tools.code_of(other.json()) == "key-reused"


STAGES = (
        ((), "accepted", "accepted"),
        ((), "refused", "refused"),
        ((), "supplement_asked", "supplement"),
        (("supplement_asked",), "supplemented", "received"),
        (("supplement_asked",), "refused", "refused"),
        (("supplement_asked",), "accepted", None),
        (("supplement_asked", "supplemented"), "accepted", "accepted"),
        (("supplement_asked", "supplemented"), "supplement_asked", None),
        ((), "supplemented", None),
        (("accepted",), "accepted", None),
        (("accepted",), "refused", None),
        (("accepted",), "suspended", "suspended"),
        (("accepted", "suspended"), "suspended", None),
        (("accepted", "suspended"), "resumed", "accepted"),
        (("accepted",), "resumed", None),
        (("accepted",), "withdrawn", "withdrawn"),
        (("refused",), "told", "refused"),
        (("refused",), "accepted", None),
        (("withdrawn",), "assigned", None),
)  # fmt: skip


def test_each_kind_has_its_stages(desk, hall, stored, tools):
    """Each line: what was said before, what is said now, and the stage that follows, where it fits."""
    wrong = []
    for number, (before, kind, stage) in enumerate(STAGES):
        opening = hall.opening(stored["record_id"], about={"reason_code": f"reason_{number}"})
        now = walk(desk, hall.open_case(opening).json(), *before)

        answer = desk.say(now, kind, DATA[kind])

        said = answer.json()
        got = said["stage"] if answer.status_code == 201 else (tools.code_of(said), said["stage"])
        if got != (stage or ("event-unfitting", now["stage"])):
            wrong.append(f"{before}, {kind}: {got}, should be {stage}")
    assert not wrong, "\n".join(wrong)


def test_the_mark_begins_with_the_acceptance_and_ends_with_the_case(desk, hall, case, stored, served):
    seen = [desk.record(stored["record_id"])["disputed"]]
    accepted = walk(hall, case, "accepted", role="hall")
    seen += [
        desk.record(stored["record_id"])["disputed"],
        hall.record(stored["record_id"], role="hall")["disputed"],
    ]
    walk(hall, accepted, "withdrawn", role="hall")
    seen.append(desk.record(stored["record_id"])["disputed"])

    assert seen == [False, True, True, False]


def test_who_decides_on_a_case_that_was_not_taken_up_takes_it_up(desk, case):
    assert desk.outcomes([desk.decision(case)], maker="handler") == ["accepted"]

    kinds = [one["kind"] for one in desk.call("GET", f"/v1/cases/{case['case_id']}").json()["events"]]
    assert kinds[:3] == ["received", "accepted", "decided"]


@pytest.mark.parametrize("before", [("supplement_asked",), ("accepted", "suspended")])
def test_nobody_decides_while_papers_are_missing_or_an_expert_examines(desk, case, before):
    now = walk(desk, case, *before)

    assert desk.outcomes([desk.decision(now)], maker="handler") == ["rejected event-unfitting"]


def test_what_was_written_of_an_older_case_is_answered_with_the_case_as_it_is(desk, case, tools):
    now = walk(desk, case, "accepted")

    answer = desk.say(case, "told", DATA["told"])

    assert (answer.status_code, tools.code_of(answer.json())) == (412, "stale")
    assert answer.json()["current"] == now


@pytest.mark.parametrize(
    ("kind", "data", "status", "code"),
    [
        pytest.param("told", {}, 400, "malformed", id="members missing"),
        pytest.param("accepted", {"why": "so"}, 400, "malformed", id="a member too many"),
        pytest.param("supplement_asked", {"items": [], "until": None}, 400, "malformed", id="nothing"),
        pytest.param("supplement_asked", {"items": ["x"], "until": "2026-02-31"}, 422, "field-invalid",
                     id="no such day"),
        pytest.param("assigned", {"operator_id": "x", "name": "无"}, 422, "field-invalid", id="to nobody"),
    ],
)  # fmt: skip
def test_an_event_that_is_not_whole_is_pointed_at(desk, case, tools, kind, data, status, code):
    answer = desk.say(case, kind, data, role="admin" if kind == "assigned" else "handler")

    assert (answer.status_code, tools.code_of(answer.json())) == (status, code)
    assert answer.json()["errors"][0]["pointer"].startswith("#/data")


def test_papers_that_were_handed_in_later_are_read_by_the_other_side(desk, hall, case, served, tools):
    asked = walk(desk, case, "supplement_asked")
    sha = "0" * 64
    later = {"materials": [{"kind": "id_card", "name": "身份证", "sha256": sha}], "evidence": []}
    missing = hall.say(asked, "supplemented", later, role="hall")
    later["materials"][0]["sha256"] = hall.put("身份证".encode(), role="hall")
    hall.say(asked, "supplemented", later, role="hall")

    assert tools.code_of(missing.json()) == "attachment-missing"
    assert desk.call("GET", f"/v1/attachments/{later['materials'][0]['sha256']}").status_code == 200


def test_a_handler_takes_a_case_and_an_admin_gives_it_to_anybody_of_the_unit(desk, case, tools):
    handler, other = desk.person("handler"), desk.person("reviewer")
    given = desk.say(case, "assigned", {"operator_id": other["operator_id"], "name": ""}, role="handler")
    taken = desk.say(case, "assigned", {"operator_id": handler["operator_id"], "name": ""}, role="handler")
    assert tools.code_of(given.json()) == "not-authorised"
    assert taken.json()["owner"] == {"operator_id": handler["operator_id"], "name": handler["name"]}

    moved = desk.say(
        taken.json(), "assigned", {"operator_id": other["operator_id"], "name": ""}, role="admin"
    )
    assert moved.json()["owner"]["operator_id"] == other["operator_id"]


def test_the_same_applicant_objects_once_to_a_record_for_a_reason_while_it_is_open(
    desk, hall, case, stored, tools
):
    again = hall.open_case(hall.opening(stored["record_id"]))
    another_reason = hall.open_case(hall.opening(stored["record_id"], about={"reason_code": "expired"}))
    walk(hall, case, "withdrawn", role="hall")
    after = hall.open_case(hall.opening(stored["record_id"]))

    assert (again.status_code, tools.code_of(again.json())) == (409, "case-repeated")
    assert again.json()["case_id"] == case["case_id"]
    assert [one.status_code for one in (another_reason, after)] == [201, 201]


def test_a_handler_takes_objections_in_to_records_of_the_own_unit_only(served, desk, stored, tools):
    other = served.desk(OTHER)
    foreign = other.content(7)
    other.send([foreign])
    own = desk.open_case(desk.opening(stored["record_id"]), role="handler")
    not_ours = desk.open_case(desk.opening(foreign["record_id"]), role="handler")
    of_two = served.desk("350200-00").open_case(desk.opening(stored["record_id"], foreign["record_id"]))

    assert (own.status_code, own.json()["hall_unit"]) == (201, "350200-01")
    for answer in (not_ours, of_two):
        assert (answer.status_code, tools.code_of(answer.json())) == (409, "record-of-another-unit")


def test_a_case_in_hand_is_kept_from_others_for_half_an_hour_and_let_go(served, desk, hall, case, tools):
    at = f"/v1/cases/{case['case_id']}"
    mine = desk.call("PUT", at + "/lease", role="handler").json()
    theirs = desk.call("PUT", at + "/lease", role="admin")

    assert mine["operator_id"] == desk.person("handler")["operator_id"]
    assert (theirs.status_code, tools.code_of(theirs.json())) == (409, "case-leased")
    assert theirs.json()["until"] == mine["until"]
    assert hall.call("GET", at, role="hall").json()["lease"] == mine
    served.clock.turn(minutes=31)
    assert desk.call("GET", at).json()["lease"] is None
    taken = desk.call("PUT", at + "/lease", role="admin").json()
    assert desk.call("DELETE", at + "/lease", role="handler").status_code == 204
    assert desk.call("GET", at).json()["lease"] == taken
    assert desk.call("DELETE", at + "/lease", role="admin").status_code == 204
    assert desk.call("GET", at).json()["lease"] is None
    walk(desk, case, "refused")
    assert tools.code_of(desk.call("PUT", at + "/lease", role="handler").json()) == "event-unfitting"
