"""What a list of 报送 is asked to show. No Qt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Filter:
    """What a list is to show.

    Attributes:
        states: empty for every one of the list.
        text: part of a name or a document number.
    """

    states: tuple[str, ...] = ()
    text: str = ""


ALL: Final = Filter()
