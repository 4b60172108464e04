"""Looks (查阅): who saw a person's records or another unit's, when, and why. Only ever added."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

from sqlalchemy import Connection

from regional_platform.auth.callers import Caller
from regional_platform.platform import Platform
from regional_platform.store.bulk import insert_many
from regional_platform.store.tables import access
from regional_platform.times import iso

What = Literal["subject", "record", "list", "list-key"]
LONGEST_REASON: Final = 500
COLUMNS: Final = ("at", "operator_id", "unit", "device_id", "what", "key", "reason")

Look = tuple[What, str]
"""What was looked at, and which."""


def keep_looks(platform: Platform, caller: Caller, looks: Sequence[Look], reason: str | None) -> None:
    """Write looks down before they are answered.

    Args:
        platform: open.
        caller: who looks.
        looks: at what.
        reason: why, in the caller's words; None where no reason is asked for.
    """
    if not looks:
        return
    at = iso(platform.clock())
    rows = [(at, caller.operator_id, caller.unit, caller.device_id, what, key, reason) for what, key in looks]

    def act(connection: Connection) -> None:
        insert_many(connection, access, COLUMNS, rows)

    platform.store.write(act, units=())
