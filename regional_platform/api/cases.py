"""`/v1/cases`: opened by the hall, listed, read, transferred; confirmations that are waived."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Header, Query, Request, Response

from regional_platform import case_events, case_leases, cases, transfers
from regional_platform.api.admin_models import day_of
from regional_platform.api.bodies import shaped, strict_json
from regional_platform.api.case_models import CaseEventBody
from regional_platform.api.declare import (
    AT_WORK,
    AtWork,
    JsonBody,
    Open,
    PathId,
    keyed,
    may_answer,
)
from regional_platform.api.models import DAY, UUID, CaseBody, TransferBody, WaiverBody
from regional_platform.case_figures import figures_of
from regional_platform.problems import Refusal
from regional_platform.units import unit_row

router = APIRouter()


def _made(answer: tuple[bytes, bool]) -> Response:
    """The case after what was said of it, and whether that had been said before."""
    case, replayed = answer
    headers = {"Idempotency-Replayed": "true"} if replayed else {}
    return Response(case, status_code=201, media_type="application/json", headers=headers)


@router.post(
    "/v1/cases",
    status_code=201,
    responses=may_answer(
        "malformed",
        *AT_WORK,
        "record-unknown",
        "withdrawn-already",
        "record-of-another-unit",
        "case-repeated",
        "attachment-missing",
        "batch-too-large",
        "unsupported-media",
        "key-reused",
        "field-invalid",
    ),
)
def open_case(
    platform: Open,
    caller: AtWork,
    body: JsonBody,
    request: Request,
    idempotency_key: Annotated[str, Header(pattern=f'^"?{UUID[1:-1]}"?$')],  # noqa: ARG001 - held by `keyed`
) -> Response:
    """Open a case on records of one unit."""
    said = shaped(CaseBody, strict_json(body))
    keyed(request, said.case_id)
    return _made(cases.open_case(platform, caller, said))


@router.get("/v1/cases/figures", responses=may_answer("malformed", *AT_WORK, "unit-unknown"))
def get_figures(
    platform: Open,
    caller: AtWork,
    unit: Annotated[str, Query(min_length=1, max_length=64)],
    since: Annotated[str, Query(pattern=DAY)],
    until: Annotated[str, Query(pattern=DAY)],
) -> dict[str, Any]:
    """Count the cases of a unit and all below it."""
    span = day_of(since, "#/since"), day_of(until, "#/until")
    with platform.store.reading() as connection:
        path = unit_row(connection, unit).path
        if not caller.sees(path):
            raise Refusal("not-authorised")
        resources, now = platform.settings.resources, platform.clock()
        return {"unit": unit, **figures_of(connection, resources, path, *span, now)}


@router.get("/v1/cases/{case_id}", responses=may_answer("malformed", *AT_WORK, "case-unknown"))
def get_case(platform: Open, caller: AtWork, case_id: PathId) -> Response:
    """Read a case."""
    with platform.store.reading() as connection:
        return Response(
            cases.read_case(connection, caller, case_id, platform.clock()), media_type="application/json"
        )


@router.get("/v1/cases", responses=may_answer("malformed", *AT_WORK))
def get_cases(
    platform: Open,
    caller: AtWork,
    state: Annotated[Literal["opened", "decided", "closed"] | None, Query()] = None,
    after: Annotated[str | None, Query(pattern=UUID)] = None,
    limit: Annotated[int, Query(ge=1, le=1_000)] = 200,
) -> dict[str, Any]:
    """List cases."""
    with platform.store.reading() as connection:
        return cases.list_cases(connection, caller, state=state, after=after or "", limit=limit)


@router.post(
    "/v1/cases/{case_id}/transfers",
    status_code=201,
    responses=may_answer(
        "malformed", *AT_WORK, "case-unknown", "stale", "event-unfitting", "batch-too-large",
        "unsupported-media", "key-reused", "field-invalid", status={"stale": 412},
    ),
)  # fmt: skip
def transfer_case(
    platform: Open,
    caller: AtWork,
    case_id: PathId,
    body: JsonBody,
    request: Request,
    idempotency_key: Annotated[str, Header(pattern=f'^"?{UUID[1:-1]}"?$')],  # noqa: ARG001 - held by `keyed`
) -> Response:
    """Hand a case over to the unit whose it is."""
    said = shaped(TransferBody, strict_json(body))
    keyed(request, said.transfer_id)
    return _made(transfers.transfer(platform, caller, case_id, said))


@router.post(
    "/v1/cases/{case_id}/events",
    status_code=201,
    responses=may_answer(
        "malformed", *AT_WORK, "case-unknown", "stale", "event-unfitting", "attachment-missing",
        "batch-too-large", "unsupported-media", "key-reused", "field-invalid", status={"stale": 412},
    ),
)  # fmt: skip
def add_case_event(
    platform: Open,
    caller: AtWork,
    case_id: PathId,
    body: JsonBody,
    request: Request,
    idempotency_key: Annotated[str, Header(pattern=f'^"?{UUID[1:-1]}"?$')],  # noqa: ARG001 - held by `keyed`
) -> Response:
    """Say what happened to a case."""
    said = shaped(CaseEventBody, strict_json(body))
    keyed(request, said.event_id)
    return _made(case_events.say(platform, caller, case_id, said))


@router.put(
    "/v1/cases/{case_id}/lease",
    responses=may_answer("malformed", *AT_WORK, "case-unknown", "event-unfitting", "case-leased"),
)
def take_lease(platform: Open, caller: AtWork, case_id: PathId) -> dict[str, Any]:
    """Take a case in hand for half an hour, or keep it."""
    return case_leases.take_lease(platform, caller, case_id)


@router.delete(
    "/v1/cases/{case_id}/lease",
    status_code=204,
    responses=may_answer("malformed", *AT_WORK, "case-unknown"),
)
def release_lease(platform: Open, caller: AtWork, case_id: PathId) -> None:
    """Let a case go."""
    case_leases.release(platform, caller, case_id)


@router.post(
    "/v1/cases/{case_id}/waivers",
    responses=may_answer(
        "malformed", *AT_WORK, "case-unknown", "batch-too-large", "unsupported-media", "key-reused",
        "field-invalid",
    ),
)  # fmt: skip
def waive_confirmation(platform: Open, caller: AtWork, case_id: PathId, body: JsonBody) -> Response:
    """Do without the confirmation of a unit, by name and with a reason."""
    said = shaped(WaiverBody, strict_json(body))
    case = transfers.waive_confirmation(platform, caller, case_id, said)
    return Response(case, media_type="application/json")
