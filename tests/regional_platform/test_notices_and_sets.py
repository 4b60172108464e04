"""Notices, catalog sets and calendars: who sends them out, and whom they reach."""

from __future__ import annotations

import io
import json
import shutil
import zipfile
from datetime import date, timedelta

import pytest
from click.testing import CliRunner

from forms.catalog.loader import load_set
from forms.catalog.sealing import list_set, sign_set
from forms.seal.keys import SigningKey
from regional_platform.acts import CONSOLE
from regional_platform.cli import main
from regional_platform.published import calendar_of, refresh, trust
from regional_platform.settings import find_resources
from regional_platform.times import legal_day

RESOURCES = find_resources()
SIGNER = SigningKey.generate()


@pytest.fixture(scope="module")
def served(shared):
    return shared


@pytest.fixture(scope="module")
def region(served):
    return served.desk("minnan")


def said(answer):
    code = answer.json()["type"].rpartition(":")[2] if answer.status_code >= 400 else ""
    return (answer.status_code, code)


def a_notice(tools, unit, **changed):
    today = date.today()
    return {
        "notice_id": tools.new_id(), "unit": unit, "title": "系统维护", "text": "周六 8 时起维护两小时。",
        "from": today.isoformat(), "until": (today + timedelta(days=7)).isoformat(), **changed,
    }  # fmt: skip


def told(desk, kind):
    return [one["data"] for one in desk.feed(limit=1000)["items"] if one["type"] == kind]


def test_a_notice_reaches_the_subtree_only_and_is_withdrawn(served, tools):
    admin = served.desk("350200")
    inside, station, outside = (served.desk(code) for code in ("350200-02", "350200-01-01", "350600-01"))
    body = a_notice(tools, "350200")

    posted = admin.call("POST", "/v1/notices", role="admin", json=body)
    again = admin.call("POST", "/v1/notices", role="admin", json=body)
    changed = admin.call("POST", "/v1/notices", role="admin", json={**body, "title": "另一个"})
    seen = [{one["notice_id"] for one in told(desk, "notice")} for desk in (admin, inside, station, outside)]
    listed = [
        [one["notice_id"] for one in desk.call("GET", "/v1/notices?current=true").json()["notices"]]
        for desk in (inside, outside)
    ]
    path = f"/v1/notices/{body['notice_id']}/withdrawal"
    strange = outside.call("PUT", path, role="admin", json={"reason": "不归我"})
    gone = admin.call("PUT", path, role="admin", json={"reason": "改期"})

    assert (posted.status_code, again.json()) == (201, posted.json())
    assert said(changed) == (422, "key-reused")
    assert seen == [{body["notice_id"]}] * 3 + [set()]
    assert listed == [[body["notice_id"]], []]
    assert said(strange) == (404, "notice-unknown")
    assert gone.json()["withdrawn_why"] == "改期"
    assert [one["notice_id"] for one in told(inside, "notice.withdrawn")] == [body["notice_id"]]
    assert inside.call("GET", "/v1/notices?current=true").json()["notices"] == []
    assert len(inside.call("GET", "/v1/notices").json()["notices"]) == 1


@pytest.mark.parametrize(
    ("unit", "changed", "expected"),
    [
        pytest.param("350600", {}, (403, "not-authorised"), id="to another city"),
        pytest.param("minnan", {}, (403, "not-authorised"), id="to the region"),
        pytest.param("nowhere", {}, (404, "unit-unknown"), id="to no unit"),
        pytest.param("350200", {"until": "2020-01-01"}, (400, "malformed"), id="over before it begins"),
        pytest.param("350200", {"from": "2026-02-30"}, (400, "malformed"), id="from no day"),
    ],
)
def test_a_notice_that_cannot_be_is_refused(served, tools, city_admin, unit, changed, expected):
    answer = city_admin.call("POST", "/v1/notices", role="admin", json=a_notice(tools, unit, **changed))

    assert said(answer) == expected


@pytest.fixture(scope="module")
def city_admin(served):
    return served.desk("350200")


@pytest.fixture
def make_set(tmp_path):
    """Makes the zip of a small set: the penalty of the shipped one, under another name."""

    def make(name, effective_on, *, signer=SIGNER, until=date(2099, 1, 1), damage=None):
        folder = tmp_path / "catalogs" / name
        (folder / "items").mkdir(parents=True)
        shipped = RESOURCES / "catalogs" / "2026.1"
        shutil.copy(shipped / "items" / "XZCF_FR.json", folder / "items")
        shutil.copy(RESOURCES / "catalogs" / "sources.json", folder)
        shutil.copytree(RESOURCES / "codesets", folder / "codesets")
        old = json.loads((shipped / "set.json").read_bytes())
        head = {"name": name, "title": f"目录 {name}", "effective_on": effective_on.isoformat()}
        head = list_set(folder, {**head, "classes": old["classes"]})
        signature = sign_set(head, signer, signed_by="测试", signed_on=date(2026, 1, 1), until=until)
        (folder / "set.json").write_text(json.dumps(head, ensure_ascii=False), encoding="utf-8")
        (folder / "set.sig").write_text(json.dumps(signature, ensure_ascii=False), encoding="utf-8")
        if damage:
            damage(folder)
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as package:
            for path in folder.rglob("*.json"):
                package.write(path, path.relative_to(folder).as_posix())
            package.write(folder / "set.sig", "set.sig")
        return packed.getvalue()

    return make


