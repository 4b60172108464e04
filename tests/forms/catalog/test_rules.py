"""Each kind of rule: one record that keeps it, one that breaks it and only it."""

from __future__ import annotations

import re

import pytest

from forms.catalog.bound import ON_RECORD, ON_VALUE
from forms.catalog.check import check
from forms.catalog.rules import RULES

KIND = ("KIND_OF_IT", "enum")
KINDS = ("KINDS_OF_IT", "set")
DATE = ("DAY", "date")
IN_1 = {"field": "KIND_OF_IT", "in": ["1"]}
CONTAINS_2 = {"field": "KINDS_OF_IT", "contains_any": ["2"]}

CASES = [
    # kind of rule, type, its parameters, other fields, a record that keeps it, one that breaks it, code
    (
        "allowed",
        "enum",
        {"values": ["1", "2"]},
        [],
        {"X": "2"},
        {"X": {"code": "9", "text": "丙"}},
        "not_allowed_here",
    ),
    (
        "prefix_iff",
        "enum",
        {"ref": "CODE", "prefix": "92", "value": "2"},
        [("CODE", "string")],
        {"X": "2", "CODE": "92A"},
        {"X": "1", "CODE": "92A"},
        "prefix_needs_code",
    ),
    (
        "prefix_iff",
        "enum",
        {"ref": "CODE", "prefix": "92", "value": "2"},
        [("CODE", "string")],
        {"X": "1", "CODE": "91A"},
        {"X": "2", "CODE": "91A"},
        "code_needs_prefix",
    ),
    ("uscc", "string", {}, [], {"X": "91350200MA9YYYYY7Y"}, {"X": "91350200MA9YYYYY7X"}, "uscc_check"),
    ("orgcode", "string", {}, [], {"X": "MA9YYYYY7"}, {"X": "MA9YYYYY8"}, "orgcode_check"),
    ("regno", "string", {}, [], {"X": "350200999999998"}, {"X": "350200999999990"}, "regno_check"),
    ("idcard", "string", {}, [], {"X": "350203190001010009"}, {"X": "350203190001010008"}, "ric_check"),
    (
        "cert_by_type",
        "string",
        {"type_field": "PAPER_KIND"},
        [("PAPER_KIND", "enum", "PAPER")],
        {"X": "11010519491231002X", "PAPER_KIND": "1"},
        {"X": "E12345678", "PAPER_KIND": "1"},
        "ric_length",
    ),
    (
        "cert_by_type",
        "string",
        {"type_field": "PAPER_KIND"},
        [("PAPER_KIND", "enum", "PAPER")],
        {"X": "E12345678", "PAPER_KIND": "2"},
        {"X": "E1", "PAPER_KIND": "2"},
        "certificate_form",
    ),
    ("regex", "string", {"pattern": "^[0-9]{6}$"}, [], {"X": "350200"}, {"X": "35020"}, "pattern_mismatch"),
    ("regex", "string", {"pattern": "^a|b$"}, [], {"X": "b"}, {"X": "ab"}, "pattern_mismatch"),
    ("required_if", "string", IN_1, [KIND], {"KIND_OF_IT": "2"}, {"KIND_OF_IT": "1"}, "required_if"),
    (
        "required_if",
        "string",
        CONTAINS_2,
        [KINDS],
        {"KINDS_OF_IT": ["1"]},
        {"KINDS_OF_IT": ["1", "2"]},
        "required_if",
    ),
    (
        "required_if",
        "string",
        {"field": "KINDS_OF_IT", "contains_any": ["9"]},
        [KINDS],
        {"KINDS_OF_IT": ["1"]},
        {"KINDS_OF_IT": ["1", {"code": "9", "text": "丙"}]},
        "required_if",
    ),
    ("required_unless", "string", IN_1, [KIND], {"KIND_OF_IT": "1"}, {"KIND_OF_IT": "2"}, "required_unless"),
    (
        "required_if_filled",
        "string",
        {"ref": "CODE"},
        [("CODE", "string")],
        {},
        {"CODE": "1"},
        "required_if_filled",
    ),
    (
        "empty_if",
        "string",
        IN_1,
        [KIND],
        {"KIND_OF_IT": "2", "X": "a"},
        {"KIND_OF_IT": "1", "X": "a"},
        "must_be_empty",
    ),
    (
        "positive_if",
        "decimal",
        CONTAINS_2,
        [KINDS],
        {"KINDS_OF_IT": ["2"], "X": "0.000001"},
        {"KINDS_OF_IT": ["2"], "X": "0"},
        "not_positive",
    ),
    (
        "positive_if",
        "int",
        CONTAINS_2,
        [KINDS],
        {"KINDS_OF_IT": ["1"], "X": 0},
        {"KINDS_OF_IT": ["2"], "X": 0},
        "not_positive",
    ),
    ("not_after", "date", {"ref": "$today"}, [], {"X": "2026-11-24"}, {"X": "2026-11-25"}, "in_future"),
    (
        "not_after",
        "date",
        {"ref": "DAY"},
        [DATE],
        {"X": "2026-01-01", "DAY": "2026-01-01"},
        {"X": "2026-01-02", "DAY": "2026-01-01"},
        "after_other",
    ),
    (
        "not_before",
        "date",
        {"ref": "DAY"},
        [DATE],
        {"X": "2026-01-01", "DAY": "2026-01-01"},
        {"X": "2025-12-31", "DAY": "2026-01-01"},
        "before_other",
    ),
    ("not_before", "date", {"ref": "$today"}, [], {"X": "2026-11-24"}, {"X": "2026-11-23"}, "in_past"),
    (
        "open_end",
        "date",
        {"value": "2099-12-31"},
        [],
        {"X": "2099-12-31"},
        {"X": "9999-12-31"},
        "after_open_end",
    ),
    (
        "list",
        "set",
        {"separator": ";"},
        [],
        {"X": [{"code": "9", "text": "甲,乙"}]},
        {"X": [{"code": "9", "text": "甲;乙"}]},
        "separator_in_text",
    ),
    (
        "one_of",
        "string",
        {"of": ["uscc", "idcard"]},
        [],
        {"X": "350203190001010009"},
        {"X": "350203190001010008"},
        "one_of_none",
    ),
    ("name", "string", {}, [], {"X": "陈礼行"}, {"X": "陈*行"}, "name_masked"),
    ("name", "string", {"shortest": 4}, [], {"X": "鹭潮食品"}, {"X": "鹭潮"}, "name_short"),
    ("not_negative", "decimal", {}, [], {"X": "0"}, {"X": "-0.5"}, "negative"),
    ("not_negative", "int", {}, [], {"X": 0}, {"X": -1}, "negative"),
    ("recent", "date", {"years": 20}, [], {"X": "2006-11-24"}, {"X": "2006-11-23"}, "long_ago"),
]
DOUBTS = {"name_short", "long_ago", "certificate_form"}


