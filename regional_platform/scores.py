"""The scorecard (评价): counts of a unit, item by item, for a period, computed from the tables and kept.

A unit owes an item a report for every period from the first one on in which it reported it, with records or
with a zero report: the catalog names kinds of units, not units. Periods of an item's own cycle are counted in
the score of the period in which they end.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Row, delete, func, insert, select

from forms.catalog.schema import Item
from forms.law.calendar import Calendar
from forms.law.periods import Kind, Period, ending_within, kind_of, period_at
from forms.score import (
    COUNTS,
    Counts,
    Figure,
    Scoring,
    completeness,
    due_after,
    figures,
    load_scoring,
    period_counts,
    timing,
    total,
)
from regional_platform.acts import Actor, keep, needs_admin, under
from regional_platform.auth.callers import Caller
from regional_platform.catalogs import Catalogs
from regional_platform.periods import period_named
from regional_platform.problems import Refusal
from regional_platform.reported import Dated, dated_records
from regional_platform.store.admin_tables import score, zero_report
from regional_platform.store.engine import Store
from regional_platform.store.question_tables import question
from regional_platform.store.tables import SAME_VERSION, record, unit, version, version_key
from regional_platform.times import iso, legal_day
from regional_platform.units import unit_row

AT_ONCE: Final = 500
"""Records whose versions are read in one go."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What scores are computed with."""

    catalogs: Catalogs
    calendar: Calendar
    scoring: Scoring


def scoring_of(resources: Path) -> Scoring:
    """Read the formulae that are in force."""
    return load_scoring(resources / "scoring" / "formulae.json")


def compute(store: Store, actor: Actor, ground: Ground, now: datetime, *, code: str, period: str) -> int:
    """Compute the scores of a unit and all below it, in place of those before; returns of how many units.

    Units are counted one by one, each in a transaction that only reads, so that nobody waits for it.

    Raises:
        Refusal: unit-unknown, not-authorised, malformed.
    """
    wanted = period_named(period)
    with store.reading() as connection:
        path = unit_row(connection, code).path
        needs_admin(actor, path)
        below = select(unit.c.code).where(under(unit.c.path, path)).order_by(unit.c.code)
        codes = connection.execute(below).scalars().all()
    counted = 0
    for one in codes:
        with store.reading() as connection:
            by_item = count_unit(connection, ground, one, wanted, legal_day(now))
        store.write(partial(_keep, code=one, period=wanted, by_item=by_item, now=now), units=(one,))
        counted += bool(by_item)
    after = {"period": wanted.name, "units": counted}
    act = partial(
        keep, actor=actor, now=now, act="score.compute", thing=f"unit:{code}", path=path, after=after
    )
    store.write(act, units=())
    return counted


def _keep(
    connection: Connection, *, code: str, period: Period, by_item: Mapping[str, Counts], now: datetime
) -> None:
    connection.execute(delete(score).where(score.c.unit == code, score.c.period == period.name))
    rows = [
        {
            "unit": code,
            "period": period.name,
            "item": item,
            "counts": json.dumps(counts),
            "computed_at": iso(now),
        }
        for item, counts in by_item.items()
    ]
    if rows:
        connection.execute(insert(score), rows)


def count_unit(
    connection: Connection, ground: Ground, code: str, period: Period, today: date
) -> dict[str, Counts]:
    """Count everything of one unit, item by item."""
    members = dated_records(connection, code, period.first, period.last)
    parts: dict[str, list[Counts]] = defaultdict(list)
    for item, counts in _records(connection, ground, members):
        parts[item].append(counts)
    for item, counts in _questions(connection, members):
        parts[item].append(counts)
    for item, counts in _periods(connection, ground, code, period, today):
        parts[item].append(counts)
    return {item: total(parts[item]) for item in sorted(parts)}


