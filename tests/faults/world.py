"""What a seed draws from: what happens, how often, where the program dies; and what all acts work on."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tests.faults.checker import Violation
from tests.faults.history import History
from tests.faults.line import Line, Sky
from tests.faults.people import Branch
from tests.faults.region import Region, Snapshot
from tests.faults.scene import Scene, Turning


@dataclass(frozen=True)
class Outcome:
    """What came of a seed.

    Attributes:
        counts: how often each thing was done and each fault happened.
    """

    seed: int
    violations: tuple[Violation, ...]
    history: History
    counts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class World:
    """A world in which some things happen more often than in others, where one kind of fault is looked for.

    Attributes:
        acts, fates: how often, in the place of what `ACTS` and `WEATHER` say.
        deadly: share of the cycles in which the program dies; drawn from the seed when None.
        deaths: the ways that it dies, of `DEATHS`.
    """

    acts: Mapping[str, int] = field(default_factory=dict)
    fates: Mapping[str, int] = field(default_factory=dict)
    deadly: float | None = None
    deaths: Sequence[Sequence[str]] = ()


class Stage:
    """What the acts of a seed work on.

    Attributes:
        known: versions of each desk that were noted as approved.
        images: copies of a desk's disk, to be put back.
        snapshot: a copy of the platform's database, to be put back.
    """

    scene: Scene
    rng: random.Random
    history: History
    clock: Turning
    region: Region
    sky: Sky
    deaths: Sequence[Sequence[str]]
    deadly: float
    branches: list[Branch]
    lines: dict[str, Line]
    images: dict[str, Path]
    snapshot: Snapshot | None
    known: dict[str, set[str]]

    do: Callable[[Branch, str], None]
    """Do one thing, and note it."""

    def beside(self, branch: Branch) -> Branch | None:
        """The other desk of the unit."""
        return next(
            (one for one in self.branches if one is not branch and one.place.unit is branch.place.unit), None
        )

    def take_note(self, branch: Branch) -> None:
        """Note what is approved now: after a kill it may be or not, and what is there must stay."""
        known = self.known[branch.name]
        rows = branch.rows("SELECT version_id, record_id, content_sha256 FROM version ORDER BY n")
        fresh = [row for row in rows if row[0] not in known]
        if fresh:
            known.update(row[0] for row in fresh)
            self.history.note(
                branch.name, "approved", versions={row[0]: row[2] for row in fresh},
                records=sorted({row[1] for row in fresh}),
            )  # fmt: skip


CHANGEABLE: Final = frozenset({"checked", "matched", "unmatched", "stored", "corrected"})

DEATHS: Final = (
    ("desk: hello", "desk: after the commit"),
    ("desk: approvals", "desk: the answer is there"),
    ("desk: sending", "desk: before the commit"),
    ("desk: sending", "desk: after the commit"),
    ("desk: sending", "desk: the answer is there", "desk: before the commit"),
    ("desk: sending", "desk: the answer is there", "desk: after the commit"),
    ("desk: receiving", "desk: the answer is there", "desk: before the commit"),
    ("desk: receiving", "desk: the answer is there", "desk: after the commit"),
)
"""Ways to the point at which the program dies in a cycle, when it does not die anywhere."""

DISPUTED: Final = "CF_NR"

SENT_AT_ONCE: Final = frozenset(
    {"objection", "decide", "forged_approval", "create", "change", "race", "other_desk", "edit_on_the_way"}
)

ACTS: Final[Mapping[str, int]] = {
    "create": 14, "faulty": 2, "change": 8, "mend": 3, "edit_on_the_way": 2, "other_desk": 5, "race": 4,
    "recall": 2, "release": 2, "with_evidence": 2, "sync": 40, "sign_out": 1, "wrong_clock": 3, "kill": 2,
    "backup": 4, "database_lost": 3, "cloned": 2, "own_approval": 1, "forged_approval": 1,
    "objection": 3, "decide": 4,
    "poison": 2, "region_restarts": 1, "region_restored": 4, "new_catalog": 6,
}  # fmt: skip
"""What may happen at each step, and how often it is drawn."""
