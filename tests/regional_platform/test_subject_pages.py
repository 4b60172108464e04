"""The page of a subject across cities, through the doors that clients use."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from sqlalchemy import select

from regional_platform.catalogs import load_catalogs
from regional_platform.settings import find_resources
from regional_platform.store.tables import access
from tests.databases import on_a_file

ITEMS = load_catalogs(find_resources()).current.items
PERSON = "110101199003070011"
WHY = {"X-Reason": quote("核对异议申请人的记录")}


@pytest.fixture
def desks(served):
    return {code: served.desk(code) for code in ("350200-01", "350600-01", "350500-02")}


def page(desk, code, /, *, status=200, **how):
    answer = desk.call("GET", f"/v1/subjects/{code}", **how)
    assert answer.status_code == status, answer.text
    return answer.json()


def of_item(desk, code, n=0, **payload):
    """A record of another item than the penalty."""
    item = ITEMS[code]
    return {
        **desk.content(n), "catalog": item.ref, "item_sha256": item.digest, "payload": payload,
    }  # fmt: skip


def taxpayer(desk, n=0):
    """A record of an item that is shared by authorisation only."""
    subject = desk.subject(n)
    return of_item(
        desk, "NSR_JC", n, UNI_SOCIAL_CRD_CD=subject["code"], COMP_NM=subject["name"],
        TAX_PAYER_NO=subject["code"], TAX_PAYER_STATE="正常",
    )  # fmt: skip


def looks(served):
    with served.platform.store.reading() as connection:
        return [tuple(row) for row in connection.execute(
            select(access.c.unit, access.c.what, access.c.key, access.c.reason).order_by(access.c.n)
        )]  # fmt: skip


def test_a_page_shows_what_all_three_cities_know_newest_act_first(served, desks):
    subject, sent = desks["350200-01"].subject(1), []
    for n, (code, desk) in enumerate(desks.items()):
        content = desk.content(1, payload={"CF_JDRQ": f"2026-0{n + 1}-05", "CF_FR_ZJLX": "1",
                                           "CF_FR_ZJHM": "350203190001010009"})  # fmt: skip
        assert desk.outcomes([content])[0].startswith("accepted"), desk.send([content])
        sent.append((code, content))

    told = page(desks["350600-01"], subject["code"])

    assert told["subject"]["name"] == subject["name"]
    assert told["subject"]["basis"] == "loaded"
    assert [(one["city"], one["count"], one["last_on"]) for one in told["groups"]] == [
        ("350500", 1, "2026-03-05"), ("350600", 1, "2026-02-05"), ("350200", 1, "2026-01-05"),
    ]  # fmt: skip
    assert [(one["unit"], one["whole"]) for one in told["records"]] == [
        ("350500-02", False), ("350600-01", True), ("350200-01", False),
    ]  # fmt: skip
    others, own, _ = told["records"]
    assert (others["masked"], own["masked"]) == (["CF_FRDB", "CF_FR_ZJHM"], [])
    assert others["head"]["payload"]["CF_FR_ZJHM"] == "350203********0009"
    assert own["head"]["payload"] == sent[1][1]["payload"]
    assert (told["hidden"], told["complete"], told["next"]) == ([], True, None)


def test_what_is_shared_by_authorisation_is_counted_for_others_and_shown_to_its_own(desks):
    here, there = desks["350200-01"], desks["350600-01"]
    content = taxpayer(here)
    assert here.outcomes([content])[0].startswith("accepted"), here.send([content])
    code = here.subject(0)["code"]

    assert [one["record_id"] for one in page(here, code)["records"]] == [content["record_id"]]
    told = page(there, code)
    assert (told["records"], told["groups"]) == ([], [])
    assert [(one["item"], one["count"]) for one in told["hidden"]] == [("NSR_JC", 1)]


@on_a_file
def test_a_withdrawn_record_is_gone_for_others_and_stays_for_its_own(desks):
    here, there = desks["350200-01"], desks["350600-01"]
    content = here.content()
    here.send([content, here.withdrawal(content)])
    code = here.subject(0)["code"]

    told = page(there, code)
    assert (told["records"], told["groups"], told["hidden"]) == ([], [], [])
    (own,) = page(here, code)["records"]
    assert own["head"]["op"] == "withdraw"


def test_pages_of_a_subject_meet_without_gap_or_double(desks):
    desk, code = desks["350200-01"], desks["350200-01"].subject(0)["code"]
    same = desk.subject(0)
    contents = [
        desk.content(n, payload={"CF_XDR_MC": same["name"], "CF_XDR_SHXYM": same["code"],
                                 "CF_JDRQ": f"2026-05-{1 + n % 2:02d}"})
        for n in range(5)
    ]  # fmt: skip
    desk.send(contents)

    seen, after = [], None
    while True:
        told = page(desk, code, params={"limit": 2, **({"after": after} if after else {})})
        seen += [(one["act_on"], one["record_id"]) for one in told["records"]]
        after = told["next"]
        if after is None:
            break
    assert seen == sorted(seen, reverse=True)
    assert {record_id for _, record_id in seen} == {one["record_id"] for one in contents}


@on_a_file
def test_a_disputed_record_says_so_on_the_page(served, desks):
    desk, hall = desks["350200-01"], served.desk("350200-00")
    content = desk.content()
    desk.send([content])
    hall.accepted(content["record_id"])

    assert [one["disputed"] for one in page(desks["350600-01"], desk.subject(0)["code"])["records"]] == [True]


@on_a_file
def test_every_look_at_what_is_anothers_is_kept_and_one_at_the_own_is_not(served, desks):
    desk = desks["350200-01"]
    code = desk.subject(0)["code"]
    desk.send([desk.content()])

    page(desk, code)
    page(desks["350600-01"], code)
    page(desks["350500-02"], code, headers=WHY)
    assert looks(served) == [
        ("350600-01", "subject", code, None), ("350500-02", "subject", code, "核对异议申请人的记录"),
    ]  # fmt: skip


@pytest.fixture
def a_person(desks):
    """A penalty of a natural person, reported by 350200-01."""
    desk, item = desks["350200-01"], ITEMS["XZCF_ZRR"]
    payload = {
        key: value for key, value in desk.penalty(3).items()
        if key in item.by_id and key not in {"CF_FRDB", "CF_XDR_SHXYM"}
    }  # fmt: skip
    payload |= {"CF_XDR_MC": "林小满", "CF_XDR_LB": "2", "CF_XDR_ZJLX": "1", "CF_XDR_ZJHM": PERSON}
    content = {**desk.content(3), "catalog": item.ref, "item_sha256": item.digest, "payload": payload}
    assert desk.outcomes([content])[0].startswith("accepted")
    desk.stages([content["version_id"]])
    return content


def test_a_person_is_found_by_number_with_a_reason_and_the_look_is_kept(served, desks, a_person):
    told = page(desks["350600-01"], PERSON, role="handler", headers=WHY)

    assert (told["subject"]["kind"], told["subject"]["name"]) == ("person", "林小满")
    assert told["records"][0]["head"]["payload"]["CF_XDR_ZJHM"] == "110101********0011"
    assert looks(served) == [("350600-01", "subject", PERSON, "核对异议申请人的记录")]


@on_a_file
@pytest.mark.parametrize(
    ("role", "headers", "status", "code"),
    [
        ("handler", {}, 422, "reason-required"),
        ("handler", {"X-Reason": "%20%00"}, 422, "reason-required"),
        ("reporter", WHY, 403, "not-authorised"),
        ("admin", WHY, 403, "not-authorised"),
    ],
)
def test_without_a_reason_or_the_right_nobody_learns_whether_a_person_is_known(
    served, desks, a_person, tools, role, headers, status, code
):
    for number in (PERSON, "110101199003070038"):
        told = page(desks["350600-01"], number, role=role, headers=headers, status=status)
        assert tools.code_of(told) == code
    assert looks(served) == []


@on_a_file
def test_a_code_that_nobody_named_is_not_there(desks, tools):
    told = page(desks["350600-01"], "91350200MA9YYYYY7Y", status=404)

    assert tools.code_of(told) == "no-such-subject"


@on_a_file
def test_a_code_that_records_name_and_the_library_does_not_have_has_a_page(desks):
    desk = desks["350200-01"]
    content = desk.content(
        payload={"CF_XDR_SHXYM": "91350200MA9YYYYY7Y", "CF_XDR_MC": "厦门市无名食品有限公司"}
    )
    assert desk.outcomes([content]) == ["accepted"], desk.send([content])

    told = page(desk, "91350200MA9YYYYY7Y")
    assert (told["subject"]["name"], told["subject"]["basis"]) == (None, "unmatched")
    assert [one["record_id"] for one in told["records"]] == [content["record_id"]]


def found(desk, name, **query):
    answer = desk.call("GET", "/v1/subjects", params={"name": name, **query})
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_organisations_are_found_by_the_beginning_of_their_name_page_by_page(desks):
    desk = desks["350500-02"]
    cities = sorted(one["name"] for one in desk.seed["subjects"] if one["name"].startswith("泉州市"))

    names, after = [], None
    while True:
        told = found(desk, " 泉州 市", limit=40, **({"after": after} if after else {}))
        names += [one["name"] for one in told["subjects"]]
        after = told["next"]
        if after is None:
            break
    assert names == cities
    assert found(desk, "不会有这个名称")["subjects"] == []


@on_a_file
def test_no_person_is_found_by_name(desks, a_person):
    assert found(desks["350200-01"], "林小满")["subjects"] == []
