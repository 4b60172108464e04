"""What travels by stick: which packages (交换包) went out and came in, and what was in them.

A package holds the bytes that the network would have carried. So it changes nothing but this: its batches
count as sent, and nobody knows yet whether they arrived. The next cycle asks about them before it sends.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from client.core.batches import FrozenBatch
from client.core.times import from_text, to_text
from client.errors import NotAllowed
from client.store.connection import Connection
from client.store.desk import Desk
from client.store.draft_rows import as_json
from client.store.link import link
from forms.seal.package import Header

MOST_NUMBERS: Final = 10_000
"""Packages that are looked back upon for gaps in their numbers."""

BY_COURIER: Final = "by_courier"
"""Code of why a version is `unknown` that was carried out on a stick."""


@dataclass(frozen=True, slots=True)
class Noted:
    """A package that this desk made or read; `said` is what was noted beside it."""

    package_id: str
    package_seq: int
    sha256: str
    created_at: str
    said: Mapping[str, Any]


def newest(reader: Connection, way: str) -> Noted | None:
    """Return the last package of this device, up or down; None before the first."""
    row = reader.execute(
        "SELECT package_id, package_seq, sha256, created_at, said FROM package WHERE way = ?"
        " AND device_id = (SELECT device_id FROM device LIMIT 1) ORDER BY package_seq DESC LIMIT 1",
        (way,),
    ).fetchone()
    if row is None:
        return None
    package_id, seq, sha256, created_at, said = tuple(row)
    return Noted(package_id, seq, sha256, created_at, json.loads(said))


def number_of(reader: Connection, package_id: str) -> int | None:
    """Return the number of a package that is known here."""
    number: int | None = reader.value("SELECT package_seq FROM package WHERE package_id = ?", (package_id,))
    return number


def never_read(reader: Connection, header: Header) -> tuple[int, ...]:
    """Return the numbers before a package of the platform that were never read here."""
    rows = reader.execute(
        "SELECT package_seq FROM package WHERE device_id = ? AND way = 'down' AND package_seq < ?"
        " ORDER BY package_seq DESC LIMIT ?",
        (header.device_id, header.package_seq, MOST_NUMBERS),
    )
    known = {row["package_seq"] for row in rows}
    first = max(1, header.package_seq - MOST_NUMBERS)
    return tuple(n for n in range(first, header.package_seq) if n not in known)


def heard_until(reader: Connection) -> str:
    """Return when, by its own clock, the platform last said something that came here; UTC text, or empty."""
    read: str = reader.value("SELECT COALESCE(MAX(created_at), '') FROM package WHERE way = 'down'")
    now = link(reader)
    if now.last_contact_at is None:
        return read
    offset = timedelta(milliseconds=now.clock_offset_ms)
    return max(read, to_text(from_text(now.last_contact_at) + offset))


def note_out(
    desk: Desk, header: Header, sha256: str, batch_ids: Sequence[str], said: Mapping[str, Any]
) -> None:
    """Note a package that is about to leave: from now on nobody knows whether its batches arrived."""
    with desk.db.transaction() as tx:
        _insert(desk, tx, header, sha256, said)
        ids, at = as_json(list(batch_ids)), desk.now()
        tx.execute(
            "UPDATE batch SET first_sent_at = COALESCE(first_sent_at, ?1), last_sent_at = ?1"
            " WHERE state = 'open' AND batch_id IN (SELECT value FROM json_each(?2))",
            (at, ids),
        )
        tx.execute(
            "UPDATE outbox SET state = 'unknown', last_problem = ? WHERE state IN ('sent','unknown')"
            " AND batch_id IN (SELECT value FROM json_each(?))",
            (as_json({"code": BY_COURIER}), ids),
        )
        desk.tell(tx, "package_made", header.package_id, sha256=sha256, **said)


def note_written(desk: Desk, package_id: str, files: Sequence[str]) -> None:
    """Note under which names a package lies whole on a stick."""
    with desk.db.transaction() as tx:
        tx.execute(
            "UPDATE package SET said = json_set(said, '$.files', json(?)) WHERE package_id = ?",
            (as_json(list(files)), package_id),
        )


def is_answered(reader: Connection, package_id: str) -> bool:
    """Say whether a package of the platform that answers one of ours was read here."""
    found = reader.value(
        "SELECT 1 FROM package WHERE way = 'down' AND json_extract(said, '$.ack_of') = ? LIMIT 1",
        (package_id,),
    )
    return found is not None


def note_in(desk: Desk, header: Header, sha256: str, said: Mapping[str, Any]) -> None:
    """Note a package of the platform whose content is applied; a second time is written to the audit only."""
    with desk.db.transaction() as tx:
        if number_of(tx, header.package_id) is None:
            _insert(desk, tx, header, sha256, said)
        desk.tell(tx, "package_taken_in", header.package_id, sha256=sha256, **said)


def _insert(desk: Desk, tx: Connection, header: Header, sha256: str, said: Mapping[str, Any]) -> None:
    tx.execute(
        "INSERT INTO package VALUES (?,?,?,?,?,?,?,?,?)",
        (
            header.package_id, header.way, header.device_id, header.package_seq, sha256, header.created_at,
            desk.device.epoch, desk.now(), as_json(dict(said)),
        ),
    )  # fmt: skip


def whole_batch(reader: Connection, batch_id: str) -> tuple[FrozenBatch, bool]:
    """Return a batch with all versions that its bytes hold, and whether it is still open.

    An answer that comes late may be about a batch that was given up since, whose versions lie in others.

    Raises:
        NotAllowed: ``batch_unknown``.
    """
    row = reader.execute(
        "SELECT y.body, b.body_sha256, b.state FROM batch b JOIN batch_body y ON y.batch_id = b.batch_id"
        " WHERE b.batch_id = ?",
        (batch_id,),
    ).fetchone()
    if row is None:
        raise NotAllowed("batch_unknown")
    ids = [one["version_id"] for one in json.loads(row["body"])["items"]]
    versions = reader.execute(
        "SELECT version_id, content_sha256 FROM version WHERE version_id IN (SELECT value FROM json_each(?))",
        (as_json(ids),),
    )
    digests = {one["version_id"]: one["content_sha256"] for one in versions}
    return FrozenBatch(batch_id, row["body"], row["body_sha256"], digests), row["state"] == "open"


def is_confirmed(reader: Connection, what: str, name: str) -> bool:
    """Say whether the platform has an approval or an attachment already, whatever an older package says."""
    return reader.value(_CONFIRMED[what], (name,)) is not None


_CONFIRMED: Final[Mapping[str, str]] = {
    "approval": "SELECT confirmed_at FROM approval WHERE approval_id = ?",
    "attachment": "SELECT confirmed_at FROM attachment WHERE sha256 = ?",
}
