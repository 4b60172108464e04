"""The second copy of unsent work: every approved version lies in `outbox.log`, too, beside the database.

An approval is called saved only once it is in both. The copy goes first: what cannot be written there is
not approved. When the desk is opened, what stands there and not in the database, because the power failed
in between or because a copy of the database was put back, is read back into the outbox under its own ids;
what the platform has already, it answers as the first time. What is settled is left out of it again.

It tells nothing of drafts, and of nothing that the platform has spoken its last word about.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from client.errors import NotAllowed
from client.store import attachments
from client.store.approvals import put_frozen
from client.store.connection import Connection
from client.store.desk import Desk, FoundAgain
from client.store.draft_rows import CHUNK, as_json, payload_of, write_shown
from client.store.files import file_error
from client.store.link import SYSTEM
from client.store.sealed_log import SealedLog, Subkey
from forms.catalog.nested import files_in
from forms.seal.canonical import digest

NAME: Final = "outbox.log"

_LEVEL: Final = 1


@dataclass(slots=True)
class _Group:
    """What one approval put into the outbox, as the log has it."""

    approval_id: str
    versions: list[tuple[int, bytes]] = field(default_factory=list)
    end: Mapping[str, Any] | None = None

    def is_whole(self) -> bool:
        """Whether all of it came: only then was it called saved."""
        return self.end is not None and self.end["versions"] == len(self.versions)

    def ids(self) -> Iterator[str]:
        """Its versions."""
        return (str(payload_of(content)["version_id"]) for _, content in self.versions)


@dataclass(frozen=True, slots=True)
class Proved:
    """How the copy stands, read to its end.

    Attributes:
        versions: that it holds, each proved by its seal.
        lacking: that wait in the database and do not stand in it.
        damaged: something in it is not what was written.
    """

    versions: int
    lacking: int
    damaged: bool


def prove(desk: Desk) -> Proved:
    """Read the copy to its end and hold it against what waits; changes nothing, so beside a window, too.

    Raises:
        StoreError: it cannot be read.
    """
    before = _waiting(desk.db.reader())  # first: what is approved goes into the copy before the database
    _, contents = SealedLog.read(desk.profile / NAME, lambda salt: desk.data_key.subkey("outbox-log", salt))
    groups, unread = _groups(contents.frames)
    held = {version_id for group in groups if group.is_whole() for version_id in group.ids()}
    lacking = (before - held) & _waiting(desk.db.reader())
    return Proved(len(held), len(lacking), contents.damaged or unread)


class SecondCopy:
    """The copy, ready to grow. Used only within transactions of the desk, which keep its acts in order."""

    def __init__(self, desk: Desk) -> None:
        """Open the copy of a desk, and read back what its database does not have: `found`.

        A copy that is damaged is kept aside, and written anew.

        Raises:
            StoreError: the disk is full, read-only, or fails.
        """
        self._path, key = desk.profile / NAME, desk.data_key
        self._subkey: Subkey = lambda salt: key.subkey("outbox-log", salt)
        log, contents = SealedLog.read(self._path, self._subkey)
        groups, unread = _groups(contents.frames)
        damaged = contents.damaged or unread
        whole = [group for group in groups if group.is_whole()]
        with desk.db.transaction() as tx:
            found = _read_back(desk, tx, whole, damaged=damaged)
            if damaged:
                _set_aside(self._path, desk)
            self.found = found if damaged or found.versions else None
            if self.found is not None:
                desk.tell_as(tx, SYSTEM, "unsent_read_back", desk.profile_id, asdict(found))
            self._versions = {version_id for group in whole for version_id in group.ids()}
            if log is not None and len(whole) == len(groups) and self._versions == _waiting(tx):
                self._log = log
            else:
                self._renew(tx)

    def put(self, desk: Desk, tx: Connection, approval_ids: Iterable[str]) -> None:
        """Write what was approved in this transaction, and return when it is on the disk.

        Where the transaction comes to nothing, so does this.

        Raises:
            StoreError: the disk is full, read-only, or fails.
        """
        mark, versions, added = self._log.mark(), self._versions, set[str]()

        def take_back() -> None:
            self._log.cut_back(mark)
            self._versions = versions

        desk.db.on_undo(take_back)
        self._log.append([frame for one in approval_ids for frame in _frames(tx, one, added)])
        self._versions = versions | added

    def trim(self, desk: Desk) -> None:
        """Leave out what is settled, once that is half of it; what was recalled at once.

        Raises:
            StoreError: the disk is full, read-only, or fails; the copy is as it was.
        """
        if not self._versions:
            return
        with desk.db.transaction() as tx:
            settled = _settled(tx, self._versions)
            if settled and (2 * len(settled) >= len(self._versions) or "recalled" in settled.values()):
                self._renew(tx)

    def _renew(self, tx: Connection) -> None:
        """Write it anew from what waits in the database."""
        added = set[str]()
        frames = [frame for one in _approvals(tx) for frame in _frames(tx, one, added)]
        self._log, self._versions = SealedLog.begin(self._path, self._subkey, frames), added


# --- what the log says ----------------------------------------------------------------------------


def _frames(tx: Connection, approval_id: str, added: set[str]) -> Iterator[bytes]:
    """Return the frames of what one approval put into the outbox and what is not settled; its end last."""
    after, count = -1, 0
    while True:
        page = tx.execute(
            "SELECT v.place, v.version_id, v.content"
            " FROM version v JOIN outbox o ON o.version_id = v.version_id"
            " WHERE v.approval_id = ? AND v.place > ?"
            " AND o.state IN ('queued','sent','unknown','held','blocked') ORDER BY v.place LIMIT ?",
            (approval_id, after, CHUNK),
        ).fetchall()
        if not page:
            break
        lines = [b"%d %s" % (row["place"], row["content"]) for row in page]
        yield zlib.compress(b"\n".join([b"V " + approval_id.encode("ascii"), *lines]), _LEVEL)
        added.update(row["version_id"] for row in page)
        after, count = page[-1]["place"], count + len(page)
    row = tx.execute(
        "SELECT body, maker, checker, approved_at FROM approval WHERE approval_id = ?", (approval_id,)
    ).fetchone()
    if count and row is not None:
        said = {
            "versions": count, "body": bytes(row["body"]).decode("utf-8"), "maker": row["maker"],
            "checker": row["checker"], "approved_at": row["approved_at"],
        }  # fmt: skip
        yield zlib.compress(
            b"A " + approval_id.encode("ascii") + b"\n" + as_json(said).encode("utf-8"), _LEVEL
        )


def _groups(frames: Iterable[bytes]) -> tuple[list[_Group], bool]:
    """Put frames together by approval; also say whether one could not be understood."""
    groups: dict[str, _Group] = {}
    unread = False
    for frame in frames:
        try:
            head, *lines = zlib.decompress(frame).split(b"\n")
            kind, approval_id = head.decode("ascii").split(" ")
            group = groups.setdefault(approval_id, _Group(approval_id))
            if kind == "A":
                group.end = json.loads(lines[0])
            else:
                for line in lines:
                    place, _, content = line.partition(b" ")
                    group.versions.append((int(place), content))
        except (zlib.error, ValueError, IndexError):
            unread = True
    return list(groups.values()), unread


def _approvals(tx: Connection) -> list[str]:
    rows = tx.execute(
        "SELECT v.approval_id, MIN(v.n) AS n FROM outbox o JOIN version v ON v.version_id = o.version_id"
        " WHERE o.state IN ('queued','sent','unknown','held','blocked') GROUP BY v.approval_id ORDER BY n"
    )
    return [row["approval_id"] for row in rows]


def _waiting(tx: Connection) -> set[str]:
    rows = tx.execute(
        "SELECT version_id FROM outbox WHERE state IN ('queued','sent','unknown','held','blocked')"
    )
    return {row["version_id"] for row in rows}


def _settled(tx: Connection, versions: Iterable[str]) -> dict[str, str]:
    rows = tx.execute(
        "SELECT o.version_id, o.state FROM json_each(?) j CROSS JOIN outbox o ON o.version_id = j.value"
        " WHERE o.state IN ('done','recalled')",
        (as_json(sorted(versions)),),
    )
    return {row["version_id"]: row["state"] for row in rows}


# --- reading back ---------------------------------------------------------------------------------


def _read_back(desk: Desk, tx: Connection, groups: Iterable[_Group], *, damaged: bool) -> FoundAgain:
    """Put what the database lacks into the outbox, under its own ids. A second time is nothing."""
    versions = approvals = 0
    for group in groups:
        rows = _lacking(tx, group)
        if not rows:
            continue
        rows.sort(key=lambda row: str(row["version_id"]))  # in the order of their making, as at approval
        assert group.end is not None
        end = group.end
        new = tx.execute(
            "INSERT OR IGNORE INTO approval VALUES (?,?,?,?,?,NULL)",
            (
                group.approval_id, end["body"].encode("utf-8"), end["maker"], end["checker"],
                end["approved_at"],
            ),
        )  # fmt: skip
        n = int(tx.value("SELECT COALESCE(MAX(n), 0) FROM version")) + 1
        for start in range(0, len(rows), CHUNK):
            page = rows[start : start + CHUNK]
            for row in page:
                _know_record(desk, tx, row, end["approved_at"])
            put_frozen(tx, group.approval_id, end["maker"], page, n + start, end["approved_at"])
        tx.execute(
            "UPDATE review SET state = 'approved' WHERE approval_id = ? AND state = 'waiting'"
            " AND NOT EXISTS (SELECT 1 FROM review_entry e"
            "  WHERE e.approval_id = review.approval_id AND e.state = 'waiting')",
            (group.approval_id,),
        )
        versions, approvals = versions + len(rows), approvals + new.rowcount
    return FoundAgain(versions, approvals, damaged)


def _lacking(tx: Connection, group: _Group) -> list[Mapping[str, Any]]:
    """Return the versions of a group that the database does not have, and that nobody took back since."""
    rows = []
    for place, content in group.versions:
        said = payload_of(content)
        rows.append({
            "place": place, "version_id": said["version_id"], "record_id": said["record_id"],
            "content": content, "content_sha256": digest(content),
        })  # fmt: skip
    ids = as_json([row["version_id"] for row in rows])
    known = tx.execute(
        "SELECT version_id FROM version WHERE version_id IN (SELECT value FROM json_each(?))"
        " UNION SELECT version_id FROM review_entry WHERE state IN ('returned','taken_back')"
        " AND version_id IN (SELECT value FROM json_each(?))",
        (ids, ids),
    )
    there = {row["version_id"] for row in known}
    return [row for row in rows if row["version_id"] not in there]


def _know_record(desk: Desk, tx: Connection, row: Mapping[str, Any], at: str) -> None:
    """Let lists show a record that was made after the copy of the database, and its files be found."""
    said = payload_of(row["content"])
    if said["op"] == "decide":
        return
    code = said["catalog"].partition("@")[0]
    tx.execute(
        "INSERT OR IGNORE INTO record (record_id, item, created_at, changed_at) VALUES (?,?,?,?)",
        (row["record_id"], code, at, at),
    )
    try:
        item = desk.catalogs.item(said["catalog"])
    except NotAllowed:  # a set that this program does not have any more: the record is sent all the same
        files = list(said["evidence"])
    else:
        if said["op"] != "withdraw":
            write_shown(tx, row["record_id"], item, said["payload"], at)
        files = [*said["evidence"], *files_in(item, said["payload"])]
    for one in files:
        attachments.know_again(desk, tx, one)


def _set_aside(path: Path, desk: Desk) -> None:
    """Keep a damaged copy for who may read more out of it."""
    try:
        if path.exists():
            path.replace(path.with_name(f"{NAME}.damaged-{desk.clock():%Y%m%dT%H%M%S}"))
    except OSError as error:
        raise file_error(error) from error
