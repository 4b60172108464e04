"""`POST /v1/cases`, `GET /v1/cases/{case_id}`."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Header, Request, Response

from regional_platform import cases
from regional_platform.api.bodies import shaped, strict_json
from regional_platform.api.declare import (
    SIGNED_IN,
    JsonBody,
    Open,
    PathId,
    SignedIn,
    keyed,
    may_answer,
)
from regional_platform.api.models import UUID, CaseBody

router = APIRouter()


@router.post(
    "/v1/cases",
    status_code=201,
    responses=may_answer(
        "malformed",
        *SIGNED_IN,
        "not-authorised",
        "record-unknown",
        "withdrawn-already",
        "attachment-missing",
        "batch-too-large",
        "unsupported-media",
        "key-reused",
        "field-invalid",
    ),
)
def open_case(
    platform: Open,
    caller: SignedIn,
    body: JsonBody,
    request: Request,
    idempotency_key: Annotated[str, Header(pattern=f'^"?{UUID[1:-1]}"?$')],  # noqa: ARG001 - held by `keyed`
) -> Response:
    """Open an objection to a record."""
    caller.needs("hall")
    said = shaped(CaseBody, strict_json(body))
    keyed(request, said.case_id)
    case, replayed = cases.open_case(platform, caller, said)
    headers = {"Idempotency-Replayed": "true"} if replayed else {}
    return Response(case, status_code=201, media_type="application/json", headers=headers)


@router.get("/v1/cases/{case_id}", responses=may_answer("malformed", *SIGNED_IN, "case-unknown"))
def get_case(platform: Open, caller: SignedIn, case_id: PathId) -> Response:
    """Read a case."""
    with platform.store.reading() as connection:
        return Response(cases.read_case(connection, caller, case_id), media_type="application/json")
