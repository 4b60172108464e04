"""Open the database, bring it up to date, and hand out transactions.

Writers take their turn: one lock in the process, BEGIN IMMEDIATE on SQLite. So a transaction that has
begun sees the newest state and nothing is decided on what is already past.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, TypeVar

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import IntegrityError

T = TypeVar("T")

MIGRATIONS: Final = Path(__file__).parent / "migrations"
TRIES: Final = 3
"""A write that met another writer's row is judged again from the start, this many times in all."""

_WRITES: Final = "minxin_writes"


class DatabaseTooNew(Exception):
    """The database was written by a newer program."""


class Store:
    """A database that is open."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._turn = threading.Lock()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection that sees one state of the database, and changes nothing."""
        with self.engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Give the one writing connection; all is committed at the end, or nothing."""
        with self._turn, self.engine.connect() as plain:
            connection = plain.execution_options(**{_WRITES: True})
            with connection.begin():
                yield connection

    def write(self, act: Callable[[Connection], T]) -> T:
        """Run `act` in a writing transaction; once more when another process took a row first."""
        for _ in range(TRIES - 1):
            try:
                with self.writing() as connection:
                    return act(connection)
            except IntegrityError:
                continue
        with self.writing() as connection:
            return act(connection)

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()


def open_store(database: str) -> Store:
    """Open the database at an SQLAlchemy URL, making or migrating it as needed.

    Raises:
        DatabaseTooNew: it was written by a newer program.
    """
    url = make_url(database)
    engine = _sqlite(url) if url.get_backend_name() == "sqlite" else create_engine(url, hide_parameters=True)
    _migrate(engine)
    return Store(engine)


def _sqlite(url: URL) -> Engine:
    if url.database:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
        Path(url.database).touch(mode=0o600)
    engine = create_engine(
        url, hide_parameters=True, pool_size=16, max_overflow=32, connect_args={"check_same_thread": False}
    )

    def connected(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # the driver leaves transactions to us
        cursor = connection.cursor()
        for pragma in (
            "busy_timeout=30000", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON",
            "trusted_schema=OFF", "cell_size_check=ON", "wal_autocheckpoint=8000", "cache_size=-16384",
        ):  # fmt: skip
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    def begun(connection: Connection) -> None:
        writes = connection.get_execution_options().get(_WRITES, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    event.listen(engine, "connect", connected)
    event.listen(engine, "begin", begun)
    return engine


def _migrate(engine: Engine) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    script = ScriptDirectory.from_config(config)
    with engine.connect() as plain:
        connection = plain.execution_options(**{_WRITES: True})
        with connection.begin():
            found = MigrationContext.configure(connection).get_current_revision()
            known = {revision.revision for revision in script.walk_revisions()}
            if found is not None and found not in known:
                raise DatabaseTooNew(found)
            if found != script.get_current_head():
                config.attributes["connection"] = connection
                command.upgrade(config, "head")
