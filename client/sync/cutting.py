"""What goes into the next batch, so that it keeps to every limit, packed and unpacked. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from client.core.answers import Limits
from client.core.batches import Due
from client.sync.plan import next_batch
from client.sync.wire import pack

SPARE_BYTES: Final = 65_536
"""Kept free in a batch for its envelope and for the approvals of its items."""


def choose(due: Sequence[Due], limits: Limits) -> list[Due]:
    """Choose the next batch so that it keeps to the platform's limits, packed and unpacked."""
    chosen = next_batch(due, most_items=limits.batch_items, most_bytes=limits.body_bytes - SPARE_BYTES)
    while len(chosen) > 1 and _packed_bytes(chosen) > limits.batch_bytes - SPARE_BYTES:
        chosen = chosen[: len(chosen) // 2]
    return chosen


def _packed_bytes(chosen: Sequence[Due]) -> int:
    plain = b"".join(one.content for one in chosen)
    # What is small enough unpacked need not be packed to know.
    return len(plain) if len(plain) < SPARE_BYTES else len(pack(plain, ("zstd",))[0])
