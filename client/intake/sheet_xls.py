"""What calamine does not tell of an .xls: formulas, errors, what is hidden, notes, links and macros.

Walks over the records of the workbook's stream and looks into a few kinds of them. Formulas of
Excel 95 and of later versions lie alike. Source: [MS-XLS] 2.4; for Excel 95 the same numbers.

calamine believes the code page of a file in two places where Excel does not mean it so, and reads
Chinese of Excel 95 as garbage: it is told 1200 always, and texts of Excel 95 are decoded here.
"""

from __future__ import annotations

import codecs
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from client.errors import FileRefused
from client.intake.compound import Compound
from client.intake.marks import Marks, Remark, error_text

_BIFF8: Final = 0x0600
_CODE_PAGE: Final = 0x0042
_UNICODE: Final = 1200
_CODECS: Final = {
    936: "gb18030", 10008: "gb18030", 950: "cp950", 10002: "cp950", 1200: "gb18030", 367: "ascii",
    10000: "mac_roman", 32768: "mac_roman", 32769: "cp1252",
}  # fmt: skip
"""Code pages of Excel 95 → codecs; a Chinese file without one is in GBK."""

_BOF: Final = frozenset({0x0809, 0x0409, 0x0209, 0x0009})
_EOF: Final = 0x000A
_PASSWORD: Final = 0x002F
_FORMULA: Final = frozenset({0x0006, 0x0206, 0x0406})
_BOOL_OR_ERROR: Final = 0x0205
_ROW: Final = 0x0208
_LAY_OUT: Final = frozenset({0x0208, 0x007D, 0x001C})
_MARKED: Final = _FORMULA | {0x0205}
_CELLS: Final = frozenset({
    0x0006, 0x0206, 0x0406, 0x00BD, 0x00BE, 0x00D6, 0x00FD, 0x0201, 0x0203, 0x0204, 0x0205, 0x027E,
})  # fmt: skip
_COLUMNS: Final = 0x007D
_NOTE: Final = 0x001C
_SHEET: Final = 0x0085
_BOOK_LINK: Final = 0x01AE
_OLD_LINK: Final = 0x0017

_HIDDEN_ROW: Final = 0x20
_HIDDEN_COLUMN: Final = 0x01
_MACRO_SHEET: Final = 0x01
_OWN_BOOK: Final = b"\x01\x04"
_ADD_IN: Final = b"\x01\x3a"
_DDE_MARK: Final = 0x03
"""Stands between server and topic in the name of a link that is DDE or OLE."""

_LAST_COLUMN: Final = 255
_ERROR: Final = 2
"""Kind of a result. An empty text is another; nothing tells it from a result that was never calculated."""


@dataclass(frozen=True, slots=True)
class OldBook:
    """An .xls, its sheets in the file's order and what it carries beside them.

    Attributes:
        codec: of the texts of an Excel 95 file, which calamine hands on byte for byte; else None.
        copy: what calamine is to read instead of the file; None for the file itself.
    """

    marks: tuple[Marks, ...]
    remarks: frozenset[Remark]
    codec: str | None
    copy: bytes | None


def scan(path: Path) -> OldBook:
    """Walk over all records of an .xls.

    Raises:
        FileRefused: `file_damaged`; `encoding_unknown` for a code page that nobody knows.
    """
    with path.open("rb") as file:
        compound = Compound(file, path.stat().st_size)
        name = "Workbook" if "Workbook" in compound.names else "Book"
        stream, names = compound.stream(name), compound.names
        found = next((record for record in _records(stream, 0) if record[0] == _CODE_PAGE), None)
        page = _UNICODE if found is None else struct.unpack_from("<H", stream, found[1])[0]
        copy: bytearray | None = None
        if found is not None and page != _UNICODE:
            file.seek(0)
            copy = bytearray(file.read())
            for step, byte in enumerate(struct.pack("<H", _UNICODE)):
                copy[compound.place_of(name, found[1] + step)] = byte
    marks, remarks = _scan_stream(stream, names)
    is_old = len(stream) >= 8 and struct.unpack_from("<H", stream, 4)[0] < _BIFF8
    codec = _codec(page) if is_old else None
    return OldBook(marks, frozenset(remarks), codec, None if copy is None else bytes(copy))


def _codec(page: int) -> str:
    name = _CODECS.get(page, f"cp{page}")
    try:
        return codecs.lookup(name).name
    except LookupError as error:
        raise FileRefused("encoding_unknown") from error


