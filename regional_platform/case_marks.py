"""The mark that a record is under dispute (异议标注): for every reader, from the acceptance of a case on."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, select

from regional_platform.case_log import move, parties, record_ids_of, revised, row_of
from regional_platform.feed import News
from regional_platform.propagation import disputed_news
from regional_platform.store.case_tables import case_record, casefile

MARKED: Final = ("accepted", "suspended", "decided")
"""Stages of a case in which its records bear the mark: from its acceptance to its end."""


def disputed(connection: Connection, record_ids: Iterable[str]) -> set[str]:
    """Return those records that bear the mark."""
    return set(
        connection.execute(
            select(case_record.c.record_id)
            .join(casefile, casefile.c.case_id == case_record.c.case_id)
            .where(
                case_record.c.record_id.in_(set(record_ids)),
                casefile.c.kind == "objection",
                casefile.c.stage.in_(MARKED),
            )
        ).scalars()
    )


def moved(
    connection: Connection,
    before: Row[Any],
    revision: str,
    now: datetime,
    *,
    version_id: str | None = None,
    **values: Any,
) -> tuple[bytes, list[News]]:
    """Move a case on, and make the news: for its parties, and for who holds a record whose mark came or went.

    Args:
        connection: of a writing transaction.
        before: the case as it was.
        revision: the id of what changed it.
        now: the present moment.
        version_id: of the decision, where it was that.
        values: columns of the case that change.

    Returns:
        The case as JSON, and the news.
    """
    record_ids = record_ids_of(connection, before.case_id)
    marked = disputed(connection, record_ids)
    move(connection, before.case_id, revision, **values)
    row = row_of(connection, before.case_id)
    assert row is not None
    ends = row.state == "closed" and before.state != "closed"
    made, news = revised(connection, row.case_id, "case.closed" if ends else "case.changed", version_id, now)
    marked_now = disputed(connection, record_ids)
    told = parties(connection, row)
    for record_id in sorted(marked ^ marked_now):
        news += disputed_news(connection, record_id, told, disputed=record_id in marked_now)
    return made, news
