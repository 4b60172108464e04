"""Cases (办件) as they are shown: what the platform told, and over it what this desk has said since.

What the queue asks is kept in narrow rows of its own, written whenever a case or what was said of it changes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from client.core.case_events import ENDED, stage_after
from client.core.case_openings import Post
from client.core.cases import CaseEvent
from client.core.law import Law
from client.core.times import day_in_shanghai, from_text
from client.errors import NotAllowed
from client.store import legal
from client.store.connection import Connection, Row
from client.store.desk import Desk
from client.store.draft_rows import as_json
from forms.law.clocks import Event

NO_DAY: Final = "9999-12-31"
"""Sorts what has no due date last."""

_POSTS: Final = "SELECT * FROM case_post WHERE case_id = ? ORDER BY n LIMIT 1000"


@dataclass(frozen=True, slots=True)
class Shown:
    """A case, own unconfirmed posts included.

    Attributes:
        revision: what the next thing that is said of the case comes after.
        owner, owner_name: None and empty: nobody's.
        events: oldest first.
        waiting: posts that the platform has not answered.
    """

    stage: str
    revision: str
    owner: str | None
    owner_name: str
    events: tuple[CaseEvent, ...]
    waiting: tuple[Post, ...]

    @property
    def kinds(self) -> tuple[str, ...]:
        """Kinds of the events, oldest first."""
        return tuple(one.kind for one in self.events)


def post_of(row: Row) -> Post:
    """Read a row of `case_post`."""
    return Post(
        row["post_id"], row["case_id"], row["kind"], row["event"], json.loads(row["body"]), row["parent"],
        row["operator"], row["said_at"], row["state"], row["answered_at"],
        json.loads(row["problem"]) if row["problem"] else None,
    )  # fmt: skip


def posts_of(reader: Connection, case_id: str) -> list[Post]:
    """Return what this desk has said of a case, oldest first."""
    return [post_of(row) for row in reader.execute(_POSTS, (case_id,))]


def over(said: Mapping[str, Any], posts: Sequence[Post], unit: str) -> Shown:
    """Lay what a desk has said over what the platform told of a case.

    Args:
        said: the case, as the platform told it.
        posts: of the case, oldest first.
        unit: of the desk.
    """
    told = [_told(one) for one in said.get("events", ())]
    known = {one.event_id for one in told}
    new = [one for one in posts if one.state in {"queued", "sent", "done"} and one.post_id not in known]
    events = (*told, *(_ours(one, unit) for one in new))
    owner = said.get("owner") or {}
    for one in new:
        if one.event == "assigned":
            owner = {"operator_id": one.data.get("operator_id"), "name": one.data.get("name", "")}
    stage = stage_after(str(said.get("stage", "received")), [one.event for one in new])
    revision = new[-1].post_id if new else str(said["revision"])
    waiting = tuple(one for one in posts if one.is_waiting)
    return Shown(stage, revision, owner.get("operator_id"), str(owner.get("name") or ""), events, waiting)


def _told(one: Mapping[str, Any]) -> CaseEvent:
    on = one.get("on") or day_in_shanghai(from_text(one["at"])).isoformat()
    return CaseEvent(
        str(one["event_id"]), str(one["kind"]), str(one["at"]), str(on), str(one.get("unit") or ""),
        one.get("operator"), one.get("data") or {},
    )  # fmt: skip


def _ours(post: Post, unit: str) -> CaseEvent:
    at = str(post.body.get("at") or post.body.get("taken_in_at") or post.said_at)
    on = day_in_shanghai(from_text(at)).isoformat()
    data = {} if post.kind == "opening" else post.data
    return CaseEvent(post.post_id, post.event, at, on, unit, post.operator, data, confirmed=False)


_PUT: Final = """
  INSERT INTO case_shown VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)
  ON CONFLICT (case_id) DO UPDATE SET stage = excluded.stage, is_open = excluded.is_open,
    group_key = excluded.group_key, sort_key = excluded.sort_key, unit = excluded.unit, city = excluded.city,
    owner = excluded.owner, owner_name = excluded.owner_name, due_on = excluded.due_on,
    due_certain = excluded.due_certain, revision = excluded.revision, waiting = excluded.waiting,
    refused = excluded.refused, subject_name = excluded.subject_name,
    applicant_number = excluded.applicant_number, closed_at = excluded.closed_at,
    last_due_on = COALESCE(excluded.last_due_on, case_shown.last_due_on), words = excluded.words
