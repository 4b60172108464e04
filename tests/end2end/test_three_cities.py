"""One objection in three cities: taken in in 漳州, decided in 泉州, whose record 厦门 holds a copy of.

Real desks, a real platform, a real socket between them; what is said without a line goes up later.
"""

from __future__ import annotations

import base64
import json
from datetime import date
from pathlib import Path
from secrets import token_bytes

import pytest
from sqlalchemy import insert

from client.core.case_openings import Claim, DisputedRecord, Opening, Person, Snapshot
from client.errors import NotAllowed
from client.store import case_posts, cases
from client.store.approvals import approve
from regional_platform import legal, units
from regional_platform.acts import CONSOLE
from regional_platform.auth.credentials import PasswordCost, hash_password
from regional_platform.auth.enrolment import code_digest, new_code
from regional_platform.auth.grants import give
from regional_platform.case_clocks import recompute
from regional_platform.demo import ROOT
from regional_platform.store.tables import enrolment_code, operator
from regional_platform.times import iso
from tests.client.sync.branch import Branch, Hall, new_id
from tests.serving import serving

HALL, SUPPLIER, HOLDER = "350600-00", "350500-01", "350200-01"
APPLICANT = Person("林小满", "10", "110101199003070011", "13800000000")
FINE = Claim("CF_NR_FK", "0.1", "0.01")


def a_hall(served):
    """Set up a hall in 漳州 with its person, as administrators do."""
    at, code = served.clock(), new_code()
    person = {
        "operator_id": f"{HALL}-hall", "name": "许雅", "roles": ["hall"], "password": "windy island 26",
        "totp_secret": base64.b32encode(token_bytes(20)).decode(),
    }  # fmt: skip

    def act(connection):
        units.add(connection, CONSOLE, at, code=HALL, name="漳州大厅", level="department", parent="350600")
        connection.execute(insert(operator).values(
            operator_id=person["operator_id"], person=person["operator_id"], unit=HALL, name=person["name"],
            password=hash_password(person["password"], PasswordCost(32, 1, 1)),
            totp_secret=person["totp_secret"],
        ))  # fmt: skip
        give(connection, person["operator_id"], [("hall", ROOT)], None, iso(at))
        connection.execute(insert(enrolment_code).values(code_sha256=code_digest(code), unit=HALL))
        for city in ("350500", "350600"):
            legal.choose(
                connection, CONSOLE, at, city=city, kind="objection", rule_set="shenzhen-objection",
                since=date(2020, 1, 1), confirmed_by=None, confirmed_on=None,
            )  # fmt: skip
        recompute(connection, served.platform.settings.resources, at)

    served.platform.store.write(act)
    return {"code": HALL, "name": "漳州大厅", "enrolment_code": code, "operators": [person]}


@pytest.fixture(scope="module")
def served(seeded_platform, tmp_path_factory):
    with serving(tmp_path_factory.mktemp("platform") / "p", seeded_platform) as one:
        yield one


@pytest.fixture(scope="module")
def desks(served, tmp_path_factory):
    """The hall, the department that supplied the records, the department that holds copies."""
    folder: Path = tmp_path_factory.mktemp("desks")
    made = {}
    for unit, roles in (
        (a_hall(served), ("hall",)),
        (served.unit(SUPPLIER), ("handler", "reporter", "reviewer")),
        (served.unit(HOLDER), ("reporter",)),
    ):
        code = unit["code"]
        made[code] = Branch(folder / code, served.url, unit, served.seed["subjects"])
        made[code].open_for_business(*roles)
    yield made[HALL], made[SUPPLIER], made[HOLDER]
    for one in made.values():
        one.stand_up()


@pytest.fixture
def record_id(desks):
    """A record of the department in 泉州 that the one in 厦门 has looked at."""
    _, supplier, holder = desks
    (made,) = supplier.approved(1)
    supplier.sync_until(lambda: supplier.states()[made] == "stored")
    assert made in json.dumps(page(holder, supplier, made))
    return made


def values_of(supplier, record_id):
    row = supplier.desk.db.reader().execute(
        "SELECT content FROM version WHERE record_id = ? LIMIT 1", (record_id,)
    ).fetchone()  # fmt: skip
    return json.loads(row["content"])["payload"]


