"""A record that two desks of a unit correct at once: this one comes second."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from client.core.records import Reason
from client.store import drafts, records, review
from client.store.desk import Desk

Build = Callable[..., dict[str, Any]]
THEIRS = "018f0000-0000-7000-8000-000000000009"


def hear(desk: Desk, record_id: str, outcome: str, problem: dict[str, Any] | None = None) -> None:
    """Write what the platform said of the newest version, as the sync does."""
    version_id = records.get(desk.db.reader(), record_id).versions[0].version_id
    with desk.db.transaction() as tx:
        tx.execute("UPDATE outbox SET state = 'done', tries = 1 WHERE version_id = ?", (version_id,))
        tx.execute(
            "INSERT INTO receipt VALUES (?,'checked',?,?,'R-1',?,NULL,x'7b7d',NULL,NULL)",
            (version_id, outcome, problem and json.dumps(problem), desk.now()),
        )


def stale(values: dict[str, Any], version_id: str = THEIRS) -> dict[str, Any]:
    current = {"version_id": version_id, "op": "correct", "catalog": "XZCF_FR@2026.1", "payload": values}
    return {"type": "urn:minxin:problem:stale", "current": current}


def approved(house: Any, record_id: str) -> None:
    done = review.submit(house.switch("林晓"), [record_id], title="报送")
    assert not done.stopped, done.stopped
    review.approve(house.switch("陈敏"), done.act_id)
    house.switch("林晓")


def correct(house: Any, record_id: str, values: dict[str, Any]) -> None:
    drafts.begin_change(house.desk, record_id, "correct")
    drafts.save(house.desk, record_id, values)
    drafts.set_reason(house.desk, record_id, Reason("wrong_entry", "小数点错位"))
    approved(house, record_id)


def draft_of(desk: Desk, record_id: str) -> Any:
    return records.get(desk.db.reader(), record_id).draft


def came_second(house: Any, a_penalty: Build) -> tuple[str, dict[str, Any]]:
    """Correct the amount and the facts, after another desk corrected the amount and the basis."""
    base = a_penalty(1)
    record_id = drafts.create(house.switch("林晓"), "XZCF_FR", base)
    approved(house, record_id)
    hear(house.desk, record_id, "accepted")
    correct(house, record_id, base | {"CF_NR_FK": "0.3", "CF_SY": "查明的事实"})
    hear(house.desk, record_id, "rejected", stale(base | {"CF_NR_FK": "0.2", "CF_YJ": "另一条"}))
    return record_id, base
