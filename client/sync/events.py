"""What the engine is told happened: the answers to its asks (`acts`). Values only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from client.core.answers import Answer, Applied, FeedPage, Hello
from client.core.batches import OpenBatch, Pace
from client.sync.pace import Trip
from client.sync.plan import Failure


@dataclass(frozen=True, slots=True)
class Started:
    """Begin a cycle.

    Attributes:
        epoch: of the platform as this desk knows it.
        failures: cycles that failed in a row before this one.
        feed_wait_s: how long the platform may hold a question for news, when there are none.
        pace: what the line bore in cycles before.
        has_spread: the cycle before was put off because the platform asked for it.
    """

    epoch: str
    failures: int = 0
    feed_wait_s: int = 0
    pace: Pace = field(default_factory=Pace)
    has_spread: bool = False


@dataclass(frozen=True, slots=True)
class Greeted:
    """It is our platform.

    Attributes:
        roll: a random number from 0 up to 1, for the wait that the platform may ask for.
    """

    hello: Hello
    roll: float = 0.0


@dataclass(frozen=True, slots=True)
class EpochAdopted:
    """The feed starts anew."""

    epoch: str


@dataclass(frozen=True, slots=True)
class DeviceRenewed:
    """This desk has another id now; what was on its way is queued again."""


@dataclass(frozen=True, slots=True)
class MissingTold:
    """What the platform lacks of a page; `up_to` is None when there was nothing more to ask about."""

    version_ids: tuple[str, ...]
    up_to: int | None


@dataclass(frozen=True, slots=True)
class QueuedAgain:
    """It is queued, and noted."""


@dataclass(frozen=True, slots=True)
class Surveyed:
    """What waits, and where the feed stands.

    Attributes:
        legal: those attachments and approvals that decisions and withdrawals need.
        missing_after: up to which version a restored platform was asked what it lacks; None: it need not be.
    """

    cursor: int
    attachments: Sequence[str] = ()
    approvals: Sequence[str] = ()
    unsent: Sequence[OpenBatch] = ()  # cut, never sent
    unknown: Sequence[OpenBatch] = ()  # sent, not answered
    missing_after: int | None = None
    legal: frozenset[str] = frozenset()
    posts: Sequence[str] = ()  # said of cases, in this order


@dataclass(frozen=True, slots=True)
class AttachmentPut:
    """The platform has the attachment."""


@dataclass(frozen=True, slots=True)
class ApprovalConfirmed:
    """The platform has the approval; how many bytes that took on the line, and how long."""

    size_bytes: int = 0
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class PostPut:
    """The platform has it, or it was not its turn."""


@dataclass(frozen=True, slots=True)
class BatchCut:
    """The next batch, or None when nothing is due."""

    batch: OpenBatch | None


@dataclass(frozen=True, slots=True)
class Answered:
    """The platform answered a batch that was sent or asked about.

    Attributes:
        trip: of a batch that was sent.
    """

    answer: Answer
    trip: Trip | None = None


@dataclass(frozen=True, slots=True)
class AnswerApplied:
    """The answer is in the store."""

    applied: Applied


@dataclass(frozen=True, slots=True)
class BatchSplit:
    """The halves are frozen and ready to be sent."""

    halves: Sequence[OpenBatch]


@dataclass(frozen=True, slots=True)
class BatchBlocked:
    """The version is set aside."""


@dataclass(frozen=True, slots=True)
class Pulled:
    """A page of the feed came."""

    page: FeedPage


@dataclass(frozen=True, slots=True)
class PageApplied:
    """The page is in the store."""

    cursor: int
    events: int


@dataclass(frozen=True, slots=True)
class EvidenceListed:
    """What is to be fetched."""

    wanted: Sequence[str]


@dataclass(frozen=True, slots=True)
class EvidenceFetched:
    """The attachment lies on this desk."""


@dataclass(frozen=True, slots=True)
class Waited:
    """The time has passed."""


@dataclass(frozen=True, slots=True)
class Failed:
    """What was asked last did not come about, or a batch came down without an answer.

    Attributes:
        roll: a random number from 0 up to 1, for the wait.
        batch_id: of the batch that was on the line; None when it was the ask.
    """

    failure: Failure
    roll: float
    batch_id: str | None = None


@dataclass(frozen=True, slots=True)
class Stop:
    """A person pressed stop, or the program closes; told once, instead of what was asked."""


Event = (
    Started | Greeted | EpochAdopted | DeviceRenewed | MissingTold | QueuedAgain | Surveyed | AttachmentPut
    | ApprovalConfirmed | PostPut | BatchCut | Answered | AnswerApplied | BatchSplit | BatchBlocked | Pulled
    | PageApplied | EvidenceListed | EvidenceFetched | Waited | Failed | Stop
)  # fmt: skip
