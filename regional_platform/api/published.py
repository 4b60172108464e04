"""`/v1/catalogs`, `/v1/calendars`."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from sqlalchemy import Connection

from regional_platform import published
from regional_platform.acts import needs_admin
from regional_platform.api.admin_models import RetirementBody, day_of
from regional_platform.api.bodies import shaped, strict_json, whole
from regional_platform.api.declare import (
    SIGNED_IN,
    TAKES,
    JsonBody,
    Open,
    PathSha256,
    SignedIn,
    may_answer,
)
from regional_platform.case_clocks import recompute
from regional_platform.platform import Platform
from regional_platform.problems import Refusal
from regional_platform.setfiles import verified
from regional_platform.times import legal_day

router = APIRouter()

ZIP = "application/zip"
After = Annotated[int, Query(ge=0, le=9_007_199_254_740_991)]
Limit = Annotated[int, Query(ge=1, le=1_000)]


async def zip_body(request: Request, platform: Open) -> bytes:
    """The body of an upload of a set.

    Raises:
        Refusal: unsupported-media, batch-too-large.
    """
    media, _, _ = request.headers.get("content-type", "").partition(";")
    if media.strip().lower() != ZIP or request.headers.get("content-encoding"):
        raise Refusal("unsupported-media", headers={"Accept": ZIP})
    limits = platform.settings.limits
    return await whole(request, limits.body_bytes, limits)


def _listed(platform: Platform, kind: str, after: int, limit: int) -> dict[str, Any]:
    with platform.store.reading() as connection:
        return published.list_published(connection, kind, after=after, limit=limit)


def _content(platform: Platform, kind: str, digest: str, media: str) -> Response:
    with platform.store.reading() as connection:
        content = published.content_of(connection, kind, digest, platform.shelf)
    return Response(content, media_type=media)


@router.get("/v1/catalogs", responses=may_answer("malformed", *SIGNED_IN))
def get_catalogs(platform: Open, _caller: SignedIn, after: After = 0, limit: Limit = 200) -> dict[str, Any]:
    """List the catalog sets that were published."""
    return _listed(platform, "catalog", after, limit)


@router.post(
    "/v1/catalogs",
    status_code=201,
    responses=may_answer(
        *SIGNED_IN, "not-authorised", "code-taken", "batch-too-large", "unsupported-media", "catalog-unsound"
    ),
)
def post_catalog(
    platform: Open, caller: SignedIn, content: Annotated[bytes, Depends(zip_body)]
) -> dict[str, Any]:
    """Publish a catalog set."""
    now = platform.clock()
    with platform.store.reading() as connection:
        needs_admin(caller, published.root_path(connection))  # before the work of verifying
        trusted = published.trusted_keys(connection, platform.settings.resources)
    sound = verified(content, trusted.keys(), legal_day(now))
    told, rung = platform.store.write(
        lambda connection: published.publish_catalog(connection, caller, now, sound, content)
    )
    published.refresh(platform)
    platform.bell.ring(rung)
    return told


@router.get("/v1/catalogs/{digest}", responses=may_answer("malformed", *SIGNED_IN, "publication-unknown"))
def get_catalog(platform: Open, _caller: SignedIn, digest: PathSha256) -> Response:
    """Give the files of a set, as one zip."""
    return _content(platform, "catalog", digest, ZIP)


@router.put(
    "/v1/catalogs/{digest}/retirement",
    responses=may_answer(*TAKES, "not-authorised", "publication-unknown", "last-catalog"),
)
def put_retirement(platform: Open, caller: SignedIn, digest: PathSha256, body: JsonBody) -> dict[str, Any]:
    """Retire a set."""
    said = shaped(RetirementBody, strict_json(body))
    until = day_of(said.accept_until, "#/accept_until")
    told, rung = platform.store.write(
        lambda connection: published.retire_catalog(
            connection, caller, platform.clock(), digest, until, said.reason
        )
    )
    published.refresh(platform)
    platform.bell.ring(rung)
    return told


@router.get("/v1/calendars", responses=may_answer("malformed", *SIGNED_IN))
def get_calendars(platform: Open, _caller: SignedIn, after: After = 0, limit: Limit = 200) -> dict[str, Any]:
    """List the calendars that were published."""
    return _listed(platform, "calendar", after, limit)


@router.post(
    "/v1/calendars", status_code=201, responses=may_answer(*TAKES, "not-authorised", "calendar-unsound")
)
def post_calendar(platform: Open, caller: SignedIn, body: JsonBody) -> dict[str, Any]:
    """Publish the calendar of a year."""
    strict_json(body)

    def act(connection: Connection) -> tuple[dict[str, Any], set[str]]:
        now, resources = platform.clock(), platform.settings.resources
        made = published.publish_calendar(connection, caller, now, body, resources)
        recompute(connection, resources, now)
        return made

    told, rung = platform.store.write(act)
    platform.bell.ring(rung)
    return told


@router.get("/v1/calendars/{digest}", responses=may_answer("malformed", *SIGNED_IN, "publication-unknown"))
def get_calendar(platform: Open, _caller: SignedIn, digest: PathSha256) -> Response:
    """Give the file of a calendar."""
    return _content(platform, "calendar", digest, "application/json")
