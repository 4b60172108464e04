"""What is known of line and queue, and what is said of them: values. No Qt."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

LineTone = Literal["good", "warn", "bad", "info", "plain"]


@dataclass(frozen=True, slots=True)
class LineFacts:
    """What is known now; counts are versions in the outbox.

    Attributes:
        carried: of the unknown ones, those that went out on a stick.
        rejected: records that the platform gave back and nobody has mended yet.
        running: a cycle is under way.
        going: versions with a final receipt, and all that waited when it began; None before it is known.
        signed_in: the operator has a session that the platform has not refused.
        error: code of why the last cycle ended early, or None.
        down_since_at: since when the platform cannot be reached.
        next_try_at: when the program tries by itself; None after an error that a person must see to.
        paused_at: since when a person has stopped the sending; None while it goes on.
        sent_bytes, total_bytes, left_s: of the running cycle, as far as it is known.
        clock_ahead_s: how much the platform's clock was ahead of this PC's at the last greeting.
        sunset_at: from when the platform does not speak this program's protocol any more; None for now.
    """

    queued: int = 0
    sent: int = 0
    unknown: int = 0
    held: int = 0
    blocked: int = 0
    carried: int = 0
    rejected: int = 0
    running: bool = False
    going: tuple[int, int] | None = None
    signed_in: bool = False
    error: str | None = None
    last_contact_at: datetime | None = None
    down_since_at: datetime | None = None
    next_try_at: datetime | None = None
    paused_at: datetime | None = None
    now: datetime | None = None
    sent_bytes: int = 0
    total_bytes: int = 0
    left_s: float | None = None
    clock_ahead_s: int = 0
    sunset_at: datetime | None = None

    @property
    def waiting(self) -> int:
        """What has not left the outbox."""
        return self.queued + self.sent + self.unknown + self.held + self.blocked

    @property
    def unsure(self) -> int:
        """What was sent over the line, and nobody knows what came of it."""
        return self.unknown + self.sent - self.carried


@dataclass(frozen=True, slots=True)
class LineWords:
    """The short line of the top bar, the sentence of the page, and the tone of both."""

    short: str
    sentence: str
    tone: LineTone
