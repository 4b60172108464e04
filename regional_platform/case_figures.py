"""Figures of cases (办件统计) of a unit and all below it: how many, in time or not, about what, how long."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from statistics import median
from typing import Any

from sqlalchemy import Connection, Row, or_, select

from forms.law.clocks import all_due, events_of
from regional_platform import case_log
from regional_platform.case_clocks import rules_of
from regional_platform.published import calendar_of
from regional_platform.store.among import among
from regional_platform.store.case_tables import case_record, casefile
from regional_platform.store.tables import unit
from regional_platform.times import LEGAL_ZONE, iso, legal_day


def figures_of(
    connection: Connection, resources: Path, path: str, since: date, until: date, now: datetime
) -> dict[str, Any]:
    """Count the cases of the units at or below a place in the tree.

    Args:
        connection: reading is enough.
        resources: of the program.
        path: of the unit.
        since: the first legal day.
        until: the last one.
        now: the present moment.

    Returns:
        received: opened in the span; closed: ended in it, and of those on_time, overdue (a clock with a
        certain date was late) and undated (no clock had one); open: opened by its end and open now, and of
        those open_overdue; median_days: from opening to end; by_kind, by_reason, by_item, by_field: of those
        received, the most frequent first, a case that is about several counted once for each.
    """
    first, last = (_midnight(day) for day in (since, until + timedelta(days=1)))
    rows = connection.execute(
        select(casefile)
        .join(unit, unit.c.code == casefile.c.unit)
        .where(unit.c.path.startswith(path, autoescape=True), casefile.c.opened_at < last)
        .where(
            or_(casefile.c.closed_at.is_(None), casefile.c.closed_at >= first, casefile.c.opened_at >= first)
        )
        .order_by(casefile.c.case_id)
    ).all()
    received = [row for row in rows if row.opened_at >= first]
    closed = [row for row in rows if row.closed_at is not None and first <= row.closed_at < last]
    still = [row for row in rows if row.closed_at is None]
    late, in_time = _in_time(connection, resources, closed, now)
    days = [(_day(row.closed_at) - _day(row.opened_at)).days for row in closed]
    today = legal_day(now).isoformat()
    past = [row for row in still if row.due_on is not None and row.due_certain and row.due_on < today]
    return {
        "since": since.isoformat(), "until": until.isoformat(), "received": len(received),
        "closed": len(closed), "on_time": in_time, "overdue": late, "undated": len(closed) - late - in_time,
        "open": len(still), "open_overdue": len(past),
        "median_days": str(median(days)) if days else None,
        "by_kind": _most_first(row.kind for row in received), **_about(connection, received),
    }  # fmt: skip


def _in_time(
    connection: Connection, resources: Path, rows: Sequence[Row[Any]], now: datetime
) -> tuple[int, int]:
    """How many of some ended cases were late, and how many were in time."""
    calendar, today = calendar_of(connection, resources), legal_day(now)
    events = case_log.events_of(connection, [row.case_id for row in rows])
    late = in_time = 0
    for row in rows:
        happened = events_of(events[row.case_id])
        rules = rules_of(connection, resources, row, happened[0].on)
        dues = [
            *all_due(rules.provider, happened, calendar, today, actor="provider", own=rules.own),
            *all_due(rules.platform, happened, calendar, today, actor="platform", own=rules.own),
        ]
        if any(due.state in {"late_met", "overdue"} for due in dues):
            late += 1
        elif any(due.certain for due in dues):
            in_time += 1
    return late, in_time


def _about(connection: Connection, rows: Sequence[Row[Any]]) -> dict[str, list[dict[str, Any]]]:
    held = select(case_record.c.case_id, case_record.c.record_id, case_record.c.snapshot)
    catalogs = {
        (one.case_id, one.record_id): json.loads(one.snapshot)["catalog"].partition("@")[0]
        for one in connection.execute(held.where(among(case_record.c.case_id, [row.case_id for row in rows])))
    }
    reasons, items, fields = set(), set(), set()
    for row in rows:
        for said in json.loads(row.opening)["records"]:
            reasons.add((row.case_id, said["reason_code"]))
            items.add((row.case_id, catalogs[row.case_id, said["record_id"]]))
            fields |= {(row.case_id, dispute["field"]) for dispute in said["disputes"]}
    named = {"by_reason": reasons, "by_item": items, "by_field": fields}
    return {name: _most_first(code for _, code in found) for name, found in named.items()}


def _most_first(codes: Iterable[str]) -> list[dict[str, Any]]:
    counted = sorted(Counter(codes).items(), key=lambda one: (-one[1], one[0]))
    return [{"code": code, "count": count} for code, count in counted]


def _midnight(day: date) -> str:
    return iso(datetime.combine(day, time(), LEGAL_ZONE))


def _day(at: str) -> date:
    return legal_day(datetime.fromisoformat(at))
