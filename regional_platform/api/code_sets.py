"""`/v1/code-sets`."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from regional_platform import code_sets, published
from regional_platform.api.admin_models import CodeSetsBody, SetName, day_of
from regional_platform.api.bodies import shaped, strict_json
from regional_platform.api.declare import (
    SIGNED_IN,
    TAKES,
    JsonBody,
    Open,
    PathSha256,
    SignedIn,
    may_answer,
)
from regional_platform.times import legal_day

router = APIRouter()


@router.get("/v1/code-sets", responses=may_answer("malformed", *SIGNED_IN, "publication-unknown"))
def get_code_sets(
    platform: Open, _caller: SignedIn, catalog: Annotated[SetName | None, Query()] = None
) -> dict[str, Any]:
    """List the code sets of a catalog set."""
    today = legal_day(platform.clock())
    return code_sets.listed(code_sets.chosen(published.refresh(platform), catalog, today), today)


@router.get("/v1/code-sets/{digest}", responses=may_answer("malformed", *SIGNED_IN, "publication-unknown"))
def get_code_set(platform: Open, _caller: SignedIn, digest: PathSha256) -> Response:
    """Give the file of a code set."""
    content = code_sets.file_of(published.refresh(platform), digest)
    return Response(content, media_type="application/json")


@router.post(
    "/v1/code-sets",
    status_code=201,
    responses=may_answer(*TAKES, "not-authorised", "publication-unknown", "code-taken", "catalog-unsound"),
)
def post_code_sets(platform: Open, caller: SignedIn, body: JsonBody) -> dict[str, Any]:
    """Publish code sets as a revision of a catalog set."""
    said = shaped(CodeSetsBody, strict_json(body))
    files = [one.said() for one in said.code_sets]
    wanted = code_sets.wanted(files, day_of(said.holds_from, "#/holds_from"), said.catalog)
    catalogs = published.refresh(platform)
    told, rung = code_sets.publish(
        platform.store, caller, platform.clock(), catalogs, platform.identity.key, wanted
    )
    published.refresh(platform)
    platform.bell.ring(rung)
    return told
