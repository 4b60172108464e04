"""What is published of lists each day: chained, signed, once, and without anybody's number."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import pairwise
from urllib.parse import quote

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select

from forms.lists.editions import applied, follows
from forms.lists.filterfile import read_filter
from forms.lists.persons import PersonKey
from forms.lists.sealed import NotGenuine, opened, seal
from forms.seal.canonical import canonical, digest
from forms.seal.keys import SigningKey, from_text
from regional_platform.list_commands import lists_group
from regional_platform.publishing import publish
from regional_platform.store.list_tables import list_act, list_day, list_entry
from regional_platform.store.tables import access
from regional_platform.times import LEGAL_ZONE, legal_day
from tests.regional_platform import listing
from tests.regional_platform.listing import OTHER, PERSON, person, stored

WHY = {"X-Reason": quote("下所核对")}


def black(desk, n=0, **changed):
    """A company on 严重违法失信超限超载运输当事人."""
    return listing.black(desk, n, **{"DATA_CATEGORY": "B05", **changed})


def morning(served, *desks, hour=6, minute=1):
    """Turn the clock to the next morning in Asia/Shanghai; sessions have run out by then."""
    now = served.clock().astimezone(LEGAL_ZONE)
    then = (now + timedelta(days=1)).replace(hour=hour, minute=minute)
    served.clock.turn(seconds=(then - now).total_seconds())
    for desk in desks:
        desk.tokens.clear()


def published(served, desk, code, tools):
    """Wait until the day's snapshot of a list is there, and open it."""
    day = legal_day(served.clock()).isoformat()
    found = {}

    def there():
        answer = desk.call("GET", f"/v1/lists/{code}/snapshot")
        if answer.status_code == 200:
            found["sealed"] = answer.json()
        return bool(found) and found["sealed"]["document"]["on"] == day

    tools.until(there)
    return opened(found["sealed"], desk.server_key)


def deltas(desk, code, **query):
    answer = desk.call("GET", f"/v1/lists/{code}/deltas", params=query)
    assert answer.status_code == 200, answer.text
    return [opened(one, desk.server_key) for one in answer.json()["deltas"]], answer.json()["next"]


def the_filter(desk):
    answer = desk.call("GET", "/v1/lists/filter")
    assert answer.status_code == 200, answer.text
    return read_filter(answer.content, desk.server_key)


def test_five_days_of_deltas_lead_from_each_snapshot_to_the_next_byte_for_byte(served, desk, tools):
    first, second = black(desk), black(desk, 1)
    acts = [
        lambda: stored(desk, first, second),
        lambda: stored(desk, black(desk, 2, EXPIRATION_DATE=legal_day(served.clock()).isoformat())),
        lambda: stored(desk, desk.correction(first, payload={**first["payload"], "EXECUTE_DEPT": "新局"})),
        lambda: stored(desk, desk.withdrawal(second)),
        lambda: None,
    ]
    snapshots = []
    for act in acts:
        act()
        morning(served, desk)
        snapshots.append(published(served, desk, "B05", tools))

    chain, following = deltas(desk, "B05")
    made = {one["number"]: one for one in chain}
    have = None
    for change in chain:
        have = applied(have, change)
        same = [one for one in snapshots if one["number"] == change["number"]]
        assert all(canonical(have) == canonical(one) for one in same)
    numbers = [one["number"] for one in snapshots]
    assert numbers == list(range(numbers[0], numbers[0] + 5))
    assert all(follows(one, other) for one, other in pairwise(chain))
    assert following is None
    counts = [len(one["entries"]) for one in snapshots]
    assert counts == [2, 2, 2, 1, 1]  # the third's term ended on the day on which it came
    changed = [(len(made[n]["put"]), len(made[n]["drop"])) for n in numbers[1:]]
    assert changed == [(0, 0), (1, 0), (0, 1), (0, 0)]


