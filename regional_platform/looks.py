"""Looks (查阅): who saw a person's records or another unit's, when, and why. Only ever added."""

from __future__ import annotations

from typing import Final, Literal

from sqlalchemy import insert

from regional_platform.auth.callers import Caller
from regional_platform.platform import Platform
from regional_platform.store.tables import access
from regional_platform.times import iso

What = Literal["subject", "comparison", "record", "list", "list-key"]
LONGEST_REASON: Final = 500


def keep_look(platform: Platform, caller: Caller, what: What, key: str, reason: str | None) -> None:
    """Write down a look before it is answered.

    Args:
        platform: open.
        caller: who looks.
        what: kind of what is looked at.
        key: which one.
        reason: why, in the caller's words; None where no reason is asked for.
    """
    row = {
        "at": iso(platform.clock()),
        "operator_id": caller.operator_id,
        "unit": caller.unit,
        "device_id": caller.device_id,
        "what": what,
        "key": key,
        "reason": reason,
    }
    platform.store.write(lambda connection: connection.execute(insert(access).values(row)))
