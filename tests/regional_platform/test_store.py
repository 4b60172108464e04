"""The database: migrations, settings, and what is only ever added."""

from __future__ import annotations

import json
import stat

import pytest
import zstandard
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine, func, insert, select
from sqlalchemy.exc import IntegrityError

from forms.seal.canonical import canonical
from forms.seal.keys import SigningKey
from forms.seal.receipt import RECEIPT_KEYS, digests_of, seal_verifies
from regional_platform.auth.credentials import COSTS
from regional_platform.demo import AlreadySeeded, seed
from regional_platform.store.among import among
from regional_platform.store.bulk import insert_many
from regional_platform.store.engine import open_store
from regional_platform.store.identity import identity_of
from regional_platform.store.list_tables import list_entry
from regional_platform.store.migrate import DatabaseTooNew, migrate
from regional_platform.store.tables import batch, feed, metadata, receipt, server, subject, version_key
from regional_platform.times import utc_now


@pytest.fixture
def store(empty_database):
    opened = open_store(empty_database)
    yield opened
    opened.close()


@pytest.fixture
def served(shared):
    """One platform for those who are refused: they change nothing."""
    return shared


@pytest.fixture
def file_store(tmp_path):
    opened = open_store(f"sqlite:///{tmp_path / 'new' / 'platform.db'}")
    yield opened
    opened.close()


def test_the_migrations_end_at_the_declared_schema(store):
    with store.engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_server_default": True, "include_object": is_declared}
        )
        assert compare_metadata(context, metadata) == []


def is_declared(thing, name, kind, found, _compared):
    """Partitions are made as they are needed; over them no constraint keeps an id unique."""
    if kind == "table" and found:
        return name in metadata.tables
    return name != "uq_version_version_id"


def test_a_database_opens_again_and_keeps_who_it_is(empty_database, store):
    first = store.write(lambda connection: identity_of(connection, utc_now()))
    again = open_store(empty_database)

    assert again.write(lambda connection: identity_of(connection, utc_now())) == first
    again.close()


def test_a_database_of_a_newer_program_is_refused(empty_database, store):
    with store.writing() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")

    with pytest.raises(DatabaseTooNew):
        open_store(empty_database)


def test_the_file_is_durable_and_for_its_owner_only(tmp_path, file_store):
    with file_store.reading() as connection:
        read = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys", "trusted_schema")
        }

    assert read == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "trusted_schema": 0}
    assert stat.S_IMODE((tmp_path / "new" / "platform.db").stat().st_mode) & 0o077 == 0


@pytest.mark.parametrize(
    "act",
    [
        "UPDATE version SET op = 'create'",
        "DELETE FROM version",
        "UPDATE receipt SET stage = 'x'",
        "DELETE FROM receipt",
        "UPDATE version_key SET receipt_no = 'x'",
        "UPDATE version_key SET outcome = 'held'",
        "UPDATE version_key SET checked_at = NULL",
        "DELETE FROM version_key",
    ],
)
def test_what_was_received_and_every_receipt_stay_as_they_are(served, desk, act):
    desk.send([desk.content(0), desk.content(1, payload={"CF_WSH": None})])

    with (
        pytest.raises(IntegrityError, match="append-only"),
        served.platform.store.writing() as connection,
    ):
        connection.exec_driver_sql(act)


def test_what_was_signed_before_seals_is_sealed_and_stays_as_it_was_otherwise(empty_database, tmp_path):
    """Receipts lose the signature that each had, answers to batches get one for all."""
    (tmp_path / "new").mkdir(exist_ok=True)
    key = SigningKey(bytes(range(32)))
    said = {name: name for name in RECEIPT_KEYS} | {"problem": {"detail": "不行"}}
    signed = json.dumps(said | {"sig": key.sign("receipt", said)}, ensure_ascii=False).encode()
    engine = create_engine(empty_database)
    with engine.begin() as connection:
        migrate(connection, to="0014")
        connection.execute(
            insert(server).values(server_id="mx-1", signing_key=key.raw, epoch="e", made_at="t")
        )
        connection.execute(insert(receipt).values(version_id="v", stage="checked", raw=signed))
        answer = zstandard.compress(b'{"batch_id":"b","receipts":[%s]}' % signed)
        kept = {"device_seq": 1, "body_sha256": "", "items": 1, "received_at": "t", "answer": answer}
        connection.execute(insert(batch).values(device_id="d", batch_id="b", **kept))
    engine.dispose()
    store = open_store(empty_database)

    with store.reading() as connection:
        assert bytes(connection.execute(select(receipt.c.raw)).scalar_one()) == canonical(said)
        answer = json.loads(zstandard.decompress(connection.execute(select(batch.c.answer)).scalar_one()))
    with pytest.raises(IntegrityError, match="append-only"), store.writing() as connection:
        connection.exec_driver_sql("DELETE FROM receipt")
    store.close()
    assert (answer["batch_id"], answer["receipts"]) == ("b", [said])
    assert seal_verifies(key.public, "mx-1", answer["seal"], digests_of([canonical(said)]))


