"""Names of the streams in an OLE compound file, which tell .xls from .doc and from a locked workbook.

Reads the directory and nothing else. Source: [MS-CFB], sections 2.2, 2.3, 2.6.
"""

from __future__ import annotations

import struct
from typing import BinaryIO, Final

from client.errors import FileRefused

_END: Final = 0xFFFFFFFA
"""Sector numbers from here on are marks (end of chain, free, table), not places."""

_FIRST_TABLES: Final = 109
"""Numbers of table sectors that stand in the header itself; a file over 6.8 MB has more of them elsewhere."""

_ENTRY_BYTES: Final = 128
_MAX_DIRECTORY_SECTORS: Final = 4096


def stream_names(file: BinaryIO, size: int) -> set[str]:
    """Return the names in the directory of a compound file.

    Raises:
        FileRefused: `file_damaged`, the chain leads out of the file or round in a circle.
    """
    header = file.read(512)
    if len(header) < 512:
        raise FileRefused("file_damaged")
    shift = struct.unpack_from("<H", header, 30)[0]
    if shift not in {9, 12}:
        raise FileRefused("file_damaged")
    sector = 1 << shift
    tables = _tables(file, header, sector, size)
    place = struct.unpack_from("<I", header, 48)[0]
    names: set[str] = set()
    seen: set[int] = set()
    while place < _END:
        if place in seen or len(seen) > _MAX_DIRECTORY_SECTORS or (place + 1) * sector >= size:
            raise FileRefused("file_damaged")
        seen.add(place)
        names |= _names(_sector(file, place, sector))
        place = _next(file, tables, place, sector)
    return names


def _tables(file: BinaryIO, header: bytes, sector: int, size: int) -> list[int]:
    """List the sectors that hold the allocation table, those named outside the header included."""
    tables = list(struct.unpack_from(f"<{_FIRST_TABLES}I", header, 76))
    more, left = struct.unpack_from("<II", header, 68)
    while more < _END:
        if left == 0 or (more + 1) * sector >= size:
            raise FileRefused("file_damaged")
        numbers = struct.unpack(f"<{sector // 4}I", _sector(file, more, sector).ljust(sector, b"\xff"))
        tables += numbers[:-1]
        more, left = numbers[-1], left - 1
    return [n for n in tables if n < _END]


def _sector(file: BinaryIO, place: int, sector: int) -> bytes:
    file.seek((place + 1) * sector)
    return file.read(sector)


def _next(file: BinaryIO, tables: list[int], place: int, sector: int) -> int:
    """Look up the sector after `place`."""
    table, offset = divmod(place, sector // 4)
    entry = _sector(file, tables[table], sector)[offset * 4 : offset * 4 + 4] if table < len(tables) else b""
    if len(entry) < 4:
        raise FileRefused("file_damaged")
    number: int = struct.unpack("<I", entry)[0]
    return number


def _names(directory: bytes) -> set[str]:
    names = set()
    for start in range(0, len(directory) - _ENTRY_BYTES + 1, _ENTRY_BYTES):
        length = struct.unpack_from("<H", directory, start + 64)[0]
        if 2 <= length <= 64:
            raw = directory[start : start + length - 2]
            names.add(raw.decode("utf-16-le", errors="replace"))
    return names
