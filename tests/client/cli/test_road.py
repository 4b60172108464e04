"""The road without a window: every verb, a real platform, the exit codes that scripts lean on."""

from __future__ import annotations

import base64
import time

import pytest
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from client.core.times import day_in_shanghai
from client.demo.sample_files import write_penalties
from client.demo.samples import Office
from client.wiring import load_catalogs, utc_now
from tests.client.cli.conftest import caller
from tests.client.sync.branch import PASSPHRASE, Branch

STAGES_S = 60


def one_time_code(secret: str) -> str:
    made = TOTP(base64.b32decode(secret), 6, SHA1(), 30)
    return made.generate(int(time.time())).decode()


@pytest.fixture
def desk(platform, tmp_path):
    """A desk at which a reporter and a reviewer work, both signed in; unlocking it costs little."""
    unit = platform.unit("350200-01")
    branch = Branch(tmp_path / "desk", platform.url, unit, platform.seed["subjects"])
    branch.open_for_business("reporter", "reviewer")
    branch.stand_up()
    return caller(branch.folder, {one["roles"][0]: one for one in unit["operators"]}, "reporter")


@pytest.fixture
def penalties(platform, tmp_path):
    """The demo's spreadsheet of penalties."""
    path, unit = tmp_path / "台账.xlsx", platform.unit("350200-01")
    write_penalties(
        path, load_catalogs().item("XZCF_FR"), office=Office(unit["name"], unit["code18"]),
        subjects=platform.seed["subjects"], today=day_in_shanghai(utc_now()),
    )  # fmt: skip
    return path


def synced(desk, wanted: str, count: int):
    """Sync until so many records are in a state; the platform works on them meanwhile."""
    end = time.monotonic() + STAGES_S
    while True:
        done = desk("sync", "--json")
        assert done.err == ""
        if desk("records", "--state", wanted, "--json").said["count"] >= count:
            return done
        assert time.monotonic() < end


def test_a_desk_is_enrolled_and_its_people_are_added_and_signed_in_by_verbs(desk_of):
    call = desk_of()
    added = call(
        "operators", "--add", call.people["reviewer"]["operator_id"], "--no-keyring", "--json",
        secrets={"--new-passphrase-fd": PASSPHRASE},
    )  # fmt: skip
    assert {one["name"] for one in added.said["operators"] if one["can_unlock"]} == {
        call.people[role]["name"] for role in ("reporter", "reviewer")
    }
    for role in ("reporter", "reviewer"):
        person = call.people[role]
        done = call(
            "sign-in", "--totp", one_time_code(person["totp_secret"]), "--json", who=role,
            secrets={"--password-fd": person["password"]},
        )  # fmt: skip
        assert done.code == 0, done.err
    assert call("sync", "--json").code == 0


def test_a_spreadsheet_becomes_stored_records_and_one_of_them_is_corrected_and_another_withdrawn(
    desk, penalties
):
    taken = desk("import", str(penalties), "--json")
    assert taken.code == 1
    said = taken.said
    assert said["read"] == sum(
        said[name] for name in ("created", "updated", "corrected", "skipped", "faulty")
    )

    submitted = desk("submit", "--import", said["import_id"], "--json").said
    assert submitted["submitted"] == said["created"]
    approved = desk("approve", submitted["act_id"], "--json", who="reviewer").said
    assert approved["approved"] == said["created"]
    assert desk("status", "--json").said["queued"] == said["created"]

    synced(desk, "stored", said["created"] - 5)
    status = desk("status", "--json").said
    assert status["accepted"] == said["created"]
    assert (status["queued"], status["unknown"], status["blocked"]) == (0, 0, 0)

    first, second = desk("records", "--state", "stored", "--limit", "2", "--json").said["records"]
    changed = desk(
        "correct", first["record_id"], "--set", "BZ=更正后的备注", "--reason", "wrong_entry", "--json"
    )
    gone = desk(
        "withdraw", second["record_id"], "--reason", "decision_revoked", "--text", "决定已被撤销", "--json"
    )
    assert (changed.code, gone.code) == (0, 0)
    assert desk("approve", "--all", "--json", who="reviewer").said["approved"] == 2
    synced(desk, "corrected", 1)
    synced(desk, "withdrawn", 1)
    held = desk("reconcile", "--json")
    assert (held.code, held.said["requests"], held.said["differing"]) == (0, 1, [])
    assert held.said["compared"] == said["created"]
    assert "不一致 0" in desk("reconcile").out
    assert (
        desk("records", "--state", "corrected", "--json").said["records"][0]["record_id"]
        == first["record_id"]
    )


def test_nobody_approves_their_own_work(desk, penalties):
    taken = desk("import", str(penalties), "--json").said
    desk("submit", "--import", taken["import_id"], "--json")

    done = desk("approve", "--all", "--json")

    assert done.code == 2
    assert "职责" in done.err or "复核" in done.err


def test_what_is_returned_says_why_and_can_be_submitted_again(desk, penalties):
    taken = desk("import", str(penalties), "--json").said
    desk("submit", "--import", taken["import_id"], "--json")
    record = desk("records", "--state", "in_review", "--limit", "1", "--json").said["records"][0]

    assert (
        desk("return", record["record_id"], "--reason", "请补充事实", "--field", "CF_SY", who="reviewer").code
        == 0
    )
    assert desk("records", "--state", "returned", "--json").said["count"] == 1
    assert desk("submit", record["record_id"], "--json").said["submitted"] == 1


