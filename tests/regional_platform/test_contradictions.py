"""What contradicts what: the rules as data, and what they say of records."""

from __future__ import annotations

import pytest

from regional_platform.catalogs import load_catalogs
from regional_platform.contradictions import (
    Held,
    closed_on,
    hold_against,
    load_rules,
    permit_after_closing,
    red_and_black,
    registration_differs,
    same_act,
)
from regional_platform.settings import find_resources

RULES = load_rules(find_resources())
CODE = "91350200MA9YYYYY7Y"


def held(n, unit="a", item="SCZT", **values):
    return Held(f"r{n}", unit, "350200", item, CODE, values.pop("act_on", "2026-01-01"), f"v{n}", n,
                values.pop("told_on", "2026-02-02"), values)  # fmt: skip


def scz(n, unit, name="鹭海食品有限公司", who="林小满", status="存续", **more):
    return held(n, unit, "SCZT", COMP_NM=name, LEGAL_REPRE=who, REG_STATE=status, **more)


def test_the_rules_fit_the_catalog_and_every_one_says_that_it_is_derived():
    assert hold_against(RULES, load_catalogs(find_resources()).current) == []
    assert {rule.basis.provenance for rule in RULES.standing.values()} == {"derived"}


def test_one_act_of_two_units_is_a_conflict_and_two_of_one_unit_are_none():
    found = same_act("k", [held(2, "b"), held(1, "a")])

    assert [one.record_id for one in found.records] == ["r1", "r2"]
    assert found.key == "same_act k"
    assert same_act("k", [held(1, "a"), held(2, "a")]) is None


@pytest.mark.parametrize(
    ("other", "attributes"),
    [
        pytest.param({}, None, id="the same"),
        pytest.param({"name": "鹭海食品 有限公司"}, None, id="blanks do not count"),
        pytest.param({"name": "另一家有限公司"}, ("name",), id="another name"),
        pytest.param({"who": "陈国栋"}, ("representative",), id="another representative"),
        pytest.param({"who": ""}, None, id="no representative said"),
        pytest.param({"status": "注销"}, ("status",), id="closed there, open here"),
        pytest.param({"status": "不详"}, None, id="a status that says neither"),
        pytest.param(
            {"name": "另一家有限公司", "status": "吊销，未注销"}, ("name", "status"), id="two things"
        ),
    ],
)
def test_registrations_of_two_units_differ_in_what_both_say(other, attributes):
    found = registration_differs(RULES, CODE, [scz(1, "a"), scz(2, "b", **other)])

    assert (found.attributes if found else None) == attributes
    assert registration_differs(RULES, CODE, [scz(1, "a"), scz(2, "a", **other)]) is None


def test_registrations_of_two_items_are_compared_and_who_says_nothing_of_it_is_no_side():
    basic = held(1, "a", "QY_JBXX", ZTMC="鹭海食品有限公司", FDDBR="林小满", JYZT="4")
    silent = held(3, "c", "GT_YYZZ", FRMC="鹭海食品有限公司")

    found = registration_differs(RULES, CODE, [basic, scz(2, "b"), silent])
    assert (found.attributes, [one.record_id for one in found.records]) == (("status",), ["r1", "r2"])


def test_a_closed_subject_is_closed_from_the_day_that_the_record_says_or_we_were_told():
    assert closed_on(RULES, scz(1, "a")) is None
    assert closed_on(RULES, scz(1, "a", status="注销", APPR_DT="2026-01-09")) == "2026-01-09"
    assert closed_on(RULES, held(1, "a", "QY_JBXX", JYZT="4")) == "2026-02-02"


def test_a_permit_after_the_closing_contradicts_it_and_one_before_does_not():
    closing = scz(1, "a", status="注销")
    before, after = (held(n, "b", "XZXK_FR", act_on=day) for n, day in ((2, "2026-03-01"), (3, "2026-03-02")))

    found = permit_after_closing(CODE, closing, "2026-03-01", [before, after])
    assert [one.record_id for one in found.records] == ["r1", "r3"]
    assert permit_after_closing(CODE, closing, "2026-03-02", [before, after]) is None


def test_a_red_and_a_black_list_at_one_time_contradict_each_other():
    assert red_and_black(CODE, [held(1)], [held(2)]).kind == "red_and_black"
    assert red_and_black(CODE, [held(1)], []) is None
