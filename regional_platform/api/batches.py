"""`POST /v1/batches`, `GET /v1/batches/{batch_id}`."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Request, Response
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool

from regional_platform.api.batch_body import read_batch
from regional_platform.api.bodies import fault, shaped, too_large, unpacked, whole
from regional_platform.api.declare import AT_WORK, AtWork, Open, PathId, keyed, may_answer
from regional_platform.api.models import SHA256, UUID, BatchBody
from regional_platform.auth.callers import Caller
from regional_platform.limits import refuse_over_the_day
from regional_platform.pipeline.incoming import read_items
from regional_platform.pipeline.receive import Answer, Packed, receive, stored_answer
from regional_platform.platform import Platform
from regional_platform.problems import Refusal
from regional_platform.protocol import PROTOCOL
from regional_platform.published import refresh
from regional_platform.short import is_preferred, short_answer
from regional_platform.times import legal_day
from regional_platform.working import MOST_WAIT_S

router = APIRouter()

MEDIA = "application/vnd.minxin.batch+json"
DEADLINE_OPS = ("decide", "withdraw")
"""Acts on which the law sets a term: batches that hold nothing else go in a lane of their own."""

_WAIT = re.compile(r"(?:^|[,;\s])wait\s*=\s*([0-9]{1,9})(?:$|[,;\s])")


async def packed_body(request: Request, platform: Open) -> bytes:
    """The body of a batch as it travels.

    Raises:
        Refusal: unsupported-media, batch-too-large.
    """
    media, _, _ = request.headers.get("content-type", "").partition(";")
    if media.strip().lower() != MEDIA:
        raise Refusal("unsupported-media", headers={"Accept": MEDIA})
    limits = platform.settings.limits
    return await whole(request, limits.batch_bytes, limits)


@router.post(
    "/v1/batches",
    responses={
        202: {"description": "It came, and is being judged"},
        **may_answer(
            "malformed",
            *AT_WORK,
            "device-forked",
            "batch-too-large",
            "unsupported-media",
            "key-reused",
            "batch-digest-mismatch",
            "protocol-too-old",
            "rate-limited",
        ),
    },
)
async def post_batch(
    platform: Open,
    caller: AtWork,
    packed: Annotated[bytes, Depends(packed_body)],
    request: Request,
    x_body_sha256: Annotated[str, Header(pattern=SHA256)],
    idempotency_key: Annotated[str, Header(pattern=f'^"?{UUID[1:-1]}"?$')],
    content_encoding: Annotated[str, Header()] = "",
    prefer: Annotated[str, Header()] = "",
) -> Response:
    """Take a batch in and answer with one receipt an item."""

    def opened() -> tuple[bytes, bool]:
        body = unpacked(packed, content_encoding.strip().lower(), platform.settings.limits)
        if hashlib.sha256(body).hexdigest() != x_body_sha256:
            raise Refusal("batch-digest-mismatch")
        bound = _looks_bound(body)
        platform.batch_rate.take(caller.device_id, "deadline" if bound else "bulk")
        return body, bound

    def judged(body: bytes, *, bound: bool) -> Response:
        value, contents = read_batch(body)
        said = _envelope(platform, caller, value)
        keyed(request, said.batch_id)
        if bound and any(item.get("op") not in DEADLINE_OPS for item in said.items):
            bound = False
            platform.batch_rate.take(caller.device_id, "bulk")
        came = Packed(x_body_sha256, len(packed))
        return _take_in(platform, caller, said, contents, came, bound=bound, in_short=is_preferred(prefer))

    async def take_in() -> Response:
        body, bound = await run_in_threadpool(opened)
        return await platform.working.in_turn(partial(judged, body, bound=bound), bound=bound)

    batch_id, wait = idempotency_key.strip('"'), _WAIT.search(prefer)
    wait_s = min(int(wait[1]), MOST_WAIT_S) if wait else None
    answer = await platform.working.result((caller.device_id, batch_id), take_in, wait_s)
    return answer or _later(platform, batch_id)


def _looks_bound(body: bytes) -> bool:
    """Say whether a canonical body holds deadline-bound acts only, before it costs the time to read it.

    Inside a text the quotes would be escaped.
    """
    marks = sum(body.count(b'"op":"%s"' % op.encode()) for op in DEADLINE_OPS)
    return 0 < marks == body.count(b'"op":"')


def _take_in(
    platform: Platform,
    caller: Caller,
    said: BatchBody,
    contents: Sequence[bytes | None],
    body: Packed,
    *,
    bound: bool,
    in_short: bool,
) -> Response:
    with platform.store.reading() as connection:
        before = stored_answer(connection, caller.device_id, said.batch_id, body.sha256)
        if before is None and not bound:
            most = platform.settings.limits.unit_bytes_per_day
            refuse_over_the_day(connection, caller.unit, most, platform.clock())
    if before is not None:
        return _answer(before, in_short=in_short)
    incoming = read_items(said.items, contents, refresh(platform), legal_day(platform.clock()))
    return _answer(receive(platform, caller, said, body, incoming), in_short=in_short)


@router.get(
    "/v1/batches/{batch_id}",
    responses={
        202: {"description": "It came, and is being judged"},
        **may_answer("malformed", *AT_WORK, "batch-unknown"),
    },
)
def get_batch(
    platform: Open, caller: AtWork, batch_id: PathId, prefer: Annotated[str, Header()] = ""
) -> Response:
    """Give the answer to a batch of this desk once more."""
    with platform.store.reading() as connection:
        found = stored_answer(connection, caller.device_id, batch_id, None)
    if found is None and platform.working.has((caller.device_id, batch_id)):
        return _later(platform, batch_id)
    if found is None:
        raise Refusal("batch-unknown")
    body = short_answer(found.body) if is_preferred(prefer) else found.body
    return Response(body, media_type="application/json")


def _later(platform: Platform, batch_id: str) -> Response:
    said = {"batch_id": batch_id, "working": True}
    return JSONResponse(said, 202, headers={"Retry-After": str(platform.working.retry_after_s)})


def _envelope(platform: Platform, caller: Caller, value: Any) -> BatchBody:
    protocol = value.get("protocol") if isinstance(value, dict) else None
    if type(protocol) is int and protocol != 1:
        raise Refusal("protocol-too-old", protocol=PROTOCOL)
    items = value.get("items") if isinstance(value, dict) else None
    if isinstance(items, list) and len(items) > platform.settings.limits.batch_items:
        raise too_large(platform.settings.limits)
    said = shaped(BatchBody, value)
    if said.device_id != caller.device_id:
        raise Refusal("not-authorised", errors=[fault("#/device_id", "unfitting")])
    return said


def _answer(answer: Answer, *, in_short: bool) -> Response:
    headers = {"Idempotency-Replayed": "true"} if answer.replayed else {}
    body = short_answer(answer.body) if in_short else answer.body
    return Response(body, media_type="application/json", headers=headers)
