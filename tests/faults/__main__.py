"""The fault suite, long: `python -m tests.faults [--seeds N] [--first M] [--only PART …] [--seed K] …`.

Prints a line for each thing that went wrong, one for every thousand seeds, and at the end seeds run,
violations, mutants killed; 1 when there is a violation or a survivor. With `--seed K` one seed is run again,
and its history printed.
"""

from __future__ import annotations

import argparse
import logging
import os
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults import mutants, simulator

ROOT = Path(__file__).resolve().parents[2]
HISTORIES = ROOT / ".out" / "faults"
PIECE = 25
"""Seeds that a process runs before it says how it goes."""

TELL_EVERY = 1_000
PARTS = ("seeds", "mutants", "kills", "link")


def main(arguments: list[str]) -> int:
    """Run what was asked for."""
    said = argparse.ArgumentParser(prog="run.py faults", description=__doc__)
    said.add_argument("--seeds", type=int, default=3_000, help="how many")
    said.add_argument("--first", type=int, default=0, help="the first of them")
    said.add_argument("--seed", type=int, help="one again, with its history")
    said.add_argument(
        "--only", action="append", choices=PARTS, help="this part and no other; may be repeated"
    )
    said.add_argument("--kills", type=int, help="kills of the desk; half as many of the platform")
    said.add_argument("--link", type=int, help="records over a line that loses packets")
    said.add_argument("--no-mutants", action="store_true")
    said.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    asked = said.parse_args(arguments)
    logging.disable(logging.CRITICAL)  # the platform logs each fault that it is given
    if asked.seed is not None:
        return one_seed(asked.seed)
    parts = set(asked.only or parts_by_figures(asked))
    failed = 0
    if "seeds" in parts:
        failed += many_seeds(asked.first, asked.seeds, asked.workers)
    if "mutants" in parts:
        failed += all_mutants(asked.workers)
    if "kills" in parts:
        failed += by_pytest("test_kill_sync.py", MINXIN_KILLS=asked.kills or 1_000)
    if "link" in parts:
        failed += by_pytest("test_bad_link.py", MINXIN_LINK=asked.link or 2_000)
    return int(bool(failed))


def parts_by_figures(asked: argparse.Namespace) -> list[str]:
    """What is run when no part is named: seeds and mutants, and what a figure was given for."""
    mutants_too = [] if asked.no_mutants else ["mutants"]
    return ["seeds", *mutants_too, *(one for one in ("kills", "link") if getattr(asked, one))]


def one_seed(seed: int) -> int:
    """Run a seed again, and say all that happened."""
    came = simulator.run(seed)
    for line in came.history.lines():
        print(line)
    for one in came.violations:
        print(one)
    return int(bool(came.violations))


@dataclass
class Piece:
    """What came of some seeds.

    Attributes:
        failed: what was broken, by seed.
        cpu_s: of the process, for these seeds.
    """

    ran: int = 0
    events: int = 0
    cpu_s: float = 0.0
    failed: dict[int, list[str]] = field(default_factory=dict)

    def add(self, other: Piece) -> None:
        """Take in what came of others."""
        self.ran += other.ran
        self.events += other.events
        self.cpu_s += other.cpu_s
        self.failed |= other.failed

    def __str__(self) -> str:
        return (
            f"{self.ran} seeds, {self.events} events, {len(self.failed)} with violations,"
            f" {self.cpu_s / max(1, self.ran):.2f} s of CPU a seed"
        )


def many_seeds(first: int, count: int, workers: int) -> int:
    """Run seeds on so many processes; returns how many failed."""
    began, whole = time.monotonic(), Piece()
    pieces = [(at, min(PIECE, first + count - at)) for at in range(first, first + count, PIECE)]
    with ProcessPoolExecutor(workers) as pool:
        for came in pool.map(piece_of_seeds, pieces):
            whole.add(came)
            for seed, found in came.failed.items():
                print(f"seed {seed}: {'; '.join(found)}", flush=True)
                print(f"    again: python3 run.py faults --seed {seed}   history: {HISTORIES}", flush=True)
            if whole.ran % TELL_EVERY == 0:
                print(f"up to seed {first + whole.ran - 1}: {whole}", flush=True)
    minutes = (time.monotonic() - began) / 60
    last = first + count - 1
    print(f"seeds {first}–{last}: {whole}, {minutes:.1f} min on {workers} processes", flush=True)
    return len(whole.failed)


def piece_of_seeds(piece: tuple[int, int]) -> Piece:
    """Run some seeds in this process; the history of one that fails is kept."""
    logging.disable(logging.CRITICAL)
    first, count = piece
    began, came = time.process_time(), Piece(ran=count)
    for seed in range(first, first + count):
        simulation = simulator.Simulation(seed)
        try:
            found = [str(one) for one in simulation.run().violations]
        except Exception as error:  # noqa: BLE001 - what breaks down is a failing seed like others
            found = [f"broke down: {type(error).__name__}: {error}"]
        came.events += len(simulation.history.events)
        if found:
            came.failed[seed] = found
            simulation.history.keep(HISTORIES / f"seed-{seed}.jsonl")
    came.cpu_s = time.process_time() - began
    return came


def all_mutants(workers: int) -> int:
    """Hunt every mutant; returns how many survived."""
    survived = 0
    with ProcessPoolExecutor(workers) as pool:
        for name, seeds, caught in pool.map(hunted, mutants.MUTANTS):
            survived += caught is None
            how = "SURVIVED" if caught is None else f"killed after {seeds:3} seeds by {caught[:70]}"
            print(f"{name:45} {how}", flush=True)
    print(f"{len(mutants.MUTANTS) - survived} of {len(mutants.MUTANTS)} mutants killed")
    return survived


def hunted(name: str) -> tuple[str, int, str | None]:
    """Hunt one mutant in this process."""
    logging.disable(logging.CRITICAL)
    came = mutants.hunt(mutants.MUTANTS[name])
    return name, came.seeds, None if came.caught is None else str(came.caught)


def by_pytest(name: str, **asked: int) -> int:
    """Run what takes real processes, and is as long as asked for."""
    command = ["-q", "-s", "--timeout=0", "-p", "no:randomly", f"tests/faults/{name}"]
    told = {**os.environ, **{key: str(value) for key, value in asked.items()}}
    return subprocess.run(
        [sys.executable, "-m", "pytest", *command], cwd=ROOT, env=told, check=False
    ).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
