"""Opening the desk for one verb: to write, or only to read beside an open window."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from client.cli.output import read_secret
from client.store.desk import Desk
from client.wiring import open_desk


@contextmanager
def opened(
    profile: Path, operator_name: str, passphrase_fd: int | None, *, writable: bool = True
) -> Iterator[Desk]:
    """Unlock the desk for one operator, and lock it again whatever happens.

    Raises:
        ProfileError: ``profile_in_use`` when a window holds it and the verb writes.
        UnlockError: the passphrase, or half of the key.
    """
    passphrase = read_secret(passphrase_fd, f"{operator_name} 的口令")
    desk = open_desk(profile, operator_name, passphrase, writable=writable)
    try:
        yield desk
    finally:
        desk.close()
