"""The shapes of what is said of a case after it was opened: one of each kind of event. Strict."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Any, Final, Literal

from pydantic import Field, StringConstraints

from regional_platform.api.models import AttachmentBody, Code, Day, Id, MaterialBody, Strict, Time

Words = Annotated[str, StringConstraints(min_length=1, max_length=2_000, pattern=r"\S")]
Said = Literal[
    "accepted", "refused", "supplement_asked", "supplemented", "assigned", "extended", "suspended", "resumed",
    "told", "withdrawn",
]  # fmt: skip


class CaseEventBody(Strict):
    """`POST /v1/cases/{case_id}/events`; the data is read by its kind."""

    event_id: Id
    revision: Id
    kind: Said
    at: Time
    data: dict[str, Any]


class Nothing(Strict):
    """Of `accepted` and `resumed`: the kind says it all."""


class RefusedData(Strict):
    """Why a case is not taken up (不予受理)."""

    code: Code
    text: Words


class SupplementAskedData(Strict):
    """All that is missing (补正), said once."""

    items: Annotated[list[Words], Field(min_length=1, max_length=50)]
    until: Day | None


class SupplementedData(Strict):
    """What the applicant handed in."""

    materials: Annotated[list[MaterialBody], Field(max_length=100)]
    evidence: Annotated[list[AttachmentBody], Field(max_length=100)]


class AssignedData(Strict):
    """Whose it is; null puts it back."""

    operator_id: Code | None
    name: Annotated[str, StringConstraints(max_length=200)]


class ExtendedData(Strict):
    """By how much a clock is extended (延长), in its own unit, and who granted it."""

    clock: Code
    days: Annotated[int, Field(ge=1, le=366)]
    by: Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"\S")]
    reason: Words


class SuspendedData(Strict):
    """Why the clocks stand, and who examines."""

    reason: Words
    examiner: Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"\S")]


class ToldData(Strict):
    """How the applicant was told, and by which document."""

    how: Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"\S")]
    document: Annotated[str, StringConstraints(min_length=1, max_length=200)] | None


class WithdrawnData(Strict):
    """That the applicant no longer wants it."""

    text: Words


DATA: Final[Mapping[str, type[Strict]]] = MappingProxyType(
    {
        "accepted": Nothing,
        "refused": RefusedData,
        "supplement_asked": SupplementAskedData,
        "supplemented": SupplementedData,
        "assigned": AssignedData,
        "extended": ExtendedData,
        "suspended": SuspendedData,
        "resumed": Nothing,
        "told": ToldData,
        "withdrawn": WithdrawnData,
    }
)
