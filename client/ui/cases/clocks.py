"""The clocks of a case, as the rule sets that it follows count them today. No Qt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from client import paths
from client.core.cases import Case
from client.store.case_shown import Shown
from client.store.desk import Desk
from forms.law.calendar import Calendar
from forms.law.clocks import ACTORS, Actor, Due, Event, all_due
from forms.law.repairs import Window, window
from forms.law.rulesets import Kind, RuleSet, default_set, load


@dataclass(frozen=True, slots=True)
class Followed:
    """A rule set that a case follows, and who confirmed it for the city; nobody: empty."""

    rule_set: RuleSet
    confirmed_by: str = ""
    confirmed_on: str = ""


@dataclass(frozen=True, slots=True)
class CaseClocks:
    """How the clocks of a case stand.

    Attributes:
        dues: of the platform, and of the supplying unit.
        followed: the rule set of each; None where none is known.
        window: when a repair may be granted; None for an objection, or where nothing is known of it.
    """

    dues: Mapping[Actor, tuple[Due, ...]]
    followed: Mapping[Actor, Followed | None]
    window: Window | None


def clocks_of(desk: Desk, case: Case, shown: Shown) -> CaseClocks:
    """Return how the clocks of a case stand today, own unconfirmed events included."""
    events = tuple(Event(one.kind, date.fromisoformat(one.on), one.data) for one in shown.events)
    own, today = case.hall_unit == case.unit, desk.today()
    followed: dict[Actor, Followed | None] = {}
    dues: dict[Actor, tuple[Due, ...]] = {}
    for actor in ACTORS:
        rule_set = _sets().get(case.rules.get(actor) or "")
        followed[actor] = None if rule_set is None else Followed(rule_set)
        dues[actor] = (
            () if rule_set is None else all_due(rule_set, events, _calendar(), today, actor=actor, own=own)
        )
    return CaseClocks(dues, followed, _window(case, followed, today))


def _window(case: Case, followed: Mapping[Actor, Followed | None], today: date) -> Window | None:
    follows = followed["provider"] or followed["platform"]
    if case.repair is None or follows is None:
        return None
    return repair_window(follows.rule_set, case.repair, today)


def repair_window(rule_set: RuleSet, repair: Mapping[str, object], today: date) -> Window | None:
    """Return when a repair may be granted; None where the rules or the application do not say enough."""
    period = rule_set.period(str(repair.get("severity")))
    started, fulfilled = repair.get("published_on"), repair.get("fulfilled_on")
    if period is None or not started:
        return None
    done = date.fromisoformat(str(fulfilled)) if fulfilled else None
    return window(period, date.fromisoformat(str(started)), done, today)


def default_rules(kind: Kind, on: date) -> RuleSet:
    """Return what is followed where nobody has chosen; not confirmed."""
    return default_set(_sets(), kind, on)


@lru_cache(maxsize=1)
def _sets() -> Mapping[str, RuleSet]:
    return load(paths.resources() / "legal" / "rules")


@lru_cache(maxsize=1)
def _calendar() -> Calendar:
    return Calendar.load(paths.resources() / "calendars")
