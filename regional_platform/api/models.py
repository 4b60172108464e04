"""The shapes of what clients send, as the contract has them. Strict: no unknown member, no conversion."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

UUID = r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"
DAY = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
SHA256 = r"^[0-9a-f]{64}$"
MEDIA_TYPE = r"^[A-Za-z0-9!#$&^_.+-]{1,127}/[A-Za-z0-9!#$&^_.+-]{1,127}$"
SUBJECT_CODE = r"^[0-9A-Za-z._()（）-]{1,64}$"

Id = Annotated[str, StringConstraints(pattern=UUID)]
Sha256 = Annotated[str, StringConstraints(pattern=SHA256)]
Key = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{43}$")]
Signature = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{86}$")]
Time = Annotated[
    str, StringConstraints(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z$")
]
Day = Annotated[str, StringConstraints(pattern=DAY)]
Code = Annotated[str, StringConstraints(min_length=1, max_length=64)]
Count = Annotated[int, Field(ge=0, le=9_007_199_254_740_991)]


class Strict(BaseModel):
    """A shape that names all its members."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class Choice(Strict):
    """An enum value "other, namely"."""

    code: str
    text: str


Value = str | int | Choice | list[str | Choice]


class EnrolmentBody(Strict):
    """`POST /v1/devices`."""

    enrolment_code: Code
    name: Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=r"\S")]
    public_key: Key


class RenewalBody(Strict):
    """`POST /v1/devices/current/renewal`."""

    public_key: Key
    feed_ack: Count


class SignInBody(Strict):
    """`POST /v1/sessions`."""

    device_id: Id
    operator_id: Code
    password: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    totp: Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$")]
    signing_key: Key


class Hand(Strict):
    """Maker or checker of an approval."""

    operator: Code
    sig: Signature
    at: Time


class ApprovalBody(Strict):
    """`PUT /v1/approvals/{approval_id}`."""

    approval_id: Id
    unit: Code
    digests: Annotated[list[Sha256], Field(min_length=1, max_length=10_000)]
    excluded: Annotated[list[Annotated[int, Field(ge=0, le=9_999)]], Field(max_length=10_000)]
    maker: Hand
    checker: Hand


class Reason(Strict):
    """Why a version was made."""

    code: Code
    text: Annotated[str, StringConstraints(max_length=2_000)]


class WhyBody(Strict):
    """The reason for an act."""

    reason: Annotated[str, StringConstraints(min_length=1, max_length=500, pattern=r"^[^\x00]*\S[^\x00]*$")]


class AnswerBody(Strict):
    """What a person said to a warning, or why a record stands beside another of the same natural key."""

    path: Annotated[str, StringConstraints(max_length=200)]
    code: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    reason: Annotated[str, StringConstraints(min_length=1, max_length=2_000)]


class AttachmentBody(Strict):
    """An attachment as a version or a case names it."""

    sha256: Sha256
    size: Annotated[int, Field(ge=0, le=52_428_800)]
    name: Annotated[str, StringConstraints(min_length=1, max_length=255)]
    media_type: Annotated[str, StringConstraints(min_length=1, max_length=127)]


class UploadBody(AttachmentBody):
    """`POST /v1/uploads`."""

    size: Annotated[int, Field(ge=1, le=52_428_800)]
    media_type: Annotated[str, StringConstraints(pattern=MEDIA_TYPE, max_length=127)]


class Place(Strict):
    """The approval that covers an item, and where in its list."""

    id: Id
    place: Annotated[int, Field(ge=0, le=9_999)]


class ItemBody(Strict):
    """One item of a batch; its payload is judged by the catalog, that of a decision as DecisionBody."""

    record_id: Id
    version_id: Id
    parent: Id | None
    op: Literal["create", "correct", "withdraw", "decide"]
    catalog: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}@[A-Za-z0-9._-]{1,64}$")]
    item_sha256: Sha256
    payload: dict[str, Any]
    answers: Annotated[list[AnswerBody], Field(max_length=1_000)]
    reason: Reason | None
    evidence: Annotated[list[AttachmentBody], Field(max_length=100)]
    case_id: Id | None
    approval: Place


class FindingBody(Strict):
    """What was found on one disputed field."""

    record_id: Id
    field: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    finding: Literal["stands", "correct_to", "supplement", "delete"]
    value: Value | None = None


class DecisionBody(Strict):
    """The payload of a decision."""

    disputes: Annotated[list[FindingBody], Field(max_length=10_000)]
    outcome: Literal["granted", "refused"] | None = None
    corrections: Annotated[list[Id], Field(max_length=1_000)]
    text: Annotated[str, StringConstraints(min_length=1, max_length=10_000)]


