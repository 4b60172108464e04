"""Where a cycle stands, and what comes next when nothing is in the way. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final

from client.core.answers import Applied, Limits
from client.core.batches import OpenBatch, Pace
from client.sync import acts
from client.sync.acts import Ask, Effect, Launch, Note
from client.sync.pace import most_bytes
from client.sync.plan import Failure

NEWS_EVERY: Final = 500
"""The feed is looked into after so many answers, or a batch of them, while batches are on the line: both
sides are at work, and little is left to read at the end."""


@dataclass(frozen=True, slots=True)
class Flight:
    """A batch on the line.

    Attributes:
        is_question: it is asked about, not sent.
    """

    batch: OpenBatch
    is_question: bool


@dataclass(frozen=True, slots=True)
class State:
    """Where a cycle stands. What must survive the program lies in the store, not here.

    Attributes:
        pace: how large batches are, and how many fly at once while all is well.
        has_spread: the cycle before was put off because the platform asked for it.
        asked: the ask that is not answered yet.
        missing_after: the restored platform was asked up to this version what it lacks; None: it need not be.
        legal: those attachments and approvals that decisions and withdrawals need; they stand first.
        unsent, unknown: batches to send, and to ask about, in this order.
        suspects: single versions that failed often; they come last, so that they hold up nobody.
        flying: batches on the line, in the order of their launch.
        halved: the batch that is being split; its halves inherit its faults.
        legal_cut: decisions and withdrawals that wait are in batches.
        unread: versions that were answered since the feed was last looked into.
        pause_s: how long to wait, once everything has landed.
        then: what to ask after that, instead of going on.
        ending: how the cycle ends, once everything has landed.
        deferred: why something was left for the next cycle.
        retry_in_s: when that is to be, for `deferred`.
        answered: batches answered in this cycle.
        link_failures, busy, faults: in a row. Failures of the link and busy answers of batches that were
            on the line together count once.
    """

    epoch: str
    failures: int = 0
    feed_wait_s: int = 0
    pace: Pace = field(default_factory=Pace)
    has_spread: bool = False
    limits: Limits = field(default_factory=Limits)
    asked: Ask = field(default_factory=acts.SayHello)
    cursor: int = 0
    head: int = 0
    missing_after: int | None = None
    attachments: tuple[str, ...] = ()
    approvals: tuple[str, ...] = ()
    legal: frozenset[str] = frozenset()
    posts: tuple[str, ...] = ()
    unsent: tuple[OpenBatch, ...] = ()
    unknown: tuple[OpenBatch, ...] = ()
    suspects: tuple[OpenBatch, ...] = ()
    flying: tuple[Flight, ...] = ()
    halved: OpenBatch | None = None
    pause_s: float | None = None
    then: Ask | None = None
    ending: acts.Done | None = None
    legal_cut: bool = False
    all_cut: bool = False
    pulled: bool = False
    unread: int = 0
    evidence: tuple[str, ...] | None = None
    deferred: Failure | None = None
    retry_in_s: float | None = None
    answered: int = 0
    link_failures: int = 0
    busy: int = 0
    faults: int = 0
    epochs: int = 0
    renewals: int = 0
    tally: Applied = field(default_factory=Applied)

    @property
    def is_done(self) -> bool:
        return isinstance(self.asked, acts.Done)

    @property
    def is_settling(self) -> bool:
        """Nothing new is begun until what is on the line has landed."""
        return self.ending is not None or self.pause_s is not None or self.then is not None

    @property
    def has_room(self) -> bool:
        """One more batch may go on the line. After a failure they go one by one until something came back."""
        troubled = self.link_failures or self.busy or self.faults
        return len(self.flying) < (1 if troubled else self.pace.in_flight)


Step = tuple[State, tuple[Effect, ...]]
Before = Note | Launch


def ask(state: State, what: Ask, *before: Before) -> Step:
    """Ask for one thing; whoever drives the engine does first what stands before it."""
    return replace(state, asked=what), (*before, what)


def go_on(state: State, *notes: Note) -> Step:
    """Ask for the next thing, in the order of the protocol."""
    if state.is_settling:
        return _settle(state, notes)
    chosen = _before_batches(state)
    if chosen is not None:
        return ask(*chosen, *notes)
    state, launches = _launch(state)
    for choose in (_papers, _batches, _news):
        chosen = choose(state)
        if chosen is not None:
            return ask(*chosen, *notes, *launches)
    if state.suspects:
        state = replace(state, unknown=state.suspects[:1], suspects=state.suspects[1:])
        return go_on(state, *notes)
    return ask(state, acts.Done(state.deferred, state.retry_in_s), *notes)


def land(state: State, batch_id: str) -> tuple[State, Flight]:
    """Take a batch off the line.

    Raises:
        ValueError: it is not on the line.
    """
    for flight in state.flying:
        if flight.batch.batch_id == batch_id:
            return replace(state, flying=tuple(one for one in state.flying if one is not flight)), flight
    raise ValueError(f"batch {batch_id} is not on the line")


def calm(state: State) -> State:
    """After a word of our platform nothing fails in a row any more."""
    return replace(state, link_failures=0, busy=0, faults=0)


def _settle(state: State, notes: tuple[Note, ...]) -> Step:
    if state.flying:
        return ask(state, acts.AwaitFlight(), *notes)
    if state.ending is not None:
        return ask(state, state.ending, *notes)
    if state.pause_s is not None:
        return ask(replace(state, pause_s=None), acts.Wait(state.pause_s), *notes)
    if state.then is None:
        raise ValueError("nothing is settling")
    return ask(replace(state, then=None), state.then, *notes)


def _launch(state: State) -> tuple[State, tuple[Launch, ...]]:
    """Put what waits for it on the line, as far as there is room: questions first."""
    launches: list[Launch] = []
    while state.has_room and (state.unknown or state.unsent):
        if state.unknown:
            batch, unknown = state.unknown[0], state.unknown[1:]
            state = replace(state, unknown=unknown, flying=(*state.flying, Flight(batch, True)))
            launches.append(acts.AskBatch(batch.batch_id))
        else:
            batch, unsent = state.unsent[0], state.unsent[1:]
            batch = replace(batch, tries=batch.tries + 1)
            state = replace(state, unsent=unsent, flying=(*state.flying, Flight(batch, False)))
            launches.append(acts.PostBatch(batch.batch_id))
    return state, tuple(launches)


Choice = tuple[State, Ask] | None


def _before_batches(state: State) -> Choice:
    if state.missing_after is not None:
        return state, acts.AskMissing(state.missing_after)
    if not state.legal.isdisjoint((*state.attachments[:1], *state.approvals[:1])):
        return _papers(state, state.legal)
    # Before decisions: what was said of a case earlier comes earlier.
    if state.posts:
        return state, acts.PutPost(state.posts[0])
    # Before the batches of before: the platform may have no room for those, but has a lane for these.
    return None if state.legal_cut else (state, _cut(state, legal_only=True))


def _papers(state: State, among: frozenset[str] | None = None) -> Choice:
    """Hand over what batches refer to; those that the law sets a term for are on the line by then."""
    for papers, put in ((state.attachments, acts.PutAttachment), (state.approvals, acts.PutApproval)):
        if papers and (among is None or papers[0] in among):
            return state, put(papers[0])
    return None


def _cut(state: State, *, legal_only: bool = False) -> Ask:
    items = min(state.pace.items, state.limits.batch_items)
    return acts.CutBatch(state.limits, items, most_bytes(state.pace), legal_only)


def _batches(state: State) -> Choice:
    if state.has_room and not state.all_cut:
        return state, _cut(state)
    if not state.flying:
        return None
    if state.unread >= min(NEWS_EVERY, state.pace.items):
        return replace(state, unread=0), acts.PullFeed(state.epoch, state.cursor, 0)
    return state, acts.AwaitFlight()


def _news(state: State) -> Choice:
    if not state.pulled:
        return state, acts.PullFeed(state.epoch, state.cursor, state.feed_wait_s)
    if state.evidence is None:
        return state, acts.ListEvidence()
    if state.evidence:
        return state, acts.FetchEvidence(state.evidence[0])
    return None