def page(holder, supplier, record_id):
    """What 厦门 sees of the subject."""
    return Hall(holder).ask("GET", f"/v1/subjects/{values_of(supplier, record_id)['CF_XDR_SHXYM']}")[
        "records"
    ]


def marked(holder, supplier, record_id):
    return next(one["disputed"] for one in page(holder, supplier, record_id) if one["record_id"] == record_id)


def taken_in(hall, record_id):
    """Take an objection in at the hall's desk, without a line."""
    shown = Hall(hall).ask("GET", f"/v1/records/{record_id}")
    head = shown["head"]
    found = {
        record_id: Snapshot(shown["unit"], head["version_id"], head["catalog"], head["payload"], head["op"])
    }
    disputed = DisputedRecord(record_id, "wrong_information", (FINE,))
    opening = Opening("objection", APPLICANT, "罚款金额与决定书不符。", (disputed,), hall.desk.now())
    return case_posts.register(hall.desk, opening, found=found)


def on_the_way(hall, supplier, record_id):
    """Take an objection in, take it up, and let it come down to the department."""
    case_id = taken_in(hall, record_id)
    case_posts.say(hall.desk, case_id, "accepted")
    assert hall.sync().problem is None
    supplier.sit_down("handler")
    supplier.sync_until(lambda: known(supplier, case_id))
    return case_id


def known(branch, case_id):
    rows = branch.desk.db.reader().execute("SELECT 1 FROM casefile WHERE case_id = ? LIMIT 1", (case_id,))
    return rows.fetchone() is not None


def here(branch, case_id):
    return cases.get(branch.desk.db.reader(), case_id)


def there(hall, case_id):
    return Hall(hall).case(case_id)


def heard(branch, record_id):
    rows = (
        branch.desk.db.reader().execute("SELECT type, data FROM heard ORDER BY seq LIMIT 100000").fetchall()
    )
    return [(row["type"], json.loads(row["data"])) for row in rows if record_id in row["data"]]


def test_an_objection_is_routed_marked_decided_without_a_line_and_confirmed_in_three_cities(
    served, desks, record_id
):
    hall, supplier, holder = desks
    case_id = taken_in(hall, record_id)
    hall.sync()
    assert (there(hall, case_id)["stage"], marked(holder, supplier, record_id)) == ("received", False)
    case_posts.say(hall.desk, case_id, "accepted")
    hall.sync()

    case = there(hall, case_id)
    holder.sync()
    supplier.sit_down("handler")
    supplier.sync()
    assert (case["unit"], case["hall_unit"], case["stage"]) == (SUPPLIER, HALL, "accepted")
    assert case["rules"] == {"platform": "shenzhen-objection", "provider": "shenzhen-objection"}
    assert case["due_on"] is not None
    assert here(supplier, case_id).row.due_on == case["due_on"]
    assert marked(holder, supplier, record_id)
    assert [one["disputed"] for kind, one in heard(holder, record_id) if kind == "record.disputed"] == [True]

    served.stop()
    handler = supplier.desk.operator
    case_posts.say(
        supplier.desk, case_id, "assigned", {"operator_id": handler.operator_id, "name": handler.name}
    )
    finding = {"record_id": record_id, "field": "CF_NR_FK", "finding": "correct_to", "value": "0.01"}
    cases.save_decision(supplier.desk, case_id, {"disputes": [finding], "text": "经核对，金额录错。"})
    act = cases.submit_decision(supplier.desk, case_id)
    approve(supplier.sit_down("reviewer"), act.act_id)
    supplier.sit_down("handler")
    assert supplier.sync().problem is not None
    served.start()

    supplier.sync_until(lambda: supplier.states()[record_id] == "corrected")
    waiting = {one["unit"] for one in there(hall, case_id)["waiting_for"]}
    assert (there(hall, case_id)["state"], waiting) == ("decided", {HALL, HOLDER})
    for branch in (holder, hall):
        branch.sync_until(lambda branch=branch: any(
            kind == "record.changed" for kind, _ in heard(branch, record_id)
        ))  # fmt: skip
        branch.sync()
    supplier.sync_until(lambda: here(supplier, case_id).row.state == "closed")

    closed = there(hall, case_id)
    assert [one["kind"] for one in closed["events"]] == [
        "received",
        "accepted",
        "assigned",
        "decided",
        "closed",
    ]
    assert closed["owner"]["operator_id"] == handler.operator_id
    assert Hall(hall).record(record_id)["head"]["payload"]["CF_NR_FK"] == "0.01"
    assert not marked(holder, supplier, record_id)
    told = case_posts.say(hall.desk, case_id, "told", {"how": "当面送达"})
    hall.sync()
    assert there(hall, case_id)["events"][-1]["event_id"] == told


