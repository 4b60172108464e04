"""The rows under a review: entries frozen and signed, found while they wait, and marked when they come back.

Used by the acts of this package only; nothing here asks who may do what.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from client.errors import NotAllowed
from client.store.connection import Connection, Row
from client.store.desk import Desk
from client.store.draft_rows import as_json, chunks, touch
from forms.seal.approval import sign_as_maker
from forms.seal.canonical import digest
from forms.seal.content import Content


@dataclass(frozen=True, slots=True)
class Frozen:
    """One entry of an act; its place follows from the order of the digests."""

    sha256: str
    content: bytes
    record_id: str
    version_id: str


@dataclass(frozen=True, slots=True)
class Act:
    """What the entries of one submission have in common."""

    act_id: str
    title: str
    import_id: str | None = None
    case_id: str | None = None


def frozen(content: Content) -> Frozen:
    """Freeze one content; raises forms.seal.canonical.NotCanonical."""
    raw = content.frozen()
    return Frozen(digest(raw), raw, content.record_id, content.version_id)


def put_review(desk: Desk, tx: Connection, act: Act, entries: Sequence[Frozen]) -> str:
    """Write one approval's worth of entries and the maker's signature; returns the approval's id."""
    approval_id, at = desk.new_id(), desk.now()
    entries = sorted(entries, key=lambda entry: entry.sha256)
    signature = sign_as_maker(desk.key, approval_id, desk.device.unit_code, [e.sha256 for e in entries])
    tx.execute(
        "INSERT INTO review VALUES (?,?,?,?,?,?,?,?,'waiting')",
        (
            approval_id, act.act_id, act.title, act.import_id, act.case_id, desk.operator.operator_id,
            signature, at,
        ),
    )  # fmt: skip
    tx.executemany(
        "INSERT INTO review_entry VALUES (?,?,?,?,?,?,'waiting')",
        (
            (approval_id, place, entry.record_id, entry.version_id, entry.content, entry.sha256)
            for place, entry in enumerate(entries)
        ),
    )
    for piece in chunks(entries):
        tx.execute(
            "UPDATE draft SET edit_state = 'in_review', returned = 0, errors = 0, warnings = 0"
            " WHERE record_id IN (SELECT value FROM json_each(?))",
            (as_json([entry.record_id for entry in piece]),),
        )
    return approval_id


def waiting_entries(tx: Connection, ids: Sequence[str], act: str) -> list[Row]:
    """Return the waiting entries of `ids`; of a case's act, all of them."""
    found: list[Row] = []
    for piece in chunks(dict.fromkeys(ids)):
        rows = tx.execute(
            "SELECT e.approval_id, e.place, e.record_id, v.maker, v.case_id FROM json_each(?) j"
            " JOIN review_entry e ON e.record_id = j.value AND e.state = 'waiting'"
            " JOIN review v ON v.approval_id = e.approval_id AND v.state = 'waiting'",
            (as_json(piece),),
        ).fetchall()
        if len(rows) != len(piece):
            raise NotAllowed("not_in_this_state", act=act, state="")
        found += rows
    whole = {row["approval_id"] for row in found if row["case_id"] is not None}
    if whole:
        found = [row for row in found if row["approval_id"] not in whole]
        for approval_id in sorted(whole):
            found += tx.execute(
                "SELECT e.approval_id, e.place, e.record_id, v.maker, v.case_id FROM review_entry e"
                " JOIN review v ON v.approval_id = e.approval_id"
                " WHERE e.approval_id = ? AND e.state = 'waiting'",
                (approval_id,),
            ).fetchall()
    return found


def set_back(tx: Connection, waiting: Sequence[Row], state: str, at: str) -> None:
    """Mark entries as come back, and make their drafts drafts again; void what has nothing left."""
    for piece in chunks(waiting):
        tx.executemany(
            "UPDATE review_entry SET state = ? WHERE approval_id = ? AND place = ?",
            ((state, row["approval_id"], row["place"]) for row in piece),
        )
        ids = as_json([row["record_id"] for row in piece])
        tx.execute(
            "UPDATE draft SET edit_state = 'editing', returned = ?"
            " WHERE record_id IN (SELECT value FROM json_each(?))",
            (int(state == "returned"), ids),
        )
        tx.execute(
            "UPDATE case_decision SET state = 'editing' WHERE case_id IN (SELECT value FROM json_each(?))",
            (ids,),
        )
        touch(tx, [row["record_id"] for row in piece], at)
    tx.executemany(
        "UPDATE review SET state = 'void' WHERE approval_id = ? AND state = 'waiting' AND NOT EXISTS ("
        " SELECT 1 FROM review_entry e WHERE e.approval_id = review.approval_id AND e.state = 'waiting')",
        ([approval_id] for approval_id in sorted({row["approval_id"] for row in waiting})),
    )


def write_notes(
    tx: Connection, entries: Sequence[Row], at: str, operator_id: str, reason: str, field: str | None
) -> None:
    """Keep why entries came back; a person reads it beside the record, or beside `field`."""
    tx.executemany(
        "INSERT INTO review_note (record_id, at, operator, field, reason) VALUES (?,?,?,?,?)",
        ((row["record_id"], at, operator_id, field, reason) for row in entries),
    )
