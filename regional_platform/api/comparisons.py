"""`POST /v1/comparisons`."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from regional_platform import comparisons
from regional_platform.api.bodies import fault, shaped, strict_json
from regional_platform.api.declare import TAKES, JsonBody, Open, Reason, SignedIn, may_answer
from regional_platform.api.models import ComparisonBody
from regional_platform.looks import Look, keep_looks
from regional_platform.problems import Refusal

router = APIRouter()


@router.post("/v1/comparisons", responses=may_answer(*TAKES, "rate-limited"))
def post_comparison(platform: Open, caller: SignedIn, body: JsonBody, reason: Reason) -> dict[str, Any]:
    """Look acts and subjects up among other units' records; what is seen of others is kept first."""
    platform.batch_rate.take(caller.device_id, "comparison")
    said = shaped(ComparisonBody, strict_json(body))
    if len(said.acts) + len(said.subjects) > comparisons.MOST:
        raise Refusal("malformed", errors=[fault("#/subjects", "too_many")])
    acts = list(
        dict.fromkeys(
            comparisons.Act(one.item, one.key, one.person.upper() if one.person else None)
            for one in said.acts
        )
    )
    codes = list(dict.fromkeys(code.upper() for code in said.subjects))
    with platform.store.reading() as connection:
        found = comparisons.compare(
            connection, platform.catalogs, caller, acts, codes, by_number=reason is not None
        )
    looks: list[Look] = [("record", one) for one in found.records] + [
        ("subject", one) for one in found.subjects
    ]
    keep_looks(platform, caller, looks, reason)
    return found.told
