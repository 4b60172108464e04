"""The shapes of what administrators send, as the contract has them."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from regional_platform.api.bodies import fault
from regional_platform.api.models import Day, Id, Strict
from regional_platform.problems import Refusal

CODE = r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$"
VISIBLE = r"^[^\x00]*\S[^\x00]*$"

Named = Annotated[str, StringConstraints(pattern=CODE)]
"""A code that people give: it stands in paths, so it has no "/"."""
Name = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=VISIBLE)]
Code18 = Annotated[str, StringConstraints(pattern=r"^[0-9A-Z]{18}$")]
Division = Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$")]
Phone = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=VISIBLE)]
Reason = Annotated[str, StringConstraints(min_length=1, max_length=500, pattern=VISIBLE)]
Text = Annotated[str, StringConstraints(min_length=1, max_length=10_000, pattern=VISIBLE)]


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
    phone: Phone
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


SetName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$")]


def day_of(text: str, pointer: str) -> date:
    """Read a day.

    Raises:
        Refusal: malformed, for a day that there is not.
    """
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Refusal("malformed", errors=[fault(pointer, "unfitting")]) from error


class NoticeBody(Strict):
    """`POST /v1/notices`."""

    notice_id: Id
    unit: Named
    title: Name
    text: Text
    from_: Annotated[Day, Field(alias="from")]
    until: Day

    def day(self, name: Literal["from_", "until"]) -> date:
        """The day of a member.

        Raises:
            Refusal: malformed.
        """
        return day_of(getattr(self, name), f"#/{name.rstrip('_')}")


class RetirementBody(Strict):
    """`PUT /v1/catalogs/{digest}/retirement`."""

    accept_until: Day
    reason: Reason


class RuleChoiceBody(Strict):
    """`POST /v1/rule-choices`."""

    city: Division
    kind: Literal["objection", "repair"]
    rule_set: Named
    since: Day
    confirmed_by: Name | None = None
    confirmed_on: Day | None = None


class CodeSetFile(Strict):
    """A code set as its file has it; what its codes say is read as strictly as in a catalog set."""

    id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_]{1,64}$")]
    name: Name
    provenance: Literal["sourced", "recalled", "derived"]
    source: list[str]
    note: str | None = None
    codes: Annotated[list[dict[str, Any]], Field(min_length=1)]

    def said(self) -> dict[str, Any]:
        """The file again, with no more than it had."""
        return self.model_dump(exclude_unset=True)


class CodeSetsBody(Strict):
    """`POST /v1/code-sets`."""

    code_sets: Annotated[list[CodeSetFile], Field(min_length=1, max_length=20)]
    holds_from: Day
    catalog: SetName | None = None


PeriodName = Annotated[
    str, StringConstraints(pattern=r"^[0-9]{4}(-(W[0-9]{2}|Q[1-4]|H[12]|[0-9]{2}(-[0-9]{2})?))?$")
]


class ZeroReportBody(Strict):
    """`POST /v1/zero-reports`."""

    report_id: Id
    unit: Named
    item: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
    period: PeriodName
    early: bool = False


class ScoringBody(Strict):
    """`POST /v1/scores`."""

    unit: Named
    period: PeriodName
