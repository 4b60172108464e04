"""What happened, in order, for the checker and for whoever looks into a failing seed. Only ever added to."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened.

    Attributes:
        who: a desk, or the platform.
        what: approved, asked, answered, cycle, killed, restored …
        said: ids, digests and codes.
    """

    n: int
    who: str
    what: str
    said: dict[str, Any]


@dataclass
class History:
    """Append-only."""

    events: list[Event] = field(default_factory=list)

    def note(self, who: str, what: str, **said: Any) -> None:
        """Add what happened."""
        self.events.append(Event(len(self.events), who, what, said))

    def of(self, *what: str) -> Iterator[Event]:
        """Give the events of these kinds, oldest first."""
        return (event for event in self.events if event.what in what)

    def lines(self) -> Iterator[str]:
        """Give the history as JSON lines."""
        for event in self.events:
            said = {"n": event.n, "who": event.who, "what": event.what, **event.said}
            yield json.dumps(said, ensure_ascii=False, default=str)

    def keep(self, file: Path) -> None:
        """Write the history of a failing seed, to be looked into."""
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("\n".join(self.lines()) + "\n", encoding="utf-8")
