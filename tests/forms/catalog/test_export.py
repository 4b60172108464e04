"""The exported JSON Schema: valid, and of one mind with `check` in all that it can say."""

from __future__ import annotations

import random
from datetime import date

import jsonschema_rs
import pytest

from forms.catalog.check import check
from forms.catalog.export import columns, json_schema

UNSAYABLE = {
    "uscc_check",
    "uscc_length",
    "uscc_character",
    "uscc_kind_unknown",
    "uscc_division_unknown",
    "uscc_pilot_check",
    "orgcode_check",
    "orgcode_length",
    "orgcode_character",
    "regno_check",
    "regno_length",
    "regno_character",
    "regno_old",
    "ric_check",
    "ric_length",
    "ric_character",
    "ric_birth",
    "ric_fifteen",
    "ric_division_unknown",
    "one_of_none",
    "certificate_form",
    "in_future",
    "in_past",
    "after_other",
    "before_other",
    "after_open_end",
    "long_ago",
    "code_not_yet",
    "code_no_more",
    "name_short",
    "placeholder",
    "control_characters",
    "invisible_characters",
    "outer_blanks",
    "broken_characters",
}
"""Codes for which JSON Schema has no words: check characters, dates against dates, doubts, characters."""

RECORDS = 1_200


def mutations(field) -> list[object]:
    """Values, right and wrong, for one field."""
    fill: list[object] = [
        "",
        " ",
        "甲乙丙丁",
        "山" * ((field.max_length or 10) + 1),
        "1",
        "*",
        7,
        None,
        [],
        ["01"],
        {},
        True,
    ]
    codes = [code.code for code in field.code_set.codes] if field.code_set else []
    other: list[object] = [
        {"code": code, "text": text} for code in codes[-6:] for text in ("责令改正", "", "甲;乙", "长" * 300)
    ]
    return {
        "date": [*fill, "2026-03-05", "2026-02-30", "2026/03/05", "2099-12-31"],
        "decimal": [
            *fill,
            "0",
            "5",
            "0.000001",
            "-1",
            "-0.5",
            "5.0",
            "05",
            "1234567890123",
            "123456789012.5",
            "0.1234567",
        ],
        "enum": [*fill, *codes, *other, "99"],
        "set": [
            *fill,
            ["02"],
            ["02", "03"],
            ["02", "02"],
            ["05"],
            ["99"],
            ["07"],
            *([one] for one in other),
            ["02", None],
        ],
    }.get(field.type, [*fill, "12345", "91350200MA9YYYYY7Y", "92350582MA9YYYYY74"])


@pytest.mark.parametrize("code", ["XZXK_FR", "XZXK_ZRR", "XZCF_FR", "XZCF_ZRR"])
def test_check_and_schema_agree_on_what_a_schema_can_say(code, catalog_set, a_record, today):
    """Over generated records, the schema refuses exactly those in which `check` finds something sayable."""
    item = catalog_set.items[code]
    validator = jsonschema_rs.Draft202012Validator(json_schema(item), validate_formats=True)
    dice = random.Random(20261124)
    refused = 0
    for _ in range(RECORDS):
        record = a_record(code)
        for field in dice.sample(item.fields, dice.choice((1, 1, 1, 2, 3))):
            value = dice.choice(mutations(field))
            if value is None:
                record.pop(field.id, None)
            else:
                record[field.id] = value
        if dice.random() < 0.05:
            record["UNKNOWN"] = "1"
        sayable = [p for p in check(item, record, reported_on=today) if p.code not in UNSAYABLE]

        assert validator.is_valid(record) == (not sayable), (record, sayable)
        refused += bool(sayable)
    assert RECORDS * 0.2 < refused < RECORDS * 0.9


def test_every_rule_that_can_be_said_is_in_the_schema(an_item, field_entry):
    item = an_item(
        field_entry("K", "enum"),
        field_entry("S", "set"),
        field_entry("A", "string", {"kind": "required_if", "field": "S", "contains_any": ["1"]}),
        field_entry("B", "string", {"kind": "required_unless", "field": "K", "in": ["1"]}),
        field_entry("C", "string", {"kind": "empty_if", "field": "K", "in": ["1"]}),
        field_entry("D", "int", {"kind": "positive_if", "field": "K", "in": ["1"]}, {"kind": "not_negative"}),
        field_entry("E", "string", {"kind": "regex", "pattern": "^a|b$"}, required_group=1),
        field_entry(
            "F", "string", {"kind": "required_if_filled", "ref": "E"}, required_group=1, max_length=3
        ),
    )
    validator = jsonschema_rs.Draft202012Validator(json_schema(item), validate_formats=True)
    right = {"K": "1", "S": ["2"], "E": "a", "F": "c"}
    namely = {"code": "9", "text": "丙"}

    for change, valid in [
        ({}, True),
        ({"S": ["1"]}, False),
        ({"S": ["1"], "A": "x"}, True),
        ({"K": "2"}, False),
        ({"K": namely}, False),
        ({"K": namely, "B": "x"}, True),
        ({"C": "x"}, False),
        ({"K": "2", "B": "x", "C": "x"}, True),
        ({"D": 0}, False),
        ({"D": 1}, True),
        ({"D": -1, "K": "2", "B": "x"}, False),
        ({"E": "ab"}, False),
        ({"F": "cccc"}, False),
    ]:
        assert validator.is_valid(right | change) == valid, change
        assert (check(item, right | change, reported_on=date(2026, 11, 24)) == []) == valid, change
    assert not validator.is_valid({"K": "1"})
    assert not validator.is_valid({"K": "1", "E": "a"})


def test_the_schema_is_itself_valid_and_names_the_item(catalog_set):
    for item in catalog_set.items.values():
        schema = json_schema(item)
        jsonschema_rs.meta.validate(schema)
        assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
        assert schema["$id"] == f"urn:minxin:catalog:{item.ref}"
        assert list(schema["properties"]) == [field.id for field in item.fields]


def test_columns_follow_the_fields(penalty):
    laid = columns(penalty)

    assert [column.field_id for column in laid] == [field.id for field in penalty.fields]
    assert {column.heading: column.kind for column in laid}["罚款金额(万元)"] == "decimal"
    assert all(8 <= column.width <= 60 for column in laid)
