"""Where a cycle stands, and what comes next when nothing is in the way. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from client.core.answers import Applied, Limits
from client.core.batches import OpenBatch
from client.sync import acts
from client.sync.acts import Ask, Effect, Note
from client.sync.plan import Failure


@dataclass(frozen=True, slots=True)
class State:
    """Where a cycle stands. What must survive the program lies in the store, not here.

    Attributes:
        asked: the ask that is not answered yet.
        then: what to ask after a wait.
        unsent, unknown: batches to send, and to ask about, in this order.
        suspects: single versions that failed often; they come last, so that they hold up nobody.
        current: the batch in hand.
        halved: the batch that is being split; its halves inherit its faults.
        deferred: why something was left for the next cycle.
        retry_in_s: when that is to be, for `deferred`.
        answered: batches answered in this cycle.
        link_failures, busy, faults: in a row.
    """

    epoch: str
    failures: int = 0
    feed_wait_s: int = 0
    limits: Limits = field(default_factory=Limits)
    asked: Ask = field(default_factory=acts.SayHello)
    then: Ask | None = None
    cursor: int = 0
    head: int = 0
    attachments: tuple[str, ...] = ()
    approvals: tuple[str, ...] = ()
    unsent: tuple[OpenBatch, ...] = ()
    unknown: tuple[OpenBatch, ...] = ()
    suspects: tuple[OpenBatch, ...] = ()
    current: OpenBatch | None = None
    halved: OpenBatch | None = None
    all_cut: bool = False
    pulled: bool = False
    evidence: tuple[str, ...] | None = None
    deferred: Failure | None = None
    retry_in_s: float | None = None
    answered: int = 0
    link_failures: int = 0
    busy: int = 0
    faults: int = 0
    epochs: int = 0
    tally: Applied = field(default_factory=Applied)

    @property
    def is_done(self) -> bool:
        return isinstance(self.asked, acts.Done)


Step = tuple[State, tuple[Effect, ...]]


def ask(state: State, what: Ask, *notes: Note) -> Step:
    """Ask for one thing; whoever drives the engine does the notes before it."""
    if isinstance(what, acts.PostBatch) and state.current is not None:
        state = replace(state, current=replace(state.current, tries=state.current.tries + 1))
    return replace(state, asked=what), (*notes, what)


def go_on(state: State, *notes: Note) -> Step:
    """Ask for the next thing, in the order of the protocol."""
    state = replace(state, current=None, then=None)
    for choose in (_before_batches, _batches, _news, _suspects):
        chosen = choose(state)
        if chosen is not None:
            return ask(*chosen, *notes)
    return ask(state, acts.Done(state.deferred, state.retry_in_s), *notes)


Choice = tuple[State, Ask] | None


def _before_batches(state: State) -> Choice:
    if state.attachments:
        return state, acts.PutAttachment(state.attachments[0])
    if state.approvals:
        return state, acts.PutApproval(state.approvals[0])
    return None


def _batches(state: State) -> Choice:
    if state.unknown:
        batch, rest = state.unknown[0], state.unknown[1:]
        return replace(state, unknown=rest, current=batch), acts.AskBatch(batch.batch_id)
    if state.unsent:
        batch, rest = state.unsent[0], state.unsent[1:]
        return replace(state, unsent=rest, current=batch), acts.PostBatch(batch.batch_id)
    return None if state.all_cut else (state, acts.CutBatch(state.limits))


def _news(state: State) -> Choice:
    if not state.pulled:
        return state, acts.PullFeed(state.epoch, state.cursor, state.feed_wait_s)
    if state.evidence is None:
        return state, acts.ListEvidence()
    if state.evidence:
        return state, acts.FetchEvidence(state.evidence[0])
    return None


def _suspects(state: State) -> Choice:
    if not state.suspects:
        return None
    batch, rest = state.suspects[0], state.suspects[1:]
    return replace(state, suspects=rest, current=batch), acts.AskBatch(batch.batch_id)


def calm(state: State) -> State:
    """After a word of our platform nothing fails in a row any more."""
    return replace(state, link_failures=0, busy=0, faults=0)
