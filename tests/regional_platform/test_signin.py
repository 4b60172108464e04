"""Enrolment of desks and sign-in of people."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from forms.seal.keys import SigningKey
from regional_platform.store.tables import metadata

STRANGER = "00000000-0000-4000-8000-000000000000"


def test_the_same_code_and_key_again_give_the_same_desk(served):
    desk, key = served.desk("350600-01"), SigningKey.generate()
    code = desk.unit["spare_enrolment_codes"][0]

    first, again = desk.enrol(code, key), desk.enrol(f" {code.lower().replace('-', '')} ", key)

    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert first.json()["unit"] == {"code": "350600-01", "name": "漳州市示范市场监督管理局", "city": "350600"}
    assert {role for one in first.json()["operators"] for role in one["roles"]} == {
        "reporter", "reviewer", "handler", "admin",
    }  # fmt: skip


def test_a_code_that_another_desk_used_is_refused(desk, tools):
    answer = desk.enrol(desk.code, SigningKey.generate())

    assert (answer.status_code, tools.code_of(answer.json())) == (409, "enrolment-code-used")


def test_an_unknown_code_is_refused(desk, tools):
    answer = desk.enrol("AAAAA-AAAAA-AAAAA-AAAAA")

    assert (answer.status_code, tools.code_of(answer.json())) == (403, "enrolment-code-unknown")


def test_codes_tokens_and_passwords_are_kept_only_as_digests(served, desk):
    token, person = desk.token("reporter"), desk.person("reporter")

    with served.platform.store.reading() as connection:
        dump = "\n".join(str(connection.execute(select(table)).all()) for table in metadata.sorted_tables)

    for secret in (token, person["password"], desk.code):
        assert secret not in dump


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"password": "guess"}, id="wrong password"),
        pytest.param({"totp": "000000"}, id="wrong code"),
        pytest.param({"operator_id": "nobody"}, id="no such person"),
        pytest.param({"operator_id": "350200-02-reporter"}, id="person of another unit"),
    ],
)
def test_whatever_is_wrong_sign_in_says_the_same(desk, tools, changed):
    answer = desk.sign_in("reporter", **changed)

    assert (answer.status_code, tools.code_of(answer.json())) == (401, "sign-in-refused")
    assert answer.json()["detail"] == "终端、人员、口令或动态码有一项不对。"


def test_a_desk_that_nobody_enrolled_is_told_so(desk, tools):
    """A platform that was put back from a backup does not know desks that came after it."""
    answer = desk.sign_in("reporter", device_id=STRANGER)

    assert (answer.status_code, tools.code_of(answer.json())) == (403, "device-not-enrolled")


def test_a_lost_answer_to_sign_in_costs_nothing(desk):
    first, again = desk.sign_in("reporter"), desk.sign_in("reporter")

    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json()["token"] != again.json()["token"]


def test_a_code_that_one_desk_used_does_not_serve_another(served, desk, tools):
    other = served.desk()
    used = tools.totp_code(desk.person("reporter")["totp_secret"], served.clock.timestamp())
    assert desk.sign_in("reporter", totp=used).status_code == 201

    assert other.sign_in("reporter", totp=used).status_code == 401
    served.clock.turn(seconds=30)
    assert other.sign_in("reporter").status_code == 201


def test_one_step_of_clock_difference_is_forgiven_and_two_are_not(served, desk, tools):
    secret, now = desk.person("reporter")["totp_secret"], served.clock.timestamp()

    assert desk.sign_in("reporter", totp=tools.totp_code(secret, now - 90)).status_code == 401
    assert desk.sign_in("reporter", totp=tools.totp_code(secret, now - 30)).status_code == 201


def test_five_failures_close_sign_in_for_a_while(served, desk, tools):
    for _ in range(5):
        assert desk.sign_in("reporter", password="guess").status_code == 401
    closed = desk.sign_in("reporter")
    neighbour = desk.sign_in("reviewer")
    served.clock.turn(seconds=901)

    assert (closed.status_code, tools.code_of(closed.json())) == (429, "rate-limited")
    assert 0 < int(closed.headers["Retry-After"]) <= 900
    assert neighbour.status_code == 201
    assert desk.sign_in("reporter").status_code == 201


def test_failures_of_long_ago_do_not_count(served, desk):
    for _ in range(4):
        desk.sign_in("reporter", password="guess")
    served.clock.turn(seconds=901)
    desk.sign_in("reporter", password="guess")

    assert desk.sign_in("reporter").status_code == 201


def test_a_session_ends_when_it_is_ended(desk, tools):
    assert desk.call("GET", "/v1/records").status_code == 200

    assert desk.call("DELETE", "/v1/sessions/current").status_code == 204
    answer = desk.call("GET", "/v1/records")

    assert (answer.status_code, tools.code_of(answer.json())) == (401, "token-expired")


def test_a_session_ends_after_twelve_hours(served, desk, tools):
    desk.token("reporter")
    served.clock.turn(hours=12, seconds=1)

    answer = desk.call("GET", "/v1/records")

    assert (answer.status_code, tools.code_of(answer.json())) == (401, "token-expired")


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer nonsense", "Basic YTpi"])
def test_without_a_session_there_is_nothing(desk, tools, header):
    answer = desk.http.get(f"{desk.url}/v1/records", headers={"Authorization": header})

    assert (answer.status_code, tools.code_of(answer.json())) == (401, "token-expired")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_a_revoked_desk_is_turned_away_everywhere(served, desk, tools):
    desk.token("reporter")
    with served.platform.store.writing() as connection:
        connection.exec_driver_sql("UPDATE device SET revoked_at = '2026-11-24T00:00:00.000Z'")

    used, signed_in = desk.call("GET", "/v1/records"), desk.sign_in("reviewer")

    assert [(one.status_code, tools.code_of(one.json())) for one in (used, signed_in)] == [
        (403, "device-revoked"), (403, "device-revoked"),
    ]  # fmt: skip