class ClockBody(Strict):
    """The client's clock when the batch was cut."""

    local: Annotated[str, StringConstraints(min_length=1, max_length=40)]
    offset_ms: Annotated[int, Field(ge=-9_007_199_254_740_991, le=9_007_199_254_740_991)]


class BatchBody(Strict):
    """`POST /v1/batches`; the items are read one by one."""

    protocol: Literal[1]
    batch_id: Id
    device_id: Id
    device_seq: Annotated[int, Field(ge=1, le=9_007_199_254_740_991)]
    prev_batch_sha256: Sha256 | None
    void: Annotated[list[Id], Field(max_length=1_000)]
    feed_ack: Count
    clock: ClockBody
    items: Annotated[list[dict[str, Any]], Field(min_length=1)]


class MissingBody(Strict):
    """`POST /v1/missing`."""

    version_ids: Annotated[list[Id], Field(min_length=1, max_length=1_000)]


class ReconciliationBody(Strict):
    """`POST /v1/reconciliations`: places in the tree, from the root (empty) down to the records."""

    paths: Annotated[
        list[
            Annotated[
                list[Annotated[str, StringConstraints(max_length=64, pattern=r"^[^\x00]*$")]],
                Field(max_length=3),
            ]
        ],
        Field(min_length=1, max_length=100),
    ]


class ComparedAct(Strict):
    """An act to look up: item and natural key; about a person, also the exact number."""

    item: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
    key: Annotated[str, StringConstraints(min_length=1, max_length=2_000, pattern=r"^[^\x00]+$")]
    person: Annotated[str, StringConstraints(pattern=SUBJECT_CODE)] | None = None


class ComparisonBody(Strict):
    """`POST /v1/comparisons`; at most 500 of both together."""

    acts: Annotated[list[ComparedAct], Field(max_length=500)]
    subjects: Annotated[list[Annotated[str, StringConstraints(pattern=SUBJECT_CODE)]], Field(max_length=500)]


class AssignBody(WhyBody):
    """`POST /v1/conflicts/{conflict_id}/assign`."""

    owner: Code
    taken_by: Code | None = None


class SettleBody(WhyBody):
    """`POST /v1/conflicts/{conflict_id}/settle`."""

    outcome: Literal["withdrawn", "corrected", "both_right"]


class ApplicantBody(Strict):
    """Who objects."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    id_kind: Annotated[str, StringConstraints(min_length=1, max_length=32)]
    id_number: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    phone: Annotated[str, StringConstraints(max_length=64)]


class DisputeBody(Strict):
    """One disputed field."""

    field: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    old: Value | None
    claimed: Value | None


class MaterialBody(Strict):
    """A paper (材料) that came with an application; its bytes are kept where there is a digest."""

    kind: Code
    name: Annotated[str, StringConstraints(min_length=1, max_length=255)]
    sha256: Sha256 | None


class CaseRecordBody(Strict):
    """One disputed record."""

    record_id: Id
    reason_code: Code
    disputes: Annotated[list[DisputeBody], Field(max_length=200)]
    evidence: Annotated[list[AttachmentBody], Field(max_length=100)]


class RepairBody(Strict):
    """What a repair (信用修复) rests on."""

    severity: Literal["minor", "ordinary", "serious"]
    published_on: Day | None
    fulfilled_on: Day | None
    committed: bool


class CaseBody(Strict):
    """`POST /v1/cases`."""

    case_id: Id
    kind: Literal["objection", "repair"]
    application_id: Id | None
    taken_in_at: Time
    applicant: ApplicantBody
    agent: ApplicantBody | None
    materials: Annotated[list[MaterialBody], Field(max_length=100)]
    statement: Annotated[str, StringConstraints(min_length=1, max_length=10_000)]
    records: Annotated[list[CaseRecordBody], Field(min_length=1, max_length=50)]
    repair: RepairBody | None


class TransferBody(Strict):
    """`POST /v1/cases/{case_id}/transfers`."""

    transfer_id: Id
    revision: Id
    to_unit: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    reason: Annotated[str, StringConstraints(min_length=1, max_length=2_000)]


class WaiverBody(Strict):
    """`POST /v1/cases/{case_id}/waivers`."""

    waiver_id: Id | None = None
    version_id: Id
    unit: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    reason: Annotated[str, StringConstraints(min_length=1, max_length=2_000)]
