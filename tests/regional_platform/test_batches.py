"""The batch as a whole: idempotency, order, forks, limits, and what is malformed."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import json
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import zstandard

from regional_platform.settings import Limits
from regional_platform.working import BULK_AT_ONCE, Working

OTHER_ID = "018f0000-0000-7000-8000-000000000000"


@pytest.fixture
def served(shared):
    return shared


def test_the_same_bytes_again_get_the_stored_answer_byte_for_byte(desk):
    batch = desk.batch(desk.approved([desk.content(n) for n in range(3)]))
    first, again = desk.post(batch), desk.post(batch, coding="gzip")
    asked = desk.call("GET", f"/v1/batches/{batch['batch_id']}")

    assert first.content == again.content == asked.content
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"


def test_in_short_a_plain_receipt_says_only_what_its_desk_cannot_know(desk):
    wrong = desk.content(1, payload={"CF_XDR_SHXYM": "91350200MA00000000"})
    batch = desk.batch(desk.approved([desk.content(), wrong]))
    minimal = {"Prefer": "wait=20, return=minimal"}
    short = desk.post(batch, headers=minimal).json()
    asked = desk.call("GET", f"/v1/batches/{batch['batch_id']}", headers=minimal).json()
    whole = desk.post(batch).json()

    assert short == asked
    assert short["seal"] == whole["seal"]
    for told, receipt in zip(short["receipts"], whole["receipts"], strict=True):
        plain = {name: receipt[name] for name in ("at", "outcome", "receipt_no")}
        assert told == (plain if receipt["problem"] is None else receipt)
    assert sum("problem" not in one for one in short["receipts"]) == 1


def test_sixteen_at_once_have_one_effect(alone, tools):
    desk = alone.desk()
    contents = [desk.content(n) for n in range(5)]
    batch = desk.batch(desk.approved(contents))
    with ThreadPoolExecutor(16) as threads:
        answers = list(threads.map(lambda _: desk.post(batch), range(16)))

    assert {one.status_code for one in answers} == {200}
    assert len({one.content for one in answers}) == 1
    assert sum("Idempotency-Replayed" not in one.headers for one in answers) == 1
    desk.stages([one["version_id"] for one in contents])

    def count(table):
        with alone.platform.store.reading() as connection:
            return connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one()

    tools.until(lambda: count("job") == 0)  # what is stored is compared with others' after that
    assert [count(table) for table in ("batch", "version", "record", "version_key")] == [1, 5, 5, 5]


def test_the_same_id_with_other_bytes_is_refused(desk, tools):
    batch = desk.batch(desk.approved([desk.content()]))
    desk.post(batch)

    answer = desk.post({**batch, "feed_ack": 1})

    assert (answer.status_code, tools.code_of(answer.json())) == (422, "key-reused")


def test_a_number_of_the_desk_used_twice_means_a_copied_desk(desk, tools):
    first = desk.batch(desk.approved([desk.content()]))
    desk.post(first)

    answer = desk.post(desk.batch(first["items"], device_seq=first["device_seq"]))

    assert (answer.status_code, tools.code_of(answer.json())) == (409, "device-forked")


def test_batches_may_come_in_any_order(desk, tools):
    batches = [desk.batch(desk.approved([desk.content(n)])) for n in range(4)]

    for batch in reversed(batches):
        assert [tools.outcome(one) for one in desk.receipts(desk.post(batch))] == ["accepted"]


def test_a_batch_that_was_replaced_and_comes_late_doubles_nothing(alone):
    desk = alone.desk()
    contents = [desk.content(n) for n in range(4)]
    items = desk.approved(contents)
    lost = desk.batch(items)
    new = desk.receipts(desk.post(desk.batch(items[:2], void=[lost["batch_id"]])))

    late = desk.receipts(desk.post(lost))

    assert late[:2] == new
    assert [one["outcome"] for one in late] == ["accepted"] * 4
    assert len(desk.call("GET", "/v1/records").json()["records"]) == 4


def test_an_unknown_batch_is_safe_to_send(desk, tools):
    answer = desk.call("GET", f"/v1/batches/{tools.new_id()}")

    assert (answer.status_code, tools.code_of(answer.json())) == (404, "batch-unknown")


def test_a_batch_of_another_desk_is_not_told(served, desk):
    other = served.desk()
    batch = desk.batch(desk.approved([desk.content()]))
    desk.post(batch)
    served.clock.turn(seconds=31)

    assert other.call("GET", f"/v1/batches/{batch['batch_id']}").status_code == 404


@pytest.mark.parametrize("coding", ["zstd", "gzip", ""])
def test_every_coding_is_understood(desk, coding):
    assert desk.post(desk.batch(desk.approved([desk.content()])), coding=coding).status_code == 200


def test_a_device_may_only_send_its_own_batches(served, desk, tools):
    batch = desk.batch(desk.approved([desk.content()]), device_id=tools.new_id())
    answer = desk.post(batch)

    assert (answer.status_code, tools.code_of(answer.json())) == (403, "not-authorised")


def test_an_older_protocol_is_told_to_update(desk, tools):
    answer = desk.post(desk.batch([], protocol=0))

    assert (answer.status_code, tools.code_of(answer.json())) == (426, "protocol-too-old")
    assert answer.json()["protocol"] == {"min": 1, "max": 1}


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        pytest.param({"X-Body-SHA256": "0" * 64}, 422, "batch-digest-mismatch", id="other digest"),
        pytest.param({"X-Body-SHA256": "zz"}, 400, "malformed", id="no digest"),
        pytest.param({"Idempotency-Key": OTHER_ID}, 400, "malformed", id="other key"),
        pytest.param({"Idempotency-Key": ""}, 400, "malformed", id="no key"),
        pytest.param({"Content-Type": "application/json"}, 415, "unsupported-media", id="other media type"),
        pytest.param({"Content-Encoding": "br"}, 415, "unsupported-media", id="unknown coding"),
        pytest.param({"Content-Encoding": "gzip"}, 400, "malformed", id="not in that coding"),
    ],
)
def test_wrong_headers_are_refused(desk, tools, headers, status, code):
    batch = desk.batch(desk.approved([desk.content()]))
    answer = desk.post(batch, headers=headers)

    assert (answer.status_code, tools.code_of(answer.json())) == (status, code)
    assert desk.post(batch).status_code == 200


def without(content, *keys):
    return {name: value for name, value in content.items() if name not in keys}


@pytest.mark.parametrize(
    ("spoil", "pointer"),
    [
        pytest.param(lambda b: {**b, "surprise": 1}, "#/surprise", id="unknown member"),
        pytest.param(lambda b: without(b, "clock"), "#/clock", id="missing member"),
        pytest.param(lambda b: {**b, "device_seq": "1"}, "#/device_seq", id="text for a number"),
        pytest.param(lambda b: {**b, "device_seq": True}, "#/device_seq", id="true for a number"),
        pytest.param(lambda b: {**b, "items": []}, "#/items", id="no item"),
        pytest.param(lambda b: {**b, "items": [3]}, "#/items/0", id="an item that is no object"),
        pytest.param(
            lambda b: {**b, "items": [without(b["items"][0], "answers")]}, "#/items/0/answers",
            id="a key under the digest is missing",
        ),
        pytest.param(
            lambda b: {**b, "items": [{**b["items"][0], "version_id": "V1"}]}, "#/items/0/version_id",
            id="an id that is none",
        ),
        pytest.param(
            lambda b: {**b, "items": [{**b["items"][0], "payload": {"n": 2**60}}]}, "#/items/0",
            id="a number without canonical form",
        ),
    ],
)  # fmt: skip
def test_a_malformed_batch_is_refused_whole_with_a_pointer(desk, tools, spoil, pointer):
    batch = spoil(desk.batch(desk.approved([desk.content()])))
    body = json.dumps(batch).encode()
    answer = desk.post(body, headers={"Idempotency-Key": batch["batch_id"]})

    assert (answer.status_code, tools.code_of(answer.json())) == (400, "malformed")
    assert pointer in {one["pointer"] for one in answer.json()["errors"]}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        pytest.param(b"", "json", id="nothing"),
        pytest.param(b"\xff\xfe{", "json", id="not UTF-8"),
        pytest.param(b'{"a":1', "json", id="cut short"),
        pytest.param(b'{"a":1.5}', "float", id="a fraction"),
        pytest.param(b'{"a":NaN}', "float", id="not a number"),
        pytest.param(b'{"a":1,"a":2}', "double_key", id="a key that stands twice"),
        pytest.param(b"[" * 33 + b"]" * 33, "too_deep", id="33 levels"),
        pytest.param(b"[" * 4_000_000, "too_many", id="millions of levels"),
        pytest.param(b"[" + b"{}," * 250_000 + b"{}]", "too_many", id="too many objects"),
        pytest.param(b'"' + b'\\"' * 2_000_000, "json", id="a text without end"),
        pytest.param(b'{"a":' + b"9" * 5_000 + b"}", "json", id="a number of 5,000 digits"),
    ],
)
def test_json_that_leaves_something_open_is_refused(desk, tools, body, code):
    answer = desk.post(body)

    assert (answer.status_code, tools.code_of(answer.json())) == (400, "malformed")
    assert answer.json()["errors"][0]["code"] == code


def test_brackets_inside_texts_are_no_levels(desk):
    answer = desk.post(desk.batch(desk.approved([desk.content(payload={"CF_SY": '["{[' * 50 + '\\"'})])))

    assert desk.receipts(answer)[0]["outcome"] == "accepted"


def test_five_hundred_and_one_items_are_too_many(desk, tools):
    (item,) = desk.approved([desk.content()])
    answer = desk.post(desk.batch([item] * 501))

    assert (answer.status_code, tools.code_of(answer.json())) == (413, "batch-too-large")
    assert answer.json()["limits"]["batch_items"] == 500


@pytest.mark.parametrize(
    ("packed", "coding"),
    [
        pytest.param(zstandard.compress(bytes(2**30)), "zstd", id="a gigabyte in zstd"),
        pytest.param(gzip.compress(bytes(2**29), 1)[: 900 * 1024], "gzip", id="half a gigabyte in gzip"),
        pytest.param(bytes(1_048_577), "", id="one byte too many as it travels"),
    ],
)
def test_a_body_that_grows_too_large_stops_at_the_limit(desk, tools, packed, coding):
    headers = {"Content-Type": "application/vnd.minxin.batch+json", "Content-Encoding": coding,
               "Idempotency-Key": tools.new_id(), "X-Body-SHA256": "0" * 64}  # fmt: skip
    answer = desk.call("POST", "/v1/batches", data=packed, headers=headers)

    assert (answer.status_code, tools.code_of(answer.json())) == (413, "batch-too-large")


def test_a_body_without_a_length_is_counted_as_it_comes(desk, tools):
    headers = {"Content-Type": "application/vnd.minxin.batch+json", "Idempotency-Key": tools.new_id(),
               "X-Body-SHA256": "0" * 64}  # fmt: skip
    answer = desk.call("POST", "/v1/batches", data=(bytes(100_000) for _ in range(15)), headers=headers)

    assert (answer.status_code, tools.code_of(answer.json())) == (413, "batch-too-large")


@pytest.fixture
def slow_served(tmp_path, seeded_platform, tools):
    """A platform that takes two batches at once and one a minute."""
    limits = Limits(batches_per_minute=1, batch_burst=2)
    yield from tools.serving(tmp_path / "slow", seeded_platform, limits)


def test_who_sends_too_often_waits_and_deadline_bound_acts_do_not(slow_served, tools):
    desk = slow_served.desk()
    first = desk.content()
    contents = [first, desk.content(1), desk.content(2)]
    answers = [desk.post(desk.batch(desk.approved([one]))) for one in contents]
    withdrawal = desk.post(desk.batch(desk.approved([desk.withdrawal(first)])))

    assert [one.status_code for one in answers] == [200, 200, 429]
    assert tools.code_of(answers[2].json()) == "rate-limited"
    assert 55 <= int(answers[2].headers["Retry-After"]) <= 60
    assert withdrawal.status_code == 200


def test_a_batch_with_one_deadline_bound_act_among_others_stays_in_the_common_lane(slow_served, tools):
    desk = slow_served.desk()
    first = desk.content()
    desk.send([first])
    mixed = desk.approved([desk.content(1), desk.withdrawal(first)])
    hidden = json.dumps(desk.batch(mixed)).replace('"op": "withdraw"', '"op":"withdraw"').encode()
    batch_id = json.loads(hidden)["batch_id"]

    answers = [desk.post(desk.batch(mixed)), desk.post(desk.batch(mixed)),
               desk.post(hidden, headers={"Idempotency-Key": batch_id})]  # fmt: skip
    assert [one.status_code for one in answers] == [200, 429, 429]


def test_who_does_not_want_to_wait_is_told_that_the_batch_came_and_asks_later(served, desk, tools):
    desk.token("reporter"), desk.token("reviewer")
    batch = desk.batch(desk.approved([desk.content()]))
    at = f"/v1/batches/{batch['batch_id']}"
    with served.platform.store.writing(units=(desk.unit["code"],)):
        told = desk.post(batch, headers={"Prefer": "respond-async, wait=0"})
        asked = desk.call("GET", at)
    for answer in (told, asked):
        assert (answer.status_code, answer.json()) == (202, {"batch_id": batch["batch_id"], "working": True})
        assert answer.headers["Retry-After"] == "2"

    tools.until(lambda: desk.call("GET", at).status_code == 200)
    assert desk.post(batch, headers={"Prefer": "wait=20"}).headers["Idempotency-Replayed"] == "true"


def test_what_the_law_sets_a_term_for_passes_all_that_waits():
    working, gate = Working(), threading.Event()

    async def judge():
        bulk = [asyncio.create_task(working.in_turn(gate.wait, bound=False)) for _ in range(3 * BULK_AT_ONCE)]
        assert await working.in_turn(lambda: "judged", bound=True) == "judged"
        assert not any(one.done() for one in bulk)
        gate.set()
        assert all(await asyncio.gather(*bulk))

    asyncio.run(judge())
    assert working.retry_after_s == 2


def test_a_batch_without_its_key_is_malformed(desk, tools):
    answer = desk.post(desk.batch(desk.approved([desk.content()])), headers={"Idempotency-Key": None})

    assert (answer.status_code, tools.code_of(answer.json())) == (400, "malformed")


def test_the_digest_is_of_the_unpacked_body(desk):
    body = b"{}"
    answer = desk.post(body, headers={"X-Body-SHA256": hashlib.sha256(gzip.compress(body)).hexdigest()})

    assert answer.status_code == 422
