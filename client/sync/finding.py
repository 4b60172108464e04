"""What the platform holds of a subject, for who takes a case in: records of any unit of the region.

Read only. What may not be shown to this unit is masked there; the case gets the whole record.
"""

from __future__ import annotations

from typing import Final

from client.core.case_openings import Found
from client.store import link
from client.store.desk import Desk
from client.sync.api import Platform
from client.sync.wire import Pinned, Transport

MOST_PAGES: Final = 20
"""Of 200 records; nobody chooses from more."""


def of_subject(desk: Desk, line: Transport, code: str, reason: str = "") -> list[Found]:
    """Ask for the records of a subject, newest first.

    Args:
        desk: the open desk.
        line: to the platform.
        code: the exact code; of a person the number of the identity document.
        reason: why; needed for a person, and the platform keeps it.

    Raises:
        LinkError: the platform could not be asked.
        PlatformRefusal: ``not_authorised``, ``reason_required``, ``no_such_subject``.
    """
    pinned = Pinned(desk.device.server_id, desk.device.server_key)
    platform = Platform(line, pinned, lambda: link.token(desk.db.reader(), desk.operator.operator_id))
    found: list[Found] = []
    after: str | None = None
    for _ in range(MOST_PAGES):
        shown, after = platform.subject_records(code, after, reason)
        found += shown
        if after is None:
            break
    return found
