"""Mutants of the desk that believe too much: answers that are none, or are not to what was asked."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import Any

from client.core.answers import Answer, Receipt
from client.core.batches import FrozenBatch, OpenBatch
from client.errors import LinkError, PlatformRefusal
from client.store import batches, receipts
from client.store.desk import Desk
from client.sync import api, reading
from forms.seal.canonical import canonical
from tests.faults.store import swapped
from tests.faults.twins import LIES, LOST, RACES, mutant


def fabricated(batch_id: str, versions: Mapping[str, str], outcome: str = "accepted") -> Answer:
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
def knowing_records() -> Iterator[None]:
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
            return fabricated(batch_id, versions)

    with knowing_records(), swapped(reading, "read_answer", read_answer):
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
            return fabricated(batch.batch_id, batch.versions)

    with knowing_records(), swapped(api.Platform, "ask_batch", ask_batch):
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
            return fabricated(batch.batch_id, batch.versions)

    with knowing_records(), swapped(api.Platform, "post_batch", post_batch):
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
        made = fabricated(batch_id, versions).receipts
        return Answer(
            batch_id,
            tuple(
                replace(one, outcome=theirs.get("outcome", "accepted"), problem=theirs.get("problem"))
                if theirs.get("version_id") != one.version_id
                else reading_receipt(theirs, one)
                for one, theirs in zip(made, said, strict=False)
            ),
        )

    with knowing_records(), swapped(reading, "read_answer", read_answer):
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
