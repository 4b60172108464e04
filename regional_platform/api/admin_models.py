"""The shapes of what administrators send, as the contract has them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from regional_platform.api.models import Id, Strict

CODE = r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$"
VISIBLE = r"^[^\x00]*\S[^\x00]*$"

Named = Annotated[str, StringConstraints(pattern=CODE)]
"""A code that people give: it stands in paths, so it has no "/"."""
Name = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=VISIBLE)]
Code18 = Annotated[str, StringConstraints(pattern=r"^[0-9A-Z]{18}$")]
Division = Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$")]


class UnitBody(Strict):
    """`POST /v1/units`."""

    code: Named
    name: Name
    level: Literal["city", "district", "department", "station"]
    parent: Named
    city: Division | None = None
    code18: Code18 | None = None


class UnitChangeBody(Strict):
    """`PATCH /v1/units/{unit_code}`."""

    name: Name | None = None
    code18: Code18 | None = None
    parent: Named | None = None


class LiaisonBody(Strict):
    """One liaison of a unit."""

    name: Name
    phone: Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=VISIBLE)]
    deputy: bool


class LiaisonsBody(Strict):
    """`PUT /v1/units/{unit_code}/liaisons`."""

    liaisons: Annotated[list[LiaisonBody], Field(max_length=20)]


class OperatorBody(Strict):
    """`POST /v1/operators`."""

    operator_id: Named
    name: Name
    unit: Named
    person: Named | None = None


class GrantBody(Strict):
    """`POST /v1/operators/{operator_id}/grants`."""

    role: Literal["reporter", "reviewer", "handler", "liaison", "admin", "auditor", "hall"]
    unit: Named


class CodeBody(Strict):
    """`POST /v1/enrolment-codes`."""

    unit: Named
    days: Annotated[int, Field(ge=1, le=365)]
    replaces: Id | None = None
