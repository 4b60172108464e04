"""`GET /v1/lists` and what lies under it: entries, snapshots, deltas, the filter, the key of persons."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response

from forms.seal.keys import to_text
from regional_platform.api.bodies import fault
from regional_platform.api.declare import SIGNED_IN, Open, Reason, SignedIn, may_answer
from regional_platform.api.models import SUBJECT_CODE, UUID
from regional_platform.lists import Asked, list_lists, name_of, read_entries
from regional_platform.looks import Look, keep_looks
from regional_platform.person_keys import key_named, person_key
from regional_platform.platform import Platform
from regional_platform.problems import Refusal
from regional_platform.publishing import FILTER, newest_body, read_deltas
from regional_platform.sight import may_look_at_persons
from regional_platform.times import legal_day

router = APIRouter()

DAY = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
LIST = r"^[A-Za-z0-9_-]{1,64}$"
ListCode = Annotated[str, Path(pattern=LIST)]


@router.get("/v1/lists", responses=may_answer("malformed", *SIGNED_IN))
def get_lists(
    platform: Open,
    caller: SignedIn,  # noqa: ARG001 - whoever is signed in may see
    after: Annotated[str | None, Query(pattern=LIST)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 100,
) -> dict[str, Any]:
    """Say which lists there are."""
    with platform.store.reading() as connection:
        return list_lists(connection, platform, legal_day(platform.clock()), after or "", limit)


@router.get("/v1/lists/filter", responses=may_answer(*SIGNED_IN, "list-unpublished"))
def get_filter(platform: Open, caller: SignedIn) -> Response:  # noqa: ARG001 - the same
    """Give the newest filter over all lists."""
    return Response(_body(platform, FILTER), media_type="application/octet-stream")


@router.get(
    "/v1/lists/key",
    responses=may_answer("malformed", *SIGNED_IN, "not-authorised", "publication-unknown"),
)
def get_key(
    platform: Open,
    caller: SignedIn,
    reason: Reason,
    id: Annotated[str | None, Query(pattern=r"^[0-9a-f]{16}$")] = None,  # noqa: A002 - named by the contract
) -> dict[str, Any]:
    """Give a key that persons' tags are made with; the look is kept."""
    if not may_look_at_persons(caller):
        raise Refusal("not-authorised")
    key = key_named(platform, id) if id else person_key(platform)
    if key is None:
        raise Refusal("publication-unknown")
    keep_looks(platform, caller, [("list-key", key.id)], reason)
    return {"id": key.id, "key": to_text(key.raw), "cost": key.cost}


@router.get(
    "/v1/lists/{code}/entries",
    responses=may_answer("malformed", *SIGNED_IN, "not-authorised", "list-unknown", "reason-required"),
)
def get_entries(
    platform: Open,
    caller: SignedIn,
    code: ListCode,
    reason: Reason,
    on: Annotated[str | None, Query(pattern=DAY)] = None,
    subject: Annotated[str | None, Query(pattern=SUBJECT_CODE)] = None,
    after: Annotated[str | None, Query(pattern=UUID)] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> dict[str, Any]:
    """Say who is on a list; a look at others' entries is kept, and they are told of changes from then on."""
    asked = Asked(code, _day(on), subject.upper() if subject else None, reason, after or "", limit)
    with platform.store.reading() as connection:
        page = read_entries(connection, platform, caller, asked, legal_day(platform.clock()))
    if page.looks:
        looks: list[Look] = [("list", f"{code} {asked.subject or ''}".strip())]
        keep_looks(platform, caller, looks, reason, page.shown)
    return page.told


@router.get(
    "/v1/lists/{code}/snapshot",
    responses=may_answer("malformed", *SIGNED_IN, "list-unknown", "list-unpublished"),
)
def get_snapshot(platform: Open, caller: SignedIn, code: ListCode) -> Response:  # noqa: ARG001 - the same
    """Give the newest snapshot of a list, signed."""
    name_of(platform, code)
    return Response(_body(platform, code), media_type="application/json")


@router.get("/v1/lists/{code}/deltas", responses=may_answer("malformed", *SIGNED_IN, "list-unknown"))
def get_deltas(
    platform: Open,
    caller: SignedIn,  # noqa: ARG001 - the same
    code: ListCode,
    after: Annotated[int, Query(ge=0, le=9_007_199_254_740_991)] = 0,
    limit: Annotated[int, Query(ge=1, le=100)] = 30,
) -> Response:
    """Give the deltas of a list after a number, each signed."""
    name_of(platform, code)
    with platform.store.reading() as connection:
        return Response(read_deltas(connection, code, after, limit), media_type="application/json")


def _body(platform: Platform, code: str) -> bytes:
    with platform.store.reading() as connection:
        body = newest_body(connection, code)
    if body is None:
        raise Refusal("list-unpublished")
    return body


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise Refusal("malformed", errors=[fault("#/query/on", "date")]) from error
