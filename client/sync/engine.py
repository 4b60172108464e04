"""One cycle of sync as a step function: what happened goes in, what to do next comes out.

Without Qt, clock, random, threads, network or database: whoever drives it does what it asks and
tells it what came of it. So the same engine runs in the window, on the command line, over a file
on a stick and in a simulator. README.md beside this file tells the algorithm in prose.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from client.core.batches import OpenBatch
from client.sync import acts, events
from client.sync.events import Event
from client.sync.pace import after_answer, after_words
from client.sync.plan import ASKED_TO_SPREAD, CAP_S, PATIENT_S, TRIES_OF_A_FAULT, Failure
from client.sync.setbacks import failed, finish
from client.sync.state import State, Step, ask, calm, go_on, land

__all__ = ["PROTOCOL", "State", "Step", "begin", "step"]

PROTOCOL: Final = 1


def begin(event: events.Started) -> Step:
    """Return the first state and what to do first."""
    state = State(event.epoch, event.failures, event.feed_wait_s, event.pace, event.has_spread)
    return ask(state, acts.SayHello())


def step(state: State, event: Event) -> Step:
    """Return the next state and what to do now: notes and launches first, then one ask (the last).

    Raises:
        ValueError: the cycle is over, or the event answers nothing that was asked.
    """
    handler = _ON.get(type(event))
    if handler is None or state.is_done:
        raise ValueError(f"{type(event).__name__} after {type(state.asked).__name__}")
    return handler(state, event)


def _greeted(state: State, event: events.Greeted) -> Step:
    hello = event.hello
    state = replace(calm(state), limits=hello.limits)
    if not hello.protocol_min <= PROTOCOL <= hello.protocol_max:
        return finish(state, Failure("refused", "protocol_too_old", 426), None)
    if hello.epoch != state.epoch:
        state = replace(state, epochs=state.epochs + 1, then=acts.AdoptEpoch(hello.epoch))
    else:
        state = replace(state, then=acts.Survey())
    return _spread(state, hello.spread_s * event.roll)


def _spread(state: State, seconds: float) -> Step:
    """After an outage the platform lets the desks come back over a while, not all at once."""
    if seconds <= 0 or state.has_spread:
        return go_on(state)
    if seconds > PATIENT_S:
        return finish(state, Failure("refused", ASKED_TO_SPREAD, 503, seconds), min(seconds, CAP_S))
    return go_on(replace(state, has_spread=True, pause_s=seconds))


def _epoch_adopted(state: State, event: events.EpochAdopted) -> Step:
    return ask(replace(state, epoch=event.epoch), acts.Survey())


def _device_renewed(state: State, _event: events.DeviceRenewed) -> Step:
    return ask(calm(state), acts.Survey())


def _missing_told(state: State, event: events.MissingTold) -> Step:
    return ask(
        calm(replace(state, missing_after=event.up_to)), acts.QueueAgain(event.version_ids, event.up_to)
    )


def _queued_again(state: State, _event: events.QueuedAgain) -> Step:
    """After the last page look again: approvals and attachments of what was lost are to be sent too."""
    return ask(state, acts.Survey()) if state.missing_after is None else go_on(state)


def _surveyed(state: State, event: events.Surveyed) -> Step:
    # The least tried first: where several are poisoned, a good one among them gets its turn.
    opened = sorted(event.unknown, key=lambda b: b.tries)
    suspects = tuple(replace(b, since=0) for b in opened if _is_suspect(b))
    unknown = tuple(b for b in opened if not _is_suspect(b))
    return go_on(
        replace(
            state,
            cursor=event.cursor,
            missing_after=event.missing_after,
            attachments=tuple(sorted(event.attachments, key=lambda one: one not in event.legal)),
            approvals=tuple(sorted(event.approvals, key=lambda one: one not in event.legal)),
            legal=event.legal,
            posts=tuple(event.posts),
            unsent=tuple(event.unsent),
            unknown=unknown,
            suspects=suspects,
            legal_cut=not event.legal,
            all_cut=False,
            pulled=False,
            evidence=None,
        )
    )


def _is_suspect(batch: OpenBatch) -> bool:
    return batch.items == 1 and batch.tries >= TRIES_OF_A_FAULT


def _attachment_put(state: State, _event: events.AttachmentPut) -> Step:
    return go_on(replace(calm(state), attachments=state.attachments[1:]))


def _approval_confirmed(state: State, event: events.ApprovalConfirmed) -> Step:
    pace = after_words(state.pace, event.size_bytes, event.seconds, most_items=state.limits.batch_items)
    return go_on(replace(calm(state), pace=pace, approvals=state.approvals[1:]))


def _post_put(state: State, _event: events.PostPut) -> Step:
    return go_on(replace(calm(state), posts=state.posts[1:]))


def _batch_cut(state: State, event: events.BatchCut) -> Step:
    if not state.legal_cut:
        if event.batch is None:
            return go_on(replace(state, legal_cut=True))
        return go_on(replace(state, unsent=(event.batch, *state.unsent)))
    if event.batch is None:
        return go_on(replace(state, all_cut=True))
    return go_on(replace(state, unsent=(*state.unsent, event.batch), pulled=False))


def _answered(state: State, event: events.Answered) -> Step:
    state, _ = land(state, event.answer.batch_id)
    if event.trip is not None:
        pace = after_answer(state.pace, event.trip, most_items=state.limits.batch_items)
        state = replace(state, pace=pace)
    return ask(calm(state), acts.ApplyAnswer(event.answer))


def _answer_applied(state: State, event: events.AnswerApplied) -> Step:
    """What waited for these versions may be due now, unless the sending of this cycle is over."""
    told = event.applied.accepted + event.applied.rejected
    state = replace(
        state, answered=state.answered + 1, tally=state.tally + event.applied, unread=state.unread + told
    )
    return go_on(replace(state, all_cut=state.all_cut and state.pulled))


def _batch_split(state: State, event: events.BatchSplit) -> Step:
    whole = state.halved
    if whole is None:
        raise ValueError("nothing was split")
    halves = (replace(half, faults=whole.faults, since=whole.since) for half in event.halves)
    return go_on(replace(state, halved=None, unsent=(*state.unsent, *halves)))


def _batch_blocked(state: State, _event: events.BatchBlocked) -> Step:
    return go_on(state)


def _pulled(state: State, event: events.Pulled) -> Step:
    return ask(replace(calm(state), head=event.page.head), acts.ApplyPage(event.page))


def _page_applied(state: State, event: events.PageApplied) -> Step:
    """Go on until the head is reached; whoever waits for news goes on until there are none.

    While batches are on the line it is not the end yet.
    """
    over = event.events == 0 or (event.cursor >= state.head and state.feed_wait_s == 0)
    return go_on(replace(state, cursor=event.cursor, pulled=over and not state.flying))


def _evidence_listed(state: State, event: events.EvidenceListed) -> Step:
    return go_on(replace(state, evidence=tuple(event.wanted)))


def _evidence_fetched(state: State, _event: events.EvidenceFetched) -> Step:
    return go_on(replace(calm(state), evidence=(state.evidence or ())[1:]))


def _waited(state: State, _event: events.Waited) -> Step:
    return go_on(state)


def _stop(state: State, _event: events.Stop) -> Step:
    """End; what is on the line is heard to its end, and nothing new is begun."""
    return go_on(replace(state, ending=acts.Done(stopped=True)))


_ON: Final[Mapping[type, Callable[[State, Any], Step]]] = {
    events.Greeted: _greeted,
    events.EpochAdopted: _epoch_adopted,
    events.DeviceRenewed: _device_renewed,
    events.MissingTold: _missing_told,
    events.QueuedAgain: _queued_again,
    events.Surveyed: _surveyed,
    events.AttachmentPut: _attachment_put,
    events.ApprovalConfirmed: _approval_confirmed,
    events.PostPut: _post_put,
    events.BatchCut: _batch_cut,
    events.Answered: _answered,
    events.AnswerApplied: _answer_applied,
    events.BatchSplit: _batch_split,
    events.BatchBlocked: _batch_blocked,
    events.Pulled: _pulled,
    events.PageApplied: _page_applied,
    events.EvidenceListed: _evidence_listed,
    events.EvidenceFetched: _evidence_fetched,
    events.Waited: _waited,
    events.Failed: failed,
    events.Stop: _stop,
}
