"""The feed: gapless under many writers, per unit, with a long poll that wakes."""

from __future__ import annotations

import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from regional_platform.feed import News, append, read_page


def test_many_writers_leave_no_hole_and_no_double(served):
    desks = []
    for _ in range(3):
        desks.append(served.desk())
        desks[-1].token("reporter"), desks[-1].token("reviewer")

    def send(task):
        desk, n = task
        return desk.send([desk.content(n * 10 + k) for k in range(5)])

    tasks = [(desks[n % 3], n) for n in range(30)]
    with ThreadPoolExecutor(3) as threads:
        groups = [[task for task in tasks if task[0] is one] for one in desks]
        done = list(threads.map(lambda group: [send(task) for task in group], groups))
    versions = [receipt["version_id"] for group in done for receipts in group for receipt in receipts]
    desks[0].stages(versions)

    items = desks[0].feed(limit=1000)["items"]
    assert [one["seq"] for one in items] == list(range(1, 301))


def test_in_short_an_entry_names_the_version_and_its_stage_or_stands_for_many_and_the_seal_stays(desk):
    stranger = {"CF_XDR_MC": "无人知晓有限公司", "CF_XDR_SHXYM": "91350200MA2XY12347"}
    contents = [desk.content(), desk.content(1, payload=stranger), *(desk.content(n) for n in (2, 3, 4))]
    desk.send(contents)
    desk.stages([contents[n]["version_id"] for n in (0, 2, 3, 4)])
    whole = desk.feed()
    short = desk.call(
        "GET", "/v1/feed", params={"epoch": desk.epoch, "after": 0}, headers={"Prefer": "return=minimal"}
    ).json()

    assert (short["seal"], short["next"]) == (whole["seal"], whole["next"])
    entries = iter(whole["items"])
    counts = []
    for told in short["items"]:
        count = told["data"].pop("count", 1)
        many = [next(entries) for _ in range(count)]
        counts.append(count)
        numbers = [int(one["data"]["receipt_no"][-7:]) for one in many if one["type"] == "stage"]
        assert numbers == list(range(numbers[0], numbers[0] + len(numbers))) if numbers else True
        assert [one["seq"] for one in many] == list(range(told["seq"], told["seq"] + count))
        if many[0]["type"] == "stage" and many[0]["data"]["problem"] is None:
            alike = {(one["type"], one["at"], one["data"]["stage"]) for one in many}
            assert alike == {(told["type"], told["at"], told["data"]["stage"])}
            assert told["data"] == {name: many[0]["data"][name] for name in ("stage", "version_id")}
        else:
            assert [told] == many
    assert next(entries, None) is None
    assert max(counts) == 3


def test_whoever_reads_while_eight_write_never_sees_a_hole(served, desk):
    """No turn is taken by unit here: the row of the head alone orders the numbers."""
    store, unit, news = served.platform.store, desk.unit["code"], b'{"text":"n"}'
    over = threading.Event()

    def write(writer):
        for n in range(25):
            entries = [News(unit, "notice", json=news)] * (n % 3 + 1)
            store.write(lambda it, entries=entries: append(it, entries, served.clock()), units=())
        return writer

    def read():
        seen = [0]
        while True:
            last = over.is_set()
            with store.reading() as connection:
                page = read_page(connection, served.platform.identity, unit, seen[-1], 1_000)
            numbers = [json.loads(one)["seq"] for one in page.entries]
            assert numbers == list(range(seen[-1] + 1, seen[-1] + 1 + len(numbers)))
            assert page.next <= page.head
            seen += numbers
            if last and not numbers:
                return seen[-1]

    with ThreadPoolExecutor(9) as threads:
        reading = threads.submit(read)
        assert sorted(threads.map(write, range(8))) == list(range(8))
        over.set()
        assert reading.result(timeout=30) == 8 * 49


def test_a_page_ends_at_its_limit_and_the_next_goes_on(desk):
    contents = [desk.content(n) for n in range(4)]
    desk.send(contents)
    desk.stages([one["version_id"] for one in contents])

    first = desk.feed(limit=3)
    rest = desk.feed(after=first["next"], limit=1000)
    assert [one["seq"] for one in first["items"]] == [1, 2, 3]
    assert [one["seq"] for one in rest["items"]] == [4, 5, 6, 7, 8]
    assert (first["head"], rest["next"]) == (8, 8)
    last = desk.feed(after=8)
    assert last == {"epoch": desk.epoch, "items": [], "next": 8, "head": 8, "seal": last["seal"]}
    assert last["seal"]["count"] == 0


def test_a_unit_reads_only_its_own_feed(served, desk):
    other = served.desk("350200-02")
    content = desk.content()
    desk.send([content])
    desk.stages([content["version_id"]])

    assert other.feed()["items"] == []


def test_another_epoch_is_told_with_the_current_one(desk, tools):
    answer = desk.call("GET", "/v1/feed", params={"epoch": "older"})

    assert (answer.status_code, tools.code_of(answer.json())) == (410, "epoch-changed")
    assert answer.json()["epoch"] == desk.epoch


def test_who_waits_is_woken_by_news(desk):
    desk.token("reporter"), desk.token("reviewer")
    items = desk.approved([desk.content()])
    with ThreadPoolExecutor(1) as threads:
        started = time.monotonic()
        waiting = threads.submit(desk.feed, wait=30)
        desk.post(desk.batch(items))
        page = waiting.result(timeout=25)

    assert page["items"]
    assert time.monotonic() - started < 20


def test_who_waits_for_nothing_gets_an_empty_page_in_time(desk):
    desk.token("reporter")
    started = time.monotonic()

    assert desk.feed(wait=1)["items"] == []
    assert 0.9 < time.monotonic() - started < 10


@pytest.mark.parametrize(
    "query",
    [
        {"after": -1}, {"after": "x"}, {"after": 2**63}, {"limit": 0}, {"limit": 4001}, {"wait": 31},
        {"epoch": ""},
    ],
)  # fmt: skip
def test_a_wrong_question_is_malformed(desk, tools, query):
    answer = desk.call("GET", "/v1/feed", params={"epoch": desk.epoch, **query})

    assert (answer.status_code, tools.code_of(answer.json())) == (400, "malformed")
