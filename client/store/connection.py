"""One connection to the encrypted file: pragmas set and read back, foreign errors converted once.

Nothing above this module sees `sqlcipher3`, but for errors that are bugs of ours.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Literal, Protocol

import sqlcipher3
from sqlcipher3 import dbapi2

from client.errors import StoreError, UnlockError

Mode = Literal["rwc", "rw", "ro"]
Params = Sequence[object] | Mapping[str, object]

KEY_BYTES: Final = 32

BEFORE_KEY: Final = "PRAGMA cipher_log_level = NONE"
"""Else every damaged page would be a line on standard error."""

PAGE_SIZE: Final = "PRAGMA cipher_page_size = 16384"

PRAGMAS: Final[Mapping[str, tuple[str, object]]] = {
    "synchronous": ("PRAGMA synchronous = FULL", 2),
    "foreign_keys": ("PRAGMA foreign_keys = ON", 1),
    "trusted_schema": ("PRAGMA trusted_schema = OFF", 0),
    "cell_size_check": ("PRAGMA cell_size_check = ON", 1),
    "secure_delete": ("PRAGMA secure_delete = ON", 1),
    "busy_timeout": ("PRAGMA busy_timeout = 5000", 5000),  # ms
    "wal_autocheckpoint": ("PRAGMA wal_autocheckpoint = 20000", 20000),  # pages
    "cache_size": ("PRAGMA cache_size = -32768", -32768),  # KiB
}
"""What every connection is set to, and what it must answer when asked."""

READ_BACK: Final[Mapping[str, str]] = {
    "synchronous": "PRAGMA synchronous",
    "foreign_keys": "PRAGMA foreign_keys",
    "trusted_schema": "PRAGMA trusted_schema",
    "cell_size_check": "PRAGMA cell_size_check",
    "secure_delete": "PRAGMA secure_delete",
    "busy_timeout": "PRAGMA busy_timeout",
    "wal_autocheckpoint": "PRAGMA wal_autocheckpoint",
    "cache_size": "PRAGMA cache_size",
}

# Primary result codes of SQLite (sqlite.org/rescode.html) that are not our bugs.
STORE_ERRORS: Final[Mapping[int, str]] = {
    3: "no_permission",  # SQLITE_PERM
    5: "locked",  # SQLITE_BUSY
    6: "locked",  # SQLITE_LOCKED
    7: "out_of_memory",  # SQLITE_NOMEM
    8: "read_only",  # SQLITE_READONLY
    9: "interrupted",  # SQLITE_INTERRUPT
    10: "disk_failed",  # SQLITE_IOERR
    11: "damaged",  # SQLITE_CORRUPT
    13: "disk_full",  # SQLITE_FULL
    14: "cannot_open",  # SQLITE_CANTOPEN
    15: "locked",  # SQLITE_PROTOCOL: WAL locking
    26: "damaged",  # SQLITE_NOTADB: a page is not what was written
}


class Row(Protocol):
    """A row of an answer: by column name, or by place."""

    def __getitem__(self, key: str | int, /) -> Any: ...
    def __iter__(self) -> Iterator[Any]: ...
    def __len__(self) -> int: ...
    def keys(self) -> list[str]: ...


def store_error(error: Exception) -> StoreError | None:
    """Convert an error of the database; None when it is a bug of ours (bad SQL, a broken constraint)."""
    code = getattr(error, "sqlite_errorcode", None)
    if code is None:
        # The desk was locked while another thread was still reading.
        closed = isinstance(error, dbapi2.ProgrammingError) and "closed database" in str(error)
        return StoreError("closed") if closed else None
    name = STORE_ERRORS.get(code & 0xFF)
    return StoreError(name, sqlite=code) if name else None


@contextmanager
def converted() -> Iterator[None]:
    """Turn foreign errors of the block into StoreError; what is our own bug passes unchanged."""
    try:
        yield
    except dbapi2.Error as error:
        known = store_error(error)
        if known is None:
            raise
        raise known from error


class Cursor:
    """The answer to one statement."""

    __slots__ = ("_raw",)

    def __init__(self, raw: Any) -> None:
        self._raw = raw

    @property
    def rowcount(self) -> int:
        """Rows that a write touched; -1 for a read."""
        return int(self._raw.rowcount)

    def fetchone(self) -> Row | None:
        """Return the next row, or None at the end."""
        with converted():
            row: Row | None = self._raw.fetchone()
        return row

    def fetchall(self) -> list[Row]:
        """Return all rows that are left. For what has a LIMIT."""
        with converted():
            rows: list[Row] = self._raw.fetchall()
        return rows

    def __iter__(self) -> Iterator[Row]:
        with converted():
            yield from self._raw


class Connection:
    """A connection whose errors are ours. SQL comes as a constant, values as parameters."""

    __slots__ = ("_raw",)

    def __init__(self, raw: Any) -> None:
        self._raw = raw

    def execute(self, sql: str, params: Params = ()) -> Cursor:
        """Run one statement."""
        with converted():
            return Cursor(self._raw.execute(sql, params))

    def executemany(self, sql: str, rows: Iterable[Params]) -> Cursor:
        """Run one write for each of `rows`."""
        with converted():
            return Cursor(self._raw.executemany(sql, rows))

    def value(self, sql: str, params: Params = ()) -> Any:
        """Return the first column of the first row, or None."""
        row = self.execute(sql, params).fetchone()
        return None if row is None else row[0]

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction is open; an error of the disk may have ended it."""
        return bool(self._raw.in_transaction)

    def interrupt(self) -> None:
        """Stop what another thread runs on this connection; it gets StoreError("interrupted")."""
        self._raw.interrupt()

    def close(self) -> None:
        """Close; a second time is nothing."""
        with converted():
            self._raw.close()


