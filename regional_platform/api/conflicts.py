"""`GET /v1/conflicts`, `GET /v1/conflicts/{conflict_id}`, `POST …/assign`, `POST …/settle`."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query

from regional_platform import conflict_acts
from regional_platform.api.bodies import shaped, strict_json
from regional_platform.api.declare import SIGNED_IN, JsonBody, Open, PathId, Reason, SignedIn, may_answer
from regional_platform.api.models import AssignBody, SettleBody
from regional_platform.contradictions import Kind
from regional_platform.looks import keep_looks

router = APIRouter()

_ACTS = (
    "malformed", *SIGNED_IN, "not-authorised", "conflict-unknown", "conflict-settled", "batch-too-large",
    "unsupported-media",
)  # fmt: skip


@router.get("/v1/conflicts", responses=may_answer("malformed", *SIGNED_IN))
def get_conflicts(
    platform: Open,
    caller: SignedIn,
    state: Literal["open", "settled"] | None = None,
    kind: Kind | None = None,
    after: Annotated[int, Query(ge=0, le=9_007_199_254_740_991)] = 0,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> dict[str, Any]:
    """List conflicts that concern the caller's subtree."""
    with platform.store.reading() as connection:
        return conflict_acts.list_conflicts(
            connection, caller, state=state, kind=kind, after=after, limit=limit
        )


@router.get("/v1/conflicts/{conflict_id}", responses=may_answer("malformed", *SIGNED_IN, "conflict-unknown"))
def get_conflict(platform: Open, caller: SignedIn, conflict_id: PathId, reason: Reason) -> dict[str, Any]:
    """Read a conflict; what is seen of others is kept first."""
    with platform.store.reading() as connection:
        told, others = conflict_acts.read_conflict(
            platform, connection, caller, conflict_id, by_number=reason is not None
        )
    keep_looks(platform, caller, [("record", one) for one in others], reason, told["records"])
    return told


@router.post("/v1/conflicts/{conflict_id}/assign", responses=may_answer(*_ACTS))
def assign_conflict(platform: Open, caller: SignedIn, conflict_id: PathId, body: JsonBody) -> dict[str, Any]:
    """Give a conflict to a unit, or take it over."""
    said = shaped(AssignBody, strict_json(body))
    return conflict_acts.assign(
        platform, caller, conflict_id, owner=said.owner, taken_by=said.taken_by, reason=said.reason
    )


@router.post("/v1/conflicts/{conflict_id}/settle", responses=may_answer(*_ACTS, "conflict-stands"))
def settle_conflict(platform: Open, caller: SignedIn, conflict_id: PathId, body: JsonBody) -> dict[str, Any]:
    """Settle a conflict: what was done, and why."""
    said = shaped(SettleBody, strict_json(body))
    return conflict_acts.settle(platform, caller, conflict_id, said.outcome, said.reason)
