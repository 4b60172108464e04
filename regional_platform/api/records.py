"""`GET /v1/records`, `GET /v1/records/{record_id}` and its places."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query

from regional_platform.api.declare import SIGNED_IN, Open, PathId, SignedIn, may_answer
from regional_platform.api.models import UUID
from regional_platform.looks import keep_looks
from regional_platform.propagation import places
from regional_platform.records import list_records, read_record

router = APIRouter()


@router.get("/v1/records", responses=may_answer("malformed", *SIGNED_IN, "not-authorised"))
def get_records(
    platform: Open,
    caller: SignedIn,
    unit: Annotated[str | None, Query(min_length=1, max_length=64)] = None,
    item: Annotated[str | None, Query(min_length=1, max_length=64)] = None,
    after: Annotated[str | None, Query(pattern=UUID)] = None,
    limit: Annotated[int, Query(ge=1, le=1_000)] = 200,
) -> dict[str, Any]:
    """List records."""
    with platform.store.reading() as connection:
        page = list_records(connection, caller, code=unit, item=item, after=after or "", limit=limit)
    keep_looks(platform, caller, [], None, page["records"])
    return page


@router.get("/v1/records/{record_id}", responses=may_answer("malformed", *SIGNED_IN, "record-unknown"))
def get_record(platform: Open, caller: SignedIn, record_id: PathId) -> dict[str, Any]:
    """Read a record with its versions."""
    with platform.store.reading() as connection:
        shown = read_record(connection, caller, record_id)
    keep_looks(platform, caller, [], None, [shown])
    return shown


@router.get("/v1/records/{record_id}/places", responses=may_answer("malformed", *SIGNED_IN, "record-unknown"))
def get_places(platform: Open, caller: SignedIn, record_id: PathId) -> dict[str, Any]:
    """Say which units hold a record, and which of them know of its changes."""
    with platform.store.reading() as connection:
        read_record(connection, caller, record_id)
        return {"places": places(connection, record_id)}
