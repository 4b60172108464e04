"""What a desk keeps of calendars and rule sets, what is in force, and which dates move with it."""

from __future__ import annotations

from datetime import date

import pytest

from client.core.answers import FeedItem
from client.store import audit, case_dues, cases, feed, legal
from client.store.legal import shipped_rules
from forms.law.words import derivation
from forms.seal.keys import SigningKey
from tests.client.objections import FINE, an_objection
from tests.client.sealed_law import AT, a_calendar, a_choice, news
from tests.client.sync.office import an_office

RECORD = {"record_id": "r1", "version_id": "v1", "catalog": "XZCF_FR@2026.1", "payload": {}}


@pytest.fixture
def office(tmp_path):
    made = an_office(tmp_path / "desk")
    yield made
    made.desk.close()


def reader(office):
    return office.desk.db.reader()


def a_case(case_id="c1", **other):
    return an_objection(case_id, "350200-01", RECORD, [FINE], **other)


def in_force(office, city, on, kind="objection"):
    return legal.in_force(reader(office), office.desk.device, city, kind, on)


def case_row(office, case_id="c1"):
    row = reader(office).execute(
        "SELECT due_on, json_extract(data, '$.due_on'), json_extract(data, '$.due_certain') FROM casefile"
        " WHERE case_id = ?", (case_id,),
    ).fetchone()  # fmt: skip
    return tuple(row)


def test_without_news_what_ships_is_in_force_and_nobody_confirmed_it(office):
    found = in_force(office, "350200", date(2026, 11, 25))

    assert (found.rule_set.id, found.confirmed) == ("fujian-objection", False)
    assert legal.calendar(reader(office)).last_year == 2026


def test_a_choice_is_in_force_from_its_day_in_its_city(office):
    confirmed = {"confirmed_by": "林法制", "confirmed_on": "2026-05-20"}
    first = news(1, "rules.chosen", 1, a_choice("shenzhen-objection"))
    second = news(2, "rules.chosen", 2, a_choice("henan-objection", since="2026-06-01", **confirmed))
    third = news(3, "rules.chosen", 3, a_choice("zhejiang-objection", since="2026-06-01", city="350600"))
    feed.apply(office.desk, office.page(first, second, third))

    assert in_force(office, "350200", date(2026, 5, 31)).rule_set.id == "shenzhen-objection"
    found = in_force(office, "350200", date(2026, 6, 1))
    assert (found.rule_set.id, found.confirmed_by, found.confirmed_on) == (
        "henan-objection", "林法制", date(2026, 5, 20),
    )  # fmt: skip
    assert in_force(office, "350600", date(2026, 6, 1)).rule_set.id == "zhejiang-objection"
    assert in_force(office, "350500", date(2026, 6, 1)).rule_set.id == "fujian-objection"
    assert in_force(office, "350200", date(2026, 6, 1), "repair").rule_set.id == "national-repair-2026"


@pytest.mark.parametrize(
    ("item", "code"),
    [
        pytest.param(news(1, "rules.chosen", 1, a_choice("henan-objection"), key=SigningKey.generate()),
                     "signature_invalid", id="another key"),
        pytest.param(news(1, "rules.chosen", 1, a_choice("henan-objection"), server_id="mx-other"),
                     "signature_invalid", id="another platform"),
        pytest.param(FeedItem(1, "rules.chosen", AT, {}), "misshapen", id="nothing in it"),
        pytest.param(news(1, "rules.chosen", 1, {"city": "350200"}), "unsound", id="half a choice"),
        pytest.param(news(1, "calendar.published", 1, a_calendar(2027, ("2027-01-02", "2027-01-01"))),
                     "unsound", id="a calendar that contradicts itself"),
    ],
)  # fmt: skip
def test_what_is_not_signed_by_our_platform_or_not_sound_is_not_taken_and_logged(office, item, code):
    feed.apply(office.desk, office.page(item))

    assert in_force(office, "350200", date(2026, 11, 25)).rule_set.id == "fujian-objection"
    logged = [row["action"] for row in reader(office).execute("SELECT action FROM audit ORDER BY n LIMIT 99")]
    assert logged[-1] == "law_refused"
    assert audit.verify(reader(office)).holds


