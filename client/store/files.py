"""Files beside the database: written whole, and one writer a profile."""

from __future__ import annotations

import errno
import os
import shutil
import sys
from pathlib import Path
from typing import IO, Final

from client.errors import ProfileError, StoreError

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

OPENED: Final = "opened"
"""Folder of a profile for decrypted copies that another program shows."""

_CODES: Final = {
    errno.ENOSPC: "disk_full",
    errno.EDQUOT: "disk_full",
    errno.EFBIG: "disk_full",
    errno.EROFS: "read_only",
    errno.EACCES: "no_permission",
    errno.EPERM: "no_permission",
    errno.EIO: "disk_failed",
    errno.ENOENT: "cannot_open",
}


def file_error(error: OSError) -> StoreError:
    """Convert what the system says of a file of ours."""
    return StoreError(_CODES.get(error.errno or 0, "cannot_open"), errno=error.errno or 0)


def remove_opened(profile: Path) -> None:
    """Remove decrypted copies. One that another program still holds open goes at the next start."""
    shutil.rmtree(profile / OPENED, ignore_errors=True)


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that a power cut leaves the old content or the new.

    Raises:
        StoreError: the disk is full, read-only, or fails.
    """
    part = path.with_name(path.name + ".part")
    try:
        with os.fdopen(os.open(part, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "wb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        part.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        raise file_error(error) from error


def sync_folder(folder: Path) -> None:
    """Make a rename in `folder` survive a power cut, where the system offers it."""
    if sys.platform == "win32":
        return  # NTFS journals the rename; a folder cannot be opened there
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def set_log_aside(database: Path) -> str | None:
    """Move away a log that cannot belong to a database: when that was closed, nothing was left in one.

    SQLite would play it over what is newer, page by page, and not notice. Returns its new name.
    """
    log = database.with_name(f"{database.name}-wal")
    try:
        if not log.exists() or log.stat().st_size == 0:
            return None
        number = sum(1 for _ in log.parent.glob(f"{log.name}.strange-*")) + 1
        aside = log.rename(log.with_name(f"{log.name}.strange-{number}"))
        database.with_name(f"{database.name}-shm").unlink(missing_ok=True)
    except OSError as error:
        raise file_error(error) from error
    return aside.name


class ProfileLock:
    """The right to write a profile; the system takes it back when the process dies.

    Attributes:
        was_unclean: the last holder never let go: it was killed, or the power failed.
        was_home: the last holder said that all lies in the database itself, and nothing in its log.
    """

    def __init__(self, path: Path) -> None:
        """Take the lock.

        Raises:
            ProfileError: ``profile_in_use``.
        """
        try:
            self._file: IO[bytes] = os.fdopen(os.open(path, os.O_CREAT | os.O_RDWR, 0o600), "r+b")
        except OSError as error:
            raise file_error(error) from error
        try:
            _take(self._file)
        except OSError as error:
            self._file.close()
            raise ProfileError("profile_in_use") from error
        self._before = self._file.read(32)
        self.was_home = self._before == _HOME
        self.was_unclean = bool(self._before) and not self.was_home
        self._write(str(os.getpid()).encode())

    def release(self, *, home: bool | None = None) -> None:
        """Let go. A second time is nothing.

        Args:
            home: all lies in the database itself; None when the database was not touched.
        """
        if self._file.closed:
            return
        if home is None:
            self._write(self._before)
        elif home:
            self._write(_HOME)
        _let_go(self._file)
        self._file.close()

    def _write(self, content: bytes) -> None:
        self._file.seek(0)
        self._file.truncate()
        self._file.write(content)
        self._file.flush()


_HOME: Final = b"home"


if sys.platform == "win32":

    def _take(file: IO[bytes]) -> None:
        file.seek(1 << 20)  # beyond the note, which must stay writable
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        file.seek(0)

    def _let_go(file: IO[bytes]) -> None:
        file.seek(1 << 20)
        msvcrt.locking(file.fileno(), msvcrt.LK_UNLCK, 1)

else:

    def _take(file: IO[bytes]) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _let_go(file: IO[bytes]) -> None:
        fcntl.flock(file, fcntl.LOCK_UN)
