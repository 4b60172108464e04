"""OLE compound files: the names of their streams, which tell .xls from .doc, and the bytes of one stream.

Source: [MS-CFB], sections 2.2 to 2.6.
"""

from __future__ import annotations

import struct
from array import array
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from client.errors import FileRefused

_END: Final = 0xFFFFFFFA
"""Sector numbers from here on are marks (end of chain, free, table), not places."""

_FIRST_TABLES: Final = 109
"""Numbers of table sectors that stand in the header itself; a file over 6.8 MB has more of them elsewhere."""

_ENTRY_BYTES: Final = 128
_MINI_BYTES: Final = 64
_ROOT: Final = 5
_STREAM: Final = 2
_MAX_DIRECTORY_SECTORS: Final = 4096


@dataclass(frozen=True, slots=True)
class _Entry:
    """One name of the directory. `kind`: 1 folder, 2 stream, 5 the root (its stream holds the small ones)."""

    name: str
    kind: int
    start: int
    size: int


class Compound:
    """A compound file, its directory read.

    Raises:
        FileRefused: `file_damaged`, a chain leads out of the file or round in a circle.
    """

    def __init__(self, file: BinaryIO, size: int) -> None:
        self._file, self._size = file, size
        header = file.read(512)
        if len(header) < 512:
            raise FileRefused("file_damaged")
        shift: int = struct.unpack_from("<H", header, 30)[0]
        if shift not in {9, 12}:
            raise FileRefused("file_damaged")
        self._sector_bytes = 1 << shift
        self._table = self._allocation(header)
        first, self._cutoff, self._mini_first = struct.unpack_from("<I4xII", header, 48)
        directory = self._chain(first, _MAX_DIRECTORY_SECTORS)
        self._entries = _entries(b"".join(map(self._sector, directory)))
        self.names = {entry.name for entry in self._entries}

    def stream(self, name: str) -> bytes:
        """Return the bytes of a stream; of the first one where two have the name."""
        entry = self._entry(name)
        if entry.size >= self._cutoff:
            return self._read(entry.start)[: entry.size]
        mini = self._read(self._root().start)
        pieces = self._small_pieces(entry)
        return b"".join(mini[p * _MINI_BYTES : (p + 1) * _MINI_BYTES] for p in pieces)[: entry.size]

    def place_of(self, name: str, offset: int) -> int:
        """Return where in the file a byte of a stream lies."""
        entry = self._entry(name)
        if entry.size < self._cutoff:
            piece, rest = divmod(offset, _MINI_BYTES)
            offset = self._small_pieces(entry)[piece] * _MINI_BYTES + rest
            entry = self._root()
        sector, rest = divmod(offset, self._sector_bytes)
        at: int = self._chain(entry.start)[sector]
        return (at + 1) * self._sector_bytes + rest

    def _entry(self, name: str) -> _Entry:
        entry = next((one for one in self._entries if one.name == name and one.kind == _STREAM), None)
        if entry is None or entry.size > self._size:
            raise FileRefused("file_damaged")
        return entry

    def _root(self) -> _Entry:
        root = next((one for one in self._entries if one.kind == _ROOT), None)
        if root is None:
            raise FileRefused("file_damaged")
        return root

    def _small_pieces(self, entry: _Entry) -> list[int]:
        """List the pieces of 64 bytes, within the stream of the root, that a small stream is made of."""
        table = array("I", b"".join(map(self._sector, self._chain(self._mini_first))))
        pieces: list[int] = []
        place = entry.start
        while place < _END:
            if place >= len(table) or len(pieces) > len(table):
                raise FileRefused("file_damaged")
            pieces.append(place)
            place = table[place]
        return pieces

    def _read(self, start: int) -> bytes:
        return b"".join(map(self._sector, self._chain(start)))

    def _chain(self, start: int, most: int | None = None) -> list[int]:
        """List the sectors that follow each other from `start` on."""
        places: list[int] = []
        place, most = start, len(self._table) if most is None else most
        while place < _END:
            if place >= len(self._table) or len(places) >= most:
                raise FileRefused("file_damaged")
            places.append(place)
            place = self._table[place]
        return places

    def _allocation(self, header: bytes) -> array[int]:
        """Read the allocation table: sector → the one after it."""
        places = list(struct.unpack_from(f"<{_FIRST_TABLES}I", header, 76))
        more, left = struct.unpack_from("<II", header, 68)
        while more < _END:
            if left == 0:
                raise FileRefused("file_damaged")
            numbers = struct.unpack(f"<{self._sector_bytes // 4}I", self._sector(more))
            places += numbers[:-1]
            more, left = numbers[-1], left - 1
        return array("I", b"".join(self._sector(place) for place in places if place < _END))

    def _sector(self, place: int) -> bytes:
        start = (place + 1) * self._sector_bytes
        if start >= self._size:
            raise FileRefused("file_damaged")
        self._file.seek(start)
        # The last sector of a file may be cut short by programs that save a few bytes.
        return self._file.read(self._sector_bytes).ljust(self._sector_bytes, b"\0")


def names_of(path: Path) -> set[str]:
    """Return the names in the directory of a compound file.

    Raises:
        FileRefused: `file_damaged`.
    """
    with path.open("rb") as file:
        return Compound(file, path.stat().st_size).names


def _entries(directory: bytes) -> list[_Entry]:
    entries = []
    for start in range(0, len(directory) - _ENTRY_BYTES + 1, _ENTRY_BYTES):
        length, kind = struct.unpack_from("<HB", directory, start + 64)
        if 2 <= length <= 64:
            raw = directory[start : start + length - 2]
            first, size = struct.unpack_from("<II", directory, start + 116)
            entries.append(_Entry(raw.decode("utf-16-le", errors="replace"), kind, first, size))
    return entries
