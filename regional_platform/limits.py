"""How often one device may send, and how much one unit (机构) a day.

A device has a token bucket a lane, and a network address one for who is not signed in yet; they are in the
memory of the process that serves them: with several workers a desk that spreads its requests over them gets
as many buckets. The bytes of a unit are counted in the database, together for all workers, in the transaction
of the batch that they are.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import Connection, insert, select, update

from regional_platform.problems import Refusal
from regional_platform.store.tables import traffic
from regional_platform.times import LEGAL_ZONE, legal_day

MOST_BUCKETS = 100_000
"""Full buckets are forgotten beyond this many, so that the table cannot grow without end."""


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

    def take(self, device_id: str, lane: str) -> None:
        """Take one token.

        Raises:
            Refusal: rate-limited, with the seconds until the next token.
        """
        now = self._monotonic()
        with self._lock:
            if len(self._buckets) >= MOST_BUCKETS:
                self._forget_full(now)
            level, since = self._buckets.get((device_id, lane), (self._burst, now))
            level = min(self._burst, level + (now - since) * self._per_second)
            self._buckets[device_id, lane] = (level - 1 if level >= 1 else level, now)
        if level < 1:
            seconds = max(1, math.ceil((1 - level) / self._per_second))
            raise Refusal("rate-limited", headers={"Retry-After": str(seconds)}, seconds=seconds)

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
