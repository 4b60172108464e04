"""What a known-bad twin of the product is, and how it is hunted.

A mutant changes the product in this process only, while it is worn. One that survives shows that the suite
could not see that fault, and fails the run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any, Final

from tests.faults import simulator
from tests.faults.checker import Violation
from tests.faults.world import World

MOST_SEEDS: Final = 30
"""A mutant that lives for longer counts as a survivor."""


@dataclass(frozen=True)
class Mutant:
    """A fault of the product.

    Attributes:
        row: of docs/faults.md, the faults of the world that show it.
        world: in which those happen often.
        wear: changes the product while it is entered.
    """

    name: str
    row: str
    world: World
    wear: Callable[[], AbstractContextManager[None]]


@dataclass(frozen=True)
class Hunt:
    """How a mutant fared; `caught` is what the checker said first, None when it survived."""

    mutant: Mutant
    seeds: int
    seed: int | None
    caught: Violation | None


MUTANTS: Final[dict[str, Mutant]] = {}


def mutant(row: str, **world: Any) -> Callable[[Callable[[], Iterator[None]]], Callable[[], Iterator[None]]]:
    """Enter a function that changes the product among the mutants, under its own name."""

    def enter(wear: Callable[[], Iterator[None]]) -> Callable[[], Iterator[None]]:
        name = wear.__name__.strip("_").replace("_", " ")
        MUTANTS[name] = Mutant(name, row, World(**world), contextmanager(wear))
        return wear

    return enter


def hunt(one: Mutant, *, most: int = MOST_SEEDS) -> Hunt:
    """Run seeds on a mutant until the checker catches it; a breakdown of the program proves nothing."""
    for seed in range(most):
        with one.wear():
            try:
                found = simulator.run(seed, one.world).violations
            except Exception:  # noqa: BLE001 - it tells by itself; the checker must see it
                continue
        if found:
            return Hunt(one, seed + 1, seed, found[0])
    return Hunt(one, most, None, None)


LOST: Final[Mapping[str, Any]] = {"fates": {"request_lost": 60, "answer_lost": 60, "later": 40}}
DOUBLES: Final[Mapping[str, Any]] = {"fates": {"answer_lost": 60, "twice": 60, "late_arrives": 60}}
LIES: Final[Mapping[str, Any]] = {
    "fates": {"garbage": 40, "proxy_page": 40, "forged": 40, "another": 40, "cut": 40}
}
RACES: Final[Mapping[str, Any]] = {"acts": {"race": 40, "other_desk": 40}}
LOST_DATABASES: Final[Mapping[str, Any]] = {"acts": {"backup": 20, "database_lost": 30, "create": 40}}
RESTORES: Final[Mapping[str, Any]] = {"acts": {"region_restored": 30, "create": 25}}
"""Worlds in which some faults are frequent."""
