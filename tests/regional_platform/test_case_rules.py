"""What the chosen rules make of a case: due dates, extensions, publication that stops, repairs too early.

All dates lie in the past, so that the day on which the tests run changes nothing.
"""

from __future__ import annotations

import itertools
import json
from datetime import date, timedelta

import pytest
from click.testing import CliRunner

from regional_platform import legal
from regional_platform.acts import CONSOLE
from regional_platform.case_clocks import recompute
from regional_platform.cli import main
from regional_platform.times import LEGAL_ZONE

MONDAY = "2026-03-02T02:00:00.000Z"
ELSEWHERE = "350600-01"


@pytest.fixture(scope="module")
def served(shared):
    return shared


@pytest.fixture(scope="module")
def hall(served):
    return served.desk("350200-00")


@pytest.fixture(scope="module")
def desk(served):
    return served.desk()


@pytest.fixture(scope="module")
def elsewhere(served):
    """The one desk of a unit of another city."""
    return served.desk(ELSEWHERE)


@pytest.fixture(scope="module")
def numbers():
    return itertools.count(100)


@pytest.fixture
def stored(desk, numbers):
    content = desk.content(next(numbers))
    desk.send([content])
    desk.stages([content["version_id"]])
    return content


def follow(served, rule_set, kind="objection"):
    """Let the city choose a rule set from long ago on."""
    resources, now = served.platform.settings.resources, served.clock()

    def act(connection):
        legal.choose(
            connection, CONSOLE, now, city="350200", kind=kind, rule_set=rule_set, since=date(2017, 1, 1),
            confirmed_by=None, confirmed_on=None,
        )  # fmt: skip
        return recompute(connection, resources, now)

    return served.platform.store.write(act)


def accepted(hall, stored, **changed):
    opening = hall.opening(stored["record_id"], taken_in_at=MONDAY, **changed)
    return hall.say(hall.open_case(opening).json(), "accepted", {}, role="hall", at=MONDAY).json()


def due(case):
    return case["due_on"], case["due_certain"]


def test_the_next_due_date_follows_from_the_rules_of_both_sides_and_moves_with_every_event(
    served, hall, desk, stored
):
    follow(served, "shenzhen-objection")
    case = accepted(hall, stored)
    assert case["rules"] == {"platform": "shenzhen-objection", "provider": "shenzhen-objection"}
    assert due(case) == ("2026-03-04", True)  # what the unit must meet leads
    told = hall.say(case, "told", {"how": "电话", "document": None}, role="hall", at=MONDAY).json()
    assert due(told) == ("2026-03-04", True)

    longer = {"clock": "provider_decide", "days": 2, "by": "主要负责人", "reason": "案情复杂"}
    extended = desk.say(told, "extended", longer, role="reviewer", at=MONDAY)
    beyond = desk.say(extended.json(), "extended", longer, role="reviewer", at=MONDAY)
    unknown = desk.say(
        extended.json(), "extended", {**longer, "clock": "annotate"}, role="reviewer", at=MONDAY
    )

    assert due(extended.json()) == ("2026-03-06", True)
    assert [one["pointer"] for one in beyond.json()["errors"]] == ["#/data/days"]
    assert [one["pointer"] for one in unknown.json()["errors"]] == ["#/data/clock"]
    assert hall.say(extended.json(), "extended", longer, role="hall", at=MONDAY).status_code == 403
    examined = {"reason": "专家评审", "examiner": "省计量院"}
    stopped = desk.say(extended.json(), "suspended", examined, at=MONDAY).json()
    assert stopped["stage"] == "suspended"


def test_another_choice_and_another_calendar_move_the_due_dates_and_not_the_revision(
    served, hall, desk, stored
):
    follow(served, "shenzhen-objection")
    case = accepted(hall, stored)
    at = f"/v1/cases/{case['case_id']}"

    moved = follow(served, "henan-objection")
    again = desk.call("GET", at).json()

    assert moved >= 1
    assert (again["rules"]["provider"], again["revision"]) == ("henan-objection", case["revision"])
    assert due(again) == ("2026-03-05", True)
    follow(served, "fujian-objection")
    assert due(desk.call("GET", at).json()) == (None, False)


