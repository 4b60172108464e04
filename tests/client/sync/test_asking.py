"""Asking what other departments and cities hold: the real platform, and lines that fail in each way."""

from __future__ import annotations

import csv
import json
from typing import Any

import pytest

from client.core.comparisons import MOST_ACTS
from client.errors import LinkError
from client.store import drafts, link
from client.sync import asking
from client.sync.transport import HttpTransport
from client.sync.wire import Reply, Request
from forms.catalog.check import natural_key
from forms.catalog.fieldtypes import show
from tests.client.cli.conftest import run_minxin
from tests.client.sync.branch import PASSPHRASE, Branch
from tests.client.sync.cities import two_departments


@pytest.fixture(scope="module")
def two_cities(shared_platform, tmp_path_factory):
    with two_departments(shared_platform, tmp_path_factory.mktemp("cities")) as cities:
        yield cities


def key_of(branch: Branch, values: dict[str, Any]) -> str:
    return natural_key(branch.catalogs.item("XZCF_FR"), values)


class Line:
    """A real line on which a thing happens at the n-th comparison."""

    def __init__(self, inner: HttpTransport, happens: dict[int, Any] | None = None) -> None:
        self._inner, self._happens = inner, happens or {}
        self.pages: list[int] = []
        self.closed = False

    def exchange(self, request: Request) -> Reply:
        if not request.path.startswith("/v1/comparisons"):
            return self._inner.exchange(request)
        self.pages.append(len(json.loads(request.body)["acts"]))
        happens = self._happens.get(len(self.pages))
        if isinstance(happens, Exception):
            raise happens
        return happens or self._inner.exchange(request)

    def close(self) -> None:
        self._inner.close()
        self.closed = True


def ask(branch: Branch, keys, line: Line | None = None, **more: Any):
    line = line or Line(branch.transport())
    more = {"progress": lambda *_: None, "cancelled": lambda: False, **more}
    asked = asking.ask(branch.desk, lambda _desk: line, "XZCF_FR", keys, **more)
    assert line.closed or line.pages == []
    return asked


def test_the_other_department_city_and_day_are_told_and_who_reported_nothing_is_not(two_cities):
    here = two_cities.here
    values = two_cities.reported(0)

    asked = ask(here, [key_of(here, values), "XZCF_FR nobody 1"])

    (told,) = asked.told.values()
    assert asked.problem is None
    assert asked.keys == {key_of(here, values), "XZCF_FR nobody 1"}
    assert [(one.record_id, one.unit_name, one.city, one.act_on) for one in told.reported] == [
        (two_cities.ids[0], two_cities.there.unit["name"], "350600", values["CF_JDRQ"])
    ]
    assert (told.more, told.hidden) == (False, 0)


def test_a_record_of_another_city_is_shown_with_its_personal_values_masked(two_cities):
    here = two_cities.here
    values = two_cities.reported(0)

    shown = asking.look(
        here.desk,
        lambda _desk: here.transport(),
        values["CF_XDR_SHXYM"],
        values["CF_JDRQ"],
        two_cities.ids[0],
    )
    elsewhere = asking.look(
        here.desk, lambda _desk: here.transport(), values["CF_CFJGDM"], values["CF_JDRQ"], two_cities.ids[0]
    )

    assert shown.masked == {"CF_FRDB"}
    assert shown.values["CF_WSH"] == values["CF_WSH"]
    assert shown.values["CF_FRDB"] == values["CF_FRDB"][0] + "*" * (len(values["CF_FRDB"]) - 1)
    assert elsewhere is None


PERSON, WHY = "110101199003070011", "核对异议申请人的记录"


def test_a_person_is_asked_about_only_with_a_reason_and_by_who_handles_objections(two_cities):
    here, there, item = two_cities.here, two_cities.there, two_cities.here.catalogs.item("XZCF_ZRR")
    values = {name: value for name, value in there.penalty().items() if name in item.by_id}
    values |= {"CF_XDR_MC": "林小满", "CF_XDR_LB": "2", "CF_XDR_ZJLX": "1", "CF_XDR_ZJHM": PERSON}
    for name in ("CF_FRDB", "CF_XDR_SHXYM"):
        values.pop(name, None)
    new = [drafts.NewDraft(values)]
    (record_id,) = there.approve_drafts(drafts.create_many(there.sit_down("reporter"), "XZCF_ZRR", new))
    there.sync_until(lambda: there.states()[record_id] in {"stored", "unmatched"})
    key = natural_key(item, values)

    def told(role: str, reason: str) -> tuple[bool, set[str], int]:
        asked = asking.ask(
            here.sit_down(role), lambda _desk: here.transport(), "XZCF_ZRR", [key], persons={key: PERSON},
            reason=reason, progress=lambda *_: None, cancelled=lambda: False,
        )  # fmt: skip
        return asked.persons, asked.keys, len(asked.told)

    assert told("reporter", WHY) == told("handler", "") == (False, set(), 0)
    assert told("handler", WHY) == (True, {key}, 1)
    shown = asking.look(
        here.desk, lambda _desk: here.transport(), PERSON, values["CF_JDRQ"], record_id, WHY
    )  # fmt: skip
    assert shown is not None
    assert shown.values["CF_WSH"] == values["CF_WSH"]
    here.sit_down("reporter")


