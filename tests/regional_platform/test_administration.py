"""Administration over HTTP: who may do what, and where the subtree ends."""

from __future__ import annotations

import hashlib
import socket
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
import zstandard
from sqlalchemy import select

from regional_platform import people
from regional_platform.acts import CONSOLE
from regional_platform.housekeeping import sweep
from regional_platform.problems import Refusal
from regional_platform.store.tables import role_grant

SOMEBODY = {"reason": "测试"}


@pytest.fixture(scope="module")
def served(shared):
    return shared


@pytest.fixture(scope="module")
def desks(served):
    """One desk a unit, made when it is first asked for."""
    made = {}

    def at(unit):
        if unit not in made:
            made[unit] = served.desk(unit)
        return made[unit]

    return at


@pytest.fixture
def ask(desks):
    """Ask as ``unit/role``; returns status and code of the problem, if any."""

    def call(who, method, path, body=None):
        unit, role = who.split("/")
        return desks(unit).call(method, path, role=role, **({} if body is None else {"json": body}))

    return call


def said(answer):
    code = answer.json()["type"].rpartition(":")[2] if answer.status_code >= 400 else ""
    return (answer.status_code, code)


@pytest.fixture
def fresh_name(request):
    """A code that no other test uses."""
    counter = request.config.__dict__.setdefault("_minxin_names", iter(range(10_000)))
    return lambda kind: f"{kind}-{next(counter)}"


def a_unit(code, parent, **more):
    return {"code": code, "name": "示范机构", "level": "department", "parent": parent, **more}


OK, NO = (201, ""), (403, "not-authorised")


@pytest.mark.parametrize(
    ("who", "parent", "expected"),
    [
        pytest.param("minnan/admin", "minnan", OK, id="region admin under the region"),
        pytest.param("minnan/admin", "350600", OK, id="region admin under a city"),
        pytest.param("350200/admin", "350200", OK, id="city admin under the own city"),
        pytest.param("350200/admin", "350200-01", OK, id="city admin under a department of the city"),
        pytest.param("350200/admin", "350600", NO, id="city admin under another city"),
        pytest.param("350200/admin", "350600-01", NO, id="city admin under another city's department"),
        pytest.param("350200/admin", "minnan", NO, id="city admin beside the own city"),
        pytest.param("350200-01/admin", "350200-01", OK, id="department admin under the own department"),
        pytest.param("350200-01/admin", "350200-02", NO, id="department admin under the department beside"),
        pytest.param("350200-01/admin", "350200", NO, id="department admin beside the own department"),
        pytest.param("350200-01/reporter", "350200-01", NO, id="reporter"),
        pytest.param("350200-01/reviewer", "350200-01", NO, id="reviewer"),
        pytest.param("350200-01/handler", "350200-01", NO, id="handler"),
        pytest.param("350200-00/hall", "350200-01", NO, id="hall"),
        pytest.param("minnan/auditor", "minnan", NO, id="auditor"),
    ],
)
def test_units_are_made_by_administrators_of_the_unit_above(ask, fresh_name, who, parent, expected):
    level = "station" if "-" in parent else "department"
    body = a_unit(fresh_name("u"), parent, level=level)
    if parent == "minnan":
        body |= {"level": "city", "city": "350300"}

    assert said(ask(who, "POST", "/v1/units", body)) == expected


@pytest.mark.parametrize(
    ("who", "to", "expected"),
    [
        pytest.param("350200/admin", "350200-02-reporter", OK, id="city admin to a person of the city"),
        pytest.param("350200/admin", "350600-01-reporter", (404, "operator-unknown"), id="of another city"),
        pytest.param("350200/admin", "minnan-auditor", (404, "operator-unknown"), id="of the unit above"),
        pytest.param("350200/admin", "350200-admin", (403, "own-rights"), id="to oneself"),
        pytest.param("350200-02/admin", "350200-02-handler", OK, id="department admin to own person"),
        pytest.param("350200-01/reporter", "350200-01-handler", (404, "operator-unknown"), id="reporter"),
        pytest.param("minnan/auditor", "350200-01-handler", (403, "not-authorised"), id="auditor"),
        pytest.param("350200-00/hall", "350200-01-handler", (404, "operator-unknown"), id="hall"),
    ],
)
def test_roles_are_given_to_people_whom_one_administers_and_never_to_oneself(ask, who, to, expected):
    unit = to.rpartition("-")[0]

    assert said(ask(who, "POST", f"/v1/operators/{to}/grants", {"role": "liaison", "unit": unit})) == expected


