"""Housekeeping: what has no use any more is removed, a bounded piece at a time."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import Connection, delete, select

from regional_platform.platform import Platform
from regional_platform.store.tables import session
from regional_platform.times import iso

MOST: Final = 1_000
"""Rows removed in one transaction, so that nobody waits long for it."""

EVERY_S: Final = 600
"""Rest once nothing is left."""


def sweep(connection: Connection, now: datetime, *, most: int = MOST) -> dict[str, int]:
    """Remove sessions that have run out, the oldest first, at most `most`; says how many of what."""
    gone = (
        select(session.c.token_sha256)
        .where(session.c.expires_at <= iso(now))
        .order_by(session.c.expires_at)
        .limit(most)
    )
    tokens = connection.execute(gone).scalars().all()
    connection.execute(delete(session).where(session.c.token_sha256.in_(tokens)))
    return {"sessions": len(tokens)}


def tidy(platform: Platform) -> bool:
    """Sweep once, and make the partitions of the coming months; says whether there may be more."""
    platform.partitions.make_ahead(platform.clock())
    gone = platform.store.write(lambda connection: sweep(connection, platform.clock()), units=())
    return max(gone.values()) == MOST