def test_nothing_of_a_write_that_fails_is_left(store):
    def act(connection):
        identity_of(connection, utc_now())
        connection.exec_driver_sql("INSERT INTO device (device_id) VALUES ('x')")

    with pytest.raises(IntegrityError):
        store.write(act)
    with store.reading() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM server").scalar_one() == 0


def test_a_demo_is_made_in_an_empty_database_only(store):
    store.write(lambda connection: seed(connection, utc_now(), cost=COSTS["low"], subjects=3))

    with pytest.raises(AlreadySeeded):
        store.write(lambda connection: seed(connection, utc_now(), cost=COSTS["low"]))


def test_a_reader_waits_for_no_writer(store):
    with store.writing() as writing:
        identity_of(writing, utc_now())
        with store.reading() as reading:
            assert reading.exec_driver_sql("SELECT count(*) FROM server").scalar_one() == 0


@pytest.mark.parametrize("count", [3, 300])
def test_many_rows_are_kept_as_they_are_and_a_doubled_one_is_refused_as_such(store, count):
    """Few rows and many go different ways on PostgreSQL."""
    text = "甲\t乙\\n'\n\r%s"
    columns = ("code", "kind", "name", "representative", "basis", "since_at")
    rows = [(f"c{n:03}", "legal", text, None, "loaded", "") for n in range(count)]
    with store.writing() as connection:
        insert_many(connection, subject, columns, rows)
    with store.reading() as connection:
        kept = connection.execute(select(*(subject.c[name] for name in columns)).order_by(subject.c.code))
        assert [tuple(row) for row in kept] == rows

    with pytest.raises(IntegrityError), store.writing() as connection:
        insert_many(connection, subject, columns, [*({("x", *row[1:]) for row in rows}), *rows])
    with store.reading() as connection:
        assert connection.execute(select(func.count()).select_from(subject)).scalar_one() == count


@pytest.mark.parametrize("table", [list_entry, feed], ids=lambda table: table.name)
def test_values_of_every_sort_are_inserted_as_they_are(store, table):
    """PostgreSQL takes many in its binary form, where a number of another size were another number."""
    sorts = {"BOOLEAN": True, "BLOB": b"\x00\xff", "INTEGER": 7, "BIGINT": 2**40}
    columns = tuple(column.name for column in table.columns)
    row = tuple(sorts.get(str(column.type).partition("(")[0], "x") for column in table.columns)
    place = columns.index("record_id" if table is list_entry else "seq")
    rows = [
        (*row[:place], f"r{n:02}" if table is list_entry else 2**40 + n, *row[place + 1 :]) for n in range(25)
    ]

    with store.writing() as connection:
        insert_many(connection, table, columns, rows)

    with store.reading() as connection:
        kept = connection.execute(select(table).order_by(table.c[columns[place]]))
        assert [tuple(one) for one in kept] == rows


def test_what_is_asked_for_many_at_once_is_found_by_its_index(store):
    """On a table of one row PostgreSQL would read it whole all the same, unless told not to."""
    asked = select(version_key).where(among(version_key.c.version_id, ["a", "b"]))
    with store.reading() as connection:
        said = asked.compile(connection, compile_kwargs={"literal_binds": True})
        if store.on_postgresql:
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        explain = "EXPLAIN " if store.on_postgresql else "EXPLAIN QUERY PLAN "
        plan = " ".join(str(row) for row in connection.exec_driver_sql(explain + str(said)))

    assert ("Index Scan" if store.on_postgresql else "SEARCH version_key USING PRIMARY KEY") in plan, plan
