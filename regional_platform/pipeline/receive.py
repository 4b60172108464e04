"""Take a batch in: received and checked, in one transaction, with its receipts and its stored answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import zstandard
from sqlalchemy import Connection, delete, exists, insert, select, update
from sqlalchemy.exc import SQLAlchemyError

from forms.seal.receipt import FINAL_OUTCOMES, plain_receipts
from regional_platform import case_decisions, feed
from regional_platform.api.models import BatchBody
from regional_platform.auth.callers import Caller, refuse_ended
from regional_platform.incidents import Isolation
from regional_platform.limits import count_bytes
from regional_platform.pipeline.incoming import Incoming
from regional_platform.pipeline.judge import ACCEPTED, Verdict, judge, set_aside
from regional_platform.pipeline.ledger import Judged, write
from regional_platform.pipeline.matching import met_at_once, news_of
from regional_platform.pipeline.questioning import after_judging
from regional_platform.pipeline.world import World
from regional_platform.platform import Platform
from regional_platform.problems import Refusal
from regional_platform.receipts import Key, seal_of, written
from regional_platform.store.tables import batch, batch_void, device
from regional_platform.times import iso, legal_month


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to a batch, byte for byte, whether it was given before, and else how its items came out."""

    body: bytes
    replayed: bool
    outcomes: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Packed:
    """The body of a batch: its digest unpacked, and its size as it travelled."""

    sha256: str
    size_bytes: int


def stored_answer(
    connection: Connection, device_id: str, batch_id: str, body_sha256: str | None
) -> Answer | None:
    """Return the answer that was given for a batch of a desk; None also when it was dropped since.

    Args:
        connection: open.
        device_id: the desk.
        batch_id: the batch.
        body_sha256: digest of the bytes at hand; None when only asking.

    Raises:
        Refusal: key-reused, when the bytes are others.
    """
    found = connection.execute(
        select(batch.c.body_sha256, batch.c.answer).where(
            batch.c.device_id == device_id, batch.c.batch_id == batch_id
        )
    ).one_or_none()
    if found is None:
        return None
    if body_sha256 is not None and found.body_sha256 != body_sha256:
        raise Refusal("key-reused")
    if not found.answer:
        return None  # judged again, its versions get the receipts that they have
    return Answer(zstandard.ZstdDecompressor().decompress(found.answer), replayed=True)


def receive(
    platform: Platform, caller: Caller, said: BatchBody, body: Packed, incoming: Sequence[Incoming]
) -> Answer:
    """Judge and write a batch; all of it is committed when this returns.

    Raises:
        Refusal: key-reused, device-forked, device-revoked, token-expired.
    """
    rung: set[str] = set()
    count, asked = len(incoming), platform.clock()
    platform.partitions.see_to(caller.city, legal_month(asked))
    numbers = platform.numbers.take(caller.city, count, asked)

    def act(connection: Connection) -> Answer:
        rung.clear()
        return _take_in(platform, connection, caller, said, body, incoming, numbers, rung)

    answer = platform.store.write(act, units=(caller.unit,))
    platform.bell.ring(rung)
    if not answer.replayed:
        platform.metrics.judged(answer.outcomes)
        platform.wake_pipeline()
    return answer


def _take_in(
    platform: Platform,
    connection: Connection,
    caller: Caller,
    said: BatchBody,
    body: Packed,
    incoming: Sequence[Incoming],
    numbers: Sequence[str],
    rung: set[str],
) -> Answer:
    before = stored_answer(connection, caller.device_id, said.batch_id, body.sha256)
    if before is not None:
        return before
    refuse_ended(connection, caller, hold=True)  # revoked or closed while the batch was on its way
    _refuse_fork(connection, caller, said)
    now = platform.clock()
    world = World(connection, platform.identity, caller.unit, incoming, platform.settings.resources, now)
    judged = _judge_all(platform, incoming, numbers, world, now)
    met = met_at_once(platform, connection, judged, now)
    fresh = write(connection, caller, said.batch_id, judged, world, met, now)
    news = after_judging(connection, fresh, world, now) + news_of(caller.unit, met)
    news += [
        one
        for each in judged
        if each.incoming.version_id in world.decided and each.verdict.replay is None
        for one in case_decisions.decide(platform, connection, each.incoming, now)
    ]
    rung |= feed.append(connection, news, now)
    receipts = [each.receipt for each in judged]
    answer = b'{"batch_id":"%s","receipts":[%s],"seal":%s}' % (
        said.batch_id.encode(),
        b",".join(receipts),
        seal_of(platform.identity, receipts),
    )
    _keep(connection, caller, said, body, answer, now)
    return Answer(answer, replayed=False, outcomes=Counter(each.verdict.outcome for each in judged))


