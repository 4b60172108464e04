"""`PUT /v1/approvals/{approval_id}`."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Response

from regional_platform.api.bodies import fault, shaped, strict_json
from regional_platform.api.declare import AT_WORK, AtWork, JsonBody, Open, PathId, may_answer
from regional_platform.api.models import ApprovalBody
from regional_platform.approvals import confirm
from regional_platform.problems import Refusal

router = APIRouter()


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
    platform: Open, caller: AtWork, approval_id: PathId, body: JsonBody, response: Response
) -> dict[str, Any]:
    """Take an approval in, once."""
    said = shaped(ApprovalBody, strict_json(body))
    if said.approval_id != approval_id:
        raise Refusal("malformed", errors=[fault("#/approval_id", "unfitting")])
    made = confirm(platform, caller, said.model_dump(), body)
    response.status_code = 201 if made else 200
    return {"approval_id": approval_id, "confirmed": True}
