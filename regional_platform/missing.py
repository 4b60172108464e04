"""What a desk has receipts for and the platform no longer holds: asked after a restore, and when in doubt."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, select

from forms.seal.receipt import FINAL_OUTCOMES
from regional_platform.store.tables import version_key


def missing(connection: Connection, unit: str, version_ids: Sequence[str]) -> list[str]:
    """Return those that the platform has not judged for good, in the order in which they were asked.

    A version of another unit is missing: nobody learns here what others have.
    """
    asked = list(dict.fromkeys(version_ids))
    held = set(
        connection.execute(
            select(version_key.c.version_id).where(
                version_key.c.version_id.in_(asked),
                version_key.c.unit == unit,
                version_key.c.outcome.in_(FINAL_OUTCOMES),
            )
        ).scalars()
    )
    return [one for one in asked if one not in held]