"""


def show(desk: Desk, tx: Connection, case_id: str) -> Shown | None:
    """Write how a case is shown, in the open transaction; None for one that this desk does not have."""
    row = tx.execute("SELECT * FROM casefile WHERE case_id = ?", (case_id,)).fetchone()
    if row is None:
        return None
    said, posts = json.loads(row["data"]), posts_of(tx, case_id)
    unit = desk.device.unit_code
    seen = over(said, posts, unit)
    is_open = seen.stage not in ENDED
    due = row["due_on"], bool(said.get("due_certain", False))
    if is_open and (due[0] is None or seen.waiting):
        due = due_of(desk, legal.read_law(tx, desk.device), said, seen)
        set_due(tx, case_id, due)
    rank = 2 if not is_open else int(seen.stage == "decided")
    sort_key = f"{rank}{due[0] or NO_DAY} {row['opened_at']} {case_id}"
    before = tx.value("SELECT group_key FROM case_shown WHERE case_id = ?", (case_id,))
    applicant = said.get("applicant", {})
    closed_at = row["closed_at"] or (None if is_open else seen.events[-1].at if seen.events else desk.now())
    tx.execute(
        _PUT,
        (
            case_id, row["kind"], seen.stage, int(is_open), sort_key, sort_key, str(said["unit"]),
            _city(said, unit), seen.owner, seen.owner_name, due[0], int(due[1]), seen.revision,
            len(seen.waiting), sum(one.state == "refused" for one in posts), row["subject_name"],
            str(applicant.get("id_number", "")), row["opened_at"], closed_at, due[0],
            " ".join((row["subject_name"], str(applicant.get("name", "")), case_id)),
        ),
    )  # fmt: skip
    if before is None:
        _put_records(desk, tx, case_id, said.get("records", ()))
    if before != sort_key:
        _regroup(tx, [one["record_id"] for one in said.get("records", ())])
    return seen


def due_of(desk: Desk, law: Law, said: Mapping[str, Any], seen: Shown) -> tuple[str | None, bool]:
    """Return the day on which a case is due by all that is known here, and whether it is certain."""
    events = [Event(one.kind, date.fromisoformat(one.on), one.data) for one in seen.events]
    first = law.dues(said, desk.today(), events).first
    return (None, False) if first is None or first.on is None else (first.on.isoformat(), first.certain)


def set_due(tx: Connection, case_id: str, due: tuple[str | None, bool]) -> None:
    """Write the day on which a case is due; `show` it afterwards."""
    tx.execute(
        "UPDATE casefile SET due_on = ?1, data = json_set(data, '$.due_on', ?1, '$.due_certain', json(?2))"
        " WHERE case_id = ?3",
        (due[0], "true" if due[1] else "false", case_id),
    )


def _put_records(desk: Desk, tx: Connection, case_id: str, records: Sequence[Mapping[str, Any]]) -> None:
    for one in records:
        catalog, values = str(one.get("catalog")), one.get("payload", {})
        subject = ""
        try:
            item = desk.catalogs.item(catalog)
        except NotAllowed:  # of a set that this program does not know: nothing of it can be named
            pass
        else:
            subject = str(values.get(item.subject_code) or values.get(item.subject_name) or "")
        fields = [said["field"] for said in one.get("disputes", ())]
        tx.execute(
            "INSERT OR IGNORE INTO case_record VALUES (?,?,?,?,?,?)",
            (
                case_id, one["record_id"], catalog.partition("@")[0], subject,
                str(one.get("reason_code") or ""), as_json(fields),
            ),
        )  # fmt: skip


def _city(said: Mapping[str, Any], unit: str) -> str:
    """Where the other side of a case is: the hall's city for who supplied the record, else the supplier's."""
    other = said.get("hall_unit") if said["unit"] == unit else said["unit"]
    return str(other or said["unit"])[:6]


def _regroup(tx: Connection, record_ids: Sequence[str]) -> None:
    """Let open cases about one record stand together, where the most urgent of them stands."""
    rows = tx.execute(
        "SELECT DISTINCT s.case_id, s.sort_key FROM case_record r JOIN case_shown s ON s.case_id = r.case_id"
        " WHERE s.is_open AND r.record_id IN (SELECT value FROM json_each(?))",
        (as_json(list(record_ids)),),
    ).fetchall()
    if rows:
        first = min(row["sort_key"] for row in rows)
        tx.execute(
            "UPDATE case_shown SET group_key = ? WHERE case_id IN (SELECT value FROM json_each(?))",
            (first, as_json([row["case_id"] for row in rows])),
        )


def show_missing(desk: Desk, tx: Connection) -> int:
    """Write how cases are shown that came before this program kept it; returns how many."""
    rows = tx.execute(
        "SELECT case_id FROM casefile WHERE case_id NOT IN (SELECT case_id FROM case_shown) LIMIT 100000"
    ).fetchall()
    for row in rows:
        show(desk, tx, row["case_id"])
    return len(rows)
