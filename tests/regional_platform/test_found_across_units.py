"""What a record is found by across units: its subject, its day, its city, and the act itself."""

from __future__ import annotations

import json

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, insert, select, text

from forms.catalog.check import natural_key
from regional_platform.catalogs import load_catalogs
from regional_platform.settings import find_resources
from regional_platform.store.engine import open_store
from regional_platform.store.migrate import MIGRATIONS
from regional_platform.store.tables import record, subject, unit, version, version_key
from tests.databases import on_a_file

PENALTY = load_catalogs(find_resources()).current.items["XZCF_FR"]


def found_by(served, record_id):
    with served.platform.store.reading() as connection:
        row = connection.execute(select(record).where(record.c.record_id == record_id)).one()
    return row.city, row.subject_code, row.act_on, row.act_key


def expected(content, city="350200"):
    payload = content["payload"]
    return city, payload["CF_XDR_SHXYM"], payload["CF_JDRQ"], natural_key(PENALTY, payload)


def test_a_record_is_found_by_what_its_last_accepted_payload_says(served, desk):
    first, other = desk.content(), served.desk("350600-01").content()
    desk.send([first])
    assert found_by(served, first["record_id"]) == expected(first)

    second = desk.correction(first, payload=desk.penalty(7))
    assert desk.outcomes([second, other]) == ["accepted", "accepted"]
    assert found_by(served, first["record_id"]) == expected(second) != expected(first)


@on_a_file
def test_two_units_that_report_one_act_have_one_key_for_it(served, desk):
    there = served.desk("350600-01")
    one = desk.content()
    same = there.content(payload={name: one["payload"][name] for name in ("CF_WSH", "CF_XDR_MC")})
    desk.send([one])
    there.send([same])

    assert found_by(served, one["record_id"])[3] == found_by(served, same["record_id"])[3] is not None
    assert found_by(served, same["record_id"])[0] == "350600"


@on_a_file
def test_a_record_that_stands_beside_another_has_the_key_of_their_act(served, desk):
    one = desk.content()
    beside = desk.content(
        payload=one["payload"], answers=[{"path": "", "code": "same_act", "reason": "两次处罚同一文号"}]
    )
    desk.send([one, beside])

    assert found_by(served, beside["record_id"]) == found_by(served, one["record_id"])


@on_a_file
def test_a_withdrawn_record_is_found_by_its_subject_and_stands_for_no_act(served, desk):
    content = desk.content()
    desk.send([content, desk.withdrawal(content)])

    assert found_by(served, content["record_id"]) == (*expected(content)[:3], None)


@on_a_file
def test_of_a_record_of_which_nothing_was_accepted_only_the_city_is_known(served, desk):
    content = desk.content(payload={"CF_NR_FK": None})
    desk.send([content])

    assert found_by(served, content["record_id"]) == ("350200", None, "", None)


@pytest.fixture
def of_before(tmp_path):
    """A database as it was before records were found across units, with one of each kind in it."""
    database = f"sqlite:///{tmp_path / 'old.db'}"
    engine = create_engine(database)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        connection.execute(
            insert(unit).values(code="350200-01", name="示范局", city="350200", code18="x" * 18)
        )
        connection.execute(
            text(
                "INSERT INTO subject (code, kind, name, basis, since_at)"
                " VALUES (:c, 'legal', :n, 'loaded', '')"
            ),
            {"c": "91350200MA9YYYYY7Y", "n": "鹭海（厦门） 食品有限公司"},
        )
        yield connection, database
    engine.dispose()


def put(connection, record_id, *versions, natural_key=None):
    """Write versions as (op, payload, outcome), the last of which is the head."""
    for n, (op, payload, outcome) in enumerate(versions):
        ids = {"version_id": f"{record_id}-{n}", "record_id": record_id, "unit": "350200-01"}
        connection.execute(insert(version).values(
            **ids, device_id="", batch_id="", op=op, catalog=PENALTY.ref, approval_id="", place=0,
            received_at="", content=json.dumps({"payload": payload}).encode(),
        ))  # fmt: skip
        connection.execute(insert(version_key).values(
            **ids, content_sha256="", receipt_no="", outcome=outcome, stage="checked",
        ))  # fmt: skip
    head, head_op = (f"{record_id}-{n}", op) if outcome != "rejected" else (None, None)
    connection.execute(
        text("INSERT INTO record (record_id, unit, item, head, head_op, natural_key)"
             " VALUES (:i, '350200-01', 'XZCF_FR', :h, :o, :k)"),
        {"i": record_id, "h": head, "o": head_op, "k": natural_key},
    )  # fmt: skip


def test_an_older_database_gets_what_its_records_are_found_by(of_before):
    connection, database = of_before
    payload = {
        "CF_XDR_SHXYM": "91350200MA9YYYYY7Y",
        "CF_JDRQ": "2026-03-01",
        "CF_WSH": "罚1号",
        "CF_XDR_MC": "甲",
    }
    key = natural_key(PENALTY, payload)
    put(connection, "plain", ("create", payload, "accepted"), natural_key=key)
    put(connection, "beside", ("create", payload, "accepted_with_warnings"), natural_key=f"{key}#beside")
    put(connection, "gone", ("create", payload, "accepted"), ("withdraw", {}, "accepted"))
    put(connection, "never", ("create", {}, "rejected"))
    connection.commit()

    store = open_store(database)
    with store.reading() as reading:
        rows = {row.record_id: row for row in reading.execute(select(record))}
        name = reading.execute(select(subject.c.name_key)).scalar_one()
    store.close()

    of_subject = ("350200", "91350200MA9YYYYY7Y", "2026-03-01")
    assert {name: (row.city, row.subject_code, row.act_on, row.act_key) for name, row in rows.items()} == {
        "plain": (*of_subject, key),
        "beside": (*of_subject, key),
        "gone": (*of_subject, None),
        "never": ("350200", None, "", None),
    }
    assert name == "鹭海（厦门）食品有限公司"
