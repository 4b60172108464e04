"""`POST /v1/reconciliations`."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from regional_platform import reconciliations
from regional_platform.api.bodies import shaped, strict_json
from regional_platform.api.declare import AT_WORK, AtWork, JsonBody, Open, may_answer
from regional_platform.api.models import ReconciliationBody

router = APIRouter()


@router.post(
    "/v1/reconciliations",
    responses=may_answer("malformed", *AT_WORK, "batch-too-large", "unsupported-media", "rate-limited"),
)
def post_reconciliation(platform: Open, caller: AtWork, body: JsonBody) -> dict[str, list[dict[str, Any]]]:
    """Give nodes of the tree of hashes over the unit's records."""
    platform.batch_rate.take(caller.device_id, "reconciliation")
    said = shaped(ReconciliationBody, strict_json(body))
    with platform.store.reading() as connection:
        return {"nodes": reconciliations.nodes(connection, caller.unit, [tuple(one) for one in said.paths])}
