"""A correction reaches every unit that holds the record, and the case waits until each of them knows."""

from __future__ import annotations

import pytest

from regional_platform.auth.enrolment import revoke_device
from regional_platform.propagation import has_to_tell, note_holder
from regional_platform.times import iso

NOWHERE = "018f0000-0000-7000-8000-000000000000"
OTHER_CITY = "350600-01"


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


@pytest.fixture
def corrected(hall, desk, stored):
    """The record under dispute, seen by the hall, its correction decided and sent: case and correction."""
    hall.record(stored["record_id"], role="hall")
    case = hall.open_case(hall.opening(stored["record_id"])).json()
    correction = desk.correction(stored, payload=desk.penalty(0, CF_NR_FK="0.03"), case_id=case["case_id"])
    decision = desk.decision(case, [correction["version_id"]])
    assert desk.outcomes([decision, correction], maker="handler") == ["accepted"] * 2
    desk.stages([decision["version_id"], correction["version_id"]])
    return case, correction


def read(desk, case):
    return desk.call("GET", f"/v1/cases/{case['case_id']}", role="handler").json()


def heard(desk, kind):
    items = desk.feed_until(lambda items: any(one["type"] == kind for one in items))
    return [one["data"] for one in items if one["type"] == kind]


def waive(desk, case, correction, /, role="handler", **changed):
    body = {"version_id": correction["version_id"], "unit": "350200-00", "reason": "终端已报废", **changed}
    return desk.call("POST", f"/v1/cases/{case['case_id']}/waivers", role=role, json=body)


def transfer(desk, case, /, tools, role="handler", **changed):
    body = {
        "transfer_id": tools.new_id(), "revision": case["revision"], "to_unit": OTHER_CITY,
        "reason": "该行为由漳州办理", **changed,
    }  # fmt: skip
    headers = {"Idempotency-Key": f'"{body["transfer_id"]}"'}
    return desk.call("POST", f"/v1/cases/{case['case_id']}/transfers", role=role, json=body, headers=headers)


def test_a_case_waits_for_every_unit_that_was_shown_the_record(corrected, desk):
    case, correction = corrected

    now = read(desk, case)

    assert now["state"] == "decided"
    assert [(one["unit"], one["version_id"], one["desks"]) for one in now["waiting_for"]] == [
        ("350200-00", correction["version_id"], ["窗口一号机"])
    ]


def test_reading_on_is_the_confirmation_and_closes_the_case(corrected, hall, desk, stored):
    case, correction = corrected
    told = heard(hall, "record.changed")
    assert told == [
        {"record_id": stored["record_id"], "version_id": correction["version_id"], "op": "correct"}
    ]
    assert read(desk, case)["state"] == "decided", "hearing of it is not yet having applied it"

    head = hall.feed()["head"]
    hall.feed(after=head, applied=head - 1)
    assert read(desk, case)["state"] == "decided", "a page that is fetched ahead confirms nothing of itself"

    hall.feed(after=head)

    assert (read(desk, case)["state"], read(desk, case)["waiting_for"]) == ("closed", [])
    (place,) = desk.call("GET", f"/v1/records/{stored['record_id']}/places").json()["places"]
    assert (place["unit"], [one["how"] for one in place["confirmations"]]) == ("350200-00", ["read"])


def test_every_desk_of_the_unit_must_have_read_on(served, hall, desk, stored):
    second = served.desk("350200-00")
    second.token("hall")
    served.clock.turn(seconds=31)
    hall.record(stored["record_id"], role="hall")
    change = desk.correction(stored, payload=desk.penalty(0, CF_NR_FK="0.03"))
    desk.send([change])
    desk.stages([change["version_id"]])
    asked = f"/v1/records/{stored['record_id']}/places"

    def settled():
        (place,) = desk.call("GET", asked).json()["places"]
        return [one["settled_at"] is not None for one in place["confirmations"]]

    assert settled() == [False]
    hall.feed(after=hall.feed()["head"])
    assert settled() == [False]
    with served.platform.store.reading() as connection:
        head = hall.feed()["head"]
        assert not has_to_tell(connection, "350200-00", hall.device_id, head), (
            "counted once, not at each look"
        )
        assert has_to_tell(connection, "350200-00", second.device_id, head)
    second.feed(after=hall.feed()["head"])
    assert settled() == [True]