def _refuse_fork(connection: Connection, caller: Caller, said: BatchBody) -> None:
    """A number of the desk that carried another batch means that the desk was copied or restored.

    A desk that has gone on under a new id is told the same: what still sends under the old one is its copy.
    """
    taken = exists().where(
        batch.c.device_id == caller.device_id,
        batch.c.device_seq == said.device_seq,
        batch.c.batch_id != said.batch_id,
    )
    asked = select(device.c.retired_at.is_not(None), taken).where(device.c.device_id == caller.device_id)
    if any(connection.execute(asked).one()):
        raise Refusal("device-forked")


def _judge_all(
    platform: Platform, incoming: Sequence[Incoming], numbers: Sequence[str], world: World, now: datetime
) -> list[Judged]:
    """Judge the items in their order, each seeing what those before it did."""
    unused, at = iter(numbers), iso(now)
    judged: list[Judged] = []
    plain: list[int] = []
    before = dict(world.versions)
    again = {one for one, count in Counter(one.version_id for one in incoming).items() if count > 1}
    for place, one in enumerate(incoming):
        known = before.get(one.version_id)
        verdict = _judge_alone(one, world)
        if verdict.replay is not None:
            judged.append(Judged(one, verdict, verdict.replay, known, ""))
            continue
        seen = world.versions.get(one.version_id)
        number = seen.receipt_no if seen and not verdict.foreign else next(unused)
        if verdict is ACCEPTED and one.version_id not in again:
            plain.append(place)
            receipt = b""
        else:
            key = Key(one.version_id, one.record_id, one.digest, verdict.outcome, number)
            receipt = written(platform.identity, key, "checked", at, verdict.problem)
        judged.append(Judged(one, verdict, receipt, known, number))
        if not verdict.foreign:
            world.take(one, verdict.outcome, number)
            if verdict.outcome in FINAL_OUTCOMES:
                world.receipts[one.version_id] = receipt
    _write_out(platform, judged, plain, at)
    return judged


def _write_out(platform: Platform, judged: list[Judged], plain: Sequence[int], at: str) -> None:
    """Write the receipts that say no more than that an item was accepted, all at once."""
    keys = [
        (one.version_id, one.record_id, one.digest, "accepted", number)
        for one, _, _, _, number in map(judged.__getitem__, plain)
    ]
    made = plain_receipts(keys, stage="checked", at=at, server_id=platform.identity.server_id)
    for place, receipt in zip(plain, made, strict=True):
        judged[place] = judged[place]._replace(receipt=receipt)


def _judge_alone(one: Incoming, world: World) -> Verdict:
    with Isolation(f"judging version {one.version_id}", SQLAlchemyError) as alone:
        return judge(one, world)
    assert alone.incident is not None
    return set_aside(one, alone.incident)


def _keep(
    connection: Connection, caller: Caller, said: BatchBody, body: Packed, answer: bytes, now: datetime
) -> None:
    """Remember the batch, its size, what it replaces, and how far the desk has read the feed."""
    count_bytes(connection, caller.unit, body.size_bytes, now)
    same = (batch.c.device_id == caller.device_id, batch.c.batch_id == said.batch_id)
    connection.execute(delete(batch).where(*same))  # one whose answer was dropped
    connection.execute(
        insert(batch).values(
            device_id=caller.device_id,
            batch_id=said.batch_id,
            device_seq=said.device_seq,
            body_sha256=body.sha256,
            prev_batch_sha256=said.prev_batch_sha256,
            items=len(said.items),
            received_at=iso(now),
            answer=zstandard.ZstdCompressor(level=1).compress(answer),
        )
    )
    if said.void:
        mine = (batch_void.c.device_id == caller.device_id, batch_void.c.batch_id.in_(said.void))
        known = set(connection.execute(select(batch_void.c.batch_id).where(*mine)).scalars())
        rows = [
            {"device_id": caller.device_id, "batch_id": one, "named_by": said.batch_id}
            for one in sorted(set(said.void) - known)
        ]
        if rows:
            connection.execute(insert(batch_void), rows)
    connection.execute(
        update(device)
        .where(device.c.device_id == caller.device_id, device.c.feed_ack < said.feed_ack)
        .values(feed_ack=said.feed_ack)
    )
