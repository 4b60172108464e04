"""Copies of the profile: one a day, one before each migration, and the way back to one.

A copy is encrypted under the same data key. `keys.json` is copied beside it, for without the
wraps no copy can be opened. Nothing is ever deleted by a restore.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Final, Literal

from client.core.times import SHANGHAI
from client.errors import ProfileError, StoreError, UnlockError
from client.store.database import Database, copy_database
from client.store.desk import Desk
from client.store.files import ProfileLock, file_error, sync_folder, write_whole
from client.store.profile import BACKUPS, DATABASE, KEYS, LOCK
from client.store.wraps import open_wrap, read_keys

Kind = Literal["daily", "by_hand", "before_migration", "before_restore"]

KEPT_DAYS: Final = 14
KEPT_BY_HAND: Final = 5

_KINDS: Final[Mapping[str, Kind]] = {
    "daily": "daily",
    "by-hand": "by_hand",
    "before-migration": "before_migration",
    "before-restore": "before_restore",
}
_NAMES: Final = re.compile(r"(daily|by-hand|before-migration|before-restore)-[0-9T-]+\.db")


@dataclass(frozen=True, slots=True)
class Backup:
    """One copy.

    Attributes:
        name: of the file in the folder of backups.
        made_at: aware, as the file system has it.
    """

    name: str
    kind: Kind
    made_at: datetime
    size_bytes: int


def daily(desk: Desk) -> Backup | None:
    """Make today's copy, unless it is there; keep the last fourteen. Returns the new one.

    Raises:
        StoreError: the disk is full; what was there before is still there.
    """
    folder = desk.profile / BACKUPS
    to = folder / f"daily-{desk.today():%Y%m%d}.db"
    if to.exists():
        return None
    return _make(desk, to, "daily-*.db", KEPT_DAYS)


def now(desk: Desk) -> Backup:
    """Make a copy because somebody asked for one; keep the last five of these."""
    at = desk.clock().astimezone(SHANGHAI)
    to = desk.profile / BACKUPS / f"by-hand-{at:%Y%m%dT%H%M%S}.db"
    return _make(desk, to, "by-hand-*.db", KEPT_BY_HAND)


def _make(desk: Desk, to: Path, alike: str, kept: int) -> Backup:
    desk.db.backup(to)
    _copy_keys(desk.profile)
    for old in sorted(to.parent.glob(alike))[:-kept]:
        old.unlink()
    with desk.db.transaction() as tx:
        desk.tell(tx, "backup_made", to.name)
    return _backup(to)


def _copy_keys(profile: Path) -> None:
    try:
        content = (profile / KEYS).read_bytes()
    except OSError as error:
        raise file_error(error) from error
    write_whole(profile / BACKUPS / KEYS, content)


def restore_keys(profile: Path) -> None:
    """Put the copied `keys.json` in the place of one that is lost or damaged; that is moved aside.

    Passphrases are then those of the day of the copy.

    Raises:
        ProfileError: ``backup_missing``; ``keys_damaged``: the copy is no better.
    """
    copy = profile / BACKUPS / KEYS
    if not copy.is_file():
        raise ProfileError("backup_missing")
    read_keys(copy)
    present = profile / KEYS
    try:
        if present.exists():
            present.replace(profile / BACKUPS / f"{KEYS}.replaced")
        content = copy.read_bytes()
    except OSError as error:
        raise file_error(error) from error
    write_whole(present, content)


def list_backups(profile: Path) -> list[Backup]:
    """Return the copies of a profile, newest first. Needs no key."""
    folder = profile / BACKUPS
    if not folder.is_dir():
        return []
    found = [_backup(path) for path in folder.iterdir() if _NAMES.fullmatch(path.name)]
    return sorted(found, key=lambda one: (one.made_at, one.name), reverse=True)


def _backup(path: Path) -> Backup:
    known = path.stat()
    return Backup(
        path.name,
        _KINDS[path.name.rpartition("-")[0]],
        datetime.fromtimestamp(known.st_mtime, SHANGHAI),
        known.st_size,
    )


@dataclass(frozen=True, slots=True)
class Restored:
    """A copy that was put back.

    Attributes:
        name: which.
        aside: where the database that was there lies now.
        damaged: newer copies that could not be used.
    """

    name: str
    aside: Path
    damaged: tuple[str, ...] = ()


def restore(
    profile: Path,
    name: str,
    *,
    operator_name: str,
    passphrase: str,
    possession: bytes | None,
    clock: Callable[[], datetime],
) -> Restored:
    """Put a copy in the place of the database. The desk must be closed.

    The copy is opened and read through first; the database that was there is moved aside.

    Args:
        profile: folder of the desk.
        name: of a copy, see `list_backups`.
        operator_name: who restores; one who can unlock the desk.
        passphrase: of that operator.
        possession: the operator's half in the keyring, if there is one.
        clock: gives aware times.

    Returns:
        Which, and where the present database lies now.

    Raises:
        ProfileError: ``profile_in_use``; ``backup_missing``.
        StoreError: ``backup_damaged``: the copy does not open with the key, or a page of it is damaged.
        UnlockError: the passphrase is wrong.
    """
    copy = profile / BACKUPS / name
    if not _NAMES.fullmatch(name) or not copy.is_file():
        raise ProfileError("backup_missing")
    keys = read_keys(profile / KEYS)
    wrap = keys.named(operator_name)
    key = open_wrap(keys.profile_id, wrap, passphrase=passphrase, possession=possession).data_key.raw
    lock = ProfileLock(profile / LOCK)
    try:
        at = clock()
        incoming = profile / "desk.db.restoring"
        _copy_sound(copy, key, incoming)
        aside = profile / BACKUPS / f"before-restore-{at.astimezone(SHANGHAI):%Y%m%dT%H%M%S}.db"
        return Restored(name, _swap(profile / DATABASE, incoming, aside))
    finally:
        lock.release()


def restore_newest(
    profile: Path, *, operator_name: str, passphrase: str, possession: bytes | None,
    clock: Callable[[], datetime],
) -> Restored:  # fmt: skip
    """Put the newest copy back that is sound; see `restore`.

    Raises:
        ProfileError: ``backup_missing``: there is none.
        StoreError: ``backup_damaged``: none is sound.
    """
    damaged: list[str] = []
    for one in list_backups(profile):
        try:
            done = restore(
                profile, one.name, operator_name=operator_name, passphrase=passphrase, possession=possession,
                clock=clock,
            )  # fmt: skip
        except StoreError as error:
            if error.code != "backup_damaged":
                raise
            damaged.append(one.name)
        else:
            return replace(done, damaged=tuple(damaged))
    if damaged:
        raise StoreError("backup_damaged")
    raise ProfileError("backup_missing")


def _copy_sound(copy: Path, key: bytes, to: Path) -> None:
    """Copy a backup, and read every page of what was copied."""
    try:
        copy_database(copy, key, to)
        database = Database.open(to, key)
    except (UnlockError, StoreError) as error:
        if isinstance(error, StoreError) and error.code == "disk_full":
            raise
        raise StoreError("backup_damaged") from error
    try:
        if not database.is_sound():
            raise StoreError("backup_damaged")
        with database.transaction() as tx:
            # The platform may know batches that this copy does not: the sync looks at this.
            tx.execute(
                "INSERT OR REPLACE INTO setting (name, value) VALUES ('restored_from', ?)", (copy.name,)
            )
    finally:
        database.close()


def _swap(database: Path, incoming: Path, aside: Path) -> Path:
    """Move the present file aside, with the log that belongs to it, and the copy into its place."""
    try:
        for suffix in ("", "-wal", "-shm"):
            old = database.with_name(database.name + suffix)
            if old.exists():
                shutil.move(old, aside.with_name(aside.name + suffix))
        incoming.replace(database)
        sync_folder(database.parent)
        sync_folder(aside.parent)
    except OSError as error:
        raise file_error(error) from error
    return aside
