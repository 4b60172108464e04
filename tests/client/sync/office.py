"""A desk with a reporter and a reviewer, whose versions are approved as in life: signed twice, and frozen."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from client.core.answers import Answer, FeedItem, FeedPage, Receipt, Seal
from client.core.ids import uuid7
from client.core.people import Device, Operator
from client.store import outbox, profile
from client.store.approvals import approve
from client.store.desk import Catalogs, Desk
from client.store.review_rows import Act, frozen, put_review
from client.store.wraps import Cost
from client.sync import reading
from client.sync.wire import Pinned, batch_body
from forms.catalog.schema import CatalogSet
from forms.seal.content import Content
from forms.seal.keys import SigningKey
from forms.seal.receipt import digests_of, seal_receipts
from tests.copied import copied

SERVER_KEY = SigningKey(bytes(range(32)))
SERVER_ID = "platform-1"
PINNED = Pinned(SERVER_ID, SERVER_KEY.public)
CHEAP = Cost(1, 8, 1)
PASSPHRASE = "correct horse"
REPORTER = Operator("u01", "林晓燕", frozenset({"reporter", "handler"}))
REVIEWER = Operator("u02", "陈志远", frozenset({"reviewer"}))
START = datetime(2026, 11, 24, 8, tzinfo=UTC)


class Ids:
    """New identifiers, the same in every run."""

    def __init__(self, n: int = 0) -> None:
        self._n = n

    def another(self) -> Ids:
        """Return one that goes on where this one is."""
        return Ids(self._n)

    def __call__(self) -> str:
        self._n += 1
        return uuid7(START, hashlib.sha256(str(self._n).encode()).digest()[:10])


@dataclass
class Clock:
    now: datetime = START

    def __call__(self) -> datetime:
        return self.now

    def go(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@dataclass
class Office:
    """Attributes:
    desk: open for the reporter.
    checker: the same desk, open for the reviewer.
    """

    folder: Path
    desk: Desk
    checker: Desk
    clock: Clock
    answers: int = field(default=0)

    def contents(self, count: int, op: str = "create", **other: Any) -> list[Content]:
        return [self.content(op, **other) for _ in range(count)]

    def content(self, op: str = "create", *, record_id: str | None = None, **other: Any) -> Content:
        said: dict[str, Any] = {
            "record_id": record_id or self.desk.new_id(),
            "version_id": self.desk.new_id(),
            "parent": None,
            "op": op,
            "catalog": "XZCF_FR@2026.1",
            "item_sha256": "0" * 64,
            "payload": {"CF_WSH": "厦市监罚〔2026〕9号"},
            "reason": None if op == "create" else {"code": "wrong_entry", "text": "看错了一行"},
        }
        return Content(**said | other)

    def approve(
        self, contents: Sequence[Content], *, case_id: str | None = None, confirmed: bool = True
    ) -> str:
        """Submit and approve contents; returns the id of their approval."""
        act = Act(self.desk.new_id(), "测试", case_id=case_id)
        with self.desk.db.transaction() as tx:
            approval_id = put_review(self.desk, tx, act, [frozen(one) for one in contents])
        approve(self.checker, act.act_id)
        if confirmed:
            outbox.confirm_approval(self.desk, approval_id)
        return approval_id

    def approved(self, count: int, op: str = "create", **other: Any) -> list[Content]:
        contents = self.contents(count, op, **other)
        self.approve(contents)
        return contents

    def cut(self, most: int = 500):
        """Cut the next batch, of at most so many versions."""
        return outbox.cut_batch(
            self.desk,
            choose=lambda due: due[:most],
            encode=batch_body,
            is_over=lambda at, now: at is None or at <= now,
            look_at=1_000,
        )

    def rows(self) -> dict[str, Mapping[str, Any]]:
        """The outbox, by version."""
        rows = self.desk.db.reader().execute("SELECT * FROM outbox ORDER BY queued_n LIMIT 10000").fetchall()
        return {row["version_id"]: dict(zip(row.keys(), tuple(row), strict=True)) for row in rows}

    def states(self) -> list[str]:
        return [row["state"] for row in self.rows().values()]

    def receipt(
        self, content: Content, outcome: str = "accepted", *, stage: str = "checked", **other: Any
    ) -> Receipt:
        """A receipt of the platform, read as from the line."""
        self.answers += 1
        said = {
            "version_id": content.version_id,
            "record_id": content.record_id,
            "content_sha256": hashlib.sha256(content.frozen()).hexdigest(),
            "outcome": outcome,
            "stage": stage,
            "receipt_no": f"XM-{self.answers}",
            "server_id": SERVER_ID,
            "at": "2026-11-24T08:00:01.000Z",
            "problem": None,
        }
        return reading.read_receipt(said | other, PINNED)

    def answer(self, batch_id: str, *receipts: Receipt) -> Answer:
        return Answer(batch_id, receipts, sealed(receipts))

    def page(self, *items: FeedItem, epoch: str = "e1") -> FeedPage:
        end = items[-1].seq if items else 0
        seal = sealed(item.receipt for item in items if item.receipt is not None)
        return FeedPage(epoch, items, end, end, seal)


def sealed(receipts: Iterable[Receipt]) -> Seal:
    digests = digests_of(one.raw for one in receipts)
    return Seal(digests, seal_receipts(SERVER_KEY, SERVER_ID, digests)["sig"])


def a_problem(code: str, **more: Any) -> dict[str, Any]:
    return {"type": f"urn:minxin:problem:{code}", "title": "不行", "status": 422, "detail": "为什么", **more}


def a_stage(seq: int, receipt: Receipt) -> FeedItem:
    return FeedItem(seq, "stage", "2026-11-24T08:00:02.000Z", {"version_id": receipt.version_id}, receipt)


def an_office(folder: Path, catalogs: Catalogs | None = None) -> Office:
    """Enrol a desk in a folder and open it twice: for the reporter, and for the reviewer."""
    clock, ids = Clock(), copied(folder, "office", _enrolled).another()
    catalogs = catalogs or Catalogs([CatalogSet("2026.1", "", date(2026, 1, 1), {}, {}, "0" * 64)])
    desk = profile.unlock(folder, REPORTER.name, PASSPHRASE, None, catalogs=catalogs, clock=clock, new_id=ids)
    checker = replace(desk, operator=REVIEWER, key=SigningKey.generate(), lock=None)
    return Office(folder, desk, checker, clock)


def _enrolled(folder: Path) -> Ids:
    clock, ids = Clock(), Ids()
    nothing = Catalogs([CatalogSet("2026.1", "", date(2026, 1, 1), {}, {}, "0" * 64)])
    device = Device(
        "d1", "一号窗口", "350200-01", "厦门市某局", "350200", "http://127.0.0.1:1", None,
        SERVER_ID, SERVER_KEY.public, "e1",
    )  # fmt: skip
    profile.create_profile(
        folder,
        profile_id="p1",
        device=device,
        device_key=SigningKey(bytes(32)),
        operators=[REPORTER, REVIEWER],
        first=profile.NewOperator(REPORTER.operator_id, PASSPHRASE),
        possession=None,
        clock=clock,
        cost=CHEAP,
    )
    desk = profile.unlock(folder, REPORTER.name, PASSPHRASE, None, catalogs=nothing, clock=clock, new_id=ids)
    profile.add_operator(desk, REVIEWER, PASSPHRASE, None, cost=CHEAP)
    desk.close()
    return ids
