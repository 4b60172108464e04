"""What calamine does not tell of an .xls: formulas, errors, what is hidden, notes, links and macros.

Walks over the records of the workbook's stream and looks into a few kinds of them. Formulas of
Excel 95 and of later versions lie alike. Source: [MS-XLS] 2.4; for Excel 95 the same numbers.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from client.errors import FileRefused
from client.intake.compound import stream_of
from client.intake.marks import Marks, Remark, error_text

_BOF: Final = frozenset({0x0809, 0x0409, 0x0209, 0x0009})
_EOF: Final = 0x000A
_FORMULA: Final = frozenset({0x0006, 0x0206, 0x0406})
_BOOL_OR_ERROR: Final = 0x0205
_ROW: Final = 0x0208
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
_EMPTY_TEXT: Final = 3
"""Kinds of result that are no number."""

_CALCULATE: Final = 0x03


@dataclass(frozen=True, slots=True)
class OldBook:
    """An .xls, its sheets in the file's order and what it carries beside them."""

    marks: tuple[Marks, ...]
    remarks: frozenset[Remark]


def scan(path: Path) -> OldBook:
    """Walk over all records of an .xls.

    Raises:
        FileRefused: `file_damaged`.
    """
    stream, names = stream_of(path, "Workbook", "Book")
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
    marks = []
    for place in places:
        if place >= len(stream):
            raise FileRefused("file_damaged")
        marks.append(_scan_sheet(stream, place, remarks))
    return OldBook(tuple(marks), frozenset(remarks))


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
    pair = struct.Struct("<HH").unpack_from
    for kind, start, length in _records(stream, place):
        if kind in _FORMULA and length >= 14:
            cell = pair(stream, start)
            kind_of_result = stream[start + 6] if stream[start + 12 : start + 14] == b"\xff\xff" else 0
            # Programs that cannot calculate leave an empty text and ask for it to be done at opening.
            waits = kind_of_result == _EMPTY_TEXT and length >= 16 and stream[start + 14] & _CALCULATE
            marks.formulas[cell] = not waits
            if kind_of_result == _ERROR:
                marks.errors[cell] = error_text(stream[start + 8])
        elif kind == _BOOL_OR_ERROR and length >= 8:
            if stream[start + 7]:
                marks.errors[pair(stream, start)] = error_text(stream[start + 6])
        elif kind == _ROW and length >= 16:
            if stream[start + 12] & _HIDDEN_ROW:
                marks.hidden_rows.add(pair(stream, start)[0])
        elif kind == _COLUMNS and length >= 10:
            if stream[start + 8] & _HIDDEN_COLUMN:
                first, last = pair(stream, start)
                marks.hidden_columns.update(range(first, min(last, _LAST_COLUMN) + 1))
        elif kind == _NOTE and length >= 4:
            marks.add_note(pair(stream, start))
        elif kind == _OLD_LINK:
            remarks |= _link(kind, stream[start : start + length])
    return marks


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
