"""Exchange packages (交换包, .mxp) as people see them: what was written on a stick, what was read. Values."""

from __future__ import annotations

from dataclasses import dataclass, field

from client.core.answers import Applied
from forms.seal.package import check_code


@dataclass(frozen=True, slots=True)
class Load:
    """What a package carries: numbers of approvals, attachments, batches, and of versions in them.

    Attributes:
        left_behind: attachments that did not fit; they come with the next package.
    """

    approvals: int = 0
    attachments: int = 0
    batches: int = 0
    versions: int = 0
    left_behind: int = 0


@dataclass(frozen=True, slots=True)
class Packed:
    """A package that lies on a stick.

    Attributes:
        package_seq: its number, of this desk.
        sha256: of all its bytes; parts are another cut of the same.
        created_at, expires_at: UTC text; afterwards the platform does not take it.
        files: names, in order; several when it was parted.
    """

    package_id: str
    package_seq: int
    sha256: str
    size_bytes: int
    created_at: str
    expires_at: str
    load: Load
    files: tuple[str, ...] = ()

    @property
    def code(self) -> str:
        """Twelve digits to compare by eye: on the slip, and as the platform shows them."""
        return check_code(self.sha256)


@dataclass(frozen=True, slots=True)
class Refused:
    """Something of ours that the platform did not take.

    Attributes:
        what: approval, attachment or batch.
        code: of the platform's refusal.
    """

    what: str
    name: str
    code: str


@dataclass(frozen=True, slots=True)
class TakenIn:
    """What a package of the platform brought.

    Attributes:
        ack_of: the package of ours that it answers; `ack_seq` is its number, None when it is not known here.
        again: it was read before; nothing happened twice.
        missing: numbers of packages of the platform that were never read here.
        applied: versions, by what the platform said.
        approvals, attachments: that the platform confirmed.
        events: news of the feed that were new.
        evidence: attachments of cases that came along.
        refused: what the platform did not take, each with its reason.
        epoch_changed: the platform was restored from a backup.
        resent: versions that a restored platform lacks; they are queued again.
        outdated: its news are of before something newer that was read here, and were passed over.
    """

    package_id: str
    package_seq: int
    ack_of: str
    ack_seq: int | None
    again: bool
    missing: tuple[int, ...]
    applied: Applied = field(default_factory=Applied)
    approvals: int = 0
    attachments: int = 0
    events: int = 0
    evidence: int = 0
    refused: tuple[Refused, ...] = ()
    epoch_changed: bool = False
    outdated: bool = False
    resent: int = 0
