"""After checking: matched or unmatched, stored, and every step told once in the feed."""

from __future__ import annotations

import pytest

from forms.catalog.loader import load_set
from regional_platform.demo import uscc
from regional_platform.pipeline.subjects import Subject, load_subjects
from regional_platform.settings import find_resources

NEW_CODE = uscc("91", "350200", 99)
"""A right code that the library does not have."""

PERSON = "110101199003070011"


def test_a_record_is_matched_and_stored_and_each_stage_has_a_receipt(desk):
    content = desk.content()
    (checked,) = desk.send([content])

    assert desk.stages([content["version_id"]]) == ["matched", "stored"]
    page = desk.feed()
    items = page["items"]
    desk.is_sealed(page, [one["data"] for one in items])
    assert {one["data"]["receipt_no"] for one in items} == {checked["receipt_no"]}
    record = desk.record(content["record_id"])
    assert (record["stage"], record["head"]["stored_at"] is not None) == ("stored", True)


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        pytest.param({"CF_XDR_SHXYM": NEW_CODE}, "subject-unknown", id="unknown code"),
        pytest.param({"CF_XDR_MC": "厦门市另一家有限公司"}, "subject-name-differs", id="another name"),
    ],
)
def test_whom_the_library_does_not_know_stays_unmatched_with_the_reason(desk, tools, changed, code):
    content = desk.content(payload=changed)
    assert desk.outcomes([content]) == ["accepted"]

    assert desk.stages([content["version_id"]], "unmatched") == ["unmatched"]
    told, asked = desk.feed()["items"]
    assert asked["type"] == "question.changed"
    assert tools.outcome(told["data"]) == f"accepted {code}"
    assert desk.record(content["record_id"])["stage"] == "unmatched"


@pytest.mark.parametrize("name", ["厦门 市（甲）食品 有限公司", "厦门市(甲)食品有限公司"])
def test_brackets_width_and_blanks_in_a_name_do_not_count(served, desk, name):
    subject = {"code": NEW_CODE, "name": "厦门市（甲）食品有限公司"}
    load(served, [subject])
    content = desk.content(payload={"CF_XDR_SHXYM": subject["code"], "CF_XDR_MC": name})
    desk.send([content])

    assert desk.stages([content["version_id"]]) == ["matched", "stored"]


def load(served, subjects):
    """What `minxin-platform subjects load` does, in this process."""
    rows = [Subject(one["code"], one["name"]) for one in subjects]
    return served.platform.store.write(lambda connection: load_subjects(connection, rows, served.clock()))


def test_what_waited_is_matched_and_stored_once_its_subject_is_loaded(served, desk):
    subject = {"code": NEW_CODE, "name": "厦门市新来食品有限公司"}
    content = desk.content(payload={"CF_XDR_SHXYM": subject["code"], "CF_XDR_MC": subject["name"]})
    desk.send([content])
    desk.stages([content["version_id"]], "unmatched")

    assert load(served, [subject]) == 1
    assert desk.stages([content["version_id"]]) == ["unmatched", "matched", "stored"]


def test_loading_others_tells_nothing_new_about_what_waits(served, desk):
    waiting = desk.content(0, payload={"CF_XDR_MC": "厦门市另一家有限公司"})
    desk.send([waiting])
    desk.stages([waiting["version_id"]], "unmatched")
    load(served, [{"code": waiting["payload"]["CF_XDR_SHXYM"], "name": "还不是那一家"}])
    later = desk.content(1)
    desk.send([later])

    assert desk.stages([later["version_id"]]) == ["matched", "stored"]
    assert desk.stages([waiting["version_id"]], "unmatched") == ["unmatched"]


def test_a_correction_of_an_unmatched_record_can_set_it_right(desk):
    first = desk.content(payload={"CF_XDR_MC": "厦门市另一家有限公司"})
    desk.send([first])
    desk.stages([first["version_id"]], "unmatched")
    right = desk.correction(first, payload=desk.penalty(0))
    desk.send([right])

    assert desk.stages([right["version_id"]]) == ["matched", "stored"]
    assert desk.record(first["record_id"])["stage"] == "stored"


def test_a_withdrawal_is_stored_even_of_an_unmatched_record(desk):
    first = desk.content(payload={"CF_XDR_MC": "厦门市另一家有限公司"})
    gone = desk.withdrawal(first)
    desk.send([first, gone])

    assert desk.stages([gone["version_id"]]) == ["matched", "stored"]


def test_a_person_is_matched_by_number_and_known_from_the_first_record_on(served, desk, a_person):
    first, second = a_person(desk, 1, "林小满"), a_person(desk, 2, "林 小满")
    desk.send([first, second])
    desk.stages([first["version_id"], second["version_id"]])

    with served.platform.store.reading() as connection:
        wanted = "SELECT name, kind, basis FROM subject WHERE kind = 'person'"
        rows = connection.exec_driver_sql(wanted).all()
    assert rows == [("林小满", "person", "derived")]


def test_stages_of_a_thousand_records_come_once_each_and_without_holes(desk):
    contents = [desk.content(n) for n in range(300)]
    desk.send(contents)
    desk.stages([one["version_id"] for one in contents])

    items = desk.feed(limit=1000)["items"]
    assert [one["seq"] for one in items] == list(range(1, 601))
    assert len({(one["data"]["version_id"], one["data"]["stage"]) for one in items}) == 600


def test_a_fault_of_ours_with_one_version_sets_it_aside_and_the_rest_goes_on(served, desk, tools, caplog):
    """What waits was damaged on disk: the name that the record gives is gone."""
    damaged = desk.content(0, payload={"CF_XDR_MC": "厦门市另一家有限公司"})
    desk.send([damaged])
    desk.stages([damaged["version_id"]], "unmatched")
    with served.platform.store.writing() as connection:
        connection.exec_driver_sql("UPDATE job SET subject_name = NULL, step = 'match'")
    after = desk.content(1)
    desk.send([after])

    assert desk.stages([after["version_id"]]) == ["matched", "stored"]
    tools.until(lambda: failures_left(served) == [3])
    assert len([one for one in caplog.records if one.name == "regional_platform.incidents"]) == 3


def failures_left(served):
    with served.platform.store.reading() as connection:
        return list(connection.exec_driver_sql("SELECT failures FROM job").scalars())


@pytest.fixture
def a_person():
    """Makes a penalty of a natural person; the number of the identity document is always the same."""

    item = load_set(find_resources() / "catalogs" / "2026.1").items["XZCF_ZRR"]

    def make(desk, n, name):
        payload = {
            key: value
            for key, value in desk.penalty(n).items()
            if key in item.by_id and key not in {"CF_FRDB", "CF_XDR_SHXYM"}
        }
        payload |= {"CF_XDR_MC": name, "CF_XDR_LB": "2", "CF_XDR_ZJLX": "1", "CF_XDR_ZJHM": PERSON}
        return {**desk.content(n), "catalog": item.ref, "item_sha256": item.digest, "payload": payload}

    return make
