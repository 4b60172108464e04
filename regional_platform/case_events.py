"""What is said of a case (办件) after it was opened: taken up or not, mended, assigned, extended, told.

Each kind of event has its stages, its people, and the stage that follows. A desk names its events, so that
one that it sends twice is taken once, and one that follows another can be written before either was sent.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from sqlalchemy import Connection, Row, select

from forms.law.clocks import events_of as clock_events
from forms.law.clocks import room
from forms.seal.canonical import canonical
from regional_platform.api.bodies import faults_under
from regional_platform.api.case_models import (
    DATA,
    AssignedData,
    CaseEventBody,
    ExtendedData,
    SupplementAskedData,
    SupplementedData,
)
from regional_platform.api.models import Strict
from regional_platform.auth.callers import Caller
from regional_platform.case_clocks import rules_of
from regional_platform.case_log import add_event, as_json, events_of, is_taken, row_of
from regional_platform.case_marks import moved
from regional_platform.cases import is_party, refuse_missing, show_evidence
from regional_platform.feed import append
from regional_platform.platform import Platform
from regional_platform.problems import Fault, Refusal
from regional_platform.store.case_tables import case_event
from regional_platform.store.tables import operator
from regional_platform.times import day, iso, moment

OPEN: Final = frozenset({"received", "supplement", "accepted", "suspended"})
EVERY: Final = OPEN | {"decided", "refused", "withdrawn", "closed"}

HANDLES: Final = frozenset({"handler"})
HANDS_OUT: Final = frozenset({"handler", "liaison", "admin"})
EXTENDS: Final = frozenset({"reviewer", "liaison", "admin"})


@dataclass(frozen=True, slots=True)
class Act:
    """A kind of event.

    Attributes:
        stages: of the case in which it fits.
        roles: that the unit's people need.
        at_hall: whether the hall may say it too.
        leads_to: the stage that follows; None for the same.
        once: it is said once in a case.
    """

    stages: frozenset[str]
    roles: frozenset[str]
    at_hall: bool
    leads_to: str | None
    once: bool = False


ACTS: Final[Mapping[str, Act]] = MappingProxyType(
    {
        "accepted": Act(frozenset({"received"}), HANDLES, True, "accepted"),
        "refused": Act(frozenset({"received", "supplement"}), HANDLES, True, "refused"),
        "supplement_asked": Act(frozenset({"received"}), HANDLES, True, "supplement", once=True),
        "supplemented": Act(frozenset({"supplement"}), HANDLES, True, "received"),
        "assigned": Act(OPEN | {"decided"}, HANDS_OUT, False, None),
        "extended": Act(frozenset({"accepted"}), EXTENDS, True, None),
        "suspended": Act(frozenset({"accepted"}), HANDLES, False, "suspended"),
        "resumed": Act(frozenset({"suspended"}), HANDLES, False, "accepted"),
        "told": Act(EVERY, HANDLES, True, None),
        "withdrawn": Act(OPEN, HANDLES, True, "withdrawn"),
    }
)


def say(platform: Platform, caller: Caller, case_id: str, said: CaseEventBody) -> tuple[bytes, bool]:
    """Add an event to a case.

    Returns:
        The case as JSON, and whether this event was added before.

    Raises:
        Refusal: case-unknown, not-authorised, malformed, key-reused, stale (412, with the case),
            event-unfitting (with its stage), field-invalid, attachment-missing.
    """
    rung: set[str] = set()

    def act(connection: Connection) -> tuple[bytes, bool]:
        rung.clear()
        row = row_of(connection, case_id)
        if row is None or not is_party(connection, caller, row):
            raise Refusal("case-unknown")
        _refuse_stranger(caller, row, ACTS[said.kind])
        data = _data(said)
        if isinstance(data, AssignedData):
            _refuse_giving(caller, row, data)
        if _said_before(connection, case_id, said):
            return as_json(connection, row), True
        if row.revision != said.revision:
            raise Refusal("stale", status=412, current=json.loads(as_json(connection, row)))
        _refuse_unfitting(connection, row, said.kind)
        effect = _EFFECTS.get(said.kind)
        values = effect(Ground(platform, connection, caller, row), data) if effect is not None else {}
        now = platform.clock()
        at = moment(said.at)
        if at is None:
            raise Refusal("field-invalid", errors=[Fault("#/at", "unfitting", "没有这个时间。")])
        add_event(
            connection, case_id, said.kind, min(at, now), unit=caller.unit, operator=caller.operator_id,
            data=said.data, event_id=said.event_id,
        )  # fmt: skip
        leads_to = ACTS[said.kind].leads_to
        if leads_to is not None:
            values = {**values, "stage": leads_to}
        if leads_to in {"refused", "withdrawn"}:
            values = {**values, "closed_at": iso(now)}
        made, news = moved(connection, platform.settings.resources, row, said.event_id, now, **values)
        rung.update(append(connection, news, now))
        return made, False

    answer = platform.store.write(act)
    platform.bell.ring(rung)
    return answer


def _refuse_stranger(caller: Caller, row: Row[Any], act: Act) -> None:
    if act.at_hall and "hall" in caller.roles:
        return
    if caller.unit != row.unit or not caller.roles & act.roles:
        raise Refusal("not-authorised")


def _refuse_giving(caller: Caller, row: Row[Any], data: AssignedData) -> None:
    """A handler takes a case, or puts an own one back; a liaison or admin gives it to anybody of the unit."""
    takes = data.operator_id == caller.operator_id
    puts_back = data.operator_id is None and row.owner_id in {caller.operator_id, None}
    if not takes and not puts_back and not caller.roles & {"liaison", "admin"}:
        raise Refusal("not-authorised")


def _data(said: CaseEventBody) -> Strict:
    with faults_under("#/data"):
        return DATA[said.kind].model_validate(said.data)


def _said_before(connection: Connection, case_id: str, said: CaseEventBody) -> bool:
    known = connection.execute(select(case_event).where(case_event.c.event_id == said.event_id)).one_or_none()
    if known is not None:
        if (known.case_id, known.kind, known.data) != (case_id, said.kind, canonical(said.data)):
            raise Refusal("key-reused")
        return True
    if is_taken(connection, said.event_id):
        raise Refusal("key-reused")
    return False


def _refuse_unfitting(connection: Connection, row: Row[Any], kind: str) -> None:
    act = ACTS[kind]
    said = select(case_event.c.n).where(case_event.c.case_id == row.case_id, case_event.c.kind == kind)
    again = act.once and connection.execute(said.limit(1)).one_or_none() is not None
    if row.stage not in act.stages or again:
        raise Refusal("event-unfitting", stage=row.stage)


# What follows from an event beside its stage: values of the case.


@dataclass(frozen=True, slots=True)
class Ground:
    """What an event is judged on."""

    platform: Platform
    connection: Connection
    caller: Caller
    case: Row[Any]


Effect = Callable[[Ground, Any], dict[str, Any]]


def _ask(_ground: Ground, data: SupplementAskedData) -> dict[str, Any]:
    if data.until is not None and day(data.until) is None:
        raise Refusal("field-invalid", errors=[Fault("#/data/until", "unfitting", "没有这一天。")])
    return {}


def _hand_in(on: Ground, data: SupplementedData) -> dict[str, Any]:
    papers = [one.sha256 for one in data.evidence]
    papers += [one.sha256 for one in data.materials if one.sha256 is not None]
    refuse_missing(on.connection, on.caller.unit, papers)
    show_evidence(on.connection, on.case.case_id, on.caller.unit, papers)
    return {}


def _assign(on: Ground, data: AssignedData) -> dict[str, Any]:
    if data.operator_id is None:
        return {"owner_id": None, "owner_name": None}
    name = on.connection.execute(
        select(operator.c.name).where(
            operator.c.operator_id == data.operator_id,
            operator.c.unit == on.case.unit,
            operator.c.closed_at.is_(None),
        )
    ).scalar_one_or_none()
    if name is None:
        detail = "这个机构没有这名人员，或账号已停用。"
        raise Refusal("field-invalid", errors=[Fault("#/data/operator_id", "unfitting", detail)])
    return {"owner_id": data.operator_id, "owner_name": name}


def _extend(on: Ground, data: ExtendedData) -> dict[str, Any]:
    """Within what the case's rules allow; its own clock by the unit, the platform's at the hall."""
    events = clock_events(events_of(on.connection, [on.case.case_id])[on.case.case_id])
    rules = rules_of(on.connection, on.platform.settings.resources, on.case, events[0].on)
    clock = rules.clock(data.clock)
    if clock is None or clock.extension is None:
        detail = "办件所依的规则里没有可以延长的这个期限。"
        raise Refusal("field-invalid", errors=[Fault("#/data/clock", "unfitting", detail)])
    if not rules.own and (clock.actor == "platform") != ("hall" in on.caller.roles):
        raise Refusal("not-authorised")
    if data.days > room(clock, events):
        detail = f"最多还能延长 {room(clock, events)} 天。"
        raise Refusal("field-invalid", errors=[Fault("#/data/days", "too_large", detail)])
    return {}


_EFFECTS: Final[Mapping[str, Effect]] = MappingProxyType(
    {"supplement_asked": _ask, "supplemented": _hand_in, "assigned": _assign, "extended": _extend}
)
