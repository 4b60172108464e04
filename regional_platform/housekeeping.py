"""Housekeeping: what has no use any more is removed, a bounded piece at a time."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import Connection, delete, select

from regional_platform import person_keys, uploads
from regional_platform.limits import forget_full
from regional_platform.platform import Platform
from regional_platform.store.process_tables import under_way
from regional_platform.store.tables import session
from regional_platform.times import iso

MOST: Final = 1_000
"""Rows removed in one transaction, so that nobody waits long for it."""

MOST_UPLOADS: Final = 5

EVERY_S: Final = 600
"""Rest once nothing is left."""


def sweep(connection: Connection, now: datetime, *, most: int = MOST) -> dict[str, int]:
    """Remove sessions that have run out, and uploads given up, the oldest first; says how many of what.

    Sessions are at most `most`, uploads a few: one of them may be a large file.
    """
    gone = (
        select(session.c.token_sha256)
        .where(session.c.expires_at <= iso(now))
        .order_by(session.c.expires_at)
        .limit(most)
    )
    tokens = connection.execute(gone).scalars().all()
    connection.execute(delete(session).where(session.c.token_sha256.in_(tokens)))
    connection.execute(delete(under_way).where(under_way.c.until_at <= iso(now)))
    forget_full(connection, now)
    return {
        "sessions": len(tokens),
        "uploads": uploads.sweep(connection, now, most=MOST_UPLOADS),
        "tags": person_keys.sweep(connection, now, most=most),
    }


def tidy(platform: Platform) -> bool:
    """Sweep once, and make the partitions of the coming months; says whether there may be more."""
    platform.partitions.make_ahead(platform.clock())
    gone = platform.store.write(lambda connection: sweep(connection, platform.clock()), units=())
    return gone["sessions"] == MOST or gone["uploads"] == MOST_UPLOADS or gone["tags"] > 0
