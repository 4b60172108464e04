"""What those see who run the platform: health, readiness, counts, logs; and the bytes of a unit's day."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import pytest
import requests
from prometheus_client.parser import text_string_to_metric_families

from regional_platform.api.operations import ready
from regional_platform.platform import open_platform
from regional_platform.problems import Refusal
from regional_platform.settings import Limits, Settings, find_resources
from regional_platform.times import utc_now


def counts(served):
    answer = requests.get(f"{served.url}/metrics", timeout=20)
    assert answer.status_code == 200
    return {
        (one.name, *sorted(one.labels.values())): one.value
        for family in text_string_to_metric_families(answer.text)
        for one in family.samples
    }


def test_a_platform_that_runs_is_alive_and_ready(served):
    assert requests.get(f"{served.url}/healthz", timeout=20).json() == {"alive": True}
    assert requests.get(f"{served.url}/readyz", timeout=20).json() == {"ready": True}


def test_a_platform_without_its_pipeline_is_not_ready(tmp_path):
    platform = open_platform(Settings(f"sqlite:///{tmp_path / 'p.db'}", find_resources()), utc_now)

    with pytest.raises(Refusal) as refused:
        ready(platform)
    platform.store.close()

    assert refused.value.code == "maintenance"
    assert [one.pointer for one in refused.value.errors] == ["#/pipeline"]


def test_records_are_counted_by_outcome_once_however_often_they_are_sent(served, desk):
    wrong = desk.content(1, payload={"CF_JDRQ": "2031-01-01"})
    batch = desk.batch(desk.approved([desk.content(0), wrong]))
    for _ in range(3):
        desk.receipts(desk.post(batch))

    told = counts(served)

    assert told["minxin_records_total", "accepted"] == told["minxin_records_total", "rejected"] == 1
    assert told["minxin_requests_total", "/v1/batches", "200", "POST"] == 3


def test_problems_are_counted_by_type_and_addresses_that_are_none_are_one_route(served, desk):
    for n in range(3):
        desk.http.get(f"{served.url}/nowhere/{n}", timeout=20)

    told = counts(served)

    assert told["minxin_problems_total", "not-found"] == 3
    assert told["minxin_requests_total", "-", "-", "404"] == 3


def test_what_waits_for_its_subject_is_counted(served, desk):
    content = desk.content(payload={"CF_XDR_MC": "厦门市无人知晓有限公司"})
    desk.send([content])
    desk.stages([content["version_id"]], "unmatched")

    assert counts(served)["minxin_jobs", "wait"] == 1


def test_no_count_tells_whom_a_record_is_about(served, desk):
    content = desk.content()
    desk.send([content])

    text = requests.get(f"{served.url}/metrics", timeout=20).text

    assert not [value for value in content["payload"].values() if len(str(value)) > 4 and str(value) in text]
    assert desk.unit["code"] not in text


def test_a_unit_that_sent_its_bytes_of_the_day_goes_on_tomorrow_and_with_what_has_a_deadline_today(
    tmp_path, seeded_platform, tools
):
    for served in tools.serving(tmp_path / "s", seeded_platform, Limits(unit_bytes_per_day=1)):
        desk, other = served.desk(), served.desk("350200-02")
        first = desk.content()
        sent = desk.batch(desk.approved([first]))
        desk.receipts(desk.post(sent))

        refused = desk.post(desk.batch(desk.approved([desk.content(1)])))

        assert (refused.status_code, tools.code_of(refused.json())) == (429, "rate-limited")
        assert 0 < int(refused.headers["Retry-After"]) <= 86_400
        assert desk.post(sent).headers["Idempotency-Replayed"] == "true"
        assert desk.outcomes([desk.withdrawal(first)]) == ["accepted"]
        assert other.outcomes([other.content()]) == ["accepted"]
        served.clock.turn(seconds=int(refused.headers["Retry-After"]))
        desk.tokens.clear()
        assert desk.outcomes([desk.content(2)]) == ["accepted"]


@pytest.mark.parametrize(("level", "lines"), [("info", 2), ("warning", 0)])
def test_the_log_is_json_with_the_route_and_without_what_was_asked_for(tmp_path, level, lines):
    process = subprocess.Popen(
        [sys.executable, "-m", "regional_platform.cli", "serve", "--port", "0", "--log-level", level,
         "--database", str(tmp_path / "p.db")],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    url = json.loads(process.stdout.readline())["listening"]
    secret = "91350200M000100Y43"
    requests.get(f"{url}/v1/records/{secret}", headers={"Authorization": f"Bearer {secret}"}, timeout=20)
    requests.get(f"{url}/{secret}?name={secret}", timeout=20)
    process.terminate()
    _, told = process.communicate(timeout=20)

    assert secret not in told
    said = [json.loads(line) for line in told.splitlines()]
    assert [(one["event"], one["status"], one["route"]) for one in said] == [
        ("request", 401, "/v1/records/{record_id}"), ("request", 404, "-")
    ][:lines]  # fmt: skip
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT.*Z", one["at"]) for one in said)