def raw_connection(path: Path, key: bytes, mode: Mode) -> Any:
    """Open the file with the driver itself; for `Connection`, migrations and backups only.

    Args:
        path: the database.
        key: 32 bytes, used as they are.
        mode: ``rwc`` makes the file when it is missing; ``ro`` cannot write.

    Raises:
        UnlockError: the key is not the file's (or its first page is damaged).
        StoreError: the file is missing, locked or unreadable.
    """
    if len(key) != KEY_BYTES:
        raise ValueError("a key of 32 bytes is needed")
    with converted():
        raw = sqlcipher3.connect(
            f"{path.resolve().as_uri()}?mode={mode}", uri=True, isolation_level=None, check_same_thread=False
        )
    try:
        with converted():
            raw.execute(BEFORE_KEY)
            raw.set_key(f"x'{key.hex()}'")
            raw.execute(PAGE_SIZE)
        _first_read(raw)
        with converted():
            _set_up(raw, mode)
    except BaseException:
        raw.close()
        raise
    raw.row_factory = sqlcipher3.Row
    return raw


def _first_read(raw: Any) -> None:
    try:
        with converted():
            raw.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()
    except StoreError as error:
        if error.params.get("sqlite") == 26:  # SQLITE_NOTADB
            raise UnlockError("wrong_key") from error
        raise


def _set_up(raw: Any, mode: Mode) -> None:
    if mode == "ro":
        raw.execute("PRAGMA query_only = ON")
    else:
        raw.execute("PRAGMA journal_mode = WAL").fetchone()
    for order, _ in PRAGMAS.values():
        raw.execute(order).fetchall()
    for name, (_, wanted) in PRAGMAS.items():
        answer = raw.execute(READ_BACK[name]).fetchone()[0]
        if answer != wanted:
            raise StoreError("pragma_refused", pragma=name)
    if mode != "ro" and raw.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
        raise StoreError("pragma_refused", pragma="journal_mode")
    if raw.execute("PRAGMA cipher_log_level").fetchone()[0] != "NONE":
        raise StoreError("pragma_refused", pragma="cipher_log_level")


def connect(path: Path, key: bytes, mode: Mode) -> Connection:
    """Open the file; see `raw_connection`."""
    return Connection(raw_connection(path, key, mode))
