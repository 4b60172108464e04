"""What of an item can be told without the database: its shape, digest, fields, subject. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any, Final, NamedTuple

from pydantic import BaseModel, TypeAdapter, ValidationError

from forms.catalog.check import check, natural_key, unanswered
from forms.catalog.messages import short
from forms.catalog.nested import files_in
from forms.catalog.problems import SAME_ACT, Answer, Problem, keeps_both
from forms.catalog.schema import Item
from forms.seal.canonical import NotCanonical, canonical, digest
from forms.seal.content import CONTENT_KEYS
from regional_platform.api.bodies import fault, faults_of
from regional_platform.api.models import DecisionBody, Id, ItemBody
from regional_platform.catalogs import Catalogs
from regional_platform.incidents import Isolation
from regional_platform.pipeline.sifting import sound
from regional_platform.pipeline.subjects import SubjectRef, subject_of
from regional_platform.problems import Fault, Refusal

CASE_CATALOG: Final = "CASE@1"
NO_ITEM: Final = "0" * 64
NO_FILES: Final[frozenset[str]] = frozenset()
_BODIES: Final = TypeAdapter(list[ItemBody])
_BESIDE: Final = "与另一条记录是同一业务标识，已说明理由，两条都保留。"


class _Ids(BaseModel):
    """The two ids without which no receipt can be written."""

    record_id: Id
    version_id: Id


class Act(NamedTuple):
    """What a record is found by across units: its subject, its day, and the act itself.

    Attributes:
        on: ``YYYY-MM-DD``; empty when the item or the record names no day.
        key: the natural key, the same for whoever reports the act.
    """

    subject_code: str | None = None
    on: str = ""
    key: str | None = None

    def withdrawn(self) -> Act:
        """What is left when the record is withdrawn: it is found, and stands for no act."""
        return self._replace(key=None)


NO_ACT: Final = Act()


class Incoming(NamedTuple):
    """One item of a batch, as far as it can be judged alone.

    Attributes:
        content: canonical bytes under the digest.
        body: None when the shape is wrong; then `faults` say where.
        item: None when the catalog is not ours, and for a decision.
        standing: what `check` finds and no answer settles.
        settled: warnings that were answered, and why it stands beside another record of the same key.
        natural_key: of the unit's records no two have the same; one that stands beside another has its own.
        files: digests of all attachments that it names.
        out_of_force: the catalog set is retired, or does not hold yet.
        incident: number of a fault of ours while reading it.
    """

    record_id: str
    version_id: str
    digest: str
    content: bytes
    body: ItemBody | None = None
    faults: Sequence[Fault] = ()
    item: Item | None = None
    standing: Sequence[Fault] = ()
    settled: Sequence[Fault] = ()
    natural_key: str | None = None
    subject: SubjectRef | None = None
    act: Act = NO_ACT
    decision: DecisionBody | None = None
    incident: str | None = None
    files: frozenset[str] = frozenset()
    out_of_force: bool = False

    @property
    def item_code(self) -> str:
        """Code of the catalog item, without the set."""
        return self.body.catalog.partition("@")[0] if self.body else ""


def read_items(
    items: Sequence[dict[str, Any]], contents: Sequence[bytes | None], catalogs: Catalogs, today: date
) -> list[Incoming]:
    """Read all items of a batch.

    Args:
        items: as they came.
        contents: the canonical bytes of what each says, where they are known already.
        catalogs: what is published.
        today: the legal day.

    Raises:
        Refusal: malformed, when an item has no readable ids, lacks a member that is under the digest,
            or has no canonical form: no receipt could name it.
    """
    bodies = _bodies(items)
    sound = _sound(bodies, catalogs, today)
    return [
        _read(raw, body, content, place, catalogs, today)
        if place not in sound or body is None or content is None
        else _accepted(body, content, *sound[place])
        for place, (raw, body, content) in enumerate(zip(items, bodies, contents, strict=True))
    ]


def _bodies(items: Sequence[dict[str, Any]]) -> Sequence[ItemBody | None]:
    """Read the shapes of all items at once; one that is wrong, and each is looked at by itself."""
    try:
        return _BODIES.validate_python(items)
    except ValidationError:
        return [None] * len(items)


def _sound(
    bodies: Sequence[ItemBody | None], catalogs: Catalogs, today: date
) -> dict[int, tuple[Item, str | None]]:
    """Places of new records in which there is nothing to find; each with its item and natural key."""
    by_item: dict[tuple[str, str], list[tuple[int, ItemBody]]] = defaultdict(list)
    for place, body in enumerate(bodies):
        if body is not None and body.op == "create" and not (body.parent or body.reason or body.answers):
            by_item[body.catalog, body.item_sha256].append((place, body))
    found: dict[int, tuple[Item, str | None]] = {}
    with Isolation("looking over a batch"):
        for (ref, sha256), alike in by_item.items():
            item = catalogs.item(ref, sha256)
            if item is not None and catalogs.takes(item.set_name, today):
                keys = sound(item, [body.payload for _, body in alike], today)
                found |= {alike[at][0]: (item, key) for at, key in keys.items()}
    return found


def _accepted(body: ItemBody, content: bytes, item: Item, key: str | None) -> Incoming:
    """What is known of a new record in which there is nothing to find."""
    subject = subject_of(item, body.payload)
    return Incoming(
        body.record_id,
        body.version_id,
        digest(content),
        content,
        body=body,
        item=item,
        natural_key=key,
        files=frozenset(said.sha256 for said in body.evidence) if body.evidence else NO_FILES,
        subject=subject,
        act=Act(subject.code or None, str(body.payload.get(item.act_on, ""))[:10], key),
    )


def _read(
    raw: dict[str, Any],
    body: ItemBody | None,
    content: bytes | None,
    place: int,
    catalogs: Catalogs,
    today: date,
) -> Incoming:
    pointer = f"#/items/{place}"
    missing = [fault(f"{pointer}/{key}", "missing") for key in CONTENT_KEYS if key not in raw]
    if missing:
        raise Refusal("malformed", errors=missing)
    try:
        _Ids.model_validate({"record_id": raw["record_id"], "version_id": raw["version_id"]})
    except ValidationError as error:
        raise Refusal("malformed", errors=faults_of(error, pointer)) from error
    try:
        content = content or canonical({key: raw[key] for key in CONTENT_KEYS})
    except NotCanonical as error:
        raise Refusal("malformed", errors=[fault(pointer, "not_canonical")]) from error
    ids = (raw["record_id"], raw["version_id"], digest(content), content)
    with Isolation(f"reading version {raw['version_id']}") as alone:
        return _shaped(ids, raw, body, catalogs, today)
    return Incoming(*ids, incident=alone.incident)


def _shaped(
    ids: tuple[str, str, str, bytes],
    raw: dict[str, Any],
    body: ItemBody | None,
    catalogs: Catalogs,
    today: date,
) -> Incoming:
    try:
        body = body or ItemBody.model_validate(raw)
    except ValidationError as error:
        return Incoming(*ids, faults=faults_of(error))
    faults = _unfitting(body)
    if faults:
        return Incoming(*ids, faults=faults)
    if body.op != "decide":
        return _checked(ids, body, catalogs, today)
    try:
        files = frozenset(said.sha256 for said in body.evidence)
        return Incoming(*ids, body=body, decision=DecisionBody.model_validate(body.payload), files=files)
    except ValidationError as error:
        return Incoming(*ids, faults=faults_of(error, "#/payload"))


def _unfitting(body: ItemBody) -> list[Fault]:
    """Members that are well formed and do not go together."""
    creates, decides = body.op == "create", body.op == "decide"
    wrong = {
        "parent": (body.parent is None) != creates,
        "reason": (body.reason is None) != creates,
        "payload": body.op == "withdraw" and bool(body.payload),
        "case_id": decides and body.case_id != body.record_id,
        "catalog": decides != (body.catalog == CASE_CATALOG),
        "item_sha256": decides and body.item_sha256 != NO_ITEM,
        "answers": bool(body.answers) and (decides or body.op == "withdraw"),
    }
    return [fault(f"#/{name}", "unfitting") for name, is_wrong in wrong.items() if is_wrong]


def _checked(ids: tuple[str, str, str, bytes], body: ItemBody, catalogs: Catalogs, today: date) -> Incoming:
    item = catalogs.item(body.catalog, body.item_sha256)
    files = frozenset(said.sha256 for said in body.evidence)
    if item is None or body.op == "withdraw":
        return Incoming(*ids, body=body, item=item, files=files)
    if not catalogs.takes(item.set_name, today):
        return Incoming(*ids, body=body, item=item, files=files, out_of_force=True)
    problems = check(item, body.payload, reported_on=today)
    answers = [Answer(said.path, said.code, said.reason) for said in body.answers]
    standing = unanswered(problems, answers)
    faults = [*(_as_fault(one, item) for one in standing), *_answers_out_of_place(problems, answers)]
    if faults:
        return Incoming(*ids, body=body, item=item, standing=faults)
    key, beside = natural_key(item, body.payload), keeps_both(answers)
    subject = subject_of(item, body.payload)
    settled = tuple(_as_fault(one, item) for one in problems if one.answerable)
    return Incoming(
        *ids,
        body=body,
        item=item,
        settled=(*settled, Fault("#/answers", SAME_ACT, _BESIDE, "warning")) if beside else settled,
        natural_key=f"{key}#{body.record_id}" if key and beside else key,
        files=files | {file["sha256"] for file in files_in(item, body.payload)},
        subject=subject,
        act=Act(subject.code or None, str(body.payload.get(item.act_on, ""))[:10], key),
    )


def _as_fault(found: Problem, item: Item) -> Fault:
    return Fault(found.pointer(), found.code, short(found, item), found.severity)


def _answers_out_of_place(problems: Sequence[Problem], answers: Sequence[Answer]) -> list[Fault]:
    """Answers to what no answer can settle. An answer to a warning that has gone since is no harm."""
    closed = {(one.path, one.code) for one in problems if not one.answerable}
    return [
        Fault(f"#/answers/{place}", "not_answerable", "这个问题不能用说明代替，请改正。")
        for place, said in enumerate(answers)
        if (said.path, said.code) in closed
    ]