KEYS = [f"XZCF_FR {n} nobody" for n in range(2 * MOST_ACTS + 7)]


def test_many_acts_are_asked_in_pages_each_once_and_the_way_is_told(two_cities):
    here = two_cities.here
    line, steps = Line(here.transport()), []

    asked = ask(here, [*KEYS, *KEYS[:9]], line, progress=lambda done, of: steps.append((done, of)))

    assert line.pages == [MOST_ACTS, MOST_ACTS, 7]
    assert steps == [(0, 1007), (500, 1007), (1000, 1007), (1007, 1007)]
    assert (asked.keys, asked.told, asked.problem) == (set(KEYS), {}, None)


def test_what_was_answered_before_the_line_was_cut_stands_and_asking_goes_on_with_the_rest(two_cities):
    here = two_cities.here
    keys = [key_of(here, two_cities.reported(1)), *KEYS]

    cut = ask(here, keys, Line(here.transport(), {2: LinkError("timeout")}))
    line = Line(here.transport())
    again = ask(here, keys, line, before=cut)

    assert cut.problem.code == "timeout"
    assert (len(cut.keys), list(cut.told)) == (MOST_ACTS, keys[:1])
    assert line.pages == [MOST_ACTS, 8]
    assert (again.keys, list(again.told), again.problem) == (set(keys), keys[:1], None)
    assert ask(here, keys, untouched := Line(here.transport()), before=again).keys == set(keys)
    assert untouched.pages == []


ACT = {"item": "XZCF_FR", "key": KEYS[0], "reported": [], "more": False, "hidden": 0}


def busy(branch: Branch, seconds: int) -> Reply:
    headers = {
        "x-minxin-server": branch.desk.device.server_id, "content-type": "application/problem+json",
        "retry-after": str(seconds),
    }  # fmt: skip
    return Reply(429, headers, b'{"type":"urn:minxin:problem:rate-limited","title":"","status":429}')


@pytest.mark.parametrize(
    ("answers", "waited", "code"),
    [
        pytest.param({1: 7, 2: 3}, [7, 3], None, id="as long as it asks"),
        pytest.param(dict.fromkeys(range(1, 9), 1), [1] * 5, "rate_limited", id="five times at most"),
        pytest.param({1: 3600}, [], "rate_limited", id="longer than a person waits"),
    ],
)
def test_a_busy_platform_is_given_the_time_that_it_asks_for(two_cities, answers, waited, code):
    here = two_cities.here
    line = Line(here.transport(), {n: busy(here, s) for n, s in answers.items()})
    pauses: list[float] = []

    asked = ask(here, KEYS[:3], line, pause=pauses.append)

    assert pauses == waited
    assert (asked.problem.code if asked.problem else None) == code
    assert asked.keys == (set() if code else set(KEYS[:3]))


def dead(_desk):
    return HttpTransport("http://127.0.0.1:9")


def unconnected(_desk):
    raise LinkError("ca_file_missing")


@pytest.mark.parametrize(("connect", "code"), [(dead, "no_connection"), (unconnected, "ca_file_missing")])
def test_without_a_line_nothing_is_asked_and_it_is_said_why(two_cities, connect, code):
    here = two_cities.here

    asked = asking.ask(
        here.desk, connect, "XZCF_FR", KEYS[:3], progress=lambda *_: None, cancelled=lambda: False
    )

    assert (asked.problem.code, asked.keys) == (code, set())


