"""Cases of a platform of before: one record at the top, transfers in a table of their own."""

from __future__ import annotations

import json

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, text

from forms.seal.canonical import canonical
from regional_platform.case_log import row_of, told
from regional_platform.case_marks import disputed
from regional_platform.store.engine import open_store
from regional_platform.store.migrate import MIGRATIONS

CASE, RECORD, VERSION = (f"018f0000-0000-7000-8000-00000000000{n}" for n in (1, 2, 3))
OPENED, MOVED = "2026-11-20T17:00:00.000Z", "2026-11-21T01:00:00.000Z"


@pytest.fixture
def old(tmp_path):
    """A database of before with an objection that was handed on."""
    url = f"sqlite:///{tmp_path / 'old.db'}"
    engine, config = create_engine(url), Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    applicant = {"name": "林小满", "id_kind": "10", "id_number": "110101199003070011", "phone": ""}
    opening = {
        "case_id": CASE, "kind": "objection", "record_id": RECORD, "applicant": applicant,
        "reason_code": "wrong_content", "statement": "金额不符。", "evidence": [],
        "disputes": [{"field": "CF_NR_FK", "old": "0.05", "claimed": "0.03"}],
    }  # fmt: skip
    snapshot = {"version_id": VERSION, "catalog": "XZCF_FR@2026.1", "payload": {"CF_NR_FK": "0.05"}}
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0021")
        connection.execute(
            text(
                "INSERT INTO casefile (case_id, kind, state, revision, unit, hall_unit, record_id, opening,"
                " opening_sha256, snapshot, opened_by, opened_at) VALUES (:case, 'objection', 'opened',"
                " :case, '350500-01', '350200-00', :record, :opening, '0', :snapshot, 'hall-1', :at)"
            ),
            {"case": CASE, "record": RECORD, "opening": canonical(opening), "snapshot": canonical(snapshot),
             "at": OPENED},
        )  # fmt: skip
        connection.execute(
            text(
                'INSERT INTO case_transfer (transfer_id, case_id, from_unit, to_unit, reason, "by", at)'
                " VALUES (:id, :case, '350200-01', '350500-01', '不是本机构报送的。', 'l-1', :at)"
            ),
            {"id": VERSION, "case": CASE, "at": MOVED},
        )
    engine.dispose()
    return url


def test_a_case_of_before_is_about_one_record_and_has_its_transfers_as_history(old):
    store = open_store(old)
    with store.reading() as connection:
        (case,) = told(connection, [row_of(connection, CASE)])
        marked = disputed(connection, [RECORD])
    store.close()

    (record,) = case["records"]
    assert (record["record_id"], record["version_id"], record["reason_code"]) == (
        RECORD,
        VERSION,
        "wrong_content",
    )
    assert (case["stage"], case["taken_in_at"], case["agent"], case["materials"]) == (
        "accepted",
        OPENED,
        None,
        [],
    )
    assert [(one["kind"], one["on"], one["unit"]) for one in case["events"]] == [
        ("received", "2026-11-21", "350200-00"),
        ("accepted", "2026-11-21", "350200-00"),
        ("transferred", "2026-11-21", "350200-01"),
    ]
    assert case["events"][2]["data"]["to_unit"] == "350500-01"
    assert marked == {RECORD}
    assert json.dumps(case)