def test_deltas_are_read_from_the_number_that_one_has_page_by_page(served, desk, tools):
    stored(desk, black(desk))
    for _ in range(3):
        morning(served, desk)
        last = published(served, desk, "B05", tools)

    page, following = deltas(desk, "B05", after=last["number"] - 3, limit=2)
    rest, end = deltas(desk, "B05", after=following)

    assert [one["number"] for one in (*page, *rest)] == [last["number"] - n for n in (2, 1, 0)]
    assert (following, end) == (last["number"] - 1, None)
    assert deltas(desk, "B05", after=last["number"]) == ([], None)


def test_a_snapshot_that_was_changed_on_its_way_is_refused(served, desk, tools):
    stored(desk, black(desk), black(desk, 1))
    morning(served, desk)
    published(served, desk, "B05", tools)
    sealed = desk.call("GET", "/v1/lists/B05/snapshot").json()

    lying = {**sealed, "document": {**sealed["document"], "entries": sealed["document"]["entries"][:1]}}
    forged = seal(SigningKey.generate(), lying["document"])

    for envelope, code in ((lying, "digest_differs"), (forged, "signature_invalid")):
        with pytest.raises(NotGenuine, match=code):
            opened(envelope, desk.server_key)


def test_of_a_person_nothing_is_published_but_a_tag_that_only_the_key_leads_to(served, desk, tools):
    stored(desk, person(desk), black(desk))
    morning(served, desk)
    snapshot = published(served, desk, "B01", tools)
    bodies = [
        desk.call("GET", path).content
        for path in ("/v1/lists/B01/snapshot", "/v1/lists/B01/deltas", "/v1/lists/filter")
    ]

    said = desk.call("GET", "/v1/lists/key", role="handler", headers=WHY).json()
    key = PersonKey(from_text(said["key"]), said["cost"])

    (row,) = snapshot["entries"]
    assert row.keys() == {"record_id", "unit", "since", "until", "person"}
    assert row["person"] == key.tag(PERSON)
    assert snapshot["person_key"] == key.id == said["id"]
    for body in bodies:
        for secret in (PERSON, PERSON[:17], "林晓岚", said["key"]):
            assert secret.encode() not in body
    with served.platform.store.reading() as connection:
        looks = connection.execute(select(access.c.what, access.c.key, access.c.reason)).all()
    assert ("list-key", key.id, "下所核对") in [tuple(one) for one in looks]


def test_a_field_office_asks_the_filter_offline_who_is_on_which_list(served, desk, tools):
    over = black(desk, 3, EXPIRATION_DATE="2026-01-06")
    stored(desk, person(desk), black(desk), black(desk, 1, DATA_CATEGORY="B16"), over)
    morning(served, desk)
    published(served, desk, "B01", tools)
    said = desk.call("GET", "/v1/lists/key", role="handler", headers=WHY).json()
    key = PersonKey(from_text(said["key"]), said["cost"])

    found = the_filter(desk)

    assert found.lists_of(desk.subject(0)["code"]) == ["B05"]
    assert found.lists_of(desk.subject(1)["code"]) == ["B16"]
    assert found.lists_of(desk.subject(3)["code"]) == []
    assert found.lists_of(desk.subject(9)["code"]) == []
    assert found.lists_of_person(key.tag(PERSON)) == ["B01"]
    assert found.lists_of_person(key.tag(OTHER)) == []
    assert set(found.head.lists) == {"B01", "B05", "B16"}
    assert found.members == 3


def test_every_unit_hears_what_was_published_and_the_digests_are_right(served, desk, tools):
    there = served.desk("350500-02")
    stored(desk, black(desk), person(desk))
    morning(served, desk, there)
    snapshot = published(served, desk, "B05", tools)

    def of_that_day(one):
        return one["type"] == "list.published" and one["data"]["on"] == snapshot["on"]

    heard = there.feed_until(lambda items: any(map(of_that_day, items)))
    told = next(one["data"] for one in heard if of_that_day(one))

    lists = {one["list"]: one for one in told["lists"]}
    assert lists.keys() == {"B01", "B05"}
    assert (lists["B05"]["sha256"], lists["B05"]["entries"]) == (digest(canonical(snapshot)), 1)
    content = there.call("GET", "/v1/lists/filter").content
    assert (told["filter"]["sha256"], told["filter"]["bytes"]) == (digest(content), len(content))
    listed = {one["list"]: one["published"] for one in there.call("GET", "/v1/lists").json()["lists"]}
    assert listed["B05"]["sha256"] == lists["B05"]["sha256"]


