"""What every route declares: the problems it may answer, and the shapes of its parameters."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import unquote

from fastapi import Depends, Header, Path, Request

from regional_platform.api.bodies import fault, whole
from regional_platform.api.models import SHA256, UUID
from regional_platform.auth.callers import Caller, caller_of, note_seen, seen_long_ago
from regional_platform.looks import LONGEST_REASON
from regional_platform.platform import Platform
from regional_platform.problems import KINDS, MEDIA_TYPE, Refusal

Responses = dict[int | str, dict[str, Any]]

PathId = Annotated[str, Path(pattern=UUID)]
PathCode = Annotated[str, Path(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$")]
PathSha256 = Annotated[str, Path(pattern=SHA256)]

EVERYWHERE = ("internal", "maintenance")
SIGNED_IN = ("token-expired", "device-revoked")
AT_WORK = (*SIGNED_IN, "not-authorised")
TAKES = ("malformed", *SIGNED_IN, "batch-too-large", "unsupported-media")
"""What any route answers that takes a JSON body from somebody signed in."""


def may_answer(*codes: str, status: dict[str, int] | None = None) -> Responses:
    """Declare the problems of a route, beside those that any route may answer.

    Args:
        codes: of `KINDS`.
        status: codes that this route answers with another status than usual.
    """
    responses: Responses = {}
    for code in (*codes, *EVERYWHERE):
        known = KINDS[code]
        declared = responses.setdefault(
            (status or {}).get(code, known.status), {"description": "", "content": {MEDIA_TYPE: {}}}
        )
        declared["description"] = "; ".join(filter(None, [declared["description"], code]))
    return responses


def platform_of(request: Request) -> Platform:
    """The open platform that the application serves."""
    platform: Platform = request.app.state.platform
    return platform


def signed_in(request: Request, platform: Annotated[Platform, Depends(platform_of)]) -> Caller:
    """Who is calling.

    Raises:
        Refusal: token-expired, device-revoked.
    """
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Refusal("token-expired", headers={"WWW-Authenticate": "Bearer"})
    now = platform.clock()
    with platform.store.reading() as connection:
        caller = caller_of(connection, token.strip(), now)
    if seen_long_ago(caller, now):
        platform.store.write(lambda connection: note_seen(connection, caller, now), units=())
    request.state.device_id = caller.device_id
    return caller


def at_work(caller: Annotated[Caller, Depends(signed_in)]) -> Caller:
    """Who is calling, with a role at the own unit: what lies there is for nobody else.

    Raises:
        Refusal: token-expired, device-revoked, not-authorised.
    """
    if not caller.roles:
        raise Refusal("not-authorised")
    return caller


def reason_of(
    x_reason: Annotated[str | None, Header(min_length=1, max_length=4_000)] = None,
) -> str | None:
    """Why the caller asks, percent-encoded UTF-8 in X-Reason; None when nothing is said."""
    said = "".join(sign for sign in unquote(x_reason or "") if sign.isprintable()).strip()
    return said[:LONGEST_REASON] or None


Reason = Annotated[str | None, Depends(reason_of)]
Open = Annotated[Platform, Depends(platform_of)]
SignedIn = Annotated[Caller, Depends(signed_in)]
AtWork = Annotated[Caller, Depends(at_work)]


def at_the_door(request: Request, platform: Open) -> None:
    """Hold back an address from which too many come that nobody knows yet.

    Raises:
        Refusal: rate-limited.
    """
    platform.door_rate.take(request.client.host if request.client else "", "door")


async def json_body(request: Request, platform: Open) -> bytes:
    """The body of a JSON request, at most as large as a packed batch.

    Raises:
        Refusal: unsupported-media, batch-too-large.
    """
    media, _, _ = request.headers.get("content-type", "").partition(";")
    if media.strip().lower() != "application/json" or request.headers.get("content-encoding"):
        raise Refusal("unsupported-media", headers={"Accept": "application/json"})
    limits = platform.settings.limits
    return await whole(request, limits.batch_bytes, limits)


JsonBody = Annotated[bytes, Depends(json_body)]


def keyed(request: Request, expected: str) -> None:
    """Hold the Idempotency-Key against the id in the body.

    Raises:
        Refusal: malformed.
    """
    given = request.headers.get("idempotency-key", "")
    if given.removeprefix('"').removesuffix('"') != expected:
        raise Refusal("malformed", errors=[fault("#/headers/Idempotency-Key", "unfitting")])
