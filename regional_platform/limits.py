"""How often one device may send: a token bucket a lane, in memory."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable

from regional_platform.problems import Refusal

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
