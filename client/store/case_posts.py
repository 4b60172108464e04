"""What this desk says of cases (办件) and is no version: a case taken in here, events, transfers, waivers.

Each is frozen with its audit entry in one transaction, is seen at once, and goes up with the next cycle, in
the order in which it was said. Every post is the revision that comes after it: so a row of them, and the
decision at its end, can be written, and signed, without a line. What the platform refuses stays, with its
reason; nothing is sent again by itself, and nothing is overwritten.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from client.core import case_events
from client.core.case_events import OPENERS, refusal
from client.core.case_openings import Opening, Post, Snapshot
from client.errors import NotAllowed
from client.store import cases, versions
from client.store.case_sending import set_state, supersede_after
from client.store.case_shown import Shown, over, post_of, posts_of, show
from client.store.connection import Connection
from client.store.desk import Desk
from client.store.draft_rows import as_json
from forms.seal.canonical import canonical

MOST_RECORDS: Final = 50


def register(
    desk: Desk, opening: Opening, *, found: Mapping[str, Snapshot] | None = None, twice: bool = False
) -> str:
    """Take an application in, offline too; returns the id of the case.

    Args:
        desk: the open desk; its operator is of the hall, or a handler of the unit that supplied the records.
        opening: what the applicant says.
        found: records that the platform showed; those of this desk are known.
        twice: an open case of the same applicant for the same reason is known, and this is another one.

    Raises:
        NotAllowed: ``not_your_role``; ``case_records`` (none, too many, or one twice); ``reason_missing``;
            ``record_not_held``: neither this desk nor `found` has it; ``withdrawn_already``;
            ``record_of_others``: a handler takes in what concerns the own unit only; ``units_differ``: the
            records are of several units; ``field_unknown``; ``case_doubled``.
    """
    if not OPENERS & desk.operator.roles:
        raise NotAllowed("not_your_role")
    with desk.db.transaction() as tx:
        records = _snapshots(desk, tx, opening, found or {})
        unit = _unit_of(desk, records)
        if not twice:
            _refuse_doubled(tx, opening)
        case_id, at = desk.new_id(), desk.now()
        said = opening.as_dict(case_id)
        seen = [
            {**one, "version_id": has.version_id, "catalog": has.catalog, "payload": dict(has.values)}
            for one, has in zip(said["records"], records, strict=True)
        ]
        case = {
            **said, "records": seen, "state": "opened", "stage": "received", "revision": case_id,
            "unit": unit, "hall_unit": desk.device.unit_code, "owner": None, "opened_at": at,
            "closed_at": None, "due_on": None, "due_certain": False,
            "rules": {"platform": None, "provider": None}, "events": [], "decision": None,
        }  # fmt: skip
        # The row is there before the case is shown: what is shown is laid over by it.
        _put(desk, tx, "opening", "received", case_id, case_id, None, said, opening.files)
        cases.put(desk, tx, case, at)
    return case_id


def _snapshots(desk: Desk, tx: Connection, opening: Opening, found: Mapping[str, Snapshot]) -> list[Snapshot]:
    ids = [one.record_id for one in opening.records]
    if not 0 < len(ids) <= MOST_RECORDS or len(set(ids)) != len(ids):
        raise NotAllowed("case_records", most=MOST_RECORDS)
    if not opening.statement.strip() or not opening.applicant.name.strip():
        raise NotAllowed("application_incomplete")
    snapshots: list[Snapshot] = []
    for said in opening.records:
        snapshot = found.get(said.record_id) or held_here(desk, tx, said.record_id)
        if snapshot is None:
            raise NotAllowed("record_not_held")
        if snapshot.op == "withdraw":
            raise NotAllowed("withdrawn_already")
        fields = desk.catalogs.item(snapshot.catalog).by_id
        for claim in said.disputes:
            if claim.field not in fields:
                raise NotAllowed("field_unknown", field=claim.field)
        if opening.kind == "objection" and not (said.disputes and said.reason_code):
            raise NotAllowed("application_incomplete")
        snapshots.append(snapshot)
    return snapshots


def held_here(desk: Desk, reader: Connection, record_id: str) -> Snapshot | None:
    """Return a record of this desk as the platform accepted it last; None when it has not."""
    head = versions.head(reader, record_id)
    if head is None:
        return None
    before = versions.last_values(reader, record_id) if head.op == "withdraw" else None
    values = before.values if before else head.values
    return Snapshot(desk.device.unit_code, head.version_id, head.catalog, values, head.op)


def _unit_of(desk: Desk, records: Sequence[Snapshot]) -> str:
    units = {one.unit for one in records}
    if len(units) > 1:
        raise NotAllowed("units_differ")
    if "hall" not in desk.operator.roles and units != {desk.device.unit_code}:
        raise NotAllowed("record_of_others")
    return units.pop()


_DOUBLED: Final = """
  SELECT s.case_id FROM case_record r JOIN case_shown s ON s.case_id = r.case_id
  WHERE r.record_id = ? AND r.reason_code = ? AND s.applicant_number = ? AND s.is_open
  ORDER BY s.case_id LIMIT 1
