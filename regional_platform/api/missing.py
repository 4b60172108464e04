"""`POST /v1/missing`."""

from __future__ import annotations

from fastapi import APIRouter

from regional_platform.api.bodies import shaped, strict_json
from regional_platform.api.declare import AT_WORK, AtWork, JsonBody, Open, may_answer
from regional_platform.api.models import MissingBody
from regional_platform.missing import missing

router = APIRouter()


@router.post(
    "/v1/missing",
    responses=may_answer("malformed", *AT_WORK, "batch-too-large", "unsupported-media", "rate-limited"),
)
def post_missing(platform: Open, caller: AtWork, body: JsonBody) -> dict[str, list[str]]:
    """Say which versions of the caller's unit are not held here."""
    platform.batch_rate.take(caller.device_id, "missing")
    said = shaped(MissingBody, strict_json(body))
    with platform.store.reading() as connection:
        return {"missing": missing(connection, caller.unit, said.version_ids)}
