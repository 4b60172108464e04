"""What calamine does not tell of an .ods: formulas, errors, what is hidden, notes, links and scripts.

The content is searched for a few byte strings as it is inflated, and parsed only when one is there.
Source: OpenDocument 1.3, part 3, sections 9 and 19; `calcext` as LibreOffice writes it.
"""

from __future__ import annotations

import re
import zipfile
from dataclasses import dataclass, field
from typing import Final

from client.errors import FileRefused
from client.intake import parts
from client.intake.marks import Marks, Remark

PART: Final = "content.xml"

_OVERLAP: Final = 64
_NEEDLES: Final = (
    b":formula=", b"annotation", b":visibility=", b'"error"', b"dde-", b":table-source",
    b":cell-range-source", b"<draw:object", b"'error'", b"event-listener",
)  # fmt: skip
_BLANKS_BETWEEN: Final = re.compile(rb"(?<=>)\s+(?=</?table:)|(?<=<table:table-cell>)\s+")
_MOST: Final = 1 << 20
"""Rows and columns that a sheet can have; repeats beyond them are lies."""

_LONGEST_RUN: Final = 10_000
"""Cells alike that are listed one by one; a formula is not repeated, it is copied."""


@dataclass(slots=True)
class OpenBook:
    """An .ods: name of a sheet → its marks; and what the document carries beside its cells."""

    marks: dict[str, Marks] = field(default_factory=dict)
    remarks: set[Remark] = field(default_factory=set)


def scan(archive: zipfile.ZipFile) -> OpenBook:
    """Look for marks in all sheets.

    Raises:
        FileRefused: `file_damaged`, also for a document type.
    """
    found = _Parser()
    if any(name.startswith(("Basic/", "Scripts/")) for name in archive.namelist()):
        found.book.remarks.add("macros_not_run")
    if _needs_parsing(archive):
        parts.walk(archive, PART, found.start, end=found.end, text=found.text)
    return found.book


def without_blanks(content: bytes) -> bytes:
    """Take out the line breaks between cells that programs put in for looks; calamine stumbles over them."""
    return _BLANKS_BETWEEN.sub(b"", content)


def _needs_parsing(archive: zipfile.ZipFile) -> bool:
    tail = b""
    found = False
    try:
        with archive.open(PART) as stream:
            while block := stream.read(parts.BLOCK_BYTES):
                text = tail + block
                if not tail and b"<!DOCTYPE" in text:
                    raise FileRefused("file_damaged")
                found = found or any(needle in text for needle in _NEEDLES)
                tail = text[-_OVERLAP:]
    except parts.BROKEN as error:
        raise FileRefused("file_damaged") from error
    return found


class _Parser:
    """Keeps the place in the sheet while expat walks through the content."""

    def __init__(self) -> None:
        self.book = OpenBook()
        self._marks = Marks()
        self._row = self._column = 0
        self._rows = self._width = 1
        self._error: tuple[int, int] | None = None
        self._in_note = 0
        self._text: list[str] = []

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag.rpartition(":")[2]
        if name in {"table-cell", "covered-table-cell"}:
            self._cell({key.rpartition(":")[2]: value for key, value in attributes.items()}, attributes)
        elif name == "table-row":
            self._column, self._rows = 0, _repeat(attributes, "number-rows-repeated")
            if _is_hidden(attributes) and self._rows <= _LONGEST_RUN:
                self._marks.hidden_rows.update(range(self._row, self._row + self._rows))
        elif name == "table-column":
            times = _repeat(attributes, "number-columns-repeated")
            if _is_hidden(attributes) and times <= _LONGEST_RUN:
                self._marks.hidden_columns.update(range(self._column, self._column + times))
            self._column += times
        elif name == "table":
            self._row = self._column = 0
            self._marks = self.book.marks.setdefault(_attribute(attributes, "name"), Marks())
        elif name == "annotation":
            self._in_note += 1
            self._marks.add_note((self._row, self._column))
        elif name in {"table-source", "cell-range-source"}:
            self.book.remarks.add("links_not_followed")
        elif name in {"dde-source", "dde-link"}:
            self.book.remarks.add("dde_not_run")
        elif name in {"object", "object-ole"}:
            self.book.remarks.add("objects_not_opened")
        elif name == "event-listener":
            self.book.remarks.add("macros_not_run")

    def _cell(self, said: dict[str, str], attributes: dict[str, str]) -> None:
        self._width = _repeat(attributes, "number-columns-repeated")
        place = (self._row, self._column)
        is_error = attributes.get("calcext:value-type") == "error"
        if "formula" in said:
            self._marks.formulas[place] = is_error or bool(said.keys() & {"value-type"})
        if is_error:
            self._error, self._text = place, []

    def text(self, text: str) -> None:
        if self._error is not None and not self._in_note:
            self._text.append(text)

    def end(self, tag: str) -> None:
        name = tag.rpartition(":")[2]
        if name in {"table-cell", "covered-table-cell"}:
            if self._error is not None:
                self._marks.errors[self._error] = "".join(self._text).strip() or "#VALUE!"
                self._error = None
            self._column += self._width
        elif name == "table-row":
            self._row += self._rows
        elif name == "annotation":
            self._in_note -= 1


def _attribute(attributes: dict[str, str], local: str) -> str:
    return next((value for key, value in attributes.items() if key.rpartition(":")[2] == local), "")


def _repeat(attributes: dict[str, str], local: str) -> int:
    times = _attribute(attributes, local)
    return min(int(times), _MOST) if times.isdecimal() else 1


def _is_hidden(attributes: dict[str, str]) -> bool:
    return _attribute(attributes, "visibility") in {"collapse", "filter"}
