"""Does what the engine asks, with the store on one side and the platform on the other."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from client.core.answers import Applied, Hello
from client.core.batches import Due, FrozenBatch, Pace
from client.core.records import Attachment
from client.errors import ClientError, FileRefused, LinkError, NotAllowed, PlatformRefusal, StoreError
from client.store import attachments, batches, case_sending, cases, feed, link, missing, outbox, receipts
from client.store.desk import Desk
from client.sync import acts, engine, events, fetching, signin, uploading
from client.sync.api import FEED_ITEMS, MOST_ASKED, Platform
from client.sync.cutting import choose
from client.sync.flights import Flights, PageAsked, Timer, items_of_a_page
from client.sync.lanes import Lanes
from client.sync.outcome import PHASES, Progress, SyncOutcome, Tell, failure_of
from client.sync.pace import expected_s, is_slow, seconds_left
from client.sync.pausing import Cancelled, Pause
from client.sync.plan import ASKED_TO_SPREAD, Failure, is_due, page_items, return_s
from client.sync.wire import Pinned, Transport, batch_body

OF_AN_ATTACHMENT: Final = frozenset({"attachment_missing", "attachment_damaged"})
"""Errors of the store that are about one file; any other means that the desk cannot be written."""

Entropy = Callable[[], float]


class Driver:
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
        self._entropy, self._pause, self._timer = entropy, pause, timer
        pinned = Pinned(desk.device.server_id, desk.device.server_key)
        self._transport = transport
        self._token: str | None = None
        self._platform = Platform(transport, pinned, lambda: self._token, self._expected_s)
        self._flights = Flights(self._platform, lanes, timer)
        self._frozen: FrozenBatch | None = None  # that was cut last
        self._landing: str | None = None
        self._stopping = False
        self._errors: dict[Failure, ClientError] = {}
        self._evidence: dict[str, Attachment] = {}
        self._applied = Applied()
        self._events = 0
        self._restored = self._renewed = False
        self._resent = 0
        self._clock_jump_s: int | None = None
        self._pace, self._page_items = Pace(), FEED_ITEMS
        self._sent_bytes = self._attachment_bytes = 0
        self._total = outbox.waiting(desk.db.reader())

    def run(self, feed_wait_s: int) -> SyncOutcome:
        link.after_restore(self._desk)
        now = link.link(self._desk.db.reader())
        self._pace = link.remembered_pace(self._desk.db.reader())
        has_spread = now.last_error == ASKED_TO_SPREAD
        started = events.Started(now.epoch, now.failures, feed_wait_s, self._pace, has_spread)
        state, effects = engine.begin(started)
        while True:
            self._pace = state.pace
            *before, ask = effects
            for note in before:
                _BEFORE[type(note)](self, note)
            if isinstance(ask, acts.Done):
                return self._end(ask)
            state, effects = engine.step(state, self._answer(ask))

    def _answer(self, ask: acts.Effect) -> events.Event:
        if self._cancelled() and not self._stopping:
            self._stopping = True
            return events.Stop()
        self._progress(self._how_far(PHASES[type(ask)]))
        if type(ask) not in _AT_HOME:
            self._token = link.token(self._desk.db.reader(), self._desk.operator.operator_id)
        self._landing = None
        try:
            event: events.Event = _ASKS[type(ask)](self, ask)
        except (LinkError, PlatformRefusal, NotAllowed, FileRefused, StoreError) as error:
            if isinstance(error, StoreError) and error.code not in OF_AN_ATTACHMENT:
                raise
            failure = failure_of(error)
            self._errors[failure] = error
            self._note_refusal(failure)
            return events.Failed(failure, self._entropy(), self._landing)
        return event

    def _note_refusal(self, failure: Failure) -> None:
        """Keep with a batch what the platform said to its last sending."""
        if self._landing is not None and failure.kind == "refused":
            batches.note_refusal(self._desk, self._landing, failure.code)

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
        problem = None
        if done.failure is not None:
            refusal = PlatformRefusal(done.failure.code, status=done.failure.status)
            problem = self._errors.get(done.failure, refusal)
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
        if self._desk.second_copy is not None:
            self._desk.second_copy.trim(self._desk)
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
            resent=self._resent,
            renewed=self._renewed,
            clock_jump_s=self._clock_jump_s,
        )

    # notes

    def mark_unknown(self, note: acts.MarkUnknown) -> None:
        batches.mark_unknown(self._desk, note.batch_id, note.code)

    def refuse_approval(self, note: acts.RefuseApproval) -> None:
        outbox.refuse_approval(self._desk, note.approval_id, note.code)

    def refuse_attachment(self, note: acts.RefuseAttachment) -> None:
        outbox.refuse_attachment(self._desk, note.sha256, note.code)

    def refuse_post(self, note: acts.RefusePost) -> None:
        case_sending.refused(self._desk, note.post_id, note.code)

    # launches

    def post_batch(self, launch: acts.PostBatch) -> None:
        batches.mark_sending(self._desk, launch.batch_id)
        self._flights.post(self._frozen_batch(launch.batch_id), self._pace)

    def ask_batch(self, launch: acts.AskBatch) -> None:
        self._flights.ask(self._frozen_batch(launch.batch_id), self._pace)

    def _frozen_batch(self, batch_id: str) -> FrozenBatch:
        """The bytes of a batch, out of the store; those that were cut just now are at hand."""
        cut, self._frozen = self._frozen, None
        if cut is not None and cut.batch_id == batch_id:
            return cut
        return batches.frozen(self._desk.db.reader(), batch_id)

    def _expected_s(self, size_bytes: int) -> float:
        return expected_s(self._pace, self._flights.versions, size_bytes)

    # asks

    def await_flight(self, _ask: acts.AwaitFlight) -> events.Event:
        self._landing = self._flights.landed()
        answer, trip = self._flights.take(self._landing)
        if answer.epoch and answer.epoch != link.link(self._desk.db.reader()).epoch:
            # A proxy gave what the platform had said before it was restored: it may know nothing of it now.
            raise LinkError("not_ours", why="epoch")
        self._sent_bytes += trip.sent_bytes if trip else 0
        return events.Answered(answer, trip)

    def say_hello(self, _ask: acts.SayHello) -> events.Event:
        before = self._desk.clock()
        hello = self._platform.hello()
        jump_s = link.remember_hello(self._desk, hello, _offset_ms(hello, before, self._desk.clock()))
        self._clock_jump_s = jump_s or self._clock_jump_s
        return events.Greeted(hello, self._entropy() if hello.spread_s else 0.0)

    def adopt_epoch(self, ask: acts.AdoptEpoch) -> events.Event:
        link.adopt_epoch(self._desk, ask.epoch)
        self._restored = True
        return events.EpochAdopted(ask.epoch)

    def renew_device(self, _ask: acts.RenewDevice) -> events.Event:
        signin.renew(self._desk, self._transport)
        self._renewed = True
        return events.DeviceRenewed()

    def ask_missing(self, ask: acts.AskMissing) -> events.Event:
        page = missing.accepted_after(self._desk.db.reader(), ask.after, limit=MOST_ASKED)
        lacks = self._platform.missing(page.version_ids) if page.version_ids else []
        return events.MissingTold(tuple(lacks), page.up_to)

    def queue_again(self, ask: acts.QueueAgain) -> events.Event:
        queued = missing.queue_again(self._desk, ask.version_ids, ask.up_to)
        self._resent += queued
        self._total += queued
        return events.QueuedAgain()

    def survey(self, _ask: acts.Survey) -> events.Event:
        reader = self._desk.db.reader()
        opened = batches.open_batches(reader)
        papers = outbox.attachments_to_put(reader)
        found = (attachments.find(reader, sha256) for sha256 in papers)
        self._attachment_bytes = sum(one.size_bytes for one in found if one is not None)
        return events.Surveyed(
            legal=outbox.legal_papers(reader),
            cursor=link.link(reader).cursor,
            missing_after=link.asked_up_to(reader),
            attachments=papers,
            approvals=outbox.approvals_to_put(reader),
            posts=case_sending.to_send(reader),
            unsent=[one for one in opened if not one.was_sent],
            unknown=[one for one in opened if one.was_sent],
        )

    def put_attachment(self, ask: acts.PutAttachment) -> events.Event:
        about = attachments.find(self._desk.db.reader(), ask.sha256)
        if about is None:
            raise NotAllowed("attachment_missing")
        left, before = self._attachment_bytes, self._sent_bytes

        def told(offset: int) -> None:
            self._attachment_bytes, self._sent_bytes = left - offset, before + offset
            self._progress(self._how_far("attachments"))

        with attachments.Pieces(self._desk, ask.sha256) as pieces:
            whole = uploading.send(
                self._platform, about, pieces.read, timer=self._timer, cancelled=self._cancelled, told=told
            )
        if not whole:
            self._stopping = True
            return events.Stop()
        outbox.confirm_attachment(self._desk, ask.sha256)
        return events.AttachmentPut()

    def put_approval(self, ask: acts.PutApproval) -> events.Event:
        body = outbox.approval_body(self._desk.db.reader(), ask.approval_id)
        begun = self._timer()
        size_bytes = self._platform.put_approval(ask.approval_id, body, is_slow=is_slow(self._pace))
        took_s = self._timer() - begun
        outbox.confirm_approval(self._desk, ask.approval_id)
        return events.ApprovalConfirmed(size_bytes, took_s)

    def put_post(self, ask: acts.PutPost) -> events.Event:
        post = case_sending.begin(self._desk, ask.post_id)
        if post is not None:
            # In the session of who said it: rights are looked up at the platform by that.
            self._token = link.token(self._desk.db.reader(), post.operator)
            self._platform.put_post(post, case_sending.frozen(self._desk.db.reader(), ask.post_id))
            case_sending.done(self._desk, ask.post_id)
        return events.PostPut()

    def cut_batch(self, ask: acts.CutBatch) -> events.Event:
        def chosen(due: Sequence[Due]) -> Sequence[Due]:
            return choose(
                due,
                ask.limits,
                items=ask.items,
                packed_bytes=ask.packed_bytes,
                legal_only=ask.legal_only,
                item_bytes=self._pace.item_bytes,
            )

        cut = outbox.cut_batch(
            self._desk,
            choose=chosen,
            encode=batch_body,
            is_over=is_due,
            look_at=ask.items,
            keep=self._keep,
        )
        return events.BatchCut(cut)

    def _keep(self, frozen: FrozenBatch) -> None:
        self._frozen = frozen

    def apply_answer(self, ask: acts.ApplyAnswer) -> events.Event:
        applied = receipts.apply(
            self._desk, ask.answer, retry_in_s=lambda tries: return_s(tries, self._entropy())
        )
        self._applied += applied
        return events.AnswerApplied(applied)

    def split_batch(self, ask: acts.SplitBatch) -> events.Event:
        return events.BatchSplit(batches.split(self._desk, ask.batch_id, tries=ask.tries, encode=batch_body))

    def block_batch(self, ask: acts.BlockBatch) -> events.Event:
        batches.block(self._desk, ask.batch_id, ask.code)
        return events.BatchBlocked()

    def pull_feed(self, ask: acts.PullFeed) -> events.Event:
        short = is_slow(self._pace)
        items = items_of_a_page(self._pace, self._page_items, in_short=short)
        asked = PageAsked(ask.epoch, ask.after, ask.after, ask.wait_s, items, short)
        page, took_s = self._flights.page(asked, partial(receipts.checked, self._desk.db.reader()))
        if len(page.items) == items:
            self._page_items = page_items(items, took_s)
        if page.items and page.next < page.head:
            items = items_of_a_page(self._pace, self._page_items, in_short=short)
            self._flights.fetch_ahead(replace(asked, after=page.next, items=items))
        return events.Pulled(page)

    def apply_page(self, ask: acts.ApplyPage) -> events.Event:
        fresh = feed.apply(self._desk, ask.page)
        self._events += fresh
        return events.PageApplied(link.link(self._desk.db.reader()).cursor, fresh)

    def list_evidence(self, _ask: acts.ListEvidence) -> events.Event:
        wanted = cases.evidence_wanted(self._desk.db.reader())
        self._evidence = {one.sha256: one for one in wanted}
        return events.EvidenceListed(list(self._evidence))

    def fetch_evidence(self, ask: acts.FetchEvidence) -> events.Event:
        about = self._evidence[ask.sha256]
        came = fetching.pieces_of(self._platform, about, timer=self._timer, cancelled=self._cancelled)
        try:
            attachments.keep(self._desk, came, name=about.name, media_type=about.media_type)
        except fetching.Stopped:
            self._stopping = True
            return events.Stop()
        outbox.confirm_attachment(self._desk, ask.sha256)
        return events.EvidenceFetched()

    def wait(self, ask: acts.Wait) -> events.Event:
        self._pause(ask.seconds)
        return events.Waited()


_BEFORE: Final[Mapping[type, Callable[[Driver, Any], None]]] = {
    acts.MarkUnknown: Driver.mark_unknown,
    acts.RefuseApproval: Driver.refuse_approval,
    acts.RefuseAttachment: Driver.refuse_attachment,
    acts.RefusePost: Driver.refuse_post,
    acts.PostBatch: Driver.post_batch,
    acts.AskBatch: Driver.ask_batch,
}
_ASKS: Final[Mapping[type, Callable[[Driver, Any], events.Event]]] = {
    acts.SayHello: Driver.say_hello,
    acts.AdoptEpoch: Driver.adopt_epoch,
    acts.RenewDevice: Driver.renew_device,
    acts.AskMissing: Driver.ask_missing,
    acts.QueueAgain: Driver.queue_again,
    acts.Survey: Driver.survey,
    acts.PutAttachment: Driver.put_attachment,
    acts.PutApproval: Driver.put_approval,
    acts.PutPost: Driver.put_post,
    acts.CutBatch: Driver.cut_batch,
    acts.AwaitFlight: Driver.await_flight,
    acts.ApplyAnswer: Driver.apply_answer,
    acts.SplitBatch: Driver.split_batch,
    acts.BlockBatch: Driver.block_batch,
    acts.PullFeed: Driver.pull_feed,
    acts.ApplyPage: Driver.apply_page,
    acts.ListEvidence: Driver.list_evidence,
    acts.FetchEvidence: Driver.fetch_evidence,
    acts.Wait: Driver.wait,
}
_AT_HOME: Final = frozenset({acts.AwaitFlight, acts.ApplyAnswer, acts.ApplyPage})
"""Asks that go nowhere with a session."""


def _offset_ms(hello: Hello, before: datetime, after: datetime) -> int:
    """How much the platform's clock is ahead of ours, as of the middle of the exchange."""
    middle = before + (after - before) / 2
    return round((hello.at - middle) / timedelta(milliseconds=1))
