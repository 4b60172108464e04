"""A platform inside the test process: on a real socket, on a database of its own, with a clock to turn.

Quicker by two seconds than a process. What kills the platform, or starts several workers, needs a process:
`tests.conftest.running_platform`.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol, TypeVar

import uvicorn
from fastapi import FastAPI
from sqlalchemy import Connection, Dialect, Engine, event
from sqlalchemy.util import LRUCache

from regional_platform.app import application
from regional_platform.platform import Platform, open_platform
from regional_platform.settings import Limits, Settings, database_url, find_resources

T = TypeVar("T", bound="Served")

DIALECTS: dict[str, Dialect] = {}
COMPILED = LRUCache(4_000)


@event.listens_for(Engine, "engine_connect")
def remember_statements(connection: Connection) -> None:
    """Compile each statement once for all platforms of this process: a quarter of a test went there.

    SQLAlchemy remembers by engine, and every platform opens one of its own.
    """
    connection.dialect = DIALECTS.setdefault(connection.dialect.name, connection.dialect)
    connection.execution_options(compiled_cache=COMPILED)


class Seeded(Protocol):
    """A database with the demo's units, made once."""

    seed: dict[str, Any]

    def copied(self, folder: Path) -> AbstractContextManager[Path | str]:
        """Give a fresh copy of it."""


class Turning:
    """A clock that stands at the present time, and is turned by hand."""

    def __init__(self) -> None:
        self._ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self._ahead

    def timestamp(self) -> float:
        return self().timestamp()

    def turn(self, **by: float) -> None:
        self._ahead += timedelta(**by)


class _Announcing(uvicorn.Server):
    """Tells another thread when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = threading.Event()

    async def startup(self, sockets: Any = None) -> None:
        await super().startup(sockets)
        self.listening.set()

    async def shutdown(self, sockets: Any = None) -> None:
        self.config.app.state.platform.bell.close()
        await super().shutdown(sockets)


SPARE: list[FastAPI] = []
"""Applications that serve no platform now: building the routes costs as much as a test."""


class Served:
    """A platform that is served from a thread of this process.

    Attributes:
        seed: what the demo's units are: units, operators, subjects.
        database: its SQLite file, or the URL of another database, as `--database` takes it.
        clock: to turn.
        platform: open while it is served.
        app: what serves it.
        url: where it listens; stays the same when it is stopped and started again.
    """

    platform: Platform
    app: FastAPI
    url: str

    def __init__(self, database: Path | str, seed: dict[str, Any], limits: Limits | None) -> None:
        self.database, self.seed, self.clock = database, seed, Turning()
        self._settings = Settings(
            database_url(str(database)),
            find_resources(),
            poll_s=0.2,
            limits=limits or Limits(),
            person_cost=4,
        )
        self._port = 0

    def start(self) -> None:
        """Open the platform and serve it; returns when it listens."""
        self.app = SPARE.pop() if SPARE else application()
        self.app.state.platform = self.platform = open_platform(self._settings, self.clock)
        self._server = _Announcing(
            uvicorn.Config(self.app, port=self._port, log_config=None, access_log=False)
        )
        self._thread = threading.Thread(target=self._server.run, name="server")
        self._thread.start()
        assert self._server.listening.wait(20)
        self._port = self._server.servers[0].sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{self._port}"

    def stop(self) -> None:
        """Stop serving, and close the platform."""
        self._server.should_exit = True
        self._thread.join(20)
        SPARE.append(self.app)

    def unit(self, code: str) -> dict[str, Any]:
        """The unit with this code, as seeded."""
        return next(unit for unit in self.seed["units"] if unit["code"] == code)


@contextmanager
def serving(
    folder: Path, template: Seeded, limits: Limits | None = None, kind: type[T] = Served
) -> Iterator[T]:
    """Serve a copy of a seeded database."""
    folder.mkdir(exist_ok=True)
    with template.copied(folder) as database:
        served = kind(database, template.seed, limits)
        served.start()
        yield served
        served.stop()
