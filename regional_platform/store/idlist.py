"""Many ids in one value: 16 bytes each, one after the other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

ID_BYTES: Final = 16


def packed(ids: Iterable[str]) -> bytes:
    """Write ids (UUIDs in their usual form) as bytes."""
    return bytes.fromhex("".join(ids).replace("-", ""))


def ids_in(said: bytes, first: int = 0) -> Iterator[str]:
    """Read what `packed` wrote, from a place on."""
    digits = said.hex()
    for at in range(first * ID_BYTES * 2, len(digits), ID_BYTES * 2):
        one = digits[at : at + 32]
        yield f"{one[:8]}-{one[8:12]}-{one[12:16]}-{one[16:20]}-{one[20:]}"
