"""Cases (办件): what came down of them, what a handler writes about them, and the way back up.

A case is changed by the platform only. The handler's work is a row of its own, so that news of the case
overwrite nothing; it becomes a version (op ``decide``) together with the corrections that follow from it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from client.core.case_events import DECIDABLE, ENDED
from client.core.case_shapes import in_shape
from client.core.cases import Case, CaseRow, Decision, Dispute, Disputed, Evidence
from client.core.records import Attachment, Submitted
from client.errors import NotAllowed
from client.store import case_acts
from client.store.case_contents import contents_of
from client.store.case_shown import over, posts_of, show
from client.store.connection import Connection, Row
from client.store.desk import Desk
from client.store.draft_rows import as_json
from client.store.link import SYSTEM

_READABLE: Final[Mapping[str, type | tuple[type, ...]]] = {
    "case_id": str, "kind": str, "state": str, "stage": str, "revision": str, "unit": str, "hall_unit": str,
    "applicant": dict, "materials": list, "statement": str, "records": list, "events": list, "rules": dict,
    "opened_at": str,
}  # fmt: skip


# what comes down

_PUT: Final = """
  INSERT INTO casefile (case_id, kind, state, revision, record_id, subject_name, opened_at, due_on, data,
    changed_at, closed_at)
  VALUES (?,?,?,?,?,?,?,?,?,?,?)
  ON CONFLICT (case_id) DO UPDATE SET state = excluded.state, revision = excluded.revision,
    due_on = excluded.due_on, data = excluded.data, changed_at = excluded.changed_at,
    closed_at = excluded.closed_at
"""


def put(desk: Desk, tx: Connection, said: Mapping[str, Any], at: str) -> None:
    """Keep what the feed says of a case. One of a kind that this program cannot read stays in the inbox."""
    case = in_shape(said) if "record_id" in said else said
    if any(not isinstance(case.get(name), kind) for name, kind in _READABLE.items()) or not case["records"]:
        return
    first = case["records"][0]
    tx.execute(
        _PUT,
        (
            case["case_id"], case["kind"], case["state"], case["revision"], first["record_id"],
            _subject_name(desk, first), case["opened_at"], case.get("due_on"), as_json(case), at,
            case.get("closed_at"),
        ),
    )  # fmt: skip
    show(desk, tx, case["case_id"])


def told(reader: Connection, case_id: str) -> Mapping[str, Any]:
    """Return a case as the platform told it last; raises NotAllowed ``case_unknown``."""
    data = reader.value("SELECT data FROM casefile WHERE case_id = ?", (case_id,))
    if data is None:
        raise NotAllowed("case_unknown")
    said: Mapping[str, Any] = json.loads(data)
    return said


def _subject_name(desk: Desk, record: Mapping[str, Any]) -> str:
    try:
        item = desk.catalogs.item(str(record.get("catalog")))
    except NotAllowed:
        return ""
    name = record.get("payload", {}).get(item.subject_name, "")
    return name if isinstance(name, str) else ""


def decision_rejected(desk: Desk, tx: Connection, version: Row, code: str) -> None:
    """The platform did not take a decision: it is written again, and what would have followed is recalled."""
    payload = json.loads(version["content"])["payload"]
    tx.execute("UPDATE case_decision SET state = 'editing' WHERE case_id = ?", (version["record_id"],))
    tx.execute(
        "UPDATE outbox SET state = 'recalled', last_problem = ? WHERE state IN ('queued','held','blocked')"
        " AND version_id IN (SELECT value FROM json_each(?))",
        (as_json({"code": "decision_rejected"}), as_json(payload["corrections"])),
    )
    tx.execute(
        "INSERT INTO review_note (record_id, at, operator, field, reason) VALUES (?,?,?,NULL,?)",
        (version["record_id"], desk.now(), SYSTEM, code),
    )
    desk.tell_as(tx, SYSTEM, "decision_rejected", version["record_id"], {"code": code})


_WANTED: Final = """
  SELECT DISTINCT said.value FROM (
    SELECT e.value FROM casefile c, json_each(c.data, '$.records') r, json_each(r.value, '$.evidence') e
    WHERE c.state <> 'closed'
    UNION ALL  -- what was handed in later
    SELECT e.value FROM casefile c, json_each(c.data, '$.events') v, json_each(v.value, '$.data.evidence') e
    WHERE c.state <> 'closed' AND json_extract(v.value, '$.kind') = 'supplemented') said
  WHERE NOT EXISTS (SELECT 1 FROM attachment a
    WHERE a.sha256 = json_extract(said.value, '$.sha256') AND a.file_name IS NOT NULL) LIMIT ?
