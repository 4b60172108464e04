"""`/v1/notices`."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query

from regional_platform import notices
from regional_platform.api.admin_models import NoticeBody
from regional_platform.api.bodies import shaped, strict_json
from regional_platform.api.declare import SIGNED_IN, TAKES, JsonBody, Open, PathId, SignedIn, may_answer
from regional_platform.api.models import UUID, WhyBody
from regional_platform.times import legal_day

router = APIRouter()


@router.get("/v1/notices", responses=may_answer("malformed", *SIGNED_IN))
def get_notices(
    platform: Open,
    caller: SignedIn,
    current: Annotated[bool, Query()] = False,  # noqa: FBT002 - a query parameter
    after: Annotated[str | None, Query(pattern=UUID)] = None,
    limit: Annotated[int, Query(ge=1, le=1_000)] = 200,
) -> dict[str, Any]:
    """List notices."""
    on: date | None = legal_day(platform.clock()) if current else None
    with platform.store.reading() as connection:
        return notices.list_notices(connection, caller, on=on, after=after or "", limit=limit)


@router.post(
    "/v1/notices",
    status_code=201,
    responses=may_answer(*TAKES, "not-authorised", "unit-unknown", "unit-closed", "key-reused"),
)
def post_notice(platform: Open, caller: SignedIn, body: JsonBody) -> dict[str, Any]:
    """Post a notice."""
    said = shaped(NoticeBody, strict_json(body))
    told, rung = platform.store.write(
        lambda connection: notices.post(
            connection, caller, platform.clock(), notice_id=said.notice_id, code=said.unit, title=said.title,
            text=said.text, from_on=said.day("from_"), until_on=said.day("until"),
        )
    )  # fmt: skip
    platform.bell.ring(rung)
    return told


@router.put("/v1/notices/{notice_id}/withdrawal", responses=may_answer(*TAKES, "notice-unknown"))
def put_withdrawal(platform: Open, caller: SignedIn, notice_id: PathId, body: JsonBody) -> dict[str, Any]:
    """Withdraw a notice."""
    reason = shaped(WhyBody, strict_json(body)).reason
    told, rung = platform.store.write(
        lambda connection: notices.withdraw(connection, caller, platform.clock(), notice_id, reason)
    )
    platform.bell.ring(rung)
    return told
