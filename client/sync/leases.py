"""Leases (锁定): while somebody works on a case nobody else of the unit begins; the platform holds them.

Without a line there is none, and whoever asks is told so: the work goes on, and a decision that came second
is refused then, with both shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from client.core.times import from_text
from client.errors import LinkError, NotAllowed, PlatformRefusal
from client.store import link
from client.store.desk import Desk
from client.sync.api import Platform
from client.sync.wire import Pinned, Transport

RENEW_BEFORE: Final = timedelta(minutes=10)
"""So long before its end a lease is asked for anew."""


@dataclass(frozen=True, slots=True)
class Lease:
    """Whose a case is for now.

    Attributes:
        is_mine: nobody else of the unit begins it until then.
        name: who has it.
        until: UTC; None where there is no lease.
        code: why it is not mine: ``case_leased``: somebody else has it; ``lease_offline``: the platform
            could not be asked; None when it is.
    """

    is_mine: bool
    name: str
    until: datetime | None
    code: str | None = None

    def is_due(self, now: datetime) -> bool:
        """Say whether it is time to renew it."""
        return self.is_mine and self.until is not None and self.until - now <= RENEW_BEFORE


def take(desk: Desk, line: Transport, case_id: str) -> Lease:
    """Take a case in hand for half an hour, or keep it for another.

    Raises:
        PlatformRefusal: ``case_unknown``, ``not_authorised``, ``event_unfitting``: it has ended.
    """
    try:
        name, until = _platform(desk, line).take_lease(case_id)
    except LinkError:
        return Lease(False, "", None, "lease_offline")
    except NotAllowed as error:
        if error.code != "sign_in_needed":
            raise
        return Lease(False, "", None, "lease_offline")
    except PlatformRefusal as refusal:
        if refusal.code != "case_leased":
            raise
        ends = str(refusal.params.get("until", ""))
        who = str(refusal.params.get("name", ""))
        return Lease(False, who, from_text(ends) if ends else None, "case_leased")
    return Lease(True, name, until)


def release(desk: Desk, line: Transport, case_id: str) -> bool:
    """Let a case go; False when the platform could not be told: then it ends by itself.

    Raises:
        PlatformRefusal: ``case_unknown``, ``not_authorised``.
    """
    try:
        _platform(desk, line).release_lease(case_id)
    except LinkError:
        return False
    return True


def _platform(desk: Desk, line: Transport) -> Platform:
    pinned = Pinned(desk.device.server_id, desk.device.server_key)
    return Platform(line, pinned, lambda: link.token(desk.db.reader(), desk.operator.operator_id))
