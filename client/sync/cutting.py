"""What goes into the next batch, so that it keeps to every limit, packed and unpacked. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from client.core.answers import Limits
from client.core.batches import Due
from client.sync.plan import is_legal, next_batch
from client.sync.wire import pack

SPARE_BYTES: Final = 65_536
"""Kept free in a batch for its envelope and for the approvals of its items."""


SURE: Final = 4.0
"""A version may take so often the room of an average one; with less to spare, all is packed to know."""


def choose(
    due: Sequence[Due],
    limits: Limits,
    *,
    items: int,
    packed_bytes: int,
    legal_only: bool = False,
    item_bytes: float = 0.0,
) -> list[Due]:
    """Choose the next batch so that it keeps to the platform's limits and to what the line bears.

    Args:
        due: versions that may be sent.
        limits: of the platform.
        items: at most.
        packed_bytes: at most, as they travel; one version alone may be larger.
        legal_only: only decisions and withdrawals.
        item_bytes: what one version took so far, packed; 0 when that was never measured.
    """
    due = [one for one in due if is_legal(one)] if legal_only else due
    most = min(packed_bytes, limits.batch_bytes - SPARE_BYTES)
    chosen = next_batch(
        due, most_items=min(items, limits.batch_items), most_bytes=limits.body_bytes - SPARE_BYTES
    )
    if item_bytes and len(chosen) * item_bytes * SURE <= most and _plain_bytes(chosen) <= limits.batch_bytes:
        return chosen
    while len(chosen) > 1 and (size := _packed_bytes(chosen, most)) > most:
        chosen = chosen[: max(1, min(len(chosen) - 1, len(chosen) * most // size))]
    return chosen


def _plain_bytes(chosen: Sequence[Due]) -> int:
    return sum(len(one.content) for one in chosen) + SPARE_BYTES


def _packed_bytes(chosen: Sequence[Due], most: int) -> int:
    plain = b"".join(one.content for one in chosen)
    # What is small enough unpacked need not be packed to know.
    return len(plain) if len(plain) <= most else len(pack(plain, ("zstd",))[0])
