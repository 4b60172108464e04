"""What calamine does not tell of an .xlsb: formulas, errors, what is hidden; and cells it cannot read.

Some programs leave out the column of a cell that follows its neighbour ("short" cells). Excel reads
them, calamine passes over them without a word: such sheets are written anew with all columns in.
Source: [MS-XLSB] 2.1.4, 2.4.
"""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Iterator
from typing import Final

from client.errors import FileRefused
from client.intake import parts
from client.intake.marks import Marks, error_text

_ROW: Final = 0
_ERROR: Final = 3
_LAST_CELL: Final = 11
_FORMULAS: Final = frozenset({8, 9, 10, 11})
_FORMULA_ERROR: Final = 11
_SHORT: Final = range(12, 19)
_SHORT_STEP: Final = 11
"""A short cell's kind is so much more than that of the same cell with its column."""

_COLUMNS: Final = 60
_SHEET: Final = 156
_HIDDEN_ROW: Final = 0x10
_HIDDEN_COLUMN: Final = 0x01
_LAST_COLUMN: Final = 16_383


def sheet_targets(archive: zipfile.ZipFile) -> list[tuple[str, str]]:
    """Return name and relation of each sheet, in the file's order."""
    found = []
    body = parts.read(archive, "xl/workbook.bin")
    for kind, start, length in _records(body):
        if kind != _SHEET:
            continue
        texts: list[str] = []
        place = start + 8
        for _ in range(2):
            if place + 4 > start + length:
                raise FileRefused("file_damaged")
            size = 2 * struct.unpack_from("<I", body, place)[0]
            texts.append(
                body[place + 4 : min(place + 4 + size, start + length)].decode("utf-16-le", "replace")
            )
            place += 4 + size
        found.append((texts[1], texts[0]))
    return found


def scan(archive: zipfile.ZipFile, part: str) -> tuple[Marks, bool]:
    """Return the marks of a sheet, and whether it has short cells.

    Raises:
        FileRefused: `file_damaged`.
    """
    body = parts.read(archive, part)
    marks = Marks()
    row, column, has_short = -1, -1, False
    number = struct.Struct("<I").unpack_from
    for kind, start, length in _records(body):
        if kind == _ROW and length >= 12:
            row, column = number(body, start)[0], -1
            if body[start + 11] & _HIDDEN_ROW:
                marks.hidden_rows.add(row)
        elif kind <= _LAST_CELL and length >= 8:
            column = number(body, start)[0]
            if kind in _FORMULAS:
                marks.formulas[row, column] = True
            if kind in {_ERROR, _FORMULA_ERROR} and length >= 9:
                marks.errors[row, column] = error_text(body[start + 8])
        elif kind in _SHORT and length >= 4:
            has_short, column = True, column + 1
            if kind - _SHORT_STEP == _ERROR and length >= 5:
                marks.errors[row, column] = error_text(body[start + 4])
        elif kind == _COLUMNS and length >= 18 and body[start + 16] & _HIDDEN_COLUMN:
            first, last = struct.unpack_from("<II", body, start)
            marks.hidden_columns.update(range(first, min(last, _LAST_COLUMN) + 1))
    return marks, has_short


def with_columns(body: bytes) -> bytes:
    """Write a sheet anew in which every cell names its column."""
    pieces: list[bytes] = []
    column, copied = -1, 0
    head = 0
    for kind, start, length in _records(body):
        if kind == _ROW:
            column = -1
        elif kind <= _LAST_CELL and length >= 4:
            column = struct.unpack_from("<I", body, start)[0]
        elif kind in _SHORT:
            column += 1
            pieces.append(body[copied:head])
            pieces.append(bytes((kind - _SHORT_STEP,)) + _size(length + 4) + struct.pack("<I", column))
            copied = start
        head = start + length
    pieces.append(body[copied:])
    return b"".join(pieces)


def _size(length: int) -> bytes:
    out = bytearray()
    while True:
        length, low = length >> 7, length & 0x7F
        out.append(low | (0x80 if length else 0))
        if not length:
            return bytes(out)


def _records(body: bytes) -> Iterator[tuple[int, int, int]]:
    """Yield kind, start and length of each record."""
    place, end = 0, len(body)
    try:
        while place < end:
            kind = body[place]
            place += 1
            if kind & 0x80:
                kind = kind & 0x7F | (body[place] & 0x7F) << 7
                place += 1
            byte = body[place]
            length, shift = byte & 0x7F, 7
            place += 1
            while byte & 0x80 and shift < 28:
                byte = body[place]
                length |= (byte & 0x7F) << shift
                shift += 7
                place += 1
            if place + length > end:
                raise FileRefused("file_damaged")
            yield kind, place, length
            place += length
    except IndexError as error:
        raise FileRefused("file_damaged") from error
