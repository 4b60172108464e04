"""Lists at the platform: entry, correction, removal, withdrawal, end of a term, history, who sees whom."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import quote

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError

from regional_platform.pipeline.subjects import Subject, load_subjects
from regional_platform.store.case_tables import holding
from regional_platform.store.list_tables import list_act
from regional_platform.store.tables import access
from regional_platform.times import legal_day
from tests.regional_platform.listing import abnormal, black, code_of, of_item, person, stored

WHY = {"X-Reason": quote("核对申请人的名单信息")}


@pytest.fixture
def served(shared):
    """One platform for all: each test has numbers and lists of its own."""
    return shared


def today(served):
    return legal_day(served.clock())


def entries(desk, code, /, *, status=200, role=None, headers=None, **query):
    answer = desk.call("GET", f"/v1/lists/{code}/entries", role=role, headers=headers or {}, params=query)
    assert answer.status_code == status, answer.text
    return answer.json() if status != 200 else answer.json()["entries"]


def acts(entry, *also):
    return [tuple(act[name] for name in ("act", *also)) if also else act["act"] for act in entry["history"]]


def looks(served, key):
    """Who looked at what begins so, and why."""
    with served.platform.store.reading() as connection:
        rows = connection.execute(
            select(access.c.operator_id, access.c.key, access.c.reason)
            .where(access.c.what == "list", access.c.key.startswith(key))
            .order_by(access.c.n)
        )
        return [tuple(row) for row in rows]


def test_a_stored_record_puts_its_subject_on_the_list_that_it_names(served, desk):
    content = stored(desk, black(desk, 1))
    subject = desk.subject(1)

    (entry,) = entries(desk, code_of(1))

    assert entry["subject"] == {"kind": "legal", "code": subject["code"], "name": subject["name"]}
    assert (entry["ground"], entry["keeper"]) == (content["payload"]["CASE_NO"], desk.unit["name"])
    assert (entry["unit"]["code"], entry["unit"]["city"]) == ("350200-01", "350200")
    assert (entry["since_on"], entry["since_stated"], entry["until_on"]) == ("2026-01-05", True, None)
    assert [entry[name] for name in ("in_force", "withdrawn", "disputed", "whole")] == [
        True, False, False, True,
    ]  # fmt: skip
    assert acts(entry, "maker", "checker", "version_id") == [
        ("entered", "350200-01-reporter", "350200-01-reviewer", content["version_id"]),
    ]


def test_every_list_says_its_kind_its_keepers_and_how_many_are_on_it(served, desk):
    there, code = served.desk("350600-01"), code_of(2)
    stored(desk, black(desk, 2), black(desk, 3, DATA_CATEGORY=code))
    stored(there, black(there, 2))

    told = there.call("GET", "/v1/lists").json()

    lists = {one["list"]: one for one in told["lists"]}
    assert len(lists) == 47
    assert [lists[one]["kind"] for one in ("B05", "R01", "JYYC")] == ["black", "red", "other"]
    assert (lists[code]["entries"], lists["R12"]["entries"], lists["R12"]["published"]) == (3, 0, None)
    assert [(one["unit"], one["city"], one["entries"]) for one in lists[code]["keepers"]] == [
        ("350200-01", "350200", 2), ("350600-01", "350600", 1),
    ]  # fmt: skip
    assert lists["B01"]["items"] == ["BLACK_FR", "BLACK_ZRR", "SXBZXR"]

    page = there.call("GET", "/v1/lists", params={"after": "B05", "limit": 2}).json()
    assert ([one["list"] for one in page["lists"]], page["next"]) == (["B06", "B07"], "B07")


def test_a_correction_changes_the_entry_and_stays_in_its_history(served, desk):
    first = stored(desk, black(desk, 4))
    until = (today(served) + timedelta(days=365)).isoformat()
    second = stored(desk, desk.correction(first, payload={**first["payload"], "EXPIRATION_DATE": until}))

    (entry,) = entries(desk, code_of(4))

    assert (entry["until_on"], entry["version_id"]) == (until, second["version_id"])
    assert acts(entry, "last_on") == [("entered", None), ("changed", until)]


def test_a_correction_may_move_a_subject_to_another_list(served, desk):
    first = stored(desk, black(desk, 23))
    stored(desk, desk.correction(first, payload={**first["payload"], "DATA_CATEGORY": code_of(24)}))

    assert entries(desk, code_of(23)) == []
    (entry,) = entries(desk, code_of(24))
    assert acts(entry, "list") == [("entered", code_of(23)), ("moved", code_of(24))]


def test_a_record_that_says_removed_takes_the_subject_off_from_that_day(served, desk):
    first = stored(desk, abnormal(desk))
    gone = (today(served) - timedelta(days=2)).isoformat()
    removal = {"YCRQ": gone, "YCYY": "已补报年度报告", "YCJDJG": desk.unit["name"]}
    stored(desk, desk.correction(first, payload={**first["payload"], **removal}))

    assert entries(desk, "JYYC") == entries(desk, "JYYC", on=gone) == []
    (entry,) = entries(desk, "JYYC", on=(today(served) - timedelta(days=3)).isoformat())
    assert [entry[name] for name in ("removed_on", "removed_because", "in_force")] == [
        gone, "已补报年度报告", False,
    ]  # fmt: skip
    assert acts(entry) == ["entered", "removed"]


def test_a_withdrawn_record_takes_the_subject_off_and_others_see_it_no_more(served, desk):
    there, code = served.desk("350500-01"), desk.subject(7)["code"]
    first = stored(desk, black(desk, 7))
    stored(desk, desk.withdrawal(first))

    assert entries(desk, code_of(7)) == entries(there, code_of(7), subject=code) == []
    (entry,) = entries(desk, code_of(7), subject=code)
    assert [entry[name] for name in ("withdrawn", "in_force", "removed_on")] == [True, False, None]
    assert acts(entry) == ["entered", "withdrawn"]


def test_what_comes_and_goes_at_once_leaves_both_acts(served, desk):
    first = black(desk, 8)
    stored(desk, first, desk.withdrawal(first))

    (entry,) = entries(desk, code_of(8), subject=desk.subject(8)["code"])

    assert (acts(entry), entry["in_force"]) == (["entered", "withdrawn"], False)


def test_the_end_of_a_term_takes_a_subject_off_without_anyone_acting(served, desk):
    last, code = today(served) + timedelta(days=2), code_of(9)
    stored(desk, black(desk, 9, EXPIRATION_DATE=last.isoformat()))

    served.clock.turn(days=2)
    desk.tokens.clear()
    assert len(entries(desk, code)) == 1
    served.clock.turn(days=1)
    desk.tokens.clear()

    assert entries(desk, code) == []
    assert len(entries(desk, code, on=last.isoformat())) == 1
    assert not entries(desk, code, subject=desk.subject(9)["code"])[0]["in_force"]


def test_an_entry_begins_on_its_first_day_and_an_expected_exit_ends_it(served, desk):
    first, last = today(served), today(served) + timedelta(days=5)
    stored(desk, of_item(
        desk, "NMGGZ_SX", DXMC=desk.subject(1)["name"], DXDM=desk.subject(1)["code"], LRYJ="条例",
        FBJG=desk.unit["name"], WSH=f"厦人社列〔2026〕{desk.first}号", LRSY="拖欠工资",
        LRSJ=first.isoformat(), YJTCRQ=last.isoformat(),
    ))  # fmt: skip

    (entry,) = entries(desk, "B07", subject=desk.subject(1)["code"], on=first.isoformat())
    assert (entry["ground"], entry["until_on"]) == ("拖欠工资；条例", last.isoformat())
    for day in (first - timedelta(days=1), last + timedelta(days=1)):
        assert entries(desk, "B07", subject=desk.subject(1)["code"], on=day.isoformat()) == []


def test_a_version_whose_subject_came_late_does_not_undo_a_later_one(served, desk):
    """The first version waits unmatched while its correction, which names a known subject, is stored."""
    first, subject = black(desk, 10, A_NAME="曾用名有限公司"), desk.subject(10)
    assert desk.outcomes([first]) == ["accepted"]
    desk.stages([first["version_id"]], last="unmatched")
    second = stored(desk, desk.correction(first, payload=black(desk, 10)["payload"]))
    now_known = [Subject(subject["code"], "曾用名有限公司")]
    served.platform.store.write(lambda connection: load_subjects(connection, now_known, served.clock()))
    desk.stages([first["version_id"]])

    (entry,) = entries(desk, code_of(10))

    assert (entry["version_id"], entry["subject"]["name"]) == (second["version_id"], subject["name"])
    assert {act["version_id"] for act in entry["history"]} == {first["version_id"], second["version_id"]}


def test_a_record_of_another_item_is_on_no_list_and_acts_cannot_be_changed(served, desk):
    other = stored(desk, desk.content(11), black(desk, 11))

    with served.platform.store.reading() as connection:
        of_other = select(list_act).where(list_act.c.record_id == other["record_id"])
        assert connection.execute(of_other).all() == []
    for statement in ("UPDATE list_act SET act = 'changed'", "DELETE FROM list_act"):
        with pytest.raises(DatabaseError, match="append-only"), served.platform.store.writing() as connection:
            connection.execute(text(statement))


def test_another_citys_reader_sees_companies_and_the_look_is_kept(served, desk):
    stored(desk, black(desk, 12))
    there = served.desk("350500-01")

    (entry,) = entries(there, code_of(12))

    assert (entry["whole"], entry["unit"]["city"]) == (False, "350200")
    assert looks(served, code_of(12)) == [("350500-01-reporter", code_of(12), None)]
    with served.platform.store.reading() as connection:
        holders = select(holding.c.unit).where(holding.c.record_id == entry["record_id"])
        assert connection.execute(holders).scalars().all() == ["350500-01"]


def test_another_units_persons_are_only_counted(served, desk):
    number, code = "110101199003070118", code_of(13)
    stored(desk, person(desk, number, code))
    there = served.desk("350500-01")

    told, own = (one.call("GET", f"/v1/lists/{code}/entries").json() for one in (there, desk))

    assert (told["entries"], told["persons_not_shown"]) == ([], 1)
    assert (own["entries"][0]["subject"]["code"], own["persons_not_shown"]) == (number, 0)


def test_a_person_is_shown_by_exact_number_to_a_handler_who_says_why(served, desk):
    number, code = "110101199003070214", code_of(14)
    stored(desk, person(desk, number, code))
    there = served.desk("350500-01")

    (entry,) = entries(there, code, role="handler", headers=WHY, subject=number)

    assert entry["subject"] == {"kind": "person", "code": "110101********0214", "name": "林晓岚"}
    assert number not in str(entry)
    assert looks(served, code) == [("350500-01-handler", f"{code} {number}", "核对申请人的名单信息")]


def test_a_person_is_not_shown_without_the_role_or_the_reason_whether_listed_or_not(served, desk):
    listed, code = "110101199003070310", code_of(15)
    stored(desk, person(desk, listed, code))
    there = served.desk("350500-01")

    for number in (listed, "110101199003070097"):
        refused = entries(there, code, role="reporter", headers=WHY, subject=number, status=403)
        assert refused["type"].endswith("not-authorised")
        refused = entries(there, code, role="handler", subject=number, status=422)
        assert refused["type"].endswith("reason-required")


def test_the_hall_reads_no_person_off_a_page_either(served, desk):
    number, code = "110101199003070417", code_of(16)
    stored(desk, person(desk, number, code), black(desk, 16))
    hall = served.desk("350200-00")

    assert [one["subject"]["kind"] for one in entries(hall, code)] == ["legal"]
    (entry,) = entries(hall, code, headers=WHY, subject=number)
    assert entry["subject"]["name"] == "林晓岚"


def test_a_person_on_an_item_that_knows_both_is_a_person(served, desk):
    number = "110101199003070513"
    stored(desk, of_item(
        desk, "SXBZXR", BZXRMC="林晓岚", ZJHM=number, ZXFY="示范法院", SF="福建", ZXYJWH="1号",
        LASJ="2026-01-05", AH=f"(2026)闽02执{desk.first}号", ZCZXYJDW="示范法院", SXFLWSQDYW="支付货款",
        LXQK="1", SXJTQX="有能力而拒不履行", FBSJ="2026-02-05", SJLY="示范法院",
    ))  # fmt: skip

    assert [one["subject"] for one in entries(desk, "B01")] == [
        {"kind": "person", "code": number, "name": "林晓岚"},
    ]
    assert entries(served.desk("350600-01"), "B01") == []


def test_a_disputed_entry_says_so(served, desk):
    content = stored(desk, black(desk, 17))
    hall = served.desk("350200-00")
    hall.accepted(content["record_id"], about={"disputes": [
        {"field": "CASE_NO", "old": content["payload"]["CASE_NO"], "claimed": "另一文号"},
    ]})  # fmt: skip

    assert entries(desk, code_of(17))[0]["disputed"]


def test_a_long_list_is_read_page_by_page(served, desk):
    code = code_of(18)
    stored(desk, *(black(desk, n, DATA_CATEGORY=code) for n in range(18, 23)))
    found, query = [], {"limit": 2}

    while True:
        page = desk.call("GET", f"/v1/lists/{code}/entries", params=query).json()
        found += [one["record_id"] for one in page["entries"]]
        if page["next"] is None:
            break
        query["after"] = page["next"]

    assert len(found) == len(set(found)) == 5


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        pytest.param("/v1/lists/B99/entries", 404, "list-unknown", id="entries of no list"),
        pytest.param("/v1/lists/B99/snapshot", 404, "list-unknown", id="snapshot of no list"),
        pytest.param("/v1/lists/B99/deltas", 404, "list-unknown", id="deltas of no list"),
        pytest.param("/v1/lists/R12/snapshot", 404, "list-unpublished", id="nothing published yet"),
        pytest.param("/v1/lists/B05/entries?on=2026-02-30", 400, "malformed", id="no such day"),
        pytest.param("/v1/lists/key", 403, "not-authorised", id="the key is not for reporters"),
    ],
)
def test_what_is_refused(desk, path, status, code):
    answer = desk.call("GET", path, role="reporter")

    assert (answer.status_code, answer.json()["type"].rpartition(":")[2]) == (status, code)