def _records(
    connection: Connection, ground: Ground, members: Sequence[Dated]
) -> Iterator[tuple[str, Counts]]:
    for start in range(0, len(members), AT_ONCE):
        some = {one.record_id: one for one in members[start : start + AT_ONCE]}
        rows = connection.execute(
            select(
                version.c.record_id, version.c.version_id, version.c.op, version.c.catalog, version.c.content,
                version.c.received_at, version_key.c.outcome, version_key.c.stage, version_key.c.stored_at,
                record.c.head, record.c.head_op,
            )
            .join(version_key, SAME_VERSION)
            .join(record, record.c.record_id == version_key.c.record_id)
            .where(version_key.c.record_id.in_(some), version_key.c.unit == record.c.unit)
            .where(version.c.op.in_(("create", "correct", "withdraw")))
            .order_by(version.c.n)
        ).all()  # fmt: skip
        by_record: dict[str, list[Any]] = defaultdict(list)
        for row in rows:
            by_record[row.record_id].append(row)
        for record_id, versions in by_record.items():
            yield some[record_id].item, _of_record(ground, some[record_id], versions)


def _of_record(ground: Ground, dated: Dated, versions: Sequence[Row[Any]]) -> Counts:
    """Count one record; its versions in the order of arrival."""
    accepted = [one for one in versions if one.outcome.startswith("accepted")]
    head = next((one for one in accepted if one.version_id == one.head), None)
    corrections = sum(one.op == "correct" for one in accepted)
    counts = {
        "supplied": 1,
        "accepted": int(bool(accepted)),
        "rejected": int(not accepted and versions[-1].outcome == "rejected"),
        "withdrawn": int(head is not None and head.head_op == "withdraw"),
        "updated": corrections,
        "right_at_once": int(versions[0].outcome.startswith("accepted") and not corrections),
    }
    if head is not None and head.head_op != "withdraw":
        counts["stored"] = int(head.stored_at is not None)
        counts["unmatched"] = int(head.stage == "unmatched")
        counts["matched"] = int(head.stage in {"matched", "stored"})
    filled = next((one for one in reversed(versions) if one.op != "withdraw"), None)
    item = ground.catalogs.named(filled.catalog) if filled is not None else None
    if filled is not None and item is not None:
        payload = json.loads(filled.content)["payload"]
        counts["filled"], counts["demanded"] = completeness(item, payload)
    if accepted and item is not None:
        came_on = legal_day(datetime.fromisoformat(accepted[0].received_at))
        when = timing(item, dated.on, came_on, ground.scoring, ground.calendar)
        if when is not None:
            counts[when] = 1
    return counts


def _questions(connection: Connection, members: Sequence[Dated]) -> Iterator[tuple[str, Counts]]:
    item_of = {one.record_id: one.item for one in members}
    names = list(item_of)
    for start in range(0, len(names), AT_ONCE):
        rows = connection.execute(
            select(question.c.record_id, question.c.state, func.count())
            .where(question.c.record_id.in_(names[start : start + AT_ONCE]))
            .group_by(question.c.record_id, question.c.state)
        ).all()
        asked = set()
        for record_id, state, n in rows:
            first = record_id not in asked
            asked.add(record_id)
            yield item_of[record_id], {"questions": n, f"questions_{state}": n, "questioned": int(first)}


def _periods(
    connection: Connection, ground: Ground, code: str, period: Period, today: date
) -> Iterator[tuple[str, Counts]]:
    """Count the periods of each item's own cycle that end within the period of the score."""
    owed = _owed(connection, ground, code, period.last)
    ending = {
        (item, one.name): one for item, (kind, since) in owed.items()
        for one in ending_within(kind, period.first, period.last) if one.last >= since
    }  # fmt: skip
    if not ending:
        return
    start = min(one.first for one in ending.values())
    came: dict[tuple[str, str], date] = {}
    for dated in dated_records(connection, code, start, period.last):
        if dated.item in owed:
            place = (dated.item, period_at(owed[dated.item][0], dated.on).name)
            came[place] = min(dated.received_on, came.get(place, date.max))
    zero = _zero_reports(connection, code)
    for place, one in ending.items():
        item = ground.catalogs.current.items[place[0]]
        due = due_after(one, item.cycle, ground.scoring, ground.calendar)
        first_on = came.get(place, zero.get(place))
        yield place[0], period_counts(first_on, due, today, zero=place not in came and place in zero)


