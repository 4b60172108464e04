"""SQLite: one file, durable, one writer at a time."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL

PRAGMAS: Final = (
    "busy_timeout=30000", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON",
    "trusted_schema=OFF", "cell_size_check=ON", "wal_autocheckpoint=8000", "cache_size=-16384",
)  # fmt: skip

_WRITES: Final = "minxin_writes"


def engine_of(url: URL) -> Engine:
    """Return an engine whose readers see one state, and whose writers begin at once."""
    if url.database:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
        Path(url.database).touch(mode=0o600)
    engine = create_engine(
        url,
        hide_parameters=True,
        pool_size=16,
        max_overflow=32,
        pool_use_lifo=True,  # the connection that was used last knows most pages
        connect_args={"check_same_thread": False},
    )
    event.listen(engine, "connect", _connected)
    event.listen(engine, "begin", _begun)
    return engine


def for_writing(connection: Connection) -> Connection:
    """Have the next transaction of a connection write."""
    return connection.execution_options(**{_WRITES: True})


def _connected(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver leaves transactions to us
    cursor = connection.cursor()
    for pragma in PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begun(connection: Connection) -> None:
    writes = connection.get_execution_options().get(_WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
