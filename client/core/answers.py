"""What the platform says, as values: its greeting, receipts (回执), answers to batches, pages of the feed.

Made by `client.sync.wire` after everything was verified; kept by `client.store`. No I/O.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from forms.seal.receipt import FINAL_OUTCOMES, Outcome, Stage


@dataclass(frozen=True, slots=True)
class Limits:
    """What the platform takes at most.

    Attributes:
        batch_items: versions in a batch.
        batch_bytes: of a batch as it travels, compressed.
        body_bytes: of a batch unpacked.
        batches_per_minute, batch_burst: batches of one device.
        attachment_bytes: of one attachment.
        approval_digests: versions under one approval.
    """

    batch_items: int = 500
    batch_bytes: int = 1_048_576
    body_bytes: int = 16_777_216
    batches_per_minute: int = 120
    batch_burst: int = 240
    attachment_bytes: int = 52_428_800
    approval_digests: int = 10_000


@dataclass(frozen=True, slots=True)
class Hello:
    """The platform's signed greeting.

    Attributes:
        epoch: another one after every restore of the platform from a backup.
        at: the platform's clock.
        protocol_min, protocol_max: what it speaks.
        catalog_set: name of the set in force.
        encodings: of batches that it unpacks.
        spread_s: all desks come back at once: begin after a random part of so many seconds.
        sunset_at: from when the version that this program speaks is not spoken any more; None for now.
        package_key: public key that packages for it are encrypted for; None from an older platform.
    """

    server_id: str
    server_key: str
    epoch: str
    at: datetime
    protocol_min: int
    protocol_max: int
    limits: Limits
    catalog_set: str
    encodings: tuple[str, ...]
    spread_s: int = 0
    sunset_at: datetime | None = None
    package_key: str | None = None


@dataclass(frozen=True, slots=True)
class Seal:
    """The platform's signature over the receipts of one message, verified; it proves each of them.

    Attributes:
        digests: of all receipts of the message in its order, 32 bytes each, one after the other.
    """

    digests: bytes = b""
    sig: str = ""


@dataclass(frozen=True, slots=True)
class Receipt:
    """One receipt of a message whose seal holds.

    Attributes:
        at: server time as it stands under the signature.
        problem: the RFC 9457 object of a rejected or held version, else None.
        raw: canonical bytes of the receipt, which the seal of its message covers; kept for ever.
    """

    version_id: str
    record_id: str
    content_sha256: str
    stage: Stage
    outcome: Outcome
    receipt_no: str
    at: str
    problem: Mapping[str, Any] | None
    raw: bytes

    @property
    def is_final(self) -> bool:
        """A version leaves the outbox on it."""
        return self.stage == "checked" and self.outcome in FINAL_OUTCOMES

    @property
    def problem_code(self) -> str | None:
        """`stale`, `field_invalid` …: the last part of the problem's type, or None without a problem."""
        if self.problem is None:
            return None
        kind = str(self.problem.get("type", ""))
        return kind.rpartition(":")[2].replace("-", "_") or "field_invalid"


@dataclass(frozen=True, slots=True)
class Answer:
    """The platform's word on one batch; what it left out is unknown.

    Attributes:
        epoch: in which it was said; empty where it did not come by the network.
    """

    batch_id: str
    receipts: tuple[Receipt, ...]
    seal: Seal = Seal()
    epoch: str = ""


@dataclass(frozen=True, slots=True)
class Upload:
    """An attachment that is on its way.

    Attributes:
        offset: bytes that the platform has.
    """

    upload_id: str
    offset: int


@dataclass(frozen=True, slots=True)
class Renewed:
    """The new id of this desk, and the session that goes on with it.

    Attributes:
        token: takes the place of the one that asked.
    """

    device_id: str
    token: str
    expires_at: str


@dataclass(frozen=True, slots=True)
class Applied:
    """What an answer changed: numbers of versions."""

    accepted: int = 0
    with_warnings: int = 0
    rejected: int = 0
    held: int = 0
    unknown: int = 0

    def __add__(self, other: Applied) -> Applied:
        return Applied(
            self.accepted + other.accepted,
            self.with_warnings + other.with_warnings,
            self.rejected + other.rejected,
            self.held + other.held,
            self.unknown + other.unknown,
        )


@dataclass(frozen=True, slots=True)
class FeedItem:
    """One thing that happened at the platform and concerns our unit.

    Attributes:
        seq: gapless within an epoch.
        type: ``stage``, ``case.opened`` …; one we do not know is kept.
        data: as it came; never changed.
        receipt: for ``stage``; else None.
    """

    seq: int
    type: str
    at: str
    data: Mapping[str, Any]
    receipt: Receipt | None = None


@dataclass(frozen=True, slots=True)
class FeedPage:
    """Consecutive items of the feed.

    Attributes:
        next: the number to go on after.
        head: the newest number at the platform.
        seal: over the receipts among the items.
    """

    epoch: str
    items: Sequence[FeedItem]
    next: int
    head: int
    seal: Seal = Seal()
