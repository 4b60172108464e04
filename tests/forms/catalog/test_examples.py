"""Examples of fields: invented, believable, and right wherever a field by itself can tell."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from forms.catalog import examples
from forms.catalog.check import check
from forms.catalog.examples import example
from forms.catalog.fieldtypes import parse
from forms.catalog.identifiers import judge
from forms.catalog.loader import load_set

TODAY = date(2026, 11, 24)
SET = load_set(Path(__file__).parents[3] / "resources" / "catalogs" / "2026.1")
BETWEEN_FIELDS = {
    "required_missing", "required_if", "required_unless", "required_if_filled", "must_be_empty",
    "not_positive", "code_needs_prefix", "prefix_needs_code", "before_other", "after_other", "group_empty",
}  # fmt: skip
"""What an example by itself cannot heed: it knows no other field."""


@pytest.mark.parametrize("item", SET.items.values(), ids=SET.items)
def test_every_field_of_an_item_has_an_example_that_it_would_take(item):
    values = {}
    for field in item.fields:
        text = example(field, item)
        assert text or field.type == "attachment", field.title
        if text:
            values[field.id] = parse(field, text)

    found = check(item, values, reported_on=TODAY)

    assert [(one.path, one.code) for one in found if one.code not in BETWEEN_FIELDS] == []


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("uscc", examples.FIRM_CODE), ("uscc", examples.OFFICE_CODE), ("orgcode", examples.ORG_CODE),
        ("regno", examples.LICENCE_NO), ("ric", examples.CARD_NO),
    ],
)  # fmt: skip
def test_codes_in_examples_have_right_check_characters(kind, code):
    assert judge(kind, code, today=TODAY).verdict == "ok"


@pytest.mark.parametrize(
    ("code", "field", "said"),
    [
        ("XZCF_FR", "CF_XDR_MC", "鹭岛示例食品有限公司"),
        ("XZCF_ZRR", "CF_XDR_MC", "王示例"),
        ("XZCF_FR", "CF_WSH", "厦示监〔2026〕12号"),
        ("XZCF_FR", "CF_XDR_SHXYM", examples.FIRM_CODE),
        ("XZCF_FR", "CF_CFJGDM", examples.OFFICE_CODE),
        ("XZCF_FR", "CF_JDRQ", "2026/01/05"),
        ("XZCF_FR", "CF_NR_FK", "1.5"),
    ],
)
def test_an_example_is_of_what_its_field_is_about(code, field, said):
    item = SET.items[code]

    assert example(item.by_id[field], item) == said
