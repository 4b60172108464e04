"""Answers in short, for `Prefer: return=minimal` (RFC 7240): of a receipt only what its desk cannot know.

The seal is over the whole receipts all the same: the desk puts them together and holds them against it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

_PREFERRED: Final = re.compile(r"(?:^|[,;\s])return\s*=\s*minimal(?:$|[,;\s])")
_PLAIN: Final = b'"problem":null'
"""Stands in the canonical bytes of a receipt that says nothing but how far a version has come."""

_NAMED: Final = re.compile(
    rb'"receipt_no":"(?P<of>[^"]*?)(?P<n>[0-9]{1,18})",.*'
    rb'(?P<named>"stage":"(?P<stage>[^"]*)","version_id":"[^"]*")\}$'
)
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


@dataclass(slots=True)
class _Run:
    """Entries one after the other that tell the same of versions with numbers one after the other."""

    seq: bytes
    same: tuple[bytes, ...]
    number: int
    named: bytes
    count: int = 1

    def told(self) -> bytes:
        """As one entry, which stands for all."""
        count = b',"count":%d' % self.count if self.count > 1 else b""
        return b"{%b%b{%b%b}}" % (self.seq, self.same[0], self.named, count)


def short_entries(entries: Sequence[bytes], receipts: Sequence[bytes]) -> Iterator[bytes]:
    """Shorten entries of the feed: a plain receipt says which version has reached which stage.

    What a batch brought moves on together: of versions whose receipts have numbers one after the other, and
    that reached a stage at one time, only the first is named, and how many they are.

    Args:
        entries: as JSON.
        receipts: canonical, those of the entries that carry one, in their order.
    """
    unread, run = iter(receipts), None
    for entry in entries:
        data_at = entry.index(b'"data":') + len(b'"data":')
        raw = next(unread) if b'"type":"stage"' in entry[:data_at] else b""
        said = _NAMED.search(raw) if _PLAIN in raw else None
        if said is not None:
            seq_end, number = entry.index(b","), int(said["n"])
            same = (entry[seq_end:data_at], said["of"], said["stage"])
            if run is not None and run.same == same and number == run.number + run.count:
                run.count += 1
                continue
        if run is not None:
            yield run.told()
        # The last two members, in the canonical order of names.
        run = _Run(entry[1:seq_end], same, number, said["named"]) if said is not None else None
        if run is None:
            yield entry
    if run is not None:
        yield run.told()