def test_a_desk_that_was_revoked_is_not_waited_for(served, hall, desk, stored):
    second = served.desk("350200-00")
    hall.record(stored["record_id"], role="hall")
    change = desk.correction(stored, payload=desk.penalty(0, CF_NR_FK="0.03"))
    desk.send([change])
    desk.stages([change["version_id"]])
    head = hall.feed()["head"]
    hall.feed(after=head)

    served.platform.store.write(lambda writing: revoke_device(writing, second.device_id, iso(served.clock())))
    hall.feed(after=head)

    (place,) = desk.call("GET", f"/v1/records/{stored['record_id']}/places").json()["places"]
    assert [one["how"] for one in place["confirmations"]] == ["read"]


def test_what_a_batch_says_to_have_read_counts_as_read(served, desk, stored):
    holder, record_id = served.desk(OTHER_CITY), stored["record_id"]
    served.platform.store.write(lambda writing: note_holder(writing, OTHER_CITY, [record_id], served.clock()))
    change = desk.correction(stored, payload=desk.penalty(0, CF_NR_FK="0.03"))
    desk.send([change])
    desk.stages([change["version_id"]])
    head = holder.feed()["head"]

    holder.receipts(holder.post(holder.batch(holder.approved([holder.content()]), feed_ack=head)))
    holder.feed(after=head)

    (place,) = desk.call("GET", f"/v1/records/{record_id}/places").json()["places"]
    assert [one["how"] for one in place["confirmations"]] == ["read"]


def test_a_named_person_may_waive_a_confirmation_with_a_reason(corrected, desk, stored):
    case, correction = corrected

    assert waive(desk, case, correction).json()["state"] == "closed"

    (place,) = desk.call("GET", f"/v1/records/{stored['record_id']}/places").json()["places"]
    (kept,) = place["confirmations"]
    person = desk.person("handler")["operator_id"]
    assert (kept["how"], kept["settled_by"], kept["reason"]) == ("waived", person, "终端已报废")
    assert waive(desk, case, correction, reason="再说一次").status_code == 200
    again = desk.call("GET", f"/v1/records/{stored['record_id']}/places").json()["places"][0]
    assert again["confirmations"] == [kept]


@pytest.mark.parametrize(
    ("role", "changed", "status", "code"),
    [
        ("reporter", {}, 403, "not-authorised"),
        ("handler", {"unit": OTHER_CITY}, 422, "field-invalid"),
        ("handler", {"version_id": NOWHERE}, 422, "field-invalid"),
        ("handler", {"reason": ""}, 400, "malformed"),
    ],
)
def test_what_cannot_be_waived_is_refused(corrected, desk, tools, role, changed, status, code):
    answer = waive(desk, *corrected, role=role, **changed)

    assert (answer.status_code, tools.code_of(answer.json())) == (status, code)


def test_another_unit_waives_nothing(served, corrected, tools):
    answer = waive(served.desk("350200-02"), *corrected)

    assert (answer.status_code, tools.code_of(answer.json())) == (404, "case-unknown")


def test_whoever_was_never_shown_a_record_is_not_told_of_it(desk, hall, stored):
    change = desk.correction(stored, payload=desk.penalty(0, CF_NR_FK="0.03"))
    desk.send([change])
    desk.stages([change["version_id"]])

    assert hall.feed()["items"] == []
    assert desk.call("GET", f"/v1/records/{stored['record_id']}/places").json() == {"places": []}


def test_a_withdrawal_is_told_like_a_correction(desk, hall, stored):
    hall.call("GET", "/v1/records")
    gone = desk.withdrawal(stored)
    desk.send([gone])
    desk.stages([gone["version_id"]])

    assert [one["op"] for one in heard(hall, "record.changed")] == ["withdraw"]


