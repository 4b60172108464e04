"""A slow line that loses, with a clock of its own: nobody waits, and every second and byte is counted.

Both ways carry so many bytes a second, one thing after the other, each way by itself (full duplex); what
is put on the line behind something else waits for it. Every exchange pays the way there and back. A question
or an answer may be lost: its bytes are spent, and the desk waits as long as its transport would. Then that
connection is gone, and the next question opens another one.

Counted are HTTP/1.1 as `requests` and the platform's server write it, the records of TLS 1.3 around it, and
its handshakes; not the headers of TCP and IP.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Collection
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from http.client import responses
from typing import Final, TypeVar

import requests

from client.errors import ClientError, LinkError
from client.sync.transport import READ_S, longest_s
from client.sync.wire import UNPACKED, ZSTD, Reply, Request, unpacked
from tests.faults.region import Region
from tests.faults.scene import START, Turning

T = TypeVar("T")

ADDRESS: Final = "https://credit.example.cn"
TLS_RECORD_BYTES: Final = 22
"""Around each piece of at most `PIECE_BYTES`: five of header, one of type, sixteen of tag."""

PIECE_BYTES: Final = 16_384
HELLO_BYTES: Final = 600
"""Of a TLS 1.3 handshake, there; with the end of it."""

CERTIFICATE_BYTES: Final = 2_600
"""Back: with a chain of two certificates."""


@dataclass
class Counts:
    """What went over the line.

    Attributes:
        up, down: bytes, lost ones too.
        bodies: of batches that came, unpacked, each once however often it was sent.
    """

    up: int = 0
    down: int = 0
    exchanges: int = 0
    lost: int = 0
    handshakes: int = 0
    bodies: dict[str, bytes] = field(default_factory=dict)
    by_route: dict[str, tuple[int, int, int]] = field(default_factory=dict)


class _Flight(Future[T]):
    """What flies: who asks for its end waits for it."""

    def __init__(self, link: SlowLink) -> None:
        super().__init__()
        self._link = link
        self.lands_s = 0.0

    def done(self) -> bool:
        return self._link.timer() >= self.lands_s

    def result(self, timeout: float | None = None) -> T:
        self._link.wait_until(self.lands_s)
        return super().result(timeout)

    def exception(self, timeout: float | None = None) -> BaseException | None:
        self._link.wait_until(self.lands_s)
        return super().exception(timeout)


class SlowLink:
    """A transport, and the lanes and the clock that go with it.

    Args:
        region: the platform.
        clock: the time of desk and platform, which this line moves.
        bytes_per_s: each way.
        latency_s: one way.
        loss: share of questions that are lost, and as much of the answers that come.
    """

    def __init__(
        self, region: Region, clock: Turning, chance: random.Random, *, bytes_per_s: float,
        latency_s: float, loss: float,
    ) -> None:  # fmt: skip
        self._region, self._clock, self._chance = region, clock, chance
        self._rate, self._latency_s, self.loss = bytes_per_s, latency_s, loss
        self.counts = Counts()
        self.now_s = 0.0
        self._here_s: float | None = None
        self._free_up = self._free_down = 0.0
        self._idle: list[float] = []
        """Since when each open connection has nothing to carry."""

    # --- the clock

    def timer(self) -> float:
        """Seconds on this line: of what flies, in its thread; else of the cycle."""
        return self.now_s if self._here_s is None else self._here_s

    def pause(self, seconds: float) -> None:
        """Let time pass."""
        self._move(self.now_s + seconds)

    def _move(self, now_s: float) -> None:
        if self._here_s is None:
            self.now_s = now_s
        else:
            self._here_s = now_s
        self._set_clock(now_s)

    def _set_clock(self, seconds: float) -> None:
        self._clock.now = START
        self._clock.go(3600 + seconds)

    # --- the lanes

    def submit(self, carry: Callable[[], T], /) -> Future[T]:
        """Carry a question; when its answer lands is known at once, and told when somebody waits for it."""
        flight = _Flight[T](self)
        self._here_s = self.now_s
        try:
            flight.set_result(carry())
        except ClientError as error:
            flight.set_exception(error)
        flight.lands_s, self._here_s = self._here_s, None
        self._set_clock(self.now_s)
        return flight

    def first(self, flights: Collection[Future[T]], /) -> Future[T]:
        """Let time pass until the next of several lands."""
        landed = min(flights, key=lambda one: one.lands_s if isinstance(one, _Flight) else 0.0)
        landed.exception()
        return landed

    def wait_until(self, seconds: float) -> None:
        """Let time pass, unless it is later."""
        self._move(max(self.timer(), seconds))

    # --- the line

    def exchange(self, request: Request) -> Reply:
        """Carry a question there and the answer back, or lose one of them."""
        self.counts.exchanges += 1
        ends_s = self.timer() + longest_s(request)
        self._connect()
        asked = sealed(question(request))
        left_s = self._send_up(asked)
        if self._chance.random() < self.loss:
            self._lose(request, min(ends_s, left_s + READ_S + request.wait_s), asked, 0)
        self._set_clock(left_s + self._latency_s)
        packed = self._region.exchange(replace(request, headers=sent_headers(request)))
        if (request.method, request.path) == ("POST", "/v1/batches"):
            self._keep_body(request)
            self._region.work()
        said = sealed(answer(packed))
        came_s = self._send_down(said, left_s + self._latency_s)
        if self._chance.random() < self.loss:
            self._lose(request, min(ends_s, left_s + READ_S + request.wait_s), asked, said)
        self._count(request, asked, said)
        self._move(came_s + self._latency_s)
        self._idle.append(self.timer())
        return as_read(packed)

    def _keep_body(self, request: Request) -> None:
        batch_id = request.headers["Idempotency-Key"].strip('"')
        self.counts.bodies[batch_id] = b"".join(unpacked(request.body, PIECE_BYTES))

    def _connect(self) -> None:
        """Take a connection that is open and idle, or open one: two ways there and back, TCP and TLS."""
        begun = self.timer()
        for since in self._idle:
            if since <= begun:
                self._idle.remove(since)
                return
        self.counts.handshakes += 1
        left_s = self._send_up(HELLO_BYTES)
        came_s = self._send_down(CERTIFICATE_BYTES, left_s + 3 * self._latency_s)
        self._move(came_s + self._latency_s)

    def _send_up(self, size: int) -> float:
        self.counts.up += size
        self._free_up = max(self.timer(), self._free_up) + size / self._rate
        return self._free_up

    def _send_down(self, size: int, from_s: float) -> float:
        self.counts.down += size
        self._free_down = max(from_s, self._free_down) + size / self._rate
        return self._free_down

    def _lose(self, request: Request, until_s: float, asked: int, said: int) -> None:
        """Nothing comes; the transport gives up in the end."""
        self.counts.lost += 1
        self._count(request, asked, said)
        self._move(until_s)
        raise LinkError("timeout")

    def _count(self, request: Request, asked: int, said: int) -> None:
        route = " ".join((request.method, "/".join(request.path.partition("?")[0].split("/")[:3])))
        times, up, down = self.counts.by_route.get(route, (0, 0, 0))
        self.counts.by_route[route] = (times + 1, up + asked, down + said)


def sent_headers(request: Request) -> dict[str, str]:
    """The headers of a question with those that the transport adds."""
    return {**request.headers, "Accept-Encoding": UNPACKED}


def as_read(reply: Reply) -> Reply:
    """An answer as the transport hands it on: unpacked."""
    if reply.headers.get("content-encoding") != ZSTD:
        return reply
    return replace(reply, body=b"".join(unpacked(reply.body, PIECE_BYTES)))


def question(request: Request) -> int:
    """How many bytes a question has in HTTP/1.1, as `requests` writes it."""
    with requests.Session() as session:
        made = session.prepare_request(
            requests.Request(
                request.method,
                ADDRESS + request.path,
                headers=sent_headers(request),
                data=request.body or None,
            )
        )
    lines = [f"{made.method} {made.path_url} HTTP/1.1", f"Host: {ADDRESS.rpartition('/')[2]}"]
    lines += [f"{name}: {value!s}" for name, value in made.headers.items()]
    return len("\r\n".join([*lines, "", ""]).encode()) + len(request.body)


def answer(reply: Reply) -> int:
    """How many bytes an answer has in HTTP/1.1, as uvicorn writes it."""
    lines = [f"HTTP/1.1 {reply.status} {responses[reply.status]}", "date: Tue, 24 Nov 2026 08:00:00 GMT"]
    lines += [f"{name}: {value}" for name, value in reply.headers.items()]
    return len("\r\n".join([*lines, "", ""]).encode()) + len(reply.body)


def sealed(size: int) -> int:
    """The same in records of TLS 1.3."""
    return size + -(-size // PIECE_BYTES) * TLS_RECORD_BYTES
