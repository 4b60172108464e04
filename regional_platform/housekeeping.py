"""Housekeeping: what has no use any more is removed, a bounded piece at a time."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, delete, select
from starlette.concurrency import run_in_threadpool

from regional_platform.incidents import Isolation
from regional_platform.platform import Platform
from regional_platform.store.tables import session
from regional_platform.times import iso

MOST: Final = 1_000
"""Rows removed in one transaction, so that nobody waits long for it."""

EVERY_S: Final = 600
"""Rest between two pieces, once nothing is left."""


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


async def keep_tidy(platform: Platform) -> None:
    """Sweep for as long as the platform runs; what goes wrong is logged, and tried again later."""
    while True:
        gone = {"sessions": 0}
        with Isolation("housekeeping"):
            await run_in_threadpool(platform.partitions.make_ahead, platform.clock())
            gone = await run_in_threadpool(
                platform.store.write, lambda connection: sweep(connection, platform.clock())
            )
        if max(gone.values()) < MOST:
            await asyncio.sleep(EVERY_S)
