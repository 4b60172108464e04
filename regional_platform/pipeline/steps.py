"""The steps after checking, each one transaction over some rows of one unit in `job`. Resumable at any point.

settle: whom a record is about is looked up; unmatched waits for its subject. What is matched, and a decision,
counts as stored (入库); lists, holders and cases that waited for it follow, and its record is held against
what other units and cities reported.
compare: what was stored with its batch, a run at a time; and what a fault of ours kept from being compared.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, delete, exists, select, update
from sqlalchemy.exc import SQLAlchemyError

from regional_platform import case_decisions, feed, list_moves, propagation
from regional_platform.feed import News
from regional_platform.incidents import Isolation
from regional_platform.pipeline.comparing import compare
from regional_platform.pipeline.questioning import after_matching
from regional_platform.pipeline.subjects import SubjectRef, add_persons, names_of, unmatched_because
from regional_platform.platform import Platform
from regional_platform.problems import problem
from regional_platform.receipts import KEY, Key, written
from regional_platform.store.among import among
from regional_platform.store.bulk import insert_many
from regional_platform.store.idlist import ids_in
from regional_platform.store.tables import job, receipt, unit, version_key
from regional_platform.times import iso

AT_ONCE: Final = feed.MOST_IN_A_RUN
"""Versions that one transaction moves: enough to be quick, few enough to let batches in between."""

RUNS_AT_ONCE: Final = 2
"""Runs of versions that one transaction compares; a run is the new records of one batch."""

MOST_FAILURES: Final = 3
"""After as many faults of ours a version is set aside until the next start, and the rest goes on."""

UNSETTLED: Final = ("match", "store")
"""Steps of a job: a record is matched first, a decision names its case and has no subject of its own."""

COMPARE: Final = ("compare",)


def units_due(connection: Connection, steps: Sequence[str]) -> Sequence[str]:
    """Return the units that have versions waiting for one of some steps."""
    waiting = exists().where(job.c.step.in_(steps), job.c.unit == unit.c.code, job.c.failures < MOST_FAILURES)
    return connection.execute(select(unit.c.code).where(waiting)).scalars().all()


@dataclass(slots=True)
class _Matching:
    """What became of rows.

    Attributes:
        stored: matched, and decisions, which need not be.
        told: unmatched for the first time, and why.
        waiting: unmatched as before.
    """

    stored: list[Row[Any]] = field(default_factory=list)
    told: list[tuple[Row[Any], str]] = field(default_factory=list)
    waiting: list[Row[Any]] = field(default_factory=list)


def settle_some(platform: Platform, connection: Connection, of: str) -> set[str] | None:
    """Match, store and compare the oldest versions of a unit that wait for it; None when there are none."""
    rows = _due(connection, UNSETTLED, of, AT_ONCE)
    if not rows:
        return None
    now = platform.clock()
    found = _match(connection, rows, now)
    _write(platform, connection, found, now)
    ids = [row.version_id for row in found.stored]
    rung = feed.append(connection, _news(of, found), now)
    told = {row.version_id: why for row, why in found.told}
    at_last = [row.version_id for row in found.stored if row.stage == "unmatched"]
    news = after_matching(connection, told, at_last, now)
    if ids:
        list_moves.move(platform, connection, ids)
        rung |= propagation.tell_changed(connection, ids, now)
        news += case_decisions.close_ready(platform, connection, ids, now)
        news += _compare(platform, connection, found.stored, now)
    return rung | feed.append(connection, news, now)


def compare_some(platform: Platform, connection: Connection, of: str) -> set[str] | None:
    """Compare the oldest stored versions of a unit that were not yet; None when there are none."""
    rows = _due(connection, COMPARE, of, RUNS_AT_ONCE)
    if not rows:
        return None
    if any(row.failures for row in rows):
        rows = rows[:1]  # one of them met a fault of ours: from now on each is alone
    now = platform.clock()
    return feed.append(connection, _compare(platform, connection, rows, now), now)


def _due(connection: Connection, steps: Sequence[str], of: str, most: int) -> Sequence[Row[Any]]:
    """Take the oldest jobs of a unit; what another worker has in hand is left to it."""
    return connection.execute(
        select(job, *KEY[1:], version_key.c.stage)
        .join(version_key, version_key.c.version_id == job.c.version_id)
        .where(job.c.step.in_(steps), job.c.unit == of, job.c.failures < MOST_FAILURES)
        .order_by(job.c.n)
        .limit(most)
        .with_for_update(of=job, skip_locked=True)
    ).all()


def _match(connection: Connection, rows: Sequence[Row[Any]], now: datetime) -> _Matching:
    named = {row.version_id: _named(row) for row in rows if row.step == "match"}
    add_persons(connection, (one for one in named.values() if one), now)
    library = names_of(connection, {one.code for one in named.values() if one})
    found = _Matching()
    for row in rows:
        with Isolation(f"matching version {row.version_id}", SQLAlchemyError) as alone:
            one = named.get(row.version_id)
            because = unmatched_because(one, library) if one else None
            if because is None:
                found.stored.append(row)
            elif row.stage == "unmatched":
                found.waiting.append(row)
            else:
                found.told.append((row, because))
        if alone.incident:
            _count_failure(connection, [row])
    return found


def _named(row: Row[Any]) -> SubjectRef | None:
    """Whom the version names; None for a withdrawal, which names its record."""
    if row.subject_kind is None:
        return None
    return SubjectRef(row.subject_kind, row.subject_code, row.subject_name)


def _write(platform: Platform, connection: Connection, found: _Matching, now: datetime) -> None:
    """Write how far versions have come, and what is not matched with the reason."""
    at = iso(now)
    raws = [(row.version_id, "unmatched", _unmatched(platform, row, why, at)) for row, why in found.told]
    insert_many(connection, receipt, ("version_id", "stage", "raw"), raws)
    told = [row for row, _ in found.told]
    _reach(connection, told, stage="unmatched")
    _reach(connection, found.stored, stage="stored", stored_at=at)
    _move(connection, [*told, *found.waiting], "wait")


def _unmatched(platform: Platform, row: Row[Any], why: str, at: str) -> bytes:
    key = Key(*(getattr(row, name) for name in Key._fields))
    return written(
        platform.identity, key, "unmatched", at, problem(why, instance=f"/v1/versions/{row.version_id}")
    )


def _reach(connection: Connection, rows: Sequence[Row[Any]], **values: str) -> None:
    ids = [row.version_id for row in rows]
    if ids:
        connection.execute(update(version_key).where(among(version_key.c.version_id, ids)).values(values))


def _news(of: str, found: _Matching) -> list[News]:
    """What the unit is told: each stage that was reached, those of one stage in a run."""
    matched = [row.version_id for row in found.stored if row.step == "match"]
    runs = (("matched", matched), ("stored", [row.version_id for row in found.stored]))
    news = [News(of, "stage", stage=stage, versions=ids) for stage, ids in runs if ids]
    return news + [News(of, "stage", row.version_id, "unmatched") for row, _ in found.told]


def _compare(
    platform: Platform, connection: Connection, rows: Sequence[Row[Any]], now: datetime
) -> list[News]:
    """Hold stored versions against those of others; that is the last of their jobs."""
    with Isolation("comparing versions", SQLAlchemyError) as alone, connection.begin_nested():
        news = compare(platform, connection, [one for row in rows for one in _versions(row)], now)
    if alone.incident:
        _count_failure(connection, [row for row in rows if row.run is None], step="compare")
        _take_apart(connection, [row for row in rows if row.run is not None])
        return []
    _move(connection, rows, None)
    return news


def _move(connection: Connection, rows: Sequence[Row[Any]], step: str | None) -> None:
    """Put jobs to their next step; without one they are done."""
    if not rows:
        return
    these = among(job.c.n, [row.n for row in rows])
    connection.execute(
        delete(job).where(these) if step is None else update(job).where(these).values(step=step)
    )


def _count_failure(connection: Connection, rows: Sequence[Row[Any]], **values: str) -> None:
    for row in rows:
        failed = {"failures": row.failures + 1, **values}
        connection.execute(update(job).where(job.c.n == row.n).values(failed))


def _versions(row: Row[Any]) -> Iterable[str]:
    return (row.version_id,) if row.run is None else ids_in(row.run)


def _take_apart(connection: Connection, runs: Sequence[Row[Any]]) -> None:
    """Make a job of each version of runs one of which met a fault of ours."""
    alone = [(one, row.unit, row.step, row.failures + 1) for row in runs for one in ids_in(row.run)]
    insert_many(connection, job, ("version_id", "unit", "step", "failures"), alone)
    _move(connection, runs, None)


def try_again(connection: Connection) -> None:
    """Take up what was set aside: a new start may be of a program without the fault."""
    connection.execute(update(job).where(job.c.failures > 0).values(failures=0))
