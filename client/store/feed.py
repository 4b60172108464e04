"""The feed (下行消息): everything that came down, kept as it came, and its effects, page by page.

A receipt that came down with a page and is kept since then among the receipts, with its number, is not said
twice; one that was kept before, byte for byte, is only named here. The view `heard` tells all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from client.core.answers import FeedItem, FeedPage
from client.core.questions import read_questions
from client.errors import LinkError
from client.store import case_dues, cases, legal, questions, receipts
from client.store.connection import Connection
from client.store.desk import Desk
from client.store.draft_rows import as_json

DROPPED: Final = "dropped"
"""What the platform says in place of entries that it holds no more."""

Effect = Callable[[Desk, Connection, Sequence[FeedItem]], None]


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
        at, kept = desk.now(), _keep_stages(tx, fresh, page)
        tx.executemany("INSERT INTO inbox VALUES (?,?,?,?,?)", _rows(page.epoch, fresh, kept, at))
        for types, effect in EFFECTS.items():
            effect(desk, tx, [item for item in fresh if item.type in types])
        tx.execute("UPDATE device SET cursor = ?", (end,))
    return len(fresh)


def _rows(
    epoch: str, items: Sequence[FeedItem], kept: dict[receipts.Place, bool], at: str
) -> Iterator[tuple[str, int, str, str, str]]:
    for item in items:
        if item.type == DROPPED:
            continue
        one = item.receipt
        if one is not None and kept.get((one.version_id, one.stage)):
            kept[one.version_id, one.stage] = False  # stands there with this number; another one is named
            continue
        yield epoch, item.seq, item.type, _said(item, kept), at


def _said(item: FeedItem, kept: Mapping[receipts.Place, bool]) -> str:
    """What an item says, as JSON; of a receipt that is kept, which it is."""
    one = item.receipt
    if one is None:
        return as_json(item.data)
    if (one.version_id, one.stage) in kept:
        return f'{{"version_id":"{one.version_id}","stage":"{one.stage}"}}'  # an id of ours
    return one.raw.decode("utf-8")


# What was set aside for a fault of the platform, or was taken back while a copy of this disk sent it, and has
# moved on there all the same, is sent again: it is answered as the first time.
_IS_THERE: Final = """
  UPDATE outbox SET state = 'queued', last_problem = NULL
  WHERE version_id IN (SELECT value FROM json_each(?))
    AND (state = 'recalled' OR state = 'blocked' AND json_extract(last_problem, '$.of') = 'platform')
"""
# What was made a draft again when it was taken back changes, from now on, what the platform holds.
_DRAFTS_ON_TOP: Final = """
  UPDATE draft SET op = 'correct', base_version = v.version_id
  FROM json_each(?) j JOIN version v ON v.version_id = j.value
    JOIN outbox o ON o.version_id = v.version_id AND o.state = 'recalled'
  WHERE draft.record_id = v.record_id AND draft.edit_state <> 'in_review' AND v.op <> 'withdraw'
"""


def _keep_stages(tx: Connection, items: Sequence[FeedItem], page: FeedPage) -> dict[receipts.Place, bool]:
    """Keep the receipts among the items; returns which are kept as they came, and whether since now."""
    told = [(item.receipt, item.seq) for item in items if item.receipt is not None]
    if not told:
        return {}
    ids = as_json([one.version_id for one, _ in told])
    tx.execute(_DRAFTS_ON_TOP, (ids,))
    tx.execute(_IS_THERE, (ids,))
    return receipts.keep(tx, told, page.seal, page.epoch)


def _keep_cases(desk: Desk, tx: Connection, items: Sequence[FeedItem]) -> None:
    for item in items:
        cases.put(desk, tx, item.data, item.at)


def _keep_questions(desk: Desk, tx: Connection, items: Sequence[FeedItem]) -> None:
    for item in items:
        questions.put(desk, tx, read_questions(item.data.get("questions")))


EFFECTS: Final[Mapping[frozenset[str], Effect]] = {
    frozenset({"case.opened", "case.changed", "case.closed"}): _keep_cases,
    frozenset({"question.changed"}): _keep_questions,
    legal.NEWS: case_dues.keep_law,
}
"""What items do besides being kept, but for receipts; the order within a type is that of the feed."""
