"""The clocks of cases at the platform: what is due next, by which rule sets, and whether that is certain.

The provider's clocks are those of the city of the unit that has the case, the platform's those of the city of
the hall; of the same city when the unit took it in itself. Computed at every event, and anew when a calendar
is published or a city chooses another rule set.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, cast

from sqlalchemy import Connection, Row, select, update

from forms.law.calendar import Calendar
from forms.law.clocks import Clock, Event, all_due, events_of, leading
from forms.law.rulesets import Kind, RuleSet
from regional_platform import case_log
from regional_platform.legal import followed
from regional_platform.published import calendar_of
from regional_platform.store.case_tables import casefile
from regional_platform.store.tables import unit
from regional_platform.times import legal_day


@dataclass(frozen=True, slots=True)
class Rules:
    """The rule sets that a case goes by; `own` says that the unit took it in itself."""

    platform: RuleSet
    provider: RuleSet
    own: bool

    def clock(self, clock_id: str) -> Clock | None:
        """Return a clock of the platform, or of the provider, by its id."""
        for rule_set, actor in ((self.provider, "provider"), (self.platform, "platform")):
            found = rule_set.clock(clock_id)
            if found is not None and found.actor == actor:
                return found
        return None


def rules_of(connection: Connection, resources: Path, row: Row[Any], taken_in_on: date) -> Rules:
    """Return the rule sets of a case, as they are followed for what was taken in on a day."""
    codes = {row.unit, row.hall_unit}
    cities = dict(connection.execute(select(unit.c.code, unit.c.city).where(unit.c.code.in_(codes))).all())
    kind = cast("Kind", row.kind)
    provider, platform = (
        followed(connection, resources, cities[code], kind, taken_in_on).rule_set
        for code in (row.unit, row.hall_unit)
    )
    return Rules(platform, provider, own=row.unit == row.hall_unit)


def reckon(connection: Connection, resources: Path, case_id: str, now: datetime) -> dict[str, Any]:
    """Write down what is due next in a case; returns the values of its columns."""
    return _reckon(connection, resources, case_id, now, calendar_of(connection, resources))


def _reckon(
    connection: Connection, resources: Path, case_id: str, now: datetime, calendar: Calendar
) -> dict[str, Any]:
    row = case_log.row_of(connection, case_id)
    assert row is not None
    happened = events_of(case_log.events_of(connection, [case_id])[case_id])
    rules = rules_of(connection, resources, row, happened[0].on)
    values = {**_due(row.state, rules, happened, calendar, legal_day(now)), **_named(rules)}
    connection.execute(update(casefile).where(casefile.c.case_id == case_id).values(**values))
    return values


def _named(rules: Rules) -> dict[str, Any]:
    return {
        "platform_rules": rules.platform.id,
        "provider_rules": rules.provider.id,
        "stops": rules.platform.stops_publication or rules.provider.stops_publication,
    }


def _due(
    state: str, rules: Rules, happened: Sequence[Event], calendar: Calendar, today: date
) -> Mapping[str, Any]:
    if state == "closed":
        return {"due_on": None, "due_certain": False}
    provider = all_due(rules.provider, happened, calendar, today, actor="provider", own=rules.own)
    platform = all_due(rules.platform, happened, calendar, today, actor="platform", own=rules.own)
    found = leading(platform, provider, own=rules.own)
    if found is None or found.on is None:
        return {"due_on": None, "due_certain": False}
    return {"due_on": found.on.isoformat(), "due_certain": found.certain}


def recompute(connection: Connection, resources: Path, now: datetime) -> int:
    """Reckon all cases that have not ended anew; returns of how many the due date is another one now.

    Desks do the same with what they were told; the cases stay as they were to whoever works on them.
    """
    calendar = calendar_of(connection, resources)
    still = select(casefile.c.case_id, casefile.c.due_on, casefile.c.due_certain)
    moved = 0
    for row in connection.execute(
        still.where(casefile.c.state != "closed").order_by(casefile.c.case_id)
    ).all():
        values = _reckon(connection, resources, row.case_id, now, calendar)
        moved += (values["due_on"], values["due_certain"]) != (row.due_on, row.due_certain)
    return moved
