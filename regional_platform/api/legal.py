"""`/v1/rule-sets`, `/v1/rule-choices`: the rule sets of cases, and which of them each city follows."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Response
from sqlalchemy import Connection

from regional_platform import legal, published
from regional_platform.api.admin_models import RuleChoiceBody, day_of
from regional_platform.api.bodies import shaped, strict_json
from regional_platform.api.declare import SIGNED_IN, TAKES, JsonBody, Open, PathSha256, SignedIn, may_answer
from regional_platform.api.published import After, Limit
from regional_platform.case_clocks import recompute

router = APIRouter()


@router.get("/v1/rule-sets", responses=may_answer("malformed", *SIGNED_IN))
def get_rule_sets(platform: Open, _caller: SignedIn, after: After = 0, limit: Limit = 200) -> dict[str, Any]:
    """List the rule sets that were published."""
    with platform.store.reading() as connection:
        return published.list_published(connection, legal.RULES, after=after, limit=limit)


@router.post(
    "/v1/rule-sets", status_code=201, responses=may_answer(*TAKES, "not-authorised", "rules-unsound")
)
def post_rule_set(platform: Open, caller: SignedIn, body: JsonBody) -> dict[str, Any]:
    """Publish a rule set, or another content of one."""
    strict_json(body)
    return platform.store.write(lambda connection: legal.publish(connection, caller, platform.clock(), body))


@router.get("/v1/rule-sets/{digest}", responses=may_answer("malformed", *SIGNED_IN, "publication-unknown"))
def get_rule_set(platform: Open, _caller: SignedIn, digest: PathSha256) -> Response:
    """Give the file of a rule set."""
    with platform.store.reading() as connection:
        content = published.content_of(connection, legal.RULES, digest, platform.shelf)
    return Response(content, media_type="application/json")


@router.get("/v1/rule-choices", responses=may_answer("malformed", *SIGNED_IN))
def get_choices(platform: Open, _caller: SignedIn, after: After = 0, limit: Limit = 200) -> dict[str, Any]:
    """List which rule set each city follows, and since when."""
    with platform.store.reading() as connection:
        return legal.list_choices(connection, after=after, limit=limit)


@router.post(
    "/v1/rule-choices",
    status_code=201,
    responses=may_answer(*TAKES, "not-authorised", "unit-unknown", "rules-unknown"),
)
def post_choice(platform: Open, caller: SignedIn, body: JsonBody) -> dict[str, Any]:
    """Let a city follow a rule set."""
    said = shaped(RuleChoiceBody, strict_json(body))
    since = day_of(said.since, "#/since")
    confirmed_on = None if said.confirmed_on is None else day_of(said.confirmed_on, "#/confirmed_on")

    def act(connection: Connection) -> tuple[dict[str, Any], set[str]]:
        now = platform.clock()
        made = legal.choose(
            connection, caller, now, city=said.city, kind=said.kind, rule_set=said.rule_set, since=since,
            confirmed_by=said.confirmed_by, confirmed_on=confirmed_on,
        )  # fmt: skip
        recompute(connection, platform.settings.resources, now)
        return made

    told, rung = platform.store.write(act)
    platform.bell.ring(rung)
    return told
