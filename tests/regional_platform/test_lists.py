"""Lists at the platform: entry, correction, removal, withdrawal, end of a term, history, who sees whom."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import quote

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError

from regional_platform.catalogs import load_catalogs
from regional_platform.pipeline.subjects import Subject, load_subjects
from regional_platform.settings import find_resources
from regional_platform.store.list_tables import list_act
from regional_platform.store.tables import access
from regional_platform.times import legal_day

ITEMS = load_catalogs(find_resources()).current.items
PERSON, OTHER = "110101199003070011", "110101199003070097"
WHY = {"X-Reason": quote("核对申请人的名单信息")}


def today(served):
    return legal_day(served.clock())


def of_item(desk, code, **payload):
    item = ITEMS[code]
    return {**desk.content(), "catalog": item.ref, "item_sha256": item.digest, "payload": payload}


def black(served, desk, n=0, **changed):
    """A company on 严重违法失信超限超载运输当事人 (B05)."""
    subject = desk.subject(n)
    payload = {
        "A_NAME": subject["name"], "A_USCC": subject["code"],
        "LEGAL_REPRESENTATIVE": subject["representative"], "DATA_SOURCE": desk.unit["name"],
        "DATA_CATEGORY": "B05", "CASE_NO": f"厦示列〔2026〕{desk.first + n}号",
        "EXECUTE_DEPT": desk.unit["name"],
        "PUBLISH_DATE": (today(served) - timedelta(days=30)).isoformat(), **changed,
    }  # fmt: skip
    return of_item(desk, "BLACK_FR", **{name: value for name, value in payload.items() if value is not None})


def person(served, desk, number=PERSON, **changed):
    """A person on 失信被执行人 (B01)."""
    payload = {
        "B_NAME": "林晓岚", "B_ID": number, "DATA_SOURCE": desk.unit["name"], "DATA_CATEGORY": "B01",
        "CASE_NO": f"(2026)闽02执{desk.first}号", "EXECUTE_DEPT": "示范法院",
        "PUBLISH_DATE": (today(served) - timedelta(days=3)).isoformat(), **changed,
    }  # fmt: skip
    return of_item(desk, "BLACK_ZRR", **payload)


def abnormal(served, desk, n=0, **changed):
    """A company on 经营异常名录."""
    subject = desk.subject(n)
    payload = {
        "QYMC": subject["name"], "TYSHXYDM": subject["code"], "LRYYLX": "未按期公示年度报告",
        "LRRQ": (today(served) - timedelta(days=40)).isoformat(), "LRJDJG": desk.unit["name"],
        "SJLY": desk.unit["name"], **changed,
    }  # fmt: skip
    return of_item(desk, "JYYC", **payload)


def stored(desk, *contents):
    """Send contents and wait until all are stored."""
    receipts = desk.send(contents)
    assert all(one["outcome"].startswith("accepted") for one in receipts), receipts
    desk.stages([one["version_id"] for one in contents])
    return contents[0]


def entries(desk, code, /, *, status=200, role=None, headers=None, **query):
    answer = desk.call("GET", f"/v1/lists/{code}/entries", role=role, headers=headers or {}, params=query)
    assert answer.status_code == status, answer.text
    return answer.json() if status != 200 else answer.json()["entries"]


def test_a_stored_record_puts_its_subject_on_the_list_that_it_names(served, desk):
    content = stored(desk, black(served, desk))

    (entry,) = entries(desk, "B05")

    assert entry["subject"] == {
        "kind": "legal", "code": desk.subject(0)["code"], "name": desk.subject(0)["name"],
    }  # fmt: skip
    assert entry["ground"] == content["payload"]["CASE_NO"]
    assert (entry["keeper"], entry["unit"]["code"]) == (desk.unit["name"], "350200-01")
    assert (entry["since_on"], entry["until_on"]) == (content["payload"]["PUBLISH_DATE"], None)
    assert (entry["in_force"], entry["withdrawn"], entry["disputed"], entry["whole"]) == (
        True, False, False, True,
    )  # fmt: skip
    (act,) = entry["history"]
    assert (act["act"], act["maker"], act["checker"]) == (
        "entered",
        "350200-01-reporter",
        "350200-01-reviewer",
    )
    assert act["version_id"] == content["version_id"]


def test_every_list_says_its_kind_its_keepers_and_how_many_are_on_it(served, desk):
    there = served.desk("350600-01")
    stored(desk, black(served, desk), black(served, desk, 1))
    stored(there, black(served, there, 2))

    told = there.call("GET", "/v1/lists").json()

    lists = {one["list"]: one for one in told["lists"]}
    assert len(lists) == 47
    assert (lists["B05"]["kind"], lists["R01"]["kind"], lists["JYYC"]["kind"]) == ("black", "red", "other")
    assert (lists["B05"]["entries"], lists["B01"]["entries"]) == (3, 0)
    assert [(one["unit"], one["city"], one["entries"]) for one in lists["B05"]["keepers"]] == [
        ("350200-01", "350200", 2), ("350600-01", "350600", 1),
    ]  # fmt: skip
    assert lists["B01"]["items"] == ["BLACK_FR", "BLACK_ZRR", "SXBZXR"]
    assert lists["B05"]["published"] is None

    page = there.call("GET", "/v1/lists", params={"after": "B05", "limit": 2}).json()
    assert ([one["list"] for one in page["lists"]], page["next"]) == (["B06", "B07"], "B07")


def test_a_correction_changes_the_entry_and_stays_in_its_history(served, desk):
    first = stored(desk, black(served, desk))
    until = (today(served) + timedelta(days=365)).isoformat()
    second = stored(desk, desk.correction(first, payload={**first["payload"], "EXPIRATION_DATE": until}))

    (entry,) = entries(desk, "B05")

    assert (entry["until_on"], entry["version_id"]) == (until, second["version_id"])
    assert [(act["act"], act["last_on"]) for act in entry["history"]] == [
        ("entered", None),
        ("changed", until),
    ]


def test_a_correction_may_move_a_subject_to_another_list(served, desk):
    first = stored(desk, black(served, desk))
    stored(desk, desk.correction(first, payload={**first["payload"], "DATA_CATEGORY": "B16"}))

    assert entries(desk, "B05") == []
    (entry,) = entries(desk, "B16")
    assert [(act["act"], act["list"]) for act in entry["history"]] == [("entered", "B05"), ("moved", "B16")]


def test_a_record_that_says_removed_takes_the_subject_off_from_that_day(served, desk):
    first = stored(desk, abnormal(served, desk))
    gone = (today(served) - timedelta(days=2)).isoformat()
    removal = {"YCRQ": gone, "YCYY": "已补报年度报告", "YCJDJG": desk.unit["name"]}
    stored(desk, desk.correction(first, payload={**first["payload"], **removal}))

    assert entries(desk, "JYYC") == []
    assert entries(desk, "JYYC", on=gone) == []
    (entry,) = entries(desk, "JYYC", on=(today(served) - timedelta(days=3)).isoformat())
    assert (entry["removed_on"], entry["removed_because"], entry["in_force"]) == (
        gone,
        "已补报年度报告",
        False,
    )
    assert [act["act"] for act in entry["history"]] == ["entered", "removed"]


def test_a_withdrawn_record_takes_the_subject_off_and_others_see_it_no_more(served, desk):
    there = served.desk("350500-01")
    first = stored(desk, black(served, desk))
    stored(desk, desk.withdrawal(first))
    code = desk.subject(0)["code"]

    assert entries(desk, "B05") == entries(there, "B05", subject=code) == []
    (entry,) = entries(desk, "B05", subject=code)
    assert (entry["withdrawn"], entry["in_force"], entry["removed_on"]) == (True, False, None)
    assert [act["act"] for act in entry["history"]] == ["entered", "withdrawn"]


def test_what_comes_and_goes_at_once_leaves_both_acts(served, desk):
    first = black(served, desk)
    stored(desk, first, desk.withdrawal(first))

    (entry,) = entries(desk, "B05", subject=desk.subject(0)["code"])

    assert [act["act"] for act in entry["history"]] == ["entered", "withdrawn"]
    assert not entry["in_force"]


def test_the_end_of_a_term_takes_a_subject_off_without_anyone_acting(served, desk):
    last = today(served) + timedelta(days=2)
    stored(desk, black(served, desk, EXPIRATION_DATE=last.isoformat()))

    served.clock.turn(days=2)
    desk.tokens.clear()
    assert len(entries(desk, "B05")) == 1
    served.clock.turn(days=1)
    desk.tokens.clear()

    assert entries(desk, "B05") == []
    assert len(entries(desk, "B05", on=last.isoformat())) == 1
    (entry,) = entries(desk, "B05", subject=desk.subject(0)["code"])
    assert not entry["in_force"]


def test_who_is_not_on_the_list_yet_is_on_it_from_the_first_day(served, desk):
    first = today(served) + timedelta(days=5)
    stored(desk, abnormal(served, desk, LRRQ=today(served).isoformat()))
    content = of_item(desk, "NMGGZ_SX", DXMC=desk.subject(1)["name"], DXDM=desk.subject(1)["code"],
                      FBJG=desk.unit["name"], WSH="厦人社列〔2026〕1号", LRSY="拖欠工资", LRYJ="条例",
                      LRSJ=today(served).isoformat(), YJTCRQ=first.isoformat())  # fmt: skip
    stored(desk, content)

    assert len(entries(desk, "JYYC", on=today(served).isoformat())) == 1
    assert entries(desk, "JYYC", on=(today(served) - timedelta(days=1)).isoformat()) == []
    assert entries(desk, "B07")[0]["until_on"] == first.isoformat()


def test_a_version_whose_subject_came_late_does_not_undo_a_later_one(served, desk):
    """The first version waits unmatched while its correction, which names a known subject, is stored."""
    first = black(served, desk, A_NAME="曾用名有限公司")
    assert desk.outcomes([first]) == ["accepted"]
    desk.stages([first["version_id"]], last="unmatched")
    second = stored(desk, desk.correction(first, payload=black(served, desk)["payload"]))
    now_known = [Subject(desk.subject(0)["code"], "曾用名有限公司")]
    served.platform.store.write(lambda connection: load_subjects(connection, now_known, served.clock()))
    desk.stages([first["version_id"]])

    (entry,) = entries(desk, "B05")

    assert (entry["version_id"], entry["subject"]["name"]) == (second["version_id"], desk.subject(0)["name"])
    assert {act["version_id"] for act in entry["history"]} == {first["version_id"], second["version_id"]}


def test_a_record_of_another_item_is_on_no_list(served, desk):
    stored(desk, desk.content())

    with served.platform.store.reading() as connection:
        assert connection.execute(select(list_act)).all() == []


def test_the_acts_upon_lists_cannot_be_changed(served, desk):
    stored(desk, black(served, desk))

    for statement in ("UPDATE list_act SET act = 'changed'", "DELETE FROM list_act"):
        with pytest.raises(DatabaseError, match="append-only"), served.platform.store.writing() as connection:
            connection.execute(text(statement))


def test_another_citys_reader_sees_companies_and_the_look_is_kept(served, desk):
    stored(desk, black(served, desk), person(served, desk))
    there = served.desk("350500-01")

    (entry,) = entries(there, "B05")

    assert (entry["whole"], entry["unit"]["city"]) == (False, "350200")
    assert entries(there, "B01") == []
    with served.platform.store.reading() as connection:
        looks = connection.execute(select(access.c.unit, access.c.what, access.c.key)).all()
    assert [tuple(one) for one in looks] == [("350500-01", "list", "B05")]


def test_another_units_persons_are_only_counted(served, desk):
    stored(desk, person(served, desk))
    there = served.desk("350500-01")

    told = there.call("GET", "/v1/lists/B01/entries").json()
    own = desk.call("GET", "/v1/lists/B01/entries").json()

    assert (told["entries"], told["persons_not_shown"]) == ([], 1)
    assert (own["entries"][0]["subject"]["code"], own["persons_not_shown"]) == (PERSON, 0)


def test_a_person_is_shown_by_exact_number_to_a_handler_who_says_why(served, desk):
    stored(desk, person(served, desk))
    there = served.desk("350500-01")

    (entry,) = entries(there, "B01", role="handler", headers=WHY, subject=PERSON)

    assert entry["subject"] == {"kind": "person", "code": "110101********0011", "name": "林晓岚"}
    assert PERSON not in str(entry)
    with served.platform.store.reading() as connection:
        look = connection.execute(select(access.c.operator_id, access.c.key, access.c.reason)).one()
    assert tuple(look) == ("350500-01-handler", f"B01 {PERSON}", "核对申请人的名单信息")


def test_a_person_is_not_shown_without_the_role_or_the_reason_whether_listed_or_not(served, desk):
    stored(desk, person(served, desk))
    there = served.desk("350500-01")

    for number in (PERSON, OTHER):
        refused = entries(there, "B01", role="reporter", headers=WHY, subject=number, status=403)
        assert refused["type"].endswith("not-authorised")
        refused = entries(there, "B01", role="handler", subject=number, status=422)
        assert refused["type"].endswith("reason-required")


def test_the_hall_reads_no_person_off_a_page_either(served, desk):
    stored(desk, person(served, desk), black(served, desk))
    hall = served.desk("350200-00")

    assert (len(entries(hall, "B05")), entries(hall, "B01")) == (1, [])
    (entry,) = entries(hall, "B01", headers=WHY, subject=PERSON)
    assert entry["subject"]["name"] == "林晓岚"


def test_a_person_on_an_item_that_knows_both_is_a_person(served, desk):
    content = of_item(desk, "SXBZXR", BZXRMC="林晓岚", ZJHM=OTHER, ZXFY="示范法院", SF="福建", ZXYJWH="1号",
                      LASJ="2026-01-05", AH="(2026)闽02执9号", ZCZXYJDW="示范法院", SXFLWSQDYW="支付货款",
                      LXQK="1", SXJTQX="有能力而拒不履行", FBSJ="2026-02-05", SJLY="示范法院")  # fmt: skip
    stored(desk, content)

    assert entries(desk, "B01")[0]["subject"]["kind"] == "person"
    assert entries(served.desk("350600-01"), "B01") == []


def test_a_disputed_entry_says_so(served, desk):
    content = stored(desk, black(served, desk))
    hall = served.desk("350200-00")
    opening = hall.opening(content["record_id"], disputes=[
        {"field": "CASE_NO", "old": content["payload"]["CASE_NO"], "claimed": "另一文号"},
    ])  # fmt: skip
    assert hall.open_case(opening).status_code == 201

    assert entries(desk, "B05")[0]["disputed"]


def test_a_long_list_is_read_page_by_page(served, desk):
    stored(desk, *(black(served, desk, n) for n in range(5)))
    found, after = [], None

    while True:
        query = {"limit": 2} | ({"after": after} if after else {})
        page = desk.call("GET", "/v1/lists/B05/entries", params=query).json()
        found += [one["record_id"] for one in page["entries"]]
        after = page["next"]
        if after is None:
            break

    assert len(found) == len(set(found)) == 5


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        pytest.param("/v1/lists/B99/entries", 404, "list-unknown", id="entries of no list"),
        pytest.param("/v1/lists/B99/snapshot", 404, "list-unknown", id="snapshot of no list"),
        pytest.param("/v1/lists/B99/deltas", 404, "list-unknown", id="deltas of no list"),
        pytest.param("/v1/lists/B05/snapshot", 404, "list-unpublished", id="nothing published yet"),
        pytest.param("/v1/lists/filter", 404, "list-unpublished", id="no filter yet"),
        pytest.param("/v1/lists/B05/entries?on=2026-02-30", 400, "malformed", id="no such day"),
        pytest.param("/v1/lists/key", 403, "not-authorised", id="the key is not for reporters"),
    ],
)
def test_what_is_refused(shared, path, status, code):
    answer = shared.desk().call("GET", path, role="reporter")

    assert (answer.status_code, answer.json()["type"].rpartition(":")[2]) == (status, code)
