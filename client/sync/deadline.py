"""The longest that one exchange may take: an answer that drips without end is cut off.

Time-outs of a socket are for one piece; a server that sends a byte now and then keeps to them for ever. Here
every piece that is read gets no more than what is left of the whole.
"""

from __future__ import annotations

import http.client
import io
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final

import requests.adapters
import urllib3
import urllib3.connection

_ENDS_AT: Final[ContextVar[float]] = ContextVar("ends_at")
"""By the monotonic clock; of the exchange that this thread is in."""


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Let everything that is read within the block take so long together."""
    before = _ENDS_AT.set(time.monotonic() + seconds)
    try:
        yield
    finally:
        _ENDS_AT.reset(before)


def left_s() -> float:
    """Return what is left of the time.

    Raises:
        TimeoutError: nothing.
    """
    left = _ENDS_AT.get() - time.monotonic()
    if left <= 0:
        raise TimeoutError("the exchange takes too long")
    return left


class TimedAdapter(requests.adapters.HTTPAdapter):
    """Connections, with and without a proxy, that keep to `within`."""

    def init_poolmanager(self, *sizes: Any, **how: Any) -> None:
        super().init_poolmanager(*sizes, **how)
        self.poolmanager.pool_classes_by_scheme = _POOLS

    def proxy_manager_for(self, proxy: str, **how: Any) -> Any:
        manager = super().proxy_manager_for(proxy, **how)
        manager.pool_classes_by_scheme = _POOLS
        return manager


class _Pieces(io.RawIOBase):
    """What comes over a socket, each piece in what is left of the time."""

    def __init__(self, line: socket.socket) -> None:
        self._line = line
        self._raw = line.makefile("rb", buffering=0)

    def readable(self) -> bool:
        return True

    def readinto(self, into: Any, /) -> int | None:
        most = self._line.gettimeout()
        left = left_s()
        self._line.settimeout(left if most is None else min(most, left))
        try:
            return self._raw.readinto(into)
        finally:
            self._line.settimeout(most)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Response(http.client.HTTPResponse):
    def __init__(self, line: socket.socket, *more: Any, **how: Any) -> None:
        super().__init__(line, *more, **how)
        untimed, self.fp = self.fp, io.BufferedReader(_Pieces(line))
        untimed.close()


class _Connection(urllib3.connection.HTTPConnection):
    response_class = _Response


class _SafeConnection(urllib3.connection.HTTPSConnection):
    response_class = _Response


class _Pool(urllib3.HTTPConnectionPool):
    ConnectionCls = _Connection


class _SafePool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _SafeConnection


_POOLS: Final = {"http": _Pool, "https": _SafePool}
