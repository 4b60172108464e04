"""What the platform tells of acts that other units have reported (比对). Values only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from client.errors import ClientError

MOST_ACTS: Final = 500
"""Acts that the platform compares in one request."""


LOOKS_AT_PERSONS: Final = frozenset({"handler", "auditor"})
"""Who may ask about natural persons: by the exact number, and with a reason that the platform keeps."""


@dataclass(frozen=True, slots=True)
class Reported:
    """A record of another unit about the same act, as far as it is shown.

    Attributes:
        city: code of the city.
        act_on: the day of the act; empty when the item names none.
        disputed: whether a case on it is open.
    """

    record_id: str
    unit_name: str
    city: str
    act_on: str
    disputed: bool


@dataclass(frozen=True, slots=True)
class Told:
    """What the platform tells of one act.

    Attributes:
        reported: records of other units; ten at most.
        more: whether there are more than those.
        hidden: how many there are of which nothing but their number is told (授权).
    """

    reported: tuple[Reported, ...] = ()
    more: bool = False
    hidden: int = 0

    def __bool__(self) -> bool:
        """Whether somebody else has reported the act."""
        return bool(self.reported) or self.hidden > 0


@dataclass(slots=True)
class Asked:
    """What was asked so far, by natural key; asking goes on where it stopped.

    Attributes:
        keys: acts that the platform has answered.
        told: of those, the ones that others have reported.
        persons: whether acts about persons were asked about, too.
        problem: why it stopped before the end; None when all was answered.
    """

    keys: set[str] = field(default_factory=set)
    told: dict[str, Told] = field(default_factory=dict)
    persons: bool = False
    problem: ClientError | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """Another unit's record as it is shown: its values, and the fields that are masked or left out."""

    values: Mapping[str, Any]
    masked: frozenset[str]
