"""100,000 penalties from .xlsx to encrypted drafts, beside reading the same file with python-calamine alone.

Each step runs in a process of its own, so that its memory is its own. Also measured, for the sum
that a whole import is held against: bare checking, and bare inserting (encrypted, FULL, one index,
1,000 rows a transaction).
"""

from __future__ import annotations

import json
import multiprocessing
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

import python_calamine
import xlsxwriter

from client.core.ids import uuid7
from client.core.people import Device, Operator
from client.demo.samples import many_penalties
from client.intake.candidates import Candidates
from client.intake.importing import import_file
from client.intake.judging import Part, Plan, judge_file
from client.paths import resources
from client.store.database import Database
from client.store.desk import Catalogs
from client.store.profile import NewOperator, create_profile, unlock
from client.store.wraps import Cost
from forms.catalog.check import check
from forms.catalog.loader import load_set
from forms.seal.keys import SigningKey

NAME = "import"

ROWS: Final = 100_000
TREE: Final = Path(__file__).parents[2]
CATALOG: Final = resources() / "catalogs" / "2026.1"
TODAY: Final = date(2026, 11, 24)
NOW: Final = datetime(2026, 11, 24, 8, tzinfo=UTC)
PASSPHRASE: Final = "一人一口令-从不外借"


def run() -> dict[str, float | int | str]:
    """Measure, and return the figures."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "penalties.xlsx"
        write_file(path)
        size_mb = path.stat().st_size / 1e6
        read = _step("read", path, folder)
        checked = _step("check", path, folder)
        inserted = _step("insert", path, folder)
        whole = _step("import", path, folder)
    bare = read["seconds"] + checked["seconds"] + inserted["seconds"]
    return {
        "rows": ROWS,
        "file_mb": round(size_mb, 1),
        "import_s": round(whole["seconds"], 2),
        "import_rows_per_s": round(ROWS / whole["seconds"]),
        "created": whole["created"],
        "faulty": whole["faulty"],
        "read_alone_s": round(read["seconds"], 2),
        "ratio_to_reading": round(whole["seconds"] / read["seconds"], 2),
        "check_alone_s": round(checked["seconds"], 2),
        "insert_alone_s": round(inserted["seconds"], 2),
        "ratio_to_bare_sum": round(whole["seconds"] / bare, 2),
        "peak_reader_mb": whole["child_mb"],
        "peak_importer_mb": whole["own_mb"],
        "peak_reading_alone_mb": read["own_mb"],
        "ratio_of_peak_memory": round((whole["child_mb"] + whole["own_mb"]) / read["own_mb"], 2),
    }


def write_file(path: Path) -> None:
    """Write the penalties as Excel would: shared strings, date and number cells."""
    fields = load_set(CATALOG).item("XZCF_FR").fields
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("行政处罚")
        day = book.add_format({"num_format": "yyyy/m/d"})
        sheet.write_row(0, 0, [field.title for field in fields])
        for number, cells in enumerate(many_penalties(ROWS, today=TODAY), start=1):
            for column, field in enumerate(fields):
                cell = cells.get(field.id)
                if isinstance(cell, date):
                    sheet.write_datetime(number, column, cell, day)
                elif cell is not None:
                    sheet.write(number, column, cell)


def _step(name: str, path: Path, folder: str) -> dict[str, Any]:
    ran = subprocess.run(
        [sys.executable, "-m", "tests.bench.import_100k", name, str(path), folder],
        cwd=TREE, check=True, capture_output=True, text=True,
    )  # fmt: skip
    said: dict[str, Any] = json.loads(ran.stdout)
    return said


# --- the steps, each in its own process ---


def read_alone(path: Path, _folder: Path) -> dict[str, Any]:
    """Read every row with calamine and do nothing with it."""
    started = time.perf_counter()
    sheet = python_calamine.CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0)
    rows = sum(1 for _ in sheet.iter_rows())
    return {"seconds": time.perf_counter() - started, "rows": rows}


def check_alone(path: Path, _folder: Path) -> dict[str, Any]:
    """Check values that are in memory already."""
    item = load_set(CATALOG).item("XZCF_FR")
    records = [json.loads(row[1]) for row in _good_rows(path)]
    started = time.perf_counter()
    for values in records:
        check(item, values, reported_on=TODAY)
    seconds = time.perf_counter() - started
    return {"seconds": seconds * ROWS / len(records), "rows": len(records)}


def insert_alone(path: Path, folder: Path) -> dict[str, Any]:
    """Insert payloads that are in memory already: one table, one index."""
    rows = [(row[0], row[2], row[1].decode()) for row in _good_rows(path)]
    database = Database.create(folder / "bare.db", os.urandom(32))
    with database.transaction() as tx:
        tx.execute("CREATE TABLE bare (n INTEGER PRIMARY KEY, key TEXT, payload TEXT) STRICT")
        tx.execute("CREATE INDEX bare_key ON bare (key)")
    started = time.perf_counter()
    for start in range(0, len(rows), 1_000):
        with database.transaction() as tx:
            tx.executemany("INSERT INTO bare VALUES (?,?,?)", rows[start : start + 1_000])
    seconds = time.perf_counter() - started
    database.close()
    return {"seconds": seconds * ROWS / len(rows), "rows": len(rows)}


def import_whole(path: Path, folder: Path) -> dict[str, Any]:
    """Import the file into a new desk."""
    operator = Operator("u1", "林晓", frozenset({"reporter"}))
    device = Device(
        "d1", "一号机", "350200-01", "示范局", "350200", "http://127.0.0.1:9", None, "s1", "k", "e1"
    )
    create_profile(
        folder / "desk", profile_id="p1", device=device, device_key=SigningKey.generate(),
        operators=[operator], first=NewOperator("u1", PASSPHRASE), possession=None, clock=lambda: NOW,
        cost=Cost(1, 32, 1),
    )  # fmt: skip
    desk = unlock(
        folder / "desk", "林晓", PASSPHRASE, None, catalogs=Catalogs([load_set(CATALOG)]),
        clock=lambda: NOW, new_id=lambda: uuid7(datetime.now(UTC), os.urandom(10)),
    )  # fmt: skip
    started = time.perf_counter()
    done = import_file(desk, path).sum
    seconds = time.perf_counter() - started
    desk.close()
    return {"seconds": seconds, "created": done.created, "faulty": done.faulty}


def _good_rows(path: Path) -> list[tuple[Any, ...]]:
    plan = Plan(Candidates((load_set(CATALOG).item("XZCF_FR"),)), TODAY, keep=True)
    parts = [message for message in judge_file(path, plan) if isinstance(message, Part)]
    return [row for part in parts if part.chunk for row in part.chunk.good]


STEPS: Final[dict[str, Callable[[Path, Path], dict[str, Any]]]] = {
    "read": read_alone, "check": check_alone, "insert": insert_alone, "import": import_whole,
}  # fmt: skip


def _peak_mb() -> int:
    """Peak memory of this process; what getrusage says begins with the size of whoever started it."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) // 1024


def main(step: str, file: str, folder: str) -> None:
    """Run one step and print what it took, as JSON."""
    said = STEPS[step](Path(file), Path(folder))
    said["own_mb"] = _peak_mb()
    said["child_mb"] = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    sys.stdout.write(json.dumps(said))


if __name__ == "__main__":
    multiprocessing.freeze_support()
    main(*sys.argv[1:])
