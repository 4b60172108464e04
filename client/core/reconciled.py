"""What came of holding this desk's records against the platform's (对账). Values only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from forms.seal.tree import Leaf, Path

What = Literal["lost", "ahead", "altered", "outcome", "only_there"]
"""lost: the platform lacks it, and it is queued again. ahead: it holds a newer version of another desk.
altered: the same version with another content. outcome: judged otherwise there than the receipt here says.
only_there: this desk never had it."""


@dataclass(frozen=True, slots=True)
class Theirs:
    """A place in the platform's tree.

    Attributes:
        children: name → hash; empty where the records lie.
        leaves: only where they lie.
    """

    path: Path
    sha256: str
    children: Mapping[str, str]
    leaves: tuple[Leaf, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """A record that the two sides do not hold alike.

    Attributes:
        here, there: as each side holds it; None when it does not.
    """

    record_id: str
    item: str
    what: What
    here: Leaf | None
    there: Leaf | None

    def as_dict(self) -> dict[str, Any]:
        """The difference as `minxin reconcile --json` tells it."""
        return {
            "record_id": self.record_id,
            "item": self.item,
            "what": self.what,
            "here": _side(self.here),
            "there": _side(self.there),
        }


def _side(leaf: Leaf | None) -> dict[str, str] | None:
    if leaf is None:
        return None
    return {
        "version_id": leaf.version_id, "content_sha256": leaf.content_sha256, "outcome": leaf.outcome,
    }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What came of it.

    Attributes:
        compared: records of this desk that were held against the platform's.
        requests: questions that it took.
        waiting: records left out, because something of them is on its way.
        queued: versions that are sent again.
        differing: by record.
        only_there: how many records of the unit this desk never had; those of other desks, mostly.
    """

    compared: int
    requests: int
    waiting: int
    queued: int
    differing: tuple[Difference, ...]
    only_there: int