@pytest.mark.parametrize(
    ("kind", "on", "params", "others", "keeps", "breaks", "code"),
    CASES,
    ids=[f"{c[0]}-{c[-1]}" for c in CASES],
)
def test_a_rule_is_broken_by_its_own_fault_only(
    kind, on, params, others, keeps, breaks, code, an_item, field_entry, today
):
    """A record that keeps the rule has no problem, and the faulty one has this problem and no other."""
    more = [field_entry(o[0], o[1], **({"code_set": o[2]} if len(o) > 2 else {})) for o in others]
    item = an_item(field_entry("X", on, {"kind": kind, **params}), *more)

    assert check(item, keeps, reported_on=today) == []
    found = check(item, breaks, reported_on=today)
    assert [(p.field_id, p.code) for p in found] == [("X", code)]
    assert (found[0].severity, found[0].answerable) == (
        ("warning", True) if code in DOUBTS else ("error", False)
    )


def test_every_kind_of_rule_has_a_case():
    assert {case[0] for case in CASES} == set(RULES)


def test_every_rule_is_bound_in_one_table():
    assert set(ON_VALUE) | set(ON_RECORD) == set(RULES.values())
    assert not set(ON_VALUE) & set(ON_RECORD)


def test_a_rule_that_looks_at_an_empty_field_says_nothing(an_item, field_entry, today):
    item = an_item(
        field_entry("X", "date", {"kind": "not_before", "ref": "DAY"}),
        field_entry("DAY", "date"),
        field_entry("Y", "string", {"kind": "required_unless", "field": "K", "in": ["1"]}),
        field_entry("K", "enum"),
    )

    assert check(item, {"X": "2026-01-01"}, reported_on=today) == []


def test_a_required_group_wants_one_of_its_fields(an_item, field_entry, today):
    item = an_item(field_entry("A", required_group=1), field_entry("B", required_group=1))

    assert check(item, {"B": "1"}, reported_on=today) == []
    assert [(p.path, p.code, p.params["others"]) for p in check(item, {}, reported_on=today)] == [
        ("A", "group_missing", "A;B")
    ]


def test_a_field_that_must_be_filled_is_missed_once(an_item, field_entry, today):
    """A condition on top of plain "required" makes no second problem."""
    rule = {"kind": "required_if", "field": "K", "in": ["1"]}
    item = an_item(field_entry("X", "string", rule, required=True), field_entry("K", "enum"))

    assert [p.code for p in check(item, {"K": "1"}, reported_on=today)] == ["required_missing"]


def test_patterns_are_compiled_when_the_catalog_is_read(an_item, field_entry):
    item = an_item(field_entry("X", "string", {"kind": "regex", "pattern": "^a$"}))

    assert item.by_id["X"].rules[0].pattern == re.compile("^a$")