def test_a_date_in_a_year_without_a_notice_is_not_certain_until_the_notice_is_published(
    served, hall, desk, stored
):
    """2017 is of no calendar that ships: each of its days may be a working day, and that is said."""
    thursday = "2017-12-28T02:00:00.000Z"
    follow(served, "henan-objection")
    opening = hall.opening(stored["record_id"], taken_in_at=thursday)
    case = hall.say(hall.open_case(opening).json(), "accepted", {}, role="hall", at=thursday).json()
    unsure = due(case)
    shipped = json.loads((served.platform.settings.resources / "calendars" / "2026.json").read_bytes())
    off = [{"name": "元旦", "from": "2017-01-01", "to": "2017-01-02"}]
    notice = {**shipped, "year": 2017, "title": "2017 年放假安排", "off": off, "work": []}

    published = served.desk("minnan").call("POST", "/v1/calendars", role="admin", json=notice)

    assert published.status_code == 201, published.text
    assert unsure == ("2017-12-31", False)
    assert due(desk.call("GET", f"/v1/cases/{case['case_id']}").json()) == ("2018-01-03", True)


def test_figures_say_how_many_came_and_ended_in_time_and_about_what(served, hall, desk, stored, elsewhere):
    follow(served, "shenzhen-objection")
    today = served.clock().astimezone(LEGAL_ZONE).date().isoformat()

    def counted():
        query = {"unit": "350200-01", "since": today, "until": today}
        said = desk.call("GET", "/v1/cases/figures", params=query).json()
        about = {one["code"]: one["count"] for one in said["by_reason"]}
        return [said[name] for name in ("received", "closed", "overdue")] + [about.get("figured", 0)]

    before = counted()
    case = accepted(hall, stored, about={"reason_code": "figured"})
    desk.outcomes([desk.decision(case)], maker="handler")
    desk.feed_until(lambda items: any(
        one["type"] == "case.closed" and one["data"]["case_id"] == case["case_id"] for one in items
    ))  # fmt: skip
    after = counted()
    foreign = elsewhere.call("GET", "/v1/cases/figures", params={
        "unit": "350200-01", "since": today, "until": today,
    })  # fmt: skip

    assert [now - then for then, now in zip(before, after, strict=True)] == [1, 1, 1, 1]
    assert foreign.status_code == 403


