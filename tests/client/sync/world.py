"""A desk and a platform in memory, to hold the engine against: every loss that a line can think of.

The desk keeps what the store keeps, by the store's rules; the platform keeps what the contract says.
What happens to each exchange is a word of the script; when the script is at its end, nothing goes wrong.
Batches that are on the line together arrive and come back in the order that a second script names.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from client.core.answers import Answer, Applied, FeedItem, FeedPage, Hello, Limits, Receipt
from client.core.batches import Due, OpenBatch, Pace
from client.sync import acts, engine, events
from client.sync.plan import Failure, next_batch

FAULTS = (
    "fine", "request_lost", "answer_lost", "late", "twice", "html", "garbage", "busy", "fault", "killed",
    "left_out", "working", "forked",
)  # fmt: skip
"""What may happen to one exchange."""

FAILURES = {
    "request_lost": Failure("link", "no_connection"),
    "answer_lost": Failure("link", "timeout"),
    "late": Failure("link", "timeout"),
    "html": Failure("link", "portal"),
    "garbage": Failure("link", "not_ours"),
    "busy": Failure("refused", "rate_limited", 429, 1.0),
    "fault": Failure("refused", "internal", 500),
    "working": Failure("refused", "in_progress", 202, 1.0),
    "forked": Failure("refused", "device_forked", 409),
}
BATCH_ITEMS = 4


class Killed(Exception):
    """The program is killed; what the desk has written stays."""


class Refused(Exception):
    def __init__(self, failure: Failure) -> None:
        self.failure = failure


@dataclass(frozen=True)
class Version:
    version_id: str
    record_id: str
    parent: str | None
    n: int
    poison: bool = False
    wrong: bool = False


@dataclass
class Platform:
    """Applies each version once, in the order of parents; remembers every answer."""

    epoch: str = "e1"
    answers: dict[str, tuple[tuple[str, ...], Answer]] = field(default_factory=dict)
    judged: dict[str, Receipt] = field(default_factory=dict)
    heads: dict[str, str] = field(default_factory=dict)
    applied: list[Version] = field(default_factory=list)
    feed: list[FeedItem] = field(default_factory=list)

    def post(self, batch_id: str, versions: Sequence[Version]) -> Answer:
        ids = tuple(one.version_id for one in versions)
        if batch_id in self.answers:
            assert self.answers[batch_id][0] == ids, "I6: a batch id with two bodies"
            return self.answers[batch_id][1]
        if any(one.poison for one in versions):
            raise Refused(Failure("refused", "internal", 500))
        answer = Answer(batch_id, tuple(self._judge(one) for one in versions))
        self.answers[batch_id] = (ids, answer)
        return answer

    def _judge(self, one: Version) -> Receipt:
        if one.version_id in self.judged:
            return self.judged[one.version_id]
        if one.parent is not None and one.parent not in self.judged:
            return a_receipt(one, "held", "parent-unknown")
        if one.wrong:
            receipt = a_receipt(one, "rejected", "field-invalid")
        elif one.parent is not None and self.judged[one.parent].outcome == "rejected":
            receipt = a_receipt(one, "rejected", "parent-rejected")
        elif self.heads.get(one.record_id) != one.parent:
            receipt = a_receipt(one, "rejected", "stale")
        else:
            receipt = a_receipt(one, "accepted", None)
            self.heads[one.record_id] = one.version_id
            self.applied.append(one)
            stored = replace(receipt, stage="stored", raw=b"stored:" + receipt.raw)
            seq = len(self.feed) + 1
            self.feed.append(FeedItem(seq, "stage", "t", {"seq": seq}, stored))
        self.judged[one.version_id] = receipt
        return receipt

    def ask(self, batch_id: str) -> Answer:
        if batch_id not in self.answers:
            raise Refused(Failure("refused", "batch_unknown", 404))
        return self.answers[batch_id][1]

    def restored(self, backup: Platform) -> None:
        """Go back to what a copy knows, under another epoch."""
        epoch = f"{self.epoch}'"
        self.__dict__.update(copy.deepcopy(backup.__dict__))
        self.epoch = epoch

    def page(self, epoch: str, after: int) -> FeedPage:
        if epoch != self.epoch:
            raise Refused(Failure("refused", "epoch_changed", 410, epoch=self.epoch))
        items = self.feed[after : after + 3]
        return FeedPage(self.epoch, items, after + len(items), len(self.feed))


def a_receipt(one: Version, outcome: str, code: str | None) -> Receipt:
    problem = None if code is None else {"type": f"urn:minxin:problem:{code}"}
    raw = json.dumps([one.version_id, outcome, code]).encode()
    return Receipt(one.version_id, one.record_id, "0" * 64, "checked", outcome, "R1", "t", problem, raw)  # type: ignore[arg-type]


@dataclass
class Batch:
    batch_id: str
    versions: tuple[str, ...]
    tries: int
    was_sent: bool = False
    state: str = "open"


@dataclass
class Desk:
    """What must survive a kill."""

    versions: dict[str, Version] = field(default_factory=dict)
    outbox: dict[str, str] = field(default_factory=dict)
    batch_of: dict[str, str | None] = field(default_factory=dict)
    batches: dict[str, Batch] = field(default_factory=dict)
    receipts: dict[tuple[str, str], Receipt] = field(default_factory=dict)
    epoch: str = "e1"
    cursor: int = 0
    seen: list[int] = field(default_factory=list)
    failures: int = 0
    next_id: int = 0
    asked_up_to: int | None = None
    renewals: int = 0
    waiting: set[str] = field(default_factory=set)  # came back in this cycle; sent again in the next

    def new(self, record_id: str, *, poison: bool = False, wrong: bool = False) -> None:
        """Approve one more version of a record, on top of the newest one that was not rejected."""
        parent = None
        for one in self.versions.values():
            receipt = self.receipts.get((one.version_id, "checked"))
            if one.record_id == record_id and (receipt is None or receipt.outcome != "rejected"):
                parent = one.version_id
        n = len(self.versions) + 1
        version = Version(f"v{n}", record_id, parent, n, poison, wrong)
        self.versions[version.version_id] = version
        self.outbox[version.version_id] = "queued"
        self.batch_of[version.version_id] = None

    def due(self) -> list[Due]:
        found = []
        for version_id, state in self.outbox.items():
            version = self.versions[version_id]
            older = [
                self.outbox[one.version_id]
                for one in self.versions.values()
                if one.record_id == version.record_id and one.n < version.n
            ]
            on_its_way = any(
                one.record_id == version.record_id
                and self.outbox[one.version_id] in {"sent", "unknown"}
                and self.batch_of[one.version_id] is not None
                for one in self.versions.values()
            )
            back = state in {"held", "unknown"} and self.batch_of[version_id] is None
            back = back and version_id not in self.waiting
            if (state == "queued" or back) and all(s == "done" for s in older) and not on_its_way:
                found.append(Due(version_id, version.record_id, 2, version.n, b"x", "a", 0))
        return found

    def freeze(self, ids: Sequence[str], tries: int = 0) -> OpenBatch:
        self.next_id += 1
        batch = Batch(f"b{self.next_id}", tuple(ids), tries)
        self.batches[batch.batch_id] = batch
        for one in ids:
            self.outbox[one], self.batch_of[one] = "sent", batch.batch_id
        return OpenBatch(batch.batch_id, len(ids), tries)

    def in_batch(self, batch_id: str) -> list[str]:
        return [
            v for v, b in self.batch_of.items() if b == batch_id and self.outbox[v] in {"sent", "unknown"}
        ]

    def apply(self, answer: Answer) -> Applied:
        count = {"accepted": 0, "rejected": 0, "held": 0}
        for receipt in answer.receipts:
            count[receipt.outcome] += 1
            if receipt.is_final:
                self.keep(receipt)
                self.outbox[receipt.version_id] = "done"
            elif self.batch_of[receipt.version_id] == answer.batch_id:
                self.outbox[receipt.version_id], self.batch_of[receipt.version_id] = "held", None
                self.waiting.add(receipt.version_id)
        left_out = self.in_batch(answer.batch_id)
        for one in left_out:
            self.outbox[one], self.batch_of[one] = "unknown", None
            self.waiting.add(one)
        self.batches[answer.batch_id].state = "answered"
        return Applied(count["accepted"], 0, count["rejected"], count["held"], len(left_out))

    def accepted_after(self, n: int) -> list[Version]:
        return [
            one
            for one in self.versions.values()
            if one.n > n
            and self.outbox[one.version_id] == "done"
            and self.receipts[one.version_id, "checked"].outcome == "accepted"
        ]

    def keep(self, receipt: Receipt) -> None:
        key = (receipt.version_id, receipt.stage)
        first = self.receipts.setdefault(key, receipt)
        assert first.raw == receipt.raw or self.epoch != "e1", "I4: two receipts for one stage"


@dataclass
class World:
    """The desk, the platform, and the line between them."""

    script: Iterator[str]
    desk: Desk = field(default_factory=Desk)
    platform: Platform = field(default_factory=Platform)
    late: list[tuple[str, tuple[Version, ...]]] = field(default_factory=list)
    in_flight: int = 1
    order: Iterator[int] = field(default_factory=lambda: iter(()))
    air: list[acts.Launch] = field(default_factory=list)
    most_in_air: int = 0
    posts: int = 0
    waited: list[float] = field(default_factory=list)
    last_done: acts.Done | None = None

    def cycle(self, steps: int = 2_000) -> None:
        """Run one cycle to its end, or to the kill."""
        self.desk.waiting.clear()
        pace = Pace(items=BATCH_ITEMS, in_flight=self.in_flight)
        state, effects = engine.begin(events.Started(self.desk.epoch, self.desk.failures, 0, pace))
        try:
            for _ in range(steps):
                event = self.carry_out(effects)
                if event is None:
                    return
                state, effects = engine.step(state, event)
        except Killed:
            # What was on the line may arrive after all, and nobody hears of it.
            self.late += [(one.batch_id, self._bytes(one.batch_id)) for one in self._posts_in_air()[::2]]
            self.air.clear()
            return
        raise AssertionError("a cycle without an end")

    def carry_out(self, effects: Sequence[acts.Effect]) -> events.Event | None:
        """Do what the engine says; returns what came of its ask, or None when the cycle is over."""
        *before, ask = effects
        for one in before:
            self._before(one)
        if isinstance(ask, acts.Done):
            assert self.air == [], "a batch was forgotten on the line"
            self.last_done = ask
            self.desk.failures = self.desk.failures + 1 if ask.failure else 0
            return None
        local = getattr(self, f"_{type(ask).__name__}", None)
        if local is not None:
            event: events.Event = local(ask)
            return event
        return self._exchange(ask)

    def _before(self, one: acts.Effect) -> None:
        if isinstance(one, acts.MarkUnknown):
            for version_id in self.desk.in_batch(one.batch_id):
                self.desk.outbox[version_id] = "unknown"
        if isinstance(one, acts.PostBatch):
            batch = self.desk.batches[one.batch_id]
            batch.tries, batch.was_sent = batch.tries + 1, True
        if isinstance(one, acts.PostBatch | acts.AskBatch):
            self.air.append(one)
            self.most_in_air = max(self.most_in_air, len(self.air))
            assert len(self.air) <= self.in_flight
            records = [v.record_id for post in self._posts_in_air() for v in self._bytes(post.batch_id)]
            assert len(set(records)) == len(records), "two unfinished versions of a record on the line"

    def _posts_in_air(self) -> list[acts.PostBatch]:
        return [one for one in self.air if isinstance(one, acts.PostBatch)]

    def _AwaitFlight(self, _ask: acts.AwaitFlight) -> events.Event:  # noqa: N802  named after the ask
        launch = self.air.pop(next(self.order, 0) % len(self.air))
        event = self._exchange(launch)
        return replace(event, batch_id=launch.batch_id) if isinstance(event, events.Failed) else event

    # what the desk does by itself

    def _Survey(self, _ask: acts.Survey) -> events.Event:  # noqa: N802  named after the ask
        opened = [
            OpenBatch(b.batch_id, len(b.versions), b.tries, b.was_sent)
            for b in self.desk.batches.values()
            if b.state == "open"
        ]
        return events.Surveyed(
            self.desk.cursor,
            unsent=[b for b in opened if not b.was_sent],
            unknown=[b for b in opened if b.was_sent],
            missing_after=self.desk.asked_up_to,
        )

    def _CutBatch(self, ask: acts.CutBatch) -> events.Event:  # noqa: N802  named after the ask
        due = [] if ask.legal_only else self.desk.due()
        chosen = next_batch(due, most_items=ask.items, most_bytes=10**6)
        return events.BatchCut(self.desk.freeze([one.version_id for one in chosen]) if chosen else None)

    def _ApplyAnswer(self, ask: acts.ApplyAnswer) -> events.Event:  # noqa: N802  named after the ask
        return events.AnswerApplied(self.desk.apply(ask.answer))

    def _SplitBatch(self, ask: acts.SplitBatch) -> events.Event:  # noqa: N802  named after the ask
        self.desk.batches[ask.batch_id].state = "void"
        ids = self.desk.in_batch(ask.batch_id)
        middle = (len(ids) + 1) // 2
        first = self.desk.freeze(ids[:middle], ask.tries)
        return events.BatchSplit([first, self.desk.freeze(ids[middle:], ask.tries)])

    def _BlockBatch(self, ask: acts.BlockBatch) -> events.Event:  # noqa: N802  named after the ask
        self.desk.batches[ask.batch_id].state = "void"
        for one in self.desk.in_batch(ask.batch_id):
            self.desk.outbox[one] = "blocked"
        return events.BatchBlocked()

    def _ApplyPage(self, ask: acts.ApplyPage) -> events.Event:  # noqa: N802  named after the ask
        for item in ask.page.items:
            assert item.seq == self.desk.cursor + 1, "I5: a hole in the feed"
            self.desk.cursor = item.seq
            self.desk.seen.append(item.seq)
            if item.receipt is not None:
                self.desk.keep(item.receipt)
        return events.PageApplied(self.desk.cursor, len(ask.page.items))

    def _AdoptEpoch(self, ask: acts.AdoptEpoch) -> events.Event:  # noqa: N802  named after the ask
        self.desk.epoch, self.desk.cursor, self.desk.asked_up_to = ask.epoch, 0, 0
        self.desk.seen.clear()
        return events.EpochAdopted(ask.epoch)

    def _QueueAgain(self, ask: acts.QueueAgain) -> events.Event:  # noqa: N802  named after the ask
        for one in ask.version_ids:
            self.desk.outbox[one], self.desk.batch_of[one] = "queued", None
        self.desk.asked_up_to = ask.up_to
        return events.QueuedAgain()

    def _RenewDevice(self, _ask: acts.RenewDevice) -> events.Event:  # noqa: N802  named after the ask
        self.desk.renewals += 1
        for batch in self.desk.batches.values():
            batch.state = "void" if batch.state == "open" else batch.state
        for one, state in self.desk.outbox.items():
            if state in {"sent", "unknown"}:
                self.desk.outbox[one], self.desk.batch_of[one] = "queued", None
        return events.DeviceRenewed()

    def _ListEvidence(self, _ask: acts.ListEvidence) -> events.Event:  # noqa: N802  named after the ask
        return events.EvidenceListed([])

    def _Wait(self, ask: acts.Wait) -> events.Event:  # noqa: N802  named after the ask
        self.waited.append(ask.seconds)
        return events.Waited()

    # what goes over the line

    def _exchange(self, ask: acts.Effect) -> events.Event:
        fault = next(self.script, "fine")
        if fault in {"request_lost", "html", "garbage", "busy", "fault"}:
            return events.Failed(FAILURES[fault], 0.5)
        if fault == "forked" and isinstance(ask, acts.PostBatch):
            return events.Failed(FAILURES[fault], 0.5)
        if fault == "late" and isinstance(ask, acts.PostBatch):
            self.late.append((ask.batch_id, self._bytes(ask.batch_id)))
            return events.Failed(FAILURES[fault], 0.5)
        if fault == "fine" and self.late:
            self.arrive(self.late.pop(0))
        try:
            event = self._at_platform(ask)
            if fault == "twice":
                self._at_platform(ask)
        except Refused as refused:
            return events.Failed(refused.failure, 0.5)
        if fault == "killed":
            raise Killed
        if fault == "working" and isinstance(ask, acts.PostBatch | acts.AskBatch):
            return events.Failed(FAILURES["working"], 0.5)
        if fault in {"answer_lost", "late"}:
            return events.Failed(FAILURES["answer_lost"], 0.5)
        if fault == "left_out" and isinstance(event, events.Answered):
            return events.Answered(Answer(event.answer.batch_id, event.answer.receipts[1:]))
        return event

    def _at_platform(self, ask: acts.Effect) -> events.Event:
        platform = self.platform
        if isinstance(ask, acts.SayHello):
            limits = Limits(batch_items=BATCH_ITEMS)
            at = datetime(2026, 11, 24, tzinfo=UTC)
            return events.Greeted(Hello("s", "k", platform.epoch, at, 1, 1, limits, "2026.1", ("zstd",)))
        if isinstance(ask, acts.PostBatch):
            self.posts += 1
            return events.Answered(platform.post(ask.batch_id, self._bytes(ask.batch_id)))
        if isinstance(ask, acts.AskBatch):
            return events.Answered(platform.ask(ask.batch_id))
        if isinstance(ask, acts.PullFeed):
            return events.Pulled(platform.page(ask.epoch, ask.after))
        if isinstance(ask, acts.AskMissing):
            page = self.desk.accepted_after(ask.after)[:3]
            lacks = tuple(one.version_id for one in page if one.version_id not in platform.judged)
            return events.MissingTold(lacks, page[-1].n if page else None)
        raise AssertionError(f"nothing answers {type(ask).__name__}")

    def _bytes(self, batch_id: str) -> tuple[Version, ...]:
        return tuple(self.desk.versions[one] for one in self.desk.batches[batch_id].versions)

    def arrive(self, post: tuple[str, tuple[Version, ...]]) -> None:
        """A batch that was given up for lost arrives after all, and nobody hears the answer."""
        try:
            self.platform.post(*post)
        except Refused:
            return
