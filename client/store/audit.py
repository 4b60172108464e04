"""The audit chain (审计链): who did what to which thing, each entry under the hash of the one before.

Entries hold ids, codes and a digest of the details; never a value of a record or a name of a person.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from client.store.connection import Connection, Row
from forms.seal.canonical import canonical, digest

START: Final = "0" * 64
"""`prev` of the first entry."""

_PAGE: Final = 1_000


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry, as it is hashed. `n` counts from 1 without a gap."""

    n: int
    at: str
    actor: str
    action: str
    object: str
    detail_sha256: str
    prev: str

    @property
    def h(self) -> str:
        """The hash that the next entry carries as `prev`."""
        said = {
            "n": self.n, "at": self.at, "actor": self.actor, "action": self.action,
            "object": self.object, "detail_sha256": self.detail_sha256, "prev": self.prev,
        }  # fmt: skip
        return digest(canonical(said))


@dataclass(frozen=True, slots=True)
class Chain:
    """What `verify` found.

    Attributes:
        entries: that hold, from the first.
        head: hash of the last entry that holds.
        broken_at: number of the first entry that does not hold; None when all do.
    """

    entries: int
    head: str
    broken_at: int | None

    @property
    def holds(self) -> bool:
        return self.broken_at is None


def append(
    tx: Connection, *, at: str, actor: str, action: str, thing: str, detail: Mapping[str, Any]
) -> None:
    """Add an entry in the transaction of the act that it tells of.

    Args:
        tx: the open transaction.
        at: UTC text.
        actor: operator_id; ``system`` for what the program does by itself.
        action: lower_snake, e.g. ``draft_saved``.
        thing: id of the record, act, case or file.
        detail: what can later be proved against the digest; only the digest is kept.
    """
    last = tx.execute("SELECT n, h FROM audit ORDER BY n DESC LIMIT 1").fetchone()
    n, prev = (1, START) if last is None else (int(last["n"]) + 1, str(last["h"]))
    entry = Entry(n, at, actor, action, thing, digest(canonical(dict(detail))), prev)
    tx.execute(
        "INSERT INTO audit (n, at, actor, action, object, detail_sha256, prev, h) VALUES (?,?,?,?,?,?,?,?)",
        (n, at, actor, action, thing, entry.detail_sha256, prev, entry.h),
    )


def verify(reader: Connection) -> Chain:
    """Recompute the whole chain. A cut tail cannot be seen from inside; the platform's anchors show it."""
    n, head = 0, START
    while True:
        page = reader.execute("SELECT * FROM audit WHERE n > ? ORDER BY n LIMIT ?", (n, _PAGE)).fetchall()
        for row in page:
            if not _holds(row, n + 1, head):
                return Chain(n, head, n + 1)
            n, head = n + 1, str(row["h"])
        if len(page) < _PAGE:
            return Chain(n, head, None)


def _holds(row: Row, n: int, prev: str) -> bool:
    entry = Entry(
        row["n"], row["at"], row["actor"], row["action"], row["object"], row["detail_sha256"], row["prev"]
    )
    return entry.n == n and entry.prev == prev and entry.h == row["h"]
