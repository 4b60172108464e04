"""How names sound, worked out in a process of its own.

Reading the table of sounds takes a third of a second in which no other thread of a process comes to its turn:
in the window's own process it would stand still.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Sequence
from typing import Any

from client.intake import child


def initials_of(names: Sequence[str]) -> dict[str, str]:
    """Return name → initials of its pinyin; takes a while."""
    found: dict[str, str] = {}
    for some in child.run(_initials, list(names)):
        found |= some
    return found


def _initials(names: list[str]) -> Iterator[dict[str, str]]:
    initials: Any = importlib.import_module("client.intake.initials").initials
    yield {name: initials(name) for name in names}
