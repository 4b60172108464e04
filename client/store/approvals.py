"""Approve (审核通过): the second signature; versions are frozen and go into the outbox."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from client.core.records import Approved
from client.errors import NotAllowed
from client.store.connection import Connection, Row
from client.store.desk import Desk
from client.store.draft_rows import as_json, chunks, payload_of
from client.store.review_rows import set_back, waiting_entries, write_notes
from forms.seal.approval import ordered, part_verifies, sign_as_checker
from forms.seal.canonical import canonical, digest

LANES: Final[Mapping[str, int]] = {"decide": 0, "withdraw": 0, "correct": 1, "create": 2}
"""Op → lane of the outbox; what has a legal clock goes first."""

NO_REASONS: Final[Mapping[str, str]] = {}

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class _Review:
    """One approval to be: the list that the maker signed."""

    approval_id: str
    maker: str
    maker_sig: str
    submitted_at: str
    case_id: str | None
    digests: tuple[str, ...]


def _nothing(_done: int) -> None:
    """Progress that nobody looks at."""


def approve(
    desk: Desk,
    act_id: str,
    *,
    left_out: Sequence[str] = (),
    reason: str = "",
    reasons: Mapping[str, str] = NO_REASONS,
    progress: Progress = _nothing,
) -> Approved:
    """Approve what waits of an act, all but `left_out`; that goes back to its maker.

    Args:
        desk: the open desk; its operator is a reviewer, and not the maker.
        act_id: of the act.
        left_out: record ids that are returned instead.
        reason: why they are returned.
        reasons: record id → why this one is, where that is another reason.
        progress: told now and then how many versions are frozen; raising inside it gives the act up.

    Returns:
        How many versions are in the outbox now, and under which approvals.

    Raises:
        NotAllowed: ``maker_is_checker``; ``act_unknown``; ``act_is_whole``: of a case's act nothing
            can be left out; ``signature_invalid``: it is not what the maker submitted.
        StoreError: the disk is full, or fails: also where only the second copy could not be written.
    """
    desk.require("approve")
    with desk.db.transaction() as tx:
        reviews = _reviews(tx, act_id)
        if any(review.maker == desk.operator.operator_id for review in reviews):
            raise NotAllowed("maker_is_checker")
        if left_out:
            if any(review.case_id is not None for review in reviews):
                raise NotAllowed("act_is_whole")
            _leave_out(desk, tx, reviews, left_out, reason, reasons)
        for review in reviews:
            _must_be_signed(desk, tx, review)
        done, approvals = 0, list[str]()
        for review in reviews:
            versions = _freeze_versions(desk, tx, review, done, progress)
            if versions:
                _put_approval(desk, tx, review)
                approvals.append(review.approval_id)
                done += versions
        desk.tell(tx, "approved", act_id, approvals=approvals, versions=done, left_out=len(left_out))
        if desk.second_copy is not None:
            desk.second_copy.put(desk, tx, approvals)
    return Approved(done, tuple(approvals))


def _reviews(tx: Connection, act_id: str) -> list[_Review]:
    rows = tx.execute(
        "SELECT * FROM review WHERE act_id = ? AND state = 'waiting' ORDER BY approval_id", (act_id,)
    ).fetchall()
    if not rows:
        raise NotAllowed("act_unknown")
    return [
        _Review(
            row["approval_id"], row["maker"], row["maker_sig"], row["submitted_at"], row["case_id"],
            tuple(_digests(tx, row["approval_id"])),
        )
        for row in rows
    ]  # fmt: skip


def _digests(tx: Connection, approval_id: str) -> Iterator[str]:
    for row in tx.execute(
        "SELECT content_sha256 FROM review_entry WHERE approval_id = ? ORDER BY place", (approval_id,)
    ):
        yield row["content_sha256"]


def _leave_out(
    desk: Desk, tx: Connection, reviews: Sequence[_Review], left_out: Sequence[str], reason: str,
    reasons: Mapping[str, str],
) -> None:  # fmt: skip
    waiting = waiting_entries(tx, left_out, "approve")
    ours = {review.approval_id for review in reviews}
    if any(row["approval_id"] not in ours for row in waiting):
        raise NotAllowed("not_in_this_state", act="approve", state="")
    at = desk.now()
    set_back(tx, waiting, "returned", at)
    for why in sorted({reasons.get(row["record_id"], reason) for row in waiting}):
        same = [row for row in waiting if reasons.get(row["record_id"], reason) == why]
        write_notes(tx, same, at, desk.operator.operator_id, why, None)


def _must_be_signed(desk: Desk, tx: Connection, review: _Review) -> None:
    """Hold the maker's signature against every key that the maker has had."""
    digests = list(review.digests)
    said = {
        "approval_id": review.approval_id, "unit": desk.device.unit_code, "digests": digests,
        "excluded": [], "maker": {"sig": review.maker_sig},
    }  # fmt: skip
    keys = tx.execute("SELECT public_key FROM operator_key WHERE operator_id = ?", (review.maker,)).fetchall()
    if digests != ordered(digests) or not any(part_verifies(row[0], "maker", said) for row in keys):
        raise NotAllowed("signature_invalid")