@pytest.fixture(scope="module")
def trusting(served):
    """The platform trusts the key of these tests."""
    served.platform.store.write(lambda c: trust(c, CONSOLE, served.clock(), SIGNER.public, "测试"))


def test_whose_signature_is_trusted_stands_in_the_history(served, trusting):
    acts = served.desk("minnan").call("GET", "/v1/admin-acts", role="auditor").json()["acts"]

    assert [one["after"] for one in acts if one["act"] == "catalog.trust"] == [{"name": "测试"}]


def publish(desk, content):
    return desk.call(
        "POST", "/v1/catalogs", role="admin", data=content, headers={"Content-Type": "application/zip"}
    )


def test_what_ships_with_the_platform_counts_as_published_first(region, tmp_path):
    sets = region.call("GET", "/v1/catalogs").json()["catalogs"]
    years = [one["name"] for one in region.call("GET", "/v1/calendars").json()["calendars"]]
    content = region.call("GET", f"/v1/catalogs/{sets[0]['digest']}").content
    zipfile.ZipFile(io.BytesIO(content)).extractall(tmp_path / "got" / "sets")
    key = json.loads((tmp_path / "got" / "sets" / "set.sig").read_bytes())["key"]

    assert (sets[0]["name"], sets[0]["published_by"]) == ("2026.1", None)
    assert {str(year) for year in range(2018, 2027)} <= set(years)
    assert load_set(tmp_path / "got" / "sets", trusted={key}).digest == sets[0]["digest"]


def test_a_set_is_published_used_and_retired(served, region, trusting, make_set, tools):
    desk, outside = served.desk(), served.desk("350600-02")
    today = legal_day(served.clock())
    content = make_set("2026.9", today)
    versions = [desk.content(n, catalog="XZCF_FR@2026.9") for n in range(3)]

    before = desk.outcomes(versions[:1])
    made = publish(region, content)
    again = publish(region, content)
    digest = made.json()["digest"]
    hello = region.http.get(f"{region.url}/v1/hello").json()["catalog_set"]
    during = desk.outcomes(versions[1:2])
    desk.stages([versions[1]["version_id"]])
    path = f"/v1/catalogs/{digest}/retirement"
    body = {"accept_until": (today - timedelta(days=1)).isoformat(), "reason": "换新版"}
    retired = region.call("PUT", path, role="admin", json=body)
    after = desk.outcomes(versions[2:])
    withdrawn = desk.outcomes([desk.withdrawal(versions[1])])

    assert before == ["rejected catalog-unknown"]
    assert (made.status_code, again.json()) == (201, made.json())
    assert hello == {"name": "2026.9", "digest": digest}
    assert during == ["accepted"]
    assert retired.json()["accept_until"] == body["accept_until"]
    assert after == ["rejected catalog-not-in-force"]
    assert withdrawn == ["accepted"]
    assert "2026.9" in {one["name"] for one in told(outside, "catalog.published")}
    assert [one["name"] for one in told(outside, "catalog.retired")] == ["2026.9"]
    assert region.call("GET", f"/v1/catalogs/{digest}").content == content
    assert region.http.get(f"{region.url}/v1/hello").json()["catalog_set"]["name"] == "2026.1"


def test_a_set_that_does_not_hold_yet_is_not_in_force(served, region, trusting, make_set):
    desk = served.desk()
    publish(region, make_set("2099.1", date(2099, 1, 1)))

    assert desk.outcomes([desk.content(catalog="XZCF_FR@2099.1")]) == ["rejected catalog-not-in-force"]
    assert region.http.get(f"{region.url}/v1/hello").json()["catalog_set"]["name"] == "2026.1"


def spoil(folder):
    item = folder / "items" / "XZCF_FR.json"
    item.write_text(item.read_text(encoding="utf-8").replace("罚款", "罚金"), encoding="utf-8")


@pytest.mark.parametrize(
    "how",
    [
        pytest.param({"signer": SigningKey.generate()}, id="signed by a stranger"),
        pytest.param({"until": date(2026, 1, 2)}, id="signature run out"),
        pytest.param({"damage": spoil}, id="a file that was changed"),
        pytest.param({"damage": lambda folder: (folder / "sources.json").unlink()}, id="a file missing"),
    ],
)
def test_a_set_that_is_not_sound_is_refused(region, trusting, make_set, how):
    answer = publish(region, make_set("2026.8", date(2026, 6, 1), **how))

    assert said(answer) == (422, "catalog-unsound")
    assert answer.json()["errors"]