def test_a_transferred_case_is_the_other_units_and_all_parties_are_told(served, hall, desk, stored, tools):
    other = served.desk(OTHER_CITY)
    case = hall.open_case(hall.opening(stored["record_id"])).json()

    moved = transfer(desk, case, tools)

    assert moved.status_code == 201
    made = moved.json()
    assert (made["unit"], made["state"], made["revision"] != case["revision"]) == (OTHER_CITY, "opened", True)
    event = made["events"][-1]
    assert (event["kind"], event["event_id"]) == ("transferred", made["revision"])
    assert (event["data"]["from_unit"], event["data"]["to_unit"]) == ("350200-01", OTHER_CITY)
    for party in (desk, hall, other):
        assert heard(party, "case.changed")[-1] == made
    assert [one["case_id"] for one in other.call("GET", "/v1/cases").json()["cases"]] == [case["case_id"]]
    assert desk.call("GET", "/v1/cases").json()["cases"] == []
    assert read(desk, case)["unit"] == OTHER_CITY


def test_a_transfer_sent_twice_is_made_once(hall, desk, stored, tools):
    case = hall.open_case(hall.opening(stored["record_id"])).json()
    transfer_id = tools.new_id()

    first = transfer(desk, case, tools, transfer_id=transfer_id)
    again = transfer(desk, case, tools, transfer_id=transfer_id)
    changed = transfer(desk, case, tools, transfer_id=transfer_id, reason="另一个理由")

    assert first.json() == again.json()
    assert again.headers["Idempotency-Replayed"] == "true"
    assert tools.code_of(changed.json()) == "key-reused"


@pytest.mark.parametrize(
    ("role", "changed", "status", "code"),
    [
        ("reporter", {}, 403, "not-authorised"),
        ("handler", {"to_unit": "350200-01"}, 422, "field-invalid"),
        ("handler", {"to_unit": "nowhere"}, 422, "field-invalid"),
        ("handler", {"to_unit": "350600"}, 422, "field-invalid"),
        ("handler", {"revision": NOWHERE}, 412, "stale"),
    ],
)
def test_a_transfer_to_nobody_or_by_nobody_is_refused(hall, desk, stored, tools, role, changed, status, code):
    case = hall.open_case(hall.opening(stored["record_id"])).json()

    answer = transfer(desk, case, tools, role=role, **changed)

    assert (answer.status_code, tools.code_of(answer.json())) == (status, code)


def test_after_a_transfer_the_other_unit_decides_and_the_supplier_corrects(served, hall, desk, stored, tools):
    other = served.desk(OTHER_CITY)
    case = hall.open_case(hall.opening(stored["record_id"])).json()
    made = transfer(desk, case, tools).json()
    correction = desk.correction(stored, payload=desk.penalty(0, CF_NR_FK="0.03"), case_id=case["case_id"])

    assert desk.outcomes([desk.decision(made)], maker="handler") == ["rejected stale"]
    decision = other.decision(made, [correction["version_id"]])
    assert other.outcomes([decision], maker="handler") == ["accepted"]
    assert desk.outcomes([correction], maker="handler") == ["accepted"]

    assert heard(other, "case.closed")[-1]["decision"]["version_id"] == decision["version_id"]


def test_holders_are_told_at_once_that_a_record_is_disputed_and_when_it_no_longer_is(
    served, hall, desk, stored
):
    holder, record_id = served.desk(OTHER_CITY), stored["record_id"]
    served.platform.store.write(lambda writing: note_holder(writing, OTHER_CITY, [record_id], served.clock()))

    case = hall.accepted(record_id)
    assert heard(holder, "record.disputed") == [{"record_id": record_id, "disputed": True}]
    desk.outcomes([desk.decision(case)], maker="handler")
    heard(desk, "case.closed")

    assert [one["disputed"] for one in heard(holder, "record.disputed")] == [True, False]


def test_an_objection_to_a_record_of_a_closed_unit_goes_to_the_unit_above_it(served, hall, tools):
    station = served.desk("350200-01-01")
    content = station.content()
    station.send([content])
    station.stages([content["version_id"]])
    admin = served.desk("350200-01")
    closed = admin.call("PUT", "/v1/units/350200-01-01/closure", role="admin", json={"reason": "机构合并"})
    assert closed.status_code == 200, closed.text

    case = hall.open_case(hall.opening(content["record_id"])).json()

    assert case["unit"] == "350200-01"
    assert heard(admin, "case.opened")[-1]["case_id"] == case["case_id"]
