"""The steps after checking, each one transaction over some rows of one unit in `job`. Resumable at any point.

match: whom a record is about is looked up; matched goes on to store, unmatched waits for its subject.
store: the version counts as stored (入库); cases that waited for it are closed.
compare: its record is held against what other units and cities reported.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, delete, exists, select, update
from sqlalchemy.exc import SQLAlchemyError

from forms.seal.receipt import Outcome, Stage
from regional_platform import cases, feed, list_moves, propagation
from regional_platform.feed import News
from regional_platform.incidents import Isolation
from regional_platform.pipeline.comparing import compare
from regional_platform.pipeline.questioning import after_matching
from regional_platform.pipeline.subjects import SubjectRef, add_persons, names_of, unmatched_because
from regional_platform.platform import Platform
from regional_platform.problems import problem
from regional_platform.receipts import written
from regional_platform.store.bulk import insert_many
from regional_platform.store.tables import job, receipt, unit, version_key
from regional_platform.times import iso

AT_ONCE: Final = 1_000
"""Versions that one transaction moves: enough to be quick, few enough to let batches in between."""

MOST_FAILURES: Final = 3
"""After as many faults of ours a version is set aside until the next start, and the rest goes on."""


@dataclass(frozen=True, slots=True)
class _Moved:
    """A version that reached a stage, with its receipt and the step that follows (None: done)."""

    row: Row[Any]
    stage: Stage
    receipt: bytes
    step: str | None


def units_due(connection: Connection, step: str) -> Sequence[str]:
    """Return the units that have versions waiting for a step."""
    waiting = exists().where(job.c.step == step, job.c.unit == unit.c.code, job.c.failures < MOST_FAILURES)
    return connection.execute(select(unit.c.code).where(waiting)).scalars().all()


def match_some(platform: Platform, connection: Connection, of: str) -> set[str] | None:
    """Match the oldest versions of a unit that wait for it; None when there are none."""
    rows = _due(connection, "match", of)
    if not rows:
        return None
    now = platform.clock()
    named = {row.version_id: _named(row) for row in rows}
    add_persons(connection, (one for one in named.values() if one), now)
    library = names_of(connection, {one.code for one in named.values() if one})
    told = _told_unmatched(connection, rows)
    moved: list[_Moved] = []
    waiting: list[int] = []
    unmatched: dict[str, str] = {}
    for row in rows:
        with Isolation(f"matching version {row.version_id}", SQLAlchemyError) as alone:
            one = named[row.version_id]
            because = unmatched_because(one, library) if one else None
            if because is None:
                moved.append(_Moved(row, "matched", _receipt(platform, row, "matched", now), "store"))
            elif row.version_id in told:
                waiting.append(row.n)
            else:
                raw = _receipt(platform, row, "unmatched", now, because)
                unmatched[row.version_id] = because
                moved.append(_Moved(row, "unmatched", raw, "wait"))
        if alone.incident:
            _count_failure(connection, row)
    _move(connection, waiting, "wait")
    at_last = [one.row.version_id for one in moved if one.stage == "matched" and one.row.version_id in told]
    rung = _write(connection, moved, now)
    return rung | feed.append(connection, after_matching(connection, unmatched, at_last, now), now)


def store_some(platform: Platform, connection: Connection, of: str) -> set[str] | None:
    """Store the oldest versions of a unit that wait for it; None when there are none."""
    rows = _due(connection, "store", of)
    if not rows:
        return None
    now = platform.clock()
    moved: list[_Moved] = []
    for row in rows:
        with Isolation(f"storing version {row.version_id}", SQLAlchemyError) as alone:
            moved.append(_Moved(row, "stored", _receipt(platform, row, "stored", now), "compare"))
        if alone.incident:
            _count_failure(connection, row)
    rung = _write(connection, moved, now)
    stored = [one.row.version_id for one in moved]
    list_moves.move(platform, connection, stored)
    rung |= propagation.tell_changed(connection, stored, now)
    closed = cases.close_ready(connection, stored, now)
    return rung | feed.append(connection, closed, now)


def compare_some(platform: Platform, connection: Connection, of: str) -> set[str] | None:
    """Hold the oldest stored versions of a unit against those of others; None when there are none."""
    rows = _due(connection, "compare", of)
    if not rows:
        return None
    if rows[0].failures:
        rows = rows[:1]  # one of them met a fault of ours: from now on each is alone
    now = platform.clock()
    with Isolation("comparing versions", SQLAlchemyError) as alone, connection.begin_nested():
        news = compare(platform, connection, sorted({row.record_id for row in rows}), now)
    if alone.incident:
        for row in rows:
            _count_failure(connection, row)
        return set()
    _move(connection, [row.n for row in rows], None)
    return feed.append(connection, news, now)


def _due(connection: Connection, step: str, of: str) -> Sequence[Row[Any]]:
    """Take the oldest jobs of a unit; what another worker has in hand is left to it."""
    return connection.execute(
        select(job, version_key.c.record_id, version_key.c.content_sha256, version_key.c.receipt_no,
               version_key.c.outcome)
        .join(version_key, version_key.c.version_id == job.c.version_id)
        .where(job.c.step == step, job.c.unit == of, job.c.failures < MOST_FAILURES)
        .order_by(job.c.n)
        .limit(AT_ONCE)
        .with_for_update(of=job, skip_locked=True)
    ).all()  # fmt: skip


def _named(row: Row[Any]) -> SubjectRef | None:
    """Whom the version names; None for a withdrawal, which names its record."""
    if row.subject_kind is None:
        return None
    return SubjectRef(row.subject_kind, row.subject_code, row.subject_name)


def _told_unmatched(connection: Connection, rows: Sequence[Row[Any]]) -> set[str]:
    wanted = select(receipt.c.version_id).where(
        receipt.c.version_id.in_([row.version_id for row in rows]), receipt.c.stage == "unmatched"
    )
    return set(connection.execute(wanted).scalars())


def _receipt(
    platform: Platform, row: Row[Any], stage: Stage, now: datetime, because: str | None = None
) -> bytes:
    outcome: Outcome = row.outcome
    return written(
        platform.identity,
        version_id=row.version_id,
        record_id=row.record_id,
        content_sha256=row.content_sha256,
        outcome=outcome,
        stage=stage,
        receipt_no=row.receipt_no,
        at=now,
        problem=problem(because, instance=f"/v1/versions/{row.version_id}") if because else None,
    )


def _write(connection: Connection, moved: Sequence[_Moved], now: datetime) -> set[str]:
    """Write receipts, stages and news of versions that moved; returns the units to ring for."""
    if not moved:
        return set()
    raws = [(one.row.version_id, one.stage, one.receipt) for one in moved]
    insert_many(connection, receipt, ("version_id", "stage", "raw"), raws)
    for stage in sorted({one.stage for one in moved}):
        ids = [one.row.version_id for one in moved if one.stage == stage]
        values = {"stage": stage, "stored_at": iso(now)} if stage == "stored" else {"stage": stage}
        connection.execute(update(version_key).where(version_key.c.version_id.in_(ids)).values(values))
    for step in sorted({one.step or "" for one in moved}):
        _move(connection, [one.row.n for one in moved if (one.step or "") == step], step or None)
    news = [News(one.row.unit, "stage", one.row.version_id, one.stage) for one in moved]
    return feed.append(connection, news, now)


def _move(connection: Connection, jobs: Sequence[int], step: str | None) -> None:
    """Put jobs to their next step; without one they are done."""
    if not jobs:
        return
    these = job.c.n.in_(jobs)
    connection.execute(
        delete(job).where(these) if step is None else update(job).where(these).values(step=step)
    )


def _count_failure(connection: Connection, row: Row[Any]) -> None:
    connection.execute(update(job).where(job.c.n == row.n).values(failures=row.failures + 1))


def try_again(connection: Connection) -> None:
    """Take up what was set aside: a new start may be of a program without the fault."""
    connection.execute(update(job).where(job.c.failures > 0).values(failures=0))
