"""The rows under drafts: record and draft as they lie in the tables, and the state of a record.

Used by the acts of this package only; nothing here asks who may do what.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final, TypeVar

from client.core.records import Draft, answers_of, evidence_of, reason_of
from client.errors import NotAllowed
from client.store.connection import Connection, Row
from forms.catalog.check import natural_key
from forms.catalog.problems import Answer
from forms.catalog.schema import Item, Value, Values

CHUNK: Final = 1_000
"""Rows of one statement, and of one page when a long list is walked."""

T = TypeVar("T")


def chunks(things: Iterable[T], size: int = CHUNK) -> Iterator[list[T]]:
    """Cut into lists of at most `size`."""
    rest = iter(things)
    while piece := list(islice(rest, size)):
        yield piece


def as_json(value: object) -> str:
    """Write a value as compact JSON text. A lone surrogate, which has no UTF-8, becomes U+FFFD."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def without_empty(values: Values) -> dict[str, Value]:
    """Drop what is empty: an empty field has no key."""
    return {field: value for field, value in values.items() if value not in ("", [], {}, None)}


@dataclass(frozen=True, slots=True)
class Shown:
    """What lists and search show of a record; follows the values on every save."""

    subject_name: str
    subject_code: str
    doc_no: str
    act_on: str
    natural_key: str | None


def shown(item: Item, values: Values) -> Shown:
    """Take out of `values` what lists show."""

    def text(field: str) -> str:
        value = values.get(field, "")
        return value if isinstance(value, str) else ""

    return Shown(
        text(item.subject_name), text(item.subject_code), text(item.doc_no), text(item.act_on),
        natural_key(item, values),
    )  # fmt: skip


def write_shown(tx: Connection, record_id: str, item: Item, values: Values, at: str) -> None:
    """Let the record's own columns follow `values`, and move it to the top of its lists."""
    now = shown(item, values)
    tx.execute(
        "UPDATE record SET subject_name = ?, subject_code = ?, doc_no = ?, act_on = ?, natural_key = ?,"
        " changed_at = ? WHERE record_id = ?",
        (now.subject_name, now.subject_code, now.doc_no, now.act_on, now.natural_key, at, record_id),
    )


def touch(tx: Connection, ids: Sequence[str], at: str) -> None:
    """Move records to the top of their lists."""
    tx.execute(
        "UPDATE record SET changed_at = ? WHERE record_id IN (SELECT value FROM json_each(?))",
        (at, as_json(ids)),
    )


def draft_of(row: Row) -> Draft:
    """Make the value of one row of `draft`."""
    return Draft(
        record_id=row["record_id"],
        catalog=row["catalog"],
        op=row["op"],
        base_version=row["base_version"],
        values=json.loads(row["payload"]),
        answers=answers_of(json.loads(row["answers"])),
        reason=reason_of(json.loads(row["reason"]) if row["reason"] else None),
        evidence=evidence_of(json.loads(row["evidence"])),
        case_id=row["case_id"],
        edit_state=row["edit_state"],
        errors=row["errors"],
        warnings=row["warnings"],
        returned=bool(row["returned"]),
        owner=row["owner"],
        saved_at=row["saved_at"],
        deleted_at=row["deleted_at"],
    )


def read_draft(reader: Connection, record_id: str) -> Draft | None:
    """Return the working copy, deleted or not; None when there is none."""
    row = reader.execute("SELECT * FROM draft WHERE record_id = ?", (record_id,)).fetchone()
    return None if row is None else draft_of(row)


def read_drafts(reader: Connection, ids: Sequence[str]) -> dict[str, Draft]:
    """Return the working copies of at most CHUNK records."""
    rows = reader.execute(
        "SELECT d.* FROM json_each(?) j JOIN draft d ON d.record_id = j.value", (as_json(ids),)
    )
    return {row["record_id"]: draft_of(row) for row in rows}


def answers_json(answers: Iterable[Answer]) -> str:
    """Write answers as they lie in the table."""
    return as_json([{"path": a.path, "code": a.code, "reason": a.reason} for a in answers])


def states_of(reader: Connection, ids: Sequence[str]) -> dict[str, str]:
    """Return the state of each of `ids`, in their order.

    Raises:
        NotAllowed: ``record_unknown``.
    """
    found: dict[str, str] = {}
    for piece in chunks(ids):
        rows = reader.execute(
            "SELECT s.record_id, s.state FROM json_each(?) j JOIN record_state s ON s.record_id = j.value",
            (as_json(piece),),
        )
        states = {row["record_id"]: row["state"] for row in rows}
        for record_id in piece:
            if record_id not in states:
                raise NotAllowed("record_unknown")
            found[record_id] = states[record_id]
    return found


def is_of_decision(reader: Connection, record_id: str, case_id: str | None) -> bool:
    """Say whether a change carries out the decision on a case; else it only answers the case it names."""
    if case_id is None:
        return False
    of = reader.value(
        "SELECT 1 FROM review_entry e JOIN review r ON r.approval_id = e.approval_id"
        " WHERE e.record_id = ? AND r.case_id = ? LIMIT 1",
        (record_id, case_id),
    )
    return of is not None


def state_of(reader: Connection, record_id: str) -> str:
    """Return the state of one record; raises NotAllowed ``record_unknown``."""
    return states_of(reader, [record_id])[record_id]


def put_draft(tx: Connection, draft: Draft) -> None:
    """Write a working copy, over a deleted one if there is one."""
    tx.execute(
        "INSERT OR REPLACE INTO draft (record_id, catalog, op, base_version, payload, answers, reason,"
        " evidence, case_id, edit_state, errors, warnings, returned, owner, saved_at, deleted_at)"
        " VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
        (
            draft.record_id, draft.catalog, draft.op, draft.base_version, as_json(draft.values),
            answers_json(draft.answers), as_json(draft.reason.as_dict()) if draft.reason else None,
            as_json([e.as_dict() for e in draft.evidence]), draft.case_id, draft.edit_state, draft.errors,
            draft.warnings, int(draft.returned), draft.owner, draft.saved_at, draft.deleted_at,
        ),
    )  # fmt: skip


def payload_of(content: bytes) -> Mapping[str, Any]:
    """Read frozen bytes; the keys are those of `forms.seal.content.CONTENT_KEYS`."""
    said: dict[str, Any] = json.loads(content)
    return said


def only(states: Mapping[str, str], allowed: Collection[str], act: str) -> None:
    """Refuse an act when one of the records is in no state for it."""
    for state in states.values():
        if state not in allowed:
            raise NotAllowed("not_in_this_state", act=act, state=state)
