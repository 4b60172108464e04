"""Codes are found while typing: by code, by name, by initials, several words at once."""

from __future__ import annotations

from datetime import date

import pytest

from forms.catalog.codesearch import CodeIndex
from forms.catalog.schema import Code

PLACES = [
    Code("350200", "厦门市"), Code("350203", "思明区"), Code("350206", "湖里区"),
    Code("350600", "漳州市", aliases=("漳郡",)), Code("350681", "龙海市", until=date(2021, 12, 31)),
    Code("350604", "龙海区", since=date(2022, 1, 1)), Code("350206001", "湖里街道"),
    Code("350206002", "殿前街道"),
]  # fmt: skip
INITIALS = {
    "350200": "xms", "350203": "smq", "350206": "hlq", "350600": "zzs", "350681": "lhs",
    "350604": "lhq", "350206001": "hljd", "350206002": "dqjd",
}  # fmt: skip


@pytest.fixture(scope="module")
def index():
    return CodeIndex(PLACES, INITIALS)


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("3502", ["350200", "350203", "350206", "350206001", "350206002"]),
        ("350206", ["350206", "350206001", "350206002"]),
        ("湖里", ["350206", "350206001"]),
        ("街道", ["350206001", "350206002"]),
        ("hl", ["350206", "350206001"]),
        ("HLJ", ["350206001"]),
        ("ｈｌｊ", ["350206001"]),
        ("漳郡", ["350600"]),
        ("湖里 街", ["350206001"]),
        ("街 hl", ["350206001"]),
        ("没有这个", []),
        ("qjd", ["350206002"]),
    ],
)
def test_a_code_is_found_by(text, codes, index):
    assert [code.code for code in index.find(text)] == codes


def test_the_whole_word_comes_before_its_beginnings(index):
    longer = CodeIndex([Code("2", "其他证件"), Code("1", "其他")])

    assert [code.code for code in longer.find("其他")] == ["1", "2"]
    assert index.find("350206")[0].code == "350206"


def test_nothing_typed_shows_the_first(index):
    assert [code.code for code in index.find(" ", limit=2)] == ["350200", "350203"]


def test_a_code_that_does_not_hold_on_the_day_is_left_out(index):
    assert [code.code for code in index.find("龙海", on=date(2021, 5, 1))] == ["350681"]
    assert [code.code for code in index.find("龙海", on=date(2026, 5, 1))] == ["350604"]


def test_without_initials_names_and_codes_are_searched():
    plain = CodeIndex(PLACES)

    assert len(plain) == len(PLACES)
    assert plain.find("xms") == []
    assert [code.code for code in plain.find("厦门")] == ["350200"]


def test_each_code_of_the_catalog_is_found_by_its_code_and_its_name(catalog_set):
    for code_set in catalog_set.code_sets.values():
        own = CodeIndex(code_set.codes)
        for code in code_set.codes:
            assert code in own.find(code.code, limit=400)
            assert code in own.find(code.name, limit=400)
