"""The published formulae of assessment (评价指标), as data, and what they are computed from. Pure.

A scorecard is a set of counts; every figure is a quotient of sums of counts, so that it opens to its parts,
and that the counts of several items add up to those of a unit. Where a rule is official, the formula names
its source in `resources/scoring/formulae.json`; what is recalled or derived is marked so there.

Source:
    SZ-KPI (入库率, 完整率, 准确率), BAOJI (及时率), SZ-UI (漏报, 超时, 疑问, 处理, 忽略).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any, Final, Literal

from forms.catalog.schema import Item, Values
from forms.law.calendar import Calendar, Count
from forms.law.periods import KINDS, Kind, Period, kind_of, period_at, valid_for

COUNTS: Final = (
    "supplied", "accepted", "stored", "matched", "unmatched", "rejected", "withdrawn", "updated",
    "right_at_once", "filled", "demanded", "on_time", "late", "undetermined", "questioned", "questions",
    "questions_open", "questions_corrected", "questions_ignored", "questions_settled", "periods_due",
    "periods_on_time", "periods_late", "periods_missed", "periods_zero",
)  # fmt: skip
"""What a scorecard is made of; each is a number of records, fields, questions or periods."""

Counts = dict[str, int]
Timing = Literal["on_time", "late", "undetermined"]


class FormulaError(ValueError):
    """The file of formulae is not as it must be."""


@dataclass(frozen=True, slots=True)
class Formula:
    """A figure: the sum of some counts over the sum of others.

    Attributes:
        full_at: from here on it gets full marks; None where nothing says so.
        says: the definition in words.
    """

    code: str
    name: str
    above: tuple[str, ...]
    below: tuple[str, ...]
    full_at: Decimal | None
    provenance: str
    source: str
    says: str


@dataclass(frozen=True, slots=True)
class Scoring:
    """All formulae, and how many working days after a period its report may come."""

    formulae: tuple[Formula, ...]
    grace: Mapping[Kind, int]


@dataclass(frozen=True, slots=True)
class Figure:
    """What a formula comes to.

    Attributes:
        value: four places; None when there is nothing to divide by.
        full: whether it reaches full marks; None where that is not said, or there is no value.
    """

    formula: Formula
    above: int
    below: int
    value: Decimal | None
    full: bool | None


def load_scoring(path: Path) -> Scoring:
    """Read the formulae.

    Raises:
        FormulaError: a formula uses a count that there is not, or something is missing or unknown.
    """
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
        formulae = tuple(_formula(one) for one in raw["formulae"])
        grace = {kind: int(raw["grace"][kind]["working_days"]) for kind in KINDS}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise FormulaError(f"{path.name}: {error}") from error
    unknown = {name for one in formulae for name in (*one.above, *one.below)} - set(COUNTS)
    if unknown:
        raise FormulaError(f"{path.name}: unknown counts {sorted(unknown)}")
    return Scoring(formulae, grace)


def _formula(raw: dict[str, Any]) -> Formula:
    full_at = raw["full_at"]
    made = {**raw, "above": tuple(raw["above"]), "below": tuple(raw["below"])}
    return Formula(**{**made, "full_at": None if full_at is None else Decimal(full_at)})


def total(parts: Iterable[Mapping[str, int]]) -> Counts:
    """Add counts up; every count is there, also where it is nothing."""
    made = dict.fromkeys(COUNTS, 0)
    for part in parts:
        for name, count in part.items():
            made[name] += count
    return made


def figures(counts: Mapping[str, int], formulae: Sequence[Formula]) -> list[Figure]:
    """Compute every figure from counts.

    Source:
        each formula names its own.
    """
    return [_figure(counts, one) for one in formulae]


def _figure(counts: Mapping[str, int], formula: Formula) -> Figure:
    above, below = (sum(counts.get(name, 0) for name in names) for names in (formula.above, formula.below))
    if not below:
        return Figure(formula, above, below, None, None)
    value = (Decimal(above) / Decimal(below)).quantize(Decimal("0.0001"), ROUND_HALF_UP)
    full = None if formula.full_at is None else Decimal(above) >= formula.full_at * below
    return Figure(formula, above, below, value, full)


def completeness(item: Item, values: Values) -> tuple[int, int]:
    """Return how many of the fields that the item demands are filled, and how many it demands.

    A field that must be filled counts one, a group of which one must be filled counts one.

    Source:
        SZ-KPI: 完整率 = items filled / items demanded.
    """
    required = [one.id for one in item.fields if one.required]
    groups: dict[int, list[str]] = {}
    for one in item.fields:
        if one.required_group is not None:
            groups.setdefault(one.required_group, []).append(one.id)
    filled = sum(name in values for name in required)
    filled += sum(any(name in values for name in names) for names in groups.values())
    return filled, len(required) + len(groups)


def due_after(period: Period, cycle: str, scoring: Scoring, calendar: Calendar) -> Count:
    """Return the last day on which the report of a period is on time.

    Source:
        SZ-META: a directory has a task period and days; where the cycle names no days, `grace` is derived.
    """
    days = valid_for(cycle)
    if days is not None:
        return Count(period.last + timedelta(days=days), certain=True, counted=[])
    return calendar.add_working_days(period.last, scoring.grace[period.kind])


def timing(
    item: Item, acted_on: date, received_on: date, scoring: Scoring, calendar: Calendar
) -> Timing | None:
    """Say whether a record came on time; None where the item names no term.

    The term runs from `acted_on`; the first version that was accepted came in on `received_on`.

    Source:
        BAOJI, SHIYAN, N424: 双公示 within seven working days of the decision; others by their cycle.
    """
    if item.deadline is not None:
        due = calendar.add_working_days(acted_on, item.deadline.working_days)
    else:
        kind = kind_of(item.cycle)
        if kind is None:
            return None
        due = due_after(period_at(kind, acted_on), item.cycle, scoring, calendar)
    return against(received_on, due)


def against(day: date, due: Count) -> Timing:
    """Hold a day against a due date, which may be the earliest that it can be."""
    if day <= due.date:
        return "on_time"
    return "late" if due.certain else "undetermined"


def period_counts(first_on: date | None, due: Count, today: date, *, zero: bool) -> Counts:
    """Count one period of one item of a unit: on time (正常), late (超时), missed (漏报), or not due yet.

    Args:
        first_on: when the first report of the period came, or its zero report; None when none did.
        due: the last day on which it was on time.
        today: nothing is missed before the due date is past.
        zero: it was declared that nothing happened.

    Source:
        SZ-UI: a period with nothing must be declared (无数据上报), or it counts as missed.
    """
    if first_on is None:
        if today <= due.date or not due.certain:
            return {}
        return {"periods_due": 1, "periods_missed": 1}
    found = against(first_on, due)
    if found == "undetermined":
        return {}
    state = "periods_on_time" if found == "on_time" else "periods_late"
    return {"periods_due": 1, state: 1, "periods_zero": int(zero)}
