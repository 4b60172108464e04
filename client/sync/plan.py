"""What to do after each kind of failure, when to try again, and what goes into the next batch.

Pure: tables and arithmetic, without clock, random, network or database. A random number comes in
as `roll`, from 0 up to 1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from operator import attrgetter
from typing import Final, Literal

from client.core.batches import Due

BASE_S: Final = 2.0
CAP_S: Final = 900.0
"""No wait is longer, whatever happened; one that is further off comes from a clock that was changed."""

PATIENT_S: Final = 60.0
"""A cycle waits this long for a busy platform; what must wait longer is left to the next cycle."""

ASKED_TO_SPREAD: Final = "asked_to_spread"
"""Code of a cycle that was put off because the platform, back after an outage, asked for it."""

MOST_LINK_FAILURES: Final = 3
MOST_BUSY_ANSWERS: Final = 5
MOST_FAULTS: Final = 6
"""Faults of the platform in a row, over all batches, after which it is ill and not a record poisoned."""

TRIES_OF_A_MALFORMED: Final = 2
TRIES_OF_A_FAULT: Final = 3


@dataclass(frozen=True, slots=True)
class Failure:
    """Why something that was asked of the platform did not come about.

    Attributes:
        kind: ``link``: no answer that can be believed. ``refused``: our platform said no.
            ``local``: this desk cannot ask (no sign-in, an attachment that is gone).
        code: of the error; the key into the tables below.
        status: HTTP status of a refusal, else 0.
        retry_after_s: what the platform asked for, or None.
        epoch: the platform's present epoch, where it said so.
    """

    kind: Literal["link", "refused", "local"]
    code: str
    status: int = 0
    retry_after_s: float | None = None
    epoch: str | None = None


class Verdict(StrEnum):
    """What follows from a failure."""

    AGAIN = "again"  # unknown: keep the bytes, back off, ask
    GIVE_UP = "give_up"  # nothing changes within this cycle
    SIGN_IN = "sign_in"  # a person must sign in; the queue stays
    STOP = "stop"  # a right is gone, or something that must never happen
    BUSY = "busy"  # wait as long as the platform says
    FAULT = "fault"  # may be the platform, may be one poisoned record
    HALVE = "halve"  # too large
    SEND = "send"  # never seen: the same bytes once more
    NEW_EPOCH = "new_epoch"  # the platform was restored
    WORKING = "working"  # it has the batch and is not done with it: ask in a while
    RENEW = "renew"  # another copy of this desk is about: a new id for this one


LINK: Final[Mapping[str, Verdict]] = {
    "no_connection": Verdict.AGAIN,
    "timeout": Verdict.AGAIN,
    "truncated": Verdict.AGAIN,
    "not_ours": Verdict.AGAIN,
    "name_not_found": Verdict.GIVE_UP,
    "tls_failed": Verdict.GIVE_UP,
    "certificate_expired": Verdict.GIVE_UP,
    "portal": Verdict.GIVE_UP,
    "redirected": Verdict.GIVE_UP,
    "certificate_not_yet": Verdict.GIVE_UP,
    "certificate_unknown": Verdict.GIVE_UP,
    "certificate_other_host": Verdict.GIVE_UP,
    "proxy_failed": Verdict.GIVE_UP,
    "proxy_unreachable": Verdict.GIVE_UP,
    "proxy_name_not_found": Verdict.GIVE_UP,
    "proxy_password_needed": Verdict.GIVE_UP,
    "proxy_password_wrong": Verdict.GIVE_UP,
    "proxy_ntlm": Verdict.GIVE_UP,
    "proxy_login_unknown": Verdict.GIVE_UP,
    "proxy_refused": Verdict.GIVE_UP,
    "proxy_address_wrong": Verdict.GIVE_UP,
    "proxy_script": Verdict.GIVE_UP,
    "proxy_script_missing": Verdict.GIVE_UP,
    "proxy_script_faulty": Verdict.GIVE_UP,
    "proxy_socks": Verdict.GIVE_UP,
    "answer_too_large": Verdict.GIVE_UP,
    "feed_gap": Verdict.GIVE_UP,
    "receipt_conflict": Verdict.GIVE_UP,
    "address_wrong": Verdict.GIVE_UP,
    "tls_needed": Verdict.GIVE_UP,
    "ca_file_missing": Verdict.GIVE_UP,
    "ca_file_unreadable": Verdict.GIVE_UP,
}
"""Codes of LinkError; `transport` and `wire` raise no other."""

REFUSED: Final[Mapping[str, Verdict]] = {
    "batch_unknown": Verdict.SEND,
    "epoch_changed": Verdict.NEW_EPOCH,
    "batch_too_large": Verdict.HALVE,
    "rate_limited": Verdict.BUSY,
    "maintenance": Verdict.BUSY,
    "malformed": Verdict.FAULT,
    "internal": Verdict.FAULT,
    "batch_digest_mismatch": Verdict.FAULT,
    "token_expired": Verdict.SIGN_IN,
    "sign_in_refused": Verdict.SIGN_IN,
    "not_authorised": Verdict.STOP,
    "device_revoked": Verdict.STOP,
    "device_forked": Verdict.RENEW,
    "in_progress": Verdict.WORKING,
    ASKED_TO_SPREAD: Verdict.BUSY,
    "key_reused": Verdict.STOP,
    "protocol_too_old": Verdict.STOP,
    "unsupported_media": Verdict.STOP,
    "not_found": Verdict.STOP,
    "method_not_allowed": Verdict.STOP,
}
"""Codes of PlatformRefusal that mean the same wherever they are met."""

STATUS: Final[Mapping[int, Verdict]] = {
    400: Verdict.FAULT,
    401: Verdict.SIGN_IN,
    403: Verdict.STOP,
    413: Verdict.HALVE,
    426: Verdict.STOP,
    429: Verdict.BUSY,
    503: Verdict.BUSY,
}
"""For refusals with a code that we do not know."""


def judge(failure: Failure) -> Verdict:
    """Say what follows from a failure, by its code, else by its status."""
    if failure.kind == "local":
        return Verdict.SIGN_IN if failure.code == "sign_in_needed" else Verdict.STOP
    if failure.kind == "link":
        return LINK[failure.code]
    known = REFUSED.get(failure.code) or STATUS.get(failure.status)
    if known is not None:
        return known
    return Verdict.FAULT if failure.status >= 500 else Verdict.STOP


def backoff_s(failures: int, roll: float) -> float:
    """Return the seconds to wait after `failures` in a row: full jitter, doubling, capped."""
    return roll * min(CAP_S, BASE_S * 2.0 ** min(failures, 16))


def return_s(tries: int, roll: float) -> float:
    """Return the seconds until a version that was held, or left out, is sent again.

    Never at once: a cycle would send it over and over.
    """
    return BASE_S + backoff_s(tries, roll)


def wait_s(failure: Failure, failures: int, roll: float) -> float:
    """Return the seconds to wait; what the platform asked for wins.

    A fifth at most is added to the platform's wish, so that desks do not come back together. Nothing
    is taken off: who comes early is refused again.
    """
    if failure.retry_after_s is not None:
        return min(max(failure.retry_after_s, 0.0), CAP_S) * (1.0 + 0.2 * roll)
    return backoff_s(failures, roll)


def is_due(next_try_at: datetime | None, now: datetime) -> bool:
    """Say whether a wait is over. One further off than any we set comes from a changed clock: it is over."""
    return next_try_at is None or not now < next_try_at <= now + timedelta(seconds=2 * CAP_S)


class Move(StrEnum):
    """What becomes of a batch that the platform failed on."""

    RETRY = "retry"
    SPLIT = "split"
    BLOCK = "block"
    LATER = "later"


def after_fault(
    verdict: Verdict, code: str, *, tries: int, faults: int, items: int, others_pass: bool
) -> Move:
    """Decide over a batch that the platform refused whole.

    Args:
        verdict: FAULT or HALVE.
        code: of the refusal.
        tries: how often these bytes were sent; a half of a split batch starts one below its last try.
        faults: how often the platform failed over these versions. What was lost on the line is not
            counted: one version alone is never blamed for that.
        items: versions in the batch.
        others_pass: another batch was answered since; without that it may be the platform that is ill,
            and nothing is blocked.
    """
    if verdict is Verdict.HALVE:
        return Move.SPLIT if items > 1 else Move.BLOCK
    if items > 1:
        return Move.RETRY if tries < patience(code) else Move.SPLIT
    # One version alone gets one try more: it is blamed for good, until a person looks.
    if faults <= patience(code):
        return Move.RETRY
    return Move.BLOCK if others_pass else Move.LATER


def patience(code: str) -> int:
    """Tries of the same bytes before a batch is split."""
    return TRIES_OF_A_MALFORMED if code == "malformed" else TRIES_OF_A_FAULT


def after_drop(*, tries: int, items: int) -> Move:
    """Decide over a batch that got no answer and that the platform says it never saw.

    Smaller batches come through a bad line sooner, and a record on which a platform's worker dies is
    found the same way. One record alone is never blocked for it: that may still be the line.
    """
    return Move.SPLIT if tries >= TRIES_OF_A_FAULT and items > 1 else Move.RETRY


def next_batch(
    due: Sequence[Due], *, most_items: int, most_bytes: int, busy: frozenset[str] = frozenset()
) -> list[Due]:
    """Choose what goes into the next batch: lane by lane, oldest first.

    Decisions and withdrawals travel alone: the platform has a lane of its own for them, which no bulk
    can hold up.

    Args:
        due: versions that may be sent, in any order.
        most_items: 1 or more.
        most_bytes: of all versions together; one that alone is larger still goes, by itself, so that
            the platform says so and it does not wait unseen.
        busy: records with a version in a batch that is not settled; they wait.

    Returns:
        At most one version a record, the oldest; empty only when nothing may go.
    """
    chosen: list[Due] = []
    taken = set(busy)
    size = 0
    oldest = _oldest_of_each_record(due)
    for version in sorted(due, key=attrgetter("lane", "queued_n")):
        record_id, size_bytes = version.record_id, len(version.content)
        if record_id in taken or version.queued_n != oldest[record_id]:
            continue
        if chosen and (size + size_bytes > most_bytes or is_legal(chosen[0]) > is_legal(version)):
            break
        chosen.append(version)
        taken.add(record_id)
        size += size_bytes
        if len(chosen) == most_items or size > most_bytes:
            break
    return chosen


def is_legal(version: Due) -> bool:
    """Say whether it is a decision or a withdrawal: the law sets their deadlines, they travel first."""
    return version.lane == 0


def _oldest_of_each_record(due: Sequence[Due]) -> dict[str, int]:
    newest_first = sorted(due, key=attrgetter("queued_n"), reverse=True)
    return {version.record_id: version.queued_n for version in newest_first}


QUICK_PAGE_S: Final = 4.0
PAGE_ITEMS: Final = (100, 1_000)
MOST_SHORT_ITEMS: Final = 4_000
"""Of a page that tells receipts in short."""


def page_items(items: int, took_s: float) -> int:
    """Return how many items of the feed to ask for next, on a line that was never measured.

    Each page is one write. Beside batches a page waits its turn: then its time says nothing, see `items_in`.
    """
    least, most = PAGE_ITEMS
    return min(most, 2 * items) if took_s <= QUICK_PAGE_S else max(least, items // 2)


def items_in(size_bytes: float, item_bytes: int, *, in_short: bool) -> int:
    """Return how many items to ask for where so many bytes of them are a page that comes soon enough."""
    least, most = PAGE_ITEMS[0], MOST_SHORT_ITEMS if in_short else PAGE_ITEMS[1]
    return max(least, min(most, int(size_bytes / item_bytes)))
