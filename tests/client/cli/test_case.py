"""The verb case: what the window does with objections and repairs, for scripts."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from client.cli.cases import CASE_VERBS, case
from client.core.case_events import SAYABLE
from client.store import case_sending, drafts, review, versions
from tests.client.cli.conftest import run_minxin
from tests.client.conftest import PASSPHRASE
from tests.client.rivals import Build, approved, draft_of, hear

WHO = (
    "--applicant", "林小满", "--id-number", "110101199003070011", "--phone", "13800000000",
    "--statement", "金额与决定书不符。",
)  # fmt: skip
ABOUT = ("--reason", "wrong_information", "--claim", "CF_NR_FK=0.01", *WHO)


@pytest.fixture
def minxin(house: Any, a_penalty: Build) -> Any:
    """A desk with one accepted record, and a way to call verbs of a case."""
    record_id = drafts.create(house.switch("林晓"), "XZCF_FR", a_penalty(1))
    approved(house, record_id)
    hear(house.desk, record_id, "accepted")
    house.close()
    at = ("--profile", str(house.directory), "--operator", "林晓")
    call = partial(run_minxin, "case", secrets={"--passphrase-fd": PASSPHRASE})
    return record_id, lambda *said: call(*said, *at)


def register(run: Any, record_id: str, *more: str) -> str:
    done = run("register", "--record", record_id, *ABOUT, *more, "--json")
    assert done.code == 0, done.err
    return str(done.said["case_id"])


def test_a_case_goes_from_intake_to_a_submitted_decision_without_a_window(minxin: Any, tmp_path: Path):
    record_id, run = minxin
    case_id = register(run, record_id)
    assert "已记下“受理”" in run("accept", case_id).out
    assert run("assign", case_id, "--to", "林晓", "--json").said["stage"] == "accepted"

    shown = run("show", case_id, "--json")
    assert (shown.code, shown.said["stage"], shown.said["owner"]["name"]) == (0, "accepted", "林晓")
    assert [one["kind"] for one in shown.said["events"]] == ["received", "accepted", "assigned"]
    assert shown.said["applicant"]["id_number"] != "110101199003070011"
    assert {"suspended", "transferred"} <= set(shown.said["possible"])
    assert all(clock["steps"] for clock in shown.said["clocks"] if clock["state"] == "running")
    assert "平台还没有确认" in run("show", case_id).out

    listed = run("list", "--mine", "--json").said
    assert (listed["count"], listed["cases"][0]["case_id"]) == (1, case_id)
    assert listed["cases"][0]["due_on"] is None or isinstance(listed["cases"][0]["days_left"], int)
    assert run("next", "--json").said["case"]["case_id"] == case_id
    assert run("next", "--after", case_id).code == 1

    assert run("decide", case_id, "--text", "经核对原始案卷，罚款应为壹佰元。").code == 0
    left = run("submit", case_id)
    assert (left.code, "decision_incomplete" in left.err) == (2, True)
    kept = run("decide", case_id, "--correct", "CF_NR_FK=很多", "--submit", "--json")
    assert (kept.code, kept.said["act_id"]) == (2, None)
    assert kept.said["problems"]
    findings = tmp_path / "决定.json"
    findings.write_text(
        json.dumps(
            {
                "disputes": [{"record_id": record_id, "field": "CF_NR_FK", "finding": "delete"}],
                "text": "主体张冠李戴。",
            }
        ),
        encoding="utf-8",
    )
    done = run("decide", case_id, "--file", str(findings), "--submit", "--json")
    assert (done.code, done.said["problems"]) == (0, [])
    assert done.said["act_id"]

    figures = run("figures", "--json").said
    assert (figures["received"], figures["by_reason"]) == (1, {"wrong_information": 1})
    assert "收 1 件" in run("figures").out


def test_what_the_platform_refused_is_shown_and_said_again_or_dropped(minxin: Any, house: Any):
    record_id, run = minxin
    case_id = register(run, record_id)
    post_id = run("accept", case_id, "--json").said["post_id"]
    desk = house.switch("林晓")
    case_sending.begin(desk, case_id)
    case_sending.done(desk, case_id)
    case_sending.begin(desk, post_id)
    case_sending.refused(desk, post_id, "event_unfitting")
    house.close()

    shown = run("show", case_id)
    assert (shown.code, "退回" in shown.out) == (1, True)
    assert run("list", "--refused", "--json").said["count"] == 1
    at = ("--profile", str(house.directory), "--operator", "林晓")
    status = run_minxin("status", *at, secrets={"--passphrase-fd": PASSPHRASE})
    assert "办件：待送 0 步，被退回 1 步。" in status.out
    new = run("again", post_id, "--json").said["post_id"]
    assert new != post_id
    assert run("take-back", new).code == 0
    assert run("dismiss", post_id).code == 2


@pytest.mark.parametrize(
    ("said", "code"),
    [
        (("register", "--record", "{record}", *ABOUT), "case_doubled"),
        (("register", "--record", "nowhere", "--reason", "x", *WHO), "record_not_held"),
        (("register", "--file", "{file}"), "application_unreadable"),
        (("resume", "{case}"), "event_unfitting"),
        (("accept", "{case}", "--revision", "another"), "case_changed"),
        (("extend", "{case}", "--clock", "c", "--days", "3", "--by", "x", "--reason", "y"), "not_your_role"),
        (("show", "nowhere"), "case_unknown"),
        (("decide", "{case}", "--stands", "NOWHERE"), "field_unknown"),
        (("waive", "{case}", "--version", "v", "--unit", "u", "--reason", "r"), "event_unfitting"),
        (("transfer", "{case}", "350500-02", "--reason", " "), "event_incomplete"),
    ],
    ids=lambda one: one if isinstance(one, str) else one[0],
)  # fmt: skip
def test_what_cannot_be_done_is_said_with_its_code(minxin: Any, tmp_path: Path, said: Any, code: str):
    record_id, run = minxin
    case_id = register(run, record_id)
    file = tmp_path / "申请.json"
    file.write_text("[]", encoding="utf-8")

    done = run(*(one.format(record=record_id, case=case_id, file=file) for one in said))

    assert (done.code, f"（{code}）" in done.err) == (2, True), (done.out, done.err)


def test_a_correction_without_a_decision_names_the_case_that_it_answers(minxin: Any, house: Any):
    record_id, run = minxin
    case_id = register(run, record_id)
    at = ("--profile", str(house.directory), "--operator", "林晓", "--json")
    change = ("correct", record_id, "--set", "CF_NR_FK=0.2", "--reason", "wrong_entry", *at)
    secret = {"--passphrase-fd": PASSPHRASE}
    assert "（case_of_others）" in run_minxin(*change, "--case", "nowhere", secrets=secret).err

    done = run_minxin(*change, "--case", case_id, secrets=secret)

    assert done.code == 0, done.err
    assert run("decide", case_id, "--correct", "CF_NR_FK=0.01", "--text", "x", "--submit").code == 2
    review.approve(house.switch("陈敏"), done.said["act_id"])
    desk = house.switch("林晓")
    newest, *_ = versions.history(desk.db.reader(), record_id)
    assert newest.case_id == case_id
    versions.recall(desk, newest.version_id)
    assert draft_of(desk, record_id).case_id == case_id


def test_every_event_that_a_desk_says_has_a_verb_and_every_verb_its_help():
    commands = {name: case.get_command(None, name) for name in CASE_VERBS}  # type: ignore[arg-type]

    assert all(command is not None and command.help for command in commands.values())
    assert len(SAYABLE) + 2 <= len(commands)
