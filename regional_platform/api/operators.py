"""`/v1/operators`, `/v1/admin-acts`."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query

from regional_platform import acts, people
from regional_platform.api.admin_models import GrantBody, OperatorBody
from regional_platform.api.bodies import shaped, strict_json
from regional_platform.api.declare import SIGNED_IN, TAKES, JsonBody, Open, PathCode, SignedIn, may_answer
from regional_platform.api.models import WhyBody
from regional_platform.auth.credentials import COSTS

router = APIRouter()

OF_OTHERS = ("not-authorised", "operator-unknown", "own-rights")
AccountPath = "/v1/operators/{operator_id}"
PathGrant = Annotated[int, Path(ge=1, le=9_007_199_254_740_991)]


@router.get("/v1/operators", responses=may_answer("malformed", *SIGNED_IN))
def get_operators(
    platform: Open,
    caller: SignedIn,
    unit: Annotated[str | None, Query(min_length=1, max_length=64)] = None,
    after: Annotated[str, Query(max_length=64)] = "",
    limit: Annotated[int, Query(ge=1, le=1_000)] = 200,
) -> dict[str, Any]:
    """List operators."""
    with platform.store.reading() as connection:
        return people.list_operators(connection, caller, code=unit, after=after, limit=limit)


@router.post(
    "/v1/operators",
    status_code=201,
    responses=may_answer(*TAKES, "not-authorised", "unit-unknown", "unit-closed", "code-taken"),
)
def post_operator(platform: Open, caller: SignedIn, body: JsonBody) -> dict[str, Any]:
    """Make an operator."""
    said = shaped(OperatorBody, strict_json(body))
    with platform.store.reading() as connection:
        people.refuse_making(connection, caller, said.operator_id, said.unit)
    fresh = people.fresh_secrets(COSTS["normal"])
    return platform.store.write(
        lambda connection: people.make(
            connection, caller, platform.clock(), fresh,
            operator_id=said.operator_id, name=said.name, code=said.unit, person=said.person,
        )
    )  # fmt: skip


@router.get(AccountPath, responses=may_answer("malformed", *SIGNED_IN, "operator-unknown"))
def get_operator(platform: Open, caller: SignedIn, operator_id: PathCode) -> dict[str, Any]:
    """Read an operator."""
    with platform.store.reading() as connection:
        return people.read(connection, caller, operator_id)


@router.post(
    AccountPath + "/grants",
    status_code=201,
    responses=may_answer(
        *TAKES, *OF_OTHERS, "unit-unknown", "unit-closed", "operator-closed", "role-misplaced", "grant-held"
    ),
)
def post_grant(platform: Open, caller: SignedIn, operator_id: PathCode, body: JsonBody) -> dict[str, Any]:
    """Give a role over a unit."""
    said = shaped(GrantBody, strict_json(body))
    return platform.store.write(
        lambda connection: people.grant(
            connection, caller, platform.clock(), operator_id, said.role, said.unit
        )
    )


@router.delete(
    AccountPath + "/grants/{grant_id}",
    responses=may_answer("malformed", *SIGNED_IN, *OF_OTHERS, "grant-unknown", "last-admin"),
)
def delete_grant(
    platform: Open, caller: SignedIn, operator_id: PathCode, grant_id: PathGrant
) -> dict[str, Any]:
    """End a grant."""
    return platform.store.write(
        lambda connection: people.end_grant(connection, caller, platform.clock(), operator_id, grant_id)
    )


@router.put(AccountPath + "/lock", responses=may_answer(*TAKES, *OF_OTHERS, "operator-closed", "last-admin"))
def put_lock(platform: Open, caller: SignedIn, operator_id: PathCode, body: JsonBody) -> dict[str, Any]:
    """Lock an account."""
    reason = shaped(WhyBody, strict_json(body)).reason
    return platform.store.write(
        lambda connection: people.lock(connection, caller, platform.clock(), operator_id, reason)
    )


@router.delete(
    AccountPath + "/lock", responses=may_answer("malformed", *SIGNED_IN, *OF_OTHERS, "operator-closed")
)
def delete_lock(platform: Open, caller: SignedIn, operator_id: PathCode) -> dict[str, Any]:
    """Unlock an account."""
    return platform.store.write(
        lambda connection: people.unlock(connection, caller, platform.clock(), operator_id)
    )


@router.put(
    AccountPath + "/closure", responses=may_answer(*TAKES, *OF_OTHERS, "operator-closed", "last-admin")
)
def put_operator_closure(
    platform: Open, caller: SignedIn, operator_id: PathCode, body: JsonBody
) -> dict[str, Any]:
    """Close an account for good."""
    reason = shaped(WhyBody, strict_json(body)).reason
    return platform.store.write(
        lambda connection: people.close(connection, caller, platform.clock(), operator_id, reason)
    )


@router.post(
    AccountPath + "/credentials",
    status_code=201,
    responses=may_answer("malformed", *SIGNED_IN, *OF_OTHERS, "operator-closed"),
)
def post_credentials(platform: Open, caller: SignedIn, operator_id: PathCode) -> dict[str, Any]:
    """Give a person new secrets."""
    with platform.store.reading() as connection:
        people.refuse_reset(connection, caller, operator_id)
    fresh = people.fresh_secrets(COSTS["normal"])
    return platform.store.write(
        lambda connection: people.reset(connection, caller, platform.clock(), fresh, operator_id)
    )


@router.get("/v1/admin-acts", responses=may_answer("malformed", *SIGNED_IN))
def get_acts(
    platform: Open,
    caller: SignedIn,
    of: Annotated[str | None, Query(min_length=1, max_length=200)] = None,
    after: Annotated[int, Query(ge=0, le=9_007_199_254_740_991)] = 0,
    limit: Annotated[int, Query(ge=1, le=1_000)] = 200,
) -> dict[str, Any]:
    """Read the history of administration."""
    with platform.store.reading() as connection:
        return acts.list_acts(connection, caller, thing=of, after=after, limit=limit)
