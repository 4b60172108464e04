"""Known-bad twins of the product, each with a fault that such programs really have; all must be caught.

A mutant changes the product in this process only, while it is worn. One that survives shows that the suite
could not see that fault, and fails the run.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import Any, Final

from client.core.answers import Answer, FeedPage, Receipt
from client.core.batches import FrozenBatch, OpenBatch
from client.errors import LinkError, PlatformRefusal
from client.store import (
    approvals,
    batches,
    cases,
    drafts,
    feed,
    link,
    missing,
    outbox,
    receipts,
    second_copy,
)
from client.store.desk import Desk
from client.sync import api, plan, reading
from forms.seal.canonical import canonical, digest
from regional_platform import approvals as platform_approvals
from regional_platform.api import batches as routes
from regional_platform.pipeline import judge, receive
from regional_platform.problems import Refusal
from tests.faults import simulator
from tests.faults.checker import Violation
from tests.faults.store import swapped

MOST_SEEDS: Final = 30
"""A mutant that lives for longer counts as a survivor."""


@dataclass(frozen=True)
class Mutant:
    """A fault of the product.

    Attributes:
        row: of docs/faults.md, the faults of the world that show it.
        world: in which those happen often.
        wear: changes the product while it is entered.
    """

    name: str
    row: str
    world: simulator.World
    wear: Callable[[], AbstractContextManager[None]]


@dataclass(frozen=True)
class Hunt:
    """How a mutant fared; `caught` is what the checker said first, None when it survived."""

    mutant: Mutant
    seeds: int
    seed: int | None
    caught: Violation | None


MUTANTS: Final[dict[str, Mutant]] = {}


def mutant(row: str, **world: Any) -> Callable[[Callable[[], Iterator[None]]], Callable[[], Iterator[None]]]:
    """Enter a function that changes the product among the mutants, under its own name."""

    def enter(wear: Callable[[], Iterator[None]]) -> Callable[[], Iterator[None]]:
        name = wear.__name__.strip("_").replace("_", " ")
        MUTANTS[name] = Mutant(name, row, simulator.World(**world), contextmanager(wear))
        return wear

    return enter


def hunt(one: Mutant, *, most: int = MOST_SEEDS) -> Hunt:
    """Run seeds on a mutant until the checker catches it."""
    for seed in range(most):
        with one.wear():
            try:
                found = simulator.run(seed, one.world).violations
            except Exception as error:  # noqa: BLE001 - a program that breaks down is caught, too
                found = (Violation("X", f"{type(error).__name__}: {error}"),)
        if found:
            return Hunt(one, seed + 1, seed, found[0])
    return Hunt(one, most, None, None)


LOST: Final[Mapping[str, Any]] = {"fates": {"request_lost": 60, "answer_lost": 60, "later": 40}}
DOUBLES: Final[Mapping[str, Any]] = {"fates": {"answer_lost": 60, "twice": 60, "late_arrives": 60}}
LIES: Final[Mapping[str, Any]] = {
    "fates": {"garbage": 40, "proxy_page": 40, "forged": 40, "another": 40, "cut": 40}
}
RACES: Final[Mapping[str, Any]] = {"acts": {"race": 40, "other_desk": 40}}
LOST_DATABASES: Final[Mapping[str, Any]] = {"acts": {"backup": 20, "database_lost": 30, "create": 40}}
RESTORES: Final[Mapping[str, Any]] = {"acts": {"region_restored": 30, "create": 25}}
"""Worlds in which some faults are frequent."""

# --- the platform


@mutant("F6 lost answer, late duplicate", **DOUBLES)
def _platform_does_not_know_what_it_has_seen() -> Iterator[None]:
    rules = tuple(rule for rule in judge.RECORD_RULES if rule is not judge._seen_before)
    with (
        swapped(receive, "stored_answer", lambda *_: None),
        swapped(routes, "stored_answer", lambda *_: None),
        swapped(judge, "RECORD_RULES", rules),
    ):
        yield


def _line_without(*codes: str) -> Callable[..., Any]:
    """The rule of the line of versions, deaf to some of what it says."""
    whole = judge._line

    def line(one: Any, world: Any) -> Any:
        said = whole(one, world)
        code = "" if said is None else (said.problem or {}).get("type", "").rpartition(":")[2]
        return None if code in codes else said

    return line


@contextmanager
def _with_line(line: Callable[..., Any]) -> Iterator[None]:
    rules = tuple(line if rule is judge._line else rule for rule in judge.RECORD_RULES)
    with swapped(judge, "RECORD_RULES", rules):
        yield


@mutant("F13 two desks, one record", **RACES)
def _last_writer_wins() -> Iterator[None]:
    with _with_line(_line_without("stale", "withdrawn-already")):
        yield


@mutant("F13 two desks, one record", **RACES)
def _parent_order_ignored() -> Iterator[None]:
    with _with_line(_line_without("parent-unknown", "parent-rejected")):
        yield


@mutant("F17 poison", acts={"faulty": 40})
def _one_bad_record_fails_the_batch() -> Iterator[None]:
    whole = receive._judge_all

    def judge_all(*arguments: Any) -> Any:
        judged = whole(*arguments)
        if any(each.verdict.outcome == "rejected" for each in judged):
            raise Refusal("malformed")
        return judged

    with swapped(receive, "_judge_all", judge_all):
        yield


@mutant("F6 late duplicate", **DOUBLES)
def _a_replay_is_judged_and_signed_anew() -> Iterator[None]:
    whole = judge._seen_before

    def seen_before(one: Any, world: Any) -> Any:
        said = whole(one, world)
        return None if said is None or said.replay is None else judge.Verdict("accepted", foreign=True)

    rules = tuple(seen_before if rule is whole else rule for rule in judge.RECORD_RULES)
    with (
        swapped(receive, "stored_answer", lambda *_: None),
        swapped(routes, "stored_answer", lambda *_: None),
        swapped(judge, "RECORD_RULES", rules),
    ):
        yield


# --- what an answer is


def _fabricated(batch_id: str, versions: Mapping[str, str], outcome: str = "accepted") -> Answer:
    """An answer that nobody gave."""
    made = [
        Receipt(version_id, record_id, sha, "checked", outcome, "-", "-", None, canonical([version_id]))
        for version_id, sha in versions.items()
        if (record_id := _record_of.get(version_id)) is not None
    ]
    return Answer(batch_id, tuple(made))


_record_of: dict[str, str] = {}
"""Version → record, of the batch that was frozen last; a fabricated receipt must name both."""


@contextmanager
def _knowing_records() -> Iterator[None]:
    whole = batches.frozen

    def frozen(reader: Any, batch_id: str) -> FrozenBatch:
        made = whole(reader, batch_id)
        for item in json.loads(made.body)["items"]:
            _record_of[item["version_id"]] = item["record_id"]
        return made

    cut = batches.freeze

    def freeze(desk: Desk, tx: Any, chosen: Any, *more: Any, **how: Any) -> OpenBatch:
        _record_of.update((one.version_id, one.record_id) for one in chosen)
        return cut(desk, tx, chosen, *more, **how)

    with swapped(batches, "frozen", frozen), swapped(batches, "freeze", freeze):
        yield


@mutant("F6 HTML 200, garbage, cut; F26 proxy", **LIES)
def _any_200_is_success() -> Iterator[None]:
    whole = reading.read_answer

    def read_answer(
        reply: Any, pinned: Any, batch_id: str, versions: Mapping[str, str], *more: Any, **how: Any
    ) -> Answer:
        try:
            return whole(reply, pinned, batch_id, versions, *more, **how)
        except LinkError:
            if reply.status != 200:
                raise
            return _fabricated(batch_id, versions)

    with _knowing_records(), swapped(reading, "read_answer", read_answer):
        yield


@mutant("F6 lost request", **LOST)
def _404_on_a_batch_taken_as_delivered() -> Iterator[None]:
    whole = api.Platform.ask_batch

    def ask_batch(self: api.Platform, batch: FrozenBatch, *more: Any, **how: Any) -> Answer:
        try:
            return whole(self, batch, *more, **how)
        except PlatformRefusal as refusal:
            if refusal.code != "batch_unknown":
                raise
            return _fabricated(batch.batch_id, batch.versions)

    with _knowing_records(), swapped(api.Platform, "ask_batch", ask_batch):
        yield


@mutant("F6 lost request, lost answer", **LOST)
def _time_out_taken_as_sent() -> Iterator[None]:
    whole = api.Platform.post_batch

    def post_batch(self: api.Platform, batch: FrozenBatch, *more: Any, **how: Any) -> Answer:
        try:
            return whole(self, batch, *more, **how)
        except LinkError as error:
            if error.code != "timeout":
                raise
            return _fabricated(batch.batch_id, batch.versions)

    with _knowing_records(), swapped(api.Platform, "post_batch", post_batch):
        yield


@mutant("F13 two desks, one record", **RACES)
def _held_taken_as_final() -> Iterator[None]:
    with swapped(Receipt, "is_final", property(lambda one: one.stage == "checked")):
        yield


@mutant("F6 left out of an answer", fates={"left_out": 200})
def _omitted_taken_as_accepted() -> Iterator[None]:
    def ask_again(_desk: Desk, tx: Any, batch_id: str, _retry_in_s: Any) -> int:
        return int(
            tx.execute(
                "UPDATE outbox SET state = 'done' WHERE batch_id = ? AND state IN ('sent','unknown')",
                (batch_id,),
            ).rowcount
        )

    with swapped(receipts, "_ask_again", ask_again):
        yield


@mutant("F6 answer to another batch", **LIES)
def _receipts_of_another_batch_taken() -> Iterator[None]:
    """Whatever the answer names, its outcomes are given to the versions of the batch in hand."""

    def read_answer(
        reply: Any, pinned: Any, batch_id: str, versions: Mapping[str, str], *more: Any, **how: Any
    ) -> Answer:
        reading.expect(reply, pinned, 200)
        said = reading.json_body(reply).get("receipts", [])
        made = _fabricated(batch_id, versions).receipts
        return Answer(
            batch_id,
            tuple(
                replace(one, outcome=theirs.get("outcome", "accepted"), problem=theirs.get("problem"))
                if theirs.get("version_id") != one.version_id
                else reading_receipt(theirs, one)
                for one, theirs in zip(made, said, strict=False)
            ),
        )

    with _knowing_records(), swapped(reading, "read_answer", read_answer):
        yield


def reading_receipt(said: Mapping[str, Any], one: Receipt) -> Receipt:
    """The receipt as it came, without asking whether it is genuine."""
    return replace(
        one, outcome=said["outcome"], receipt_no=said["receipt_no"], at=said["at"], problem=said["problem"],
        raw=canonical(dict(said)),
    )  # fmt: skip


@mutant("F6 forged answer; F26 proxy", **LIES)
def _seal_not_verified() -> Iterator[None]:
    with ExitStack() as stack:
        for name in ("receipt_verifies", "seal_verifies", "list_verifies"):
            if hasattr(reading, name):
                stack.enter_context(swapped(reading, name, lambda *_, **__: True))
        yield


# --- repetitions


@mutant("F6 lost answer", **LOST)
def _fresh_ids_on_retry() -> Iterator[None]:
    """A batch that is sent again gets new ids, and so does everything in it."""
    whole = batches.frozen

    def frozen(reader: Any, batch_id: str) -> FrozenBatch:
        made = whole(reader, batch_id)
        if reader.value("SELECT tries FROM batch WHERE batch_id = ?", (batch_id,)) < 2:
            return made
        body = made.body
        for one in (batch_id, *made.versions):
            body = body.replace(one.encode(), (one[:-4] + "ffff").encode())
        fresh = {one[:-4] + "ffff": sha for one, sha in made.versions.items()}
        return FrozenBatch(batch_id[:-4] + "ffff", body, digest(body), fresh)

    with swapped(batches, "frozen", frozen):
        yield


@mutant("F6 lost answer", **LOST)
def _bytes_of_a_batch_made_anew_on_retry() -> Iterator[None]:
    whole = batches.frozen

    def frozen(reader: Any, batch_id: str) -> FrozenBatch:
        made = whole(reader, batch_id)
        tries = reader.value("SELECT tries FROM batch WHERE batch_id = ?", (batch_id,))
        body = re.sub(rb'"offset_ms":-?[0-9]+', b'"offset_ms":%d' % tries, made.body, count=1)
        return FrozenBatch(batch_id, body, digest(body), made.versions)

    with swapped(batches, "frozen", frozen):
        yield


@mutant("F6 lost request; F1 kill", **LOST)
def _gives_up_after_a_time_out() -> Iterator[None]:
    whole = batches.mark_unknown

    def mark_unknown(desk: Desk, batch_id: str, code: str) -> None:
        whole(desk, batch_id, code)
        with desk.db.transaction() as tx:
            tx.execute("UPDATE batch SET state = 'void' WHERE batch_id = ?", (batch_id,))

    with swapped(batches, "mark_unknown", mark_unknown):
        yield


@mutant("F13 two desks, one record", **RACES)
def _what_was_held_never_comes_back() -> Iterator[None]:
    with swapped(outbox, "_DUE", outbox._DUE.replace("o.state = ?", "o.state = ? AND o.state <> 'held'")):
        yield


@mutant("F11 wrong clock", acts={"wrong_clock": 70, "create": 60}, fates={"left_out": 900})
def _waits_trust_the_clock_of_the_pc() -> Iterator[None]:
    from client.sync import cycle  # noqa: PLC0415 - whoever imports the name is changed

    def is_due(next_try_at: Any, now: Any) -> bool:
        return next_try_at is None or next_try_at <= now

    with ExitStack() as stack:
        for owner in (plan, cycle, *_those_with("is_due")):
            if hasattr(owner, "is_due"):
                stack.enter_context(swapped(owner, "is_due", is_due))
        yield


def _those_with(name: str) -> Sequence[Any]:
    import sys  # noqa: PLC0415 - looks for those who have taken a name over

    return [
        module for key, module in sorted(sys.modules.items())
        if key.startswith("client.sync.") and key not in {"client.sync.plan", "client.sync.cycle"}
        and hasattr(module, name)
    ]  # fmt: skip


# --- restored platforms, copied desks


@mutant("F15 platform restored", **RESTORES)
def _epoch_ignored() -> Iterator[None]:
    """The desk goes on in the epoch that it knows."""
    whole, page = reading.read_hello, api.Platform.feed

    def read_hello(reply: Any, pinned: Any) -> Any:
        hello = whole(reply, pinned)
        _epochs["now"] = hello.epoch
        return replace(hello, epoch=_epochs.setdefault("first", hello.epoch))

    def pull(self: api.Platform, _epoch: str, after: int, **how: Any) -> FeedPage:
        return replace(page(self, _epochs["now"], after, **how), epoch=_epochs["first"])

    _epochs.clear()
    with swapped(reading, "read_hello", read_hello), swapped(api.Platform, "feed", pull):
        yield


_epochs: dict[str, str] = {}


@mutant("F15 platform restored", **RESTORES)
def _missing_not_asked() -> Iterator[None]:
    with swapped(api.Platform, "missing", lambda *_: []):
        yield


@mutant("F15 platform restored; I12", **RESTORES)
def _the_queue_is_wiped_on_a_new_epoch() -> Iterator[None]:
    whole = link.adopt_epoch

    def adopt_epoch(desk: Desk, epoch: str) -> None:
        whole(desk, epoch)
        with desk.db.transaction() as tx:
            tx.execute("DELETE FROM outbox WHERE state <> 'done'")

    with swapped(link, "adopt_epoch", adopt_epoch):
        yield


@mutant("F15 platform restored", **RESTORES)
def _approvals_are_not_handed_over_again() -> Iterator[None]:
    with swapped(missing, "_APPROVALS", "SELECT ?"), swapped(receipts, "_hand_over_anew", lambda *_: None):
        yield


@mutant("F14 copied disk", acts={"cloned": 30})
def _a_copied_desk_stops_for_good() -> Iterator[None]:
    from client.sync import setbacks  # noqa: PLC0415 - beside its verdicts

    verdicts = {**plan.REFUSED, "device_forked": plan.Verdict.STOP}
    with swapped(plan, "REFUSED", verdicts), swapped(setbacks, "judge", plan.judge):
        yield


# --- two people, objections, the second copy


@mutant("a desk that was tampered with", acts={"forged_approval": 40})
def _the_platform_lets_the_maker_be_the_checker() -> Iterator[None]:
    whole = platform_approvals._refuse_hands

    def refuse_hands(maker: Any, checker: Any, said: Any) -> None:
        if maker.person != checker.person:
            whole(maker, checker, said)

    with swapped(platform_approvals, "_refuse_hands", refuse_hands):
        yield


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


# --- the store


@mutant("F1 kill", deadly=0.7, deaths=simulator.DEATHS[-1:])
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


@mutant("F1 kill", deadly=0.7, deaths=simulator.DEATHS[5:6])
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
