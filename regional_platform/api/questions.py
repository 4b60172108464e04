"""`GET /v1/questions`, `POST /v1/questions/{version_id}/ignore` and `/reopen`."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query

from regional_platform import questions
from regional_platform.api.bodies import shaped, strict_json
from regional_platform.api.declare import SIGNED_IN, JsonBody, Open, PathId, SignedIn, may_answer
from regional_platform.api.models import WhyBody

router = APIRouter()

_ACTS = ("malformed", *SIGNED_IN, "not-authorised", "question-unknown", "question-settled")


@router.get("/v1/questions", responses=may_answer("malformed", *SIGNED_IN))
def get_questions(
    platform: Open,
    caller: SignedIn,
    state: Literal["open", "corrected", "ignored", "settled"] | None = None,
    item: Annotated[str | None, Query(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_-]+$")] = None,
    after: Annotated[int, Query(ge=0, le=9_007_199_254_740_991)] = 0,
    limit: Annotated[int, Query(ge=1, le=1_000)] = 200,
) -> dict[str, Any]:
    """List questions of the caller's subtree."""
    with platform.store.reading() as connection:
        return questions.list_questions(
            connection, caller, platform.clock(), state=state, item=item, after=after, limit=limit
        )


@router.post(
    "/v1/questions/{version_id}/ignore", responses=may_answer(*_ACTS, "batch-too-large", "unsupported-media")
)
def ignore_question(platform: Open, caller: SignedIn, version_id: PathId, body: JsonBody) -> dict[str, Any]:
    """Set a question aside, with a reason."""
    said = shaped(WhyBody, strict_json(body))
    return questions.ignore(platform, caller, version_id, said.reason)


@router.post("/v1/questions/{version_id}/reopen", responses=may_answer(*_ACTS))
def reopen_question(platform: Open, caller: SignedIn, version_id: PathId) -> dict[str, Any]:
    """Take an ignored question up again."""
    return questions.reopen(platform, caller, version_id)
