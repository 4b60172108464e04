"""Columns cleaned as a whole: quick, and not a bit different from cell by cell."""

from __future__ import annotations

import datetime as dt
import json
import random

import pytest

from client.core.packed import encode
from client.intake.cells import Cell
from client.intake.clean import Touched, cleaner_of
from client.intake.columns import CleanColumn, column_cleaner, member
from client.intake.headings import Heading
from forms.catalog.schema import CatalogSet, Item, Value

TODAY = dt.date(2026, 11, 24)

PLAIN: list[Cell] = ["", "91350203MA0000002B", "张三", "2026-11-01", "1.5", "罚款;警告", "01", "厦门市某某局"]
ODD: list[Cell] = [
    "|", "9135|0203", " 张三", "张三 ", "ＡＢ", "А公司", "91350203MAOOOOOO2B", "2026年11月1日", "五万元",
    "a\nb", "\u200b", "长期", '说"是"', "反\\斜", "x" * 50, "｜", 1, True, 1.0, 913502030000000199.0,
    dt.date(2026, 11, 1), dt.datetime(2026, 11, 1, 8, 30),
]  # fmt: skip


@pytest.fixture
def item(catalog: CatalogSet) -> Item:
    return catalog.item("XZCF_FR")


@pytest.mark.parametrize("odd", [0, 1, 6], ids=["all plain", "one odd", "many odd"])
def test_a_column_gives_what_its_cells_give_one_by_one(item: Item, odd: int):
    """Asked twice, for what was cleaned once is remembered."""
    chance = random.Random(odd)
    for place, field in enumerate(item.fields):
        heading = Heading(place, field.title, field.id)
        clean, together = cleaner_of(field, heading, TODAY), column_cleaner(field, heading, TODAY)
        for _ in range(2):
            cells = [*chance.choices(PLAIN, k=120), *chance.choices(ODD, k=odd)]
            chance.shuffle(cells)
            single = [clean(cell) if cell != "" else "" for cell in cells]

            values, touched, *_ = together(cells)

            assert touched == [(n, one) for n, one in enumerate(single) if isinstance(one, Touched)]
            kept = {n for n, _ in touched}
            assert [(type(v), v) for n, v in enumerate(values) if n not in kept] == [
                (type(v), v) for n, v in enumerate(single) if n not in kept
            ], field.id


def test_a_blank_column_stays_blank(item: Item):
    for place, field in enumerate(item.fields):
        blank = [""] * 5

        column = column_cleaner(field, Heading(place, field.title, field.id), TODAY)(blank)

        assert (column.values, column.touched) == (blank, [])


@pytest.mark.parametrize("odd", [0, 1, 6], ids=["all plain", "one odd", "many odd"])
def test_values_are_written_by_the_column_as_json_writes_them(item: Item, odd: int):
    chance = random.Random(odd)
    for place, field in enumerate(item.fields):
        cells = [*chance.choices(PLAIN, k=20), *chance.choices(ODD, k=odd)]
        column = column_cleaner(field, Heading(place, field.title, field.id), TODAY)(cells)
        values = [value.value if isinstance(value, Touched) else value for value in column.values]

        piece, texts = member(field.id, column._replace(values=values))

        assert [piece % text for text in texts] == [
            f",{encode({field.id: value})[1:-1]}" if value != "" else "" for value in values
        ], field.id  # fmt: skip


def test_nought_and_codes_with_words_of_their_own_are_written_too():
    values: list[Value] = [0, ["01", {"code": "99", "text": '说"是"'}], "", "零"]

    for some in (values, [one for one in values if one != ""]):
        piece, texts = member("甲%s", CleanColumn(some, []))

        written = [json.loads(f"{{{(piece % text)[1:]}}}")["甲%s"] for text in texts if piece % text]
        assert written == [0, values[1], "零"]
