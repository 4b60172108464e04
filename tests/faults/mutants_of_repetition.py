"""Mutants of the desk that repeat wrongly or not at all, on one line, in one epoch or in the next."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

from client.core.answers import Answer, FeedPage
from client.core.batches import FrozenBatch
from client.store import batches, link, missing, outbox, receipts
from client.store.desk import Desk
from client.sync import api, plan, reading
from forms.seal.canonical import canonical, digest
from tests.faults.store import swapped
from tests.faults.twins import LOST, RACES, RESTORES, mutant


def _fresh(one: str) -> str:
    return one[:-4] + "ffff"


def _with_fresh_ids(batch: FrozenBatch) -> FrozenBatch:
    """The same records once more, as if they had never been sent."""
    body = batch.body
    for one in (batch.batch_id, *batch.versions):
        body = body.replace(one.encode(), _fresh(one).encode())
    contents = [
        {name: value for name, value in item.items() if name != "approval"}
        for item in json.loads(body)["items"]
    ]
    versions = {one["version_id"]: digest(canonical(one)) for one in contents}
    return FrozenBatch(_fresh(batch.batch_id), body, digest(body), versions)


@mutant("F6 lost answer", **LOST)
def _fresh_ids_on_retry() -> Iterator[None]:
    """What is sent again gets new ids, batch and versions; what is said of those counts for the old ones."""
    whole = api.Platform.post_batch
    sent: set[str] = set()

    def post_batch(self: api.Platform, batch: FrozenBatch, packed: Any = None) -> Answer:
        if batch.batch_id not in sent:
            sent.add(batch.batch_id)
            return whole(self, batch, packed)
        said = whole(self, _with_fresh_ids(batch))
        old = {_fresh(one): one for one in batch.versions}
        receipts = (
            replace(one, version_id=old[one.version_id], content_sha256=batch.versions[old[one.version_id]])
            for one in said.receipts
        )
        return replace(said, batch_id=batch.batch_id, receipts=tuple(receipts))

    with swapped(api.Platform, "post_batch", post_batch):
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
