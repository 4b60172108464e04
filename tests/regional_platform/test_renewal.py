"""A desk whose disk was copied goes on under a new id, and so does its copy; nothing has effect twice."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import insert, select

from forms.seal.keys import SigningKey
from regional_platform.store.case_tables import confirmation
from regional_platform.store.tables import device, feed_head
from regional_platform.times import iso


@pytest.fixture
def served(shared):
    return shared


@pytest.fixture
def copied(desk):
    """Two desks with one memory, after the first batch: same id, same sessions, same numbers."""
    desk.send([desk.content()])
    return desk, replace(desk, tokens=dict(desk.tokens), keys=dict(desk.keys))


def renew(desk, key=None, status=201):
    """Ask for a new id, and go on under it."""
    body = {"public_key": (key or SigningKey.generate()).public, "feed_ack": 0}
    answer = desk.call("POST", "/v1/devices/current/renewal", json=body)
    assert answer.status_code == status, answer.text
    if answer.ok:
        desk.device_id, desk.tokens["reporter"] = answer.json()["device_id"], answer.json()["token"]
        desk.tokens.pop("reviewer", None)
    return answer


def refused(answer, tools):
    return answer.status_code, tools.code_of(answer.json())


def test_both_copies_go_on_each_under_an_id_of_its_own(served, copied, tools):
    first, second = copied
    shared_work, late_work = first.approved([first.content(1)]), first.approved([first.content(2)])
    mine, theirs, late = (one.batch(items) for one, items in (
        (first, shared_work), (second, shared_work), (first, late_work),
    ))  # fmt: skip
    receipts = first.receipts(first.post(mine))
    assert refused(second.post(theirs), tools) == (409, "device-forked")

    renew(second)
    assert second.receipts(second.post(second.batch(shared_work))) == receipts
    assert refused(first.post(late), tools) == (401, "token-expired")
    served.clock.turn(seconds=31)
    first.tokens.clear()
    assert first.receipts(first.post(mine)) == receipts
    assert refused(first.post(late), tools) == (409, "device-forked")
    renew(first)

    assert [one["outcome"] for one in first.receipts(first.post(first.batch(late_work)))] == ["accepted"]
    assert first.device_id != second.device_id
    held = [one["record_id"] for one in first.call("GET", "/v1/records?limit=1000").json()["records"]]
    assert [held.count(one["record_id"]) for one in shared_work + late_work] == [1, 1]


def test_a_lost_answer_is_given_again_to_who_signs_in_once_more(served, desk, tools):
    desk.token("reporter")
    old, key = desk.device_id, SigningKey.generate()
    lost = replace(desk, tokens=dict(desk.tokens))
    first = renew(lost, key).json()
    body = {"public_key": key.public, "feed_ack": 0}
    again = lambda: desk.call("POST", "/v1/devices/current/renewal", json=body)  # noqa: E731
    assert refused(again(), tools) == (401, "token-expired")
    desk.tokens.clear()

    second = renew(desk, key, status=200).json()

    assert (second["device_id"], desk.device_id) == (first["device_id"],) * 2
    assert second["token"] != first["token"]
    with served.platform.store.reading() as connection:
        made = connection.execute(select(device.c.renews).where(device.c.renews == old)).all()
    assert len(made) == 1
    shown = desk.call("GET", "/v1/devices?limit=1000", role="admin").json()["devices"]
    by_id = {one["device_id"]: one for one in shown}
    assert by_id[old]["retired_at"] is not None
    assert (by_id[desk.device_id]["renews"], by_id[desk.device_id]["retired_at"]) == (old, None)


def test_who_waits_until_a_unit_has_read_does_not_wait_for_an_id_that_is_over(alone, tools):
    desk = alone.desk()
    known = {"version_id": tools.new_id(), "unit": desk.unit["code"], "record_id": tools.new_id(), "seq": 0}
    desk.send([desk.content()])

    def ask_for_it(connection):
        head = connection.execute(select(feed_head.c.n).where(feed_head.c.unit == desk.unit["code"]))
        known["seq"] = head.scalar_one()
        connection.execute(insert(confirmation).values(asked_at=iso(alone.clock()), **known))

    alone.platform.store.write(ask_for_it)
    renew(desk)
    of_version = select(confirmation.c.how).where(confirmation.c.version_id == known["version_id"])

    def how():
        with alone.platform.store.reading() as connection:
            return connection.execute(of_version).scalar_one()

    assert how() is None
    desk.feed(after=known["seq"])
    assert how() == "read"
