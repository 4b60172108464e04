"""The scorecard of a small invented month, worked out by hand."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner

from forms.catalog.loader import load_set
from regional_platform.cli import main
from regional_platform.settings import find_resources

CATALOG = load_set(find_resources() / "catalogs" / "2026.1")
MONTHLY = next(code for code, item in CATALOG.items.items() if item.cycle == "月" and item.deadline is None)
PENALTY = CATALOG.items["XZCF_FR"]
UNIT = "350200-01"


@pytest.fixture(scope="module")
def served(shared):
    return shared


def said(answer):
    code = answer.json()["type"].rpartition(":")[2] if answer.status_code >= 400 else ""
    return (answer.status_code, code)


def turn(served, month, day):
    """Turn the clock to ten in the morning of a day in 2026."""
    wanted = datetime(2026, month, day, 2, tzinfo=UTC)
    served.clock.turn(seconds=(wanted - served.clock()).total_seconds())


def decided(desk, n, on, **changed):
    """A penalty that was decided on a day of 2026."""
    days = {"CF_JDRQ": f"2026-{on}", "CF_YXQ": "2027-05-01"}
    return desk.content(n, payload={**days, **changed})


@pytest.fixture(scope="module")
def month(served):
    """May 2026 of one unit, reported through its desk; afterwards it is July."""

    def go(month, day):
        turn(served, month, day)

    def zero(period):
        report_id = str(uuid.uuid4())
        return {"report_id": report_id, "unit": UNIT, "item": MONTHLY, "period": period}

    go(5, 12)
    desk = served.desk()
    on_time, corrected = decided(desk, 0, "05-06"), decided(desk, 1, "05-11")
    faulty = decided(desk, 2, "05-11", CF_FRDB=None)
    desk.send([on_time, corrected, faulty])
    desk.call("POST", "/v1/zero-reports", json=zero("2026-04"))  # due on 11 May: late
    go(5, 13)
    desk.tokens.clear()
    better = desk.correction(corrected, payload={**corrected["payload"], "CF_NR_FK": "0.06"})
    assert desk.outcomes([better]) == ["accepted"]
    go(5, 25)
    desk.tokens.clear()
    late, withdrawn = decided(desk, 3, "05-08"), decided(desk, 4, "05-20")
    of_april = decided(desk, 5, "04-28")
    desk.send([late, withdrawn, of_april])
    assert desk.outcomes([desk.withdrawal(withdrawn)]) == ["accepted"]
    stored = [on_time, better, late, of_april]
    desk.stages([one["version_id"] for one in stored])
    go(6, 1)
    desk.tokens.clear()
    desk.call("POST", "/v1/zero-reports", json=zero("2026-05"))  # due on 5 June: on time
    go(7, 10)
    desk.tokens.clear()
    return desk


def computed(served, period, unit="350200"):
    admin = served.desk(unit)
    answer = admin.call("POST", "/v1/scores", role="admin", json={"unit": unit, "period": period})
    assert answer.status_code == 200, answer.text
    return answer.json()["units"]


def test_the_score_of_a_month_opens_to_its_parts(served, month):
    assert computed(served, "2026-05") == 1

    card = month.call("GET", f"/v1/scores?unit={UNIT}&period=2026-05").json()
    items = {one["item"]: one for one in card["items"]}
    counts = {name: n for name, n in items["XZCF_FR"]["counts"].items() if n}
    filled, demanded = counts.pop("filled"), counts.pop("demanded")
    figures = {one["code"]: (one["value"], one["full"]) for one in card["total"]["figures"]}

    assert counts == {
        "supplied": 5, "accepted": 4, "rejected": 1, "withdrawn": 1, "updated": 1, "right_at_once": 3,
        "stored": 3, "matched": 3, "on_time": 3, "late": 1, "questioned": 1, "questions": 1,
        "questions_open": 1,
    }  # fmt: skip
    groups = {one.required_group for one in PENALTY.fields} - {None}
    assert demanded == 5 * (sum(one.required for one in PENALTY.fields) + len(groups))
    assert filled == demanded - 1
    assert {name: n for name, n in items[MONTHLY]["counts"].items() if n} == {
        "periods_due": 1, "periods_on_time": 1, "periods_zero": 1,
    }  # fmt: skip
    assert figures["stored_rate"] == ("0.6000", False)
    assert figures["right_rate"] == ("0.6000", False)
    assert figures["timely_rate"] == ("0.7500", False)
    assert figures["question_rate"] == ("0.2000", None)
    assert figures["settled_rate"] == ("0.0000", None)
    assert figures["matched_rate"] == ("1.0000", None)
    assert figures["missed_rate"] == ("0.0000", None)


def test_a_period_that_was_late_and_one_that_was_missed_show(served, month):
    for period in ("2026-04", "2026-06"):
        computed(served, period)

    april, june = (
        month.call("GET", f"/v1/scores?unit={UNIT}&period={period}").json()["total"]
        for period in ("2026-04", "2026-06")
    )

    assert (april["counts"]["periods_late"], april["counts"]["supplied"]) == (1, 1)
    assert (june["counts"]["periods_missed"], june["counts"]["periods_due"]) == (1, 1)


def test_scores_are_computed_anew_and_shown_by_the_command(served, month):
    computed(served, "2026-05")
    first = month.call("GET", f"/v1/scores?unit={UNIT}&period=2026-05").json()
    computed(served, "2026-05", unit="minnan")
    second = month.call("GET", f"/v1/scores?unit={UNIT}&period=2026-05").json()
    database = served.platform.settings.database
    done = CliRunner().invoke(main, ["score", "2026-05", "--database", database])
    as_json = CliRunner().invoke(main, ["score", "2026-05", "--json", "--database", database])

    assert first["total"]["counts"] == second["total"]["counts"]
    assert "入库率" in done.output
    assert "0.6000（3/5） ✗" in done.output
    assert [one["unit"] for one in json.loads(as_json.output)] == [UNIT]


def test_the_command_refuses_in_words(served, month):
    database = served.platform.settings.database
    done = CliRunner().invoke(main, ["score", "2026-13", "--database", database])

    assert done.exit_code == 2
    assert "没有这样的周期" in done.output


def test_scores_are_seen_in_the_own_subtree_and_computed_by_administrators(served, month):
    city, other, hall = served.desk("350200"), served.desk("350600-01"), served.desk("350200-00")
    path = f"/v1/scores?unit={UNIT}&period=2026-01"
    body = {"unit": UNIT, "period": "2026-01"}

    assert said(city.call("GET", path, role="admin")) == (404, "score-unknown")
    assert said(other.call("GET", path)) == (403, "not-authorised")
    assert said(hall.call("GET", path, role="hall")) == (404, "score-unknown")
    assert said(other.call("POST", "/v1/scores", role="admin", json=body)) == (403, "not-authorised")
    assert said(city.call("GET", "/v1/scores?unit=nowhere&period=2026-05", role="admin")) == (
        404, "unit-unknown",
    )  # fmt: skip
    assert said(city.call("POST", "/v1/scores", role="admin", json={**body, "period": "2026-13"})) == (
        400, "malformed",
    )  # fmt: skip
