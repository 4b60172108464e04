"""Conflicts between units: found after storing, owned, told on the feeds, settled."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from sqlalchemy import select

from regional_platform.catalogs import load_catalogs
from regional_platform.settings import find_resources
from regional_platform.store.conflict_tables import conflict
from regional_platform.store.tables import access, job
from tests.databases import on_a_file

ITEMS = load_catalogs(find_resources()).current.items
PERSON = "110101199003070011"
WHY = {"X-Reason": quote("处理矛盾")}


@pytest.fixture
def here(served):
    return served.desk("350200-01")


@pytest.fixture
def there(served):
    return served.desk("350600-01")


@pytest.fixture
def rest(served, tools):
    """Waits until the pipeline has nothing left to do."""

    def at_rest():
        with served.platform.store.reading() as connection:
            return not connection.execute(select(job.c.n).where(job.c.step != "wait")).first()

    return lambda: tools.until(at_rest)


def same(desk, content):
    """The act of another desk, as this desk reports it."""
    return desk.content(payload={name: content["payload"][name] for name in ("CF_WSH", "CF_XDR_MC")})


def listed(desk, **query):
    answer = desk.call("GET", "/v1/conflicts", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()["conflicts"]


def news(desk):
    return [
        (one["type"].removeprefix("conflict."), one["data"]["state"])
        for one in desk.feed(limit=1000)["items"]
        if one["type"].startswith("conflict.")
    ]  # fmt: skip


def act(desk, conflict_id, what, *, role="handler", status=200, **body):
    answer = desk.call("POST", f"/v1/conflicts/{conflict_id}/{what}", role=role, json=body)
    assert answer.status_code == status, answer.text
    return answer.json()


@pytest.fixture
def doubled(here, there, rest):
    """One act that two cities have reported, there last; the contents and the conflict."""
    first = here.content()
    second = same(there, first)
    here.send([first])
    there.send([second])
    rest()
    (found,) = listed(here)
    return first, second, found


def test_one_act_from_two_cities_is_the_matter_of_who_reported_last_and_both_are_told(here, there, doubled):
    first, second, found = doubled

    assert (found["kind"], found["state"], found["owner"]) == ("same_act", "open", "350600-01")
    assert {(one["record_id"], one["unit"], one["city"]) for one in found["records"]} == {
        (first["record_id"], "350200-01", "350200"), (second["record_id"], "350600-01", "350600"),
    }  # fmt: skip
    assert listed(there) == [found]
    assert news(here) == news(there) == [("opened", "open")]
    assert here.record(first["record_id"])["stage"] == there.record(second["record_id"])["stage"] == "stored"


@pytest.mark.parametrize("how", ["withdrawn", "corrected"])
def test_it_is_settled_by_itself_when_a_side_is_withdrawn_or_corrected(here, there, rest, doubled, how):
    _, second, found = doubled
    other = there.withdrawal(second) if how == "withdrawn" else there.correction(
        second, payload=there.penalty(9)
    )  # fmt: skip
    assert there.outcomes([other]) == ["accepted"]
    rest()

    (settled,) = listed(here, state="settled")
    assert (settled["conflict_id"], settled["outcome"]) == (found["conflict_id"], how)
    assert news(here) == news(there) == [("opened", "open"), ("settled", "settled")]


def test_a_third_city_joins_and_a_settled_conflict_comes_up_again_when_a_side_changes(
    served, here, there, rest, doubled
):
    first, second, found = doubled
    third_desk = served.desk("350500-02")
    third = same(third_desk, first)
    third_desk.send([third])
    rest()
    (found,) = listed(here)
    assert len(found["records"]) == 3
    act(there, found["conflict_id"], "settle", outcome="both_right", reason="三地各罚其责")
    assert news(here) == [("opened", "open"), ("changed", "open"), ("settled", "settled")]

    there.send([there.correction(second, payload={**second["payload"], "CF_NR_FK": "0.06"})])
    rest()
    (again,) = listed(here, state="open")
    assert (again["conflict_id"], again["outcome"], again["taken_by"]) == (found["conflict_id"], None, None)
    told = here.call("GET", f"/v1/conflicts/{found['conflict_id']}").json()["history"]
    assert [one["what"] for one in told] == ["opened", "changed", "settled", "opened"]


@on_a_file
def test_a_conflict_is_read_with_both_sides_as_each_may_see_them_and_the_look_is_kept(
    served, here, there, doubled
):
    first, second, found = doubled
    told = here.call("GET", f"/v1/conflicts/{found['conflict_id']}").json()

    heads = {one["record_id"]: one["head"] for one in told["records"]}
    assert heads[first["record_id"]] == {"op": "create", "payload": first["payload"], "masked": []}
    assert heads[second["record_id"]]["masked"] == ["CF_FRDB"]
    with served.platform.store.reading() as connection:
        kept = connection.execute(select(access.c.unit, access.c.what, access.c.key)).all()
    assert [tuple(row) for row in kept] == [("350200-01", "record", second["record_id"])]


@on_a_file
def test_what_was_done_is_believed_only_when_the_records_agree(here, there, tools, doubled):
    conflict_id = doubled[2]["conflict_id"]
    for outcome in ("withdrawn", "corrected"):
        told = act(there, conflict_id, "settle", outcome=outcome, reason="已改", status=409)
        assert tools.code_of(told) == "conflict-stands"

    settled = act(there, conflict_id, "settle", outcome="both_right", reason="分别立案，均属实")
    assert (settled["state"], settled["outcome"], settled["reason"]) == (
        "settled", "both_right", "分别立案，均属实",
    )  # fmt: skip
    told = act(there, conflict_id, "settle", outcome="both_right", reason="再说一次", status=409)
    assert tools.code_of(told) == "conflict-settled"


@on_a_file
def test_only_those_concerned_see_a_conflict_and_only_its_owner_settles_it(
    served, here, there, tools, doubled
):
    conflict_id = doubled[2]["conflict_id"]
    beside, region = served.desk("350500-02"), served.desk("minnan")

    assert listed(beside) == []
    assert beside.call("GET", f"/v1/conflicts/{conflict_id}").status_code == 404
    assert tools.code_of(
        act(beside, conflict_id, "settle", outcome="both_right", reason="x", status=404)
    ) == "conflict-unknown"  # fmt: skip
    assert [one["conflict_id"] for one in listed(region)] == [conflict_id]
    for desk, role in ((here, "handler"), (there, "reporter"), (region, "auditor")):
        told = act(desk, conflict_id, "settle", role=role, outcome="both_right", reason="x", status=403)
        assert tools.code_of(told) == "not-authorised"


@on_a_file
def test_a_conflict_is_given_away_taken_over_and_put_in_somebodys_hands(served, here, there, tools, doubled):
    conflict_id = doubled[2]["conflict_id"]
    handler = here.person("handler")["operator_id"]

    given = act(there, conflict_id, "assign", role="admin", owner="350200-01", reason="先立案的办理")
    assert (given["owner"], given["taken_by"]) == ("350200-01", None)
    taken = act(here, conflict_id, "assign", role="admin", owner="350200-01", taken_by=handler, reason="交办")
    assert taken["taken_by"] == handler
    back = act(there, conflict_id, "assign", role="admin", owner="350600-01", reason="本机构接回")
    assert (back["owner"], back["taken_by"]) == ("350600-01", None)
    above = act(there, conflict_id, "assign", role="admin", owner="350600", reason="请市里协调")
    assert above["owner"] == "350600"
    assert news(here) == [("opened", "open"), *[("changed", "open")] * 4]


@on_a_file
def test_a_conflict_goes_to_nobody_whom_it_does_not_concern(there, tools, doubled):
    for role, status, body in (
        ("handler", 403, {"owner": "350200-01"}),
        ("admin", 400, {"owner": "350500-02"}),
        ("admin", 400, {"owner": "nowhere"}),
        ("admin", 400, {"owner": "350600-01", "taken_by": "350200-01-handler"}),
    ):
        told = act(there, doubled[2]["conflict_id"], "assign", role=role, reason="x", status=status, **body)
        assert tools.code_of(told) == {403: "not-authorised", 400: "malformed"}[status]


def of_item(desk, code, n=0, **payload):
    item = ITEMS[code]
    return {**desk.content(n), "catalog": item.ref, "item_sha256": item.digest, "payload": payload}


def registered(desk, n, **changed):
    subject = desk.subject(n)
    return of_item(desk, "SCZT", n, **{
        "UNI_SOCIAL_CRD_CD": subject["code"], "COMP_NM": subject["name"], "REG_STATE": "存续",
        "LEGAL_REPRE": subject["representative"], "REG_ORG": desk.unit["name"], "EST_DT": "2001-02-03",
        **changed,
    })  # fmt: skip


def test_registrations_of_two_cities_that_disagree_contradict_each_other(here, there, rest):
    mine, agrees = registered(here, 2), registered(there, 2)
    assert here.outcomes([mine])[0].startswith("accepted"), here.send([mine])
    there.send([agrees])
    rest()
    assert listed(here) == []

    there.send([there.correction(agrees, payload={**agrees["payload"], "LEGAL_REPRE": "陈另外"})])
    rest()
    (found,) = listed(here)
    assert (found["kind"], found["attributes"]) == ("registration_differs", ["representative"])
    page = here.call("GET", f"/v1/subjects/{here.subject(2)['code']}").json()
    assert [one["kind"] for one in page["conflicts"]] == ["registration_differs"]

    here.send([here.correction(mine, payload={**mine["payload"], "LEGAL_REPRE": "陈另外"})])
    rest()
    assert [one["outcome"] for one in listed(here, kind="registration_differs")] == ["corrected"]


@on_a_file
def test_a_permit_after_the_closing_of_its_subject_contradicts_it(here, there, rest):
    subject = here.subject(4)
    closed = registered(here, 4, REG_STATE="注销", APPR_DT="2026-02-01")
    permit = of_item(
        there, "XZXK_FR", 4, XK_XDR_MC=subject["name"], XK_XDR_LB="1", XK_XDR_SHXYM=subject["code"],
        XK_FRDB=subject["representative"], XK_XKWS="许可决定书", XK_WSH="漳示许〔2026〕4号", XK_XKLB="1",
        XK_NR="食品经营", XK_JDRQ="2026-03-01", XK_YXQZ="2026-03-01", XK_YXQZI="2027-03-01",
        XK_XKJG=there.unit["name"], XK_XKJGDM=there.unit["code18"], XK_ZT="1", XK_LYDW=there.unit["name"],
        XK_LYDWDM=there.unit["code18"],
    )  # fmt: skip
    for desk, content in ((there, permit), (here, closed)):
        (receipt,) = desk.send([content])
        assert receipt["outcome"].startswith("accepted"), receipt
    rest()

    assert [(one["kind"], one["owner"]) for one in listed(there)] == [("permit_after_closing", "350200-01")]


def test_a_subject_on_a_red_and_on_a_black_list_contradicts_itself_until_one_is_withdrawn(here, there, rest):
    whom = {"JGQC": here.subject(5)["name"], "TYSHXYDM": here.subject(5)["code"]}
    red = of_item(here, "FR_HONGMINGDAN", **whom, RYMC="守信企业", RDWH="厦信〔2026〕5号", RDJGQC="示范局",
                  RDRQ="2026-01-05")  # fmt: skip
    black = of_item(there, "FR_HEIMINGDAN", **whom, RDDW="示范局", RDWH="漳信〔2026〕6号", ZYSXSS="拖欠货款",
                    QRYZSXRQ="2026-02-05")  # fmt: skip
    for desk, content in ((here, red), (there, black)):
        (receipt,) = desk.send([content])
        assert receipt["outcome"].startswith("accepted"), receipt
    rest()
    assert [one["kind"] for one in listed(here)] == ["red_and_black"]

    here.send([here.withdrawal(red)])
    rest()
    assert [(one["state"], one["outcome"]) for one in listed(there)] == [("settled", "withdrawn")]


@on_a_file
def test_a_conflict_about_a_person_hides_the_number_and_shows_the_sides_to_who_says_why(here, there, rest):
    item = ITEMS["XZCF_ZRR"]
    contents = []
    for desk in (here, there):
        payload = {
            key: value for key, value in here.penalty(3).items()
            if key in item.by_id and key not in {"CF_FRDB", "CF_XDR_SHXYM"}
        }  # fmt: skip
        payload |= {"CF_XDR_MC": "林小满", "CF_XDR_LB": "2", "CF_XDR_ZJLX": "1", "CF_XDR_ZJHM": PERSON}
        content = {**desk.content(3), "catalog": item.ref, "item_sha256": item.digest, "payload": payload}
        assert desk.outcomes([content])[0].startswith("accepted")
        contents.append(content)
    rest()

    (found,) = listed(here)
    assert found["subject_code"] == "110101********0011"
    path = f"/v1/conflicts/{found['conflict_id']}"
    for headers, role, seen in (({}, "handler", 1), (WHY, "reporter", 1), (WHY, "handler", 2)):
        told = here.call("GET", path, role=role, headers=headers).json()
        assert len([one for one in told["records"] if one["head"]]) == seen


@on_a_file
def test_settling_a_conflict_settles_what_its_records_ask_for(here, there, rest, doubled):
    first, _, found = doubled
    wrong = here.correction(first, payload={**first["payload"], "CF_NR_FK": None})
    wrong["payload"].pop("CF_NR_FK")
    here.send([wrong])
    act(there, found["conflict_id"], "settle", outcome="both_right", reason="均属实")

    (asked,) = here.call("GET", "/v1/questions").json()["questions"]
    assert (asked["version_id"], asked["state"]) == (wrong["version_id"], "settled")


@on_a_file
def test_a_fault_of_ours_while_comparing_stops_nothing_else(
    served, here, there, rest, doubled, tools, caplog
):
    """The list of in what a registration differs was damaged on disk."""
    _, second, _ = doubled
    with served.platform.store.writing() as connection:
        connection.execute(conflict.update().values(attributes="damaged"))
    there.send([there.withdrawal(second), there.content(5)])

    def set_aside():
        with served.platform.store.reading() as connection:
            return connection.execute(select(job.c.step, job.c.failures)).all() == [("compare", 3)]

    tools.until(set_aside)
    assert {one.name for one in caplog.records} == {"regional_platform.incidents"}
