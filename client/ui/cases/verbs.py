"""What a handler does with a case. Verbs take values and return values; they touch no widget."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from client.core.records import Submitted
from client.store import cases, review
from client.store.desk import Desk


def save(desk: Desk, case_id: str, payload: Mapping[str, Any], revision: str | None) -> str:
    """Keep what the handler wrote; returns when, as UTC text."""
    cases.save_decision(desk, case_id, payload, revision=revision)
    return desk.now()


def submit(desk: Desk, case_id: str, payload: Mapping[str, Any], revision: str | None) -> Submitted:
    """Save, and submit the decision with its corrections for review, as one act."""
    cases.save_decision(desk, case_id, payload, revision=revision)
    return cases.submit_decision(desk, case_id)


def take_back(desk: Desk, case_id: str) -> None:
    """Take a submitted decision back before it is approved."""
    review.take_back(desk, [case_id])