@pytest.mark.parametrize(
    ("who", "role", "over", "expected"),
    [
        pytest.param("350200/admin", "admin", "minnan", NO, id="over the region by a city"),
        pytest.param("350200/admin", "reporter", "350600-01", NO, id="over another city"),
        pytest.param("350200-01/admin", "admin", "350200", NO, id="over the city by a department"),
        pytest.param("350200/admin", "hall", "350200", (422, "role-misplaced"), id="hall over a city only"),
        pytest.param("minnan/admin", "hall", "minnan", OK, id="hall over the region"),
        pytest.param("minnan/admin", "auditor", "350200", OK, id="auditor over a city"),
    ],
)
def test_nobody_grants_what_they_do_not_administer(ask, who, role, over, expected):
    to = "350200-01-handler"

    assert said(ask(who, "POST", f"/v1/operators/{to}/grants", {"role": role, "unit": over})) == expected


def test_a_person_with_two_accounts_does_not_raise_the_other(ask, fresh_name, served, desks):
    second = fresh_name("second")
    body = {"operator_id": second, "name": "林丽娜", "unit": "350500", "person": "350500-admin"}
    assert said(ask("350500/admin", "POST", "/v1/operators", body)) == OK

    answer = ask(
        "350500/admin", "POST", f"/v1/operators/{second}/grants", {"role": "admin", "unit": "350500"}
    )

    assert said(answer) == (403, "own-rights")


def test_a_new_person_signs_in_with_the_secrets_that_were_told_once(ask, fresh_name, desks, tools, served):
    desk, name = desks("350500-01"), fresh_name("new")
    body = {"operator_id": name, "name": "苏晓岚", "unit": "350500-01"}
    made = ask("350500-01/admin", "POST", "/v1/operators", body).json()
    grant = {"role": "reporter", "unit": "350500-01"}
    ask("350500-01/admin", "POST", f"/v1/operators/{name}/grants", grant)

    def sign_in(secrets):
        served.clock.turn(seconds=31)
        code = tools.totp_code(secrets["totp_secret"], served.clock.timestamp())
        return desk.sign_in("reporter", operator_id=name, password=secrets["password"], totp=code)

    first = sign_in(made)
    again = ask("350500-01/admin", "GET", f"/v1/operators/{name}").json()
    reset = ask("350500-01/admin", "POST", f"/v1/operators/{name}/credentials").json()
    old, new = sign_in(made), sign_in(reset)
    desk.tokens.pop("reporter")

    assert first.status_code == 201
    assert first.json()["operator"]["roles"] == ["reporter"]
    assert not {"password", "totp_secret"} & set(again)
    assert (said(old), new.status_code) == ((401, "sign-in-refused"), 201)


def test_the_same_role_is_not_granted_twice(ask):
    grant = {"role": "reporter", "unit": "350500-01"}

    answer = ask("350500/admin", "POST", "/v1/operators/350500-01-reporter/grants", grant)

    assert said(answer) == (409, "grant-held")


def test_a_unit_keeps_its_last_administrator(served):
    held = select(role_grant.c.n).where(
        role_grant.c.operator_id == "minnan-admin", role_grant.c.role == "admin"
    )

    def act(connection):
        grant_id = connection.execute(held).scalar_one()
        people.end_grant(connection, CONSOLE, served.clock(), "minnan-admin", grant_id)

    with pytest.raises(Refusal, match="last-admin"):
        served.platform.store.write(act)


