"""What a heading may mean that names no field, and which item a table is of."""

from __future__ import annotations

import pytest

from client.intake.candidates import Candidates, candidates_of
from client.intake.headings import Header, find, taken
from forms.catalog.schema import CatalogSet, Item

KNOWN = ["行政相对人名称", "行政处罚决定书文号", "处罚决定日期", "处罚类别"]


def read(item: Item, *texts: str) -> Header:
    one = Candidates((item,))
    header = one.find([(1, [*KNOWN, *texts])])
    assert header is not None
    return one.guessed(header)


@pytest.mark.parametrize(
    ("text", "how", "field"),
    [
        pytest.param("chufajiguan", "pinyin", "CF_CFJG", id="pinyin in full"),
        pytest.param("统一社会信用代吗", "pinyin", "CF_XDR_SHXYM", id="another character of the same sound"),
        pytest.param("处罚机关名", "fuzzy", "CF_CFJG", id="a character too many"),
    ],
)
def test_a_heading_is_guessed_by_sound_and_likeness(penalty: Item, text: str, how: str, field: str):
    (last,) = read(penalty, text).headings[len(KNOWN) :]

    assert (last.field, last.guess, last.found) == (None, field, how)
    assert 65 <= last.certainty < 100


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("序号", id="no field"),
        pytest.param("行政相对人代码_9", id="another number"),
        pytest.param("处罚决定日", id="the field has its column"),
    ],
)
def test_nothing_is_guessed_where_it_may_be_wrong(penalty: Item, text: str):
    (last,) = read(penalty, text).headings[len(KNOWN) :]

    assert last.guess is None


def test_two_columns_never_get_one_field(penalty: Item):
    header = read(penalty, "处罚机关名", "处罚机关名A")

    assert [one.guess for one in header.headings].count("CF_CFJG") <= 1


def test_without_a_person_only_the_certain_guesses_are_taken(penalty: Item):
    header = taken(read(penalty, "统一社会信用代吗", "违法事实描述"))

    assert [(one.field, one.guess) for one in header.headings[len(KNOWN) :]] == [
        ("CF_XDR_SHXYM", None), (None, None),
    ]  # fmt: skip


def test_among_all_items_the_same_one_is_found_as_by_trying_each(catalog: CatalogSet):
    whole = candidates_of(catalog, None)
    for item in list(catalog.items.values())[::10]:
        rows = [(1, [field.title for field in item.fields])]

        found, tried = whole.find(rows), find(rows, catalog.items.values())

        assert found is not None
        assert tried is not None
        assert (found.item, found.headings) == (tried.item, tried.headings)


def test_an_item_that_fits_nearly_as_well_is_named(catalog: CatalogSet):
    found = candidates_of(catalog, None).find([(1, KNOWN)])

    assert found is not None
    assert {found.item, found.rival} == {"XZCF_FR", "XZCF_ZRR"}


def test_what_a_heading_may_mean_tells_apart_items_that_fit_alike(catalog: CatalogSet):
    found = candidates_of(catalog, None).find([(1, [*KNOWN, "统一社会信用代吗"])])

    assert found is not None
    assert (found.item, found.tied) == ("XZCF_FR", False)
