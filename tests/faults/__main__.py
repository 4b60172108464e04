"""The fault suite, long: `python -m tests.faults [--seeds N] [--seed K] [--kills N] [--link N] …`.

Prints a line for each thing that went wrong and at the end seeds run, violations, mutants killed; 1 when
there is a violation or a survivor. With `--seed K` one seed is run again, and its history printed.
"""

from __future__ import annotations

import argparse
import logging
import os
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

from tests.faults import mutants, simulator

ROOT = Path(__file__).resolve().parents[2]
HISTORIES = ROOT / ".out" / "faults"
PIECE = 25
"""Seeds that a process runs before it says how it goes."""


def main(arguments: list[str]) -> int:
    """Run what was asked for."""
    said = argparse.ArgumentParser(prog="run.py faults", description=__doc__)
    said.add_argument("--seeds", type=int, default=3_000)
    said.add_argument("--first", type=int, default=0)
    said.add_argument("--seed", type=int)
    said.add_argument("--kills", type=int, default=0)
    said.add_argument("--link", type=int, default=0)
    said.add_argument("--no-mutants", action="store_true")
    said.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    asked = said.parse_args(arguments)
    logging.disable(logging.CRITICAL)  # the platform logs each fault that it is given
    if asked.seed is not None:
        return one_seed(asked.seed)
    failed = many_seeds(asked.first, asked.seeds, asked.workers)
    if not asked.no_mutants:
        failed += all_mutants(asked.workers)
    if asked.kills:
        os.environ["MINXIN_KILLS"] = str(asked.kills)
        failed += by_pytest("test_kill_sync.py")
    if asked.link:
        os.environ["MINXIN_LINK"] = str(asked.link)
        failed += by_pytest("test_bad_link.py")
    return int(bool(failed))


def one_seed(seed: int) -> int:
    """Run a seed again, and say all that happened."""
    came = simulator.run(seed)
    for line in came.history.lines():
        print(line)
    for one in came.violations:
        print(one)
    return int(bool(came.violations))


def many_seeds(first: int, count: int, workers: int) -> int:
    """Run seeds on all cores; returns how many failed."""
    began, ran, failed, events = time.monotonic(), 0, 0, 0
    pieces = [(at, min(PIECE, first + count - at)) for at in range(first, first + count, PIECE)]
    with ProcessPoolExecutor(workers) as pool:
        for came in pool.map(piece_of_seeds, pieces):
            ran += came["ran"]
            events += came["events"]
            for seed, found in came["failed"].items():
                failed += 1
                print(f"seed {seed}: {'; '.join(found)}", flush=True)
                print(f"    again: python3 run.py faults --seed {seed}   history: {HISTORIES}", flush=True)
            if sys.stderr.isatty():
                print(f"\r{ran} of {count}", end="", file=sys.stderr, flush=True)
    minutes = (time.monotonic() - began) / 60
    print(f"{ran} seeds, {events} events, {failed} with violations, {minutes:.1f} min on {workers} processes")
    return failed


def piece_of_seeds(piece: tuple[int, int]) -> dict[str, Any]:
    """Run some seeds in this process; the history of one that fails is kept."""
    logging.disable(logging.CRITICAL)
    first, count = piece
    failed: dict[int, list[str]] = {}
    events = 0
    for seed in range(first, first + count):
        simulation = simulator.Simulation(seed)
        try:
            found = [str(one) for one in simulation.run().violations]
        except Exception as error:  # noqa: BLE001 - what breaks down is a failing seed like others
            found = [f"broke down: {type(error).__name__}: {error}"]
        events += len(simulation.history.events)
        if found:
            failed[seed] = found
            simulation.history.keep(HISTORIES / f"seed-{seed}.jsonl")
    return {"ran": count, "failed": failed, "events": events}


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


def by_pytest(name: str) -> int:
    """Run what takes real processes, and is as long as asked for."""
    command = ["-q", "-s", "--timeout=0", "-p", "no:randomly", f"tests/faults/{name}"]
    return subprocess.run([sys.executable, "-m", "pytest", *command], cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
