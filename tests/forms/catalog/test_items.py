"""The four items that are shipped: a right record passes, and each rule has a record that breaks it alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from forms.catalog.check import check

ITEMS = ("XZXK_FR", "XZXK_ZRR", "XZCF_FR", "XZCF_ZRR")
RESOURCES = Path(__file__).parents[3] / "resources"

# change → (field, kind of rule, codes found); a pair stands where one fault cannot be had without the other
COMMON_PENALTY = [
    ({"CF_NR_FK": None}, "CF_NR_FK", "required_if", ["required_if"]),
    ({"CF_NR_FK": "0"}, "CF_NR_FK", "positive_if", ["not_positive"]),
    ({"CF_NR_FK": "-1", "CF_CFLB": ["01"], "CF_NR_WFFF": None}, "CF_NR_FK", "not_negative", ["negative"]),
    ({"CF_NR_WFFF": None}, "CF_NR_WFFF", "required_if", ["required_if"]),
    ({"CF_NR_WFFF": None, "CF_CFLB": ["02", "09"]}, "CF_NR_WFFF", "required_if", ["required_if"]),
    ({"CF_NR_WFFF": "-0.1"}, "CF_NR_WFFF", "not_negative", ["negative"]),
    ({"CF_CFLB": ["02", "03", "05"]}, "CF_NR_ZKDX", "required_if", ["required_if"]),
    ({"CF_CFLB": ["02", "03", "11"]}, "CF_NR_ZKDX", "required_if", ["required_if"]),
    (
        {"CF_CFLB": ["02", "03", {"code": "07", "text": "责令改正;通告"}]},
        "CF_CFLB",
        "list",
        ["separator_in_text"],
    ),
    ({"CF_JDRQ": "2026-11-25"}, "CF_JDRQ", "not_after", ["in_future"]),
    ({"CF_JDRQ": "2001-03-05"}, "CF_JDRQ", "recent", ["long_ago"]),
    ({"CF_YXQ": "2026-03-04"}, "CF_YXQ", "not_before", ["before_other"]),
    ({"CF_YXQ": "2100-01-01"}, "CF_YXQ", "open_end", ["after_open_end"]),
    ({"CF_GSJZQ": "2026-03-04"}, "CF_GSJZQ", "not_before", ["before_other"]),
    ({"CF_CFJGDM": "11350500MA9YYYYY7M"}, "CF_CFJGDM", "uscc", ["uscc_check"]),
    ({"CF_SJLYDM": "11350500MA9YYYYY7M"}, "CF_SJLYDM", "uscc", ["uscc_check"]),
]
COMMON_PERMIT = [
    ({"XK_JDRQ": "2026-11-25"}, "XK_JDRQ", "not_after", ["in_future"]),
    ({"XK_JDRQ": "2001-03-05"}, "XK_JDRQ", "recent", ["long_ago"]),
    ({"XK_YXQZ": "2031-03-05"}, "XK_YXQZI", "not_before", ["before_other"]),
    ({"XK_YXQZ": "2026-01-01", "XK_YXQZI": "2026-03-04"}, "XK_YXQZI", "not_before", ["before_other"]),
    ({"XK_YXQZI": "2100-01-01"}, "XK_YXQZI", "open_end", ["after_open_end"]),
    ({"XK_XKJGDM": "11350500MA9YYYYY7M"}, "XK_XKJGDM", "uscc", ["uscc_check"]),
    ({"XK_LYDWDM": "11350500MA9YYYYY7M"}, "XK_LYDWDM", "uscc", ["uscc_check"]),
]


def organisation(p):
    return [
        ({f"{p}_XDR_MC": "鹭潮食*公司"}, f"{p}_XDR_MC", "name", ["name_masked"]),
        ({f"{p}_XDR_MC": "鹭潮"}, f"{p}_XDR_MC", "name", ["name_short"]),
        ({f"{p}_XDR_LB": "2"}, f"{p}_XDR_LB", "allowed", ["not_allowed_here"]),
        ({f"{p}_XDR_LB": "4"}, f"{p}_XDR_LB", "prefix_iff", ["code_needs_prefix"]),
        ({f"{p}_XDR_SHXYM": "92350582MA9YYYYY74"}, f"{p}_XDR_LB", "prefix_iff", ["prefix_needs_code"]),
        ({f"{p}_XDR_SHXYM": "91350200MA9YYYYO7Y"}, f"{p}_XDR_SHXYM", "uscc", ["uscc_character"]),
        ({f"{p}_XDR_GSZC": "350200999999990"}, f"{p}_XDR_GSZC", "regno", ["regno_check"]),
        ({f"{p}_XDR_ZZJG": "MA9YYYYY8"}, f"{p}_XDR_ZZJG", "orgcode", ["orgcode_check"]),
        ({f"{p}_XDR_SWDJ": "3502001234"}, f"{p}_XDR_SWDJ", "regex", ["pattern_mismatch"]),
        ({f"{p}_FRDB": "陈＊"}, f"{p}_FRDB", "name", ["name_masked"]),
        ({f"{p}_FR_ZJLX": None}, f"{p}_FR_ZJLX", "required_if_filled", ["required_if_filled"]),
        ({f"{p}_FR_ZJHM": "350203190001010008"}, f"{p}_FR_ZJHM", "cert_by_type", ["ric_check"]),
    ]


def person(p):
    return [
        ({f"{p}_XDR_MC": "林*礁"}, f"{p}_XDR_MC", "name", ["name_masked"]),
        ({f"{p}_XDR_LB": "1"}, f"{p}_XDR_LB", "allowed", ["not_allowed_here"]),
        ({f"{p}_XDR_ZJHM": "350582190002289999"}, f"{p}_XDR_ZJHM", "cert_by_type", ["ric_check"]),
        (
            {f"{p}_XDR_ZJLX": "3", f"{p}_XDR_ZJHM": "H123"},
            f"{p}_XDR_ZJHM",
            "cert_by_type",
            ["certificate_form"],
        ),
    ]


BREAKS = {
    "XZXK_FR": COMMON_PERMIT + organisation("XK"),
    "XZXK_ZRR": COMMON_PERMIT + person("XK"),
    "XZCF_FR": COMMON_PENALTY + organisation("CF"),
    "XZCF_ZRR": COMMON_PENALTY + person("CF"),
}
CASES = [(item, *case) for item, cases in BREAKS.items() for case in cases]


@pytest.mark.parametrize("code", ITEMS)
def test_a_record_that_is_right_has_no_problem(code, catalog_set, a_record, today):
    assert check(catalog_set.items[code], a_record(code), reported_on=today) == []


@pytest.mark.parametrize(
    ("code", "change", "field", "kind", "found"),
    CASES,
    ids=[f"{c[0]}-{c[2]}-{c[3]}-{c[4][0]}" for c in CASES],
)
def test_one_slip_is_one_problem(code, change, field, kind, found, catalog_set, a_record, today):
    item = catalog_set.items[code]
    problems = check(item, a_record(code, **change), reported_on=today)

    assert kind in {rule.kind for rule in item.by_id[field].rules}
    assert [(problem.field_id, problem.code) for problem in problems] == [(field, one) for one in found]


@pytest.mark.parametrize("code", ITEMS)
def test_each_rule_has_a_record_that_breaks_it(code, catalog_set):
    tried = {(field, kind) for _, field, kind, _ in BREAKS[code]}

    assert tried == {
        (field.id, rule.kind) for field in catalog_set.items[code].fields for rule in field.rules
    }


@pytest.mark.parametrize("code", ITEMS)
def test_each_field_that_must_be_filled_is_missed(code, catalog_set, a_record, today):
    item = catalog_set.items[code]
    for field in item.fields:
        problems = check(item, a_record(code, **{field.id: None}), reported_on=today)
        missed = [p.field_id for p in problems if p.code == "required_missing"]
        assert missed == ([field.id] if field.required else [])


@pytest.mark.parametrize("code", ITEMS)
def test_each_text_has_its_length(code, catalog_set, a_record, today):
    item = catalog_set.items[code]
    for field in item.fields:
        if field.type not in {"string", "text"}:
            continue
        problems = check(item, a_record(code, **{field.id: "山" * (field.max_length + 1)}), reported_on=today)
        found = [p for p in problems if (p.field_id, p.code) == (field.id, "too_long")]
        assert [p.params for p in found] == [{"max": field.max_length, "length": field.max_length + 1}]


def test_the_four_items_have_all_their_fields(catalog_set):
    assert {code: len(catalog_set.items[code].fields) for code in ITEMS} == {
        "XZXK_FR": 26,
        "XZXK_ZRR": 19,
        "XZCF_FR": 28,
        "XZCF_ZRR": 21,
    }


@pytest.mark.parametrize("code", ITEMS)
def test_nothing_recalled_passes_for_sourced(code, catalog_set):
    """Every item says where it comes from, and a basis that begins with RECALLED or DERIVED is one."""
    item = catalog_set.items[code]
    bases = [item.basis, *(field.basis for field in item.fields)]

    assert item.basis["item"].provenance == "sourced"
    assert item.basis["aliases"].provenance == item.basis["sharing"].provenance == "derived"
    assert item.basis["natural_key"].source == "SIC-DUP"
    for basis in (basis for bases_of_one in bases for basis in bases_of_one.values()):
        expected = {"RECALLED": "recalled", "DERIVED": "derived"}.get(
            basis.source.split()[0].strip(":;,"), "sourced"
        )
        assert basis.provenance == expected
    for field in item.fields:
        for rule in field.rules:
            assert (
                rule.source or "rule" in field.basis or "length" in field.basis or "required" in field.basis
            )


def test_the_money_of_a_penalty_is_in_wan_with_six_decimals(penalty):
    fine = penalty.by_id["CF_NR_FK"]

    assert (fine.type, fine.max_length, fine.scale, fine.unit) == ("decimal", 18, 6, "万元")
    assert fine.basis["length"].provenance == "sourced"
    assert fine.basis["rule"].provenance == "recalled"


def test_kinds_of_penalty_that_came_with_the_law_of_2021_do_not_hold_before(penalty, a_record, today):
    """A code is judged as of the date of the act: 通报批评 (08) is new, 罚款 (02) is old."""
    before = a_record(CF_CFLB=["02", "03", "08"], CF_JDRQ="2021-07-14")
    after = a_record(CF_CFLB=["02", "03", "08"], CF_JDRQ="2021-07-15")

    assert [(p.path, p.code) for p in check(penalty, before, reported_on=today)] == [
        ("CF_CFLB/2", "code_not_yet")
    ]
    assert check(penalty, after, reported_on=today) == []


def test_a_farmers_cooperative_may_have_letters_in_its_number(permit, a_record, today):
    assert check(permit, a_record("XZXK_FR", XK_XDR_GSZC="350524NA000012X"), reported_on=today) == []


def test_the_files_of_the_items_are_sorted_out_by_section(catalog_set):
    sections = ["行政相对人", "主体", "决定", "处罚结果", "事项", "金额", "期限", "机关与来源", "其他"]
    for item in catalog_set.items.values():
        assert {field.section for field in item.fields} <= set(sections)


def test_every_source_that_is_named_is_explained():
    sources = json.loads((RESOURCES / "catalogs" / "sources.json").read_text(encoding="utf-8"))

    assert {"SZ-TPL", "SIC-DUP", "RECALLED", "DERIVED"} <= set(sources)
    assert all(set(source) == {"kind", "where", "what"} for source in sources.values())
