"""Long lists kept small: entries as JSON texts, compressed by the block, decoded when they are looked at.

A file of 200,000 rows may have a million findings. Here they cost some bytes each, in memory, never
in clear on the disk, and any page of any kind is there within milliseconds.
"""

from __future__ import annotations

import json
import zlib
from array import array
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final, Generic, TypeVar, overload

T = TypeVar("T")

BLOCK: Final = 256
"""Entries of one block: decoding one takes about a millisecond."""

_BLOCKS_KEPT: Final = 24
_LEVEL: Final = 1
_SEPARATOR: Final = b"\n"

encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode


def pack(texts: Sequence[str]) -> bytes:
    """Compress JSON texts, none of which has a line break of its own."""
    return zlib.compress("\n".join(texts).encode("utf-8", "surrogatepass"), _LEVEL)


def unpack(body: bytes) -> list[bytes]:
    """Return the JSON texts of a block."""
    return zlib.decompress(body).split(_SEPARATOR)


class Packed(Sequence[T], Generic[T]):
    """A sequence of entries, each of one kind (a text); grows at its end only.

    Args:
        make: builds an entry from what `json.loads` gives.
    """

    def __init__(self, make: Callable[[Any], T]) -> None:
        self._make = make
        self._blocks: list[bytes] = []
        self._tail: list[str] = []
        self._places: dict[str, array[int]] = {}
        self._count = 0
        self._opened: OrderedDict[int, list[bytes]] = OrderedDict()

    def add(self, kind: str, text: str) -> None:
        """Put an entry at the end; `text` is JSON in one line."""
        places = self._places.get(kind)
        if places is None:
            places = self._places[kind] = array("I")
        places.append(self._count)
        self._tail.append(text)
        self._count += 1
        if len(self._tail) == BLOCK:
            self._blocks.append(pack(self._tail))
            self._tail = []

    def kinds(self) -> dict[str, int]:
        """Return each kind and how many entries it has, in the order in which they came up."""
        return {kind: len(places) for kind, places in self._places.items()}

    def of(self, kind: str) -> Sequence[T]:
        """Return the entries of one kind, as they are now."""
        return _Chosen(self, self._places.get(kind, array("I")))

    def texts(self) -> Iterator[bytes]:
        """Return the JSON text of every entry, in order."""
        for block in self._blocks:
            yield from unpack(block)
        for text in self._tail:
            yield text.encode("utf-8", "surrogatepass")

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[T]:
        return (self._make(json.loads(text)) for text in self.texts())

    @overload
    def __getitem__(self, place: int) -> T: ...
    @overload
    def __getitem__(self, place: slice) -> list[T]: ...
    def __getitem__(self, place: int | slice) -> T | list[T]:
        if isinstance(place, slice):
            return [self[n] for n in range(*place.indices(self._count))]
        if place < 0:
            place += self._count
        if not 0 <= place < self._count:
            raise IndexError(place)
        block, inside = divmod(place, BLOCK)
        text: str | bytes = self._tail[inside] if block == len(self._blocks) else self._open(block)[inside]
        return self._make(json.loads(text))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]  # it grows

    def _open(self, block: int) -> list[bytes]:
        texts = self._opened.get(block)
        if texts is None:
            texts = self._opened[block] = unpack(self._blocks[block])
            if len(self._opened) > _BLOCKS_KEPT:
                self._opened.popitem(last=False)
        else:
            self._opened.move_to_end(block)
        return texts


class _Chosen(Sequence[T], Generic[T]):
    """Some entries of a packed list."""

    def __init__(self, whole: Packed[T], places: array[int]) -> None:
        self._whole = whole
        self._places = places

    def __len__(self) -> int:
        return len(self._places)

    @overload
    def __getitem__(self, place: int) -> T: ...
    @overload
    def __getitem__(self, place: slice) -> list[T]: ...
    def __getitem__(self, place: int | slice) -> T | list[T]:
        if isinstance(place, slice):
            return [self._whole[n] for n in self._places[place]]
        return self._whole[self._places[place]]

    def __iter__(self) -> Iterator[T]:
        return (self._whole[n] for n in self._places)


def packed(make: Callable[[Any], T], entries: Iterable[tuple[str, str]] = ()) -> Packed[T]:
    """Return a packed list of (kind, JSON text)."""
    made = Packed(make)
    for kind, text in entries:
        made.add(kind, text)
    return made