def test_who_stops_it_keeps_what_was_answered(two_cities):
    here = two_cities.here
    line = Line(here.transport())

    asked = ask(here, KEYS, line, cancelled=lambda: len(line.pages) == 1)

    assert (asked.problem.code, len(asked.keys)) == ("stopped", MOST_ACTS)


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param([], id="an act is missing"),
        pytest.param([ACT | {"key": "another"}], id="of another act"),
        pytest.param([ACT | {"more": 1}], id="another shape"),
        pytest.param([ACT | {"reported": [{}]}], id="a record without a name"),
    ],
)
def test_an_answer_that_is_not_about_what_was_asked_counts_for_nothing(two_cities, wrong):
    here = two_cities.here
    headers = {"x-minxin-server": here.desk.device.server_id, "content-type": "application/json"}
    line = Line(here.transport(), {1: Reply(200, headers, json.dumps({"acts": wrong}).encode())})

    asked = ask(here, KEYS[:1], line)

    assert (asked.problem.code, asked.keys) == ("not_ours", set())


def test_without_a_session_nobody_is_asked_and_one_that_ended_is_refused(two_cities):
    here = two_cities.here
    kept = link.token(here.desk.db.reader(), here.desk.operator.operator_id)
    try:
        link.drop_session(here.desk)
        assert ask(here, KEYS[:1]).problem.code == "sign_in_needed"
        link.store_session(here.desk, here.desk.operator, token="gone", expires_at="2030-01-01T00:00:00.000Z")
        assert ask(here, KEYS[:1]).problem.code == "token_expired"
    finally:
        link.store_session(here.desk, here.desk.operator, token=kept, expires_at="2030-01-01T00:00:00.000Z")


# --- by the command line ---


@pytest.fixture
def minxin(two_cities, tmp_path):
    """Import rows that are wanted at the desk of the first city by the command line."""
    here = two_cities.here
    fields = here.catalogs.item("XZCF_FR").fields

    def bring_in(rows, *options: str, name: str):
        path = tmp_path / name
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow([field.title for field in fields])
            writer.writerows(
                [show(field, row[field.id]) if field.id in row else "" for field in fields] for row in rows
            )
        person = here.person("reporter")["operator_id"]
        here.stand_up()
        where = ("--profile", str(here.folder), "--operator", person)
        try:
            return run_minxin("import", str(path), *options, *where, secrets={"--passphrase-fd": PASSPHRASE})
        finally:
            here.sit_down("reporter")

    return bring_in


def test_a_file_is_compared_with_other_cities_before_it_comes_in(two_cities, minxin):
    here = two_cities.here
    rows = [two_cities.reported(0), two_cities.reported(1), here.penalty(CF_WSH="厦问监罚〔2026〕1号")]

    done = minxin(rows, "--ask-platform", "--json", name="问.csv")
    said = minxin(rows[:1], "--ask-platform", "--on-platform", "keep", "--reason", "两地各罚", name="留.csv")
    again = minxin(rows, "--ask-platform", "--json", name="问.csv")

    assert (done.code, done.err) == (0, "")
    parts = ("read", "created", "skipped", "faulty")
    assert [done.said[part] for part in parts] == [3, 1, 2, 0]
    assert done.said["platform"] == {"asked": 3, "of": 3, "reported": 2, "persons": 0, "problem": None}
    assert "问过平台：1 行里有 1 行别处已报，照样收了。" in said.out
    assert "读取 1 = 新增 1" in said.out
    assert [again.said[part] for part in parts] == [3, 0, 3, 0]
    assert again.said["platform"] == {"asked": 1, "of": 1, "reported": 1, "persons": 0, "problem": None}


def move_platform(branch: Branch, url: str) -> None:
    with branch.desk.db.transaction() as tx:
        tx.execute("UPDATE device SET platform_url = ?", (url,))
    branch.stand_up()
    branch.sit_down("reporter")


def test_a_platform_that_cannot_be_asked_costs_no_import_and_it_is_said(two_cities, minxin):
    here = two_cities.here
    move_platform(here, "http://127.0.0.1:9")
    try:
        done = minxin([here.penalty(CF_WSH="厦问监罚〔2026〕2号")], "--ask-platform", "--json", name="断.csv")
    finally:
        move_platform(here, here.url)

    assert done.code == 1
    assert (done.said["created"], done.said["platform"]["problem"]) == (1, "no_connection")
    assert "有 1 行没有问到平台；与本机记录的比对照常做了。" in done.err


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--on-platform", "keep", "--reason", "重号"), "--on-platform 要和 --ask-platform 一起用"),
        (("--ask-platform", "--on-platform", "keep"), "reason_missing"),
    ],
)
def test_keeping_what_others_reported_needs_an_answer_of_the_platform_and_a_reason(
    two_cities, minxin, options, said
):
    here = two_cities.here

    done = minxin([here.penalty()], *options, name="错.csv")

    assert (done.code, said in done.err) == (2, True)
