"""What of personal values is shown: on paper, and to other units."""

from __future__ import annotations

from dataclasses import replace

import pytest

from forms.catalog.masking import masked, masked_values


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("350203199001011234", "350203********1234"),
        ("350203900101123", "35***********23"),
        ("91350203MA0000015M", "91350203MA0000015M"),
        ("E12345678", "E1*****78"),
        ("1234", "****"),
        ("", ""),
    ],
)
def test_numbers_of_persons_are_masked_codes_of_units_are_not(text, seen):
    assert masked(text, "id_number") == seen
    assert masked(text, "person") == text


def test_other_units_see_no_number_and_only_the_first_sign_of_what_tells_of_a_person(penalty):
    values = {"CF_XDR_MC": "鹭海食品有限公司", "CF_FRDB": "林小满", "CF_FR_ZJHM": "350203199001011234",
              "CF_CFLB": ["02"], "CF_NR_FK": "0.05"}  # fmt: skip

    seen, touched = masked_values(penalty, values)

    assert seen == {**values, "CF_FRDB": "林**", "CF_FR_ZJHM": "350203********1234"}
    assert touched == ["CF_FRDB", "CF_FR_ZJHM"]
    assert masked_values(penalty, values, keep={"CF_FRDB"})[1] == ["CF_FR_ZJHM"]


def test_what_cannot_be_masked_and_stay_a_value_of_its_type_is_left_out(penalty):
    born = replace(penalty.by_id["CF_JDRQ"], id="BORN", sensitivity="person")
    rows = replace(penalty.by_id["BZ"], id="ROWS", type="group", fields=(born, penalty.by_id["CF_FRDB"]))
    item = replace(penalty, by_id={"BORN": born, "ROWS": rows})
    of_persons = [{"BORN": "1990-01-01", "CF_FRDB": "郑海"}]

    seen, touched = masked_values(item, {"BORN": "1990-01-01", "ROWS": of_persons, "OF_LATER": "x"})

    assert seen == {"ROWS": [{"CF_FRDB": "郑*"}], "OF_LATER": "x"}
    assert touched == ["BORN", "ROWS"]
