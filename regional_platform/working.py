"""Batches that are being judged: who does not want to wait so long asks again later, and whomever.

What this process judges it knows. On PostgreSQL, where others may be asked too, a batch that was answered 202
stands in the database until it is judged, or until nobody can be judging it any more. On SQLite there is one
turn to write, which the batch itself may have: another process answers 404 there, and the desk sends again.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Final, TypeVar

from sqlalchemy import ColumnElement, Connection, delete, insert, select
from starlette.concurrency import run_in_threadpool

from regional_platform.store.engine import Store
from regional_platform.store.process_tables import under_way
from regional_platform.times import Clock, iso

T = TypeVar("T")

RETRY_AFTER_S: Final = (2, 30)
"""When to ask what became of a batch that is not judged yet: at the least, and at the most."""

MOST_WAIT_S: Final = 60
"""Longest that an answer is held back for somebody who says how long."""

WEIGHT: Final = 0.1
"""Of the newest batch in the mean of how long one takes."""

AT_MOST: Final = timedelta(seconds=MOST_WAIT_S)
"""Longest that a batch is said to be judged by a process that may have been killed."""

BULK_AT_ONCE: Final = 8
"""Batches without a deadline that are judged beside one another. More are no quicker, and would hold up what
the law sets a term for, and short questions, when all desks come back at once."""

Key = tuple[str, str]
"""Device and batch."""


class UnderWay:
    """What processes tell each other of batches that were answered 202."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock

    def add(self, key: Key) -> None:
        """Say that a batch is being judged."""
        until = iso(self._clock() + AT_MOST)

        def act(connection: Connection) -> None:
            connection.execute(delete(under_way).where(*_is(key)))
            connection.execute(insert(under_way).values(device_id=key[0], batch_id=key[1], until_at=until))

        self._store.write(act, units=())

    def remove(self, key: Key) -> None:
        """Say that a batch is judged, or was refused."""
        with self._store.beside() as connection:
            connection.execute(delete(under_way).where(*_is(key)))

    def has(self, key: Key) -> bool:
        """Say whether a batch is being judged somewhere."""
        current = under_way.c.until_at > iso(self._clock())
        with self._store.reading() as connection:
            return connection.execute(select(under_way).where(*_is(key), current)).first() is not None


def _is(key: Key) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return under_way.c.device_id == key[0], under_way.c.batch_id == key[1]


class Working:
    """What is under way. It goes on to its end, whether or not anybody still waits for it."""

    def __init__(self, everywhere: UnderWay | None = None) -> None:
        """Begin with nothing.

        Args:
            everywhere: what other processes know too; None where there are no others.
        """
        self._under_way: Counter[Key] = Counter()
        self._left_alone: set[asyncio.Task[None]] = set()
        self._everywhere = everywhere
        self._bulk = asyncio.Semaphore(BULK_AT_ONCE)
        self._waiting, self._took_s = 0, 0.0

    def has(self, key: Key) -> bool:
        """Say whether a batch is being judged; not to be asked from the event loop."""
        if self._under_way[key] > 0:
            return True
        return self._everywhere is not None and self._everywhere.has(key)

    async def in_turn(self, act: Callable[[], T], *, bound: bool) -> T:
        """Run `act` in a thread: at once when it is bound to a deadline, else when its turn comes."""
        if bound:
            return await run_in_threadpool(act)
        self._waiting += 1
        try:
            async with self._bulk:
                begun = time.monotonic()
                result = await run_in_threadpool(act)
                self._took_s += WEIGHT * (time.monotonic() - begun - self._took_s)
                return result
        finally:
            self._waiting -= 1

    @property
    def retry_after_s(self) -> int:
        """When to ask what became of a batch: when those that wait now will have been judged."""
        least, most = RETRY_AFTER_S
        return min(most, max(least, round(self._waiting * self._took_s / BULK_AT_ONCE)))

    async def result(self, key: Key, act: Callable[[], Awaitable[T]], wait_s: float | None) -> T | None:
        """Do `act` and return its result; None when it is not there within `wait_s` seconds."""
        self._under_way[key] += 1
        task = asyncio.ensure_future(act())
        task.add_done_callback(lambda _task: self._end(key))
        done, _ = await asyncio.wait({task}, timeout=wait_s)
        if done:
            return task.result()
        end = asyncio.create_task(self._see_out(key, task, told := asyncio.Event()))
        self._left_alone.add(end)
        end.add_done_callback(self._left_alone.discard)
        try:
            if self._everywhere is not None:
                await run_in_threadpool(self._everywhere.add, key)
        finally:
            told.set()
        return None

    async def settle(self) -> None:
        """Wait for what nobody waits for: the platform stops."""
        if self._left_alone:
            await asyncio.wait(self._left_alone)

    def _end(self, key: Key) -> None:
        self._under_way[key] -= 1
        if not self._under_way[key]:
            del self._under_way[key]

    async def _see_out(self, key: Key, task: asyncio.Future[T], told: asyncio.Event) -> None:
        """Wait for the end; a refusal that nobody heard is heard by who sends the same bytes again."""
        await asyncio.wait({task})
        if not task.cancelled():
            task.exception()
        await told.wait()
        if self._everywhere is not None:
            await run_in_threadpool(self._everywhere.remove, key)