def test_a_role_ends_at_once_and_stays_in_the_history(ask, desks):
    desk = desks("350600-02")
    held = ask("350600/admin", "GET", "/v1/operators/350600-02-handler").json()["grants"][0]
    before = desk.call("GET", "/v1/units/350200-01/liaisons", role="handler").status_code

    path = f"/v1/operators/350600-02-handler/grants/{held['grant_id']}"
    ended = ask("350600/admin", "DELETE", path)
    after = desk.call("GET", "/v1/units/350200-01/liaisons", role="handler")

    assert (before, said(after)) == (200, NO)
    assert ended.json()["grants"][0]["ended_by"] == "350600-admin"
    assert said(ask("350600/admin", "DELETE", path)) == (404, "grant-unknown")


@pytest.mark.parametrize("how", ["lock", "closure"])
def test_a_locked_or_closed_account_is_out_at_once(ask, desks, served, how):
    person = {"lock": "350600-01-reporter", "closure": "350600-01-reviewer"}[how]
    desk, role = desks("350600-01"), person.rpartition("-")[2]
    desk.token(role)

    done = ask("350600-01/admin", "PUT", f"/v1/operators/{person}/{how}", {"reason": "离岗"})
    used = desk.call("GET", "/v1/records", role=role)
    served.clock.turn(seconds=31)
    back, guess = desk.sign_in(role), desk.sign_in(role, password="guess")

    assert done.status_code == 200
    assert said(used) == (401, "token-expired")
    assert said(back) == (403, "operator-locked")
    assert said(guess) == (401, "sign-in-refused")  # who proves nothing is told nothing


def test_an_unlocked_account_signs_in_again_and_a_closed_one_is_left_alone(ask, desks, served):
    ask("350500/admin", "PUT", "/v1/operators/350500-02-reporter/lock", SOMEBODY)
    unlocked = ask("350500/admin", "DELETE", "/v1/operators/350500-02-reporter/lock")
    ask("350500/admin", "PUT", "/v1/operators/350500-02-reviewer/closure", SOMEBODY)
    closed = [
        ask("350500/admin", "PUT", "/v1/operators/350500-02-reviewer/lock", SOMEBODY),
        ask("350500/admin", "DELETE", "/v1/operators/350500-02-reviewer/lock"),
        ask("350500/admin", "POST", "/v1/operators/350500-02-reviewer/credentials"),
        ask("350500/admin", "POST", "/v1/operators/350500-02-reviewer/grants",
            {"role": "reviewer", "unit": "350500-02"}),
    ]  # fmt: skip

    assert unlocked.json()["locked_at"] is None
    assert desks("350500-02").sign_in("reporter").status_code == 201
    assert {said(one) for one in closed} == {(409, "operator-closed")}


def test_a_moved_unit_takes_its_subtree_and_its_rights_along(ask, fresh_name):
    district, department, station = fresh_name("d"), fresh_name("p"), fresh_name("s")
    for body in (
        a_unit(district, "350600", level="district"),
        a_unit(department, "350600"),
        a_unit(station, department, level="station"),
    ):
        assert said(ask("350600/admin", "POST", "/v1/units", body)) == OK

    moved = ask("350600/admin", "PATCH", f"/v1/units/{department}", {"parent": district, "name": "新名"})
    below = ask("350600/admin", "GET", "/v1/units", None)
    across = ask("350600/admin", "PATCH", f"/v1/units/{department}", {"parent": "350200"})
    by_region = ask("minnan/admin", "PATCH", f"/v1/units/{department}", {"parent": "350200"})
    lost = ask("350600/admin", "PATCH", f"/v1/units/{department}", {"name": "又一个"})

    paths = {one["code"]: one["path"] for one in below.json()["units"]}
    assert moved.json()["path"] == paths[department] == f"minnan/350600/{district}/{department}/"
    assert paths[station] == f"minnan/350600/{district}/{department}/{station}/"
    assert (moved.json()["name"], said(across)) == ("新名", NO)
    assert (by_region.json()["city"], said(lost)) == ("350200", NO)
    assert ask("minnan/admin", "GET", f"/v1/units/{station}").json()["city"] == "350200"