def test_other_bytes_are_no_set_and_no_other_administrator_publishes(served, region, trusting, make_set):
    city = served.desk("350200")
    publish(region, make_set("2026.7", date(2099, 6, 1)))

    assert said(publish(region, b"PK nonsense")) == (422, "catalog-unsound")
    assert said(publish(city, make_set("2026.6", date(2099, 6, 1)))) == (403, "not-authorised")


def test_the_name_of_a_set_is_taken_once(region, trusting, make_set, tmp_path):
    first = publish(region, make_set("2026.5", date(2099, 6, 1)))
    shutil.rmtree(tmp_path / "catalogs")
    other = publish(region, make_set("2026.5", date(2099, 7, 1)))

    assert (first.status_code, said(other)) == (201, (409, "code-taken"))


def test_the_only_set_in_force_is_not_retired(region):
    digest = region.call("GET", "/v1/catalogs").json()["catalogs"][0]["digest"]
    body = {"accept_until": "2026-02-01", "reason": "测试"}

    answer = region.call("PUT", f"/v1/catalogs/{digest}/retirement", role="admin", json=body)
    strange = region.call("PUT", f"/v1/catalogs/{'0' * 64}/retirement", role="admin", json=body)

    assert said(answer) == (409, "last-catalog")
    assert said(strange) == (404, "publication-unknown")


def a_calendar(year, **changed):
    known = json.loads((RESOURCES / "calendars" / "2026.json").read_bytes())
    off = [{"name": "元旦", "from": f"{year}-01-01", "to": f"{year}-01-03"}]
    return {**known, "year": year, "title": f"{year} 年放假安排", "off": off, "work": [], **changed}


def test_the_calendar_of_a_year_is_published_and_published_better(served, region):
    first = region.call("POST", "/v1/calendars", role="admin", json=a_calendar(2027))
    off = [{"name": "元旦", "from": "2027-01-01", "to": "2027-01-04"}]
    second = region.call("POST", "/v1/calendars", role="admin", json=a_calendar(2027, off=off))
    with served.platform.store.reading() as connection:
        calendar = calendar_of(connection, RESOURCES)

    assert (first.status_code, second.status_code) == (201, 201)
    assert calendar.is_working_day(date(2027, 1, 4)) is False
    assert calendar.is_working_day(date(2026, 10, 10)) is True
    got = region.call("GET", f"/v1/calendars/{second.json()['digest']}").json()
    assert got["off"] == off
    assert [one["name"] for one in told(served.desk("350500-01"), "calendar.published")][:2] == [
        "2027",
        "2027",
    ]


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({"year": 2027}, id="keys missing"),
        pytest.param(a_calendar(2027, work=["2027-01-04"]), id="a weekday made a working day"),
        pytest.param(a_calendar(2027) | {"year": "2027"}, id="the year as text"),
        pytest.param([], id="no object"),
    ],
)
def test_a_calendar_that_is_not_sound_is_refused(region, body):
    answer = region.call("POST", "/v1/calendars", role="admin", json=body)

    assert said(answer) == (422, "calendar-unsound")


def test_another_process_uses_what_this_one_published(served, trusting, make_set, region):
    name = "2026.4"
    publish(region, make_set(name, date(2099, 1, 1)))
    served.platform.shelf._seen = ()  # as a process that has not looked yet

    assert name in refresh(served.platform).sets


def test_the_commands_do_the_same(tmp_path, make_set):
    database = str(tmp_path / "p.db")

    def run(*words, code=0):
        done = CliRunner().invoke(main, [*words, "--database", database])
        assert done.exit_code == code, done.output
        return done.output

    run("unit", "add", "--level", "region", "--city", "350000", "minnan", "区域")
    run("unit", "add", "--level", "city", "--city", "350200", "--under", "minnan", "xm", "厦门")
    file, year = tmp_path / "set.zip", tmp_path / "2027.json"
    file.write_bytes(make_set("2026.3", date(2026, 3, 1)))
    year.write_text(json.dumps(a_calendar(2027)), encoding="utf-8")

    assert "不能发布" in run("catalog", "publish", str(file), code=2)
    run("catalog", "trust", SIGNER.public, "测试")
    assert "2026.3" in run("catalog", "publish", str(file))
    assert "2026.3" in run("catalog", "list")
    assert "没有发布过" in run("catalog", "retire", "x", "--until", "2026-12-31", "--reason", "测试", code=2)
    assert "不能没有目录" in run(
        "catalog", "retire", "2026.3", "--until", "2026-12-31", "--reason", "测试", code=2
    )
    assert "2027 年日历" in run("calendar", "publish", str(year))
    assert "2027" in run("calendar", "list")
    posted = json.loads(
        run("notice", "post", "--to", "minnan", "--until", "2027-01-01", "维护", "周六", "--json")
    )
    assert "已撤回" in run("notice", "withdraw", posted["notice_id"], "--reason", "改期")
