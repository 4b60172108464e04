"""How queue and line stand, read from the store: the facts of `status`, for window and command line."""

from __future__ import annotations

from datetime import datetime

from client.core.times import from_text
from client.store import link, outbox, records
from client.store.desk import Desk
from client.ui.sync.facts import LineFacts
from client.ui.sync.status import NEEDS_SIGN_IN


def read_facts(desk: Desk) -> LineFacts:
    """Return how queue and line stand for the operator at work."""
    reader = desk.db.reader()
    counted, now = outbox.status(reader), link.link(reader)
    unsent = outbox.never_left(reader)
    has_token = link.token(reader, desk.operator.operator_id) is not None
    return LineFacts(
        queued=counted["queued"] + unsent,
        sent=counted["sent"] - unsent,
        unknown=counted["unknown"],
        held=counted["held"],
        blocked=counted["blocked"],
        carried=outbox.carried(reader),
        rejected=records.count(reader, state="rejected"),
        signed_in=has_token and now.last_error not in NEEDS_SIGN_IN,
        error=now.last_error,
        last_contact_at=_at(now.last_contact_at),
        down_since_at=_at(now.down_since_at),
        next_try_at=_at(now.next_try_at),
        paused_at=_at(now.paused_at),
        now=desk.clock(),
        clock_ahead_s=round(now.clock_offset_ms / 1000),
        sunset_at=_at(now.sunset_at),
    )


def _at(text: str | None) -> datetime | None:
    return from_text(text) if text else None
