"""Repair periods (信用修复的期限): from when repair may be granted, when publication ends by itself. Pure.

The time runs from the day after publication (or the decision) and goes by the calendar; it is no time to act
in, so that its last day does not roll over a day off.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from forms.law.counting import Step, add_months
from forms.law.rulesets import RepairPeriod, Span

_DAY = timedelta(days=1)
_MONTHS = {"month": 1, "year": 12}


@dataclass(frozen=True, slots=True)
class Window:
    """When a record may be repaired.

    Attributes:
        from_on: the first day on which repair may be granted; None while the duties are not fulfilled.
        shortest_until: last day of the shortest period; None where there is none.
        longest_until: last day of publication; None where the instrument says nothing.
        ended: publication has ended by itself; there is nothing left to repair.
        steps: how the days were found; `forms.law.words` tells them.
    """

    from_on: date | None
    shortest_until: date | None
    longest_until: date | None
    ended: bool
    steps: tuple[Step, ...]

    def allows(self, day: date) -> bool:
        """Tell whether a repair may be granted on a day, as far as the time is concerned."""
        return not self.ended and self.from_on is not None and self.from_on <= day


def window(period: RepairPeriod, started_on: date, fulfilled_on: date | None, today: date) -> Window:
    """Return when a record of a class may be repaired.

    Args:
        period: of the class, in the rule set that is followed.
        started_on: the day of publication, or of the decision where the period runs from it.
        fulfilled_on: when the act was corrected and all duties fulfilled; None while they are not.
        today: in Asia/Shanghai.
    """
    steps = [Step(started_on, "repair_started", {"runs_from": period.runs_from})]
    shortest = _end(started_on, period.shortest)
    longest = _end(started_on, period.longest)
    if shortest is None or period.shortest is None:
        steps.append(Step(None, "repair_no_shortest", {}))
    else:
        said = {"n": period.shortest.length, "unit": period.shortest.unit}
        steps.append(Step(shortest, "repair_shortest", said))
    if fulfilled_on is None:
        steps.append(Step(None, "repair_unfulfilled", {}))
        from_on = None
    else:
        steps.append(Step(fulfilled_on, "repair_fulfilled", {}))
        from_on = max(fulfilled_on, started_on if shortest is None else shortest + _DAY)
        steps.append(Step(from_on, "repair_from", {}))
    if longest is not None and period.longest is not None:
        said = {"n": period.longest.length, "unit": period.longest.unit}
        steps.append(Step(longest, "repair_longest", said))
    return Window(from_on, shortest, longest, longest is not None and longest < today, tuple(steps))


def _end(start: date, span: Span | None) -> date | None:
    if span is None:
        return None
    if span.unit in _MONTHS:
        return add_months(start, span.length * _MONTHS[span.unit])
    return start + span.length * _DAY