def test_a_choice_gives_the_open_cases_their_dates(office):
    with office.desk.db.transaction() as tx:
        cases.put(office.desk, tx, a_case(), AT)
        cases.put(office.desk, tx, a_case("c2", state="closed", stage="closed", closed_at=AT), AT)

    feed.apply(office.desk, office.page(news(1, "rules.chosen", 1, a_choice("shenzhen-objection"))))

    moved = case_dues.moves(reader(office))
    assert [(one.case_id, one.was, one.due_on, one.certain, one.why) for one in moved] == [
        ("c1", None, "2026-11-26", True, "rules")
    ]
    assert case_row(office) == ("2026-11-26", "2026-11-26", 1)
    assert case_row(office, "c2") == (None, None, 0)
    case_dues.seen(office.desk, moved[0].n)
    assert case_dues.moves(reader(office)) == []


def test_a_calendar_that_comes_moves_the_provisional_dates_and_they_are_logged(office):
    opened = {"opened_at": "2026-12-30T00:00:00.000Z"}
    feed.apply(office.desk, office.page(news(1, "rules.chosen", 1, a_choice("shanghai-objection"))))
    with office.desk.db.transaction() as tx:
        cases.put(office.desk, tx, a_case(**opened), AT)
    before = case_row(office)

    published = a_calendar(2027, ("2027-01-01", "2027-01-03"))
    feed.apply(office.desk, office.page(news(2, "calendar.published", 12, published)))

    assert before == ("2027-01-05", "2027-01-05", 0)
    assert case_row(office) == ("2027-01-07", "2027-01-07", 1)
    assert [(one.was, one.due_on, one.why) for one in case_dues.moves(reader(office))] == [
        ("2027-01-05", "2027-01-07", "calendar")
    ]
    logged = [row["action"] for row in reader(office).execute("SELECT action FROM audit ORDER BY n LIMIT 99")]
    assert logged[-2:] == ["law_taken", "case_due_moved"]
    feed.apply(office.desk, office.page(news(3, "calendar.published", 12, published)))
    assert len(case_dues.moves(reader(office))) == 1


def test_the_later_calendar_of_a_year_holds(office):
    first = news(1, "calendar.published", 11, a_calendar(2027, ("2027-01-01", "2027-01-03")))
    better = news(2, "calendar.published", 12, a_calendar(2027, ("2027-01-01", "2027-01-04")))
    feed.apply(office.desk, office.page(first, better))

    assert legal.calendar(reader(office)).is_working_day(date(2027, 1, 4)) is False


def test_both_sides_run_at_once_each_by_its_own_city(office):
    here = news(1, "rules.chosen", 1, a_choice("shenzhen-objection"))
    there = news(2, "rules.chosen", 2, a_choice("zhejiang-objection", city="350600"))
    feed.apply(office.desk, office.page(here, there))
    law = legal.read_law(reader(office), office.desk.device)

    dues = law.dues(a_case(hall_unit="350600-00"), date(2026, 11, 25))
    own = law.dues(a_case(hall_unit="350200-01"), date(2026, 11, 25))
    named = law.dues(
        a_case(rules={"platform": "henan-objection", "provider": "henan-objection"}), date(2026, 11, 25)
    )

    assert [one.clock.id for one in dues.platform] == ["annotate", "handle"]
    assert [one.clock.id for one in dues.provider] == ["provider_decide"]
    assert dues.first is not None
    assert (dues.first.clock.id, dues.first.on, dues.confirmed) == (
        "provider_decide",
        date(2026, 11, 26),
        False,
    )
    assert derivation(dues.first.steps)[-1] == "到期日：2026年11月26日。"
    assert own.platform_rules == own.provider_rules
    assert {one.clock.only for one in own.platform} <= {None, "own"}
    assert named.provider_rules.rule_set == shipped_rules()["henan-objection"]


@pytest.mark.parametrize(
    ("severity", "published_on", "first"),
    [
        pytest.param("ordinary", "2026-05-06", date(2026, 8, 7), id="the measures of 2026"),
        pytest.param("serious", "2022-05-06", date(2022, 11, 7), id="the notice of 2019"),
    ],
)
def test_a_repair_goes_by_the_rules_of_its_publication(office, severity, published_on, first):
    law = legal.read_law(reader(office), office.desk.device)
    repair = {
        "severity": severity, "published_on": published_on, "fulfilled_on": published_on, "committed": True,
    }  # fmt: skip

    found = law.repair_window(a_case(kind="repair", repair=repair), date(2026, 11, 25))

    assert found is not None
    assert found.from_on == first
    assert law.repair_window(a_case(), date(2026, 11, 25)) is None
    unknown = {**repair, "severity": "minor", "published_on": "2022-05-06"}
    assert law.repair_window(a_case(kind="repair", repair=unknown), date(2026, 11, 25)) is None
