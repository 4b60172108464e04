"""`GET /v1/subjects`, `GET /v1/subjects/{code}`."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query

from regional_platform.api.declare import SIGNED_IN, Open, Reason, SignedIn, may_answer
from regional_platform.api.models import SUBJECT_CODE, UUID
from regional_platform.looks import Look, keep_looks
from regional_platform.subject_pages import find_subjects, read_subject

router = APIRouter()

PLACE = rf"^[0-9-]{{0,10}}~{UUID[1:-1]}$"


@router.get("/v1/subjects", responses=may_answer("malformed", *SIGNED_IN))
def get_subjects(
    platform: Open,
    caller: SignedIn,  # noqa: ARG001 - whoever is signed in may search
    name: Annotated[str, Query(min_length=2, max_length=100, pattern=r"^[^\x00-\x1f]+$")],
    after: Annotated[str | None, Query(pattern=SUBJECT_CODE)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> dict[str, Any]:
    """Find organisations by the beginning of their name."""
    with platform.store.reading() as connection:
        return find_subjects(connection, name, after, limit)


@router.get(
    "/v1/subjects/{code}",
    responses=may_answer("malformed", *SIGNED_IN, "not-authorised", "no-such-subject", "reason-required"),
)
def get_subject(
    platform: Open,
    caller: SignedIn,
    code: Annotated[str, Path(pattern=SUBJECT_CODE)],
    reason: Reason,
    after: Annotated[str | None, Query(pattern=PLACE)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> dict[str, Any]:
    """Read the page of a subject; the look is kept before it is answered."""
    code = code.upper()
    with platform.store.reading() as connection:
        page = read_subject(
            connection, platform.catalogs, caller, code, reason=reason, after=after, limit=limit
        )
    looks: list[Look] = [("subject", code)] if page.looks else []
    keep_looks(platform, caller, looks, reason, page.told["records"])
    return page.told
