"""Two departments of two cities at the real platform; the second has reported penalties."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.client.sync.branch import Branch

HERE, THERE = "350200-01", "350600-01"


@dataclass
class Cities:
    """Attributes:
    here, there: the two desks; a reporter sits at each.
    ids: of what was reported there.
    """

    here: Branch
    there: Branch
    ids: list[str]

    def reported(self, place: int = 0) -> dict[str, Any]:
        """The values of what was reported there."""
        row = (
            self.there.desk.db.reader()
            .execute("SELECT content FROM version WHERE record_id = ?", (self.ids[place],))
            .fetchone()
        )
        values: dict[str, Any] = json.loads(row["content"])["payload"]
        return values


@contextmanager
def two_departments(platform: Any, folder: Path, count: int = 2) -> Iterator[Cities]:
    """Open both for business, and let the second report so many penalties."""
    desks = []
    for code in (HERE, THERE):
        one = Branch(folder / code, platform.url, platform.unit(code), platform.seed["subjects"])
        one.open_for_business("reporter", "reviewer", *(("handler",) if code == HERE else ()))
        desks.append(one)
    here, there = desks
    ids = there.approved(count)
    there.sync_until(lambda: set(there.states().values()) <= {"stored", "unmatched"})
    try:
        yield Cities(here, there, ids)
    finally:
        for one in desks:
            one.stand_up()
