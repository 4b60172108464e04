"""Open the database and hand out transactions.

A transaction that has begun sees the newest state of all that it decides on, and nothing is decided on
what is already past. On SQLite writers therefore take turns, all of them. On PostgreSQL those take turns
that have a unit in common; what no turn keeps apart (an id used by two units at once) meets a
uniqueness constraint, and the write is judged again from the start.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack, contextmanager
from typing import Final, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, IntegrityError

from regional_platform.store import postgresql, sqlite
from regional_platform.store.migrate import migrate

T = TypeVar("T")

TRIES: Final = 5
"""A write that met another writer's row is judged again from the start, this many times in all."""

ALONE: Final = None
"""Whose turn a write takes when it does not say: everybody's, so that nobody writes beside it."""


class Store:
    """A database that is open."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.on_postgresql = engine.dialect.name == "postgresql"
        self._turn = threading.Lock()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection that sees one state of the database, and changes nothing."""
        with self.engine.connect() as plain:
            connection = postgresql.for_reading(plain) if self.on_postgresql else plain
            with connection.begin():
                yield connection

    @contextmanager
    def writing(self, units: Collection[str] | None = ALONE) -> Iterator[Connection]:
        """Give a writing connection; all is committed at the end, or nothing.

        Args:
            units: whose state is decided on. Writers who have a unit in common take turns. An empty one
                waits for nobody: right for what only adds rows with keys of their own. Without it the
                writer is alone: right for what is rare, or decides on everything.
        """
        if self.on_postgresql:
            with self.engine.connect() as connection, connection.begin():
                postgresql.take_turn(connection, units)
                yield connection
            return
        with self._turn, self.engine.connect() as plain:
            connection = sqlite.for_writing(plain)
            with connection.begin():
                yield connection

    @contextmanager
    def beside(self) -> Iterator[Connection]:
        """Give a connection for what waits for nobody's turn, each statement committed by itself.

        On SQLite it is a write like any other: there is one turn.
        """
        if not self.on_postgresql:
            with self.writing(()) as connection:
                yield connection
            return
        with self.engine.connect() as plain:
            yield plain.execution_options(isolation_level="AUTOCOMMIT")

    def write(self, act: Callable[[Connection], T], *, units: Collection[str] | None = ALONE) -> T:
        """Run `act` in a writing transaction; once more when another writer was first.

        Args:
            act: decides and writes; may be called several times.
            units: as for `writing`.
        """
        for _ in range(TRIES - 1):
            try:
                with self.writing(units) as connection:
                    return act(connection)
            except IntegrityError:
                continue
            except DBAPIError as error:
                if not postgresql.was_in_the_way(error):
                    raise
        with self.writing(units) as connection:
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
    engine = sqlite.engine_of(url) if url.get_backend_name() == "sqlite" else postgresql.engine_of(url)
    store = Store(engine)
    with ExitStack() as undo:
        undo.callback(store.close)
        with engine.connect() as plain:
            connection = plain if store.on_postgresql else sqlite.for_writing(plain)
            with connection.begin():
                if store.on_postgresql:
                    postgresql.take_turn_to_migrate(connection)
                migrate(connection)
        undo.pop_all()
    return store
