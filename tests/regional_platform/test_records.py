"""Records as they are read: who may see what, and what stands there."""

from __future__ import annotations

import hashlib

import pytest


@pytest.fixture
def three(served):
    """Desks of three units, each with two records, and the hall."""
    desks = {code: served.desk(code) for code in ("350200-01", "350600-01", "350500-02")}
    contents = {code: [desk.content(n) for n in range(2)] for code, desk in desks.items()}
    for code, desk in desks.items():
        desk.send(contents[code])
    return desks, contents, served.desk("350200-00")


def listed(desk, **query):
    answer = desk.call("GET", "/v1/records", params=query)
    assert answer.status_code == 200, answer.text
    return {one["record_id"] for one in answer.json()["records"]}


def test_a_unit_lists_its_own_records_and_the_hall_all(three):
    desks, contents, hall = three
    ids = {code: {one["record_id"] for one in made} for code, made in contents.items()}

    for code, desk in desks.items():
        assert listed(desk) == listed(desk, unit=code) == ids[code]
    assert listed(hall) == set.union(*ids.values())
    assert listed(hall, unit="350600-01") == ids["350600-01"]
    assert listed(hall, unit="350600-01", item="XZXK_FR") == set()
    assert listed(hall, unit="350600-01", item="XZCF_FR") == ids["350600-01"]


def test_pages_meet_without_gap_or_double(three):
    hall = three[2]
    first = hall.call("GET", "/v1/records", params={"limit": 4}).json()
    rest = hall.call("GET", "/v1/records", params={"limit": 4, "after": first["next"]}).json()
    seen = [one["record_id"] for one in first["records"] + rest["records"]]

    assert (len(first["records"]), len(rest["records"]), rest["next"]) == (4, 2, None)
    assert seen == sorted(set(seen))


def test_no_unit_sees_or_touches_what_is_anothers(three, tools):
    """Unit × resource: every id that one unit knows is shown to every other."""
    desks, contents, hall = three
    batches = {code: desk.batch(desk.approved([desk.content(5)])) for code, desk in desks.items()}
    openings = {}
    for code, desk in desks.items():
        desk.post(batches[code])
        desk.put(code.encode())
        openings[code] = hall.opening(contents[code][0]["record_id"])
        assert hall.open_case(openings[code]).status_code == 201
    seen = {}
    for owner in desks:
        paths = {
            "record": f"/v1/records/{contents[owner][0]['record_id']}",
            "records": f"/v1/records?unit={owner}",
            "batch": f"/v1/batches/{batches[owner]['batch_id']}",
            "case": f"/v1/cases/{openings[owner]['case_id']}",
            "attachment": f"/v1/attachments/{digest_of(owner)}",
        }
        for caller, desk in desks.items():
            for what, path in paths.items():
                answer = desk.call("GET", path)
                seen[what, caller == owner] = seen.get((what, caller == owner), set()) | {answer.status_code}
        for role in ("reporter", "reviewer", "handler", "admin"):
            stranger = desks["350200-01" if owner != "350200-01" else "350600-01"]
            assert stranger.call("GET", paths["record"], role=role).status_code == 404

    assert {key: codes for key, codes in seen.items() if key[1]} == {
        (what, True): {200} for what in ("record", "records", "batch", "case", "attachment")
    }
    assert {key: codes for key, codes in seen.items() if not key[1]} == {
        ("record", False): {404}, ("records", False): {403}, ("batch", False): {404}, ("case", False): {404},
        ("attachment", False): {404},
    }  # fmt: skip


def digest_of(text):
    return hashlib.sha256(text.encode()).hexdigest()


def test_a_record_nobody_knows_is_not_there(desk, tools):
    answer = desk.call("GET", f"/v1/records/{tools.new_id()}")

    assert (answer.status_code, tools.code_of(answer.json())) == (404, "record-unknown")


def test_a_record_of_which_nothing_was_accepted_has_no_head(desk):
    content = desk.content(payload={"CF_NR_FK": None})
    desk.send([content])
    record = desk.record(content["record_id"])

    assert (record["head"], record["stage"], record["disputed"]) == (None, None, False)
    assert [one["outcome"] for one in record["versions"]] == ["rejected"]
