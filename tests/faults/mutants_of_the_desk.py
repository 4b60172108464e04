"""Mutants of the desk that lose, change or let through what was saved there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from client.core.answers import Answer, FeedPage
from client.store import approvals, cases, catalog_moves, drafts, feed, link, receipts, second_copy
from client.store.desk import Desk
from forms.catalog.schema import CatalogSet
from forms.seal.canonical import canonical, digest
from tests.faults.store import swapped
from tests.faults.twins import LOST_DATABASES, mutant
from tests.faults.world import DEATHS


@mutant("one person alone", acts={"own_approval": 40})
def _the_desk_lets_the_maker_be_the_checker() -> Iterator[None]:
    whole = approvals._reviews

    class Anybody(str):
        """A name that is nobody's, when it is asked."""

        __slots__ = ()
        __hash__ = str.__hash__

        def __eq__(self, _other: object) -> bool:
            return False

    def reviews(tx: Any, act_id: str) -> Any:
        return [replace(one, maker=Anybody(one.maker)) for one in whole(tx, act_id)]

    with swapped(approvals, "_reviews", reviews):
        yield


@mutant("F16 objections: both desks decide", acts={"objection": 40, "decide": 60})
def _what_carries_out_a_refused_decision_stays() -> Iterator[None]:
    with swapped(cases, "decision_rejected", lambda *_: None):
        yield


@mutant("F10 database lost", **LOST_DATABASES)
def _approved_is_called_saved_before_it_is_in_the_second_copy() -> Iterator[None]:
    with swapped(second_copy.SecondCopy, "put", lambda *_: None):
        yield


@mutant("F10 database lost", **LOST_DATABASES)
def _the_second_copy_is_not_read_back() -> Iterator[None]:
    def read_back(*_: Any, damaged: bool) -> second_copy.FoundAgain:
        return second_copy.FoundAgain(0, 0, damaged)

    with swapped(second_copy, "_read_back", read_back):
        yield


@mutant("F1 kill", deadly=0.7, deaths=DEATHS[-1:])
def _cursor_saved_before_the_page_is_applied() -> Iterator[None]:
    whole = feed.apply

    def apply(desk: Desk, page: FeedPage) -> int:
        with desk.db.transaction() as tx:
            before = tx.value("SELECT cursor FROM device")
            tx.execute("UPDATE device SET cursor = ?", (page.next,))
        with desk.db.transaction() as tx:
            tx.execute("UPDATE device SET cursor = ?", (before,))
            return whole(desk, page)

    with swapped(feed, "apply", apply):
        yield


@mutant("F12 session over; I12", acts={"sign_out": 20})
def _the_queue_forgets_on_sign_out() -> Iterator[None]:
    whole = link.drop_session

    def drop_session(desk: Desk) -> None:
        whole(desk)
        with desk.db.transaction() as tx:
            tx.execute("DELETE FROM outbox WHERE state IN ('queued','held')")

    with swapped(link, "drop_session", drop_session):
        yield


@mutant("edit while it is on the way", acts={"edit_on_the_way": 30})
def _edit_in_flight() -> Iterator[None]:
    """What waits for the platform's word is changed where it lies."""
    whole = drafts.begin_change

    def begin_change(desk: Desk, record_id: str, op: str, **more: Any) -> None:
        reader = desk.db.reader()
        state = reader.value("SELECT state FROM record_state WHERE record_id = ?", (record_id,))
        if state not in {"queued", "sent", "unknown"}:
            whole(desk, record_id, op, **more)
            return
        with desk.db.transaction() as tx:
            tx.execute("DROP TRIGGER IF EXISTS version_frozen")
            row = tx.execute(
                "SELECT version_id, content FROM version WHERE record_id = ? ORDER BY n DESC LIMIT 1",
                (record_id,),
            ).fetchone()
            said = json.loads(row["content"])
            said["payload"]["CF_NR"] = "罚款，途中改过"
            content = canonical(said)
            tx.execute(
                "UPDATE version SET content = ?, content_sha256 = ? WHERE version_id = ?",
                (content, digest(content), row["version_id"]),
            )

    with swapped(drafts, "begin_change", begin_change):
        yield


@mutant("F1 kill", deadly=0.7, deaths=DEATHS[5:6])
def _receipts_and_outbox_in_two_transactions() -> Iterator[None]:
    """What leaves the outbox is committed before the receipt is."""
    whole = receipts.apply

    def apply(desk: Desk, answer: Answer, **how: Any) -> Any:
        with desk.db.transaction() as tx:
            for one in answer.receipts:
                if one.is_final:
                    tx.execute("UPDATE outbox SET state = 'done' WHERE version_id = ?", (one.version_id,))
            tx.execute("UPDATE batch SET state = 'answered' WHERE batch_id = ?", (answer.batch_id,))
        return whole(desk, answer, **how)

    with swapped(receipts, "apply", apply):
        yield


@mutant("a new catalog set; I12", acts={"new_catalog": 40})
def _a_new_catalog_drops_what_is_unsent() -> Iterator[None]:
    whole = catalog_moves.do

    def do(desk: Desk, to_set: CatalogSet, **how: Any) -> Any:
        moved = whole(desk, to_set, **how)
        with desk.db.transaction() as tx:
            tx.execute("DELETE FROM outbox WHERE state IN ('queued','held')")
        return moved

    with swapped(catalog_moves, "do", do):
        yield
