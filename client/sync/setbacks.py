"""What the engine does when something did not come about. Pure; the tables stand in `plan`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from client.core.batches import OpenBatch
from client.sync import acts, events
from client.sync.acts import Ask, Note
from client.sync.pace import after_loss, after_silence
from client.sync.plan import (
    MOST_BUSY_ANSWERS,
    MOST_FAULTS,
    MOST_LINK_FAILURES,
    PATIENT_S,
    TRIES_OF_A_FAULT,
    Failure,
    Move,
    Verdict,
    after_drop,
    after_fault,
    backoff_s,
    judge,
    patience,
    wait_s,
)
from client.sync.state import Flight, State, Step, ask, go_on, land

MOST_EPOCHS: Final = 2
"""Restores of the platform that one cycle follows; a third means that something is very wrong."""

OF_THE_ITEM: Final = frozenset({400, 403, 404, 409, 412, 413, 422})
"""Refusals that are about the one attachment, approval or post; the rest goes on without it."""

STOPS_EVERYTHING: Final = frozenset({"device_revoked", "protocol_too_old", "device_forked"})


def failed(state: State, event: events.Failed) -> Step:
    """Go on after what was asked last did not come about, or a batch came down without an answer."""
    failure, flight = event.failure, None
    if event.batch_id is not None:
        state, flight = land(state, event.batch_id)
    elif _is_of_the_item(state.asked, failure):
        return _without_the_item(state, failure)
    if state.ending is not None:
        return finish(state, failure, None, flight)
    return _VERDICTS[judge(failure)](state, failure, event.roll, flight)


def _is_of_the_item(asked: Ask, failure: Failure) -> bool:
    if isinstance(asked, acts.PutPost) and (failure.status == 401 or failure.kind == "local"):
        return True  # it goes in the session of who said it, which is that person's, not ours
    if not isinstance(asked, acts.PutAttachment | acts.PutApproval | acts.PutPost | acts.FetchEvidence):
        return False
    if failure.kind == "local":
        return failure.code != "sign_in_needed"
    return failure.status in OF_THE_ITEM and failure.code not in STOPS_EVERYTHING


def _without_the_item(state: State, failure: Failure) -> Step:
    """Go on without one attachment, approval or piece of evidence; say so where somebody sees it."""
    asked = state.asked
    if isinstance(asked, acts.PutAttachment):
        state = replace(state, attachments=state.attachments[1:])
        return go_on(state, acts.RefuseAttachment(asked.sha256, failure.code))
    if isinstance(asked, acts.PutApproval):
        state = replace(state, approvals=state.approvals[1:])
        return go_on(state, acts.RefuseApproval(asked.approval_id, failure.code))
    if isinstance(asked, acts.PutPost):
        state = replace(state, posts=state.posts[1:])
        return go_on(state, acts.RefusePost(asked.post_id, failure.code))
    return go_on(replace(state, evidence=(state.evidence or ())[1:]))


def _pause(state: State, seconds: float, *notes: Note) -> Step:
    """Let land what is on the line, wait, go on."""
    return go_on(replace(state, pause_s=max(seconds, state.pause_s or 0.0)), *notes)


def _once_more(state: State, flight: Flight | None) -> State:
    """Come back to what failed: the question again, the same bytes again, or whatever was asked."""
    if flight is None:
        return replace(state, then=state.asked)
    if flight.is_question:
        return replace(state, unknown=(flight.batch, *state.unknown))
    return replace(state, unsent=(flight.batch, *state.unsent))


def _doubt(flight: Flight | None, failure: Failure) -> tuple[Note, ...]:
    """A batch that was sent, and no answer came: nobody knows."""
    if flight is None or flight.is_question:
        return ()
    return (acts.MarkUnknown(flight.batch.batch_id, failure.code),)


def _again(state: State, failure: Failure, roll: float, flight: Flight | None) -> Step:
    """No answer that can be believed: keep the bytes, wait, and ask before sending again."""
    # What was on the line together fell together: that is one failure.
    failures = state.link_failures + (state.pause_s is None)
    if failures >= MOST_LINK_FAILURES or isinstance(state.asked, acts.SayHello):
        return _give_up(state, failure, roll, flight)
    if state.pause_s is None and flight is not None:
        state = replace(state, pace=after_loss(state.pace))
    elif state.pause_s is None and state.link_failures:  # one question that is lost says little of the line
        state = replace(state, pace=after_silence(state.pace))
    asked_about = flight and replace(flight, is_question=True)
    state = _once_more(replace(state, link_failures=failures), asked_about)
    return _pause(state, backoff_s(max(failures - 1, 0), roll), *_doubt(flight, failure))


def _give_up(state: State, failure: Failure, roll: float, flight: Flight | None) -> Step:
    return finish(state, failure, wait_s(failure, state.failures, roll), flight)


def _needs_a_person(state: State, failure: Failure, _roll: float, flight: Flight | None) -> Step:
    return finish(state, failure, None, flight)


def _busy(state: State, failure: Failure, roll: float, flight: Flight | None) -> Step:
    """The platform asks for time. A short while is waited out, a long one is left to the next cycle."""
    seconds = wait_s(failure, state.failures + state.busy, roll)
    if seconds > PATIENT_S or state.busy >= MOST_BUSY_ANSWERS:
        return finish(state, failure, seconds, flight)
    state = replace(state, busy=state.busy + (state.pause_s is None))
    return _pause(_once_more(state, flight), seconds)


def _working(state: State, failure: Failure, roll: float, flight: Flight | None) -> Step:
    """The platform has the batch and is not done with it: ask in a while; nothing is sent again."""
    if flight is None:
        return finish(state, failure, None)
    seconds = wait_s(failure, state.failures + state.busy, roll)
    if seconds > PATIENT_S or state.busy >= MOST_BUSY_ANSWERS:
        return go_on(_deferring(state, failure, roll))
    state = replace(state, busy=state.busy + (state.pause_s is None))
    return _pause(_once_more(state, replace(flight, is_question=True)), seconds)


def _fault(state: State, failure: Failure, roll: float, flight: Flight | None) -> Step:
    """The platform failed: over this batch, or altogether."""
    state = replace(state, faults=state.faults + 1)
    if state.faults >= MOST_FAULTS or isinstance(state.asked, acts.SayHello):
        return _give_up(state, failure, roll, flight)
    if flight is not None and not flight.is_question:
        return _batch_failed(state, failure, roll, flight.batch)
    if state.faults % TRIES_OF_A_FAULT == 0:
        return _leave_for_later(_deferring(state, failure, roll))
    return _pause(_once_more(state, flight), backoff_s(state.faults - 1, roll))


def _deferring(state: State, failure: Failure, roll: float) -> State:
    return replace(state, deferred=failure, retry_in_s=wait_s(failure, state.failures, roll))


def _leave_for_later(state: State) -> Step:
    """Something that is no batch failed thrice: go on without it in this cycle."""
    asked = state.asked
    if isinstance(asked, acts.PutAttachment):
        return go_on(replace(state, attachments=state.attachments[1:]))
    if isinstance(asked, acts.PutApproval):
        return go_on(replace(state, approvals=state.approvals[1:]))
    if isinstance(asked, acts.PutPost):
        return go_on(replace(state, posts=state.posts[1:]))
    if isinstance(asked, acts.FetchEvidence):
        return go_on(replace(state, evidence=(state.evidence or ())[1:]))
    if isinstance(asked, acts.PullFeed):
        return go_on(replace(state, pulled=True))
    if isinstance(asked, acts.AskMissing):
        return go_on(replace(state, missing_after=None))
    return go_on(state)


def _halve(state: State, failure: Failure, roll: float, flight: Flight | None) -> Step:
    if flight is None or flight.is_question:
        return finish(state, failure, None, flight)
    return _batch_failed(state, failure, roll, flight.batch)


def _batch_failed(state: State, failure: Failure, roll: float, batch: OpenBatch) -> Step:
    since = state.answered if batch.since is None else batch.since
    batch = replace(batch, faults=batch.faults + 1, since=since)
    move = after_fault(
        judge(failure),
        failure.code,
        tries=batch.tries,
        faults=batch.faults,
        items=batch.items,
        others_pass=state.answered > since,
    )
    note = acts.MarkUnknown(batch.batch_id, failure.code)
    wait = wait_s(failure, batch.faults - 1, roll)
    if move is Move.RETRY and wait <= PATIENT_S:
        return _pause(_once_more(state, Flight(batch, is_question=False)), wait, note)
    if move is Move.SPLIT:
        before_last = patience(failure.code) - 1
        state = replace(state, halved=replace(batch, faults=min(batch.faults, before_last)))
        return ask(state, acts.SplitBatch(batch.batch_id, before_last), note)
    if move is Move.BLOCK:
        return ask(state, acts.BlockBatch(batch.batch_id, failure.code), note)
    return go_on(_deferring(state, failure, roll), note)


def _never_seen(state: State, failure: Failure, _roll: float, flight: Flight | None) -> Step:
    """The platform says that it lacks the batch: send the same bytes, or the versions in smaller batches."""
    if flight is None or not flight.is_question:
        return finish(state, failure, None, flight)
    batch = flight.batch
    if after_drop(tries=batch.tries, items=batch.items) is Move.SPLIT:
        state = replace(state, halved=replace(batch, faults=0))
        return ask(state, acts.SplitBatch(batch.batch_id, TRIES_OF_A_FAULT - 1))
    return go_on(_once_more(state, replace(flight, is_question=False)))


def _new_epoch(state: State, failure: Failure, _roll: float, flight: Flight | None) -> Step:
    """The platform was restored from a backup: take its new epoch over and look again what waits."""
    if state.epochs >= MOST_EPOCHS:
        return finish(state, failure, None, flight)
    then = acts.SayHello() if failure.epoch is None else acts.AdoptEpoch(failure.epoch)
    return go_on(replace(state, epochs=state.epochs + 1, then=then), *_doubt(flight, failure))


def _renew(state: State, failure: Failure, _roll: float, flight: Flight | None) -> Step:
    """Another copy of this desk is about: take a new id, once a cycle, and look again what waits."""
    if isinstance(state.then, acts.RenewDevice):  # what was on the line together is refused together
        return go_on(state, *_doubt(flight, failure))
    if state.renewals:
        return finish(state, failure, None, flight)
    return go_on(replace(state, renewals=1, then=acts.RenewDevice()), *_doubt(flight, failure))


def finish(state: State, failure: Failure, retry_in_s: float | None, flight: Flight | None = None) -> Step:
    """End the cycle early, once everything has landed. A batch that was on its way is unknown."""
    ending = state.ending or acts.Done(failure, retry_in_s)
    return go_on(replace(state, ending=ending), *_doubt(flight, failure))


_VERDICTS: Final[Mapping[Verdict, Callable[[State, Failure, float, Flight | None], Step]]] = {
    Verdict.AGAIN: _again,
    Verdict.GIVE_UP: _give_up,
    Verdict.SIGN_IN: _needs_a_person,
    Verdict.STOP: _needs_a_person,
    Verdict.BUSY: _busy,
    Verdict.FAULT: _fault,
    Verdict.HALVE: _halve,
    Verdict.SEND: _never_seen,
    Verdict.NEW_EPOCH: _new_epoch,
    Verdict.WORKING: _working,
    Verdict.RENEW: _renew,
}
