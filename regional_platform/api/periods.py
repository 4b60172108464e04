"""`/v1/zero-reports`, `/v1/scores`."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query

from regional_platform import periods, scores
from regional_platform.api.admin_models import ScoringBody, ZeroReportBody
from regional_platform.api.bodies import shaped, strict_json
from regional_platform.api.declare import SIGNED_IN, TAKES, JsonBody, Open, PathId, SignedIn, may_answer
from regional_platform.api.models import UUID, WhyBody
from regional_platform.published import calendar_of, refresh

router = APIRouter()

PERIOD = r"^[0-9]{4}(-(W[0-9]{2}|Q[1-4]|H[12]|[0-9]{2}(-[0-9]{2})?))?$"
UnitQuery = Annotated[str, Query(min_length=1, max_length=64)]


@router.get(
    "/v1/zero-reports", responses=may_answer("malformed", *SIGNED_IN, "not-authorised", "unit-unknown")
)
def get_zero_reports(
    platform: Open,
    caller: SignedIn,
    unit: UnitQuery,
    period: Annotated[str | None, Query(pattern=PERIOD)] = None,
    after: Annotated[str | None, Query(pattern=UUID)] = None,
    limit: Annotated[int, Query(ge=1, le=1_000)] = 200,
) -> dict[str, Any]:
    """List zero reports."""
    with platform.store.reading() as connection:
        return periods.list_zero_reports(
            connection, caller, code=unit, period=period, after=after or "", limit=limit
        )


@router.post(
    "/v1/zero-reports",
    status_code=201,
    responses=may_answer(
        *TAKES, "not-authorised", "unit-unknown", "unit-closed", "key-reused", "item-unknown", "period-unfit",
        "period-not-over", "period-has-records", "already-declared",
    ),
)  # fmt: skip
def post_zero_report(platform: Open, caller: SignedIn, body: JsonBody) -> dict[str, Any]:
    """Declare that nothing happened."""
    said = shaped(ZeroReportBody, strict_json(body))
    return platform.store.write(
        lambda connection: periods.declare_nothing(
            connection, refresh(platform), caller, platform.clock(), report_id=said.report_id,
            code=said.unit, item=said.item, period=said.period, early=said.early,
        )
    )  # fmt: skip


@router.put("/v1/zero-reports/{report_id}/withdrawal", responses=may_answer(*TAKES, "zero-report-unknown"))
def put_zero_withdrawal(
    platform: Open, caller: SignedIn, report_id: PathId, body: JsonBody
) -> dict[str, Any]:
    """Withdraw a zero report."""
    reason = shaped(WhyBody, strict_json(body)).reason
    return platform.store.write(
        lambda connection: periods.take_back(connection, caller, platform.clock(), report_id, reason)
    )


@router.get(
    "/v1/scores",
    responses=may_answer("malformed", *SIGNED_IN, "not-authorised", "unit-unknown", "score-unknown"),
)
def get_scores(
    platform: Open, caller: SignedIn, unit: UnitQuery, period: Annotated[str, Query(pattern=PERIOD)]
) -> dict[str, Any]:
    """Read the scorecard of a unit."""
    scoring = scores.scoring_of(platform.settings.resources)
    with platform.store.reading() as connection:
        return scores.read_scores(connection, caller, scoring, code=unit, period=period)


@router.post("/v1/scores", responses=may_answer(*TAKES, "not-authorised", "unit-unknown"))
def post_scores(platform: Open, caller: SignedIn, body: JsonBody) -> dict[str, Any]:
    """Compute the scores of a unit and all below it."""
    said = shaped(ScoringBody, strict_json(body))
    resources = platform.settings.resources
    with platform.store.reading() as connection:
        calendar = calendar_of(connection, resources)
    ground = scores.Ground(refresh(platform), calendar, scores.scoring_of(resources))
    counted = scores.compute(
        platform.store, caller, ground, platform.clock(), code=said.unit, period=said.period
    )
    return {"unit": said.unit, "period": said.period, "units": counted}
