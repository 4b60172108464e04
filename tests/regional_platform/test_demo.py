"""The demo's units, people and subjects."""

from __future__ import annotations

from datetime import date

import pytest

from forms.catalog.identifiers import judge


@pytest.fixture
def seed(seeded_file):
    return seeded_file.seed


def test_there_is_a_region_of_three_cities_with_two_departments_each_a_hall_and_a_station(seed):
    paths = {unit["path"]: unit["level"] for unit in seed["units"]}

    assert paths == {
        "minnan/": "region",
        **{f"minnan/{city}/": "city" for city in ("350200", "350500", "350600")},
        "minnan/350200/350200-00/": "department",
        **{
            f"minnan/{city}/{city}-{n}/": "department"
            for city in ("350200", "350500", "350600")
            for n in ("01", "02")
        },
        "minnan/350200/350200-01/350200-01-01/": "station",
    }


def test_every_level_has_the_people_that_it_needs(seed):
    roles = {
        unit["code"]: {role for one in unit["operators"] for role in one["roles"]} for unit in seed["units"]
    }

    assert roles.pop("minnan") == {"admin", "auditor"}
    assert [roles.pop(city) for city in ("350200", "350500", "350600")] == [{"admin"}] * 3
    assert roles.pop("350200-00") == {"hall", "admin"}
    assert roles.pop("350200-01-01") == {"reporter", "reviewer"}
    assert all(found == {"reporter", "reviewer", "handler", "admin"} for found in roles.values())


def test_every_code_has_right_check_characters(seed):
    codes = [unit["code18"] for unit in seed["units"] if unit["code18"]] + [
        one["code"] for one in seed["subjects"]
    ]

    assert len(set(codes)) == len(codes) == 308
    assert {judge("uscc", code, today=date(2026, 11, 24)).verdict for code in codes} == {"ok"}


def test_no_name_and_no_secret_is_there_twice(seed):
    people = [one for unit in seed["units"] for one in unit["operators"]]
    subjects = [one["name"] for one in seed["subjects"]]

    for what in ("name", "operator_id", "password", "totp_secret"):
        assert len({one[what] for one in people}) == len(people)
    assert len(set(subjects)) == len(subjects)
    codes = [unit["enrolment_code"] for unit in seed["units"]]
    codes += [code for unit in seed["units"] for code in unit["spare_enrolment_codes"]]
    assert len(set(codes)) == len(codes) == 60
