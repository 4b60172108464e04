from __future__ import annotations

from dataclasses import replace

import pytest

from client.core.masking import shown, without_number
from client.wiring import load_catalogs
from forms.catalog.messages import sentence
from forms.catalog.problems import Problem


@pytest.mark.parametrize(
    ("field", "value", "seen"),
    [
        ("CF_CFLB", ["02"], "罚款"),
        ("CF_YXQ", "2099-12-31", "长期"),
        ("CF_CFLB", "罚金", "罚金"),
        ("CF_NR_FK", "约一千", "约一千"),
        ("CF_FR_ZJHM", "350203199001011234", "350203********1234"),
        ("BZ", [{"sha256": "0" * 64, "name": "决定书.pdf"}, {"sha256": "1" * 64, "name": "送达.jpg"}],
         "决定书.pdf、送达.jpg"),
    ],
)  # fmt: skip
def test_a_value_is_shown_as_people_read_it_and_as_typed_where_it_is_wrong(field, value, seen):
    item = load_catalogs().item("XZCF_FR")

    assert shown(item.by_id[field], {field: value}) == seen
    assert shown(item.by_id[field], {}) == ""


def test_a_sentence_about_a_masked_number_does_not_tell_it():
    item = load_catalogs().item("XZCF_FR")
    field = item.by_id["CF_FR_ZJHM"]
    found = Problem(field.id, "not_in_code_set", params={"value": "350203199001011234"}, suggestion="350203")

    said = sentence(without_number(found, field), item)

    assert "19900101" not in said
    assert without_number(found, item.by_id["BZ"]) is found


def test_numbers_within_the_rows_of_a_group_are_masked_too():
    fields = load_catalogs().item("XZCF_FR").by_id
    parts = (fields["CF_FRDB"], fields["CF_FR_ZJHM"])
    group = replace(fields["BZ"], id="PERSONS", type="group", fields=parts)
    rows = [{"CF_FRDB": "郑海", "CF_FR_ZJHM": "350203199001011234"}, {"CF_FRDB": "吴昊"}]
    found = Problem("PERSONS/0/CF_FR_ZJHM", "not_in_code_set", params={"value": "350203199001011234"})

    assert shown(group, {"PERSONS": rows}).splitlines()[0] == "郑海 | 350203********1234"
    assert without_number(found, group).params == {"value": "350203********1234"}
    assert shown(group, {"PERSONS": "乱写"}) == "乱写"
