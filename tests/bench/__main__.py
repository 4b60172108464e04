"""Run benchmarks, each in a process of its own, and print what they measured.

    python tests/bench [NAME ...] [--json FILE]

A benchmark is a module of this folder with `NAME`, what it measures in one sentence as its docstring, and
`run()`, which returns figure → number or text; one with `ON_REQUEST` runs only when it is named. A figure
that has a peer or a physical limit stands beside that one's figure and the ratio of the two, measured in
the same run.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import platform
import subprocess
import sys
from pathlib import Path
from types import ModuleType

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]

Figures = dict[str, float | int | str]


def load(path: Path) -> ModuleType:
    """Import one benchmark from its file."""
    spec = importlib.util.spec_from_file_location(f"bench_{path.stem}", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def benchmarks() -> dict[str, Path]:
    """Find the benchmarks: name → file."""
    found = {}
    for path in sorted(HERE.glob("*.py")):
        # Named in the text, so that listing costs no import of what is measured.
        named = [line for line in path.read_text(encoding="utf-8").splitlines() if line.startswith("NAME")]
        if named:
            found[named[0].split("=", 1)[1].strip().strip("\"'")] = path
    return found


def on_request(path: Path) -> bool:
    """Say whether a benchmark runs only when it is named: it takes long, or much room."""
    return "\nON_REQUEST" in path.read_text(encoding="utf-8")


def measure(path: Path) -> Figures | None:
    """Run one benchmark in a fresh process, so that none inherits another's memory; None when it failed."""
    ran = subprocess.run(
        [sys.executable, __file__, "--one", str(path)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if ran.returncode:
        return None
    figures: Figures = json.loads(ran.stdout.splitlines()[-1])
    return figures


def show(name: str, figures: Figures) -> None:
    """Print the figures of one benchmark, one a line."""
    print(name)
    width = max(map(len, figures), default=0)
    for figure, value in figures.items():
        print(f"  {figure:<{width}}  {written(value)}")
    print(flush=True)


def written(value: float | str) -> str:
    """Write a number as people read it: thousands with commas, three digits that count."""
    if isinstance(value, str):
        return value
    if isinstance(value, int) or abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def main() -> int:
    """Run what was asked for; 0 only when every benchmark ended well."""
    known = benchmarks()
    parser = argparse.ArgumentParser(prog="run.py bench")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(known))
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures here")
    parser.add_argument("--one", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.one:
        print(json.dumps(load(asked.one).run(), ensure_ascii=False))
        return 0
    if unknown := [name for name in asked.names if name not in known]:
        parser.error(f"no benchmark {', '.join(unknown)}; there are {', '.join(known)}")
    results = {}
    for name in asked.names or [one for one, path in known.items() if not on_request(path)]:
        results[name] = measure(known[name])
        figures = results[name]
        if figures is None:
            print(f"{name}\n  failed\n", flush=True)
        else:
            show(name, figures)
    if asked.json:
        machine = {"python": platform.python_version(), "system": platform.platform(), "figures": results}
        asked.json.write_text(json.dumps(machine, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    return int(None in results.values())


if __name__ == "__main__":
    sys.exit(main())
