"""What a cycle tells: how far it is, what it did, and what an error means to the engine. Values only."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from client.errors import ClientError, LinkError, PlatformRefusal
from client.sync import acts
from client.sync.plan import Failure


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a cycle is.

    Attributes:
        phase: hello, attachments, approvals, sending, receiving, evidence or waiting.
        done: versions with a final receipt since the cycle began.
        total: versions that waited when it began; may grow.
        sent_bytes: of batches and attachments, as they travelled, since it began.
        total_bytes: the same and what is left; an estimate until everything is sent.
        seconds_left: until everything is sent; None when the line was never measured.
    """

    phase: str
    done: int
    total: int
    sent_bytes: int = 0
    total_bytes: int = 0
    seconds_left: float | None = None


Tell = Callable[[Progress], None]


@dataclass(frozen=True, slots=True)
class SyncOutcome:
    """What a cycle did.

    Attributes:
        accepted, with_warnings, rejected, held, unknown: versions, by what the platform said.
        events: items of the feed that were new.
        problem: why it ended early, or what was left for later; None when all is well.
        next_try_at: when to come back after a problem; None when a person must act first.
        stopped: a person stopped it.
        epoch_changed: the platform was restored from a backup.
        resent: versions that a restored platform had lost and that were queued again.
        renewed: another copy of this desk is about; this one has a new id.
        clock_jump_s: by how much this PC's clock was put forward since the last greeting, when by much.
    """

    accepted: int = 0
    with_warnings: int = 0
    rejected: int = 0
    held: int = 0
    unknown: int = 0
    events: int = 0
    problem: ClientError | None = None
    next_try_at: datetime | None = None
    stopped: bool = False
    epoch_changed: bool = False
    resent: int = 0
    renewed: bool = False
    clock_jump_s: int | None = None

    @property
    def sent(self) -> int:
        """Versions that the platform spoke about."""
        return self.accepted + self.rejected + self.held


def failure_of(error: ClientError) -> Failure:
    """Convert an error of the line, of the platform or of this desk into what the engine judges."""
    if isinstance(error, LinkError):
        return Failure("link", error.code)
    if isinstance(error, PlatformRefusal):
        wait = error.params.get("retry_after_s")
        epoch = error.params.get("epoch")
        return Failure(
            "refused",
            _code(error),
            int(error.params.get("status", 0)),
            float(wait) if wait is not None else None,
            str(epoch) if epoch is not None else None,
        )
    return Failure("local", error.code)


def _code(refusal: PlatformRefusal) -> str:
    """Whose signing key the platform lacks is worth a code of its own: that person has to sign in once."""
    if refusal.code == "signature_invalid" and refusal.params.get("reason") == "key_unknown":
        return f"{refusal.params.get('part', 'maker')}_key_unknown"
    return refusal.code


PHASES: Final[Mapping[type, str]] = {
    acts.SayHello: "hello",
    acts.AdoptEpoch: "hello",
    acts.RenewDevice: "hello",
    acts.AskMissing: "hello",
    acts.QueueAgain: "hello",
    acts.Survey: "hello",
    acts.PutAttachment: "attachments",
    acts.PutApproval: "approvals",
    acts.PutPost: "approvals",
    acts.CutBatch: "sending",
    acts.AwaitFlight: "sending",
    acts.ApplyAnswer: "sending",
    acts.SplitBatch: "sending",
    acts.BlockBatch: "sending",
    acts.PullFeed: "receiving",
    acts.ApplyPage: "receiving",
    acts.ListEvidence: "evidence",
    acts.FetchEvidence: "evidence",
    acts.Wait: "waiting",
}
"""What whoever waits is told that the cycle is at, by what was asked."""