def test_no_unit_hangs_below_itself_or_above_its_level(ask, fresh_name):
    department, station = fresh_name("p"), fresh_name("s")
    ask("350600/admin", "POST", "/v1/units", a_unit(department, "350600"))
    ask("350600/admin", "POST", "/v1/units", a_unit(station, department, level="station"))

    refused = [
        ask("minnan/admin", "PATCH", f"/v1/units/{department}", {"parent": station}),
        ask("minnan/admin", "PATCH", f"/v1/units/{department}", {"parent": department}),
        ask("minnan/admin", "PATCH", "/v1/units/350600", {"parent": "350200"}),
        ask("minnan/admin", "PATCH", "/v1/units/minnan", {"parent": "350200"}),
        ask("minnan/admin", "POST", "/v1/units", a_unit(fresh_name("x"), department)),
    ]
    assert {said(one) for one in refused} == {(422, "unit-misplaced")}


def test_a_unit_closes_when_nothing_open_is_left_below_it(ask, fresh_name, desks, served):
    department, station = fresh_name("p"), fresh_name("s")
    ask("350500/admin", "POST", "/v1/units", a_unit(department, "350500"))
    ask("350500/admin", "POST", "/v1/units", a_unit(station, department, level="station"))

    def close(unit, who="350500/admin"):
        return ask(who, "PUT", f"/v1/units/{unit}/closure", {"reason": "机构改革"})

    early, first, again = close(department), close(station), close(station)
    own, root = close("350500"), close("minnan", "minnan/admin")
    onto = ask("350500/admin", "POST", "/v1/units", a_unit(fresh_name("s"), station, level="station"))
    opened = ask("350500/admin", "POST", f"/v1/units/{station}/reopening", SOMEBODY)

    assert (said(early), first.status_code, said(again)) == ((409, "unit-in-use"), 200, (409, "unit-closed"))
    assert (said(own), said(root)) == (NO, NO)
    assert said(onto) == (409, "unit-closed")
    assert opened.json()["closed_at"] is None


def test_people_of_a_closed_unit_are_out_and_their_records_stay(served, desks, ask):
    desk = served.desk("350200-01-01")
    desk.token("reporter")

    ask("350200/admin", "PUT", "/v1/units/350200-01-01/closure", SOMEBODY)
    used = desk.call("GET", "/v1/records", role="reporter")
    served.clock.turn(seconds=31)
    back, new = desk.sign_in("reporter"), desk.enrol(desk.unit["spare_enrolment_codes"][3])

    assert (said(used), said(back)) == ((401, "token-expired"), (403, "operator-locked"))
    assert said(new) == (409, "unit-closed")


def test_who_waits_for_news_is_shut_out_when_the_desk_is_revoked(served, ask):
    desk = served.desk("350600-02")
    head = desk.feed()["head"]
    with ThreadPoolExecutor(1) as beside:
        waiting = beside.submit(
            desk.call, "GET", "/v1/feed", params={"epoch": desk.epoch, "after": head, "wait": 20}
        )
        ask("350600/admin", "PUT", f"/v1/devices/{desk.device_id}/revocation", SOMEBODY)
        answer = waiting.result(timeout=15)

    assert said(answer) == (403, "device-revoked")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param({"code": "350200-01"}, (409, "code-taken"), id="a code that is taken"),
        pytest.param({"parent": "nowhere"}, (404, "unit-unknown"), id="under no unit"),
        pytest.param({"code18": "113502000000000011"}, (422, "field-invalid"), id="a wrong credit code"),
        pytest.param({"code": "a/b"}, (400, "malformed"), id="a slash in the code"),
        pytest.param({"city": "350600"}, (400, "malformed"), id="another city's division"),
        pytest.param({"level": "city"}, (422, "unit-misplaced"), id="a city under a city"),
    ],
)
def test_a_unit_that_cannot_be_is_refused(ask, fresh_name, body, expected):
    wanted = a_unit(fresh_name("u"), "350200") | body
    who = "minnan/admin"

    assert said(ask(who, "POST", "/v1/units", wanted)) == expected


