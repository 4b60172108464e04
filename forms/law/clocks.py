"""Clocks (期限) of a case: from its events and a calendar to a due date that can be explained. Pure.

How days are counted: `forms.law.counting`. A year without a notice is never guessed: the date is then the
earliest possible one and not certain (暂定). A duty without a number (立即, 及时, or one that nobody knows)
is a clock too: it runs and is met, and has no date.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, Final, Literal, get_args

from forms.law.calendar import Calendar
from forms.law.counting import WAYS, Step, Unit, days_left

if TYPE_CHECKING:
    from forms.law.rulesets import RuleSet

EventKind = Literal[
    "received", "supplement_asked", "supplemented", "accepted", "refused", "assigned", "transferred",
    "extended", "suspended", "resumed", "decided", "told", "waived", "withdrawn", "closed",
]  # fmt: skip
Actor = Literal["platform", "provider"]
Provenance = Literal["sourced", "secondary", "recalled", "unknown", "own"]
"""The clause was read; seen at second hand; from memory; not found; entered by the customer."""
State = Literal["not_started", "running", "suspended", "met", "late_met", "overdue"]
Only = Literal["own", "assisted"]
"""Where the supplying unit took the case in itself; where another desk did."""

EVENT_KINDS: Final[tuple[EventKind, ...]] = get_args(EventKind)
ACTORS: Final[tuple[Actor, ...]] = get_args(Actor)
PROVENANCES: Final[tuple[Provenance, ...]] = get_args(Provenance)
ENDS: Final[frozenset[str]] = frozenset({"refused", "withdrawn", "closed"})
"""Kinds of event that end a case, and with it every clock."""

_NOTHING: Final[Mapping[str, Any]] = {}


@dataclass(frozen=True, slots=True)
class Extension:
    """How far a clock may be extended (延长), and by whom.

    Attributes:
        most: the bound, in `unit`.
        in_all: the bound is of the whole time, not of what is added.
        by: who may grant it, in words of the clause.
    """

    most: int
    unit: Unit
    in_all: bool
    by: str


@dataclass(frozen=True, slots=True)
class Clock:
    """One duty with its time.

    Attributes:
        starts: kinds of event that start it; each of them starts it afresh until it is stopped.
        stops: kinds of event that meet it.
        length: None where the clause says no number, or nobody has told it yet.
        suspends: an examination by experts (检验、鉴定、专家评审) stops it.
        only: None where it holds in any case.
    """

    id: str
    title: str
    actor: Actor
    starts: tuple[str, ...]
    stops: tuple[str, ...]
    length: int | None
    unit: Unit
    suspends: bool
    extension: Extension | None
    only: Only | None
    clause: str
    source: str
    provenance: Provenance


@dataclass(frozen=True, slots=True)
class Event:
    """What happened to a case, on its legal date (Asia/Shanghai)."""

    kind: str
    on: date
    data: Mapping[str, Any] = field(default_factory=lambda: _NOTHING)


@dataclass(frozen=True, slots=True)
class Due:
    """How a clock stands.

    Attributes:
        on: the last day; None while suspended, not started, or without a number.
        certain: `on` is a date, and every day that it hangs on is covered by a notice.
        left: working days (else days) from today to `on`, below zero when it has passed; while suspended what
            remains. None when there is nothing left to count.
    """

    clock: Clock
    state: State
    on: date | None
    certain: bool
    left: int | None
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class _Run:
    """One run of a clock: its start, its end, and what happened between."""

    start: Event | None
    restarted: bool
    waits_since: date | None
    pauses: tuple[tuple[date, date | None], ...]
    grants: tuple[Event, ...]
    stop: Event | None


def events_of(case_events: Iterable[Mapping[str, Any]]) -> tuple[Event, ...]:
    """Return the events of a case as clocks read them, from their JSON form.

    Args:
        case_events: each with `kind`, `on` (``YYYY-MM-DD``) and `data`, oldest first.
    """
    return tuple(
        Event(str(one["kind"]), date.fromisoformat(one["on"]), one.get("data") or _NOTHING)
        for one in case_events
    )


def all_due(
    rule_set: RuleSet, events: Sequence[Event], calendar: Calendar, today: date, *,
    actor: Actor | None = None, own: bool = False,
) -> tuple[Due, ...]:  # fmt: skip
    """Return how every clock of a rule set stands, in its order.

    Args:
        rule_set: whose clocks.
        events: of the case, oldest first.
        calendar: of working days.
        today: in Asia/Shanghai.
        actor: only the clocks of the platform, or of the provider; None for both.
        own: the supplying unit took the case in itself.
    """
    left_out: Only = "assisted" if own else "own"
    return tuple(
        due(clock, events, calendar, today)
        for clock in rule_set.clocks
        if clock.only != left_out and actor in (None, clock.actor)
    )


def next_due(dues: Iterable[Due]) -> Due | None:
    """Return the clock that runs out first; None when none that is not met has a date."""
    dated = [(one.on, one.clock.id, one) for one in dues if one.state in ("running", "overdue") and one.on]
    return min(dated, key=lambda found: found[:2])[2] if dated else None


def leading(platform: Iterable[Due], provider: Iterable[Due], *, own: bool) -> Due | None:
    """Return the clock whose date leads a case: what its unit must meet, else what the platform must.

    Args:
        platform: clocks of that side.
        provider: clocks of the other.
        own: the unit took the case in itself and must meet both.
    """
    if own:
        return next_due([*platform, *provider])
    return next_due(provider) or next_due(platform)


def granted(clock: Clock, asked: Sequence[int]) -> tuple[int, int]:
    """Return by how much extensions lengthen a clock, and by how much more it may still be.

    Args:
        clock: it says the bound.
        asked: the days of each grant, in order; what lies beyond the bound does not count.
    """
    if clock.extension is None or clock.length is None:
        return 0, 0
    bound = clock.extension.most - (clock.length if clock.extension.in_all else 0)
    added = min(sum(asked), max(bound, 0))
    return added, max(bound, 0) - added


def room(clock: Clock, events: Sequence[Event]) -> int:
    """Return by how many days the clock may still be extended, in its unit; 0 where it may not."""
    return granted(clock, [_asked(grant) for grant in _run(clock, events).grants])[1]


def due(clock: Clock, events: Sequence[Event], calendar: Calendar, today: date) -> Due:
    """Tell how a clock stands today, and how its date was found.

    Args:
        clock: which.
        events: of the case, oldest first; what lies after `today` counts too.
        calendar: of working days.
        today: in Asia/Shanghai.
    """
    run = _run(clock, events)
    if run.start is None:
        waits = () if run.waits_since is None else (Step(run.waits_since, "supplement_awaited", {}),)
        return Due(clock, "not_started", None, certain=False, left=None, steps=waits)
    code = "restarted" if run.restarted else "started"
    steps = [Step(run.start.on, code, {"event": run.start.kind})]
    if clock.length is None or clock.unit not in WAYS:
        steps.append(Step(None, "no_number", {"unit": clock.unit}))
        return _standing(clock, run, None, steps, calendar, today, certain=False, remains=None)
    length = clock.length + _extended(clock, run.grants, steps)
    steps.insert(1, Step(None, "length", {"n": clock.length, "unit": clock.unit}))
    if not clock.suspends and run.pauses:
        steps.append(Step(run.pauses[0][0], "pause_ignored", {}))
    pauses = run.pauses if clock.suspends else ()
    end = WAYS[clock.unit](run.start.on, length, pauses, calendar, clock.unit)
    steps += end.steps
    if end.on is not None:
        steps.append(Step(end.on, "due" if end.certain else "due_earliest", {}))
    return _standing(clock, run, end.on, steps, calendar, today, certain=end.certain, remains=end.remains)


def _run(clock: Clock, events: Sequence[Event]) -> _Run:
    start: Event | None = None
    starts, waits_since = 0, None
    pauses: list[tuple[date, date | None]] = []
    grants: list[Event] = []
    for event in events:
        if event.kind in clock.starts:
            start, waits_since, pauses, grants = event, None, [], []
            starts += 1
        elif start is None:
            continue
        elif event.kind in clock.stops or event.kind in ENDS:
            return _Run(start, starts > 1, None, tuple(pauses), tuple(grants), event)
        elif event.kind == "supplement_asked" and "supplemented" in clock.starts:
            start, waits_since = None, event.on
        elif event.kind == "suspended" and not (pauses and pauses[-1][1] is None):
            pauses.append((event.on, None))
        elif event.kind == "resumed" and pauses and pauses[-1][1] is None:
            pauses[-1] = (pauses[-1][0], max(event.on, pauses[-1][0]))
        elif event.kind == "extended" and event.data.get("clock") == clock.id:
            grants.append(event)
    return _Run(start, starts > 1, waits_since, tuple(pauses), tuple(grants), None)


def _asked(grant: Event) -> int:
    days = grant.data.get("days")
    return days if isinstance(days, int) and not isinstance(days, bool) and days > 0 else 0


def _extended(clock: Clock, grants: Sequence[Event], steps: list[Step]) -> int:
    """What the grants add in all; each is told, with what of it counts."""
    before = 0
    asked: list[int] = []
    for grant in grants:
        asked.append(_asked(grant))
        added = granted(clock, asked)[0]
        said = {"days": asked[-1], "counts": added - before, "unit": clock.unit, "by": grant.data.get("by")}
        code = "extended" if added - before == asked[-1] else "extended_beyond"
        steps.append(Step(grant.on, code, said))
        before = added
    return before


def _standing(
    clock: Clock, run: _Run, on: date | None, steps: list[Step], calendar: Calendar, today: date, *,
    certain: bool, remains: int | None,
) -> Due:  # fmt: skip
    """Where the clock is. Lateness is told only of a date that is certain."""
    if run.stop is not None:
        late = certain and on is not None and run.stop.on > on
        code = "met" if run.stop.kind in clock.stops else "ended"
        steps.append(Step(run.stop.on, code, {"event": run.stop.kind}))
        return Due(clock, "late_met" if late else "met", on, certain, None, tuple(steps))
    if remains is not None:
        return Due(clock, "suspended", None, certain=False, left=remains, steps=tuple(steps))
    if on is None:
        return Due(clock, "running", None, certain=False, left=None, steps=tuple(steps))
    state: State = "overdue" if certain and today > on else "running"
    return Due(clock, state, on, certain, days_left(clock.unit, on, calendar, today), tuple(steps))
