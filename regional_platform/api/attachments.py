"""`GET` and `HEAD /v1/attachments/{sha256}`."""

from __future__ import annotations

from urllib.parse import quote

from fastapi import APIRouter, Response
from fastapi.responses import StreamingResponse

from regional_platform.api.declare import AT_WORK, AtWork, Open, PathSha256, may_answer
from regional_platform.attachments import Kept, find, parts

router = APIRouter()


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


def _headers(kept: Kept) -> dict[str, str]:
    return {
        "Content-Type": kept.media_type,
        "Content-Length": str(kept.size_bytes),
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(kept.name, safe='')}",
    }
