"""What a handler does with a case. Verbs take values and return values; they touch no widget."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from client.core.records import Submitted
from client.store import case_posts, cases, review
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


def say(
    desk: Desk, case_id: str, kind: str, data: Mapping[str, Any], revision: str, files: Sequence[str]
) -> str:
    """Say what was done with a case, as the strip asked for it; returns the id of the post.

    Raises:
        NotAllowed: ``case_changed``, and what `case_posts.say` raises.
    """
    if kind == "transferred":
        return case_posts.transfer(desk, case_id, data["to_unit"], data["reason"], revision=revision)
    return case_posts.say(desk, case_id, kind, _data(kind, data), revision=revision, files=files)


def again(desk: Desk, post_id: str) -> str:
    """Say once more what the platform refused."""
    return case_posts.again(desk, post_id)


def dismiss(desk: Desk, post_id: str) -> None:
    """Note that a person has seen why something was refused."""
    case_posts.dismiss(desk, post_id)


def take_back_post(desk: Desk, post_id: str) -> None:
    """Take back what was said and never sent."""
    case_posts.take_back(desk, post_id)


def _data(kind: str, said: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the strip gave in the shape of the event."""
    if kind == "assigned":
        operator_id, name = said["operator_id"]
        return {"operator_id": operator_id, "name": name}
    lines = [line.strip() for line in str(said.get("items", "")).splitlines() if line.strip()]
    if kind == "supplement_asked":
        return {"items": lines, "until": said.get("until")}
    if kind == "supplemented":
        materials = [{"kind": "other", "name": line, "sha256": None} for line in lines]
        return {"materials": materials, "evidence": [dict(one) for one in said.get("evidence", ())]}
    if kind == "told":
        return {"how": said["how"], "document": said.get("document")}
    return dict(said)
