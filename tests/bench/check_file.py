"""`minxin check FILE` beside `frictionless validate FILE` on the same file: whole processes, starts included.

Every tenth row lacks its fine, and every tenth of those has a wrong check character, too. The peer gets
types, lengths, codes and required fields; that is what it can say. Both must read the same rows, and ours
must find at least the rows that the peer finds. Both run from bytecode, as installed programs do: the first
run of each writes it, whatever the surroundings say of that.
"""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final

import xlsxwriter

from client.demo.samples import many_penalties
from client.paths import resources
from forms.catalog.loader import load_set
from forms.catalog.schema import Field, Item

NAME = "check_file"

ROWS: Final = 20_000
TREE: Final = Path(__file__).parents[2]
TODAY: Final = date(2026, 11, 24)

OPEN_ENDED: Final = {"CF_YXQ", "CF_GSJZQ"}
"""May be 长期, which a table schema has no type for."""

Cells = list[str | float | date | None]


def run() -> dict[str, float | int | str]:
    """Measure both on .xlsx and on .csv, the better of two each."""
    item = load_set(resources() / "catalogs" / "2026.1").item("XZCF_FR")
    rows = list(faulty_penalties(item))
    figures: dict[str, float | int | str] = {"rows": ROWS}
    with tempfile.TemporaryDirectory() as folder:
        schema = Path(folder) / "schema.json"
        schema.write_text(json.dumps(table_schema(item), ensure_ascii=False), encoding="utf-8")
        for write in (write_xlsx, write_csv):
            path = write(item, rows, Path(folder))
            kind = path.suffix
            ours, said = fastest([sys.executable, "-m", "client", "check", str(path), "--json"], Path(folder))
            peer, told = fastest(
                [sys.executable, "-m", "frictionless", "validate", path.name, "--schema", schema.name,
                 "--limit-errors", str(ROWS), "--json"],
                Path(folder),
            )  # fmt: skip
            wrong = {one["row"] for one in said["problems"] if one["severity"] == "error"}
            errors = told["tasks"][0]["errors"]
            if strange := [one for one in errors if "rowNumber" not in one]:
                raise AssertionError(strange[:3])
            seen = {one["rowNumber"] for one in errors if "rowNumber" in one}
            if said["rows"] != ROWS or not seen <= wrong:
                raise AssertionError(f"{kind}: rows {said['rows']}, missed {sorted(seen - wrong)[:5]}")
            figures |= {
                f"{kind}: minxin check, s": ours,
                f"{kind}: frictionless, s": peer,
                f"{kind}: times faster": peer / ours,
                f"{kind}: wrong rows minxin finds": len(wrong),
                f"{kind}: wrong rows frictionless finds": len(seen),
            }
    return figures


def faulty_penalties(item: Item) -> list[Cells]:
    """Make the rows, columns in the order of the item's fields."""
    made = []
    for number, cells in enumerate(many_penalties(ROWS, today=TODAY)):
        record = dict(cells)
        if number % 10 == 0:
            record.pop("CF_SY")
        if number % 100 == 7:
            record["CF_XDR_SHXYM"] = str(record["CF_XDR_SHXYM"])[:17] + "_"
        made.append([record.get(field.id) for field in item.fields])
    return made


def write_xlsx(item: Item, rows: Sequence[Cells], folder: Path) -> Path:
    """Write them as Excel would."""
    path = folder / "penalties.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("行政处罚")
        day = book.add_format({"num_format": "yyyy/m/d"})
        sheet.write_row(0, 0, [field.title for field in item.fields])
        for number, cells in enumerate(rows, start=1):
            for column, cell in enumerate(cells):
                if isinstance(cell, date):
                    sheet.write_datetime(number, column, cell, day)
                elif cell is not None:
                    sheet.write(number, column, cell)
    return path


def write_csv(item: Item, rows: Sequence[Cells], folder: Path) -> Path:
    """Write them as text."""
    path = folder / "penalties.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow([field.title for field in item.fields])
        out.writerows([["" if cell is None else cell for cell in cells] for cells in rows])
    return path


def table_schema(item: Item) -> dict[str, Any]:
    """Say of the item what a table schema can say."""
    return {"fields": [_declared(field) for field in item.fields]}


def _declared(field: Field) -> dict[str, Any]:
    constraints: dict[str, Any] = {"required": field.required}
    if field.type in {"string", "text"} and field.max_length:
        constraints["maxLength"] = field.max_length
    if field.type == "enum" and field.code_set:
        constraints["enum"] = [name for code in field.code_set.codes for name in (code.code, code.name)]
    kinds = {"decimal": "number", "int": "integer", "date": "any" if field.id in OPEN_ENDED else "date"}
    return {"name": field.title, "type": kinds.get(field.type, "string"), "constraints": constraints}


def fastest(command: Sequence[str], folder: Path) -> tuple[float, dict[str, Any]]:
    """Run a command twice; return the fewer seconds and the JSON that it printed."""
    seconds, said = [], {}
    bytecode = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(folder / "bytecode")}
    environment = {**os.environ, **bytecode, "PYTHONPATH": str(TREE)}
    for _ in range(2):
        begun = time.perf_counter()
        ran = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, check=False
        )
        seconds.append(time.perf_counter() - begun)
        if ran.returncode not in {0, 1}:  # 1: there are problems
            raise RuntimeError(ran.stderr[-2000:])
        said = json.loads(ran.stdout)
    return min(seconds), said
