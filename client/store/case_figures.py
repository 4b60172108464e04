"""Figures of cases (办件统计) from the desk's own data: how many, in time or not, about what, how long."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from statistics import median
from typing import Any, Final

from client.core.times import day_in_shanghai, from_text
from client.store.connection import Connection, Row


@dataclass(frozen=True, slots=True)
class CaseFigures:
    """Figures of a span of days.

    Attributes:
        since, until: ISO days, both included.
        received: taken in within the span.
        closed: ended within the span; on_time, overdue: of those, by the last due date that was known;
            undated: of those, without one.
        open: taken in by the end of the span and open now; open_overdue: of those, past their day.
        median_days: from receipt to end, of those that ended; None when none did.
        by_kind, by_stage, by_reason, by_item, by_field: cases that were received; one that is about several
            counts once for each.
    """

    since: str
    until: str
    received: int
    closed: int
    on_time: int
    overdue: int
    undated: int
    open: int
    open_overdue: int
    median_days: float | None
    by_kind: Mapping[str, int]
    by_stage: Mapping[str, int]
    by_reason: Mapping[str, int]
    by_item: Mapping[str, int]
    by_field: Mapping[str, int]

    def as_json(self) -> dict[str, Any]:
        """As `minxin case figures --json` prints it."""
        return asdict(self)


_TOUCHED: Final = """
  SELECT kind, stage, is_open, opened_at, closed_at, last_due_on FROM case_shown
  WHERE (:unit IS NULL OR unit = :unit) AND date(opened_at, '+8 hours') <= :until
    AND (is_open OR date(closed_at, '+8 hours') >= :since OR date(opened_at, '+8 hours') >= :since)
"""
_ABOUT: Final = """
  SELECT s.case_id, r.reason_code AS reason, r.item, f.value AS field
  FROM case_shown s JOIN case_record r ON r.case_id = s.case_id LEFT JOIN json_each(r.fields) f
  WHERE (:unit IS NULL OR s.unit = :unit) AND date(s.opened_at, '+8 hours') BETWEEN :since AND :until
"""


def read(
    reader: Connection, since: date, until: date, *, today: date, unit: str | None = None
) -> CaseFigures:
    """Return the figures of a span.

    Args:
        reader: of the desk.
        since: the first legal day.
        until: the last one.
        today: the legal day.
        unit: only cases that this unit has to answer; None for all on this desk.
    """
    said = {"since": since.isoformat(), "until": until.isoformat(), "unit": unit}
    rows = reader.execute(_TOUCHED, said).fetchall()
    about = reader.execute(_ABOUT, said).fetchall()
    received = [row for row in rows if since <= _day(row["opened_at"]) <= until]
    closed = [row for row in rows if not row["is_open"] and since <= _day(row["closed_at"]) <= until]
    opened = [row for row in rows if row["is_open"]]
    dated = [row for row in closed if row["last_due_on"] is not None]
    late = sum(_day(row["closed_at"]).isoformat() > row["last_due_on"] for row in dated)
    days = [(_day(row["closed_at"]) - _day(row["opened_at"])).days for row in closed]
    return CaseFigures(
        since=since.isoformat(),
        until=until.isoformat(),
        received=len(received),
        closed=len(closed),
        on_time=len(dated) - late,
        overdue=late,
        undated=len(closed) - len(dated),
        open=len(opened),
        open_overdue=sum(_is_late(row, today) for row in opened),
        median_days=float(median(days)) if days else None,
        by_kind=_most_first(row["kind"] for row in received),
        by_stage=_most_first(row["stage"] for row in received),
        by_reason=_by(about, "reason"),
        by_item=_by(about, "item"),
        by_field=_by(about, "field"),
    )


def _is_late(row: Row, today: date) -> bool:
    due_on = row["last_due_on"]
    return row["stage"] != "decided" and due_on is not None and due_on < today.isoformat()


def _day(at: str) -> date:
    return day_in_shanghai(from_text(at))


def _by(rows: Iterable[Row], what: str) -> dict[str, int]:
    return _most_first(code for _, code in {(row["case_id"], row[what]) for row in rows} if code)


def _most_first(codes: Iterable[str]) -> dict[str, int]:
    found = Counter(codes)
    return dict(sorted(found.items(), key=lambda one: (-one[1], one[0])))
