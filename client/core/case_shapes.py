"""Cases of before: until several records could be disputed at once, a case named one at its top."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from client.core.times import day_in_shanghai, from_text

_MOVED: Final = ("record_id", "reason_code", "disputes", "evidence")
_GONE: Final = frozenset({*_MOVED, "record", "accepted_on", "suspended_on", "extended_to", "transfers"})


def in_shape(said: Mapping[str, Any]) -> dict[str, Any]:
    """Return a case as it travels now, also one of before.

    A case of before was accepted when it was opened; how it was handed on becomes its history.
    """
    if "records" in said:
        return dict(said)
    events = [_event(said, kind, said["opened_at"]) for kind in ("received", "accepted")]
    events += [
        _event(said, "transferred", one["at"], one, one["from_unit"]) for one in said.get("transfers", ())
    ]
    decided = said.get("decision")
    if decided:
        version = {"version_id": decided["version_id"]}
        events.append(_event(said, "decided", decided["decided_at"], version))
    if said.get("closed_at"):
        events.append(_event(said, "closed", said["closed_at"]))
    return {name: value for name, value in said.items() if name not in _GONE} | {
        "stage": "accepted" if said["state"] == "opened" else said["state"],
        "application_id": None,
        "taken_in_at": said["opened_at"],
        "agent": None,
        "materials": [],
        "repair": None,
        "records": [{**{name: said[name] for name in _MOVED}, **said["record"]}],
        "hall_unit": said["unit"],
        "owner": None,
        "due_certain": False,
        "rules": {"platform": None, "provider": None},
        "events": sorted(events, key=lambda one: str(one["at"])),
    }


def _event(
    said: Mapping[str, Any], kind: str, at: str, data: Mapping[str, Any] | None = None, unit: str = ""
) -> dict[str, Any]:
    """An event of a case of before; the platform's own account of it comes with the next news."""
    return {
        "event_id": f"{said['case_id']} {kind} {at}",
        "kind": kind,
        "at": at,
        "on": day_in_shanghai(from_text(at)).isoformat(),
        "unit": unit or said["unit"],
        "operator": None,
        "data": {name: value for name, value in (data or {}).items() if name != "at"},
    }
