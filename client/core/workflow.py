"""Which act is possible in which state of a record, and whose it is. A table and two questions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

State = Literal[
    "deleted", "in_review", "returned", "problems", "draft",
    "queued", "sent", "unknown", "held", "blocked",
    "rejected", "withdrawn", "corrected", "stored", "matched", "unmatched", "checked",
]  # fmt: skip

STATES: Final[tuple[str, ...]] = (
    "draft", "problems", "returned", "in_review", "queued", "sent", "unknown", "held", "blocked", "rejected",
    "checked", "matched", "unmatched", "stored", "corrected", "withdrawn", "deleted",
)  # fmt: skip
"""Every state of the view `record_state`, in the order of the road."""

ON_THE_DESK: Final = frozenset({"draft", "problems", "returned"})
"""States in which the working copy may be written."""

ACCEPTED: Final = frozenset({"checked", "matched", "unmatched", "stored", "corrected"})
"""The platform holds the record, and it has not been withdrawn."""

ON_THE_WAY: Final = frozenset({"queued", "sent", "unknown", "held", "blocked"})
"""A version waits for the platform's word; nothing may be changed meanwhile."""

Act = Literal[
    "create", "copy", "save", "delete", "bring_back", "submit", "take_back",
    "return", "approve", "recall", "reopen", "change", "decide",
]  # fmt: skip

Refusal = Literal["not_your_role", "not_in_this_state"]


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of the table.

    Attributes:
        states: where the act is possible; empty when it needs no record.
        roles: one of these is needed.
    """

    states: frozenset[str]
    roles: frozenset[str]


_WRITERS: Final = frozenset({"reporter", "handler"})

RULES: Final[Mapping[Act, Rule]] = {
    "create": Rule(frozenset(), _WRITERS),
    "copy": Rule(frozenset(STATES), _WRITERS),
    "save": Rule(ON_THE_DESK, _WRITERS),
    "delete": Rule(ON_THE_DESK | {"rejected"}, _WRITERS),
    "bring_back": Rule(frozenset({"deleted"}) | ACCEPTED, _WRITERS),
    "submit": Rule(ON_THE_DESK, _WRITERS),
    "take_back": Rule(frozenset({"in_review"}), _WRITERS),
    "return": Rule(frozenset({"in_review"}), frozenset({"reviewer"})),
    "approve": Rule(frozenset({"in_review"}), frozenset({"reviewer"})),
    "recall": Rule(frozenset({"queued"}), _WRITERS | {"reviewer"}),
    "reopen": Rule(frozenset({"rejected"}), _WRITERS),
    "change": Rule(ACCEPTED | {"rejected"}, _WRITERS),
    "decide": Rule(frozenset(), frozenset({"handler"})),
}


def refusal(act: Act, roles: frozenset[str], state: str | None = None) -> Refusal | None:
    """Say why an act is not possible; None when it is.

    Args:
        act: what is to be done.
        roles: of the operator.
        state: of the record, from the view; None for an act that needs no record.
    """
    rule = RULES[act]
    if not rule.roles & roles:
        return "not_your_role"
    if state is not None and rule.states and state not in rule.states:
        return "not_in_this_state"
    return None


def possible(roles: frozenset[str], state: str) -> frozenset[Act]:
    """Return the acts on a record in `state` that an operator with `roles` may do; for menus and buttons."""
    return frozenset(
        act for act, rule in RULES.items() if state in rule.states and refusal(act, roles, state) is None
    )
