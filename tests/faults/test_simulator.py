"""Seeds of the simulator keep every invariant, and every mutant of the product breaks one."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from tests.faults import checker, mutants, simulator

SEEDS = 300
PIECE = 25


@pytest.fixture(autouse=True)
def _quiet():
    """The platform logs every fault that it is given."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("first", range(0, SEEDS, PIECE), ids=lambda first: f"seeds from {first}")
def test_no_seed_breaks_an_invariant(first):
    for seed in range(first, first + PIECE):
        found = simulator.run(seed).violations

        assert not found, f"{found[0]}\nagain: python3 run.py faults --seed {seed}"


@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", mutants.MUTANTS)
def test_the_checker_catches_the_mutant(name):
    came = mutants.hunt(mutants.MUTANTS[name])

    assert came.caught, f"it survived {came.seeds} seeds"


def test_the_same_seed_gives_the_same_history():
    first, second = (list(simulator.run(7).history.lines()) for _ in range(2))

    assert first == second
    assert len(first) > simulator.STEPS


def test_the_checker_shares_no_code_with_what_it_checks():
    lines = Path(checker.__file__).read_text(encoding="utf-8").splitlines()
    imported = [line for line in lines if line.startswith(("import ", "from "))]

    assert not [line for line in imported if "client" in line or "regional_platform" in line]
