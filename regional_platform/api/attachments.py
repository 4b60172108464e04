"""`GET` and `HEAD /v1/attachments/{sha256}`."""

from __future__ import annotations

import re
from typing import Annotated, Final
from urllib.parse import quote

from fastapi import APIRouter, Header, Response
from fastapi.responses import StreamingResponse

from regional_platform.api.declare import AT_WORK, AtWork, Open, PathSha256, may_answer
from regional_platform.attachments import Kept, find, parts

router = APIRouter()

_RANGE: Final = re.compile(r"bytes=([0-9]{1,12})-([0-9]{1,12})$")


@router.head("/v1/attachments/{sha256}", responses=may_answer("malformed", *AT_WORK, "attachment-unknown"))
def head_attachment(platform: Open, caller: AtWork, sha256: PathSha256) -> Response:
    """Say whether an attachment is there."""
    with platform.store.reading() as connection:
        return Response(headers=_headers(find(connection, caller, sha256)))


@router.get(
    "/v1/attachments/{sha256}",
    responses={
        206: {"description": "The bytes that were asked for"},
        **may_answer("malformed", *AT_WORK, "attachment-unknown"),
    },
)
def get_attachment(
    platform: Open,
    caller: AtWork,
    sha256: PathSha256,
    asked: Annotated[str, Header(alias="Range", max_length=200)] = "",
) -> Response:
    """Give the bytes of an attachment, or a piece of them (RFC 9110, one range)."""
    with platform.store.reading() as connection:
        kept = find(connection, caller, sha256)
    headers, piece = _headers(kept), _RANGE.match(asked)
    wanted = range(kept.size_bytes)
    if piece is None or int(piece[1]) > min(int(piece[2]), kept.size_bytes - 1):
        return StreamingResponse(parts(platform, kept, wanted), headers=headers)
    wanted = wanted[int(piece[1]) : int(piece[2]) + 1]
    headers |= {
        "Content-Length": str(len(wanted)),
        "Content-Range": f"bytes {wanted.start}-{wanted.stop - 1}/{kept.size_bytes}",
    }
    return StreamingResponse(parts(platform, kept, wanted), 206, headers=headers)


def _headers(kept: Kept) -> dict[str, str]:
    return {
        "Content-Type": kept.media_type,
        "Content-Length": str(kept.size_bytes),
        "Accept-Ranges": "bytes",
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(kept.name, safe='')}",
    }
