"""What a region may drop: feed entries that every desk has read, and answers to batches that nobody asks for.

Numbers of a feed never get holes: where receipts stood, a row says how many numbers told of something once.
A desk that comes back from before them reads on over those; what it lacks it asks for (`/v1/missing`,
`/v1/reconciliations`). All else in a feed stays: cases, notices, what was published. A batch whose answer was
dropped counts as never seen when it is asked for; sent again, its versions are known, and get their
receipts.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, and_, delete, func, select, update

from regional_platform.feed import COLUMNS, DROPPED, MOST_IN_A_RUN
from regional_platform.store.bulk import insert_many
from regional_platform.store.engine import Store
from regional_platform.store.tables import batch, device, feed, feed_head
from regional_platform.times import iso

MOST: Final = 500
"""Rows of a feed in one transaction, so that nobody waits long for it."""


def figures(connection: Connection, now: datetime, *, feed_days: int, answer_days: int) -> dict[str, Any]:
    """Say what `drop` would do, unit by unit, and which desk holds up most; changes nothing."""
    units = connection.execute(select(feed_head).order_by(feed_head.c.unit)).all()
    told = [_unit(connection, row.unit, row.n, _before(now, feed_days)) for row in units]
    old = _old_answers(_before(now, answer_days))
    answers = connection.execute(
        select(func.count(), func.coalesce(func.sum(func.length(batch.c.answer)), 0)).where(old)
    ).one()
    return {
        "units": [one for one in told if one["entries"] or one["waiting"]],
        "rows": sum(one["rows"] for one in told), "entries": sum(one["entries"] for one in told),
        "bytes": sum(one["bytes"] for one in told), "answers": answers[0], "answer_bytes": int(answers[1]),
    }  # fmt: skip


def _unit(connection: Connection, unit: str, head: int, before: str) -> dict[str, Any]:
    slowest = _slowest(connection, unit)
    read = head if slowest is None else min(head, slowest.feed_ack)
    counted = select(
        func.count(),
        func.coalesce(func.sum(feed.c.entries), 0),
        func.coalesce(func.sum(func.coalesce(func.length(feed.c.json), 0)), 0),
    )
    rows, entries, size = connection.execute(counted.where(_old(unit, before, read))).one()
    held = 0
    if slowest is not None and read < head:
        held = connection.execute(counted.where(_old(unit, before, head))).one()[1] - entries
    return {
        "unit": unit, "read": read, "head": head, "rows": rows, "entries": int(entries), "bytes": int(size),
        "waiting": int(held), "desk": slowest.device_id if slowest is not None and held else None,
        "seen_at": slowest.seen_at if slowest is not None and held else None,
    }  # fmt: skip


def drop(store: Store, now: datetime, *, feed_days: int, answer_days: int) -> dict[str, int]:
    """Drop what may go, a bounded piece at a time in its unit's turn; a kill leaves only more to do."""
    with store.reading() as connection:
        units = connection.execute(select(feed_head.c.unit).order_by(feed_head.c.unit)).scalars().all()
    gone = {"rows": 0, "entries": 0, "answers": 0}
    for unit in units:
        after: int | None = 0
        while after is not None:
            some = partial(_drop_some, unit=unit, after=after, before=_before(now, feed_days))
            after, rows, entries = store.write(some, units=(unit,))
            gone["rows"] += rows
            gone["entries"] += entries
        answers = partial(_drop_answers, unit=unit, before=_before(now, answer_days))
        gone["answers"] += store.write(answers, units=(unit,))
    return gone


def _before(now: datetime, days: int) -> str:
    return iso(now - timedelta(days=days))


def _slowest(connection: Connection, unit: str) -> Any:
    """The desk of a unit that has read least, of those that still read."""
    reads = select(device.c.device_id, device.c.feed_ack, device.c.seen_at).where(
        device.c.unit == unit, device.c.revoked_at.is_(None), device.c.retired_at.is_(None)
    )
    return connection.execute(reads.order_by(device.c.feed_ack, device.c.device_id).limit(1)).first()


def _old(unit: str, before: str, read: int) -> ColumnElement[bool]:
    return and_(
        feed.c.unit == unit, feed.c.type == "stage", feed.c.at < before,
        feed.c.seq + feed.c.entries <= read + 1,
    )  # fmt: skip


def _old_answers(before: str) -> ColumnElement[bool]:
    return and_(batch.c.received_at < before, batch.c.answer != b"")


def _drop_some(connection: Connection, unit: str, after: int, before: str) -> tuple[int | None, int, int]:
    """Drop some rows after a number; returns where to go on (None: done), and how many rows and entries."""
    slowest = _slowest(connection, unit)
    head = connection.execute(select(feed_head.c.n).where(feed_head.c.unit == unit)).scalar_one()
    read = head if slowest is None else min(head, slowest.feed_ack)
    rows = connection.execute(
        select(feed.c.seq, feed.c.at, feed.c.entries)
        .where(_old(unit, before, read), feed.c.seq > after)
        .order_by(feed.c.seq)
        .limit(MOST)
    ).all()
    for run in _runs(rows):
        first, last = run[0], run[-1]
        of_the_run = feed.c.seq.between(first.seq, last.seq)
        connection.execute(delete(feed).where(feed.c.unit == unit, of_the_run))
        entries = last.seq + last.entries - first.seq
        insert_many(
            connection, feed, COLUMNS,
            [(unit, first.seq, DROPPED, last.at, None, None, b"{}", entries)],
        )  # fmt: skip
    following = rows[-1].seq if len(rows) == MOST else None
    return following, len(rows), sum(row.entries for row in rows)


def _runs(rows: Sequence[Any]) -> list[list[Any]]:
    """Part rows where numbers of others stand between them, and where a run would grow too long."""
    runs: list[list[Any]] = []
    for row in rows:
        last = runs[-1] if runs else None
        follows = last is not None and last[-1].seq + last[-1].entries == row.seq
        if last is not None and follows and row.seq + row.entries - last[0].seq <= MOST_IN_A_RUN:
            last.append(row)
        else:
            runs.append([row])
    return runs


def _drop_answers(connection: Connection, unit: str, before: str) -> int:
    desks = select(device.c.device_id).where(device.c.unit == unit)
    done = connection.execute(
        update(batch).where(batch.c.device_id.in_(desks), _old_answers(before)).values(answer=b"")
    )
    return int(done.rowcount)
