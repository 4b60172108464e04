"""Values that the store hands out about records, their versions and their reviews. Frozen; no rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from client.core.merge import Open
from forms.catalog.problems import Answer, Problem
from forms.catalog.schema import Value


@dataclass(frozen=True, slots=True)
class RecordRow:
    """One line of a list of records.

    Attributes:
        item: code of the item, without its set.
        state: of `client.core.workflow.STATES`.
        op: what the open draft, else the version that counts, does: create, correct, withdraw.
        errors, warnings: of the draft; warnings are those still to be answered.
        import_row: row of the spreadsheet that it came from.
    """

    record_id: str
    item: str
    state: str
    op: str
    subject_name: str
    subject_code: str
    doc_no: str
    act_on: str
    errors: int
    warnings: int
    changed_at: str
    import_id: str | None
    import_row: int | None


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a change is made: a code of `client.core.reasons`, and what the person wrote."""

    code: str
    text: str = ""

    def as_dict(self) -> dict[str, str]:
        return {"code": self.code, "text": self.text}


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that is evidence; named by its content."""

    sha256: str
    size_bytes: int
    name: str
    media_type: str

    def as_dict(self) -> dict[str, Any]:
        """The shape under a content digest."""
        return {
            "sha256": self.sha256,
            "size": self.size_bytes,
            "name": self.name,
            "media_type": self.media_type,
        }


@dataclass(frozen=True, slots=True)
class Draft:
    """The working copy (草稿) of a record.

    Attributes:
        catalog: ``XZCF_FR@2026.1``.
        base_version: the version that the person saw when beginning a change; None for a new record.
        values: as typed; a wrong one may be the raw text.
        edit_state: editing, checked or in_review.
        returned: a reviewer sent it back and it has not been submitted since.
    """

    record_id: str
    catalog: str
    op: str
    base_version: str | None
    values: Mapping[str, Value]
    answers: tuple[Answer, ...]
    reason: Reason | None
    evidence: tuple[Attachment, ...]
    case_id: str | None
    edit_state: str
    errors: int
    warnings: int
    returned: bool
    owner: str
    saved_at: str
    deleted_at: str | None


@dataclass(frozen=True, slots=True)
class VersionRow:
    """One frozen version (版本) and what became of it.

    Attributes:
        values: of the content.
        outbox: state in the outbox: queued, sent, unknown, held, blocked, done, recalled.
        outcome: of the receipt of stage checked; None without one.
        stage: the furthest stage that a receipt tells of.
        problem: what the platform found, as it was sent; None when all is well.
    """

    version_id: str
    record_id: str
    parent: str | None
    op: str
    catalog: str
    values: Mapping[str, Value]
    reason: Reason | None
    evidence: tuple[Attachment, ...]
    case_id: str | None
    maker: str
    checker: str
    created_at: str
    approval_id: str
    outbox: str
    outcome: str | None
    stage: str | None
    receipt_no: str | None
    problem: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Head:
    """The newest version of a record that the platform has accepted."""

    version_id: str
    record_id: str
    op: str
    catalog: str
    values: Mapping[str, Value]
    answers: tuple[Answer, ...] = ()


@dataclass(frozen=True, slots=True)
class ReviewNote:
    """Why something came back; `field` when it is about one field."""

    at: str
    operator: str
    field: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class RecordDetail:
    """One record with all that is known of it.

    Attributes:
        draft: the working copy, deleted ones included; None once it is approved.
        versions: newest first.
        notes: newest first.
        head: what the platform holds; None while it holds nothing.
        open: what another desk changed too, and a person has to choose in the draft.
    """

    row: RecordRow
    draft: Draft | None
    versions: tuple[VersionRow, ...]
    notes: tuple[ReviewNote, ...]
    head: Head | None
    open: tuple[Open, ...] = ()


@dataclass(frozen=True, slots=True)
class ActRow:
    """One submitted act that waits for a reviewer.

    Attributes:
        waiting: entries not yet decided.
        approvals: how many approvals it is made of (one for each 10,000 entries).
    """

    act_id: str
    title: str
    maker: str
    maker_name: str
    submitted_at: str
    import_id: str | None
    case_id: str | None
    waiting: int
    approvals: int


@dataclass(frozen=True, slots=True)
class ActEntry:
    """One entry of an act, as it was submitted.

    Attributes:
        record_id: id of the case when `op` is ``decide``.
        state: waiting, approved, returned, taken_back.
        content: what was frozen, as a batch item has it.
    """

    approval_id: str
    place: int
    record_id: str
    version_id: str
    state: str
    op: str
    subject_name: str
    doc_no: str
    content: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Saved:
    """What a save found. All of it is stored, whatever the problems."""

    problems: tuple[Problem, ...]
    saved_at: str


@dataclass(frozen=True, slots=True)
class Submitted:
    """What became of a submission.

    Attributes:
        act_id: of the act; None when nothing could be submitted.
        stopped: record id and the problems that stand in the way; these stay drafts.
    """

    act_id: str | None
    approval_ids: tuple[str, ...]
    submitted: tuple[str, ...]
    stopped: tuple[tuple[str, tuple[Problem, ...]], ...]


@dataclass(frozen=True, slots=True)
class Approved:
    """What an approval froze: so many versions, under these approvals, are now in the outbox."""

    versions: int
    approval_ids: tuple[str, ...]


def evidence_of(said: Sequence[Mapping[str, Any]]) -> tuple[Attachment, ...]:
    """Read evidence in the shape of a content digest."""
    return tuple(Attachment(e["sha256"], int(e["size"]), e["name"], e["media_type"]) for e in said)


def answers_of(said: Sequence[Mapping[str, str]]) -> tuple[Answer, ...]:
    """Read answers in the shape of a content digest."""
    return tuple(Answer(a["path"], a["code"], a["reason"]) for a in said)


def reason_of(said: Mapping[str, str] | None) -> Reason | None:
    """Read a reason in the shape of a content digest."""
    return None if said is None else Reason(said["code"], said.get("text", ""))
