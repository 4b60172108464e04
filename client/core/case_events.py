"""What can be said of a case (办件), when, by whom, and what stage it brings the case to. A table; pure.

The platform judges every event itself; this table keeps a desk from saying what cannot be right, and shows
at once what a case will be when the platform has agreed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

Stage = Literal[
    "received", "supplement", "accepted", "suspended", "decided", "refused", "withdrawn", "closed"
]

STAGES: Final[tuple[str, ...]] = (
    "received", "supplement", "accepted", "suspended", "decided", "refused", "withdrawn", "closed",
)  # fmt: skip
"""In the order of the road."""

ENDED: Final = frozenset({"refused", "withdrawn", "closed"})
"""Nothing is decided any more; the applicant may still have to be told."""

OPEN_STAGES: Final = frozenset(STAGES) - ENDED
DECIDABLE: Final = frozenset({"received", "accepted", "decided"})
"""A case that is decided may be decided anew until it is closed: its correction may have been refused."""

TO_DO: Final = frozenset({"received", "accepted"})
"""The next step is ours: not the applicant's, not an examiner's, not the platform's."""

_HANDLERS: Final = frozenset({"handler"})
_DESKS: Final = _HANDLERS | {"hall"}
_HANDS_OUT: Final = frozenset({"handler", "liaison", "admin"})
_EXTENDS: Final = frozenset({"reviewer", "liaison", "admin", "hall"})


@dataclass(frozen=True, slots=True)
class EventRule:
    """One row of the table.

    Attributes:
        stages: in which it can be said.
        leads_to: the stage afterwards; None: as before.
        roles: one of these is needed.
        needs: names of `data` that must be there, and not empty.
        usual: what the other names are when nobody says them.
        once: it is said once in a case.
    """

    stages: frozenset[str]
    leads_to: str | None
    roles: frozenset[str]
    needs: tuple[str, ...] = ()
    once: bool = False
    usual: Mapping[str, Any] = field(default_factory=dict)


_ACTIVE: Final = frozenset({"received", "supplement", "accepted", "suspended"})

SAYABLE: Final[Mapping[str, EventRule]] = {
    "supplement_asked": EventRule(
        frozenset({"received"}), "supplement", _DESKS, ("items",), once=True, usual={"until": None}
    ),
    "supplemented": EventRule(
        frozenset({"supplement"}), "received", _DESKS, usual={"materials": [], "evidence": []}
    ),
    "accepted": EventRule(frozenset({"received"}), "accepted", _DESKS),
    "refused": EventRule(frozenset({"received", "supplement"}), "refused", _DESKS, ("code", "text")),
    "assigned": EventRule(_ACTIVE | {"decided"}, None, _HANDS_OUT, usual={"operator_id": None, "name": ""}),
    "extended": EventRule(frozenset({"accepted"}), None, _EXTENDS, ("clock", "days", "by", "reason")),
    "suspended": EventRule(frozenset({"accepted"}), "suspended", _HANDLERS, ("reason", "examiner")),
    "resumed": EventRule(frozenset({"suspended"}), "accepted", _HANDLERS),
    "told": EventRule(frozenset(STAGES), None, _DESKS, ("how",), usual={"document": None}),
    "withdrawn": EventRule(_ACTIVE, "withdrawn", _DESKS, ("text",)),
}
"""Events that a desk says; the rest is the platform's, or has acts of its own (`TRANSFER`, `WAIVER`)."""

TRANSFER: Final = EventRule(
    frozenset({"received", "accepted"}), None, frozenset({"handler", "liaison"}), ("to_unit", "reason")
)
WAIVER: Final = EventRule(
    frozenset({"decided"}), None, frozenset({"handler", "liaison", "admin"}), ("version_id", "unit", "reason")
)
OPENERS: Final = frozenset({"hall", "handler"})
"""Who takes an application in."""

KINDS: Final = frozenset({*SAYABLE, "received", "transferred", "decided", "waived", "closed"})
"""Every kind of event in a timeline."""


def rule_of(kind: str) -> EventRule:
    """Return the row of a kind of event that a desk can bring about."""
    return {"transferred": TRANSFER, "waived": WAIVER}.get(kind) or SAYABLE[kind]


def refusal(
    kind: str, stage: str, roles: frozenset[str], data: Mapping[str, Any], before: Sequence[str]
) -> str | None:
    """Say why an event cannot be said; None when it can.

    Args:
        kind: of the event.
        stage: of the case, own unconfirmed events included.
        roles: of the operator.
        data: of the event.
        before: kinds of the events so far.

    Returns:
        ``not_your_role``, ``event_unfitting``, ``event_once``, ``event_incomplete`` or None.
    """
    rule = rule_of(kind)
    if not rule.roles & roles:
        return "not_your_role"
    if stage not in rule.stages:
        return "event_unfitting"
    if rule.once and kind in before:
        return "event_once"
    if any(not data.get(name) or not str(data[name]).strip() for name in rule.needs):
        return "event_incomplete"
    return None


def possible(stage: str, roles: frozenset[str], before: Sequence[str]) -> tuple[str, ...]:
    """Return the kinds of events that can be said now; for menus and buttons."""
    kinds = (*SAYABLE, "transferred", "waived")
    return tuple(
        kind
        for kind in kinds
        if rule_of(kind).roles & roles
        and stage in rule_of(kind).stages
        and not (rule_of(kind).once and kind in before)
    )


def stage_after(stage: str, kinds: Sequence[str]) -> str:
    """Return the stage that events lead to, one after the other."""
    for kind in kinds:
        rule = {"transferred": TRANSFER, "waived": WAIVER}.get(kind) or SAYABLE.get(kind)
        stage = (rule.leads_to if rule else None) or stage
    return stage
