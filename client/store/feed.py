"""The feed (下行消息): everything that came down, kept as it came, and its effects, page by page."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from client.core.answers import FeedItem, FeedPage, Seal
from client.core.questions import read_questions
from client.errors import LinkError
from client.store import cases, questions, receipts
from client.store.connection import Connection
from client.store.desk import Desk
from client.store.draft_rows import as_json

Effect = Callable[[Desk, Connection, Sequence[FeedItem], Seal], None]


def apply(desk: Desk, page: FeedPage) -> int:
    """Take a page into the store: items, effects and cursor in one transaction. Returns how many were new.

    What was applied before is passed over; a number is never left out. Types that this program does not
    know are kept for one that does.

    Raises:
        LinkError: ``feed_gap``; ``receipt_conflict``. Nothing is changed.
    """
    with desk.db.transaction() as tx:
        row = tx.execute("SELECT epoch, cursor FROM device LIMIT 1").fetchone()
        if row is None or row["epoch"] != page.epoch:
            raise LinkError("feed_gap", after=0)
        fresh = [item for item in page.items if item.seq > row["cursor"]]
        end = row["cursor"] + len(fresh)
        if [item.seq for item in fresh] != list(range(row["cursor"] + 1, end + 1)):
            raise LinkError("feed_gap", after=row["cursor"])
        if not fresh:
            return 0
        at = desk.now()
        tx.executemany(
            "INSERT INTO inbox VALUES (?,?,?,?,?)",
            ((page.epoch, item.seq, item.type, _said(item), at) for item in fresh),
        )
        for types, effect in EFFECTS.items():
            effect(desk, tx, [item for item in fresh if item.type in types], page.seal)
        tx.execute("UPDATE device SET cursor = ?", (end,))
    return len(fresh)


def _said(item: FeedItem) -> str:
    """What an item says, as JSON; the bytes of a receipt are at hand."""
    return as_json(item.data) if item.receipt is None else item.receipt.raw.decode("utf-8")


def _keep_stages(_desk: Desk, tx: Connection, items: Sequence[FeedItem], seal: Seal) -> None:
    receipts.keep(tx, [(item.receipt, item.seq) for item in items if item.receipt is not None], seal)
    # What was set aside for a fault of the platform, and has moved on there all the same, is sent again.
    tx.execute(
        "UPDATE outbox SET state = 'queued', last_problem = NULL WHERE state = 'blocked'"
        " AND json_extract(last_problem, '$.of') = 'platform'"
        " AND version_id IN (SELECT value FROM json_each(?))",
        (as_json([item.receipt.version_id for item in items if item.receipt is not None]),),
    )


def _keep_cases(desk: Desk, tx: Connection, items: Sequence[FeedItem], _seal: Seal) -> None:
    for item in items:
        cases.put(desk, tx, item.data, item.at)


def _keep_questions(desk: Desk, tx: Connection, items: Sequence[FeedItem], _seal: Seal) -> None:
    for item in items:
        questions.put(desk, tx, read_questions(item.data.get("questions")))


EFFECTS: Final[Mapping[frozenset[str], Effect]] = {
    frozenset({"stage"}): _keep_stages,
    frozenset({"case.opened", "case.changed", "case.closed"}): _keep_cases,
    frozenset({"question.changed"}): _keep_questions,
}
"""What the items of a page do besides being kept; the order within a type is that of the feed."""
