"""What calamine does not tell of an .xlsx: formulas, error cells, what is hidden, how wide a sheet is.

A sheet's XML is inflated as a stream and searched for a few byte strings; only a sheet that
holds one of them is parsed. No document type is accepted, so no entity can be declared.
"""

from __future__ import annotations

import re
import zipfile
from typing import Final

from client.errors import FileRefused
from client.intake import parts
from client.intake.marks import Marks

MAX_COLUMNS: Final = 512
"""Columns that hold something. The widest item of the catalog has 60."""

MAX_CELLS: Final = 40_000_000
"""Rows × columns: calamine lays a sheet out as one block of 32 bytes a cell, and another to copy it."""

_OVERLAP: Final = 64
"""Longer than any of the byte strings searched for, so that none hides between two blocks."""

_DTD: Final = b"<!DOCTYPE"
_FORMULA: Final = re.compile(rb"<f[ >/]")
_NEEDLES: Final = b't="e"', b"t='e'", b" hidden="
"""What cells that hold an error say of their type, and rows and columns that are hidden."""

_YES: Final = frozenset({"1", "true", "on"})
_LAST_COLUMN: Final = 16_384
_WIDE_CELL: Final = re.compile(rb'\br="([A-Z]{2,3})[0-9]+"')
_DIMENSION: Final = re.compile(rb'<(?:\w+:)?dimension ref="[A-Z]+[0-9]+:([A-Z]+)([0-9]+)"')
_ROW_NUMBER: Final = re.compile(rb'<(?:\w+:)?row [^>]*?\br="([0-9]+)"')


def column_letters(column: int) -> str:
    """Return the letters of a column counted from 0, as the spreadsheet shows them: 27 → ``AB``."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def column_number(letters: str) -> int:
    """Return the column counted from 0; the reverse of `column_letters`."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def sheet_ids(archive: zipfile.ZipFile) -> list[tuple[str, str]]:
    """Return name and relation of each sheet, in the file's order."""
    found: list[tuple[str, str]] = []

    def sheet(tag: str, attributes: dict[str, str]) -> None:
        if _local(tag) == "sheet":
            by_local = {_local(name): value for name, value in attributes.items() if ":" in name}
            found.append((attributes.get("name", ""), by_local.get("id", "")))

    parts.walk(archive, "xl/workbook.xml", sheet)
    return found


def scan(archive: zipfile.ZipFile, part: str) -> Marks:
    """Look for formulas, error cells and what is hidden in one sheet.

    Raises:
        FileRefused: `too_many_columns`, `too_many_cells`, or `file_damaged` (a document type, bad XML).
    """
    if _needs_parsing(archive, part):
        return _parse_sheet(archive, part)
    return Marks()


def is_small(archive: zipfile.ZipFile, part: str) -> bool:
    """Whether a sheet names its extent in its first lines, and it is small; only those are read.

    Raises:
        FileRefused: `file_damaged` (a document type).
    """
    with archive.open(part) as stream:
        head = stream.read(parts.BLOCK_BYTES)
    if _DTD in head:
        raise FileRefused("file_damaged")
    return _says_small(head)


def _needs_parsing(archive: zipfile.ZipFile, part: str) -> bool:
    found, size_known = False, False
    last_row = 0
    columns: set[bytes] = set()
    tail = b""
    prefix, formula = b"", _FORMULA
    with archive.open(part) as stream:
        while block := stream.read(parts.BLOCK_BYTES):
            text = tail + block
            if not tail:
                if _DTD in text:
                    raise FileRefused("file_damaged")
                prefix = _prefix(text)
                formula = re.compile(b"<" + prefix + b"f[ >/]")
                size_known = _says_small(text)
            if not size_known:
                columns.update(_WIDE_CELL.findall(text))
                rows = _ROW_NUMBER.findall(text[-20_000:]) or _ROW_NUMBER.findall(text)
                last_row = max(last_row, *map(int, rows)) if rows else last_row
            found = found or formula.search(text) is not None or any(needle in text for needle in _NEEDLES)
            tail = text[-_OVERLAP:]
    if not tail.rstrip().endswith(b"</" + prefix + b"worksheet>"):
        raise FileRefused("file_damaged")  # calamine would take the rows up to the cut for all there are
    width = max((column_number(letters.decode()) + 1 for letters in columns), default=26)
    if width > MAX_COLUMNS:
        return True  # formatted but blank columns count for nothing: only parsing tells them from filled ones
    if last_row * width > MAX_CELLS:
        raise FileRefused("too_many_cells")
    return found


def _says_small(text: bytes) -> bool:
    """Believe a sheet that names its extent and calls it small; one that lies runs into the memory limit.

    A single cell is what programs write that do not know the extent yet.
    """
    said = _DIMENSION.search(text)
    if said is None:
        return False
    width, height = column_number(said[1].decode()) + 1, int(said[2])
    return width <= MAX_COLUMNS and width * height <= MAX_CELLS


def _prefix(text: bytes) -> bytes:
    """Return the namespace prefix of the sheet's elements with its colon, mostly nothing."""
    match = re.search(rb"<(\w+:)?worksheet\b", text)
    return match[1] or b"" if match else b""


class _SheetParser:
    """Collects marks and the filled extent of a sheet while expat walks through it."""

    def __init__(self) -> None:
        self.marks = Marks()
        self.row = self.column = -1
        self.last_row = self.last_column = -1
        self.kind = ""
        self.has_formula = self.has_value = False
        self.value: list[str] | None = None

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        name = _local(tag)
        if name == "c":
            self._place(attributes.get("r"))
            self.kind = attributes.get("t", "n")
            self.has_formula = self.has_value = False
        elif name == "row":
            self.row = int(attributes["r"]) - 1 if "r" in attributes else self.row + 1
            self.column = -1
            if attributes.get("hidden") in _YES:
                self.marks.hidden_rows.add(self.row)
        elif name == "f":
            self.has_formula = True
        elif name in {"v", "is"}:
            self.has_value = True
            self.value = [] if self.kind == "e" else None
        elif name == "col" and attributes.get("hidden") in _YES:
            first, last = int(attributes["min"]), min(int(attributes["max"]), _LAST_COLUMN)
            self.marks.hidden_columns.update(range(first - 1, last))

    def text(self, text: str) -> None:
        if self.value is not None:
            self.value.append(text)

    def end(self, tag: str) -> None:
        if _local(tag) != "c":
            return
        place = (self.row, self.column)
        if self.has_formula:
            self.marks.formulas[place] = self.has_value
        if self.kind == "e":
            self.marks.errors[place] = "".join(self.value or ())
        self.value = None
        if self.has_formula or self.has_value:
            self.last_row = max(self.last_row, self.row)
            self.last_column = max(self.last_column, self.column)

    def _place(self, reference: str | None) -> None:
        if reference is None:
            self.column += 1
            return
        letters = reference.rstrip("0123456789")
        self.column = column_number(letters)
        self.row = int(reference[len(letters) :]) - 1


def _parse_sheet(archive: zipfile.ZipFile, part: str) -> Marks:
    found = _SheetParser()
    parts.walk(archive, part, found.start, end=found.end, text=found.text)
    if found.last_column >= MAX_COLUMNS:
        raise FileRefused("too_many_columns", limit=MAX_COLUMNS)
    if (found.last_row + 1) * (found.last_column + 1) > MAX_CELLS:
        raise FileRefused("too_many_cells")
    return found.marks


def _local(name: str) -> str:
    return name.rpartition(":")[2]
