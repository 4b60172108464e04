"""Two platforms on one database: limits are counted together, and each knows what the other is at."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import timedelta

import pytest
from sqlalchemy import insert, select, update

from regional_platform.housekeeping import sweep
from regional_platform.limits import RateLimit, SharedRate
from regional_platform.problems import Refusal
from regional_platform.settings import Limits
from regional_platform.store.engine import open_store
from regional_platform.store.process_tables import bucket, under_way
from regional_platform.times import iso, utc_now
from regional_platform.working import UnderWay
from tests.databases import on_a_server
from tests.serving import Served


@pytest.fixture
def stores(seeded_platform, tmp_path):
    """A database, opened twice."""
    with seeded_platform.copied(tmp_path) as database, ExitStack() as ends:
        opened = [open_store(f"{'' if '://' in str(database) else 'sqlite:///'}{database}") for _ in range(2)]
        for one in opened:
            ends.callback(one.close)
        yield opened


def taken(rate, times, holder="d", lane="bulk"):
    """How many of so many tokens there were, and what the last refusal said."""
    got, said = 0, None
    for _ in range(times):
        try:
            rate.take(holder, lane)
        except Refusal as refused:
            said = (refused.code, refused.headers["Retry-After"], refused.extras)
        else:
            got += 1
    return got, said


def test_a_bucket_in_the_database_is_one_for_all_and_counts_as_one_in_memory(stores):
    one, other = (SharedRate(store, 2, 3) for store in stores)
    alone = RateLimit(2, 3)

    first = taken(one, 2)
    assert (first, taken(other, 2)) == ((2, None), (1, ("rate-limited", "30", {"seconds": 30})))
    assert (taken(alone, 2), taken(alone, 2)) == (first, (1, ("rate-limited", "30", {"seconds": 30})))
    assert taken(one, 1, lane="deadline") == taken(one, 1, holder="e") == (1, None)


def test_a_bucket_fills_up_and_is_full_when_the_clock_was_set_back(stores):
    rate = SharedRate(stores[0], 2, 3)
    turned = []
    for seconds in (-61, 3_600):
        taken(rate, 4)
        with stores[0].writing(()) as connection:
            connection.execute(update(bucket).values(full_at=bucket.c.full_at + seconds))
        turned.append(taken(rate, 4)[0])

    assert turned == [2, 3]


def test_buckets_that_are_full_again_are_removed(stores):
    taken(SharedRate(stores[0], 60, 3), 1)
    left = []
    for ahead in (0, 3_600):
        with stores[0].writing(()) as connection:
            sweep(connection, utc_now() + timedelta(seconds=ahead))
            left.append(len(connection.execute(select(bucket)).all()))

    assert left == [1, 0]


def test_nobody_is_believed_to_judge_a_batch_for_longer_than_anybody_does(stores):
    known = UnderWay(stores[1], utc_now)
    with stores[0].writing(()) as connection:
        for name, seconds in (("killed", -1), ("alive", 30)):
            until = iso(utc_now() + timedelta(seconds=seconds))
            connection.execute(insert(under_way).values(device_id="d", batch_id=name, until_at=until))

    assert [known.has(("d", name)) for name in ("killed", "alive", "none")] == [False, True, False]


@pytest.fixture
def both(seeded_platform, tmp_path):
    """Two platforms that serve one database."""
    with seeded_platform.copied(tmp_path) as database:
        served = [
            Served(database, seeded_platform.seed, Limits(batches_per_minute=1, batch_burst=3))
            for _ in range(2)
        ]
        for one in served:
            one.start()
        yield served
        for one in served:
            one.stop()


@on_a_server
def test_who_asks_two_platforms_in_turn_has_the_limit_of_one(both, desk_at):
    desk = desk_at(of=both[0])
    body = {"version_ids": ["018f0000-0000-7000-8000-000000000000"]}
    codes = []
    for n in range(5):
        desk.url = both[n % 2].url
        codes.append(desk.call("POST", "/v1/missing", json=body).status_code)

    assert codes == [200, 200, 200, 429, 429]


@on_a_server
def test_a_batch_that_was_answered_202_is_known_to_the_other_platform_until_it_is_judged(
    both, desk_at, tools
):
    desk = desk_at(of=both[0])
    batches = [desk.batch(desk.approved([desk.content(n)])) for n in range(2)]
    batches[1]["device_seq"] = 1  # used twice: refused, and nobody waits for it
    store = both[0].platform.store

    def asked(batch, of):
        desk.url = of.url
        return desk.call("GET", f"/v1/batches/{batch['batch_id']}").status_code

    for batch, end in zip(batches, (200, 404), strict=True):
        desk.url = both[0].url
        with store.writing(units=(desk.unit["code"],)):
            assert desk.post(batch, headers={"Prefer": "wait=0"}).status_code == 202
            assert [asked(batch, one) for one in both] == [202, 202]
        tools.until(lambda batch=batch, end=end: [asked(batch, one) for one in both] == [end] * 2)
    with store.reading() as connection:
        assert connection.execute(select(under_way)).all() == []
