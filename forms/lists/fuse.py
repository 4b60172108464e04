"""A set that answers "certainly not" or "almost certainly": the binary fuse filter. Pure.

Source: Graf, Lemire: Binary Fuse Filters, Fast and Smaller Than Xor Filters, 2022 (arXiv 2201.01174).

Why this one. A Golomb-coded set is a little smaller (log₂ 1/ε + 1.5 bits a member), but has to be decoded
from the start for every question, which in Python takes a second at a million members. A Bloom filter needs
half as much again. This one is at most 1.2 × log₂ 1/ε bits a member, three reads a question, needs nothing
but the standard library, and its cells can be used where they lie in the file.

No member is ever missed; of what is no member, one in 256 to the power of `width` is taken for one.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Final

ARITY: Final = 3
MOST_ATTEMPTS: Final = 100
"""A set that cannot be laid out with one hash is tried with the next; one in some thousands is."""

MOST_SEGMENT: Final = 262_144
WIDTHS: Final = range(1, 5)
_SPREAD: Final = 18
"""Bits between the two places within their segments; as the paper's own program has it."""


@dataclass(frozen=True, slots=True)
class Fuse:
    """A filter that is built.

    Attributes:
        key: at most 64 bytes; the hash is keyed with it.
        attempt: which of the key's hashes laid the set out.
        segment: cells of a segment, a power of two.
        segments: how many a first place may fall into; there are two more.
        width: bytes of a cell.
        cells: all of them, one after the other; none when the set is empty.
    """

    key: bytes
    attempt: int
    segment: int
    segments: int
    width: int
    cells: bytes | memoryview

    def __post_init__(self) -> None:
        empty = self.segments == 0 and not len(self.cells)
        sound = (
            0 <= self.attempt < MOST_ATTEMPTS
            and self.width in WIDTHS
            and 1 <= self.segment <= MOST_SEGMENT
            and self.segment & (self.segment - 1) == 0
            and len(self.cells) == (self.segments + ARITY - 1) * self.segment * self.width
        )
        if not (empty or sound):
            raise ValueError("not a filter: its numbers do not go together")

    def __contains__(self, member: bytes) -> bool:
        if not self.segments:
            return False
        hashed, left = _hash(member, self.key, self.attempt, self.width)
        width = self.width
        for place in _places(hashed, self.segment, self.segments):
            left ^= int.from_bytes(self.cells[place * width : place * width + width])
        return left == 0


def build(members: Collection[bytes], key: bytes, width: int) -> Fuse:
    """Build the filter of a set; the same set and key give the same bytes.

    Args:
        members: any bytes; what stands twice counts once.
        key: at most 64 bytes.
        width: bytes of a cell, see the module.
    """
    distinct = sorted(set(members))
    segment, segments = _layout(len(distinct))
    if not distinct:
        return Fuse(key, 0, segment, 0, width, b"")
    for attempt in range(MOST_ATTEMPTS):
        hashes = [_hash(member, key, attempt, width) for member in distinct]
        cells = _laid_out(hashes, segment, segments)
        if cells is not None:
            laid = b"".join(cell.to_bytes(width) for cell in cells)
            return Fuse(key, attempt, segment, segments, width, laid)
    raise AssertionError("no layout in a hundred attempts: the hash is broken")


def _hash(member: bytes, key: bytes, attempt: int, width: int) -> tuple[int, int]:
    """64 bits that say where, and the fingerprint that is looked for there."""
    made = hashlib.blake2b(member, key=key, salt=attempt.to_bytes(1), digest_size=8 + width).digest()
    return int.from_bytes(made[:8]), int.from_bytes(made[8:])


def _places(hashed: int, segment: int, segments: int) -> tuple[int, int, int]:
    first = (hashed * segments * segment) >> 64
    inside = segment - 1
    second = (first + segment) ^ ((hashed >> _SPREAD) & inside)
    third = (first + 2 * segment) ^ (hashed & inside)
    return first, second, third


def _layout(count: int) -> tuple[int, int]:
    """The length of a segment and their number, as the paper found them best for three places."""
    if count <= 1:
        return 4, count
    segment = min(MOST_SEGMENT, 1 << math.floor(math.log(count) / math.log(3.33) + 2.25))
    factor = max(1.125, 0.875 + 0.25 * math.log(1_000_000) / math.log(count))
    wanted = math.ceil(count * factor / segment)
    return segment, max(1, wanted - (ARITY - 1))


def _laid_out(hashes: list[tuple[int, int]], segment: int, segments: int) -> list[int] | None:
    """Peel: what is alone in a cell can be put there last; None when some are never alone."""
    places = [_places(hashed, segment, segments) for hashed, _ in hashes]
    size = (segments + ARITY - 1) * segment
    counts, who = [0] * size, [0] * size
    for n, three in enumerate(places):
        for place in three:
            counts[place] += 1
            who[place] ^= n
    order = list(_peeled(places, counts, who))
    if len(order) < len(hashes):
        return None
    cells = [0] * size
    for n, alone in reversed(order):
        first, second, third = places[n]
        cells[alone] = hashes[n][1] ^ cells[first] ^ cells[second] ^ cells[third]
    return cells


def _peeled(
    places: list[tuple[int, int, int]], counts: list[int], who: list[int]
) -> Iterator[tuple[int, int]]:
    """Yield members with the place in which each is alone, taking them away as it goes."""
    alone = [place for place, count in enumerate(counts) if count == 1]
    while alone:
        place = alone.pop()
        if counts[place] != 1:
            continue
        n = who[place]
        yield n, place
        for other in places[n]:
            counts[other] -= 1
            who[other] ^= n
            if counts[other] == 1:
                alone.append(other)
