"""How large batches are and how many fly at once: what the line bears, learned from each answer. Pure.

A batch is to take a few seconds: long enough that the way there and back does not count, short enough that
a cut line costs little. Times are measured by whoever drives the engine, and come in as values.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from client.core.batches import Pace

QUICK_S: Final = 1.0
"""A batch that is answered within this says nothing of the line's limit: go up in great steps."""

AIM_S: Final = (4.0, 6.0)
"""How long a batch is to have the line for itself; with others beside it, it takes as much longer."""

MOST_IN_FLIGHT: Final = 3
"""Batches on the line at once; on a slow line with loss, more gains nothing."""

SLOW_BYTES_PER_S: Final = 16_000.0
"""128 kbit/s; below it every byte counts: it is packed harder, and no question waits long for its answer."""

SMALL_BYTES: Final = 16_384
LARGE_BYTES: Final = 262_144
"""Between these a batch may be as large, packed, as goes over the line in the time that it is to take."""

UNMEASURED: Final = (1_000.0, 250.0)
"""Bytes a second and bytes of a version, packed, that are reckoned with before the line was measured."""

_WEIGHT: Final = 0.4
"""Of the newest measurement in the running means."""


@dataclass(frozen=True, slots=True)
class Trip:
    """One batch there, and its answer back.

    Attributes:
        items: versions in it.
        sent_bytes: as they travelled, packed.
        seconds: from the first byte to the answer.
        beside: batches on the line with it, itself included.
    """

    items: int
    sent_bytes: int
    seconds: float
    beside: int = 1


def after_answer(pace: Pace, trip: Trip, *, most_items: int) -> Pace:
    """Learn from a batch that was answered: what the line carries, and whether more may be tried."""
    seconds = max(trip.seconds, 0.001)
    measured = replace(
        pace,
        bytes_per_s=_mean(pace.bytes_per_s, trip.sent_bytes * trip.beside / seconds),
        item_bytes=_mean(pace.item_bytes, trip.sent_bytes / max(trip.items, 1)),
    )
    (low, high), alone_s = AIM_S, seconds / trip.beside
    if alone_s > high:
        items = int(pace.items * max(0.5, (low + high) / 2 / alone_s))
        return replace(measured, items=_within(items, most_items))
    in_flight = min(pace.in_flight + 1, MOST_IN_FLIGHT)
    # A batch that was not full tells nothing of a larger one.
    grown = pace.items if trip.items < pace.items or alone_s > low else pace.items * _step(seconds)
    return replace(measured, items=_within(int(grown), most_items), in_flight=in_flight)


def after_words(pace: Pace, size_bytes: int, seconds: float, *, most_items: int) -> Pace:
    """Learn from an approval, while no batch was measured: so much at least goes over the line.

    What it carries within `QUICK_S` the first batches may have. Of its limit only a long one tells: the list
    of an approval of thousands.
    """
    if pace.bytes_per_s or not size_bytes:
        return pace
    rate = size_bytes / max(seconds, 0.001)
    bears = int(rate * QUICK_S / UNMEASURED[1])
    items = _within(max(pace.items, bears), most_items)
    in_flight = min(MOST_IN_FLIGHT, max(pace.in_flight, bears // items))
    measured = rate if size_bytes >= SMALL_BYTES else 0.0
    return replace(pace, items=items, in_flight=in_flight, bytes_per_s=measured)


def after_loss(pace: Pace) -> Pace:
    """Learn from a batch that got no answer: half as much, one less at once, and with twice the patience."""
    in_flight = max(1, pace.in_flight - 1)
    return replace(after_silence(pace), items=max(1, pace.items // 2), in_flight=in_flight)


def after_silence(pace: Pace) -> Pace:
    """Learn from any question that got no answer: the line may bear half of what was measured."""
    return replace(pace, bytes_per_s=pace.bytes_per_s / 2)


def expected_s(pace: Pace, versions: int, more_bytes: int = 0) -> float:
    """Return how long so many versions (and bytes) take there and back, by what the line bore."""
    rate, each = pace.bytes_per_s or UNMEASURED[0], pace.item_bytes or UNMEASURED[1]
    return (versions * each + more_bytes) / rate


def most_bytes(pace: Pace) -> int:
    """Return how large a batch may be, packed; what is not measured yet counts as fast."""
    if not pace.bytes_per_s:
        return LARGE_BYTES
    return max(SMALL_BYTES, min(LARGE_BYTES, int(pace.bytes_per_s * sum(AIM_S) / 2)))


def is_slow(pace: Pace) -> bool:
    """Say whether every byte counts on this line."""
    return 0 < pace.bytes_per_s < SLOW_BYTES_PER_S


def seconds_left(pace: Pace, versions: int, more_bytes: int = 0) -> float | None:
    """Return how long it takes until so many versions (and bytes) are sent; None when nothing is measured."""
    if not pace.bytes_per_s or not pace.item_bytes:
        return None
    return (versions * pace.item_bytes + more_bytes) / pace.bytes_per_s


def _mean(so_far: float, now: float) -> float:
    return now if not so_far else so_far + _WEIGHT * (now - so_far)


def _step(seconds: float) -> float:
    return 5.0 if seconds < QUICK_S else 1.5


def _within(items: int, most_items: int) -> int:
    return max(1, min(items, most_items))