def test_a_code_runs_out_after_the_days_that_the_administrator_set(served, ask, tools):
    def made(days):
        answer = ask("350200-02/admin", "POST", "/v1/enrolment-codes", {"unit": "350200-02", "days": days})
        assert answer.status_code == 201
        return answer.json()["enrolment_code"]

    desk = served.desk("350200-02")
    one, ten = made(1), made(10)
    served.clock.turn(days=1, seconds=1)
    late, timely = desk.enrol(one), desk.enrol(ten)
    served.clock.turn(days=-1)

    assert (said(late), timely.status_code) == ((403, "enrolment-code-expired"), 201)


def test_a_desk_that_enrols_anew_takes_the_place_of_the_old_one(served, ask):
    desk = served.desk("350200-02")
    old = desk.device_id
    desk.token("reporter")
    body = {"unit": "350200-02", "days": 3, "replaces": old}
    code = ask("350200-02/admin", "POST", "/v1/enrolment-codes", body).json()["enrolment_code"]
    still = desk.call("GET", "/v1/records").status_code

    assert desk.enrol(code).status_code == 201
    assert still == 200
    assert said(desk.call("GET", "/v1/records")) == (403, "device-revoked")
    listed = ask("350200-02/admin", "GET", "/v1/devices").json()["devices"]
    assert {one["device_id"]: bool(one["revoked_at"]) for one in listed}[old] is True


@pytest.mark.parametrize(
    ("who", "expected"),
    [
        pytest.param("350600/admin", (404, "device-unknown"), id="of another city"),
        pytest.param("350200-02/admin", (404, "device-unknown"), id="of the department beside"),
        pytest.param("350200-01/reporter", (404, "device-unknown"), id="no administrator"),
        pytest.param("minnan/auditor", (404, "device-unknown"), id="auditor"),
        pytest.param("350200/admin", (200, ""), id="of the city"),
    ],
)
def test_desks_are_revoked_by_their_administrators(served, ask, who, expected):
    desk = served.desk()

    assert said(ask(who, "PUT", f"/v1/devices/{desk.device_id}/revocation", SOMEBODY)) == expected


def test_a_desk_revoked_while_its_batch_is_on_the_way_has_not_sent_it(served, ask, tools):
    desk = served.desk()
    batch = desk.batch(desk.approved([desk.content()]))
    body = tools.canonical(batch)
    packed = zstandard.compress(body, 3)
    place = urlsplit(desk.url)
    head = (
        f"POST /v1/batches HTTP/1.1\r\nHost: {place.netloc}\r\nConnection: close\r\n"
        f"Authorization: Bearer {desk.token('reporter')}\r\nContent-Length: {len(packed)}\r\n"
        "Content-Type: application/vnd.minxin.batch+json\r\nContent-Encoding: zstd\r\n"
        f'Idempotency-Key: "{batch["batch_id"]}"\r\nX-Body-SHA256: {hashlib.sha256(body).hexdigest()}\r\n\r\n'
    )
    served.clock.turn(minutes=6)
    before = seen_at(served, desk)
    with socket.create_connection((place.hostname, place.port), timeout=20) as line:
        line.sendall(head.encode() + packed[:100])
        tools.until(lambda: seen_at(served, desk) != before)  # it has been let in
        ask("350200-01/admin", "PUT", f"/v1/devices/{desk.device_id}/revocation", SOMEBODY)
        line.sendall(packed[100:])
        answer = line.makefile("rb").read().decode()

    assert answer.startswith("HTTP/1.1 403")
    assert "urn:minxin:problem:device-revoked" in answer


def seen_at(served, desk):
    query = f"SELECT seen_at FROM device WHERE device_id = '{desk.device_id}'"
    with served.platform.store.reading() as connection:
        return connection.exec_driver_sql(query).scalar_one()


