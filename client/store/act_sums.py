"""A whole act for its reviewer: sums over all that waits, filters, a sample with a seed, what was looked at.

An act may have tens of thousands of entries: they are walked page by page, and only what a filter lets
through is kept, up to a limit.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from client.core.records import ActEntry, ActRow
from client.store import import_changes
from client.store.acts import act_entries
from client.store.connection import Connection
from client.store.desk import Desk
from client.store.draft_rows import as_json
from forms.catalog.schema import Item
from forms.catalog.shapes import codes_of, is_day

PAGE: Final = 1_000
MOST_CELLS: Final = 1_000_000


@dataclass(slots=True)
class Amount:
    """What the amounts of a field come to."""

    count: int = 0
    total: Decimal = Decimal(0)
    least: Decimal | None = None
    most: Decimal | None = None

    def add(self, value: Decimal) -> None:
        """Count one more."""
        self.count += 1
        self.total += value
        self.least = value if self.least is None else min(self.least, value)
        self.most = value if self.most is None else max(self.most, value)


@dataclass(slots=True)
class Sums:
    """Sums over what waits of an act.

    Attributes:
        items: reference → entries.
        codes: (reference, field) → code → entries.
        amounts: (reference, field) → what they come to.
        days: (reference, field) → first and last day.
        answered: code of a warning → entries in which it was answered.
        cleaned: entries that the import put in order.
    """

    items: Counter[str] = field(default_factory=Counter)
    codes: dict[tuple[str, str], Counter[str]] = field(default_factory=dict)
    amounts: dict[tuple[str, str], Amount] = field(default_factory=dict)
    days: dict[tuple[str, str], tuple[str, str]] = field(default_factory=dict)
    answered: Counter[str] = field(default_factory=Counter)
    cleaned: int = 0


@dataclass(frozen=True, slots=True)
class Which:
    """Which entries of an act are wanted: all that are said must hold.

    Attributes:
        answered: code of a warning that was answered; ``*`` for any.
        value: a field and a code in it.
        cleaned: only what the import put in order.
        above: some amount of it is more than this.
        sample: how many at random, of what the rest lets through; 0 for all.
        seed: of the sample.
    """

    answered: str = ""
    value: tuple[str, str] | None = None
    cleaned: bool = False
    above: Decimal | None = None
    sample: int = 0
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Found:
    """The first entries that were wanted, in order, and how many there are."""

    entries: tuple[ActEntry, ...]
    count: int


def sums_of(desk: Desk, act: ActRow) -> Sums:
    """Sum up all that waits of an act."""
    reader, sums = desk.db.reader(), Sums()
    cleaned = cleaned_records(reader, act.import_id)
    for entry in _walk(reader, act.act_id):
        sums.cleaned += entry.record_id in cleaned
        sums.answered.update({one["code"] for one in entry.content["answers"]})
        if entry.op != "decide":
            _add(sums, desk.catalogs.item(entry.content["catalog"]), entry.content["payload"])
    return sums


def _add(sums: Sums, item: Item, values: dict[str, Any]) -> None:
    sums.items[item.ref] += 1
    for field_id, value in values.items():
        known, key = item.by_id.get(field_id), (item.ref, field_id)
        if known is None:
            continue
        if known.type in {"enum", "set"}:
            sums.codes.setdefault(key, Counter()).update(codes_of(value))
        elif known.type == "decimal" and (amount := _amount(value)) is not None:
            sums.amounts.setdefault(key, Amount()).add(amount)
        elif known.type == "date" and isinstance(value, str) and is_day(value):
            first, last = sums.days.get(key, (value, value))
            sums.days[key] = (min(first, value), max(last, value))


def find(desk: Desk, act: ActRow, which: Which, *, limit: int = PAGE) -> Found:
    """Find entries of an act that wait.

    Args:
        desk: the open desk.
        act: the act.
        which: what is wanted.
        limit: most entries that are kept.
    """
    reader = desk.db.reader()
    wanted = _test(desk, which, cleaned_records(reader, act.import_id) if which.cleaned else frozenset())
    if which.sample:
        ids = [entry.version_id for entry in _walk(reader, act.act_id) if wanted(entry)]
        dice = random.Random(which.seed)  # noqa: S311 - a sample that can be drawn again, no secret
        drawn = frozenset(dice.sample(ids, min(which.sample, len(ids))))
        wanted = _among(drawn)
    kept, count = list[ActEntry](), 0
    for entry in _walk(reader, act.act_id):
        if wanted(entry):
            count += 1
            if len(kept) < limit:
                kept.append(entry)
    return Found(tuple(kept), count)


def _among(ids: frozenset[str]) -> Callable[[ActEntry], bool]:
    return lambda entry: entry.version_id in ids


def _test(desk: Desk, which: Which, cleaned: frozenset[str]) -> Callable[[ActEntry], bool]:
    def holds(entry: ActEntry) -> bool:
        said = entry.content
        if which.answered and not any(which.answered in {"*", one["code"]} for one in said["answers"]):
            return False
        if which.value is not None and which.value[1] not in codes_of(said["payload"].get(which.value[0])):
            return False
        if which.cleaned and entry.record_id not in cleaned:
            return False
        return which.above is None or (entry.op != "decide" and _is_above(desk, said, which.above))

    return holds


def _is_above(desk: Desk, said: Any, above: Decimal) -> bool:
    fields = desk.catalogs.item(said["catalog"]).by_id
    amounts = (
        _amount(value)
        for field_id, value in said["payload"].items()
        if field_id in fields and fields[field_id].type == "decimal"
    )
    return any(amount is not None and amount > above for amount in amounts)


def _walk(reader: Connection, act_id: str) -> Iterator[ActEntry]:
    after: ActEntry | None = None
    while True:
        page = act_entries(reader, act_id, after=after, limit=PAGE)
        yield from page
        if len(page) < PAGE:
            return
        after = page[-1]


def cleaned_records(reader: Connection, import_id: str | None) -> frozenset[str]:
    """Return the records that an import put in order, and that were not put back."""
    if import_id is None:
        return frozenset()
    changes = import_changes.list_changes(reader, import_id, limit=MOST_CELLS)
    rows = as_json(sorted({one.row for one in changes if not one.undone}))
    found = reader.execute(
        "SELECT record_id FROM record WHERE import_id = ? AND import_row IN (SELECT value FROM json_each(?))"
        " UNION SELECT record_id FROM import_row WHERE import_id = ? AND record_id IS NOT NULL"
        " AND row IN (SELECT value FROM json_each(?))",
        (import_id, rows, import_id, rows),
    )
    return frozenset(row["record_id"] for row in found)


def _amount(value: object) -> Decimal | None:
    try:
        return Decimal(value) if isinstance(value, str) else None
    except InvalidOperation:
        return None


# --- what was looked at ---


def looked_at(desk: Desk, act_id: str, version_id: str) -> None:
    """Remember that the operator at work looked at an entry of a sample."""
    with desk.db.transaction() as tx:
        tx.execute(
            "INSERT OR IGNORE INTO review_seen (version_id, act_id, operator, seen_at) VALUES (?,?,?,?)",
            (version_id, act_id, desk.operator.operator_id, desk.now()),
        )


def seen(reader: Connection, act_id: str, operator_id: str) -> frozenset[str]:
    """Return the versions of an act that somebody looked at in a sample."""
    rows = reader.execute(
        "SELECT version_id FROM review_seen WHERE act_id = ? AND operator = ? LIMIT 100000",
        (act_id, operator_id),
    )
    return frozenset(row["version_id"] for row in rows)


def draw(desk: Desk, act: ActRow, which: Which) -> None:
    """Write into the audit chain that a sample was drawn, so that it can be drawn again."""
    with desk.db.transaction() as tx:
        desk.tell(tx, "sample_drawn", act.act_id, size=which.sample, seed=which.seed)