"""


def evidence_wanted(reader: Connection, *, limit: int = 200) -> list[Attachment]:
    """Return the evidence of cases that are not closed and whose bytes are not on this desk."""
    rows = reader.execute(_WANTED, (limit,))
    return [_attachment(json.loads(row["value"])) for row in rows]


# what is shown

_ROW: Final = """
  SELECT c.*, d.payload, d.parent, d.state AS decision, d.handler, d.saved_at,
    d.parent IS NOT NULL AND d.state = 'editing' AND d.parent <> COALESCE(s.revision, c.revision) AS changed
  FROM casefile c LEFT JOIN case_decision d ON d.case_id = c.case_id
  LEFT JOIN case_shown s ON s.case_id = c.case_id
"""


def list_cases(reader: Connection, *, state: str | None = None, limit: int = 200) -> list[CaseRow]:
    """Return cases: what is to be done first, by its due date, then by its age; closed ones last.

    Args:
        reader: of the desk.
        state: opened, decided or closed; None for all.
        limit: most rows.
    """
    rows = reader.execute(
        f"{_ROW} WHERE (?1 IS NULL OR c.state = ?1) ORDER BY c.state = 'closed', c.state = 'decided',"
        " c.due_on IS NULL, c.due_on, c.opened_at, c.case_id LIMIT ?2",
        (state, limit),
    )
    return [_row(row) for row in rows]


def _row(row: Row) -> CaseRow:
    return CaseRow(
        row["case_id"], row["kind"], row["state"], row["record_id"], row["subject_name"], row["opened_at"],
        row["due_on"], row["closed_at"], row["decision"], bool(row["changed"]),
    )  # fmt: skip


def get(reader: Connection, case_id: str) -> Case:
    """Return one case with all that this desk knows of it; raises NotAllowed ``case_unknown``."""
    row = reader.execute(f"{_ROW} WHERE c.case_id = ?", (case_id,)).fetchone()
    if row is None:
        raise NotAllowed("case_unknown")
    said, posts = json.loads(row["data"]), posts_of(reader, case_id)
    seen = over(said, posts, said["unit"])
    decision = None
    if row["decision"] is not None:
        decision = Decision(
            json.loads(row["payload"]), row["parent"], row["decision"], row["handler"], row["saved_at"]
        )
    return Case(
        row=_row(row),
        stage=seen.stage,
        revision=seen.revision,
        application_id=said["application_id"],
        unit=said["unit"],
        hall_unit=said["hall_unit"],
        applicant=said["applicant"],
        agent=said["agent"],
        materials=said["materials"],
        statement=said["statement"],
        records=[_disputed(reader, one) for one in said["records"]],
        repair=said["repair"],
        owner={"operator_id": seen.owner, "name": seen.owner_name} if seen.owner else None,
        due_certain=said["due_certain"],
        rules=said["rules"],
        events=seen.events,
        posts=posts,
        decision=decision,
        decided=said.get("decision"),
        note=_note(reader, case_id) if decision is not None and decision.state == "editing" else None,
    )


def _disputed(reader: Connection, said: Mapping[str, Any]) -> Disputed:
    return Disputed(
        said["record_id"],
        said["version_id"],
        said["catalog"],
        said["payload"],
        said["reason_code"],
        [Dispute(one["field"], one.get("old"), one.get("claimed")) for one in said["disputes"]],
        [_evidence(reader, _attachment(one)) for one in said["evidence"]],
    )


def _attachment(said: Mapping[str, Any]) -> Attachment:
    return Attachment(said["sha256"], int(said["size"]), said["name"], said["media_type"])


def _evidence(reader: Connection, attachment: Attachment) -> Evidence:
    here = reader.value(
        "SELECT 1 FROM attachment WHERE sha256 = ? AND file_name IS NOT NULL", (attachment.sha256,)
    )
    return Evidence(attachment, here is not None)


def _note(reader: Connection, case_id: str) -> str | None:
    note: str | None = reader.value(
        "SELECT reason FROM review_note WHERE record_id = ? ORDER BY n DESC LIMIT 1", (case_id,)
    )
    return note


# what the handler does


def save_decision(
    desk: Desk, case_id: str, payload: Mapping[str, Any], *, revision: str | None = None
) -> None:
    """Keep what the handler has written, finished or not.

    Args:
        desk: the open desk; its operator is a handler.
        case_id: of the case.
        payload: ``disputes``: a list of ``{"record_id", "field", "finding", "value"}``, finding ``stands``,
            ``correct_to``, ``supplement`` (both with `value`; None empties it) or ``delete`` (the whole
            record is withdrawn); ``text``: what was found; ``outcome`` of a repair: ``granted`` or
            ``refused``; ``answers``: ``{"path", "code", "reason"}`` to warnings of the corrected record.
        revision: of the case that the handler has seen; None keeps the one seen before, or takes the
            present one at the first time.

    Raises:
        NotAllowed: ``case_unknown``, ``case_closed``, ``decision_in_review``, ``decision_on_its_way``,
            ``not_your_role``.
    """
    desk.require("decide")
    with desk.db.transaction() as tx:
        case = get(tx, case_id)
        _may_be_decided(tx, case)
        before = case.decision.parent if case.decision is not None else case.revision
        tx.execute(
            "INSERT INTO case_decision (case_id, payload, parent, state, handler, saved_at)"
            " VALUES (?,?,?,'editing',?,?) ON CONFLICT (case_id) DO UPDATE SET payload = excluded.payload,"
            " parent = excluded.parent, state = 'editing', handler = excluded.handler,"
            " saved_at = excluded.saved_at",
            (case_id, as_json(payload), revision or before, desk.operator.operator_id, desk.now()),
        )
        desk.tell(tx, "decision_saved", case_id)


def _may_be_decided(reader: Connection, case: Case) -> None:
    if case.row.state == "closed" or case.stage in ENDED:
        raise NotAllowed("case_closed")
    if case.stage not in DECIDABLE:
        raise NotAllowed("case_waits")
    refuse_while_decided(reader, case.row.case_id)


def refuse_while_decided(reader: Connection, case_id: str) -> None:
    """Refuse what would make a signed decision one on an older case, until the platform has answered it.

    Raises:
        NotAllowed: ``decision_in_review``, ``decision_on_its_way``.
    """
    if reader.value("SELECT state FROM case_decision WHERE case_id = ?", (case_id,)) == "in_review":
        raise NotAllowed("decision_in_review")
    on_its_way = reader.value(
        "SELECT 1 FROM version v JOIN outbox o ON o.version_id = v.version_id"
        " WHERE v.record_id = ? AND v.op = 'decide' AND o.state NOT IN ('done','recalled')",
        (case_id,),
    )
    if on_its_way is not None:
        raise NotAllowed("decision_on_its_way")


def submit_decision(desk: Desk, case_id: str) -> Submitted:
    """Submit the saved decision and its corrections for review, as one act.

    Returns:
        What was submitted; when a corrected record has problems, nothing is, and `stopped` names them.

    Raises:
        NotAllowed: ``decision_incomplete``: a disputed field has no finding, or the text is missing;
            ``case_changed``: the case is another than the handler saw, and is to be looked at again;
            ``record_changed``: this desk has a newer version of the record than the case tells of;
            and what `save_decision` raises.
    """
    desk.require("decide")
    case = get(desk.db.reader(), case_id)
    _may_be_decided(desk.db.reader(), case)
    decision = case.decision
    if decision is None:
        raise NotAllowed("decision_incomplete")
    if decision.parent != case.revision:
        raise NotAllowed("case_changed")
    contents = contents_of(desk, case, decision.payload)
    return case_acts.submit_contents(desk, contents, title=case.row.subject_name, case_id=case_id)
