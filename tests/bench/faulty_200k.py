"""200,000 rows of which half are wrong, checked with a report, beside reading the file with calamine alone.

All faults must be counted, and memory must not grow with them: the command, its reading child and the
writing of the report are measured together, sampled while they run.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path
from typing import Any, Final

import xlsxwriter

from client.demo.samples import many_penalties
from client.paths import resources
from forms.catalog.loader import load_set

NAME = "faulty_200k"

ROWS: Final = 200_000
TREE: Final = Path(__file__).parents[2]
TODAY: Final = date(2026, 11, 24)
LONG: Final = {"CF_SY", "CF_NR", "CF_YJ", "CF_WFXW"}
SAMPLE_S: Final = 0.05
READ_ALONE: Final = (
    "import sys, python_calamine as c;"
    "sum(1 for _ in c.CalamineWorkbook.from_path(sys.argv[1]).get_sheet_by_index(0).iter_rows())"
)


def run() -> dict[str, float | int | str]:
    """Measure; the sum of faults is held against what was put in."""
    with tempfile.TemporaryDirectory() as folder:
        path, report, out = (Path(folder) / name for name in ("wrong.xlsx", "report.xlsx", "said.json"))
        wrong = write_file(path)
        read_s, read_mb = watched([sys.executable, "-c", READ_ALONE, str(path)], Path(os.devnull))
        command = [sys.executable, "-m", "client", "check", str(path), "--item", "XZCF_FR", "--json"]
        check_s, check_mb = watched(command, out)
        said: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
        report_s, report_mb = watched([*command, "--report", str(report)], out)
        report_size = report.stat().st_size / 1e6
    if said["rows"] != ROWS or said["faulty"] < wrong:
        raise AssertionError(f"{said['rows']} rows, {said['faulty']} of {wrong} faults")
    return {
        "rows": ROWS,
        "faults put in": wrong,
        "rows found wrong": said["faulty"],
        "problems named": len(said["problems"]),
        "reading alone, s": read_s,
        "reading alone, peak MB": read_mb,
        "check, s": check_s,
        "check, peak MB of all its processes": check_mb,
        "check with report, s": report_s,
        "check with report, peak MB of all its processes": report_mb,
        "report, MB": report_size,
        "check with report : reading alone, peak memory": report_mb / read_mb,
    }


def write_file(path: Path) -> int:
    """Write the rows; every second one lacks its facts. Returns how many faults were put in."""
    fields = load_set(resources() / "catalogs" / "2026.1").item("XZCF_FR").fields
    fields = tuple(
        field for field in fields if field.required or field.id in {"CF_FRDB", "CF_NR_FK"}
    )  # 200 MB unpacked is what a file may have
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("行政处罚")
        day = book.add_format({"num_format": "yyyy/m/d"})
        sheet.write_row(0, 0, [field.title for field in fields])
        for number, cells in enumerate(many_penalties(ROWS, today=TODAY), start=1):
            for column, field in enumerate(fields):
                cell = "；见卷宗" if field.id in LONG else cells.get(field.id)
                cell = None if number % 2 and field.id == "CF_SY" else cell
                if isinstance(cell, date):
                    sheet.write_datetime(number, column, cell, day)
                elif cell is not None:
                    sheet.write(number, column, cell)
    return ROWS // 2


def watched(command: list[str], out: Path) -> tuple[float, float]:
    """Run a command; return its seconds, and the peak in MB of it and its children together."""
    began, peak = time.perf_counter(), 0.0
    with (
        out.open("w", encoding="utf-8") as said,
        subprocess.Popen(command, cwd=TREE, stdout=said, stderr=subprocess.PIPE) as running,
    ):
        while running.poll() is None:
            peak = max(peak, sum(_memory_mb(pid) for pid in _family(running.pid)))
            time.sleep(SAMPLE_S)
    if running.returncode not in {0, 1}:  # 1: there are problems
        raise AssertionError(f"{command} ended with {running.returncode}")
    return time.perf_counter() - began, peak


def _family(pid: int) -> list[int]:
    found = [pid]
    for one in found:
        try:
            children = Path(f"/proc/{one}/task/{one}/children").read_text(encoding="ascii")
        except OSError:  # gone meanwhile
            continue
        found += map(int, children.split())
    return found


def _memory_mb(pid: int) -> float:
    try:
        status = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("Pss:")), 0.0)
