"""Answers as such: problems, headers, what is logged, the contract for people."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import requests
import zstandard

from forms.seal.keys import verifies
from regional_platform.problems import KINDS, problem
from regional_platform.settings import Sunset
from tests.databases import on_a_file
from tests.openapi import CONTRACT, TEXT


def test_the_list_of_problems_is_the_contracts():
    listed = CONTRACT["components"]["schemas"]["ProblemType"]["enum"]

    assert {f"urn:minxin:problem:{code}" for code in KINDS} == set(listed)


def test_every_problem_has_a_title_and_a_whole_sentence():
    extras = {"count": 2, "seconds": 5, "incident": "00AA11BB", "offset": 7}
    for code, kind in KINDS.items():
        made = problem(code, instance="/v1", extras=extras)
        assert (made["title"], made["status"]) == (kind.title, kind.status)
        assert made["detail"].endswith("。")
        assert "{" not in made["detail"]


def test_hello_is_signed_and_names_the_limits(served):
    said = requests.get(f"{served.url}/v1/hello", timeout=20).json()
    signature = said.pop("sig")

    assert verifies(said["server_key"], signature, "hello", said)
    assert not verifies(said["server_key"], signature, "hello", {**said, "epoch": "other"})
    assert said["limits"]["batch_items"] == 500
    assert said["catalog_set"]["name"] == "2026.1"


def test_every_answer_says_who_gave_it(served, desk):
    server_id = served.platform.identity.server_id
    answers = [
        requests.get(f"{served.url}/v1/hello", timeout=20),
        requests.get(f"{served.url}/nowhere", timeout=20),
        requests.patch(f"{served.url}/v1/hello", timeout=20),
        requests.get(f"{served.url}/v1/records", timeout=20),
        requests.post(f"{served.url}/v1/devices", data=b"x", timeout=20),
        desk.call("GET", "/v1/records"),
        requests.get(f"{served.url}/docs", timeout=20),
    ]

    assert [one.status_code for one in answers] == [200, 404, 405, 401, 415, 200, 200]
    assert {one.headers["X-MinXin-Server"] for one in answers} == {server_id}
    assert {one.headers["X-Content-Type-Options"] for one in answers} == {"nosniff"}


def test_an_address_or_method_that_there_is_not_is_a_problem_too(served, tools):
    nowhere = requests.get(f"{served.url}/v1/nowhere", timeout=20)
    patched = requests.patch(f"{served.url}/v1/hello", timeout=20)

    assert nowhere.headers["Content-Type"] == patched.headers["Content-Type"] == "application/problem+json"
    assert tools.code_of(nowhere.json()) == "not-found"
    assert tools.code_of(patched.json()) == "method-not-allowed"
    assert "GET" in patched.headers["Allow"]


def test_a_fault_of_ours_has_a_number_and_tells_nothing(served, desk, tools, caplog):
    """What the database holds of a record was damaged on disk."""
    content = desk.content()
    desk.send([content])
    with served.platform.store.writing() as connection:
        tools.damage(connection, content["version_id"])
    answer = desk.call("GET", "/v1/records")

    assert (answer.status_code, tools.code_of(answer.json())) == (500, "internal")
    assert re.fullmatch("[0-9A-F]{8}", answer.json()["incident"])
    assert answer.json()["incident"] in caplog.text
    ours = [one.getMessage() for one in caplog.records if one.name == "regional_platform.incidents"]
    assert "secret" not in "".join(ours) + answer.text


def test_a_database_that_cannot_be_used_is_maintenance(served, desk, tools, caplog):
    desk.token("reporter")
    with served.platform.store.writing() as connection:
        connection.exec_driver_sql("ALTER TABLE record RENAME TO record_away")
    answer = desk.call("GET", "/v1/records")

    assert (answer.status_code, tools.code_of(answer.json())) == (503, "maintenance")
    assert int(answer.headers["Retry-After"]) > 0


def test_the_contract_is_served_and_loads_nothing_from_elsewhere(served):
    page = requests.get(f"{served.url}/docs", timeout=20)
    text = requests.get(f"{served.url}/openapi.yaml", timeout=20)

    assert text.text == TEXT
    assert "POST /v1/batches" in page.text
    assert "PATCH /v1/units/{unit_code}" in page.text
    assert not re.search(r"<script|<link|src=", page.text)


@on_a_file
def test_after_an_outage_hello_asks_desks_to_come_back_spread_out_and_only_then(alone):
    def said():
        return requests.get(f"{alone.url}/v1/hello", timeout=20).json().get("spread_seconds")

    assert said() is None
    alone.platform.settings = replace(alone.platform.settings, spread_s=300)
    assert said() == 300
    alone.clock.turn(seconds=300)
    assert said() is None


@on_a_file
def test_a_version_of_the_protocol_that_goes_is_answered_with_the_day_and_counted(alone):
    def ask(accept):
        return requests.get(f"{alone.url}/v1/hello", headers={"Accept": accept}, timeout=20).headers

    assert "Sunset" not in ask("application/json; v=1")
    alone.platform.settings = replace(
        alone.platform.settings, sunsets=(Sunset(1, date(2027, 1, 1), date(2028, 2, 1)),)
    )
    for accept in ("application/json; v=1", "*/*"):
        told = ask(accept)
        assert (told["Deprecation"], told["Sunset"]) == ("@1798732800", "Mon, 31 Jan 2028 16:00:00 GMT")
    assert "Sunset" not in ask('application/json;v="2"')

    counts = requests.get(f"{alone.url}/metrics", timeout=20).text
    assert [f'minxin_protocol_total{{version="{one}"}}' in counts for one in ("1", "none", "other", "2")] == [
        True, True, True, False,
    ]  # fmt: skip


def test_an_answer_is_packed_for_who_understands_it_and_else_goes_as_it_is(served):
    def ask(path, codings):
        answer = requests.get(
            served.url + path, headers={"Accept-Encoding": codings}, timeout=20, stream=True
        )
        return answer.headers.get("Content-Encoding"), answer.raw.read(decode_content=False)

    coding, packed = ask("/v1/hello", "zstd, gzip")
    assert coding == "zstd"
    assert b'"server_id"' in zstandard.decompress(packed)
    assert len(packed) < len(ask("/v1/hello", "gzip")[1])
    assert ask("/v1/hello", "gzip")[0] is None
    assert ask("/nowhere", "zstd")[0] is None
