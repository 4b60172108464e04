"""What the engine asks to be done (effects), and what it is told happened (events).

Every step ends in exactly one *ask*, which is answered by exactly one event. Before it stand *notes*,
which write something down and are not answered, and *launches*, which send a batch on its way: what
became of it is told later, as the answer to `AwaitFlight`, in whatever order. Values only: no bytes of
a body, no connection.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from client.core.answers import Answer, Applied, FeedPage, Hello, Limits
from client.core.batches import OpenBatch, Pace
from client.sync.pace import Trip
from client.sync.plan import Failure

# notes


@dataclass(frozen=True, slots=True)
class MarkUnknown:
    """The batch may have arrived: nobody knows. Its versions are shown so."""

    batch_id: str
    code: str


@dataclass(frozen=True, slots=True)
class RefuseApproval:
    """The platform does not take an approval; what hangs on it is blocked and named."""

    approval_id: str
    code: str


@dataclass(frozen=True, slots=True)
class RefuseAttachment:
    """An attachment cannot be sent; what needs it is blocked and named."""

    sha256: str
    code: str


Note = MarkUnknown | RefuseApproval | RefuseAttachment

# launches


@dataclass(frozen=True, slots=True)
class PostBatch:
    """Send the frozen bytes of a batch."""

    batch_id: str


@dataclass(frozen=True, slots=True)
class AskBatch:
    """What became of a batch whose answer never arrived?"""

    batch_id: str


Launch = PostBatch | AskBatch

# asks


@dataclass(frozen=True, slots=True)
class SayHello:
    """Is it our platform, in which epoch, with what limits?"""


@dataclass(frozen=True, slots=True)
class AdoptEpoch:
    """The platform was restored: read its feed from the beginning, keep everything of ours."""

    epoch: str


@dataclass(frozen=True, slots=True)
class Survey:
    """What waits on this desk?"""


@dataclass(frozen=True, slots=True)
class PutAttachment:
    """Send the bytes of an attachment."""

    sha256: str


@dataclass(frozen=True, slots=True)
class PutApproval:
    """Send the frozen bytes of an approval."""

    approval_id: str


@dataclass(frozen=True, slots=True)
class CutBatch:
    """Freeze the next batch, in one transaction, before a byte of it is sent.

    Attributes:
        limits: of the platform.
        items: versions at most, for this line.
        packed_bytes: at most, for this line; one version alone may be larger.
    """

    limits: Limits
    items: int
    packed_bytes: int


@dataclass(frozen=True, slots=True)
class AwaitFlight:
    """Wait until one of the batches on the line has come down."""


@dataclass(frozen=True, slots=True)
class ApplyAnswer:
    """Take the receipts of an answer into the store, in one transaction."""

    answer: Answer


@dataclass(frozen=True, slots=True)
class SplitBatch:
    """Void a batch and freeze its versions in two new ones, in one transaction.

    Attributes:
        tries: with which the halves start.
    """

    batch_id: str
    tries: int


@dataclass(frozen=True, slots=True)
class BlockBatch:
    """Set the one version of a batch aside, with the reason; the rest flows on."""

    batch_id: str
    code: str


@dataclass(frozen=True, slots=True)
class PullFeed:
    """Ask for the page of the feed after a number."""

    epoch: str
    after: int
    wait_s: int


@dataclass(frozen=True, slots=True)
class ApplyPage:
    """Take a page and its cursor into the store, in one transaction."""

    page: FeedPage


@dataclass(frozen=True, slots=True)
class ListEvidence:
    """Which attachments of cases lie not yet on this desk?"""


@dataclass(frozen=True, slots=True)
class FetchEvidence:
    """Fetch an attachment of a case, so that the case can be read offline."""

    sha256: str


@dataclass(frozen=True, slots=True)
class Wait:
    """Let time pass."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Done:
    """The cycle is over.

    Attributes:
        failure: why it ended early, or None.
        retry_in_s: when to come back after a failure; None when a person must act first, or all is well.
    """

    failure: Failure | None = None
    retry_in_s: float | None = None
    stopped: bool = False


Ask = (
    SayHello | AdoptEpoch | Survey | PutAttachment | PutApproval | CutBatch | AwaitFlight | Done
    | ApplyAnswer | SplitBatch | BlockBatch | PullFeed | ApplyPage | ListEvidence | FetchEvidence | Wait
)  # fmt: skip
Effect = Note | Launch | Ask

# events


@dataclass(frozen=True, slots=True)
class Started:
    """Begin a cycle.

    Attributes:
        epoch: of the platform as this desk knows it.
        failures: cycles that failed in a row before this one.
        feed_wait_s: how long the platform may hold a question for news, when there are none.
        pace: what the line bore in cycles before.
    """

    epoch: str
    failures: int = 0
    feed_wait_s: int = 0
    pace: Pace = field(default_factory=Pace)


@dataclass(frozen=True, slots=True)
class Greeted:
    """It is our platform."""

    hello: Hello


@dataclass(frozen=True, slots=True)
class EpochAdopted:
    """The feed starts anew."""

    epoch: str


@dataclass(frozen=True, slots=True)
class Surveyed:
    """What waits, and where the feed stands."""

    cursor: int
    attachments: Sequence[str] = ()
    approvals: Sequence[str] = ()
    unsent: Sequence[OpenBatch] = ()  # cut, never sent
    unknown: Sequence[OpenBatch] = ()  # sent, not answered


@dataclass(frozen=True, slots=True)
class AttachmentPut:
    """The platform has the attachment."""


@dataclass(frozen=True, slots=True)
class ApprovalConfirmed:
    """The platform has the approval."""


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
    Started | Greeted | EpochAdopted | Surveyed | AttachmentPut | ApprovalConfirmed | BatchCut | Answered
    | AnswerApplied | BatchSplit | BatchBlocked | Pulled | PageApplied | EvidenceListed | EvidenceFetched
    | Waited | Failed | Stop
)  # fmt: skip
