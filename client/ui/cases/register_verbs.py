"""What 登记办件 reads and does. Verbs take values and return values; they touch no widget."""

from __future__ import annotations

from client.core.case_openings import Opening, Repair, Snapshot
from client.core.records import RecordRow
from client.core.workflow import ACCEPTED
from client.errors import NotAllowed
from client.store import case_posts, records
from client.store.desk import Desk
from client.ui.cases import register_words as words
from client.ui.cases.clocks import repair_window
from forms.law.words import derivation

MOST_FOUND = 50


def find(desk: Desk, text: str) -> list[RecordRow]:
    """Return records of the own unit that the platform holds, the newest first."""
    return records.list_records(desk.db.reader(), state=sorted(ACCEPTED), text=text, limit=MOST_FOUND)


def held(desk: Desk, record_id: str) -> Snapshot:
    """Return a record as the platform holds it.

    Raises:
        NotAllowed: ``record_not_held``.
    """
    found = case_posts.held_here(desk, desk.db.reader(), record_id)
    if found is None:
        raise NotAllowed("record_not_held")
    return found


def register(desk: Desk, opening: Opening, *, twice: bool) -> str:
    """Take an application in; returns the id of the case. Raises as `case_posts.register`."""
    return case_posts.register(desk, opening, twice=twice)


def earliest(desk: Desk, repair: Repair) -> str:
    """Say from when a repair may be granted, and how that was found; empty while too little is known."""
    found = repair_window(desk, repair.as_dict())
    if found is None:
        return ""
    if found.ended:
        head = words.ENDED
    else:
        head = words.EARLIEST.format(day=found.from_on) if found.from_on else words.NOT_YET
    return "\n".join([head + words.UNCONFIRMED, *derivation(found.steps)])
