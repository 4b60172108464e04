"""The one rule of what a caller may see of a record: role × place × sharing × whom it is about."""

from __future__ import annotations

import pytest

from regional_platform.auth.callers import Caller
from regional_platform.auth.grants import Grant, roles_at
from regional_platform.catalogs import load_catalogs
from regional_platform.settings import find_resources
from regional_platform.sight import seen, sight_of

ITEMS = load_catalogs(find_resources()).current.items
COMPANY = "91350200MA9YYYYY7Y"
PERSON = "350203199001011234"

HERE = "minnan/350200/350200-01/"
STATION = f"{HERE}350200-01-01/"
BESIDE = "minnan/350200/350200-02/"
ELSEWHERE = "minnan/350600/350600-01/"


def caller(role, over=HERE, at=HERE):
    grants = (Grant(role, over),)
    return Caller(
        operator_id="x", roles=roles_at(grants, at), unit=at.rstrip("/").rpartition("/")[2], path=at,
        city="350200", device_id="d", token_sha256="t", grants=grants,
    )  # fmt: skip


@pytest.mark.parametrize("role", ["reporter", "reviewer", "handler", "admin", "liaison", "auditor", "hall"])
@pytest.mark.parametrize("item", ["XZCF_FR", "XZCF_ZRR", "NSR_JC"])
@pytest.mark.parametrize("path", [HERE, STATION])
def test_whoever_holds_a_role_over_a_unit_sees_its_records_whole(role, item, path):
    assert sight_of(caller(role), ITEMS[item], path, PERSON) == "whole"


@pytest.mark.parametrize("path", [BESIDE, ELSEWHERE, "minnan/350200/", "minnan/350200/350200-011/"])
@pytest.mark.parametrize(
    ("item", "code", "sight"),
    [
        pytest.param("XZCF_FR", COMPANY, "head", id="public"),
        pytest.param("QY_FYZX", COMPANY, "head", id="public or shared"),
        pytest.param("NSR_JC", COMPANY, "counted", id="by authorisation"),
        pytest.param("XZCF_ZRR", PERSON, "hidden", id="of a person"),
        pytest.param("SXBZXR", PERSON, "hidden", id="of a person, on an item for both"),
        pytest.param("SXBZXR", COMPANY, "head", id="of a company, on an item for both"),
        pytest.param("SXBZXR", "350203199001019999", "hidden", id="a number in doubt is a person's"),
        pytest.param("SXBZXR", None, "hidden", id="no code at all"),
        pytest.param(None, COMPANY, "hidden", id="an item that nobody here knows"),
    ],
)
def test_of_others_units_the_sharing_of_the_item_decides(path, item, code, sight):
    assert sight_of(caller("reporter"), ITEMS[item] if item else None, path, code) == sight


@pytest.mark.parametrize(
    ("role", "by_number", "sight"),
    [("handler", True, "head"), ("hall", True, "head"), ("auditor", True, "head"),
     ("handler", False, "hidden"), ("reporter", True, "hidden"), ("reviewer", True, "hidden"),
     ("admin", True, "hidden"), ("liaison", True, "hidden")],
)  # fmt: skip
def test_a_person_is_shown_to_who_handles_objections_and_asks_by_the_number(role, by_number, sight):
    assert sight_of(caller(role), ITEMS["XZCF_ZRR"], ELSEWHERE, PERSON, by_number=by_number) == sight


def test_a_role_held_higher_up_sees_all_below():
    above = caller("auditor", over="minnan/", at="minnan/")

    assert sight_of(above, ITEMS["NSR_JC"], ELSEWHERE, COMPANY) == "whole"


def test_a_head_is_masked_but_for_the_name_of_its_subject_and_a_whole_record_is_not():
    item = ITEMS["XZCF_FR"]
    payload = {"CF_XDR_MC": "鹭海食品有限公司", "CF_FRDB": "林小满", "CF_FR_ZJHM": PERSON, "CF_NR_FK": "0.05"}
    person = {"CF_XDR_MC": "林小满", "CF_XDR_ZJHM": PERSON}

    assert seen("whole", item, payload) == (payload, [])
    assert seen("head", item, payload)[0] == {
        **payload,
        "CF_FRDB": "林**",
        "CF_FR_ZJHM": "350203********1234",
    }
    assert seen("head", ITEMS["XZCF_ZRR"], person)[0] == {**person, "CF_XDR_ZJHM": "350203********1234"}
    assert seen("counted", item, payload) == seen("hidden", item, payload) == ({}, [])
