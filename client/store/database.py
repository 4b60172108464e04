"""The open database: one writer behind one lock, one read-only connection a thread."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from weakref import WeakKeyDictionary

from client.errors import ProfileError, StoreError
from client.store.connection import Connection, Cursor, Row, connect, converted, raw_connection
from client.store.files import file_error, sync_folder
from client.store.migrations import NEWEST, migrate, version_of

__all__ = ["Connection", "Cursor", "Database", "Row", "copy_database"]


class Database:
    """The encrypted file, open.

    Write only inside `transaction`; read through `reader`, from any thread, always with a LIMIT.
    """

    def __init__(self, path: Path, key: bytes, *, writable: bool = True) -> None:
        self.path = path
        self._key = key
        self._lock = threading.RLock()
        self._depth = 0
        self._undo: list[tuple[int, Callable[[], object]]] = []
        self._closed = False
        self._readers: WeakKeyDictionary[threading.Thread, Connection] = WeakKeyDictionary()
        self._readers_lock = threading.Lock()
        self._writer = connect(path, key, "rw") if writable else None

    @classmethod
    def create(cls, path: Path, key: bytes) -> Database:
        """Make a new file with all tables.

        Raises:
            ProfileError: ``profile_exists``: the file is there; it is left alone.
        """
        try:
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        except FileExistsError as error:
            raise ProfileError("profile_exists") from error
        except OSError as error:
            raise file_error(error) from error
        migrate(path, key, before=lambda: None)
        return cls(path, key)

    @classmethod
    def open(cls, path: Path, key: bytes, *, backups: Path | None = None) -> Database:
        """Open a file, after the migrations that it lacks.

        Args:
            path: the database.
            key: 32 bytes.
            backups: folder for the copy before a migration; ``backups`` beside the file when None.

        Raises:
            UnlockError: ``wrong_key``.
            ProfileError: ``profile_newer``, ``profile_foreign``.
            StoreError: the file is missing, damaged, locked.
        """
        version = version_of(path, key)
        folder = backups or path.parent / "backups"
        migrate(
            path,
            key,
            before=lambda: copy_database(path, key, folder / f"before-migration-{version + 1:04}.db"),
        )
        return cls(path, key)

    @classmethod
    def open_to_read(cls, path: Path, key: bytes) -> Database:
        """Open a file that another process may be writing. `transaction` is refused.

        Raises:
            ProfileError: ``profile_older``: it has to be opened for writing first.
        """
        if version_of(path, key) < NEWEST:
            raise ProfileError("profile_older")
        return cls(path, key, writable=False)

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Write: all of the block, or nothing. A nested one is a savepoint of the outer.

        Waits for other threads' transactions. Do no network call and wait for no person inside.
        """
        with self._lock:
            writer = self._writer
            if self._closed or writer is None:
                raise StoreError("closed" if self._closed else "read_only")
            outer = self._depth == 0
            writer.execute("BEGIN IMMEDIATE" if outer else "SAVEPOINT nested")
            self._depth += 1
            try:
                yield writer
                writer.execute("COMMIT" if outer else "RELEASE nested")
            except BaseException:
                # A full disk may have ended the whole transaction already; then there is nothing to undo.
                if writer.in_transaction:
                    writer.execute("ROLLBACK" if outer else "ROLLBACK TO nested")
                    if not outer:
                        writer.execute("RELEASE nested")
                self._take_back()
                raise
            finally:
                self._depth -= 1
                if outer:
                    self._undo.clear()

    def on_undo(self, undo: Callable[[], object]) -> None:
        """Call `undo` when the transaction of this thread comes to nothing, before any other begins."""
        assert self._depth, "no transaction is open"
        self._undo.append((self._depth, undo))

    def _take_back(self) -> None:
        """Undo what the transaction that ends did beside the database, the last first."""
        while self._undo and self._undo[-1][0] >= self._depth:
            self._undo.pop()[1]()

    def reader(self) -> Connection:
        """Return the calling thread's read-only connection. It sees what has been committed."""
        me = threading.current_thread()
        with self._readers_lock:
            if self._closed:
                raise StoreError("closed")
            reader = self._readers.get(me)
            if reader is None:
                reader = self._readers[me] = connect(self.path, self._key, "ro")
            return reader

    def backup(self, to: Path) -> None:
        """Copy the database, consistent and encrypted under the same key, while it is in use."""
        copy_database(self.path, self._key, to)

    def is_sound(self) -> bool:
        """Read every page: False when one is damaged. Takes about a second for 100,000 records."""
        try:
            return bool(self.reader().value("PRAGMA quick_check(1)") == "ok")
        except StoreError as error:
            if error.code != "damaged":
                raise
            return False

    def close(self) -> bool:
        """Close all connections; returns whether all lies in the file itself now. A second time is nothing.

        Where another process is reading, its log stays beside it, and counts when the file is next opened.
        """
        home = False
        with self._lock, self._readers_lock:
            self._closed = True
            readers = list(self._readers.values())
            self._readers.clear()
            for reader in readers:
                reader.close()
            if self._writer is not None:
                home = _brought_home(self._writer)
                self._writer.close()
                self._writer = None
            self._key = b""
        return home


def _brought_home(writer: Connection) -> bool:
    try:
        writer.execute("PRAGMA busy_timeout = 0")  # nobody waits for a reader to close a desk
        row = writer.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    except StoreError:  # a disk that is full or broken: the log holds what it holds
        return False
    return row is not None and row[0] == 0


def copy_database(path: Path, key: bytes, to: Path) -> None:
    """Copy a database through the backup interface; `to` appears whole or not at all.

    Raises:
        StoreError: the disk is full, or the source is damaged.
    """
    part = to.with_name(to.name + ".part")
    try:
        to.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        part.unlink(missing_ok=True)
        os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except OSError as error:
        raise file_error(error) from error
    source = raw_connection(path, key, "ro")
    try:
        target = raw_connection(part, key, "rw")
        try:
            with converted():
                source.backup(target)
                target.execute("PRAGMA journal_mode = DELETE").fetchall()  # one file, nothing beside it
        finally:
            target.close()
    finally:
        source.close()
    try:
        with part.open("rb+") as copied:
            os.fsync(copied.fileno())
        part.replace(to)
        sync_folder(to.parent)
    except OSError as error:
        raise file_error(error) from error
