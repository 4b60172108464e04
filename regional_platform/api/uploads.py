"""`POST /v1/uploads`, `HEAD` and `PATCH /v1/uploads/{upload_id}`: the core of tus 1.0."""

from __future__ import annotations

import base64
import hashlib
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Request, Response

from regional_platform import uploads
from regional_platform.api.bodies import shaped, strict_json, too_large, whole
from regional_platform.api.declare import AT_WORK, AtWork, JsonBody, Open, PathId, may_answer
from regional_platform.api.models import UploadBody
from regional_platform.attachments import Kept
from regional_platform.problems import Refusal

router = APIRouter()

MEDIA = "application/offset+octet-stream"


@router.post(
    "/v1/uploads",
    status_code=201,
    responses={
        200: {"description": "The unit has it already"},
        **may_answer("malformed", *AT_WORK, "batch-too-large", "unsupported-media", "rate-limited"),
    },
)
def post_upload(platform: Open, caller: AtWork, body: JsonBody, response: Response) -> dict[str, Any]:
    """Begin an upload, or go on with it."""
    platform.batch_rate.take(caller.device_id, "upload")
    said = shaped(UploadBody, strict_json(body))
    limits = platform.settings.limits
    if said.size > limits.attachment_bytes:
        raise too_large(limits)
    begun = uploads.begin(platform, Kept(caller.unit, said.sha256, said.size, said.name, said.media_type))
    if begun is None:
        response.status_code = 200
        return {"upload_id": None, "offset": said.size}
    response.headers["Location"] = f"/v1/uploads/{begun.upload_id}"
    response.headers["Upload-Offset"] = str(begun.offset)
    return {"upload_id": begun.upload_id, "offset": begun.offset}


@router.head("/v1/uploads/{upload_id}", responses=may_answer("malformed", *AT_WORK, "upload-unknown"))
def head_upload(platform: Open, caller: AtWork, upload_id: PathId) -> Response:
    """Say up to where the bytes of an upload are here."""
    with platform.store.reading() as connection:
        found = uploads.find(connection, caller, upload_id)
    headers = {"Upload-Offset": str(found.offset_bytes), "Upload-Length": str(found.size_bytes)}
    return Response(headers=headers)


async def chunk_body(request: Request, platform: Open) -> bytes:
    """The bytes of a chunk, counted while they come.

    Raises:
        Refusal: unsupported-media, batch-too-large.
    """
    media, _, _ = request.headers.get("content-type", "").partition(";")
    if media.strip().lower() != MEDIA:
        raise Refusal("unsupported-media", headers={"Accept": MEDIA})
    return await whole(request, uploads.CHUNK_BYTES, platform.settings.limits)


@router.patch(
    "/v1/uploads/{upload_id}",
    status_code=204,
    responses=may_answer(
        "malformed", *AT_WORK, "upload-unknown", "offset-differs", "batch-too-large", "unsupported-media",
        "batch-digest-mismatch", "attachment-mismatch",
    ),
)  # fmt: skip
def patch_upload(
    platform: Open,
    caller: AtWork,
    upload_id: PathId,
    chunk: Annotated[bytes, Depends(chunk_body)],
    upload_offset: Annotated[int, Header(ge=0, le=9_007_199_254_740_991)],
    content_digest: Annotated[str, Header(pattern=r"^sha-256=:[A-Za-z0-9+/]{43}=:$")],
) -> Response:
    """Add a chunk; the last one makes the attachment."""
    digest = base64.b64encode(hashlib.sha256(chunk).digest()).decode("ascii")
    if content_digest != f"sha-256=:{digest}:":
        raise Refusal("batch-digest-mismatch")
    offset = uploads.append(platform, caller, upload_id, upload_offset, chunk)
    return Response(status_code=204, headers={"Upload-Offset": str(offset)})
