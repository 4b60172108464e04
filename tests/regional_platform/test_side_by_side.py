"""Many writers at once: units side by side, one unit in turns, and a database that goes away."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor, wait
from queue import Queue

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from regional_platform.store.engine import open_store
from regional_platform.store.signals import Signals
from tests.databases import on_a_server


@on_a_server
def test_units_report_side_by_side_and_one_unit_in_turns(served):
    here, there = served.desk("350200-01"), served.desk("350600-01")
    mine, theirs = (desk.batch(desk.approved([desk.content()])) for desk in (here, there))

    with ThreadPoolExecutor(1) as thread:
        with served.platform.store.writing(units=("350200-01",)):
            waiting = thread.submit(here.post, mine)
            assert there.post(theirs).status_code == 200
            assert not waiting.done()
        assert waiting.result(20).status_code == 200


@on_a_server
@pytest.mark.parametrize("units", [(), ("350200-01",)], ids=["nobody's", "one unit's"])
def test_who_is_alone_waits_for_all_others(served, units):
    store = served.platform.store
    begun, over = threading.Event(), []

    def alone():
        begun.set()
        with store.writing():
            over.append("alone")

    with ThreadPoolExecutor(1) as thread:
        with store.writing(units=units):
            done = thread.submit(alone)
            begun.wait(20)
            assert done not in wait([done], timeout=0.1).done
            over.append("others")
        done.result(20)
    assert over == ["others", "alone"]


def test_an_id_that_two_units_use_at_once_belongs_to_one_of_them(served, tools):
    desks = [served.desk("350200-01"), served.desk("350600-01")]
    ids = [tools.new_id() for _ in range(6)]
    batches = [
        [desk.batch(desk.approved([desk.content(n, version_id=one)])) for n, one in enumerate(ids)]
        for desk in desks
    ]

    with ThreadPoolExecutor(12) as threads:
        sent = [
            threads.submit(desk.post, batch)
            for pair in zip(*batches, strict=True)
            for desk, batch in zip(desks, pair, strict=True)
        ]
        outcomes = [tools.outcome(desks[0].receipts(one.result())[0]) for one in sent]

    assert sorted(outcomes) == ["accepted"] * 6 + ["rejected id-reused"] * 6


@on_a_server
def test_a_database_that_goes_away_is_maintenance_and_nothing_is_lost(served, postgres, tools, caplog):
    desk = served.desk()
    contents = [desk.content(n) for n in range(3)]
    batch = desk.batch(desk.approved(contents))
    postgres.stop()
    try:
        refused = desk.post(batch)
    finally:
        postgres.start()

    assert (refused.status_code, tools.code_of(refused.json())) == (503, "maintenance")
    assert desk.receipts(desk.post(batch))[2]["outcome"] == "accepted"
    desk.stages([one["version_id"] for one in contents])


@on_a_server
def test_a_reader_changes_nothing_and_sees_one_state(served):
    store = served.platform.store
    count = text("SELECT count(*) FROM session")

    with store.reading() as reading:
        before = reading.execute(count).scalar_one()
        served.desk().token("reporter")
        assert reading.execute(count).scalar_one() == before
    with pytest.raises(DBAPIError, match="read-only"), store.reading() as reading:
        reading.execute(text("UPDATE unit SET name = ''"))


def test_news_are_told_to_other_processes_and_not_to_oneself(postgres):
    with postgres.fresh() as url:
        stores = [open_store(url), open_store(url)]
        heard = [Queue(), Queue()]
        one, other = (Signals(store, queue.put) for store, queue in zip(stores, heard, strict=True))
        for signals, queue in zip((one, other), heard, strict=True):
            signals.start()
            assert queue.get(timeout=20) is None  # it listens, and had better look

        one.send({"350200-02", "350200-01"})
        assert heard[1].get(timeout=20) == ["350200-01", "350200-02"]
        one.send({f"unit-{n}" for n in range(2_000)})
        assert heard[1].get(timeout=20) is None
        other.send({"350600-01"})
        assert heard[0].get(timeout=20) == ["350600-01"]

        for signals, store in zip((one, other), stores, strict=True):
            signals.stop()
            store.close()


@on_a_server
def test_a_text_that_no_column_takes_is_malformed(served, desk, tools):
    admin = desk.call("GET", "/v1/records", params={"unit": "350200\x00"})

    assert (admin.status_code, tools.code_of(admin.json())) == (400, "malformed")
