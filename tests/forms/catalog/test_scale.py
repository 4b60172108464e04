"""A set as large as that of three provinces opens, is browsed and checks like a small one."""

from __future__ import annotations

import random

import pytest

from forms.catalog.check import check
from forms.catalog.loader import load_set, verify_set
from tests.forms.catalog.generating import FIELDS, write_large_set
from tests.forms.catalog.sampling import a_sample


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    return write_large_set(tmp_path_factory.mktemp("large"), 702)


def test_a_set_of_702_items_is_open_without_reading_one(large):
    opened = load_set(large)

    assert len(opened.entries) == len(opened.items) == 702
    assert {entry.fields for entry in opened.entries.values()} == {FIELDS}
    assert sum(len(opened.of_class("category", one.code)) for one in opened.class_codes("category")) == 702


def test_any_item_of_it_checks_its_records(large, today):
    opened = load_set(large)
    for code in random.Random(1).sample(sorted(opened.items), 40):
        item = opened.items[code]
        assert check(item, a_sample(item), reported_on=today) == []


def test_all_of_it_is_sound(large):
    assert len(verify_set(large).items) == 702
