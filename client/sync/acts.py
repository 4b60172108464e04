"""What the engine asks to be done: effects. What it is told happened stands in `events`.

Every step ends in exactly one *ask*, which is answered by exactly one event. Before it stand *notes*,
which write something down and are not answered, and *launches*, which send a batch on its way: what
became of it is told later, as the answer to `AwaitFlight`, in whatever order. Values only: no bytes of
a body, no connection.
"""

from __future__ import annotations

from dataclasses import dataclass

from client.core.answers import Answer, FeedPage, Limits
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


@dataclass(frozen=True, slots=True)
class RefusePost:
    """The platform does not take what was said of a case, or somebody must act first; it stays, with why."""

    post_id: str
    code: str


Note = MarkUnknown | RefuseApproval | RefuseAttachment | RefusePost

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
class RenewDevice:
    """Another copy of this desk is about: go on under a new id, with everything that is unsent."""


@dataclass(frozen=True, slots=True)
class AskMissing:
    """Which of the next page of accepted versions does the restored platform lack?

    Attributes:
        after: number of the last version that was asked about.
    """

    after: int


@dataclass(frozen=True, slots=True)
class QueueAgain:
    """Queue what the platform lacks, and note how far the asking has come, in one transaction.

    Attributes:
        up_to: None when everything was asked about.
    """

    version_ids: tuple[str, ...]
    up_to: int | None


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
class PutPost:
    """Send the frozen bytes of what was said of a case, in the name of who said it."""

    post_id: str


@dataclass(frozen=True, slots=True)
class CutBatch:
    """Freeze the next batch, in one transaction, before a byte of it is sent.

    Attributes:
        limits: of the platform.
        items: versions at most, for this line.
        packed_bytes: at most, for this line; one version alone may be larger.
        legal_only: only decisions and withdrawals, whose deadlines the law sets.
    """

    limits: Limits
    items: int
    packed_bytes: int
    legal_only: bool = False


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
    SayHello | AdoptEpoch | RenewDevice | AskMissing | QueueAgain | Survey | PutAttachment | PutApproval
    | PutPost | CutBatch | AwaitFlight | ApplyAnswer | SplitBatch | BlockBatch | PullFeed | ApplyPage
    | ListEvidence | FetchEvidence | Wait | Done
)  # fmt: skip
Effect = Note | Launch | Ask