def test_an_administrator_lists_shows_and_counts_cases_by_command(served, hall, stored):
    follow(served, "henan-objection")
    case = accepted(hall, stored)

    def run(*arguments):
        said = [*arguments, "--database", str(served.database), "--json"]
        done = CliRunner().invoke(main, ["case", *said], catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return json.loads(done.output)

    listed = {one["case_id"]: one["due_on"] for one in run("list", "--unit", "350200", "--stage", "accepted")}
    assert listed[case["case_id"]] == case["due_on"]
    assert run("show", case["case_id"])["events"] == case["events"]
    assert run("figures")["received"] >= 1


def test_where_the_rules_stop_publication_others_do_not_see_the_record_meanwhile(
    served, hall, desk, elsewhere, stored
):
    at = f"/v1/subjects/{stored['payload']['CF_XDR_SHXYM']}"

    def seen():
        return stored["record_id"] in elsewhere.call("GET", at).text

    follow(served, "shenzhen-objection")
    before, case = seen(), accepted(hall, stored)
    marked = seen()
    follow(served, "taizhou-objection")
    stopped = seen()
    own = stored["record_id"] in desk.call("GET", at).text
    hall.say(case, "withdrawn", {"text": "不再要求"}, role="hall")

    assert (before, marked, stopped, own, seen()) == (True, True, False, True, True)


def repair(hall, stored, published_on, **changed):
    basis = {
        "severity": "ordinary", "published_on": published_on, "fulfilled_on": published_on, "committed": True,
        **changed,
    }  # fmt: skip
    about = {"disputes": [], "reason_code": "obligations_fulfilled"}
    opening = hall.opening(stored["record_id"], kind="repair", repair=basis, about=about)
    return hall.say(hall.open_case(opening).json(), "accepted", {}, role="hall").json()


def decided(desk, case, outcome):
    said = {"disputes": [], "corrections": [], "text": "经核查，结论如上。"}
    if outcome is not None:
        said["outcome"] = outcome
    return desk.outcomes([desk.decision(case, payload=said)], maker="handler")


@pytest.mark.parametrize(
    ("days_ago", "changed", "outcome", "expected"),
    [
        (30, {}, "granted", "rejected repair-too-early"),
        (120, {}, "granted", "accepted"),
        (30, {"severity": "minor"}, "granted", "accepted"),
        (120, {"severity": "serious"}, "granted", "rejected repair-too-early"),
        (120, {"committed": False}, "granted", "rejected field-invalid"),
        (120, {"fulfilled_on": None}, "granted", "rejected field-invalid"),
        (30, {}, "refused", "accepted"),
        (120, {}, None, "rejected field-invalid"),
    ],
)
def test_a_repair_is_granted_when_its_time_has_come(
    served, hall, desk, stored, days_ago, changed, outcome, expected
):
    follow(served, "national-repair-2026", "repair")
    published_on = (served.clock().date() - timedelta(days=days_ago)).isoformat()

    assert decided(desk, repair(hall, stored, published_on, **changed), outcome) == [expected]


def test_what_was_repaired_is_no_longer_shown_to_others_and_closed_when_all_that_hold_it_know(
    hall, desk, elsewhere, stored
):
    at = f"/v1/subjects/{stored['payload']['CF_XDR_SHXYM']}"
    assert stored["record_id"] in elsewhere.call("GET", at).text
    case = repair(hall, stored, "2024-01-10")

    assert decided(desk, case, "granted") == ["accepted"]
    waits = desk.call("GET", f"/v1/cases/{case['case_id']}").json()["waiting_for"]
    heard = elsewhere.feed_until(lambda items: any(one["type"] == "record.repaired" for one in items))
    elsewhere.feed(after=heard[-1]["seq"])

    assert [one["unit"] for one in waits] == [ELSEWHERE]
    assert heard[-1]["data"]["record_id"] == stored["record_id"]
    assert stored["record_id"] not in elsewhere.call("GET", at).text
    assert desk.record(stored["record_id"])["repaired"]
    desk.feed_until(lambda items: any(
        one["type"] == "case.closed" and one["data"]["case_id"] == case["case_id"] for one in items
    ))  # fmt: skip


def test_a_case_of_several_records_closes_when_each_is_corrected_or_gone(served, hall, desk, numbers):
    first, second = (desk.content(next(numbers)) for _ in range(2))
    desk.send([first, second])
    desk.stages([first["version_id"], second["version_id"]])
    case = hall.accepted(first["record_id"], second["record_id"])
    corrected = desk.correction(first, case_id=case["case_id"])
    gone = desk.withdrawal(second, case_id=case["case_id"])
    decision = desk.decision(case, [corrected["version_id"], gone["version_id"]])
    finding = decision["payload"]["disputes"][1]
    decision["payload"]["disputes"][1] = {"record_id": finding["record_id"], "field": finding["field"],
                                          "finding": "delete"}  # fmt: skip

    assert desk.outcomes([decision, corrected], maker="handler") == ["accepted"] * 2
    desk.stages([decision["version_id"], corrected["version_id"]])
    assert desk.call("GET", f"/v1/cases/{case['case_id']}").json()["state"] == "decided"
    assert desk.outcomes([gone], maker="handler") == ["accepted"]
    desk.feed_until(lambda items: any(
        one["type"] == "case.closed" and one["data"]["case_id"] == case["case_id"] for one in items
    ))  # fmt: skip
