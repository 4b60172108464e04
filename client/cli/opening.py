"""Opening the desk for one verb: to write, or only to read beside an open window."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from client.cli.output import read_secret
from client.store.desk import Desk
from client.sync.lines import to_platform
from client.sync.transport import HttpTransport
from client.sync.ways import Way
from client.wiring import likings, open_desk, way_out


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


def asked_for(way: Way) -> Way:
    """Ask on a terminal for the password of a proxy that no keyring keeps; a script goes on without."""
    if not way.user or way.password or way.mode == "none" or not sys.stdin.isatty():
        return way
    return replace(way, password=read_secret(None, f"代理 {way.user} 的口令"))


def line_of(desk: Desk) -> HttpTransport:
    """Return the line to a desk's platform as it is set on this desk.

    Raises:
        LinkError: as `client.sync.lines.to_platform`.
    """
    return to_platform(desk, asked_for(way_out(likings(desk.profile))))
