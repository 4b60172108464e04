"""Matched at once (关联): new records that meet their subject in the transaction of their batch.

Nothing else hangs on a new record that is of no list: it counts as stored (入库) then and there, and only to
hold it against what others reported is left to the pipeline. All others go step by step.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from regional_platform.feed import News
from regional_platform.pipeline.ledger import Judged
from regional_platform.pipeline.subjects import add_persons, names_of, unmatched_because
from regional_platform.platform import Platform


def met_at_once(
    platform: Platform, connection: Connection, judged: Sequence[Judged], now: datetime
) -> list[str]:
    """Return the versions that have met their subject, in the order of the batch.

    A person who is named for the first time is added to the library.
    """
    lists = platform.book.rules
    named = {
        each.incoming.version_id: each.incoming.subject
        for each in judged
        if each.is_new
        and each.incoming.subject
        and each.incoming.item
        and each.incoming.item.code not in lists
    }
    add_persons(connection, named.values(), now)
    library = names_of(connection, {one.code for one in named.values()})
    return [version_id for version_id, one in named.items() if unmatched_because(one, library) is None]


def news_of(unit: str, met: Sequence[str]) -> list[News]:
    """What the unit is told of versions that were matched and stored at once."""
    return [News(unit, "stage", stage=stage, versions=met) for stage in ("matched", "stored") if met]
