"""A case (办件) about one record as the platform's feed tells of it, for tests of the desk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

FINE = {"field": "CF_NR_FK", "old": "0.1", "claimed": "0.05"}
IN_A_RECORD = ("record_id", "version_id", "catalog", "payload", "reason_code", "disputes", "evidence")


def an_objection(
    case_id: str, unit: str, record: Mapping[str, Any], disputes: Sequence[Mapping[str, Any]], **given: Any
) -> dict[str, Any]:
    """An accepted objection.

    Args:
        case_id: of the case.
        unit: that has it.
        record: `record_id`, `version_id`, `catalog`, `payload` of the disputed record.
        disputes: of its fields.
        given: members that differ, of the case or of its record.
    """
    disputed = {**record, "reason_code": "wrong_content", "disputes": list(disputes), "evidence": []}
    disputed |= {name: given.pop(name) for name in IN_A_RECORD if name in given}
    opened_at = given.get("opened_at", "2026-11-24T00:00:00.000Z")
    case = {
        "case_id": case_id, "kind": "objection", "application_id": None, "taken_in_at": opened_at,
        "applicant": {"name": "林小满", "id_kind": "10", "id_number": "110101199003070011", "phone": "1380"},
        "agent": None, "materials": [], "statement": "金额不符。", "records": [disputed], "repair": None,
        "state": "opened", "stage": "accepted", "revision": case_id, "unit": unit, "hall_unit": "350200-00",
        "owner": None, "opened_at": opened_at, "closed_at": None, "due_on": None, "due_certain": False,
        "rules": {"platform": None, "provider": None}, "events": [
            {"event_id": f"{kind}-{case_id}", "kind": kind, "at": opened_at, "on": opened_at[:10],
             "unit": "350200-00", "operator": None, "data": {}} for kind in ("received", "accepted")
        ], "decision": None,
    }  # fmt: skip
    return case | given
