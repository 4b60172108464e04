"""The feed: what happened for a unit, numbered without holes, and the bell that wakes readers.

A number is taken by `UPDATE feed_head … RETURNING` inside the transaction of what it tells. The row
stays locked until commit, so commit order is number order, on SQLite and on PostgreSQL.
"""

from __future__ import annotations

import asyncio
import threading
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, Final

from sqlalchemy import Connection, Row, select, update

from regional_platform.receipts import read_stages, seal_of
from regional_platform.short import short_entries
from regional_platform.store.bulk import insert_many
from regional_platform.store.identity import Identity
from regional_platform.store.idlist import ids_in, packed
from regional_platform.store.tables import feed, feed_head
from regional_platform.times import iso

COLUMNS: Final = ("unit", "seq", "type", "at", "version_id", "stage", "json", "entries")

FOR_NEWCOMERS: Final = ("calendar.published", "rules.chosen")
"""Types of news that hold for every unit, also for one that is made later."""

DROPPED: Final = "dropped"
"""Type of entries that are no more: their numbers stay, see `dropping`."""

MOST_IN_A_RUN: Final = 1_000
"""Entries in one row."""


@dataclass(frozen=True, slots=True)
class News:
    """What is to come: a stage that names its receipt, a run of one stage, or another type with its JSON.

    Attributes:
        versions: those that reached the stage together, one entry each; at most MOST_IN_A_RUN.
    """

    unit: str
    type: str
    version_id: str | None = None
    stage: str | None = None
    json: bytes | None = None
    versions: Sequence[str] = ()

    @property
    def entries(self) -> int:
        """How many numbers it takes."""
        return len(self.versions) or 1


@dataclass(frozen=True, slots=True)
class Page:
    """Entries as JSON, the place after them, the last number given, and the receipts among the entries."""

    entries: Sequence[bytes]
    next: int
    head: int
    receipts: Sequence[bytes]


def append(connection: Connection, news: Sequence[News], now: datetime) -> set[str]:
    """Number and write entries; returns the units that the bell must ring for after commit."""
    by_unit: dict[str, list[News]] = defaultdict(list)
    for one in news:
        by_unit[one.unit].append(one)
    at = iso(now)
    for unit in sorted(by_unit):  # always in one order, so that two writers cannot wait for each other
        count = sum(one.entries for one in by_unit[unit])
        taken = (
            update(feed_head)
            .where(feed_head.c.unit == unit)
            .values(n=feed_head.c.n + count)
            .returning(feed_head.c.n)
        )
        seq = connection.execute(taken).scalar_one() - count + 1
        rows = []
        for one in by_unit[unit]:
            said = packed(one.versions) if one.versions else one.json
            rows.append((unit, seq, one.type, at, one.version_id, one.stage, said, one.entries))
            seq += one.entries
        insert_many(connection, feed, COLUMNS, rows)
    return set(by_unit)


def tell_newcomer(connection: Connection, source: str, code: str, now: datetime) -> None:
    """Write into the feed of a new unit what another was told of calendars and rule sets, in its order."""
    wanted = select(feed.c.type, feed.c.json).where(feed.c.unit == source, feed.c.type.in_(FOR_NEWCOMERS))
    rows = connection.execute(wanted.order_by(feed.c.seq)).all()
    append(connection, [News(code, row.type, json=bytes(row.json)) for row in rows], now)


def read_page(connection: Connection, identity: Identity, unit: str, after: int, limit: int) -> Page:
    """Read the entries of a unit that follow number `after`, at most `limit`."""
    head = connection.execute(select(feed_head.c.n).where(feed_head.c.unit == unit)).scalar_one()
    wanted = (
        select(feed)
        .where(
            feed.c.unit == unit, feed.c.seq > after - MOST_IN_A_RUN, feed.c.seq + feed.c.entries > after + 1
        )
        .order_by(feed.c.seq)
        .limit(limit)
    )
    rows = connection.execute(wanted).all()
    told = list(islice((one for row in rows for one in _entries(row, after)), limit))
    stages = [(version_id, stage, at) for _, _, at, version_id, stage, _ in told if version_id]
    receipts = read_stages(connection, identity, stages) if stages else []
    unread = iter(receipts)
    entries = [
        b'{"seq":%d,%b%b}' % (seq, before, next(unread) if version_id else said)
        for seq, before, _, version_id, _, said in told
    ]
    return Page(entries, told[-1][0] if told else after, head, receipts)


_Entry = tuple[int, bytes, str, str | None, Any, Any]
"""Number, what stands before its data, when, version and stage where it tells of one, and else the data."""


def _entries(row: Row[Any], after: int) -> Iterator[_Entry]:
    """The entries of a row that follow a number."""
    _, seq, kind, at, version_id, stage, said, count = tuple(row)
    head = b'"type":"%b","at":"%b","data":' % (kind.encode(), at.encode())
    if kind == DROPPED:
        for number in range(max(seq, after + 1), seq + count):
            yield number, head, at, None, None, said
        return
    if stage is None or version_id is not None:
        yield seq, head, at, version_id, stage, said
        return
    first = max(0, after + 1 - seq)
    for number, one in enumerate(ids_in(said, first), seq + first):
        yield number, head, at, one, stage, None


def page_body(identity: Identity, page: Page, *, in_short: bool = False) -> bytes:
    """Return a page as it is served: its entries, and the seal over the receipts among them."""
    entries = short_entries(page.entries, page.receipts) if in_short else page.entries
    return b'{"epoch":"%s","items":[%s],"next":%d,"head":%d,"seal":%s}' % (
        identity.epoch.encode(),
        b",".join(entries),
        page.next,
        page.head,
        seal_of(identity, page.receipts),
    )


class Bell:
    """Wakes the requests that wait for news of a unit, from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: dict[str, set[tuple[asyncio.AbstractEventLoop, asyncio.Event]]] = defaultdict(set)
        self._closed = False
        self.tell: Callable[[Collection[str]], None] | None = None
        """Tells other processes, where there is a way to."""

    def ring(self, units: Collection[str]) -> None:
        """Wake who waits for one of `units`, here and in other processes."""
        self.hear(units)
        if units and self.tell is not None:
            self.tell(units)

    def hear(self, units: Collection[str] | None) -> None:
        """Wake who waits here for one of `units`, or for any."""
        with self._lock:
            named = list(self._waiting) if units is None else units
            woken = [one for unit in named for one in self._waiting.pop(unit, set())]
        for loop, event in woken:
            loop.call_soon_threadsafe(event.set)

    def close(self) -> None:
        """Wake everyone, for good: the platform stops."""
        with self._lock:
            self._closed = True
        self.hear(None)

    @property
    def closed(self) -> bool:
        """Whether the platform is stopping."""
        return self._closed

    @contextmanager
    def listening(self, unit: str) -> Iterator[asyncio.Event]:
        """Give an event that is set when the bell rings for `unit`; listen first, then look."""
        entry = (asyncio.get_running_loop(), asyncio.Event())
        with self._lock:
            self._waiting[unit].add(entry)
        try:
            yield entry[1]
        finally:
            with self._lock:
                self._waiting[unit].discard(entry)
