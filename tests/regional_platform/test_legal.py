"""Rule sets of cases: published, chosen by a city and confirmed, told to every unit under a signature."""

from __future__ import annotations

import json
from datetime import date

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from forms.law.rulesets import read_rule_set
from forms.law.sealed import CALENDAR, CHOICE, NotSealed, opened
from regional_platform.cli import main
from regional_platform.feed import FOR_NEWCOMERS
from regional_platform.legal import followed
from regional_platform.settings import find_resources
from regional_platform.store.tables import feed

RESOURCES = find_resources()
RULES = RESOURCES / "legal" / "rules"


@pytest.fixture(scope="module")
def served(shared):
    return shared


@pytest.fixture(scope="module")
def region(served):
    return served.desk("minnan")


def said(answer):
    code = answer.json()["type"].rpartition(":")[2] if answer.status_code >= 400 else ""
    return (answer.status_code, code)


def told(desk, kind):
    return [one["data"] for one in desk.feed(limit=1000)["items"] if one["type"] == kind]


def an_own_set(**changed):
    shipped = json.loads((RULES / "fujian-objection.json").read_bytes())
    return {**shipped, "id": "xiamen-own", "title": "厦门（本市填写）", "provenance": "own", **changed}


def choose(desk, **changed):
    body = {"city": "350200", "kind": "objection", "rule_set": "shenzhen-objection", "since": "2026-01-01"}
    return desk.call("POST", "/v1/rule-choices", role="admin", json={**body, **changed})


def follows(served, city, on):
    with served.platform.store.reading() as connection:
        return followed(connection, RESOURCES, city, "objection", on)


def test_where_nobody_has_chosen_the_shipped_set_is_followed_unconfirmed(served):
    found = follows(served, "350000", date(2026, 11, 25))

    assert (found.rule_set.id, found.confirmed, found.chosen_since) == ("fujian-objection", False, None)


def test_what_ships_counts_as_published(region):
    listed = region.call("GET", "/v1/rule-sets").json()["rule_sets"]
    digest = next(one["digest"] for one in listed if one["name"] == "henan-objection")

    assert {path.stem for path in RULES.glob("*.json")} <= {one["name"] for one in listed}
    got = region.call("GET", f"/v1/rule-sets/{digest}")
    assert got.content == (RULES / "henan-objection.json").read_bytes()
    assert said(region.call("GET", f"/v1/rule-sets/{'0' * 64}")) == (404, "publication-unknown")


def test_a_city_chooses_by_name_and_date_and_every_unit_is_told_under_a_signature(served, region):
    confirmed = {"confirmed_by": "林法制", "confirmed_on": "2026-01-05"}

    first = choose(region)
    second = choose(region, rule_set="zhejiang-objection", since="2026-06-01", **confirmed)
    before, after = (follows(served, "350200", date(2026, month, 31)) for month in (5, 7))
    public = served.platform.identity.key.public
    news = told(served.desk("350500-01"), "rules.chosen")[-2:]
    document = opened(news[1]["sealed"], public)

    assert (first.status_code, second.status_code) == (201, 201)
    assert (before.rule_set.id, before.confirmed) == ("shenzhen-objection", False)
    assert (after.rule_set.id, after.confirmed_by) == ("zhejiang-objection", "林法制")
    assert after.confirmed_on == date(2026, 1, 5)
    assert follows(served, "350200", date(2025, 12, 31)).chosen_since is None
    assert [one["rule_set"] for one in news] == ["shenzhen-objection", "zhejiang-objection"]
    assert (document["format"], document["content"]["city"]) == (CHOICE, "350200")
    assert read_rule_set(document["content"]["content"]) == after.rule_set
    listed = region.call("GET", "/v1/rule-choices").json()["choices"]
    assert [one["n"] for one in listed][-2:] == [first.json()["n"], second.json()["n"]]


def test_what_was_changed_on_its_way_is_not_genuine(served, region):
    choose(region, city="350600")
    sealed = told(served.desk("350600-01"), "rules.chosen")[-1]["sealed"]
    public = served.platform.identity.key.public
    forged = json.loads(json.dumps(sealed))
    forged["document"]["content"]["confirmed_by"] = "某人"

    with pytest.raises(NotSealed, match="digest_differs"):
        opened(forged, public)
    with pytest.raises(NotSealed, match="signature_invalid"):
        opened({**sealed, "sig": sealed["sig"][::-1]}, public)
    for misshapen in (
        None,
        {},
        {**sealed, "more": 1},
        {**sealed, "document": {**sealed["document"], "version": 2}},
    ):
        with pytest.raises(NotSealed, match="misshapen"):
            opened(misshapen, public)


