"""What is said of one text that stands for an identifier, an amount, a date or a document number."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True)
class Verdict:
    """The verdict on one text.

    Attributes:
        value: the text as it was given.
        normal: how it is written properly; None when that cannot be told.
        verdict: ``warning``: usable once a person has looked; ``wrong``: not usable.
        code: lower_snake, the key of its sentence; empty when there is nothing to say.
        params: what the sentence needs.
    """

    value: str
    normal: str | None
    verdict: Literal["ok", "warning", "wrong"] = "ok"
    code: str = ""
    params: Mapping[str, str | int] = field(default_factory=dict)


def wrong(value: str, code: str, normal: str | None = None, **params: str | int) -> Verdict:
    """A verdict that the text cannot be used."""
    return Verdict(value, normal, "wrong", code, params)


def doubtful(value: str, code: str, normal: str, **params: str | int) -> Verdict:
    """A verdict that the text reads as `normal`, and that a person should look."""
    return Verdict(value, normal, "warning", code, params)
