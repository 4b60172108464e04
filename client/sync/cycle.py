"""One cycle of sync: drives the engine with the store on one side and the platform on the other.

No transaction is open while the network is asked. Everything that must survive is written before the
first byte goes out, and everything that came is written in one transaction: a cycle that is killed
anywhere is taken up by the next one. Ten cycles do the same as one.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

from client.core.answers import Answer, Applied, Hello
from client.core.batches import FrozenBatch, Pace
from client.core.records import Attachment
from client.errors import ClientError, FileRefused, LinkError, NotAllowed, PlatformRefusal, StoreError
from client.store import attachments, batches, cases, feed, link, outbox, receipts
from client.store.desk import Desk
from client.sync import acts, engine
from client.sync.api import Platform
from client.sync.cutting import choose
from client.sync.outcome import Progress, SyncOutcome, Tell, failure_of
from client.sync.pace import MOST_IN_FLIGHT, Trip, seconds_left
from client.sync.pausing import Cancelled, Pause, real_pause
from client.sync.plan import Failure, is_due, return_s
from client.sync.wire import Pinned, Transport, batch_body

__all__ = ["Progress", "SyncOutcome", "Tell", "run"]

OF_AN_ATTACHMENT: Final = frozenset({"attachment_missing", "attachment_damaged"})
"""Errors of the store that are about one file; any other means that the desk cannot be written."""

Entropy = Callable[[], float]
Timer = Callable[[], float]
Came = tuple[Answer, Trip | None]
Carry = Callable[[], Came]


class Lanes(Protocol):
    """Carries batches while the cycle goes on; threads, but for who wants to know the order."""

    def submit(self, carry: Carry, /) -> Future[Came]:
        """Begin to carry; the store is not touched by it."""
        ...


def run(
    desk: Desk,
    transport: Transport,
    *,
    progress: Tell,
    cancelled: Cancelled,
    entropy: Entropy,
    feed_wait_s: int = 0,
    pause: Pause | None = None,
    lanes: Lanes | None = None,
    timer: Timer = time.monotonic,
) -> SyncOutcome:
    """Run one cycle: greet, send what is due, read what came.

    Args:
        desk: the open desk; its operator is signed in.
        transport: to the platform.
        progress: told after every step.
        cancelled: asked between the steps; what was begun is taken up next time.
        entropy: a random number from 0 up to 1, for waits.
        feed_wait_s: how long the platform may hold a question for news when there are none; with more
            than 0 the cycle ends when for so long nothing came.
        pause: lets time pass; real time when None.
        lanes: carries batches beside one another; threads when None.
        timer: seconds that only rise, to measure the line with.

    Returns:
        What was done; a failure of the link or a refusal stands in `problem`.

    Raises:
        StoreError: the desk cannot be written.
    """
    pause = pause or real_pause(cancelled)
    threads = ThreadPoolExecutor(MOST_IN_FLIGHT, "minxin-batch")
    try:
        driver = _Driver(desk, transport, progress, cancelled, entropy, pause, lanes or threads, timer)
        return driver.run(feed_wait_s)
    finally:
        threads.shutdown(wait=False, cancel_futures=True)


class _Driver:
    """Does what the engine asks and tells it what came of it. One object a cycle."""

    def __init__(
        self,
        desk: Desk,
        transport: Transport,
        progress: Tell,
        cancelled: Cancelled,
        entropy: Entropy,
        pause: Pause,
        lanes: Lanes,
        timer: Timer,
    ) -> None:
        self._desk, self._progress, self._cancelled = desk, progress, cancelled
        self._entropy, self._pause, self._lanes, self._timer = entropy, pause, lanes, timer
        pinned = Pinned(desk.device.server_id, desk.device.server_key)
        self._token: str | None = None
        self._platform = Platform(transport, pinned, lambda: self._token)
        self._flying: dict[str, Future[Came]] = {}
        self._landing: str | None = None
        self._stopping = False
        self._errors: dict[Failure, ClientError] = {}
        self._evidence: dict[str, Attachment] = {}
        self._applied = Applied()
        self._events = 0
        self._restored = False
        self._pace = Pace()
        self._sent_bytes = self._attachment_bytes = 0
        self._total = outbox.waiting(desk.db.reader())

    def run(self, feed_wait_s: int) -> SyncOutcome:
        link.after_restore(self._desk)
        now = link.link(self._desk.db.reader())
        self._pace = link.remembered_pace(self._desk.db.reader())
        state, effects = engine.begin(acts.Started(now.epoch, now.failures, feed_wait_s, self._pace))
        while True:
            self._pace = state.pace
            *before, ask = effects
            for note in before:
                _BEFORE[type(note)](self, note)
            if isinstance(ask, acts.Done):
                return self._end(ask)
            state, effects = engine.step(state, self._answer(ask))

    def _answer(self, ask: acts.Effect) -> acts.Event:
        if self._cancelled() and not self._stopping:
            self._stopping = True
            return acts.Stop()
        self._progress(self._how_far(_PHASES[type(ask)]))
        self._token = link.token(self._desk.db.reader(), self._desk.operator.operator_id)
        self._landing = None
        try:
            event: acts.Event = _ASKS[type(ask)](self, ask)
        except (LinkError, PlatformRefusal, NotAllowed, FileRefused, StoreError) as error:
            if isinstance(error, StoreError) and error.code not in OF_AN_ATTACHMENT:
                raise
            failure = failure_of(error)
            self._errors[failure] = error
            return acts.Failed(failure, self._entropy(), self._landing)
        return event

    def _how_far(self, phase: str) -> Progress:
        done = self._applied.accepted + self._applied.rejected
        left, more = max(self._total - done, 0), self._attachment_bytes
        return Progress(
            phase,
            done,
            self._total,
            sent_bytes=self._sent_bytes,
            total_bytes=self._sent_bytes + more + round(left * self._pace.item_bytes),
            seconds_left=seconds_left(self._pace, left, more),
        )

    def _end(self, done: acts.Done) -> SyncOutcome:
        problem = self._errors.get(done.failure) if done.failure is not None else None
        next_try_at = None
        if done.retry_in_s is not None:
            next_try_at = self._desk.clock() + timedelta(seconds=done.retry_in_s)
        if done.failure is not None:
            is_down = done.failure.kind == "link"
            link.failed(
                self._desk, done.failure.code, next_try_at=next_try_at, is_down=is_down, pace=self._pace
            )
        elif not done.stopped:
            link.reached(self._desk, self._pace)
        return SyncOutcome(
            accepted=self._applied.accepted,
            with_warnings=self._applied.with_warnings,
            rejected=self._applied.rejected,
            held=self._applied.held,
            unknown=self._applied.unknown,
            events=self._events,
            problem=problem,
            next_try_at=next_try_at,
            stopped=done.stopped,
            epoch_changed=self._restored,
        )

    # notes

    def mark_unknown(self, note: acts.MarkUnknown) -> None:
        batches.mark_unknown(self._desk, note.batch_id, note.code)

    def refuse_approval(self, note: acts.RefuseApproval) -> None:
        outbox.refuse_approval(self._desk, note.approval_id, note.code)

    def refuse_attachment(self, note: acts.RefuseAttachment) -> None:
        outbox.refuse_attachment(self._desk, note.sha256, note.code)

    # launches

    def post_batch(self, launch: acts.PostBatch) -> None:
        batches.mark_sending(self._desk, launch.batch_id)
        frozen = batches.frozen(self._desk.db.reader(), launch.batch_id)
        beside = len(self._flying) + 1
        self._flying[launch.batch_id] = self._lanes.submit(lambda: self._carry(frozen, beside))

    def _carry(self, frozen: FrozenBatch, beside: int) -> Came:
        """Runs in a thread of its own: touches neither the store nor anything that changes here."""
        packed = self._platform.pack_batch(frozen)
        begun = self._timer()
        answer = self._platform.post_batch(frozen, packed)
        return answer, Trip(len(frozen.versions), len(packed.body), self._timer() - begun, beside)

    def ask_batch(self, launch: acts.AskBatch) -> None:
        frozen = batches.frozen(self._desk.db.reader(), launch.batch_id)
        self._flying[launch.batch_id] = self._lanes.submit(lambda: (self._platform.ask_batch(frozen), None))

    # asks

    def await_flight(self, _ask: acts.AwaitFlight) -> acts.Event:
        landed, _ = wait(self._flying.values(), return_when=FIRST_COMPLETED)
        self._landing = next(batch_id for batch_id, flight in self._flying.items() if flight in landed)
        answer, trip = self._flying.pop(self._landing).result()
        self._sent_bytes += trip.sent_bytes if trip else 0
        return acts.Answered(answer, trip)

    def say_hello(self, _ask: acts.SayHello) -> acts.Event:
        before = self._desk.clock()
        hello = self._platform.hello()
        link.remember_hello(self._desk, hello, _offset_ms(hello, before, self._desk.clock()))
        return acts.Greeted(hello)

    def adopt_epoch(self, ask: acts.AdoptEpoch) -> acts.Event:
        link.adopt_epoch(self._desk, ask.epoch)
        self._restored = True
        return acts.EpochAdopted(ask.epoch)

    def survey(self, _ask: acts.Survey) -> acts.Event:
        reader = self._desk.db.reader()
        opened = batches.open_batches(reader)
        papers = outbox.attachments_to_put(reader)
        found = (attachments.find(reader, sha256) for sha256 in papers)
        self._attachment_bytes = sum(one.size_bytes for one in found if one is not None)
        return acts.Surveyed(
            cursor=link.link(reader).cursor,
            attachments=papers,
            approvals=outbox.approvals_to_put(reader),
            unsent=[one for one in opened if not one.was_sent],
            unknown=[one for one in opened if one.was_sent],
        )

    def put_attachment(self, ask: acts.PutAttachment) -> acts.Event:
        about = attachments.find(self._desk.db.reader(), ask.sha256)
        if about is None:
            raise NotAllowed("attachment_missing")
        self._attachment_bytes -= about.size_bytes
        self._platform.put_attachment(about, attachments.read(self._desk, ask.sha256))
        self._sent_bytes += about.size_bytes
        outbox.confirm_attachment(self._desk, ask.sha256)
        return acts.AttachmentPut()

    def put_approval(self, ask: acts.PutApproval) -> acts.Event:
        body = outbox.approval_body(self._desk.db.reader(), ask.approval_id)
        self._platform.put_approval(ask.approval_id, body)
        outbox.confirm_approval(self._desk, ask.approval_id)
        return acts.ApprovalConfirmed()

    def cut_batch(self, ask: acts.CutBatch) -> acts.Event:
        cut = outbox.cut_batch(
            self._desk,
            choose=lambda due: choose(due, ask.limits, items=ask.items, packed_bytes=ask.packed_bytes),
            encode=batch_body,
            is_over=is_due,
            look_at=2 * ask.items,
        )
        return acts.BatchCut(cut)

    def apply_answer(self, ask: acts.ApplyAnswer) -> acts.Event:
        applied = receipts.apply(
            self._desk, ask.answer, retry_in_s=lambda tries: return_s(tries, self._entropy())
        )
        self._applied += applied
        return acts.AnswerApplied(applied)

    def split_batch(self, ask: acts.SplitBatch) -> acts.Event:
        return acts.BatchSplit(batches.split(self._desk, ask.batch_id, tries=ask.tries, encode=batch_body))

    def block_batch(self, ask: acts.BlockBatch) -> acts.Event:
        batches.block(self._desk, ask.batch_id, ask.code)
        return acts.BatchBlocked()

    def pull_feed(self, ask: acts.PullFeed) -> acts.Event:
        return acts.Pulled(self._platform.feed(ask.epoch, ask.after, wait_s=ask.wait_s))

    def apply_page(self, ask: acts.ApplyPage) -> acts.Event:
        events = feed.apply(self._desk, ask.page)
        self._events += events
        return acts.PageApplied(link.link(self._desk.db.reader()).cursor, events)

    def list_evidence(self, _ask: acts.ListEvidence) -> acts.Event:
        wanted = cases.evidence_wanted(self._desk.db.reader())
        self._evidence = {one.sha256: one for one in wanted}
        return acts.EvidenceListed(list(self._evidence))

    def fetch_evidence(self, ask: acts.FetchEvidence) -> acts.Event:
        about = self._evidence[ask.sha256]
        content = self._platform.get_attachment(ask.sha256)
        attachments.keep(self._desk, [content], name=about.name, media_type=about.media_type)
        outbox.confirm_attachment(self._desk, ask.sha256)
        return acts.EvidenceFetched()

    def wait(self, ask: acts.Wait) -> acts.Event:
        self._pause(ask.seconds)
        return acts.Waited()


_BEFORE: Final[Mapping[type, Callable[[_Driver, Any], None]]] = {
    acts.MarkUnknown: _Driver.mark_unknown,
    acts.RefuseApproval: _Driver.refuse_approval,
    acts.RefuseAttachment: _Driver.refuse_attachment,
    acts.PostBatch: _Driver.post_batch,
    acts.AskBatch: _Driver.ask_batch,
}
_ASKS: Final[Mapping[type, Callable[[_Driver, Any], acts.Event]]] = {
    acts.SayHello: _Driver.say_hello,
    acts.AdoptEpoch: _Driver.adopt_epoch,
    acts.Survey: _Driver.survey,
    acts.PutAttachment: _Driver.put_attachment,
    acts.PutApproval: _Driver.put_approval,
    acts.CutBatch: _Driver.cut_batch,
    acts.AwaitFlight: _Driver.await_flight,
    acts.ApplyAnswer: _Driver.apply_answer,
    acts.SplitBatch: _Driver.split_batch,
    acts.BlockBatch: _Driver.block_batch,
    acts.PullFeed: _Driver.pull_feed,
    acts.ApplyPage: _Driver.apply_page,
    acts.ListEvidence: _Driver.list_evidence,
    acts.FetchEvidence: _Driver.fetch_evidence,
    acts.Wait: _Driver.wait,
}
_PHASES: Final[Mapping[type, str]] = {
    acts.SayHello: "hello",
    acts.AdoptEpoch: "hello",
    acts.Survey: "hello",
    acts.PutAttachment: "attachments",
    acts.PutApproval: "approvals",
    acts.CutBatch: "sending",
    acts.AwaitFlight: "sending",
    acts.ApplyAnswer: "sending",
    acts.SplitBatch: "sending",
    acts.BlockBatch: "sending",
    acts.PullFeed: "receiving",
    acts.ApplyPage: "receiving",
    acts.ListEvidence: "evidence",
    acts.FetchEvidence: "evidence",
    acts.Wait: "waiting",
}


def _offset_ms(hello: Hello, before: datetime, after: datetime) -> int:
    """How much the platform's clock is ahead of ours, as of the middle of the exchange."""
    middle = before + (after - before) / 2
    return round((hello.at - middle) / timedelta(milliseconds=1))