def decoded(text: str, codec: str) -> str:
    """Return what a text of Excel 95 says, whose bytes came as characters.

    Raises:
        FileRefused: `encoding_unknown`; nothing is replaced.
    """
    if text.isascii():
        return text
    try:
        return text.encode("latin-1").decode(codec)
    except UnicodeError as error:
        raise FileRefused("encoding_unknown") from error


def _scan_stream(stream: bytes, names: set[str]) -> tuple[tuple[Marks, ...], set[Remark]]:
    remarks: set[Remark] = set()
    if any(name.startswith("_VBA_PROJECT") for name in names):
        remarks.add("macros_not_run")
    if any(name.startswith("MBD") for name in names):
        remarks.add("objects_not_opened")
    places: list[int] = []
    for kind, start, length in _records(stream, 0):
        if kind == _SHEET and length >= 6:
            places.append(struct.unpack_from("<I", stream, start)[0])
            if stream[start + 5] == _MACRO_SHEET:
                remarks.add("macros_not_run")
        elif kind in {_BOOK_LINK, _OLD_LINK}:
            remarks |= _link(kind, stream[start : start + length])
        elif kind == _PASSWORD:
            raise FileRefused("password_protected")
    marks = []
    for place in places:
        if place >= len(stream):
            raise FileRefused("file_damaged")
        marks.append(_scan_sheet(stream, place, remarks))
    return tuple(marks), remarks


def _records(stream: bytes, start: int) -> Iterator[tuple[int, int, int]]:
    """Yield kind, start and length of the records of one part; parts within it (charts) are passed over."""
    end, depth = len(stream) - 4, 0
    head = struct.Struct("<HH").unpack_from
    while start <= end:
        kind, length = head(stream, start)
        start += 4
        if kind in _BOF:
            depth += 1
        elif kind == _EOF:
            depth -= 1
            if depth <= 0:
                return
        elif depth == 1 and start + length <= len(stream):
            yield kind, start, length
        start += length


def _scan_sheet(stream: bytes, place: int, remarks: set[Remark]) -> Marks:
    marks = Marks()
    for kind, start, length in _records(stream, place):
        if kind in _CELLS:
            if length >= 4 and stream[start + 3]:
                raise FileRefused("file_damaged")  # past the last column; calamine would lay out all up to it
            if kind in _MARKED and length >= 8:
                _mark(marks, kind, stream, start)
        elif kind == _OLD_LINK:
            remarks |= _link(kind, stream[start : start + length])
        elif kind in _LAY_OUT:
            _lay_out(marks, kind, stream[start : start + length])
    return marks


def _mark(marks: Marks, kind: int, stream: bytes, start: int) -> None:
    """Look at a cell that holds a formula, a truth value or an error."""
    cell = struct.unpack_from("<HH", stream, start)
    if kind == _BOOL_OR_ERROR:
        if stream[start + 7]:
            marks.errors[cell] = error_text(stream[start + 6])
        return
    marks.formulas[cell] = True
    if stream[start + 12 : start + 14] == b"\xff\xff" and stream[start + 6] == _ERROR:
        marks.errors[cell] = error_text(stream[start + 8])


def _lay_out(marks: Marks, kind: int, body: bytes) -> None:
    """Look at what is said of rows, columns and notes."""
    if kind == _ROW and len(body) >= 16:
        if body[12] & _HIDDEN_ROW:
            marks.hidden_rows.add(struct.unpack_from("<H", body)[0])
    elif kind == _COLUMNS and len(body) >= 10:
        if body[8] & _HIDDEN_COLUMN:
            first, last = struct.unpack_from("<HH", body)
            marks.hidden_columns.update(range(first, min(last, _LAST_COLUMN) + 1))
    elif kind == _NOTE and len(body) >= 4:
        marks.add_note(struct.unpack_from("<HH", body))


def _link(kind: int, body: bytes) -> set[Remark]:
    """Say what another file or program is named for."""
    if kind == _BOOK_LINK:
        if body[2:4] in {_OWN_BOOK, _ADD_IN}:
            return set()
        name = body[4:]
    else:
        # Excel 95: a first character of 1 stands before the name of another file, 2 and 3 for this one.
        name = body[1:]
        if name[:1] in {b"\x02", b"\x03", b"\x04", b":", b""}:
            return set()
    return {"dde_not_run"} if _DDE_MARK in name else {"links_not_followed"}