def _owed(connection: Connection, ground: Ground, code: str, until: date) -> dict[str, tuple[Kind, date]]:
    """The items with a cycle that a unit has reported by then: item → kind of period, and since when."""
    since: dict[str, date] = {}
    rows = connection.execute(
        select(record.c.item, func.min(func.nullif(record.c.act_on, "")), func.min(version.c.received_at))
        .join(version_key, version_key.c.record_id == record.c.record_id)
        .join(version, SAME_VERSION)
        .where(record.c.unit == code, record.c.item != "", version_key.c.unit == code)
        .group_by(record.c.item)
    )
    for item, act_on, came_at in rows:
        came_on = legal_day(datetime.fromisoformat(came_at))
        since[item] = min(date.fromisoformat(act_on) if act_on else came_on, came_on)
    declared = select(zero_report.c.item, func.min(zero_report.c.last_on)).where(
        zero_report.c.unit == code, zero_report.c.withdrawn_at.is_(None)
    )
    for item, last_on in connection.execute(declared.group_by(zero_report.c.item)):
        since[item] = min(date.fromisoformat(last_on), since.get(item, date.max))
    return {
        item: (kind, day)
        for item, day in since.items()
        if day <= until
        and (known := _known(ground.catalogs, item)) is not None
        and (kind := kind_of(known.cycle)) is not None
    }


def _known(catalogs: Catalogs, item: str) -> Item | None:
    return catalogs.current.items.get(item)


def _zero_reports(connection: Connection, code: str) -> dict[tuple[str, str], date]:
    rows = connection.execute(
        select(zero_report.c.item, zero_report.c.period, func.min(zero_report.c.made_at))
        .where(zero_report.c.unit == code, zero_report.c.withdrawn_at.is_(None))
        .group_by(zero_report.c.item, zero_report.c.period)
    )
    return {(item, period): legal_day(datetime.fromisoformat(at)) for item, period, at in rows}


def read_scores(
    connection: Connection, caller: Caller, scoring: Scoring, *, code: str, period: str
) -> dict[str, Any]:
    """Read the scorecard of a unit: the figures of all items together, and of each with its counts.

    Raises:
        Refusal: unit-unknown, not-authorised, malformed, score-unknown when none was computed.
    """
    at, wanted = unit_row(connection, code), period_named(period, "#/query/period")
    if not caller.sees(at.path):
        raise Refusal("not-authorised")
    return scorecard(connection, scoring, code=at.code, period=wanted.name)


def scorecard(connection: Connection, scoring: Scoring, *, code: str, period: str) -> dict[str, Any]:
    """Make the scorecard of a unit from the counts that are kept.

    Raises:
        Refusal: score-unknown when none was computed.
    """
    rows = connection.execute(
        select(score).where(score.c.unit == code, score.c.period == period).order_by(score.c.item)
    ).all()
    if not rows:
        raise Refusal("score-unknown")
    counts: Mapping[str, Counts] = {row.item: json.loads(row.counts) for row in rows}
    return {
        "unit": code,
        "period": period,
        "computed_at": max(row.computed_at for row in rows),
        "total": _told(total(counts.values()), scoring),
        "items": [{"item": item, **_told(one, scoring)} for item, one in counts.items()],
    }


def _told(counts: Counts, scoring: Scoring) -> dict[str, Any]:
    made: Iterable[Figure] = figures(counts, scoring.formulae)
    return {
        "counts": {name: counts.get(name, 0) for name in COUNTS},
        "figures": [
            {
                "code": one.formula.code, "name": one.formula.name, "above": one.above, "below": one.below,
                "value": None if one.value is None else str(one.value), "full": one.full,
                "provenance": one.formula.provenance, "says": one.formula.says,
            }
            for one in made
        ],
    }  # fmt: skip
