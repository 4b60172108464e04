"""Cases (办件), as the desk shows them. Values only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from client.core.case_openings import Post
from client.core.records import Attachment
from forms.catalog.schema import Value

DecisionState = Literal["editing", "in_review", "approved"]


@dataclass(frozen=True, slots=True)
class CaseRow:
    """One line of the queue.

    Attributes:
        kind: ``objection``; others later.
        state: opened, decided, closed.
        decision: state of the decision on this desk; None when nobody has begun.
        changed: the case has changed since the handler began.
        due_on: when it must be done; None while no clock is set.
    """

    case_id: str
    kind: str
    state: str
    record_id: str
    subject_name: str
    opened_at: str
    due_on: str | None
    closed_at: str | None
    decision: DecisionState | None
    changed: bool


@dataclass(frozen=True, slots=True)
class Dispute:
    """One disputed field: what is held, and what the applicant claims."""

    field: str
    old: Value | None
    claimed: Value | None


@dataclass(frozen=True, slots=True)
class Evidence:
    """A document of the applicant.

    Attributes:
        is_here: its bytes lie on this desk; it can be opened offline.
    """

    attachment: Attachment
    is_here: bool


@dataclass(frozen=True, slots=True)
class Disputed:
    """One disputed record of a case.

    Attributes:
        version_id, catalog, values: of the record as the platform held it when the case was opened.
    """

    record_id: str
    version_id: str
    catalog: str
    values: Mapping[str, Value]
    reason_code: str
    disputes: Sequence[Dispute]
    evidence: Sequence[Evidence]


@dataclass(frozen=True, slots=True)
class CaseEvent:
    """What happened to a case at the platform.

    Attributes:
        at: UTC text.
        on: the legal day, in China.
        operator: id; None where the platform did it.
        data: what belongs to the kind.
        confirmed: the platform told it; else only this desk has said it yet.
    """

    event_id: str
    kind: str
    at: str
    on: str
    unit: str
    operator: str | None
    data: Mapping[str, Any]
    confirmed: bool = True


@dataclass(frozen=True, slots=True)
class Decision:
    """What the handler has written so far.

    Attributes:
        payload: ``{"disputes": [{"record_id", "field", "finding", "value"}], "text", "answers"}``; see
            `client.store.cases.save_decision`.
        parent: the revision of the case that the handler saw.
    """

    payload: Mapping[str, Any]
    parent: str
    state: DecisionState
    handler: str
    saved_at: str


@dataclass(frozen=True, slots=True)
class Case:
    """One case with all that this desk knows of it.

    Attributes:
        stage: received, supplement, accepted, suspended, decided, refused, withdrawn, closed.
        revision: changes with every change of the case; what is said next comes after it.
        unit: that has it; hall_unit: that took it in.
        applicant, agent: ``{"name", "id_kind", "id_number", "phone"}``.
        materials: ``{"kind", "name", "sha256"}`` each.
        repair: ``{"severity", "published_on", "fulfilled_on", "committed"}`` of a repair.
        owner: ``{"operator_id", "name"}``.
        rules: sets of rules that give its clocks: ``{"platform", "provider"}``, None where none is chosen.
        due_certain: False while a calendar is missing that counts for it.
        events: oldest first, those that only this desk has said yet included, as are stage, owner, revision.
        posts: what this desk has said of it, oldest first, with what came of each.
        decision: the handler's work on this desk.
        decided: the decision that the platform accepted, as it was sent back.
        note: why the last decision came back: from the reviewer, or a problem code of the platform.
    """

    row: CaseRow
    stage: str
    revision: str
    application_id: str | None
    unit: str
    hall_unit: str
    applicant: Mapping[str, str]
    agent: Mapping[str, str] | None
    materials: Sequence[Mapping[str, Any]]
    statement: str
    records: Sequence[Disputed]
    repair: Mapping[str, Any] | None
    owner: Mapping[str, str] | None
    due_certain: bool
    rules: Mapping[str, str | None]
    events: Sequence[CaseEvent]
    posts: Sequence[Post]
    decision: Decision | None
    decided: Mapping[str, Any] | None
    note: str | None