def test_an_adjusted_set_is_followed_only_when_it_is_chosen_again(served, region):
    one, two = an_own_set(), an_own_set(title="厦门（第二稿）")

    published = region.call("POST", "/v1/rule-sets", role="admin", json=one)
    choose(region, city="350500", rule_set="xiamen-own")
    adjusted = region.call("POST", "/v1/rule-sets", role="admin", json=two)
    again = region.call("POST", "/v1/rule-sets", role="admin", json=two)
    stays = follows(served, "350500", date(2026, 2, 1))
    choose(region, city="350500", rule_set="xiamen-own")

    assert [one.status_code for one in (published, adjusted, again)] == [201, 201, 201]
    assert again.json() == adjusted.json()
    assert stays.rule_set.title == "厦门（本市填写）"
    assert follows(served, "350500", date(2026, 2, 1)).rule_set.title == "厦门（第二稿）"


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        pytest.param({"rule_set": "no-such-set"}, (404, "rules-unknown"), id="a set that nobody published"),
        pytest.param({"kind": "repair"}, (404, "rules-unknown"), id="a set of the other kind"),
        pytest.param({"city": "110000"}, (404, "unit-unknown"), id="another region"),
        pytest.param({"confirmed_by": "林法制"}, (400, "malformed"), id="a confirmer without a day"),
        pytest.param(
            {"confirmed_by": "林法制", "confirmed_on": "2999-01-01"},
            (400, "malformed"),
            id="confirmed in future",
        ),
        pytest.param({"since": "2026-02-30"}, (400, "malformed"), id="no day"),
    ],
)
def test_a_choice_that_cannot_be_is_refused(region, changed, expected):
    assert said(choose(region, **changed)) == expected


def test_a_set_that_is_not_sound_is_refused_with_the_places(region):
    broken = an_own_set(clocks=[{"id": "x"}], extra=1)

    answer = region.call("POST", "/v1/rule-sets", role="admin", json=broken)

    assert said(answer) == (422, "rules-unsound")
    assert any("clocks/0/title" in one["detail"] for one in answer.json()["errors"])


def test_a_city_is_chosen_for_by_its_own_administrators(served):
    own, other = (served.desk(code) for code in ("350200", "350600"))

    assert choose(own).status_code == 201
    assert said(choose(other)) == (403, "not-authorised")
    assert said(own.call("POST", "/v1/rule-sets", role="admin", json=an_own_set())) == (403, "not-authorised")


def test_a_unit_that_is_made_later_is_told_too(served, region, tools):
    choose(region, rule_set="henan-objection")
    calendar = json.loads((RESOURCES / "calendars" / "2026.json").read_bytes())
    region.call("POST", "/v1/calendars", role="admin", json={**calendar, "title": "2026 年，再发"})
    unit = {"code": "350200-77", "name": "新设局", "level": "department", "parent": "350200"}
    assert region.call("POST", "/v1/units", role="admin", json=unit).status_code == 201

    with served.platform.store.reading() as connection:
        from_root, to_new = (news_of(connection, code) for code in ("minnan", "350200-77"))

    assert to_new == from_root
    public = served.platform.identity.key.public
    assert opened(json.loads(to_new[-1])["sealed"], public)["format"] == CALENDAR


def news_of(connection, code):
    wanted = select(feed.c.json).where(feed.c.unit == code, feed.c.type.in_(FOR_NEWCOMERS))
    return [bytes(one) for one in connection.execute(wanted.order_by(feed.c.seq)).scalars()]


def test_the_commands_do_the_same(tmp_path):
    database = str(tmp_path / "p.db")

    def run(*words, code=0):
        done = CliRunner().invoke(main, [*words, "--database", database])
        assert done.exit_code == code, done.output
        return done.output

    run("unit", "add", "--level", "region", "--city", "350000", "minnan", "区域")
    run("unit", "add", "--level", "city", "--city", "350200", "--under", "minnan", "xm", "厦门")
    own = tmp_path / "own.json"
    own.write_text(json.dumps(an_own_set()), encoding="utf-8")

    assert "重新选定" in run("rules", "publish", str(own))
    assert "xiamen-own" in run("rules", "list")
    chosen = ("rules", "choose", "350200", "objection", "--since", "2026-01-01")
    assert "未经本地法制部门确认" in run(*chosen, "henan-objection")
    confirmed = ("--confirmed-by", "林法制", "--confirmed-on", "2026-01-05")
    assert "由 林法制 确认" in run(*chosen, "xiamen-own", *confirmed)
    assert "没有这个规则集" in run(*chosen, "no-such-set", code=2)
    assert "林法制" in run("rules", "choices")
    own.write_text("{}", encoding="utf-8")
    assert "规则集不能发布" in run("rules", "publish", str(own), code=2)
