"""`PUT /v1/approvals/{approval_id}`."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Request, Response
from starlette.concurrency import run_in_threadpool

from regional_platform.api.bodies import fault, shaped, strict_json, too_large, unpacked, whole
from regional_platform.api.declare import AT_WORK, AtWork, Open, PathId, may_answer
from regional_platform.api.models import ApprovalBody
from regional_platform.approvals import confirm
from regional_platform.problems import Refusal

router = APIRouter()

MEDIA = "application/json"


async def unpacked_body(
    request: Request, platform: Open, content_encoding: Annotated[str, Header()] = ""
) -> bytes:
    """The body of an approval as it was signed.

    Raises:
        Refusal: unsupported-media, batch-too-large, malformed.
    """
    media, _, _ = request.headers.get("content-type", "").partition(";")
    if media.strip().lower() != MEDIA:
        raise Refusal("unsupported-media", headers={"Accept": MEDIA})
    limits = platform.settings.limits
    packed = await whole(request, limits.batch_bytes, limits)
    body = await run_in_threadpool(unpacked, packed, content_encoding.strip().lower(), limits)
    if len(body) > limits.batch_bytes:
        raise too_large(limits)
    return body


@router.put(
    "/v1/approvals/{approval_id}",
    status_code=201,
    responses={
        200: {"description": "The same bytes were confirmed before"},
        **may_answer(
            "malformed",
            *AT_WORK,
            "batch-too-large",
            "unsupported-media",
            "approval-changed",
            "signature-invalid",
            "maker-is-checker",
        ),
    },
)
def put_approval(
    platform: Open,
    caller: AtWork,
    approval_id: PathId,
    body: Annotated[bytes, Depends(unpacked_body)],
    response: Response,
) -> dict[str, Any]:
    """Take an approval in, once."""
    said = shaped(ApprovalBody, strict_json(body))
    if said.approval_id != approval_id:
        raise Refusal("malformed", errors=[fault("#/approval_id", "unfitting")])
    made = confirm(platform, caller, said.model_dump(), body)
    response.status_code = 201 if made else 200
    return {"approval_id": approval_id, "confirmed": True}
