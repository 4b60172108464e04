"""`PUT`, `GET` and `HEAD /v1/attachments/{sha256}`."""

from __future__ import annotations

import hashlib
import re
from tempfile import SpooledTemporaryFile
from typing import Annotated, Any
from urllib.parse import quote, unquote

from fastapi import APIRouter, Header, Request, Response
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool

from regional_platform.api.bodies import counted
from regional_platform.api.declare import AT_WORK, AtWork, Open, PathSha256, may_answer
from regional_platform.attachments import Kept, find, keep, parts
from regional_platform.problems import Refusal

router = APIRouter()

_IN_MEMORY = 1_048_576
_MEDIA_TYPE = re.compile(r"[A-Za-z0-9!#$&^_.+-]{1,63}/[A-Za-z0-9!#$&^_.+-]{1,63}")


@router.put(
    "/v1/attachments/{sha256}",
    status_code=201,
    responses={
        200: {"description": "It was there already"},
        **may_answer("malformed", *AT_WORK, "batch-too-large", "attachment-mismatch"),
    },
)
async def put_attachment(
    platform: Open,
    caller: AtWork,
    sha256: PathSha256,
    request: Request,
    response: Response,
    x_name: Annotated[str, Header(min_length=1, max_length=1_000)] = "attachment",
) -> dict[str, Any]:
    """Keep an attachment."""
    limits = platform.settings.limits
    hashed, size = hashlib.sha256(), 0
    with SpooledTemporaryFile(max_size=_IN_MEMORY) as spooled:
        async for piece in counted(request, limits.attachment_bytes, limits):
            hashed.update(piece)
            size += len(piece)
            spooled.write(piece)
        if hashed.hexdigest() != sha256:
            raise Refusal("attachment-mismatch")
        kept = Kept(caller.unit, sha256, size, unquote(x_name)[:255], _media_type(request))
        made = await run_in_threadpool(keep, platform, caller, kept, spooled)
    response.status_code = 201 if made else 200
    return {"sha256": sha256, "size": size}


@router.head("/v1/attachments/{sha256}", responses=may_answer("malformed", *AT_WORK, "attachment-unknown"))
def head_attachment(platform: Open, caller: AtWork, sha256: PathSha256) -> Response:
    """Say whether an attachment is there."""
    with platform.store.reading() as connection:
        return Response(headers=_headers(find(connection, caller, sha256)))


@router.get("/v1/attachments/{sha256}", responses=may_answer("malformed", *AT_WORK, "attachment-unknown"))
def get_attachment(platform: Open, caller: AtWork, sha256: PathSha256) -> Response:
    """Give the bytes of an attachment."""
    with platform.store.reading() as connection:
        kept = find(connection, caller, sha256)
    return StreamingResponse(parts(platform, kept), headers=_headers(kept))


def _media_type(request: Request) -> str:
    media, _, _ = request.headers.get("content-type", "").partition(";")
    return media.strip().lower() if _MEDIA_TYPE.fullmatch(media.strip()) else "application/octet-stream"


def _headers(kept: Kept) -> dict[str, str]:
    return {
        "Content-Type": kept.media_type,
        "Content-Length": str(kept.size_bytes),
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(kept.name, safe='')}",
    }
