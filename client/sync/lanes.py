"""What carries questions while the cycle goes on: threads, but for who wants to know the order."""

from __future__ import annotations

from collections.abc import Callable, Collection
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Protocol, TypeVar

from client.sync.pace import MOST_IN_FLIGHT

T = TypeVar("T")


class Lanes(Protocol):
    """Carries questions beside one another. The store is not touched by what is carried."""

    def submit(self, carry: Callable[[], T], /) -> Future[T]:
        """Begin to carry."""
        ...

    def first(self, flights: Collection[Future[T]], /) -> Future[T]:
        """Wait until one of several has landed, and return it."""
        ...


class Threads:
    """Each in a thread of its own."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(MOST_IN_FLIGHT + 1, "minxin-batch")  # and a page of the feed

    def submit(self, carry: Callable[[], T], /) -> Future[T]:
        """Begin to carry."""
        return self._pool.submit(carry)

    def first(self, flights: Collection[Future[T]], /) -> Future[T]:
        """Wait until one has landed; of several the one that set out first."""
        landed, _ = wait(flights, return_when=FIRST_COMPLETED)
        return next(one for one in flights if one in landed)

    def close(self) -> None:
        """Begin nothing more; what is on the line is left to itself."""
        self._pool.shutdown(wait=False, cancel_futures=True)
