"""A department's spreadsheet of data items → a catalog set on disk, or all that is wrong with it, by cell.

The file is read in a child process, like every file that comes from anybody. The set that is written is whole
and sound, or nothing is written; it is not signed, which is for whoever stands for the catalog.
"""

from __future__ import annotations

import contextlib
import json
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

from client.errors import FileRefused
from client.intake import child
from client.intake.clean import as_typed
from client.intake.read import open_book
from forms.catalog.building import SOURCE, Built, CellFault, build, find_header
from forms.catalog.loader import CatalogError, verify_set
from forms.catalog.schema import CatalogSet
from forms.catalog.sealing import list_set, place_of

MOST_ROWS: Final = 50_000
"""A region's catalog has some thousand data items; what is longer is no catalog."""

Row = tuple[int, list[str]]


@dataclass(frozen=True, slots=True)
class SheetFault:
    """What is wrong with one cell of one sheet."""

    sheet: str
    fault: CellFault


@dataclass(frozen=True, slots=True)
class BuiltSet:
    """What came of a file: a set on disk, or its faults."""

    directory: Path
    items: int
    fields: int
    faults: tuple[SheetFault, ...]


def build_set(
    path: Path, out: Path, *, known: CatalogSet, home: Path, name: str, title: str, effective_on: date
) -> BuiltSet:
    """Build a catalog set from a spreadsheet.

    Args:
        path: the spreadsheet.
        out: folder of the new set; new or empty.
        known: the set whose code sets the file may name.
        home: folder of `known`, from which those code sets are copied.
        name: of the new set, e.g. ``2027.1``.
        title: of the new set.
        effective_on: the day from which it holds.

    Returns:
        What was built; with faults, nothing is on disk.

    Raises:
        FileRefused: the file is no spreadsheet; ``folder_not_empty``, ``folder_unwritable``.
    """
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise FileRefused("folder_not_empty", name=out.name)
    faults: list[SheetFault] = []
    whole = Built()
    for sheet, rows in _sheets(path):
        one = build(rows, known.code_sets)
        faults += [SheetFault(sheet, fault) for fault in one.faults]
        doubled = one.items.keys() & whole.items.keys()
        faults += [SheetFault(sheet, CellFault(1, "A", "item_doubled", {"code": c})) for c in sorted(doubled)]
        whole.items |= one.items
        whole.code_sets |= one.code_sets
        whole.used |= one.used
    if not faults and whole.items:
        head = {"name": name, "title": title, "effective_on": effective_on.isoformat()}
        faults += _write(whole, out, home, path.name, head)
    elif not faults:
        faults.append(SheetFault("", CellFault(1, "A", "no_header")))
    fields = sum(len(item["fields"]) for item in whole.items.values())
    return BuiltSet(out, len(whole.items), fields, tuple(faults))


def _sheets(path: Path) -> Iterator[tuple[str, list[Row]]]:
    """Yield the visible sheets that have a header of data items; the first one where none has."""
    found: list[tuple[str, list[Row]]] = []
    with contextlib.closing(child.run(read_sheets, path)) as messages:
        found += messages
    fitting = [one for one in found if find_header(one[1]) is not None]
    yield from fitting or found[:1]


def read_sheets(path: Path) -> Iterator[tuple[str, list[Row]]]:
    """Read the visible sheets as text; runs in the child."""
    with open_book(path) as book:
        for name, hidden in book.names:
            if hidden:
                continue
            rows: list[Row] = []
            for number, cells in book.sheet(name).rows():
                if number > MOST_ROWS:
                    raise FileRefused("too_many_cells")
                rows.append((number, [as_typed(cell) for cell in cells]))
            yield name, rows


def _write(built: Built, out: Path, home: Path, file_name: str, head: Mapping[str, Any]) -> list[SheetFault]:
    """Write the set beside its place, verify it, and move it there."""
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".catalog-", dir=out.parent) as folder:
            directory = Path(folder) / "sets" / out.name
            _write_files(built, directory, home, file_name, head)
            try:
                verify_set(directory, signed=False)
            except CatalogError as error:
                return [
                    SheetFault("", CellFault(1, "A", "catalog_unsound", {"detail": str(fault)}))
                    for fault in error.faults
                ]
            if out.exists():
                out.rmdir()
            directory.rename(out)
    except OSError as error:
        raise FileRefused("folder_unwritable", name=out.name) from error
    return []


def _write_files(built: Built, directory: Path, home: Path, file_name: str, head: Mapping[str, Any]) -> None:
    (directory / "items").mkdir(parents=True)
    (directory / "codesets").mkdir()
    sources = json.loads(place_of(home, "sources.json").read_text(encoding="utf-8"))
    sources[SOURCE] = {"kind": "spreadsheet", "where": file_name, "what": "部门编制的目录表格"}
    _dump(directory / "sources.json", sources)
    for code_set_id in sorted(built.used):
        content = place_of(home, f"codesets/{code_set_id}.json").read_bytes()
        (directory / "codesets" / f"{code_set_id}.json").write_bytes(content)
    for code_set_id, code_set in built.code_sets.items():
        _dump(directory / "codesets" / f"{code_set_id}.json", code_set)
    for code, item in built.items.items():
        _dump(directory / "items" / f"{code}.json", item)
    _dump(directory / "set.json", list_set(directory, head))


def _dump(path: Path, content: object) -> None:
    text = json.dumps(content, ensure_ascii=False, indent=1)
    path.write_text(text + "\n", encoding="utf-8", newline="\n")