"""


def _refuse_doubled(tx: Connection, opening: Opening) -> None:
    for one in opening.records:
        said = (one.record_id, one.reason_code, opening.applicant.id_number)
        case_id = tx.value(_DOUBLED, said)
        if case_id is not None:
            raise NotAllowed("case_doubled", case_id=case_id)


def _files_in(data: Mapping[str, Any]) -> set[str]:
    """SHA-256 of the files that an event names: what was handed in later goes up before it."""
    named = [one for part in ("evidence", "materials") for one in data.get(part, ())]
    return {str(one["sha256"]) for one in named if one.get("sha256")}


def say(
    desk: Desk,
    case_id: str,
    kind: str,
    data: Mapping[str, Any] | None = None,
    *,
    revision: str | None = None,
    at: str | None = None,
    files: Sequence[str] = (),
) -> str:
    """Say an event of a case: accepted, refused, supplement_asked …; returns the id of the post.

    Args:
        desk: the open desk.
        case_id: of the case.
        kind: key of `case_events.SAYABLE`.
        data: as the event has it.
        revision: that the person saw; None: whatever this desk knows.
        at: when it happened, UTC text; None for now.
        files: SHA-256 of attachments that go with it, besides those that `data` names.

    Raises:
        NotAllowed: ``case_unknown``; ``case_changed``: it is another than the person saw;
            ``not_your_role``, ``event_unfitting``, ``event_once``, ``event_incomplete``;
            ``decision_in_review``, ``decision_on_its_way``: it would make that one on an older case.
    """
    if kind not in case_events.SAYABLE:
        raise ValueError(f"no event that a desk says: {kind}")
    with desk.db.transaction() as tx:
        said = {**case_events.SAYABLE[kind].usual, **(data or {})}
        seen = _checked(desk, tx, case_id, kind, said, revision)
        post_id = desk.new_id()
        body = {
            "event_id": post_id, "revision": seen.revision, "kind": kind, "at": at or desk.now(),
            "data": said,
        }  # fmt: skip
        _put(
            desk,
            tx,
            "event",
            kind,
            post_id,
            case_id,
            seen.revision,
            body,
            files=[*files, *_files_in(said)],
        )
        show(desk, tx, case_id)
    return post_id


def transfer(desk: Desk, case_id: str, to_unit: str, reason: str, *, revision: str | None = None) -> str:
    """Hand a case over to the unit whose it is (移送); returns the id of the post. Raises as `say`."""
    said = {"to_unit": to_unit, "reason": reason}
    with desk.db.transaction() as tx:
        seen = _checked(desk, tx, case_id, "transferred", said, revision)
        if to_unit == desk.device.unit_code:
            raise NotAllowed("event_unfitting", kind="transferred", stage=seen.stage)
        post_id = desk.new_id()
        body = {"transfer_id": post_id, "revision": seen.revision, **said}
        _put(desk, tx, "transfer", "transferred", post_id, case_id, seen.revision, body)
        show(desk, tx, case_id)
    return post_id


def waive(desk: Desk, case_id: str, version_id: str, unit: str, reason: str) -> str:
    """Do without what a unit would have to confirm, by name and with a reason. Raises as `say`."""
    said = {"version_id": version_id, "unit": unit, "reason": reason}
    with desk.db.transaction() as tx:
        seen = _checked(desk, tx, case_id, "waived", said, None)
        post_id = desk.new_id()
        _put(
            desk, tx, "waiver", "waived", post_id, case_id, seen.revision, {"waiver_id": post_id, **said}
        )  # fmt: skip
        show(desk, tx, case_id)
    return post_id


def seen(desk: Desk, reader: Connection, case_id: str) -> Shown:
    """Return a case as it is shown, own unconfirmed posts included; raises NotAllowed ``case_unknown``."""
    return over(cases.told(reader, case_id), posts_of(reader, case_id), desk.device.unit_code)


def _checked(
    desk: Desk, tx: Connection, case_id: str, kind: str, data: Mapping[str, Any], revision: str | None
) -> Shown:
    now = seen(desk, tx, case_id)
    if revision is not None and revision != now.revision:
        raise NotAllowed("case_changed")
    why = refusal(kind, now.stage, desk.operator.roles, data, now.kinds)
    if why is not None:
        raise NotAllowed(why, kind=kind, stage=now.stage)
    cases.refuse_while_decided(tx, case_id)
    return now


def _put(
    desk: Desk, tx: Connection, kind: str, event: str, post_id: str, case_id: str, parent: str | None,
    body: Mapping[str, Any], files: Sequence[str] = (),
) -> None:  # fmt: skip
    frozen = canonical(dict(body))
    tx.execute(
        "INSERT INTO case_post (post_id, case_id, kind, event, parent, operator, said_at, state, files, body)"
        " VALUES (?,?,?,?,?,?,?,'queued',?,?)",
        (
            post_id, case_id, kind, event, parent, desk.operator.operator_id, desk.now(),
            as_json(sorted(set(files))), frozen,
        ),
    )  # fmt: skip
    desk.tell(tx, f"case_{event}", case_id, post=post_id, parent=parent or "")


def take_back(desk: Desk, post_id: str) -> None:
    """Take back what was said and has never been sent; what was said after it goes with it.

    Raises:
        NotAllowed: ``already_sent``; ``not_your_role``: somebody else said it; ``decision_in_review``,
            ``decision_on_its_way``: a decision was signed after it.
    """
    with desk.db.transaction() as tx:
        row = tx.execute("SELECT * FROM case_post WHERE post_id = ?", (post_id,)).fetchone()
        if row is None or row["state"] != "queued":
            raise NotAllowed("already_sent")
        if row["operator"] != desk.operator.operator_id:
            raise NotAllowed("not_your_role")
        cases.refuse_while_decided(tx, row["case_id"])  # a decision that was signed comes after it
        set_state(tx, post_id, "superseded", {"code": "taken_back"})
        supersede_after(desk, tx, row["case_id"], row["n"], "taken_back")
        _end_of_opening(desk, tx, post_of(row))
        desk.tell(tx, "case_post_taken_back", row["case_id"], post=post_id)
        show(desk, tx, row["case_id"])


def dismiss(desk: Desk, post_id: str) -> None:
    """Note that a person has seen why a post was refused; raises NotAllowed ``not_in_this_state``."""
    with desk.db.transaction() as tx:
        row = tx.execute("SELECT * FROM case_post WHERE post_id = ?", (post_id,)).fetchone()
        if row is None or row["state"] != "refused":
            raise NotAllowed("not_in_this_state")
        tx.execute("UPDATE case_post SET state = 'superseded' WHERE post_id = ?", (post_id,))
        _end_of_opening(desk, tx, post_of(row))
        desk.tell(tx, "case_post_dismissed", row["case_id"], post=post_id)
        show(desk, tx, row["case_id"])


def again(desk: Desk, post_id: str) -> str:
    """Say once more what was refused, of the case as it is now, under a new id; returns that.

    Raises:
        NotAllowed: ``not_in_this_state``: it was not refused, or it is an opening, which is taken in anew;
            and what `say` raises.
    """
    row = desk.db.reader().execute("SELECT * FROM case_post WHERE post_id = ?", (post_id,)).fetchone()
    if row is None or row["state"] != "refused" or row["kind"] == "opening":
        raise NotAllowed("not_in_this_state")
    post, said = post_of(row), post_of(row).body
    if post.kind == "transfer":
        new = transfer(desk, post.case_id, said["to_unit"], said["reason"])
    elif post.kind == "waiver":
        new = waive(desk, post.case_id, said["version_id"], said["unit"], said["reason"])
    else:
        new = say(desk, post.case_id, post.event, post.data, at=said["at"])
    dismiss(desk, post_id)
    return new


def _end_of_opening(desk: Desk, tx: Connection, post: Post) -> None:
    """A case that only this desk knew ends with its opening."""
    if post.kind == "opening":
        told = dict(cases.told(tx, post.case_id)) | {
            "state": "closed", "stage": "withdrawn", "closed_at": desk.now(),
        }  # fmt: skip
        cases.put(desk, tx, told, desk.now())
