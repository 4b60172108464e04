"""When units reported what: the days of records and of zero reports, which periods and scores ask for.

A record belongs to the day of its act; where the item or the record names none, to the day on which its
first version came in.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select

from regional_platform.store.tables import SAME_VERSION, record, version, version_key
from regional_platform.times import LEGAL_ZONE, iso, legal_day


@dataclass(frozen=True, slots=True)
class Dated:
    """A record, its item, the day that it belongs to, and the day on which its first version came in."""

    record_id: str
    item: str
    on: date
    received_on: date


def _start(day: date) -> str:
    return iso(datetime.combine(day, time(), LEGAL_ZONE))


def dated_records(
    connection: Connection, unit: str, first: date, last: date, *more: ColumnElement[bool]
) -> list[Dated]:
    """Read the records of a unit that belong to a day from `first` to `last`."""
    came = func.min(version.c.received_at).label("came_at")
    by_act = record.c.act_on.between(first.isoformat(), last.isoformat())
    by_arrival = and_(came >= _start(first), came < _start(last + timedelta(days=1)))
    rows = connection.execute(
        select(record.c.record_id, record.c.item, record.c.act_on, came)
        .join(version_key, version_key.c.record_id == record.c.record_id)
        .join(version, SAME_VERSION)
        .where(
            record.c.unit == unit, version_key.c.unit == unit, record.c.item != "",
            or_(by_act, record.c.act_on == ""), *more,
        )
        .group_by(record.c.record_id, record.c.item, record.c.act_on)
        .having(or_(record.c.act_on != "", by_arrival))
    )  # fmt: skip
    return [
        Dated(
            row.record_id,
            row.item,
            date.fromisoformat(row.act_on) if row.act_on else legal_day(datetime.fromisoformat(row.came_at)),
            legal_day(datetime.fromisoformat(row.came_at)),
        )
        for row in rows
    ]
