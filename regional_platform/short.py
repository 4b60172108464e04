"""Answers in short, for `Prefer: return=minimal` (RFC 7240): of a receipt only what its desk cannot know.

The seal is over the whole receipts all the same: the desk puts them together and holds them against it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Final

_PREFERRED: Final = re.compile(r"(?:^|[,;\s])return\s*=\s*minimal(?:$|[,;\s])")
_PLAIN: Final = b'"problem":null'
"""Stands in the canonical bytes of a receipt that says nothing but how far a version has come."""

_TOLD: Final = ("at", "outcome", "receipt_no")


def is_preferred(prefer: str) -> bool:
    """Say whether a Prefer header asks for it."""
    return _PREFERRED.search(prefer.lower()) is not None


def short_answer(body: bytes) -> bytes:
    """Shorten the answer to a batch: a plain receipt says when, its outcome and its number, in its place."""
    said = json.loads(body)
    said["receipts"] = [
        {name: one[name] for name in _TOLD} if one["problem"] is None else one for one in said["receipts"]
    ]
    return json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()


def short_entries(entries: Sequence[bytes], receipts: Sequence[bytes]) -> Iterator[bytes]:
    """Shorten entries of the feed: a plain receipt says which version has reached which stage.

    Args:
        entries: as JSON.
        receipts: canonical, those of the entries that carry one, in their order.
    """
    unread = iter(receipts)
    for entry in entries:
        data_at = entry.index(b'"data":') + len(b'"data":')
        if b'"type":"stage"' not in entry[:data_at]:
            yield entry
            continue
        raw = next(unread)
        # The last two members, in the canonical order of names.
        yield entry[:data_at] + b"{" + raw[raw.rindex(b'"stage":') :] + b"}" if _PLAIN in raw else entry
