"""Serve on one listening socket: in this process, or in several workers that one parent watches over.

The parent holds the socket, and starts another worker where one died. A worker whose parent is gone ends
at once: what it had in hand was not committed, and its desk sends it again.
"""

from __future__ import annotations

import gc
import logging
import multiprocessing
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

import uvicorn

from regional_platform.app import create_app
from regional_platform.logs import write_logs
from regional_platform.metrics import FOLDER
from regional_platform.settings import Settings, Sunset, find_resources

if TYPE_CHECKING:  # Windows has no fork server, and another kind of connection
    from multiprocessing.connection import Connection
    from multiprocessing.context import ForkServerContext, SpawnContext

    Line = Connection[bytes, bytes]

log = logging.getLogger(__name__)

GRACE_S: Final = 10
"""What requests in hand get to be finished when the platform stops."""

REST_S: Final = 1.0
"""Wait before a worker that lived shorter than this is replaced."""

STOPS: Final = (signal.SIGINT, signal.SIGTERM)


@dataclass(frozen=True, slots=True)
class Front:
    """What stands behind the socket: SQLAlchemy URL, certificate and key (PEM files), level of the log.

    `spread_s`, `sunsets` and `workers` as in `Settings`.
    """

    database: str
    tls_cert: str | None
    tls_key: str | None
    log_level: str
    spread_s: int = 0
    sunsets: tuple[Sunset, ...] = ()
    workers: int = 1

    def settings(self) -> Settings:
        """What each process runs with."""
        return Settings(
            self.database, find_resources(), spread_s=self.spread_s, sunsets=self.sunsets,
            workers=self.workers,
        )  # fmt: skip


class WorkersFailed(Exception):
    """A worker ended before it listened; it has said why."""


def listen(host: str, port: int) -> socket.socket:
    """Bind a socket; port 0 is one that the system chooses.

    Raises:
        OSError: the address cannot be had.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Named as TCP, for asyncio sends at once (TCP_NODELAY) only on such: else the second part of every
    # answer waits for the acknowledgement of the first, 40 ms.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    if os.name == "posix":  # on Windows the same option would let two servers share a port
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError:
        listening.close()
        raise
    return listening


def serve_alone(front: Front, listening: socket.socket, ready: Callable[[], None]) -> None:
    """Serve in this process until it is told to stop; calls `ready` once it listens.

    Raises:
        DatabaseTooNew: the database was written by a newer program.
    """
    config = uvicorn.Config(
        create_app(front.settings()),
        log_config=None,
        access_log=False,
        server_header=False,
        ssl_certfile=front.tls_cert,
        ssl_keyfile=front.tls_key,
        timeout_graceful_shutdown=GRACE_S,
    )
    leave_alone_what_stays()
    with suppress(KeyboardInterrupt):
        _Server(config, ready).run(sockets=[listening])


def serve_with_workers(front: Front, listening: socket.socket, ready: Callable[[], None]) -> None:
    """Serve in `front.workers` processes until this one is told to stop; calls `ready` once all listen.

    Raises:
        WorkersFailed: one ended before all listened.
    """
    with TemporaryDirectory(prefix="minxin-counts-") as counts:
        os.environ[FOLDER] = counts  # where the workers' counts meet
        crew = _Crew(front, listening)
        with crew.stopped_by_signals():
            if crew.start(front.workers):
                ready()
            crew.watch()


class _Server(uvicorn.Server):
    """Says when it listens, and lets go of waiting readers when it stops."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self.config.app.state.platform.bell.close()  # type: ignore[union-attr]  # uvicorn types it as any ASGI callable
        await super().shutdown(sockets)


class _Crew:
    """The workers of one parent."""

    def __init__(self, front: Front, listening: socket.socket) -> None:
        self._front = front
        self._listening = listening
        self._context = _context()
        self._life, self._hold = self._context.Pipe(duplex=False)  # ends when this process does
        self._woken, self._wake = self._context.Pipe(duplex=False)
        self._since: dict[BaseProcess, float] = {}
        self._stopping = threading.Event()

    @contextmanager
    def stopped_by_signals(self) -> Iterator[None]:
        """Stop when the process is asked to, by a signal."""

        def stop(_number: int, _frame: object) -> None:
            self._stopping.set()
            self._wake.send_bytes(b"stop")

        before = {number: signal.signal(number, stop) for number in STOPS}
        try:
            yield
        finally:
            self._end()
            for number, handler in before.items():
                signal.signal(number, handler)

    def start(self, workers: int) -> bool:
        """Start workers, and return True when all listen; False when told to stop before."""
        waiting: dict[Line, BaseProcess] = {}
        for _ in range(workers):
            line, tell = self._context.Pipe(duplex=False)
            waiting[line] = self._add(tell)
        while waiting:
            heard = wait([*waiting, self._woken])
            if self._woken in heard:
                return False
            for line in [one for one in waiting if one in heard]:
                try:
                    line.recv_bytes()
                except EOFError:
                    raise WorkersFailed from None
                del waiting[line]
        return True

    def watch(self) -> None:
        """Start another worker for each that ends, until told to stop."""
        while not self._stopping.is_set():
            wait([*(one.sentinel for one in self._since), self._woken])
            gone = [one for one in self._since if not one.is_alive()]
            if self._stopping.is_set():
                return
            for one in gone:
                log.warning("a worker ended, another replaces it", extra={"facts": {"code": one.exitcode}})
            if min((time.monotonic() - self._since.pop(one) for one in gone), default=REST_S) < REST_S:
                self._stopping.wait(REST_S)  # whatever ended it so soon may end the next one too
            for _ in gone:
                self._add(None)

    def _add(self, tell: Line | None) -> BaseProcess:
        made = self._context.Process(target=_work, args=(self._front, self._listening, self._life, tell))
        made.start()
        if tell is not None:
            tell.close()  # so that the end of the worker is the end of the line
        self._since[made] = time.monotonic()
        return made

    def _end(self) -> None:
        for one in self._since:
            one.terminate()
        for one in self._since:
            one.join(GRACE_S + 5)
            if one.is_alive():
                one.kill()
                one.join()


def _context() -> SpawnContext | ForkServerContext:
    """How workers are made: of a process that has loaded everything once, where the system can."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["regional_platform.serving"])
    return context


def _work(
    front: Front,
    listening: socket.socket,
    life: Line,
    tell: Line | None,
) -> None:
    """Be a worker."""
    write_logs(front.log_level)
    threading.Thread(target=_end_with_the_parent, args=(life,), name="life", daemon=True).start()
    serve_alone(front, listening, (lambda: tell.send_bytes(b"ready")) if tell else (lambda: None))


def _end_with_the_parent(life: Line) -> None:
    with suppress(EOFError, OSError):
        life.recv_bytes()
    os._exit(1)


def leave_alone_what_stays() -> None:
    """Keep the collector off what lives as long as the process: a sixth of a batch's time went there."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