def test_before_its_hour_nothing_is_published(served, desk, tools):
    morning(served, desk)
    stored(desk, black(desk))
    morning(served, desk, hour=5, minute=59)
    day = legal_day(served.clock()).isoformat()
    stored(desk, black(desk, 1))  # a turn of the publisher's thread has gone by

    with served.platform.store.reading() as connection:
        assert connection.execute(select(list_day.c.day).where(list_day.c.day == day)).all() == []

    served.clock.turn(minutes=2)
    assert published(served, desk, "B05", tools)["on"] == day


def test_a_day_is_published_once_by_whichever_worker_comes_first(served, desk):
    stored(desk, black(desk))
    now = served.clock() + timedelta(days=1)

    with ThreadPoolExecutor(4) as workers:
        made = list(workers.map(lambda _: publish(served.platform, "pipeline", now), range(4)))

    assert sorted(one.again for one in made) == [False, True, True, True]
    assert len({canonical(one.told) for one in made}) == 1
    with served.platform.store.reading() as connection:
        assert connection.execute(
            select(func.count()).where(list_day.c.day == legal_day(now).isoformat())
        ).scalar_one() == 1  # fmt: skip


def test_where_nobody_is_on_a_list_nothing_is_published(served, desk):
    stored(desk, desk.content())

    assert publish(served.platform, "pipeline", served.clock()) is None
    assert all(one["type"] == "stage" for one in desk.feed(limit=1000)["items"])


def command(served, *arguments):
    return CliRunner().invoke(lists_group, [*arguments, "--database", str(served.database)])


def test_an_administrator_publishes_by_hand_and_a_second_time_changes_nothing(served, desk):
    nothing = command(served, "publish")
    morning(served, desk, hour=3)  # the publisher's hour has not come, so it leaves this to the command
    stored(desk, black(desk), person(desk))
    first, second = command(served, "publish"), command(served, "publish")

    assert (nothing.exit_code, "没有可发布的" in nothing.stderr) == (1, True)
    said, again = json.loads(first.stdout), json.loads(second.stdout)
    assert (said["again"], said["tagged"], again["again"]) == (False, 1, True)
    assert [one["list"] for one in said["lists"]] == ["B01", "B05"]
    assert said["filter"] == again["filter"]
    assert said["filter"]["members"] == 2
    assert said["bytes_per_member"] == round(said["filter"]["bytes"] / 2, 2)
    assert opened(desk.call("GET", "/v1/lists/B05/snapshot").json(), desk.server_key)["number"] == 1


def test_records_stored_before_lists_were_kept_are_caught_up_with(served, desk):
    first = stored(desk, black(desk))
    stored(desk, desk.correction(first, payload={**first["payload"], "EXECUTE_DEPT": "新局"}), black(desk, 1))
    with served.platform.store.writing() as connection:
        before = connection.execute(select(list_entry).order_by(list_entry.c.record_id)).all()
        connection.execute(list_entry.delete())

    done = command(served, "catch-up")

    assert json.loads(done.stdout) == {"records": 2}
    with served.platform.store.reading() as connection:
        after = connection.execute(select(list_entry).order_by(list_entry.c.record_id)).all()
        acts = connection.execute(select(func.count()).select_from(list_act)).scalar_one()
    assert after == before
    assert acts == 6
    assert json.loads(command(served, "catch-up").stdout) == {"records": 0}


def test_what_a_stick_carries_is_the_answer_as_it_came(served, desk, tools):
    """The bytes of an answer are canonical, so a file of them proves itself."""
    stored(desk, black(desk))
    morning(served, desk)
    published(served, desk, "B05", tools)

    content = desk.call("GET", "/v1/lists/B05/snapshot").content

    assert canonical(json.loads(content)) == content
