"""Verbs that need no profile."""

import json
import subprocess
import sys
import time

import pytest

from client.cli.verbs import VERBS

CASES = [
    ("uscc", "91350200MA9YYYYY7Y", "ok", "91350200MA9YYYYY7Y"),
    ("uscc", " 91350200ma9yyyyy7y ", "ok", "91350200MA9YYYYY7Y"),
    ("uscc", "91350200MA9YYYYY7X", "wrong", None),
    ("ric", "11010519491231002X", "ok", "11010519491231002X"),
    ("ric", "350203190002300001", "wrong", None),
    ("orgcode", "MA9YYYYY7", "ok", "MA9YYYYY7"),
    ("regno", "350200999999998", "ok", "350200999999998"),
    ("regno", "350200999999990", "wrong", None),
    ("docno", "厦市监罚[2026]9号", "ok", None),
    ("amount", "十九万五千元", "ok", "19.5"),
    ("amount", "5,000元", "ok", "0.5"),
    ("amount", "12", "warning", "12"),
    ("date", "2026年3月5日", "ok", "2026-03-05"),
    ("date", "46000", "warning", "2025-12-09"),
    ("date", "2026.2.30", "wrong", None),
    ("division", "350200", "ok", "350200"),
]


@pytest.mark.parametrize(("kind", "text", "verdict", "normal"), CASES, ids=[f"{k} {t}" for k, t, *_ in CASES])
def test_identify_says_what_a_value_is(minxin, kind, text, verdict, normal):
    done = minxin("identify", kind, "--json", stdin=text + "\n")

    assert done.said["value"] == text
    assert done.said["verdict"] == verdict
    assert normal is None or done.said["normal"] == normal
    assert set(done.said) == {"value", "normal", "verdict", "code", "message"}
    assert done.code == (1 if verdict == "wrong" else 0)


def test_identify_answers_line_by_line(minxin):
    done = minxin("identify", "uscc", stdin="91350200MA9YYYYY7Y\n\n坏\n")

    assert [json.loads(line)["verdict"] for line in done.out.splitlines()] == ["ok", "wrong", "wrong"]


def test_identify_works_in_a_pipe_that_stays_open():
    process = subprocess.Popen(
        [sys.executable, "-m", "client", "identify", "uscc"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        process.stdin.write("91350200MA9YYYYY7Y\n")
        process.stdin.flush()
        begun = time.monotonic()
        answer = process.stdout.readline()
        assert json.loads(answer)["verdict"] == "ok"
        assert time.monotonic() - begun < 60
    finally:
        process.communicate()


def test_workdays_counts_by_the_notice(minxin):
    done = minxin("workdays", "2026-09-30", "3", "--json")

    assert done.said == {
        "date": "2026-10-10", "certain": True, "counted": ["2026-10-08", "2026-10-09", "2026-10-10"],
    }  # fmt: skip


def test_workdays_without_a_notice_are_provisional(minxin):
    done = minxin("workdays", "2026-12-20", "20", "--json")

    assert done.said["certain"] is False
    assert "暂定" in minxin("workdays", "2026-12-20", "20").out


@pytest.mark.parametrize(
    "arguments", [("workdays", "gestern", "3"), ("workdays", "2026-01-01", "-1"), ("identify", "x")]
)
def test_what_cannot_be_understood_is_said_and_exits_2(minxin, arguments):
    done = minxin(*arguments)

    assert (done.code, done.out) == (2, "")
    assert done.err
    assert "Traceback" not in done.err


def test_the_catalog_is_listed_with_where_it_comes_from(minxin):
    said = minxin("catalog", "list", "--json").said

    assert said["set"] == "2026.1"
    assert {"XZXK_FR", "XZXK_ZRR", "XZCF_FR", "XZCF_ZRR"} <= {item["code"] for item in said["items"]}
    assert {item["provenance"] for item in said["items"]} <= {"sourced", "recalled", "derived"}


def test_an_item_is_exported_as_json_schema(minxin):
    said = minxin("catalog", "export", "XZCF_FR").said

    assert said["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert "CF_WSH" in said["properties"]


def test_the_command_line_loads_no_qt():
    code = (
        "import sys, client.cli.verbs as v;"
        "[v.minxin.get_command(None, name) for name in v.VERBS if name != 'window'];"
        "sys.exit(any(name.startswith(('PySide6', 'shiboken6')) for name in sys.modules))"
    )

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_explains_itself(minxin, verb):
    assert verb in minxin("--help").out
    assert minxin(verb, "--help").code == 0
