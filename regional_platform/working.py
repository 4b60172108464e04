"""Batches that are being judged in this process: who does not want to wait so long asks again later."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from typing import Final, TypeVar

from starlette.concurrency import run_in_threadpool

T = TypeVar("T")

RETRY_AFTER_S: Final = 2
"""When to ask what became of a batch that is not judged yet."""

MOST_WAIT_S: Final = 60
"""Longest that an answer is held back for somebody who says how long."""

Key = tuple[str, str]
"""Device and batch."""


class Working:
    """What is under way. It goes on to its end, whether or not anybody still waits for it."""

    def __init__(self) -> None:
        self._under_way: Counter[Key] = Counter()
        self._left_alone: set[asyncio.Task[object]] = set()

    def has(self, key: Key) -> bool:
        """Say whether a batch is being judged here."""
        return self._under_way[key] > 0

    async def result(self, key: Key, act: Callable[[], T], wait_s: float | None) -> T | None:
        """Run `act` in a thread and return its result; None when it is not there within `wait_s` seconds."""
        self._under_way[key] += 1
        task = asyncio.create_task(run_in_threadpool(act))
        task.add_done_callback(lambda _task: self._end(key))
        done, _ = await asyncio.wait({task}, timeout=wait_s)
        if done:
            return task.result()
        self._left_alone.add(task)
        task.add_done_callback(self._forget)
        return None

    async def settle(self) -> None:
        """Wait for what nobody waits for: the platform stops."""
        if self._left_alone:
            await asyncio.wait(self._left_alone)

    def _end(self, key: Key) -> None:
        self._under_way[key] -= 1
        if not self._under_way[key]:
            del self._under_way[key]

    def _forget(self, task: asyncio.Task[object]) -> None:
        """A refusal that nobody heard is heard by who sends the same bytes again."""
        self._left_alone.discard(task)
        if not task.cancelled():
            task.exception()
