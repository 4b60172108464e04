"""The opening of a case (立案): what an applicant says of records of one unit. Values only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from client.core.records import Attachment
from forms.catalog.schema import Value, Values


@dataclass(frozen=True, slots=True)
class Person:
    """The applicant (申请人), or who acts for them (代理人)."""

    name: str
    id_kind: str
    id_number: str
    phone: str = ""

    def as_dict(self) -> dict[str, str]:
        """As it travels."""
        return {
            "name": self.name, "id_kind": self.id_kind, "id_number": self.id_number, "phone": self.phone,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Material:
    """A paper that was handed in (材料).

    Attributes:
        kind: code of resources/legal/materials.json.
        sha256: of its bytes, where they are kept among the evidence.
    """

    kind: str
    name: str
    sha256: str | None = None

    def as_dict(self) -> dict[str, str | None]:
        """As it travels."""
        return {"kind": self.kind, "name": self.name, "sha256": self.sha256}


@dataclass(frozen=True, slots=True)
class Claim:
    """One disputed field: what is held, and what the applicant claims; None for nothing."""

    field: str
    old: Value | None = None
    claimed: Value | None = None

    def as_dict(self) -> dict[str, Any]:
        """As it travels."""
        return {"field": self.field, "old": self.old, "claimed": self.claimed}


@dataclass(frozen=True, slots=True)
class DisputedRecord:
    """One record that the case is about.

    Attributes:
        reason_code: of the attested list; empty for a repair.
    """

    record_id: str
    reason_code: str
    disputes: Sequence[Claim] = ()
    evidence: Sequence[Attachment] = ()

    def as_dict(self) -> dict[str, Any]:
        """As it travels."""
        return {
            "record_id": self.record_id,
            "reason_code": self.reason_code,
            "disputes": [one.as_dict() for one in self.disputes],
            "evidence": [one.as_dict() for one in self.evidence],
        }


@dataclass(frozen=True, slots=True)
class Repair:
    """What a request for repair (信用修复) says of the decision.

    Attributes:
        severity: minor, ordinary or serious.
        published_on, fulfilled_on: ISO days; None where nobody knows.
        committed: the public credit commitment was signed.
    """

    severity: str
    published_on: str | None
    fulfilled_on: str | None
    committed: bool

    def as_dict(self) -> dict[str, Any]:
        """As it travels."""
        return {
            "severity": self.severity, "published_on": self.published_on,
            "fulfilled_on": self.fulfilled_on, "committed": self.committed,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Opening:
    """An application as it was taken in.

    Attributes:
        kind: ``objection`` or ``repair``.
        taken_in_at: UTC text.
        application_id: the same for the cases that one application became; None for one case alone.
    """

    kind: str
    applicant: Person
    statement: str
    records: Sequence[DisputedRecord]
    taken_in_at: str
    agent: Person | None = None
    materials: Sequence[Material] = ()
    repair: Repair | None = None
    application_id: str | None = None

    def as_dict(self, case_id: str) -> dict[str, Any]:
        """As it travels."""
        return {
            "case_id": case_id,
            "kind": self.kind,
            "application_id": self.application_id,
            "taken_in_at": self.taken_in_at,
            "applicant": self.applicant.as_dict(),
            "agent": self.agent.as_dict() if self.agent else None,
            "materials": [one.as_dict() for one in self.materials],
            "statement": self.statement,
            "records": [one.as_dict() for one in self.records],
            "repair": self.repair.as_dict() if self.repair else None,
        }

    @property
    def files(self) -> tuple[str, ...]:
        """SHA-256 of everything that must be at the platform before the case is."""
        named = [one.sha256 for said in self.records for one in said.evidence]
        return tuple(sorted({*named, *(one.sha256 for one in self.materials if one.sha256)}))


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A record as it is when a case is opened on it.

    Attributes:
        unit: that supplied it.
        op: of its last version; a withdrawn record cannot be disputed.
    """

    unit: str
    version_id: str
    catalog: str
    values: Values
    op: str = "create"


@dataclass(frozen=True, slots=True)
class Found:
    """A record of a subject, as the platform shows it to who takes a case in.

    Attributes:
        unit_name: of who supplied it.
        snapshot: as far as it is shown; the case gets the whole record from the platform.
        disputed: a case about it is open.
    """

    record_id: str
    unit_name: str
    snapshot: Snapshot
    disputed: bool


@dataclass(frozen=True, slots=True)
class Post:
    """What a desk said of a case, and what the platform answered.

    Attributes:
        kind: opening, event, transfer or waiver.
        event: kind of event that it makes: received, accepted, transferred …
        body: as it was frozen, read again.
        parent: revision of the case that the person saw; None for an opening.
        said_at: UTC text.
        state: queued, sent (nobody knows), done, refused, superseded.
        problem: ``{"code", …}``: why it was refused, or why it still waits; None when all is well.
    """

    post_id: str
    case_id: str
    kind: str
    event: str
    body: Mapping[str, Any] = field(repr=False)
    parent: str | None
    operator: str
    said_at: str
    state: str
    answered_at: str | None
    problem: Mapping[str, Any] | None

    @property
    def is_waiting(self) -> bool:
        """The platform has not answered."""
        return self.state in {"queued", "sent"}

    @property
    def data(self) -> Mapping[str, Any]:
        """What an event says."""
        said = self.body.get("data", self.body)
        return said if isinstance(said, Mapping) else {}
