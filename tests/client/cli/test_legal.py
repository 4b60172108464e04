"""The verbs calendar and rules, without a profile and at a desk."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

from client.store import feed
from regional_platform.acts import CONSOLE
from regional_platform.legal import choose
from regional_platform.published import publish_calendar
from regional_platform.settings import find_resources
from tests.client.sealed_law import a_calendar, a_choice, news
from tests.client.sync.branch import one_time_code
from tests.client.sync.office import PASSPHRASE, REPORTER, an_office
from tests.forms.law.notices import a_notice

FILES = Path(__file__).parents[3] / "resources" / "calendars"


def test_a_pasted_notice_is_shown_for_checking_and_written_for_the_platform(minxin, tmp_path):
    text = tmp_path / "通知.txt"
    text.write_bytes(a_notice(2026).encode("gb18030"))

    shown = minxin("calendar", "read", str(text), "--out", str(tmp_path / "out"))
    asked = minxin("calendar", "read", "-", "--json", stdin=a_notice(2026))

    assert (shown.code, asked.code) == (0, 0)
    assert "春节\t2026年2月15日（周日）至2026年2月23日（周一）放假 9 天" in shown.out
    assert "请对照通知原文核对" in shown.out
    written = json.loads((tmp_path / "out" / "2026.json").read_bytes())
    assert written["work"] == json.loads((FILES / "2026.json").read_bytes())["work"]
    assert asked.said["files"] == [written]


def test_a_notice_that_is_not_understood_names_its_lines_and_writes_nothing(minxin, tmp_path):
    spoilt = a_notice(2026).replace("1月4日（周日）上班", "1月4日补课")

    said = minxin("calendar", "read", "-", "--json", "--out", str(tmp_path / "out"), stdin=spoilt)
    told = minxin("calendar", "read", "-", stdin=spoilt)

    assert (said.code, told.code) == (1, 1)
    assert [(one["line"], one["why"]) for one in said.said["unread"]] == [(4, "没有读懂“1月4日补课”")]
    assert "第 4 行：没有读懂" in told.out
    assert not (tmp_path / "out").exists()
    assert minxin("calendar", "read", str(tmp_path / "none.txt")).code == 2


def test_the_calendar_is_listed_and_a_year_is_shown(minxin):
    listed = minxin("calendar", "list", "--json").said["years"]

    assert [one["year"] for one in listed] == list(range(2018, 2027))
    assert listed[-1]["working_days"] == 248
    assert "调休上班：1月4日（周日）" in minxin("calendar", "show", "2026").out
    assert minxin("calendar", "show", "2026", "--json").said["off"][0] == "2026-01-01"
    assert "2026\t248 个工作日" in minxin("calendar", "list").out
    unknown = minxin("calendar", "show", "2031")
    assert (unknown.code, "calendar_year_unknown" in unknown.err) == (2, True)


def test_rule_sets_are_listed_and_one_is_shown_with_its_sources(minxin):
    listed = minxin("rules", "list", "--json").said
    shown = minxin("rules", "show", "shenzhen-objection")
    repair = minxin("rules", "show", "national-repair-2026")

    assert "fujian-objection" in {one["id"] for one in listed["rule_sets"]}
    assert listed["choices"] == []
    assert "本省三市（天数未查到）\t没有查到" in minxin("rules", "list").out
    told = "提供单位核实处理并告知申请人\t2个工作日\t可再延长3个工作日（提供单位主要负责人）"
    assert told in shown.out
    assert "一般\t最短 3个月，最长 1年" in repair.out
    assert minxin("rules", "show", "shenzhen-objection", "--json").said["clocks"][3]["length"] == 2
    unknown = minxin("rules", "show", "none")
    assert (unknown.code, "rule_set_unknown" in unknown.err) == (2, True)


def test_with_a_person_what_came_to_the_desk_is_shown_too(minxin, tmp_path):
    office = an_office(tmp_path / "desk")
    confirmed = {"confirmed_by": "林法制", "confirmed_on": "2026-01-05"}
    published = news(1, "calendar.published", 1, a_calendar(2027, ("2027-01-01", "2027-01-03")))
    chosen = news(2, "rules.chosen", 1, a_choice("henan-objection", **confirmed))
    feed.apply(office.desk, office.page(published, chosen))
    office.desk.close()

    def at_the_desk(*words):
        asked = (*words, "--profile", str(tmp_path / "desk"), "--operator", REPORTER.name)
        return minxin(*asked, secrets={"--passphrase-fd": PASSPHRASE})

    assert "2027\t" in at_the_desk("calendar", "list").out
    assert "1月3日（周日）" in at_the_desk("calendar", "show", "2027").out
    listed = at_the_desk("rules", "list").out
    assert "厦门市异议：2026-01-01 起用 henan-objection（林法制 2026-01-05 确认）" in listed


def test_what_the_platform_publishes_is_in_force_at_a_desk_after_its_next_sync(desk_of, platform):
    at = platform.clock()
    confirmed = {"confirmed_by": "林法制", "confirmed_on": date(2026, 1, 5)}

    def publish(connection):
        content = json.dumps(a_calendar(2027, ("2027-01-01", "2027-01-03"))).encode()
        publish_calendar(connection, CONSOLE, at, content, find_resources())
        choose(
            connection, CONSOLE, at, city="350200", kind="objection", rule_set="henan-objection",
            since=date(2026, 1, 1), **confirmed,
        )  # fmt: skip

    platform.platform.store.write(publish)
    desk = desk_of(role="handler")
    person = desk.people["handler"]
    signed_in = desk(
        "sign-in",
        "--totp",
        one_time_code(person["totp_secret"]),
        secrets={"--password-fd": person["password"]},
    )
    assert signed_in.code == 0, signed_in.err

    assert desk("sync", "--json").err == ""

    assert desk("calendar", "show", "2027", "--json").said["off"][-1] == "2027-01-03"
    assert [one["rule_set"] for one in desk("rules", "list", "--json").said["choices"]] == ["henan-objection"]
