"""How often one device may send, and how much one unit (机构) a day.

A device has a token bucket a lane, and a network address one for who is not signed in yet. Where one process
serves the database alone they are in its memory; where there may be several, in the database, so that all
workers on all machines count together. The bytes of a unit are always counted there, in the transaction of
the batch that they are.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final, Protocol

from sqlalchemy import Connection, delete, insert, select, text, update

from regional_platform.problems import Refusal
from regional_platform.store.engine import Store
from regional_platform.store.process_tables import bucket
from regional_platform.store.tables import traffic
from regional_platform.times import LEGAL_ZONE, legal_day

MOST_BUCKETS: Final = 100_000
"""Full buckets are forgotten beyond this many, so that the table cannot grow without end."""

FULL_FOR_S: Final = 600
"""How far the clocks of machines may be apart."""


class Rate(Protocol):
    """How often somebody may come."""

    def take(self, holder: str, lane: str) -> None:
        """Take one token of a device, or of a network address.

        Raises:
            Refusal: rate-limited, with the seconds until the next token.
        """


class SharedRate:
    """As `RateLimit`, for all processes on one database.

    A bucket is the moment at which it will be full again, by the clock of the database: one statement takes a
    token or leaves the row alone.
    """

    def __init__(self, store: Store, per_minute: int, burst: int) -> None:
        self._store = store
        token_s = 60 / per_minute
        self._known = {"token": token_s, "room": (burst - 1) * token_s, "whole": burst * token_s}
        now = "CAST(extract(epoch FROM now()) AS double precision)" if store.on_postgresql else ":now"
        self._take = text(_TAKE.format(now=now))
        self._when = text(_WHEN.format(now=now))

    def take(self, holder: str, lane: str) -> None:
        """Take one token.

        Raises:
            Refusal: rate-limited, with the seconds until the next token.
        """
        values = {"holder": holder, "lane": lane, **self._known}
        if not self._store.on_postgresql:
            values["now"] = time.time()
        with self._store.beside() as connection:
            if connection.execute(self._take, values).one_or_none() is None:
                wait_s = connection.execute(self._when, values).scalar_one_or_none() or 0
                raise _come_again(wait_s)


_TAKE: Final = """
    INSERT INTO bucket (holder, lane, full_at) VALUES (:holder, :lane, {now} + :token)
    ON CONFLICT (holder, lane) DO UPDATE
        SET full_at = CASE WHEN bucket.full_at BETWEEN {now} AND {now} + :whole THEN bucket.full_at ELSE {now}
                      END + :token
        WHERE bucket.full_at <= {now} + :room OR bucket.full_at > {now} + :whole
    RETURNING 1
"""
"""What lies further ahead than a bucket can was written before the clock was set back: it is full."""

_WHEN: Final = "SELECT full_at - :room - {now} FROM bucket WHERE holder = :holder AND lane = :lane"


def _come_again(wait_s: float) -> Refusal:
    seconds = max(1, math.ceil(wait_s))
    return Refusal("rate-limited", headers={"Retry-After": str(seconds)}, seconds=seconds)


class RateLimit:
    """`per_minute` in the long run, `burst` at once after a rest, for each key."""

    def __init__(
        self, per_minute: int, burst: int, *, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._per_second = per_minute / 60
        self._burst = float(burst)
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._buckets: dict[tuple[str, str], tuple[float, float]] = {}

    def take(self, holder: str, lane: str) -> None:
        """Take one token.

        Raises:
            Refusal: rate-limited, with the seconds until the next token.
        """
        now = self._monotonic()
        with self._lock:
            if len(self._buckets) >= MOST_BUCKETS:
                self._forget_full(now)
            level, since = self._buckets.get((holder, lane), (self._burst, now))
            level = min(self._burst, level + (now - since) * self._per_second)
            self._buckets[holder, lane] = (level - 1 if level >= 1 else level, now)
        if level < 1:
            raise _come_again((1 - level) / self._per_second)

    def _forget_full(self, now: float) -> None:
        self._buckets = {
            key: (level, since)
            for key, (level, since) in self._buckets.items()
            if level + (now - since) * self._per_second < self._burst
        }


def refuse_over_the_day(connection: Connection, unit: str, most: int, now: datetime) -> None:
    """Refuse more from a unit that has sent `most` bytes today.

    Raises:
        Refusal: rate-limited, until the next legal day begins.
    """
    today = (traffic.c.unit == unit, traffic.c.day == legal_day(now).isoformat())
    sent = connection.execute(select(traffic.c.bytes).where(*today)).scalar_one_or_none() or 0
    if sent >= most:
        here = now.astimezone(LEGAL_ZONE)
        tomorrow = here.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
        seconds = math.ceil((tomorrow - here).total_seconds())
        raise Refusal("rate-limited", headers={"Retry-After": str(seconds)}, seconds=seconds)


def count_bytes(connection: Connection, unit: str, size: int, now: datetime) -> None:
    """Add the bytes of a batch to its unit's day."""
    day = legal_day(now).isoformat()
    more = update(traffic).where(traffic.c.unit == unit, traffic.c.day == day)
    if not connection.execute(more.values(bytes=traffic.c.bytes + size)).rowcount:
        connection.execute(insert(traffic).values(unit=unit, day=day, bytes=size))


def rate_of(store: Store, per_minute: int, burst: int, *, shared: bool) -> Rate:
    """Return what counts for this process alone, or for all that share the database."""
    return SharedRate(store, per_minute, burst) if shared else RateLimit(per_minute, burst)


def forget_full(connection: Connection, now: datetime) -> None:
    """Remove the buckets that have been full for a while: the same as none."""
    long_ago = now.timestamp() - FULL_FOR_S
    connection.execute(delete(bucket).where(bucket.c.full_at < long_ago))
