"""`/v1/devices`, `/v1/enrolment-codes`."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response

from regional_platform import desks
from regional_platform.api.admin_models import CodeBody
from regional_platform.api.bodies import shaped, strict_json
from regional_platform.api.declare import (
    SIGNED_IN,
    TAKES,
    AtWork,
    JsonBody,
    Open,
    PathId,
    SignedIn,
    at_the_door,
    may_answer,
)
from regional_platform.api.models import EnrolmentBody, RenewalBody, WhyBody
from regional_platform.auth.enrolment import enrol
from regional_platform.auth.renewal import renew

router = APIRouter()


@router.post(
    "/v1/devices",
    status_code=201,
    dependencies=[Depends(at_the_door)],
    responses={
        200: {"description": "It was enrolled before"},
        **may_answer(
            "malformed",
            "enrolment-code-unknown",
            "enrolment-code-expired",
            "device-revoked",
            "enrolment-code-used",
            "unit-closed",
            "batch-too-large",
            "unsupported-media",
            "rate-limited",
        ),
    },
)
def enrol_device(platform: Open, body: JsonBody, response: Response) -> dict[str, Any]:
    """Enrol a desk with the code that its unit was given."""
    said = shaped(EnrolmentBody, strict_json(body))
    enrolled = enrol(platform, said.enrolment_code, said.name, said.public_key)
    response.status_code = 201 if enrolled.made else 200
    return enrolled.answer


@router.get("/v1/devices", responses=may_answer("malformed", *SIGNED_IN))
def get_devices(
    platform: Open,
    caller: SignedIn,
    unit: Annotated[str | None, Query(min_length=1, max_length=64)] = None,
    after: Annotated[str, Query(max_length=64)] = "",
    limit: Annotated[int, Query(ge=1, le=1_000)] = 200,
) -> dict[str, Any]:
    """List desks."""
    with platform.store.reading() as connection:
        return desks.list_devices(connection, caller, code=unit, after=after, limit=limit)


@router.post(
    "/v1/devices/current/renewal",
    status_code=201,
    responses={
        200: {"description": "The same key was given an id before"},
        **may_answer(*TAKES, "not-authorised", "rate-limited"),
    },
)
def post_renewal(platform: Open, caller: AtWork, body: JsonBody, response: Response) -> dict[str, Any]:
    """Give the caller's desk a new id."""
    platform.batch_rate.take(caller.device_id, "renewal")
    said = shaped(RenewalBody, strict_json(body))
    renewed = renew(platform, caller, said.public_key, said.feed_ack)
    response.status_code = 201 if renewed.made else 200
    return {"device_id": renewed.device_id, "token": renewed.token, "expires_at": renewed.expires_at}


@router.put("/v1/devices/{device_id}/revocation", responses=may_answer(*TAKES, "device-unknown"))
def put_revocation(platform: Open, caller: SignedIn, device_id: PathId, body: JsonBody) -> dict[str, Any]:
    """Revoke a desk."""
    reason = shaped(WhyBody, strict_json(body)).reason
    return platform.store.write(
        lambda connection: desks.revoke(connection, caller, platform.clock(), device_id, reason)
    )


@router.post(
    "/v1/enrolment-codes",
    status_code=201,
    responses=may_answer(*TAKES, "not-authorised", "unit-unknown", "unit-closed", "device-unknown"),
)
def post_code(platform: Open, caller: SignedIn, body: JsonBody) -> dict[str, Any]:
    """Make an enrolment code."""
    said = shaped(CodeBody, strict_json(body))
    return platform.store.write(
        lambda connection: desks.give_code(
            connection, caller, platform.clock(), code=said.unit, days=said.days, replaces=said.replaces
        )
    )