def test_desks_are_listed_with_their_last_contact_and_how_far_they_have_read(served, ask, desks):
    desk = served.desk("350600-02")
    desk.send([desk.content()], maker="reporter")
    desk.post(desk.batch(desk.approved([desk.content(1)]), feed_ack=1))
    first = listed(ask, desk)
    served.clock.turn(minutes=6)
    desk.call("GET", "/v1/records")
    second = listed(ask, desk)

    assert (first["feed_ack"], first["feed_head"] >= 1) == (1, True)
    assert first["seen_at"] < second["seen_at"]
    assert said(ask("350500/admin", "GET", "/v1/devices")) == (200, "")
    others = ask("350500/admin", "GET", "/v1/devices").json()["devices"]
    assert desk.device_id not in {one["device_id"] for one in others}


def listed(ask, desk):
    rows = ask("350600-02/admin", "GET", "/v1/devices?unit=350600-02").json()["devices"]
    return next(one for one in rows if one["device_id"] == desk.device_id)


def test_liaisons_are_data_of_the_unit(ask):
    wanted = [
        {"name": "陈志远", "phone": "0592-1234567", "deputy": False},
        {"name": "黄雅婷", "phone": "0592-7654321", "deputy": True},
    ]
    kept = ask("350200-01/admin", "PUT", "/v1/units/350200-01/liaisons", {"liaisons": wanted})
    read = ask("350200-00/hall", "GET", "/v1/units/350200-01/liaisons")

    assert kept.json() == read.json() == {"liaisons": wanted}
    assert said(ask("350200-01/reporter", "GET", "/v1/units/350200-01/liaisons")) == NO
    assert said(ask("350600/admin", "PUT", "/v1/units/350200-01/liaisons", {"liaisons": []})) == NO


def test_every_act_stays_in_the_history_with_what_changed_and_without_secrets(ask, fresh_name):
    unit, person = fresh_name("u"), fresh_name("o")
    ask("350500/admin", "POST", "/v1/units", a_unit(unit, "350500"))
    ask("350500/admin", "PATCH", f"/v1/units/{unit}", {"name": "更名后的机构"})
    body = {"operator_id": person, "name": "许立群", "unit": unit}
    secrets = ask("350500/admin", "POST", "/v1/operators", body).json()

    acts = ask("minnan/auditor", "GET", f"/v1/admin-acts?of=unit:{unit}").json()["acts"]
    made = ask("minnan/auditor", "GET", f"/v1/admin-acts?of=operator:{person}")

    assert [(one["act"], one["operator"]) for one in acts] == [
        ("unit.add", "350500-admin"), ("unit.change", "350500-admin"),
    ]  # fmt: skip
    assert (acts[1]["before"]["name"], acts[1]["after"]["name"]) == ("示范机构", "更名后的机构")
    assert made.json()["acts"][0]["after"]["unit"] == unit
    assert secrets["password"] not in made.text
    assert secrets["totp_secret"] not in made.text
    assert ask("350600/admin", "GET", f"/v1/admin-acts?of=unit:{unit}").json()["acts"] == []
    assert ask("350500-01/reporter", "GET", "/v1/admin-acts").json()["acts"] == []


def test_lists_come_in_pages(ask):
    first = ask("minnan/admin", "GET", "/v1/operators?limit=3").json()
    then = ask("minnan/admin", "GET", f"/v1/operators?limit=3&after={first['next']}").json()

    names = [one["operator_id"] for one in first["operators"] + then["operators"]]
    assert len(names) == 6 == len(set(names))
    assert names == sorted(names)


def test_expired_sessions_are_removed_a_bounded_piece_at_a_time(alone):
    desk = alone.desk("350500-01")
    for _ in range(3):
        alone.clock.turn(seconds=31)
        assert desk.sign_in("handler").status_code == 201
    late = datetime.now(UTC) + timedelta(days=1)

    def gone(now):
        return alone.platform.store.write(lambda connection: sweep(connection, now, most=2))["sessions"]

    assert [gone(alone.clock()), gone(late), gone(late), gone(late)] == [0, 2, 1, 0]
    assert said(desk.call("GET", "/v1/records", role="handler")) == (401, "token-expired")