def _freeze_versions(desk: Desk, tx: Connection, review: _Review, done: int, progress: Progress) -> int:
    """Move what waits of one review into `version` and `outbox`; returns how many.

    In the order of their making, not of their digests: what is sent together then lies together, in every
    table and index of this desk, and of the platform.
    """
    places = [
        row["place"]
        for row in tx.execute(
            "SELECT place FROM review_entry WHERE approval_id = ? AND state = 'waiting' ORDER BY version_id",
            (review.approval_id,),
        )
    ]
    n = int(tx.value("SELECT COALESCE(MAX(n), 0) FROM version")) + 1
    at = desk.now()
    for piece in chunks(places):
        page = tx.execute(
            "SELECT place, record_id, version_id, content, content_sha256 FROM review_entry"
            " WHERE approval_id = ? AND place IN (SELECT value FROM json_each(?)) ORDER BY version_id",
            (review.approval_id, as_json(piece)),
        ).fetchall()
        put_frozen(tx, review.approval_id, review.maker, page, n, at)
        n, done = n + len(page), done + len(page)
        progress(done)
    return len(places)


def put_frozen(
    tx: Connection, approval_id: str, maker: str, page: Sequence[Row | Mapping[str, Any]], n: int, at: str
) -> None:
    """Put contents into `version` and `outbox`; drafts and entries of reviews that they were are done with.

    Args:
        tx: the open transaction.
        approval_id: that they hang on.
        maker: who submitted them.
        page: place, record_id, version_id, content, content_sha256 of each.
        n: number of the first.
        at: when they were approved.

    Raises:
        NotAllowed: ``signature_invalid``: a content is not what its digest says.
    """
    said = [_sound(row) for row in page]
    tx.executemany(
        "INSERT INTO version VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)",
        (
            (
                n + i, row["version_id"], row["record_id"], one["parent"], one["op"], one["catalog"],
                row["content"], row["content_sha256"], maker, at, approval_id, row["place"], one["case_id"],
            )
            for i, (row, one) in enumerate(zip(page, said, strict=True))
        ),
    )  # fmt: skip
    tx.executemany(
        "INSERT INTO outbox (version_id, lane, state, queued_n) VALUES (?,?,'queued',?)",
        (
            (row["version_id"], LANES[one["op"]], n + i)
            for i, (row, one) in enumerate(zip(page, said, strict=True))
        ),
    )
    ids = as_json([row["record_id"] for row in page])
    tx.execute("DELETE FROM draft WHERE record_id IN (SELECT value FROM json_each(?))", (ids,))
    tx.execute(
        "UPDATE case_decision SET state = 'approved' WHERE case_id IN (SELECT value FROM json_each(?))",
        (ids,),
    )
    tx.execute(
        "UPDATE review_entry SET state = 'approved', content = x''"
        " WHERE approval_id = ? AND state = 'waiting' AND place IN (SELECT value FROM json_each(?))",
        (approval_id, as_json([row["place"] for row in page])),
    )


def _sound(row: Row | Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a frozen content, after its digest was computed anew."""
    if digest(row["content"]) != row["content_sha256"]:
        raise NotAllowed("signature_invalid")
    said = payload_of(row["content"])
    if said["record_id"] != row["record_id"] or said["version_id"] != row["version_id"]:
        raise NotAllowed("signature_invalid")
    return said


def _put_approval(desk: Desk, tx: Connection, review: _Review) -> None:
    excluded = [
        row["place"]
        for row in tx.execute(
            "SELECT place FROM review_entry WHERE approval_id = ? AND state <> 'approved' ORDER BY place",
            (review.approval_id,),
        )
    ]
    at, digests = desk.now(), list(review.digests)
    signature = sign_as_checker(desk.key, review.approval_id, desk.device.unit_code, digests, excluded)
    body = canonical(
        {
            "approval_id": review.approval_id,
            "unit": desk.device.unit_code,
            "digests": digests,
            "excluded": excluded,
            "maker": {"operator": review.maker, "sig": review.maker_sig, "at": review.submitted_at},
            "checker": {"operator": desk.operator.operator_id, "sig": signature, "at": at},
        }
    )
    tx.execute(
        "INSERT INTO approval VALUES (?,?,?,?,?,NULL)",
        (review.approval_id, body, review.maker, desk.operator.operator_id, at),
    )
    tx.execute("UPDATE review SET state = 'approved' WHERE approval_id = ?", (review.approval_id,))
