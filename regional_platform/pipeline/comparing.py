"""The last step: what has been stored is held against what other units and cities reported (同人不同信)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Connection, Row, exists, or_, select

from regional_platform import conflicts
from regional_platform.conflict_search import about, search
from regional_platform.feed import News
from regional_platform.platform import Platform
from regional_platform.store.among import among
from regional_platform.store.conflict_tables import conflict_record
from regional_platform.store.tables import record, version_key


def compare(platform: Platform, connection: Connection, versions: Sequence[str], now: datetime) -> list[News]:
    """Find, change and settle the conflicts of the records of versions; returns the news of them."""
    ids = connection.execute(
        select(conflict_record.c.conflict_id)
        .join(version_key, version_key.c.record_id == conflict_record.c.record_id)
        .where(among(version_key.c.version_id, versions))
    ).scalars()
    known = conflicts.read(connection, ids=set(ids))
    acts, subjects = about(known)
    rules = platform.contradictions
    of_subjects = {*rules.standing, *rules.permits, *platform.book.rules}
    for item, subject_code, act_key in _in_question(connection, versions, of_subjects):
        if act_key and item not in rules.standing:
            acts.add(act_key)
        if subject_code and item in of_subjects:
            subjects.add(subject_code)
    found = search(platform, connection, acts, subjects, now)
    before = {one.row["key"]: one for one in known}
    before |= {
        one.row["key"]: one
        for one in conflicts.read(connection, keys={one.key for one in found} - before.keys())
    }
    return conflicts.reconcile(connection, found, before.values(), now)


def _in_question(
    connection: Connection, versions: Sequence[str], of_subjects: Collection[str]
) -> Sequence[Row[str, str | None, str | None]]:
    """Item, subject and act of those records that something may contradict: hardly any of them all.

    Args:
        connection: open.
        versions: of the records.
        of_subjects: items whose records are held against others of the same subject.
    """
    others = record.alias("others")
    reported = exists().where(others.c.act_key == record.c.act_key, others.c.unit != record.c.unit)
    return connection.execute(
        select(record.c.item, record.c.subject_code, record.c.act_key)
        .join(version_key, version_key.c.record_id == record.c.record_id)
        .where(
            among(version_key.c.version_id, versions), or_(record.c.item.in_(sorted(of_subjects)), reported)
        )
    ).all()
