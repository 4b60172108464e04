"""What waits to be sent, and the batches (批次) that it is sent in. Values only."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Due:
    """A version that may be sent.

    Attributes:
        lane: 0 decision or withdrawal, 1 correction, 2 new record; lower goes first.
        queued_n: rises in the order of approval.
        content: its frozen bytes.
        place: in the list of its approval.
        batch_id: a batch that was given up and held it; the next one names that as void.
        content_sha256: digest of the content.
    """

    version_id: str
    record_id: str
    lane: int
    queued_n: int
    content: bytes
    approval_id: str
    place: int
    batch_id: str | None = None
    content_sha256: str = ""


@dataclass(frozen=True, slots=True)
class Envelope:
    """A batch but for its items.

    Attributes:
        prev_sha256: digest of the body cut before this one; chains them.
        void: batches that this one replaces.
        feed_ack: the feed is applied up to here.
        local: the desk's clock, as text with its zone.
        offset_ms: how much the platform's clock is ahead.
    """

    batch_id: str
    device_id: str
    device_seq: int
    prev_sha256: str | None
    void: Sequence[str]
    feed_ack: int
    local: str
    offset_ms: int


Encode = Callable[[Envelope, Sequence[Due]], bytes]
"""Makes the bytes of a batch."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How batches are sent on this line; learned from each of them and remembered between cycles.

    Attributes:
        items: versions in the next batch, at most.
        in_flight: batches on the line at once, at most.
        bytes_per_s: what the line carried; 0 when that was never measured.
        item_bytes: of one version, packed; 0 when that was never measured.
    """

    items: int = 20
    in_flight: int = 1
    bytes_per_s: float = 0.0
    item_bytes: float = 0.0


@dataclass(frozen=True, slots=True)
class OpenBatch:
    """A batch that was cut and not yet answered.

    Attributes:
        items: versions in it.
        tries: how often it was sent.
        was_sent: it was sent before this cycle; whether it arrived is not known.
        faults: how often the platform failed over it in this cycle, or over the batch it was split from.
        since: how many batches had been answered in this cycle at the first of these faults.
    """

    batch_id: str
    items: int
    tries: int
    was_sent: bool = False
    faults: int = 0
    since: int | None = None


@dataclass(frozen=True, slots=True)
class FrozenBatch:
    """The bytes of a batch, and what is in it.

    Attributes:
        versions: version_id → content digest.
    """

    batch_id: str
    body: bytes
    body_sha256: str
    versions: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class BatchRow:
    """One line of the list of batches.

    Attributes:
        state: open, answered or void.
        size_bytes: of the body, unpacked.
        problem: code of what stopped it last, or None.
        accepted, rejected, waiting: of its versions; `waiting` have no final receipt.
    """

    batch_id: str
    device_seq: int
    items: int
    size_bytes: int
    state: str
    cut_at: str
    last_sent_at: str | None
    tries: int
    problem: str | None
    accepted: int
    rejected: int
    waiting: int


@dataclass(frozen=True, slots=True)
class BatchTry:
    """One sending of a batch.

    Attributes:
        n: rises with each.
        ended_at: when it was known what came of it; None while nobody knows.
        code: ``answered``, or why not.
    """

    n: int
    at: str
    ended_at: str | None
    code: str | None


@dataclass(frozen=True, slots=True)
class WaitingRow:
    """One version that has not left the outbox, and why.

    Attributes:
        record_id: of the case when `op` is ``decide``.
        item: code of the item; empty for a decision.
        state: queued, sent, unknown, held or blocked.
        problem: the platform's problem, or ``{"code": …}``; None when nothing is wrong.
    """

    version_id: str
    record_id: str
    op: str
    item: str
    subject_name: str
    doc_no: str
    state: str
    tries: int
    next_try_at: str | None
    batch_id: str | None
    queued_n: int
    problem: Mapping[str, Any] | None
