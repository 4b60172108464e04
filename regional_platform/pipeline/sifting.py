"""The new records of a batch looked over together, item by item: which of them `check` finds nothing in.

Nearly all are right, and to see that of many at once costs a fifth of asking `check` of each. What is not
seen at once is left to `check`.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final

from forms.catalog.naturalkey import natural_keys
from forms.catalog.schema import Item, Value
from forms.catalog.sieve import Sieve

MOST_SIEVES: Final = 64
"""Items whose sieve is kept, each with the values that it found right."""

_SIEVES: Final[OrderedDict[tuple[int, date], tuple[Item, Sieve]]] = OrderedDict()
"""By `id` of the item, which is kept alive, and the day."""


def sound(item: Item, payloads: Sequence[Mapping[str, Any]], today: date) -> Mapping[int, str | None]:
    """Return the places of records that are surely right, each with its natural key.

    Args:
        item: what all of them are of.
        payloads: field id → value, as they came.
        today: the reporting day, as in `check`.
    """
    columns = _columns(item, payloads)
    if columns is None:
        return {}
    doubtful = _sieve(item, today).doubtful(columns, len(payloads))
    keys = natural_keys(item, columns, len(payloads))
    return {place: key for place, key in enumerate(keys) if place not in doubtful}


def _columns(item: Item, payloads: Sequence[Mapping[str, Any]]) -> dict[str, Sequence[Value]] | None:
    """Lay records out by column; None when one has a stranger in it, or a key that says nothing."""
    named: set[str] = set().union(*payloads)
    if not named <= item.by_id.keys():
        return None
    columns: dict[str, Sequence[Value]]
    if len(set(map(tuple, payloads))) == 1:  # all say the same things, in the same order
        columns = dict(zip(payloads[0], zip(*(one.values() for one in payloads), strict=True), strict=True))
    else:
        columns = {name: [payload.get(name, "") for payload in payloads] for name in named}
    said = sum(len(column) - column.count("") for column in columns.values())
    if said != sum(map(len, payloads)):
        return None
    for name in named:
        if item.by_id[name].type == "set":
            columns[name] = list(_alike(columns[name]))
    return columns


def _alike(column: Iterable[Value]) -> Iterable[Value]:
    """Make one of lists that say the same: the sieve looks at each object of a column once."""
    known: dict[tuple[str, ...], Value] = {}
    for value in column:
        if type(value) is list and {str}.issuperset(map(type, value)):
            yield known.setdefault(tuple(value), value)
        else:
            yield value


def _sieve(item: Item, today: date) -> Sieve:
    """The sieve of an item for a day; those that were not used for longest are forgotten."""
    key = (id(item), today)
    known = _SIEVES.pop(key, None) or (item, Sieve(item, reported_on=today))
    _SIEVES[key] = known  # behind all others
    while len(_SIEVES) > MOST_SIEVES:
        _SIEVES.popitem(last=False)
    return known[1]
