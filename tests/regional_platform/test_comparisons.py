"""Comparisons (比对): what other departments and cities have reported of the same acts and subjects."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from sqlalchemy import select

from forms.catalog.check import natural_key
from regional_platform.catalogs import load_catalogs
from regional_platform.settings import find_resources
from regional_platform.store.tables import access
from tests.databases import on_a_file

ITEMS = load_catalogs(find_resources()).current.items
PENALTY = ITEMS["XZCF_FR"]
PERSON = "110101199003070011"
WHY = {"X-Reason": quote("核对异议申请人的记录")}


@pytest.fixture
def desks(served):
    return {code: served.desk(code) for code in ("350200-01", "350600-01", "350500-02")}


def act(content):
    return {"item": "XZCF_FR", "key": natural_key(PENALTY, content["payload"])}


def compare(desk, acts=(), subjects=(), *, status=200, **how):
    body = {"acts": list(acts), "subjects": list(subjects)}
    answer = desk.call("POST", "/v1/comparisons", json=body, **how)
    assert answer.status_code == status, answer.text
    return answer.json()


def test_who_else_reported_an_act_is_told_with_city_day_and_digest(served, desks):
    here, there = desks["350200-01"], desks["350600-01"]
    mine = here.content()
    same = there.content(payload={name: mine["payload"][name] for name in ("CF_WSH", "CF_XDR_MC")})
    (receipt,) = there.send([same])
    here.send([mine])
    nobody = here.content(7)

    first, second = compare(here, [act(mine), act(nobody)])["acts"]
    assert (first["more"], first["hidden"], second["reported"]) == (False, 0, [])
    assert first["reported"] == [{
        "record_id": same["record_id"], "unit": "350600-01", "unit_name": there.unit["name"],
        "city": "350600", "act_on": same["payload"]["CF_JDRQ"], "op": "create",
        "content_sha256": receipt["content_sha256"],
        "disputed": False,
    }]  # fmt: skip
    with served.platform.store.reading() as connection:
        kept = connection.execute(select(access.c.unit, access.c.what, access.c.key)).all()
    assert [tuple(row) for row in kept] == [("350200-01", "record", same["record_id"])]


@on_a_file
def test_what_was_withdrawn_is_no_act_any_more(desks):
    here, there = desks["350200-01"], desks["350600-01"]
    content = there.content()
    there.send([content, there.withdrawal(content)])

    assert compare(here, [act(content)])["acts"][0]["reported"] == []


def test_a_subject_is_told_by_item_unit_and_city(desks):
    here, there = desks["350200-01"], desks["350500-02"]
    code = there.subject(0)["code"]
    there.send([there.content(payload={"CF_JDRQ": "2026-03-02"})])
    here.send([here.content()])

    (told,) = compare(here, subjects=[code.lower(), code])["subjects"]
    assert told == {
        "code": code, "hidden": 0,
        "known": [{"item": "XZCF_FR", "unit": "350500-02", "unit_name": there.unit["name"], "city": "350500",
                   "count": 1, "last_on": "2026-03-02"}],
    }  # fmt: skip


@on_a_file
def test_what_is_shared_by_authorisation_is_only_counted(desks):
    here, there = desks["350200-01"], desks["350500-02"]
    item, subject = ITEMS["NSR_JC"], there.subject(0)
    payload = {"UNI_SOCIAL_CRD_CD": subject["code"], "COMP_NM": subject["name"], "TAX_PAYER_STATE": "正常",
               "TAX_PAYER_NO": subject["code"]}  # fmt: skip
    content = {**there.content(), "catalog": item.ref, "item_sha256": item.digest, "payload": payload}
    assert there.outcomes([content])[0].startswith("accepted")

    told = compare(here, [{"item": "NSR_JC", "key": natural_key(item, payload)}], [subject["code"]])
    assert [(one["reported"], one["hidden"]) for one in told["acts"]] == [([], 1)]
    assert [(one["known"], one["hidden"]) for one in told["subjects"]] == [([], 1)]


@on_a_file
@pytest.mark.parametrize(
    ("role", "headers", "number", "known", "told_of"),
    [
        ("handler", WHY, PERSON.lower(), 1, 1), ("handler", WHY, None, 1, 0),
        ("handler", WHY, "110101199003070038", 1, 0), ("handler", {}, PERSON, 0, 0),
        ("reporter", WHY, PERSON, 0, 0),
    ],
)  # fmt: skip
def test_a_person_is_told_of_by_number_with_a_reason_to_who_handles_objections(
    served, desks, role, headers, number, known, told_of
):
    here, there, item = desks["350200-01"], desks["350600-01"], ITEMS["XZCF_ZRR"]
    payload = {
        key: value for key, value in there.penalty(3).items()
        if key in item.by_id and key not in {"CF_FRDB", "CF_XDR_SHXYM"}
    }  # fmt: skip
    payload |= {"CF_XDR_MC": "林小满", "CF_XDR_LB": "2", "CF_XDR_ZJLX": "1", "CF_XDR_ZJHM": PERSON}
    content = {**there.content(3), "catalog": item.ref, "item_sha256": item.digest, "payload": payload}
    assert there.outcomes([content])[0].startswith("accepted")

    same = {"item": "XZCF_ZRR", "key": natural_key(item, payload)} | ({"person": number} if number else {})
    told = compare(here, [same], [PERSON], role=role, headers=headers)
    assert len(told["subjects"][0]["known"]) == known
    assert len(told["acts"][0]["reported"]) == told_of
    with served.platform.store.reading() as connection:
        looks = connection.execute(select(access.c.reason).where(access.c.what == "record")).scalars().all()
    assert looks == ["核对异议申请人的记录"] * told_of


@on_a_file
def test_more_than_five_hundred_are_refused(desks, tools):
    acts = [{"item": "XZCF_FR", "key": f"XZCF_FR {n}"} for n in range(300)]
    subjects = [f"9135{n:05d}" for n in range(201)]

    assert tools.code_of(compare(desks["350200-01"], acts, subjects, status=400)) == "malformed"
    assert len(compare(desks["350200-01"], acts, subjects[:200])["subjects"]) == 200
