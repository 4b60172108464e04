"""A question of the platform (疑问数据): a version that was rejected, is unmatched, or is held."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Final, Literal, get_args

State = Literal["open", "corrected", "ignored", "settled"]
Cause = Literal["rejected", "unmatched", "held"]

STATES = get_args(State)
CAUSES = get_args(Cause)


@dataclass(frozen=True, slots=True)
class Question:
    """One question, as the platform told it last.

    Attributes:
        problem: code of what the platform found.
        since_at: when it came up; UTC text.
        changed_by: who ignored it or took it up again; None when it moved by itself.
        reason: why it was ignored.
    """

    version_id: str
    record_id: str
    unit: str
    item: str
    cause: str
    problem: str
    state: str
    since_at: str
    changed_at: str
    changed_by: str | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class QuestionRow:
    """One line of the list: the question, and the record that this desk knows by it.

    Attributes:
        subject_name, doc_no: of the record; empty when another desk of the unit made it.
        is_here: the record lies on this desk.
    """

    question: Question
    subject_name: str
    doc_no: str
    is_here: bool


_NAMES: Final = tuple(one.name for one in fields(Question))
_MAYBE: Final = frozenset({"changed_by", "reason"})


def read_questions(said: object) -> list[Question]:
    """Return the questions in what a platform said; what is none is left out."""
    listed = said if isinstance(said, list) else []
    return [
        Question(**{name: one[name] for name in _NAMES})
        for one in listed
        if isinstance(one, Mapping) and _is_whole(one)
    ]


def _is_whole(said: Mapping[str, Any]) -> bool:
    return all(
        isinstance(said.get(name), str) or (name in _MAYBE and said.get(name, "") is None) for name in _NAMES
    )
