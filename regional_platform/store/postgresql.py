"""PostgreSQL: many writers, in several processes, who take turns by unit."""

from __future__ import annotations

import time
import zlib
from collections.abc import Collection
from typing import Any, Final

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, DisconnectionError
from sqlalchemy.pool import ConnectionPoolEntry

CONNECTIONS: Final = 20
"""The most that one process opens for requests and pipeline; beside them one listens for the bell."""

QUIET_S: Final = 1.0
"""A connection that lay idle for longer is looked at before use; at each use that were one question more."""

POOL_WAIT_S: Final = 10
"""How long a request waits for one of them before it is told to come again."""

OPTIONS: Final = "-c lock_timeout=20s -c statement_timeout=60s -c idle_in_transaction_session_timeout=120s"
CONNECT: Final = {
    "application_name": "minxin-platform",
    "connect_timeout": 5,
    "keepalives_idle": 30,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
}

# Advisory locks live in one space for the whole database: a number of ours for everybody's turn, and a
# class of ours for the turns of units.
EVERYBODY: Final = 0x6D78_0000_0000_0001
UNITS: Final = 0x6D78_0001

IN_THE_WAY: Final = frozenset({"40001", "40P01"})
"""Serialization failure, deadlock: nothing is wrong, another writer was first."""


def engine_of(url: URL) -> Engine:
    """Return an engine whose connections are looked at when they were idle, and never wait for ever."""
    own = url.query.get("options", "")
    engine = create_engine(
        url,
        hide_parameters=True,
        pool_size=CONNECTIONS // 2,
        max_overflow=CONNECTIONS - CONNECTIONS // 2,
        pool_timeout=POOL_WAIT_S,
        connect_args={**CONNECT, "options": f"{OPTIONS} {own if isinstance(own, str) else ' '.join(own)}"},
    )

    def given_back(_connection: Any, entry: ConnectionPoolEntry) -> None:
        entry.info["idle_since"] = time.monotonic()

    def taken(connection: Any, entry: ConnectionPoolEntry, _proxy: Any) -> None:
        if time.monotonic() - entry.info.get("idle_since", 0.0) < QUIET_S:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as error:
            raise DisconnectionError from error  # the pool opens another

    event.listen(engine, "checkin", given_back)
    event.listen(engine, "checkout", taken)
    return engine


def for_reading(connection: Connection) -> Connection:
    """Have the next transaction of a connection see one state, and refuse to write."""
    return connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


def take_turn(connection: Connection, units: Collection[str] | None) -> None:
    """Wait until no writer before us decides on the same units (None: on anything); held until commit.

    Each takes all it needs at once, in the order of the numbers, so that no two wait for each other.
    """
    assert not isinstance(units, str)
    if units is None:
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({EVERYBODY})")
        return
    numbers = sorted({zlib.crc32(unit.encode()) - 2**31 for unit in units})
    turns = "".join(f", pg_advisory_xact_lock({UNITS}, {number})" for number in numbers)
    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock_shared({EVERYBODY}){turns}")


def take_turn_to_migrate(connection: Connection) -> None:
    """Wait as long as it takes: another process may be at it, and large tables take their time."""
    for setting in ("lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout"):
        connection.exec_driver_sql(f"SET LOCAL {setting} = 0")
    take_turn(connection, None)


def was_in_the_way(error: DBAPIError) -> bool:
    """Tell whether a write failed only because of another writer, so that trying again helps."""
    return getattr(error.orig, "sqlstate", None) in IN_THE_WAY
