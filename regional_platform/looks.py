"""Looks (查阅): who saw a person's records or another unit's, when, and why. Only ever added.

Whoever was shown a record of another unit holds it from then on, and is told when it changes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

from sqlalchemy import Connection

from regional_platform.auth.callers import Caller
from regional_platform.platform import Platform
from regional_platform.propagation import not_yet_holding, note_holder
from regional_platform.store.bulk import insert_many
from regional_platform.store.tables import access
from regional_platform.times import iso

What = Literal["subject", "record", "list", "list-key"]
LONGEST_REASON: Final = 500
COLUMNS: Final = ("at", "operator_id", "unit", "device_id", "what", "key", "reason")

Look = tuple[What, str]
"""What was looked at, and which."""


def keep_looks(
    platform: Platform,
    caller: Caller,
    looks: Sequence[Look],
    reason: str | None,
    shown: Sequence[Mapping[str, Any]] = (),
) -> None:
    """Write looks down, and who holds what was shown, before it is answered.

    Args:
        platform: open.
        caller: who looks.
        looks: at what.
        reason: why, in the caller's words; None where no reason is asked for.
        shown: the records in the answer: record_id, unit, and head, which is None for what is only counted.
    """
    others = {one["record_id"] for one in shown if one["unit"] != caller.unit and one["head"] is not None}
    if others and not looks:
        # Mostly they are known already, and then nothing is to be written.
        with platform.store.reading() as connection:
            others = not_yet_holding(connection, caller.unit, others)
    if not looks and not others:
        return
    now = platform.clock()
    at = iso(now)
    rows = [(at, caller.operator_id, caller.unit, caller.device_id, what, key, reason) for what, key in looks]

    def act(connection: Connection) -> None:
        if rows:
            insert_many(connection, access, COLUMNS, rows)
        if others:
            note_holder(connection, caller.unit, others, now)

    platform.store.write(act, units=())
