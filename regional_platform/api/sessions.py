"""`POST /v1/sessions`, `DELETE /v1/sessions/current`."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Depends

from regional_platform.api.bodies import shaped, strict_json
from regional_platform.api.declare import SIGNED_IN, JsonBody, Open, SignedIn, at_the_door, may_answer
from regional_platform.api.models import SignInBody
from regional_platform.auth.signin import SignIn, sign_in, sign_out

router = APIRouter()


@router.post(
    "/v1/sessions",
    status_code=201,
    dependencies=[Depends(at_the_door)],
    responses=may_answer(
        "malformed",
        "sign-in-refused",
        "device-revoked",
        "device-not-enrolled",
        "operator-locked",
        "batch-too-large",
        "unsupported-media",
        "rate-limited",
    ),
)
def open_session(platform: Open, body: JsonBody) -> dict[str, Any]:
    """Sign an operator in on a desk."""
    said = shaped(SignInBody, strict_json(body))
    return sign_in(platform, SignIn(**said.model_dump()))


@router.delete("/v1/sessions/current", status_code=204, responses=may_answer(*SIGNED_IN))
def end_session(platform: Open, caller: SignedIn) -> None:
    """Sign out: the token of the caller is no longer good."""
    sign_out(platform, caller)
