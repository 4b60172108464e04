"""What lists and pages read: records by filter and page, one record in full, acts that wait. Never writes.

Paging is by key (`after` is the last row seen), so the hundredth page costs what the first does.
Records of an import that is still loading are not there yet.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from client.core.records import ActEntry, ActRow, RecordDetail, RecordRow, ReviewNote
from client.core.workflow import STATES
from client.errors import NotAllowed
from client.store.connection import Connection, Row
from client.store.draft_rows import as_json, read_draft
from client.store.versions import head, history

Order = Literal["changed", "import_row"]

MOST_ROWS: Final = 1_000
"""Most rows of one page."""


@dataclass(frozen=True, slots=True)
class Filter:
    """Which records; all of it must hold.

    Attributes:
        item: code of an item.
        states: one of these; empty for any but ``deleted``.
        text: part of a name, a code or a document number.
        import_id: came with this import.
    """

    item: str | None = None
    states: frozenset[str] = frozenset()
    text: str = ""
    import_id: str | None = None


# Which records can be in a state at all, from the table that makes it so. Without this a rare state
# would be looked for in every record; with it, in the few that an index names.
_CANDIDATES: Final[Mapping[str, str]] = {
    "deleted": "SELECT record_id FROM draft WHERE deleted_at IS NOT NULL",
    "in_review": "SELECT record_id FROM draft WHERE edit_state = 'in_review'",
    "returned": "SELECT record_id FROM draft WHERE returned = 1",
    "problems": "SELECT record_id FROM draft WHERE errors > 0",
}
