"""Approvals: two persons, two signatures, one list, taken in once."""

from __future__ import annotations

import pytest
import zstandard

from forms.seal.canonical import canonical
from forms.seal.keys import SigningKey


@pytest.fixture
def served(shared):
    return shared


def test_the_same_bytes_again_change_nothing(desk):
    approval = desk.approval([desk.content()])
    first, again = desk.put_approval(approval), desk.put_approval(approval)

    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json() == {"approval_id": approval["approval_id"], "confirmed": True}


def test_packed_it_is_the_same_approval(desk, tools):
    approval = desk.approval([desk.content()])
    place = f"/v1/approvals/{approval['approval_id']}"

    def put(body, coding):
        headers = {"Content-Type": "application/json", "Content-Encoding": coding}
        return desk.call("PUT", place, data=body, headers=headers)

    assert put(zstandard.compress(canonical(approval)), "zstd").status_code == 201
    assert desk.put_approval(approval).status_code == 200
    assert tools.code_of(put(canonical(approval), "zstd").json()) == "malformed"
    assert tools.code_of(put(canonical(approval), "br").json()) == "unsupported-media"
    assert tools.code_of(put(zstandard.compress(b" " * 2_000_000), "zstd").json()) == "batch-too-large"


def test_other_content_under_the_same_id_is_refused(desk, tools):
    approval = desk.approval([desk.content()])
    desk.put_approval(approval)
    other = desk.approval([desk.content(1)], approval_id=approval["approval_id"])

    answer = desk.put_approval(other)
    assert (answer.status_code, tools.code_of(answer.json())) == (422, "approval-changed")


def test_a_signature_holds_for_any_key_that_the_operator_ever_had(served, desk):
    old = desk.approval([desk.content()])
    served.clock.turn(seconds=31)
    desk.keys["reporter"], desk.keys["reviewer"] = SigningKey.generate(), SigningKey.generate()
    desk.sign_in("reporter"), desk.sign_in("reviewer")

    assert desk.put_approval(old).status_code == 201
    assert desk.put_approval(desk.approval([desk.content(1)])).status_code == 201


@pytest.mark.parametrize("part", ["maker", "checker"])
def test_a_signature_over_another_list_is_refused(desk, tools, part):
    approval = desk.approval([desk.content()])
    other = desk.approval([desk.content(1)])
    approval[part]["sig"] = other[part]["sig"]

    answer = desk.put_approval(approval)
    assert (answer.status_code, tools.code_of(answer.json())) == (422, "signature-invalid")
    assert answer.json()["part"] == part


def test_the_checker_signs_what_is_left_out(desk, tools):
    approval = desk.approval([desk.content(0), desk.content(1)], excluded=[0])
    approval["excluded"] = []

    answer = desk.put_approval(approval)
    assert (answer.status_code, answer.json()["part"]) == (422, "checker")


def test_a_signer_who_never_signed_in_is_named(alone, tools):
    desk = alone.desk()
    approval = desk.approval([desk.content()])
    approval["maker"]["operator"] = desk.person("handler")["operator_id"]

    answer = desk.put_approval(approval)
    assert (answer.status_code, tools.code_of(answer.json())) == (422, "signature-invalid")
    assert (answer.json()["part"], answer.json()["reason"]) == ("maker", "key_unknown")


def test_nobody_checks_what_they_made(desk, tools):
    answer = desk.put_approval(desk.approval([desk.content()], maker="reviewer", checker="reviewer"))

    assert (answer.status_code, tools.code_of(answer.json())) == (422, "maker-is-checker")


def test_one_person_with_two_places_is_one_person(alone, tools):
    desk = alone.desk()
    with alone.platform.store.writing() as connection:
        connection.exec_driver_sql("UPDATE operator SET person = 'same' WHERE unit = '350200-01'")
    answer = desk.put_approval(desk.approval([desk.content()]))

    assert (answer.status_code, tools.code_of(answer.json())) == (422, "maker-is-checker")


@pytest.mark.parametrize(
    ("hands", "part"),
    [
        pytest.param({"maker": "admin"}, "maker", id="an administrator makes"),
        pytest.param({"checker": "admin"}, "checker", id="an administrator checks"),
        pytest.param({"maker": "reviewer", "checker": "reporter"}, "maker", id="the two change places"),
        pytest.param({"checker": "handler"}, "checker", id="a handler checks"),
    ],
)
def test_who_has_not_the_role_cannot_make_or_check(desk, tools, hands, part):
    answer = desk.put_approval(desk.approval([desk.content()], **hands))

    assert (answer.status_code, tools.code_of(answer.json())) == (422, "not-authorised")
    assert answer.json()["part"] == part


def test_an_approval_for_another_unit_is_refused(desk, tools):
    answer = desk.put_approval(desk.approval([desk.content()], unit="350600-01"))

    assert (answer.status_code, tools.code_of(answer.json())) == (403, "not-authorised")


def test_a_person_of_another_unit_signs_nothing_here(served, desk, tools):
    other = served.desk("350600-01")
    approval = desk.approval([desk.content()])
    approval["checker"]["operator"] = other.person("reviewer")["operator_id"]

    answer = desk.put_approval(approval)
    assert (answer.status_code, tools.code_of(answer.json())) == (422, "not-authorised")


@pytest.mark.parametrize(
    ("spoil", "pointer"),
    [
        pytest.param(lambda a: a | {"digests": a["digests"][::-1]}, "#/digests", id="not sorted"),
        pytest.param(lambda a: a | {"digests": a["digests"][:1] * 2}, "#/digests", id="doubled"),
        pytest.param(lambda a: a | {"digests": []}, "#/digests", id="empty"),
        pytest.param(lambda a: a | {"digests": ["0" * 64] * 10_001}, "#/digests", id="too many"),
        pytest.param(lambda a: a | {"excluded": [2]}, "#/excluded", id="a place beyond the list"),
        pytest.param(lambda a: a | {"excluded": [1, 0]}, "#/excluded", id="places not rising"),
        pytest.param(lambda a: a | {"surprise": 1}, "#/surprise", id="unknown member"),
        pytest.param(lambda a: a | {"maker": {"operator": "x"}}, "#/maker/sig", id="no signature"),
    ],
)
def test_a_malformed_approval_is_pointed_at(desk, tools, spoil, pointer):
    answer = desk.put_approval(spoil(desk.approval([desk.content(0), desk.content(1)])))

    assert (answer.status_code, tools.code_of(answer.json())) == (400, "malformed")
    assert pointer in {one["pointer"] for one in answer.json()["errors"]}


def test_the_address_names_the_approval(desk, tools):
    approval = desk.approval([desk.content()])
    answer = desk.call(
        "PUT", f"/v1/approvals/{tools.new_id()}", data=tools.canonical(approval),
        headers={"Content-Type": "application/json"},
    )  # fmt: skip

    assert (answer.status_code, tools.code_of(answer.json())) == (400, "malformed")
