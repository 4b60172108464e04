"""The last step: what has been stored is held against what other units and cities reported (同人不同信)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, select

from regional_platform import conflicts
from regional_platform.conflict_search import about, search
from regional_platform.feed import News
from regional_platform.platform import Platform
from regional_platform.store.among import among
from regional_platform.store.conflict_tables import conflict_record
from regional_platform.store.tables import record


def compare(platform: Platform, connection: Connection, records: Sequence[str], now: datetime) -> list[News]:
    """Find, change and settle the conflicts of records; returns the news of them."""
    rules, book = platform.contradictions, platform.book
    rows = connection.execute(
        select(record.c.item, record.c.subject_code, record.c.act_key).where(
            among(record.c.record_id, records)
        )
    ).all()
    ids = connection.execute(
        select(conflict_record.c.conflict_id).where(among(conflict_record.c.record_id, records))
    ).scalars()
    known = conflicts.read(connection, ids=set(ids))
    acts, subjects = about(known)
    acts |= {row.act_key for row in rows if row.act_key and row.item not in rules.standing}
    subjects |= {
        row.subject_code
        for row in rows
        if row.subject_code
        and (row.item in rules.standing or row.item in rules.permits or row.item in book.rules)
    }
    found = search(platform, connection, acts, subjects, now)
    before = {one.row["key"]: one for one in known}
    before |= {
        one.row["key"]: one
        for one in conflicts.read(connection, keys={one.key for one in found} - before.keys())
    }
    return conflicts.reconcile(connection, found, before.values(), now)
