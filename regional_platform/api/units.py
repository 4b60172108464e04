"""`/v1/units`."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query

from regional_platform import units
from regional_platform.api.admin_models import LiaisonsBody, UnitBody, UnitChangeBody
from regional_platform.api.bodies import shaped, strict_json
from regional_platform.api.declare import SIGNED_IN, TAKES, JsonBody, Open, PathCode, SignedIn, may_answer
from regional_platform.api.models import WhyBody
from regional_platform.problems import Refusal

router = APIRouter()

MAY_CHANGE = (*TAKES, "not-authorised", "unit-unknown", "unit-closed")


@router.get("/v1/units", responses=may_answer("malformed", *SIGNED_IN, "unit-unknown"))
def get_units(
    platform: Open,
    _caller: SignedIn,
    under: Annotated[str | None, Query(min_length=1, max_length=64)] = None,
    after: Annotated[str, Query(max_length=64)] = "",
    limit: Annotated[int, Query(ge=1, le=1_000)] = 200,
) -> dict[str, Any]:
    """List units."""
    with platform.store.reading() as connection:
        return units.list_units(connection, beneath=under, after=after, limit=limit)


@router.post(
    "/v1/units",
    status_code=201,
    responses=may_answer(*MAY_CHANGE, "unit-misplaced", "code-taken", "field-invalid"),
)
def post_unit(platform: Open, caller: SignedIn, body: JsonBody) -> dict[str, Any]:
    """Make a unit."""
    said = shaped(UnitBody, strict_json(body)).model_dump()
    return platform.store.write(lambda connection: units.add(connection, caller, platform.clock(), **said))


@router.get("/v1/units/{unit_code}", responses=may_answer("malformed", *SIGNED_IN, "unit-unknown"))
def get_unit(platform: Open, _caller: SignedIn, unit_code: PathCode) -> dict[str, Any]:
    """Read a unit."""
    with platform.store.reading() as connection:
        return units.shown(units.unit_row(connection, unit_code))


@router.patch("/v1/units/{unit_code}", responses=may_answer(*MAY_CHANGE, "unit-misplaced", "field-invalid"))
def patch_unit(platform: Open, caller: SignedIn, unit_code: PathCode, body: JsonBody) -> dict[str, Any]:
    """Rename or move a unit."""
    said = shaped(UnitChangeBody, strict_json(body)).model_dump()
    return platform.store.write(
        lambda connection: units.change(connection, caller, platform.clock(), unit_code, **said)
    )


@router.put("/v1/units/{unit_code}/closure", responses=may_answer(*MAY_CHANGE, "unit-in-use"))
def put_closure(platform: Open, caller: SignedIn, unit_code: PathCode, body: JsonBody) -> dict[str, Any]:
    """Close a unit."""
    reason = shaped(WhyBody, strict_json(body)).reason
    return platform.store.write(
        lambda connection: units.close(connection, caller, platform.clock(), unit_code, reason)
    )


@router.post("/v1/units/{unit_code}/reopening", responses=may_answer(*MAY_CHANGE))
def post_reopening(platform: Open, caller: SignedIn, unit_code: PathCode, body: JsonBody) -> dict[str, Any]:
    """Open a closed unit again."""
    reason = shaped(WhyBody, strict_json(body)).reason
    return platform.store.write(
        lambda connection: units.reopen(connection, caller, platform.clock(), unit_code, reason)
    )


KNOW_LIAISONS = frozenset({"handler", "hall", "liaison", "admin", "auditor"})


@router.get(
    "/v1/units/{unit_code}/liaisons",
    responses=may_answer("malformed", *SIGNED_IN, "not-authorised", "unit-unknown"),
)
def get_liaisons(platform: Open, caller: SignedIn, unit_code: PathCode) -> dict[str, Any]:
    """Read whom to call at a unit; for those whose work crosses units."""
    if not caller.roles & KNOW_LIAISONS:
        raise Refusal("not-authorised")
    with platform.store.reading() as connection:
        return {"liaisons": units.liaisons_of(connection, unit_code)}


@router.put("/v1/units/{unit_code}/liaisons", responses=may_answer(*MAY_CHANGE))
def put_liaisons(platform: Open, caller: SignedIn, unit_code: PathCode, body: JsonBody) -> dict[str, Any]:
    """Set the liaisons of a unit."""
    said = shaped(LiaisonsBody, strict_json(body)).model_dump()["liaisons"]
    kept = platform.store.write(
        lambda connection: units.set_liaisons(connection, caller, platform.clock(), unit_code, said)
    )
    return {"liaisons": kept}
