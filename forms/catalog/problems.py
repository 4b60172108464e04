"""The shape of what a check finds. Holds no sentence: those are in `messages`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, or doubtful, in a record.

    Attributes:
        path: field id, e.g. ``CF_NR_FK``; for one member of a set ``CF_CFLB/0``, for a
            cell of a group ``MX/0/JE``.
        code: lower_snake, stable, e.g. ``required_missing``; the key into `messages`.
        severity: an error stops review; a warning stops review until it is answered.
        answerable: a person may answer this warning with a reason (errors never).
        params: what the sentence needs; values are text or whole numbers.
        suggestion: a value that would settle it, when it can be proved; else None.
    """

    path: str
    code: str
    severity: Severity = "error"
    answerable: bool = False
    params: Mapping[str, str | int] = field(default_factory=dict)
    suggestion: str | None = None

    @property
    def field_id(self) -> str:
        """The field that the problem stands beside."""
        return self.path.partition("/")[0]

    def pointer(self) -> str:
        """The place as a JSON pointer into a batch item, RFC 6901 in fragment form."""
        return f"#/payload/{self.path}"


SAME_ACT = "same_act"
"""Code of an answer to no warning of `check`: two records have one natural key, and a person says why."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a person said to an answerable warning, or `SAME_ACT`; travels with the version."""

    path: str
    code: str
    reason: str


def keeps_both(answers: Iterable[Answer]) -> bool:
    """Whether a person said why this record stands beside another of the same natural key."""
    return any(answer.code == SAME_ACT and not answer.path and answer.reason.strip() for answer in answers)


def unanswered(problems: Iterable[Problem], answers: Sequence[Answer]) -> list[Problem]:
    """Return what still stops review: errors, and answerable warnings that nobody answered.

    A warning that cannot be answered is a hint and stops nothing.
    """
    given = {(answer.path, answer.code) for answer in answers if answer.reason.strip()}
    return [
        problem
        for problem in problems
        if problem.severity == "error" or (problem.answerable and (problem.path, problem.code) not in given)
    ]
