"""The mark that a record is under dispute (异议标注): for every reader, from the acceptance of a case on."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, and_, exists, or_, select

from regional_platform.case_clocks import reckon
from regional_platform.case_log import move, parties, record_ids_of, revised, row_of
from regional_platform.feed import News
from regional_platform.propagation import disputed_news
from regional_platform.store.case_tables import case_record, casefile
from regional_platform.store.tables import record

MARKED: Final = ("accepted", "suspended", "decided")
"""Stages of a case in which its records bear the mark: from its acceptance to its end."""


_MARKS: Final = and_(casefile.c.kind == "objection", casefile.c.stage.in_(MARKED))
_REPAIRED: Final = and_(casefile.c.outcome == "granted", casefile.c.stage.in_(("decided", "closed")))


def disputed(connection: Connection, record_ids: Iterable[str]) -> set[str]:
    """Return those records that bear the mark."""
    return set(
        connection.execute(
            select(case_record.c.record_id)
            .join(casefile, casefile.c.case_id == case_record.c.case_id)
            .where(
                case_record.c.record_id.in_(set(record_ids)),
                _MARKS,
            )
        ).scalars()
    )


def is_stopped() -> ColumnElement[bool]:
    """That the publication of a record has stopped, beside a row of `record`."""
    return exists().where(
        case_record.c.record_id == record.c.record_id,
        casefile.c.case_id == case_record.c.case_id,
        or_(_REPAIRED, and_(_MARKS, casefile.c.stops)),
    )


def not_shown(connection: Connection, record_ids: Iterable[str]) -> set[str]:
    """Return those records that others do not see: repaired ones, and while publication stops."""
    return set(
        connection.execute(
            select(case_record.c.record_id)
            .join(casefile, casefile.c.case_id == case_record.c.case_id)
            .where(
                case_record.c.record_id.in_(set(record_ids)), or_(_REPAIRED, and_(_MARKS, casefile.c.stops))
            )
        ).scalars()
    )


def repaired(connection: Connection, record_ids: Iterable[str]) -> set[str]:
    """Return those records whose repair (信用修复) was granted."""
    return set(
        connection.execute(
            select(case_record.c.record_id)
            .join(casefile, casefile.c.case_id == case_record.c.case_id)
            .where(case_record.c.record_id.in_(set(record_ids)), _REPAIRED)
        ).scalars()
    )


def moved(
    connection: Connection,
    resources: Path,
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
        resources: of the program.
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
    reckon(connection, resources, before.case_id, now)
    row = row_of(connection, before.case_id)
    assert row is not None
    ends = row.state == "closed" and before.state != "closed"
    made, news = revised(connection, row.case_id, "case.closed" if ends else "case.changed", version_id, now)
    marked_now = disputed(connection, record_ids)
    told = parties(connection, row)
    for record_id in sorted(marked ^ marked_now):
        news += disputed_news(connection, record_id, told, disputed=record_id in marked_now)
    return made, news
