"""What the law says of a case on this desk: calendar, rule sets in force, due dates of both sides. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from client.core.people import Device
from client.core.times import day_in_shanghai, from_text
from forms.law import clocks
from forms.law.calendar import Calendar
from forms.law.clocks import Due, Event
from forms.law.repairs import Window, window
from forms.law.rulesets import Followed, Kind, RuleSet, default_set


@dataclass(frozen=True, slots=True)
class Choice:
    """A choice that came from the platform: who follows what, from when.

    Attributes:
        number: of two from the same day the higher one holds.
    """

    number: int
    city: str
    kind: str
    since: date
    rule_set: RuleSet
    confirmed_by: str | None
    confirmed_on: date | None

    def followed(self) -> Followed:
        """The choice as a rule set that is followed."""
        return Followed(self.rule_set, self.since, self.confirmed_by, self.confirmed_on)


@dataclass(frozen=True, slots=True)
class CaseDues:
    """The clocks of a case, side by side.

    Attributes:
        first: the one whose date leads the case; None where none has a date.
        platform, provider: of each side, in the order of its rule set.
    """

    platform_rules: Followed
    provider_rules: Followed
    platform: tuple[Due, ...]
    provider: tuple[Due, ...]
    first: Due | None

    @property
    def confirmed(self) -> bool:
        """Whether somebody stands for the rules of both sides."""
        return self.platform_rules.confirmed and self.provider_rules.confirmed


@dataclass(frozen=True, slots=True)
class Law:
    """Calendar and rule sets as this desk has them.

    Attributes:
        choices: all that came; in no order.
        shipped: rule sets of the program, by id.
    """

    calendar: Calendar
    choices: tuple[Choice, ...]
    shipped: Mapping[str, RuleSet]
    device: Device

    def in_force(self, city: str, kind: Kind, on: date, named: str | None = None) -> Followed:
        """Return the rule set that a city follows for cases taken in on a day.

        Args:
            city: division code; empty where it is not known.
            kind: of the case.
            on: the day on which it was taken in.
            named: the id that the platform has given for the case; goes before what is known of the city.
        """
        fitting = [one for one in self.choices if one.kind == kind and one.since <= on]
        own = [one for one in fitting if one.city == city]
        if named is not None:
            same = [one for one in fitting if one.rule_set.id == named]
            own = [one for one in same if one.city == city] or same
            known = self.shipped.get(named)
            if not own and known is not None:
                return Followed(known, None, None, None)
        if own:
            return max(own, key=lambda one: (one.since, one.number)).followed()
        return Followed(default_set(self.shipped, kind, on), None, None, None)

    def city_of(self, unit: str) -> str:
        """Return the division code of a unit: our own, or as far as its code begins with one."""
        if unit == self.device.unit_code:
            return self.device.city
        return unit[:6] if unit[:6].isdigit() and len(unit) >= 6 else ""

    def dues(self, case: Mapping[str, Any], today: date, events: Sequence[Event] | None = None) -> CaseDues:
        """Return how the clocks of both sides stand.

        Args:
            case: in its JSON form.
            today: the legal day.
            events: what happened, where it is more than the platform told; None takes the case's own.
        """
        if events is None:
            events = clocks.events_of(case.get("events", ()))
        kind, on = _kind(case), _taken_in_on(case, events)
        named, own = case.get("rules") or {}, case["unit"] == case["hall_unit"]
        provider = self.in_force(self.city_of(case["unit"]), kind, on, named.get("provider"))
        platform = provider if own else self.in_force(
            self.city_of(case["hall_unit"]), kind, on, named.get("platform")
        )  # fmt: skip
        ours, theirs = (
            clocks.all_due(rules.rule_set, events, self.calendar, today, actor=actor, own=own)
            for rules, actor in ((platform, clocks.ACTORS[0]), (provider, clocks.ACTORS[1]))
        )
        return CaseDues(platform, provider, ours, theirs, clocks.leading(ours, theirs, own=own))

    def repair_window(self, case: Mapping[str, Any], today: date) -> Window | None:
        """Return when a repair may be granted, by the rules of the day of publication; None of an objection.

        The set that the city follows is asked where it was in force then and knows the class, else the
        national measures of that day.
        """
        repair = case.get("repair")
        if not repair:
            return None
        started = date.fromisoformat(repair["published_on"])
        fulfilled = date.fromisoformat(repair["fulfilled_on"]) if repair.get("fulfilled_on") else None
        chosen = self.dues(case, today, ()).provider_rules.rule_set
        national = default_set(self.shipped, "repair", started)
        for rule_set in (chosen if chosen.holds_on(started) else national, national):
            period = rule_set.period(repair["severity"])
            if period is not None:
                return window(period, started, fulfilled, today)
        return None


def _kind(case: Mapping[str, Any]) -> Kind:
    return "repair" if case["kind"] == "repair" else "objection"


def _taken_in_on(case: Mapping[str, Any], events: Sequence[Event]) -> date:
    received = next((one.on for one in events if one.kind == "received"), None)
    if received is not None:
        return received
    return day_in_shanghai(from_text(case.get("taken_in_at") or case["opened_at"]))
