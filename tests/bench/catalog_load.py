"""How long it takes to open catalog sets of 151, 702 and 2,106 items, to reach one item, and to verify all.

The peer is what the machine can do at best: reading the bytes of all files and their JSON, and nothing else.
"""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from forms.catalog.loader import load_set, verify_set
from tests.forms.catalog.generating import RESOURCES, write_large_set

NAME = "catalog_load"

Figures = dict[str, float | int | str]


def run() -> Figures:
    """Measure wall time, the best of five; files are in the system's cache."""
    figures: Figures = {}
    with tempfile.TemporaryDirectory() as folder:
        sets = {151: RESOURCES / "catalogs" / "2026.1"}
        sets |= {count: write_large_set(Path(folder) / str(count), count) for count in (702, 2106)}
        for count, directory in sets.items():
            opened = best_ms(lambda directory=directory: load_set(directory))
            first = best_ms(lambda directory=directory: one_item(directory))
            plain = best_ms(lambda directory=directory: read_all(directory), tries=2)
            figures |= {
                f"{count} items, open, ms": opened,
                f"{count} items, open and one item, ms": first,
                f"{count} items, bytes and JSON of all, ms": plain,
                f"{count} items, open : reading all": opened / plain,
            }
        figures["151 items, every item made, ms"] = best_ms(lambda: list(load_set(sets[151]).items.values()))
        figures["702 items, every file verified, ms"] = best_ms(lambda: verify_set(sets[702]), tries=1)
    return figures


def one_item(directory: Path) -> object:
    """Open a set and make the item in its middle."""
    opened = load_set(directory)
    return opened.items[sorted(opened.entries)[len(opened.entries) // 2]]


def read_all(directory: Path) -> int:
    """Read and parse every item file, as anything that knows no list must."""
    return sum(len(json.loads(path.read_bytes())["fields"]) for path in (directory / "items").glob("*.json"))


def best_ms(work: Callable[[], object], *, tries: int = 5) -> float:
    """Return the best wall time of some tries."""
    times = []
    for _ in range(tries):
        begun = time.perf_counter()
        work()
        times.append(time.perf_counter() - begun)
    return min(times) * 1000
