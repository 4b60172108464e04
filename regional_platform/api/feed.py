"""`GET /v1/feed`."""

from __future__ import annotations

import asyncio
import time
from typing import Annotated

from fastapi import APIRouter, Header, Query, Response
from sqlalchemy import Connection
from starlette.concurrency import run_in_threadpool

from regional_platform.api.declare import AT_WORK, AtWork, Open, may_answer
from regional_platform.auth.callers import Caller, refuse_ended
from regional_platform.case_decisions import close_ready
from regional_platform.feed import Page, append, page_body, read_page
from regional_platform.platform import Platform
from regional_platform.problems import Refusal
from regional_platform.propagation import confirm_read, has_to_tell
from regional_platform.short import is_preferred

router = APIRouter()


@router.get("/v1/feed", responses=may_answer("malformed", *AT_WORK, "epoch-changed"))
async def get_feed(
    platform: Open,
    caller: AtWork,
    epoch: Annotated[str, Query(min_length=1, max_length=64)],
    after: Annotated[int, Query(ge=0, le=9_007_199_254_740_991)] = 0,
    limit: Annotated[int, Query(ge=1, le=4_000)] = 200,
    wait: Annotated[int, Query(ge=0, le=30)] = 0,
    applied: Annotated[int | None, Query(ge=0, le=9_007_199_254_740_991)] = None,
    prefer: Annotated[str, Header()] = "",
) -> Response:
    """Read what happened for the caller's unit. A page that is fetched ahead says what is applied so far."""
    if epoch != platform.identity.epoch:
        raise Refusal("epoch-changed", epoch=platform.identity.epoch)
    await run_in_threadpool(_confirm, platform, caller, after if applied is None else min(applied, after))
    page = await _page(platform, caller, after, limit, wait)
    body = page_body(platform.identity, page, in_short=is_preferred(prefer))
    return Response(body, media_type="application/json")


def _confirm(platform: Platform, caller: Caller, after: int) -> None:
    """Whoever asks has applied all up to `after`."""
    with platform.store.reading() as connection:
        if not has_to_tell(connection, caller.unit, caller.device_id, after):
            return
    rung: set[str] = set()

    def act(connection: Connection) -> None:
        rung.clear()
        now = platform.clock()
        confirmed = confirm_read(connection, caller.unit, caller.device_id, after, now)
        if confirmed:
            rung.update(append(connection, close_ready(platform, connection, confirmed, now), now))

    platform.store.write(act)
    platform.bell.ring(rung)


async def _page(platform: Platform, caller: Caller, after: int, limit: int, wait: int) -> Page:
    """Read a page; while it is empty, wait for the bell, and look again now and then.

    Looking again finds what another process has written, whose bell is not heard here.
    """

    def read() -> Page:
        with platform.store.reading() as connection:
            refuse_ended(connection, caller)  # who waits may have been shut out meanwhile
            return read_page(connection, platform.identity, caller.unit, after, limit)

    until = time.monotonic() + wait
    while True:
        with platform.bell.listening(caller.unit) as rung:
            page = await run_in_threadpool(read)
            left = until - time.monotonic()
            if page.entries or left <= 0 or platform.bell.closed:
                return page
            try:
                await asyncio.wait_for(rung.wait(), min(left, platform.settings.poll_s))
            except TimeoutError:
                continue
