"""The key of persons' tags is replaced step by step, and publishing holds nobody up."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest
from click.testing import CliRunner
from sqlalchemy import insert, select

from forms.lists.sealed import opened
from forms.seal.keys import from_text
from regional_platform.housekeeping import sweep
from regional_platform.list_commands import lists_group
from regional_platform.person_keys import (
    KEPT,
    TAGS_AT_ONCE,
    coming_key,
    key_named,
    person_key,
    tag_some,
    take_over,
)
from regional_platform.platform import open_platform
from regional_platform.publishing import newest_body, publish
from regional_platform.settings import Settings, database_url, find_resources
from regional_platform.store.list_tables import NO_END, list_entry, list_key, list_tag, list_telling
from regional_platform.store.tables import feed
from tests.databases import on_a_server
from tests.regional_platform.listing import PERSON, person, stored

NOW = datetime(2026, 11, 24, 8, tzinfo=UTC)
PERSONS = TAGS_AT_ONCE + 3


@pytest.fixture
def place(seeded_platform, tmp_path):
    with seeded_platform.copied(tmp_path) as database:
        yield database_url(str(database))


def opened_at(place):
    return open_platform(Settings(place, find_resources(), person_cost=1), lambda: NOW)


@pytest.fixture
def platform(place):
    """A platform that nobody serves, with persons on a list."""
    made = opened_at(place)
    rows = [
        {
            "record_id": f"r{n:02d}", "list": "B01", "item": "BLACK_ZRR", "unit": "350200-01",
            "subject_kind": "person", "subject_code": f"p{n:02d}", "subject_name": "林晓岚", "ground": "",
            "keeper": "", "document": "", "since_on": "2026-01-01", "since_stated": True,
            "removed_because": "", "removed_by": "", "last_on": NO_END, "withdrawn": False,
            "stored_on": "2026-01-01", "version_id": f"v{n:02d}",
        }
        for n in range(PERSONS)
    ]  # fmt: skip
    made.store.write(lambda connection: connection.execute(insert(list_entry), rows))
    yield made
    made.store.close()


def tag_all(platform, key):
    numbers = [""]
    while numbers := tag_some(platform, key, numbers[-1]):
        pass


def tags_of(platform, days):
    """Publish a day, and give which key it names and the tags in it, by record."""
    now = NOW + timedelta(days=days)
    assert publish(platform, "command", now).again is False
    with platform.store.reading() as connection:
        document = opened(json.loads(newest_body(connection, "B01")), platform.identity.key.public)
    return document["person_key"], {one["record_id"]: one["person"] for one in document["entries"]}


def test_until_every_person_has_a_new_tag_the_old_key_is_used_and_a_new_start_goes_on(place, platform):
    old = person_key(platform)
    tag_all(platform, old)
    coming = coming_key(platform)
    assert len(tag_some(platform, coming, "")) == TAGS_AT_ONCE  # and here it was killed

    again = opened_at(place)
    assert (coming_key(again).id, person_key(again).id) == (coming.id, old.id)
    assert (take_over(again, coming), key_named(again, coming.id)) == (False, None)
    assert tags_of(again, 0) == (old.id, {f"r{n:02d}": old.tag(f"p{n:02d}") for n in range(PERSONS)})

    tag_all(again, coming)
    assert take_over(again, coming) is True
    assert tags_of(again, 1) == (coming.id, {f"r{n:02d}": coming.tag(f"p{n:02d}") for n in range(PERSONS)})
    assert (person_key(again).id, key_named(again, old.id).id) == (coming.id, old.id)
    assert coming_key(again).id not in {old.id, coming.id}
    again.store.close()


def test_a_key_that_was_replaced_is_forgotten_with_its_tags_after_its_time(platform):
    old = person_key(platform)
    tag_all(platform, old)
    coming = coming_key(platform)
    tag_all(platform, coming)
    take_over(platform, coming)

    def swept(after):
        def act(connection):
            gone = sweep(connection, NOW + after, most=PERSONS - 1)["tags"]
            keys = connection.execute(select(list_key.c.id)).scalars().all()
            return gone, len(connection.execute(select(list_tag)).all()), old.id in keys

        return platform.store.write(act)

    assert swept(KEPT - timedelta(seconds=1)) == (0, 2 * PERSONS, True)
    assert swept(KEPT) == (PERSONS - 1, PERSONS + 1, True)
    assert swept(KEPT) == (1, PERSONS, True)
    assert swept(KEPT) == (0, PERSONS, False)
    assert person_key(platform).id == coming.id


def test_an_administrator_changes_the_key_by_command_and_desks_fetch_either(served, desk, tools):
    stored(desk, person(desk))
    why = {"X-Reason": quote("下所核对")}

    def key(**query):
        return desk.call("GET", "/v1/lists/key", role="handler", headers=why, params=query)

    before = key().json()
    done = CliRunner().invoke(lists_group, ["rekey", "--database", str(served.database)])
    said = json.loads(done.stdout)

    assert said == {"key": key().json()["id"], "before": before["id"], "tagged": 1}
    assert key(id=before["id"]).json() == before
    assert from_text(key(id=said["key"]).json()["key"]) != from_text(before["key"])
    unknown = key(id="0" * 16)
    assert (unknown.status_code, tools.code_of(unknown.json())) == (404, "publication-unknown")
    with served.platform.store.reading() as connection:
        assert set(connection.execute(select(list_tag.c.subject_code)).scalars()) == {PERSON}


def told(platform):
    """The units that were told of a publication, as often as they were."""
    with platform.store.reading() as connection:
        heard = select(feed.c.unit).where(feed.c.type == "list.published").order_by(feed.c.unit)
        return connection.execute(heard).scalars().all()


def test_a_telling_that_was_cut_short_goes_on_where_it_was(platform):
    tag_all(platform, person_key(platform))
    publish(platform, "pipeline", NOW)
    units = told(platform)
    left = {"day": "2026-11-24", "after": units[-3]}
    platform.store.write(lambda connection: connection.execute(insert(list_telling).values(left)))

    assert publish(platform, "pipeline", NOW).again is True
    assert sorted(units + units[-2:]) == told(platform)
    with platform.store.reading() as connection:
        assert connection.execute(select(list_telling)).all() == []


@on_a_server
def test_publishing_waits_only_for_the_unit_that_it_tells_and_two_tell_each_once(platform):
    tag_all(platform, person_key(platform))
    with ThreadPoolExecutor(2) as threads:
        with platform.store.writing(units=("350200-02",)):
            publishing = [threads.submit(publish, platform, "pipeline", NOW) for _ in range(2)]
            while not told(platform):
                assert not any(one.done() for one in publishing)
            with platform.store.writing(units=("350600-01",)) as connection:
                assert connection.execute(select(list_telling)).one().day == "2026-11-24"
        made = [one.result(20) for one in publishing]

    units = told(platform)
    assert sorted(one.again for one in made) == [False, True]
    assert len(units) == len(set(units)) == 12