def test_without_a_platform_everything_but_sending_works(desk, platform, penalties):
    platform.stop()

    taken = desk("import", str(penalties), "--json").said
    submitted = desk("submit", "--import", taken["import_id"], "--json").said
    assert desk("approve", submitted["act_id"], "--json", who="reviewer").code == 0
    failed = desk("sync", "--json")
    assert failed.code == 2
    assert "联系不上" in failed.err
    status = desk("status", "--json").said
    assert status["queued"] + status["unknown"] + status["sent"] == taken["created"]

    platform.start()
    synced(desk, "stored", taken["created"] - 5)


def test_a_wrong_passphrase_opens_nothing(desk):
    done = desk("status", "--json", secrets={"--passphrase-fd": "另外一句话而已"})

    assert (done.code, done.out) == (2, "")
    assert "passphrase_wrong" in done.err


def test_a_wrong_one_time_code_is_refused_in_words(desk_of):
    call = desk_of()
    person = call.people["reporter"]

    done = call("sign-in", "--totp", "000000", "--json", secrets={"--password-fd": person["password"]})

    assert done.code == 2
    assert "sign_in_refused" in done.err


def test_a_used_enrolment_code_is_refused_and_leaves_no_profile(desk_of, platform, tmp_path, minxin):
    desk_of()
    place = platform.unit("350200-01")

    done = minxin(
        "enrol", "--platform", platform.url, "--code", place["enrolment_code"], "--name", "另一台",
        "--no-keyring", "--profile", str(tmp_path / "other"),
        "--operator", place["operators"][0]["operator_id"],
        secrets={"--passphrase-fd": PASSPHRASE},
    )  # fmt: skip

    assert done.code == 2
    assert "enrolment_code_used" in done.err
    assert not (tmp_path / "other" / "keys.json").exists()


def test_a_name_mistyped_at_enrolment_does_not_burn_the_code(platform, tmp_path, minxin):
    place = platform.unit("350500-01")
    options = (
        "enrol", "--platform", platform.url, "--code", place["enrolment_code"], "--name", "窗口",
        "--no-keyring", "--profile", str(tmp_path / "desk"),
    )  # fmt: skip

    wrong = minxin(*options, "--operator", "没有这个人", secrets={"--passphrase-fd": PASSPHRASE})
    right = minxin(
        *options, "--operator", place["operators"][0]["name"], secrets={"--passphrase-fd": PASSPHRASE}
    )

    assert (wrong.code, right.code) == (2, 0)


def test_a_file_that_is_no_spreadsheet_is_refused_in_words_and_nothing_is_stored(desk, tmp_path):
    files = {
        "empty.xlsx": b"",
        "letter.pdf": b"%PDF-1.7\n" + b"x" * 400,
        "program.xlsx": b"MZ" + bytes(400),
        "picture.xls": b"\x89PNG\r\n\x1a\n" + bytes(400),
    }
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
        done = desk("import", str(tmp_path / name), "--json")
        assert (done.code, done.out) == (2, ""), name
        assert done.err.count("\n") == 1, name
        assert "Traceback" not in done.err
    assert desk("import", str(tmp_path / "missing.xlsx")).code == 2
    assert desk("records", "--json").said["count"] == 0


def test_check_names_every_problem_by_row_and_column(minxin, penalties, tmp_path):
    done = minxin("check", str(penalties), "--report", str(tmp_path / "报告.xlsx"), "--json")

    said = done.said
    assert done.code == 1
    assert said["rows"] == said["ok"] + said["faulty"]
    assert {"row", "column", "field", "code", "severity", "value", "message", "suggestion"} == set(
        said["problems"][0]
    )
    assert len({one["code"] for one in said["problems"] if one["severity"] == "error"}) >= 10
    assert (tmp_path / "报告.xlsx").stat().st_size > 0


def test_preview_says_what_a_file_is(minxin, penalties):
    said = minxin("preview", str(penalties), "--json").said

    sheet = said["sheets"][0]
    assert (sheet["item"], said["refused"]) == ("XZCF_FR", None)
    assert {heading["field"] for heading in sheet["headings"]} >= {"CF_XDR_MC", "CF_WSH", "CF_NR_FK"}


def test_records_and_lists_leave_as_files(desk, penalties, tmp_path):
    taken = desk("import", str(penalties), "--json").said
    record = desk("records", "--limit", "1", "--json").said["records"][0]["record_id"]

    listed = desk("records", "--item", "XZCF_FR", "--out", str(tmp_path / "记录.xlsx"), "--json").said
    printed = desk("records", "--item", "XZCF_FR", "--out", str(tmp_path / "记录.pdf"), "--json").said
    one = desk("record-print", record, str(tmp_path / "一条.pdf"), "--json").said
    faulty = desk("export", "import", str(tmp_path / "有误.csv"), "--id", taken["import_id"], "--json").said
    said = desk("export", "imports", str(tmp_path / "导入.xlsx"))
    refused = desk("export", "imports", str(tmp_path / "导入.doc"))

    assert listed["rows"] == printed["rows"] == taken["created"]
    assert one["sheets"] >= 1
    assert faulty["rows"] == taken["faulty"] + taken["skipped"]
    assert said.out.endswith("导入.xlsx，1 行。\n")
    assert refused.code == 2
    assert "format_unknown" in refused.err
    assert sorted(path.suffix for path in tmp_path.glob("*.*") if path != penalties) == [
        ".csv", ".pdf", ".pdf", ".xlsx", ".xlsx",
    ]  # fmt: skip
