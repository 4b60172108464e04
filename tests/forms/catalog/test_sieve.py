"""Columns looked over at once vouch for nothing that the validator would find fault with."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from forms.catalog.across import ACROSS
from forms.catalog.check import check, natural_key
from forms.catalog.naturalkey import natural_keys
from forms.catalog.rules import RULES
from forms.catalog.schema import CatalogSet, Item, Value
from forms.catalog.sieve import Sieve
from tests.forms.catalog.sampling import Record, a_breach, a_sample

ODD: list[Any] = [
    "x", " 前空", "后空 ", "　", "一\n二", "\u200b", "\ufffd", "undefined", "Null", "#N/A", "|", "*",
    "长" * 6000, "0", "-1", "5.10", "0.0000001", "9" * 40, "2026-02-30", "1900-01-01", "2027-01-01",
    "2099-12-31", "2100-01-01", "91350203MA00000028", "9235", "350203199003074012", "示监罚[2026]7号", "无",
    0, 1, -1, True, 1.0, [], ["01"], ["01", "01"], ["zz"], {"code": "9", "text": "甲"},
    [{"code": "99", "text": "甲;乙"}],
]  # fmt: skip
"""Values of which hardly one is right anywhere, in any column."""


def rows_of(item: Item, dice: random.Random, today: date) -> Iterator[Record]:
    """Right records, one that breaks each rule, and records in which something odd was put or left out."""
    for field in item.fields:
        for rule in field.rules:
            yield a_breach(item, field, rule, today)
    for _ in range(12):
        yield a_sample(item, dice=dice, full=dice.random() < 0.5)
    for _ in range(24):
        record = a_sample(item, dice=dice, full=dice.random() < 0.5)
        for field in dice.sample(item.fields, dice.randrange(1, min(3, len(item.fields)) + 1)):
            record.pop(field.id, None)
            if dice.random() < 0.7:
                record[field.id] = dice.choice(ODD)
        yield {name: value for name, value in record.items() if value != ""}


def columns_of(item: Item, rows: Sequence[Record]) -> dict[str, list[Value]]:
    """Lay records out by column, as a spreadsheet does; a column that is empty all through is not there."""
    columns = {field.id: [row.get(field.id, "") for row in rows] for field in item.fields}
    return {name: column for name, column in columns.items() if any(value != "" for value in column)}


def test_every_row_that_is_vouched_for_passes_the_check(catalog_set: CatalogSet, today: date):
    """Of every item; in chunks of several sizes, so that what a chunk does not hold is tried, too."""
    dice = random.Random(4)
    vouched = right = 0
    for item in catalog_set.items.values():
        sieve = Sieve(item, reported_on=today)
        rows = list(rows_of(item, dice, today))
        dice.shuffle(rows)
        while rows:
            chunk, rows = rows[: (size := dice.choice((1, 3, 40)))], rows[size:]
            doubtful = sieve.doubtful(columns_of(item, chunk), len(chunk))
            for place, row in enumerate(chunk):
                problems = check(item, row, reported_on=today)
                right += not problems
                vouched += place not in doubtful
                assert place in doubtful or not problems, (item.code, row, problems)
    assert vouched > right * 0.8


def test_natural_keys_by_column_are_those_of_the_records(catalog_set: CatalogSet, today: date):
    dice = random.Random(6)
    for item in catalog_set.items.values():
        rows = list(rows_of(item, dice, today))

        keys = natural_keys(item, columns_of(item, rows), len(rows))

        assert keys == [natural_key(item, row) for row in rows], item.code


def test_right_records_of_fines_are_not_looked_at_twice(penalty: Item, today: date):
    dice = random.Random(5)
    rows = [a_sample(penalty, dice=dice, full=False) for _ in range(40)]

    assert Sieve(penalty, reported_on=today).doubtful(columns_of(penalty, rows), len(rows)) == set()


def test_of_no_rows_nothing_is_doubtful(penalty: Item, today: date):
    assert Sieve(penalty, reported_on=today).doubtful({}, 0) == set()


def test_every_rule_between_fields_has_a_look_of_its_own(catalog_set: CatalogSet):
    used = {
        type(r) for item in catalog_set.items.values() for f in item.fields for r in f.rules if r.fields()
    }

    assert used <= ACROSS.keys() <= set(RULES.values())
