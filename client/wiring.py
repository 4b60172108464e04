"""What window, command line and demo build the same way: clock, ids, catalogs, an open desk.

Part of the composition root. Reads the real clock and the system's randomness, so that nothing below does.
"""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from pathlib import Path

from client import credentials
from client.core.ids import uuid7
from client.paths import resources
from client.store import profile as profiles
from client.store.desk import Catalogs, Desk
from forms.catalog.loader import load_set


def utc_now() -> datetime:
    """Return the time of this PC, aware."""
    return datetime.now(UTC)


def new_id() -> str:
    """Make a UUIDv7 from the time and the system's randomness."""
    return uuid7(utc_now(), secrets.token_bytes(10))


def load_catalogs() -> Catalogs:
    """Load every catalog set that ships with the program."""
    folder = resources() / "catalogs"
    return Catalogs(load_set(one.parent) for one in sorted(folder.glob("*/set.json")))


def open_desk(profile: Path, operator_name: str, passphrase: str, *, writable: bool = True) -> Desk:
    """Unlock a profile for one operator, with the half of the key that the keyring holds, if it holds one.

    Raises:
        ProfileError, UnlockError, StoreError: as `client.store.profile.unlock`.
    """
    half = None
    for choice in profiles.locked_profile(profile):
        if operator_name in (choice.operator_id, choice.name) and choice.keyring:
            half = credentials.fetch_half(profiles.profile_id(profile), choice.operator_id)
    return profiles.unlock(
        profile,
        operator_name,
        passphrase,
        half,
        catalogs=load_catalogs(),
        clock=utc_now,
        new_id=new_id,
        writable=writable,
    )
