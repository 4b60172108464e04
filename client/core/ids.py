"""Identifiers made by the client: UUIDv7 (RFC 9562), from a clock and randomness passed in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

NewId = Callable[[], str]
"""Returns a new UUIDv7 as text, each time another."""


def uuid7(at: datetime, entropy: bytes) -> str:
    """Make a UUIDv7 from an aware time and ten random bytes. Nothing may sort by it.

    Raises:
        ValueError: `entropy` is not ten bytes long, or `at` has no zone.
    """
    if len(entropy) != 10 or at.tzinfo is None:
        raise ValueError("ten random bytes and an aware time are needed")
    milliseconds = int(at.timestamp() * 1000)
    raw = bytearray(milliseconds.to_bytes(6, "big") + entropy)
    raw[6] = 0x70 | raw[6] & 0x0F
    raw[8] = 0x80 | raw[8] & 0x3F
    text = raw.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def ids_from(first: str, count: int) -> list[str]:
    """Return so many ids in their order, by counting in the random part of one that nobody else has.

    Source: RFC 9562, 6.2, method 2: ids of one millisecond may count up from a random number.
    """
    head, last = first[:-12], int(first[-12:], 16)
    start = min(last, (1 << 48) - count)
    return [f"{head}{number:012x}" for number in range(start, start + count)]
