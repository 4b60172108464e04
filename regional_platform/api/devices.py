"""`POST /v1/devices`."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Response

from regional_platform.api.bodies import shaped, strict_json
from regional_platform.api.declare import JsonBody, Open, may_answer
from regional_platform.api.models import EnrolmentBody
from regional_platform.auth.enrolment import enrol

router = APIRouter()


@router.post(
    "/v1/devices",
    status_code=201,
    responses={
        200: {"description": "It was enrolled before"},
        **may_answer(
            "malformed",
            "enrolment-code-unknown",
            "device-revoked",
            "enrolment-code-used",
            "batch-too-large",
            "unsupported-media",
        ),
    },
)
def enrol_device(platform: Open, body: JsonBody, response: Response) -> dict[str, Any]:
    """Enrol a desk with the code that its unit was given."""
    said = shaped(EnrolmentBody, strict_json(body))
    enrolled = enrol(platform, said.enrolment_code, said.name, said.public_key)
    response.status_code = 201 if enrolled.made else 200
    return enrolled.answer
