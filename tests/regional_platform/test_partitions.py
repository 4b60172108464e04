"""Versions by city and month on PostgreSQL: made ahead and on demand, looked into one by one, and moved."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from sqlalchemy import create_engine, insert, select, text
from sqlalchemy.exc import IntegrityError

from regional_platform.store.engine import open_store
from regional_platform.store.migrate import migrate
from regional_platform.store.partitions import after, existing, strays
from regional_platform.store.tables import SAME_VERSION, unit, version, version_key
from regional_platform.times import legal_month
from tests.databases import on_a_server

THIS_MONTH = legal_month(datetime.now(UTC))


@pytest.mark.parametrize(("month", "next_one"), [(202611, 202612), (202612, 202701)])
def test_after_december_comes_january(month, next_one):
    assert after(month) == next_one


def test_a_version_and_its_key_say_city_and_month(served, desk):
    content = desk.content()
    desk.send([content])

    with served.platform.store.reading() as connection:
        rows = connection.execute(
            select(version.c.version_id, version.c.city, version.c.month).join(version_key, SAME_VERSION)
        ).all()
    assert rows == [(content["version_id"], "350200", THIS_MONTH)]


@on_a_server
def test_this_month_and_the_two_after_it_are_there_for_every_city(served):
    store, partitions = served.platform.store, served.platform.partitions
    partitions.make_ahead(datetime(2031, 11, 30, 16, 0, tzinfo=UTC))  # 1 December in Xiamen

    with store.reading() as connection:
        made = existing(connection)
    assert {(city, month) for city, month in made if month > 203000} == {
        (city, month)
        for city in ("350000", "350200", "350500", "350600")
        for month in (203112, 203201, 203202)
    }


@on_a_server
def test_a_partition_that_is_missing_is_made_when_a_batch_needs_it(served):
    desk = served.desk("350600-01")
    served.clock.turn(days=400)
    later = served.desk("350600-01")
    later.send([later.content()])

    with served.platform.store.reading() as connection:
        where = connection.execute(text("SELECT tableoid::regclass::text FROM version")).scalar_one()
        assert where == f"version_350600_{legal_month(served.clock())}"
        assert strays(connection) == []
    assert desk.device_id != later.device_id


@on_a_server
def test_what_came_past_us_is_told(served):
    row = {
        "version_id": "v", "record_id": "r", "unit": "u", "device_id": "", "batch_id": "", "op": "create",
        "catalog": "", "content": b"", "approval_id": "", "place": 0, "received_at": "", "month": 209901,
    }  # fmt: skip
    with served.platform.store.writing() as connection:
        connection.execute(insert(version), [{**row, "city": "999999"}])

    with served.platform.store.reading() as connection:
        assert strays(connection) == ["version_default"]
        assert b"minxin_stray_partitions 1.0" in served.platform.metrics.text(connection)


@on_a_server
def test_a_version_is_looked_for_in_one_partition(served, desk):
    contents = [desk.content(n) for n in range(3)]
    desk.send(contents)
    seen = []
    with served.platform.store.reading() as connection:
        connection.exec_driver_sql("SET LOCAL enable_seqscan = off")  # it would pay for tables this small
        for wanted in (
            version_key.c.version_id == contents[0]["version_id"],
            version_key.c.record_id == contents[1]["record_id"],
        ):
            query = select(version.c.content).join(version_key, SAME_VERSION).where(wanted)
            compiled = query.compile(connection, compile_kwargs={"literal_binds": True})
            plan = connection.exec_driver_sql(f"EXPLAIN (ANALYZE, COSTS OFF) {compiled}").scalars().all()
            seen.append({
                line.split(" on ")[1].split()[0]
                for line in plan
                if " on version_3" in line and "never executed" not in line
            })  # fmt: skip

    assert seen == [{f"version_350200_{THIS_MONTH}"}] * 2


FIRST = """
    INSERT INTO unit (code, name, city, code18) VALUES
        ('350200-01', '厦门示范局', '350200', '1'), ('350600-01', '漳州示范局', '350600', '2');
    INSERT INTO feed_head (unit, n) VALUES ('350200-01', 0), ('350600-01', 0);
    INSERT INTO version (version_id, record_id, unit, device_id, batch_id, op, catalog, content, approval_id,
                         place, received_at) VALUES
        ('v1', 'r1', '350200-01', '', '', 'create', '', '{"payload": {}}', '', 0, '2026-10-31T15:59:59.999Z'),
        ('v2', 'r1', '350200-01', '', '', 'correct', '', '{"payload": {}}', '', 1, '2026-10-31T16:00:00Z'),
        ('v3', 'r2', '350600-01', '', '', 'create', '', '{"payload": {}}', '', 2, '2026-12-31T16:00:00.000Z');
    INSERT INTO version_key (version_id, unit, record_id, content_sha256, receipt_no, outcome, stage) VALUES
        ('v1', '350200-01', 'r1', '', '1', 'accepted', 'stored'),
        ('v2', '350200-01', 'r1', '', '2', 'accepted', 'stored'),
        ('v3', '350600-01', 'r2', '', '3', 'accepted', 'stored');
    INSERT INTO record (record_id, unit, item, head, head_op) VALUES
        ('r1', '350200-01', 'X', 'v2', 'correct'), ('r2', '350600-01', 'X', 'v3', 'create');
    INSERT INTO receipt (version_id, stage, raw) VALUES ('v1', 'checked', '{}');
"""


@pytest.fixture
def of_the_first_program(empty_database, tmp_path):
    """The URL of a database as the first program left it, with rows in it."""
    (tmp_path / "new").mkdir(exist_ok=True)
    engine = create_engine(empty_database)
    with engine.begin() as connection:
        migrate(connection, to="0001")
        for statement in FIRST.split(";\n"):
            if statement.strip():
                connection.exec_driver_sql(statement)
    engine.dispose()
    return empty_database


def test_a_database_of_the_first_program_is_brought_up_to_date_with_all_it_holds(of_the_first_program):
    store = open_store(of_the_first_program)
    try:
        with store.reading() as connection:
            rows = connection.execute(
                select(version.c.n, version.c.version_id, version.c.city, version.c.month)
                .join(version_key, SAME_VERSION)
                .order_by(version.c.n)
            ).all()
            assert [(one.n, one.version_id, one.city, one.month) for one in rows] == [
                (1, "v1", "350200", 202610), (2, "v2", "350200", 202611), (3, "v3", "350600", 202701),
            ]  # fmt: skip
            assert connection.execute(select(unit.c.path).where(unit.c.code == "350600-01")).scalar_one() == (
                "minnan/350600/350600-01/"
            )
            assert strays(connection) == []
        for act in ("UPDATE version SET op = 'x'", "DELETE FROM version", "DELETE FROM receipt"):
            with pytest.raises(IntegrityError, match="append-only"), store.writing() as connection:
                connection.exec_driver_sql(act)
    finally:
        store.close()


def test_two_that_start_together_migrate_once(of_the_first_program):
    with ThreadPoolExecutor(3) as threads:
        stores = list(threads.map(open_store, [of_the_first_program] * 3))
    for store in stores:
        store.close()