def test_an_objection_that_is_not_taken_up_leaves_no_mark(desks, record_id):
    hall, supplier, holder = desks
    case_id = taken_in(hall, record_id)
    case_posts.say(hall.desk, case_id, "refused", {"code": "not_competent", "text": "应当先申请行政复议。"})
    hall.sync()
    supplier.sit_down("handler")
    supplier.sync()

    assert (here(supplier, case_id).stage, here(supplier, case_id).row.state) == ("refused", "closed")
    assert not marked(holder, supplier, record_id)


def test_a_case_is_extended_stands_while_an_expert_examines_and_goes_on(desks, record_id):
    hall, supplier, _ = desks
    case_id = on_the_way(hall, supplier, record_id)
    longer = {"clock": "provider_decide", "days": 3, "by": "主要负责人", "reason": "需要检定"}
    before = there(hall, case_id)

    supplier.sit_down("reviewer")
    case_posts.say(supplier.desk, case_id, "extended", longer)
    supplier.sync()
    supplier.sit_down("handler")
    case_posts.say(supplier.desk, case_id, "suspended", {"reason": "检定", "examiner": "省计量院"})
    supplier.sync()
    assert there(hall, case_id)["stage"] == "suspended"
    with pytest.raises(NotAllowed, match="case_waits"):
        decide(supplier, case_id, record_id)
    case_posts.say(supplier.desk, case_id, "resumed")
    decide(supplier, case_id, record_id)
    supplier.sync_until(lambda: here(supplier, case_id).row.state == "closed")

    assert before["due_on"] is not None
    kinds = [one["kind"] for one in there(hall, case_id)["events"]]
    assert kinds == ["received", "accepted", "extended", "suspended", "resumed", "decided", "closed"]


def decide(supplier, case_id, record_id):
    finding = {"record_id": record_id, "field": "CF_NR_FK", "finding": "stands"}
    cases.save_decision(supplier.desk, case_id, {"disputes": [finding], "text": "经核对，内容属实。"})
    act = cases.submit_decision(supplier.desk, case_id)
    approve(supplier.sit_down("reviewer"), act.act_id)
    supplier.sit_down("handler")


def test_a_decision_on_a_case_that_was_handed_on_meanwhile_is_refused_and_nothing_is_overwritten(
    desks, record_id
):
    hall, supplier, _ = desks
    case_id = on_the_way(hall, supplier, record_id)
    decide(supplier, case_id, record_id)
    case, moved_id = there(hall, case_id), new_id()
    moved = {
        "transfer_id": moved_id, "revision": case["revision"], "to_unit": "350500-02", "reason": "不归我们。",
    }  # fmt: skip
    at = f"/v1/cases/{case_id}/transfers"
    Hall(supplier).ask("POST", at, moved, Idempotency_Key=moved_id)
    supplier.sync_until(lambda: here(supplier, case_id).unit == "350500-02")

    now_there = there(hall, case_id)
    assert (now_there["stage"], now_there["decision"]) == ("accepted", None)
    assert (now_there["unit"], now_there["revision"]) == ("350500-02", moved_id)
    mine = here(supplier, case_id)
    assert (mine.note, mine.decision.payload["text"]) == ("stale", "经核对，内容属实。")


def test_a_case_goes_on_to_another_unit_and_the_applicants_desk_hears_of_it(desks, record_id):
    hall, supplier, _ = desks
    case_id = on_the_way(hall, supplier, record_id)
    case_posts.transfer(supplier.desk, case_id, "350500-02", "处罚由城市管理局作出。")
    supplier.sync()
    hall.sync()

    assert here(hall, case_id).unit == here(supplier, case_id).unit == "350500-02"
    assert here(hall, case_id).events[-1].data["reason"] == "处罚由城市管理局作出。"
