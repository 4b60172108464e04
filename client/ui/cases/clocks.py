"""The clocks of a case, as the rule sets that it follows count them today. No Qt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from client.core.cases import Case
from client.store import legal
from client.store.case_shown import Shown
from client.store.desk import Desk
from forms.law.clocks import Actor, Due, Event
from forms.law.repairs import Window
from forms.law.rulesets import Followed


@dataclass(frozen=True, slots=True)
class CaseClocks:
    """How the clocks of a case stand.

    Attributes:
        dues: of the platform, and of the supplying unit.
        followed: the rule set of each, and who confirmed it for the city.
        window: when a repair may be granted; None for an objection, or where nothing is known of it.
    """

    dues: Mapping[Actor, tuple[Due, ...]]
    followed: Mapping[Actor, Followed]
    window: Window | None


def clocks_of(desk: Desk, case: Case, shown: Shown) -> CaseClocks:
    """Return how the clocks of a case stand today, own unconfirmed events included."""
    events = tuple(Event(one.kind, date.fromisoformat(one.on), one.data) for one in shown.events)
    law, today = legal.read_law(desk.db.reader(), desk.device), desk.today()
    said = {
        "kind": case.row.kind, "unit": case.unit, "hall_unit": case.hall_unit, "rules": case.rules,
        "opened_at": case.row.opened_at, "repair": case.repair,
    }  # fmt: skip
    found = law.dues(said, today, events)
    return CaseClocks(
        {"platform": found.platform, "provider": found.provider},
        {"platform": found.platform_rules, "provider": found.provider_rules},
        law.repair_window(said, today),
    )


def repair_window(desk: Desk, repair: Mapping[str, object]) -> Window | None:
    """Return when a repair that is taken in here may be granted; None where too little is said of it."""
    if not repair.get("published_on") or not repair.get("severity"):
        return None
    unit = desk.device.unit_code
    said = {"kind": "repair", "unit": unit, "hall_unit": unit, "opened_at": desk.now(), "repair": repair}
    return legal.read_law(desk.db.reader(), desk.device).repair_window(said, desk.today())
