"""The formulae of assessment: worked out by hand."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from forms.catalog.loader import load_set
from forms.law.calendar import Calendar, Count
from forms.law.periods import kind_of, period_at
from forms.score import (
    COUNTS,
    FormulaError,
    completeness,
    due_after,
    figures,
    load_scoring,
    period_counts,
    timing,
    total,
)

RESOURCES = Path(__file__).parents[2] / "resources"
SCORING = load_scoring(RESOURCES / "scoring" / "formulae.json")
CALENDAR = Calendar.load(RESOURCES / "calendars")
CATALOG = load_set(RESOURCES / "catalogs" / "2026.1")
PENALTY = CATALOG.items["XZCF_FR"]
MONTHLY = next(item for item in CATALOG.items.values() if item.cycle == "月" and item.deadline is None)


def test_every_formula_says_where_it_comes_from():
    for one in SCORING.formulae:
        assert one.provenance in {"sourced", "recalled", "derived"}
        assert one.source
        assert one.says


@pytest.mark.parametrize(
    ("code", "counts", "value", "full"),
    [
        pytest.param("stored_rate", {"stored": 95, "supplied": 100}, "0.9500", True, id="at full marks"),
        pytest.param("stored_rate", {"stored": 94, "supplied": 100}, "0.9400", False, id="below them"),
        pytest.param("complete_rate", {"filled": 2, "demanded": 3}, "0.6667", False, id="rounded to nearest"),
        pytest.param("timely_rate", {"on_time": 3, "late": 1}, "0.7500", False, id="of those told apart"),
        pytest.param("timely_rate", {"on_time": 3, "undetermined": 5}, "1.0000", True, id="unsure left out"),
        pytest.param("missed_rate", {"periods_missed": 1, "periods_due": 4}, "0.2500", None, id="no marks"),
        pytest.param("settled_rate", {"questions": 4, "questions_settled": 1, "questions_corrected": 2},
                     "0.7500", None, id="settled and corrected"),
        pytest.param("stored_rate", {}, None, None, id="nothing to divide by"),
    ],
)  # fmt: skip
def test_a_figure_is_a_quotient_of_counts(code, counts, value, full):
    found = next(one for one in figures(counts, SCORING.formulae) if one.formula.code == code)

    assert (found.value, found.full) == (None if value is None else Decimal(value), full)


def test_counts_add_up_to_those_of_the_unit():
    made = total([{"supplied": 3, "stored": 1}, {"supplied": 4}])

    assert (made["supplied"], made["stored"], made["late"]) == (7, 1, 0)
    assert set(made) == set(COUNTS)


def test_completeness_counts_fields_that_must_be_filled_and_groups_of_which_one_must():
    required = [one.id for one in PENALTY.fields if one.required]
    groups = {one.required_group for one in PENALTY.fields} - {None}
    values = dict.fromkeys(required, "x")

    filled, demanded = completeness(PENALTY, values)

    assert demanded == len(required) + len(groups)
    assert filled - completeness(PENALTY, {})[0] >= len(required)
    assert completeness(PENALTY, {**values, required[0]: "y"})[0] == filled
    del values[required[0]]
    assert completeness(PENALTY, values)[0] == filled - 1


@pytest.mark.parametrize(
    ("item", "acted_on", "received_on", "expected"),
    [
        # 7 working days after 6 May 2026: 7, 8, 9 (made a working day), 11, 12, 13, 14.
        pytest.param(PENALTY, date(2026, 5, 6), date(2026, 5, 14), "on_time", id="on the seventh day"),
        pytest.param(PENALTY, date(2026, 5, 6), date(2026, 5, 15), "late", id="a day later"),
        pytest.param(PENALTY, date(2030, 5, 6), date(2030, 5, 6), "on_time", id="unknown year, early"),
        pytest.param(PENALTY, date(2030, 5, 6), date(2030, 7, 6), "undetermined", id="unknown year, late"),
        # A month, and five working days after it: 6, 7, 8, 9, 11 May.
        pytest.param(MONTHLY, date(2026, 4, 3), date(2026, 5, 11), "on_time", id="within the month's grace"),
        pytest.param(MONTHLY, date(2026, 4, 3), date(2026, 5, 12), "late", id="after the month's grace"),
    ],
)
def test_a_record_is_on_time_by_its_term_or_its_cycle(item, acted_on, received_on, expected):
    assert timing(item, acted_on, received_on, SCORING, CALENDAR) == expected


def test_a_cycle_that_names_its_days_needs_no_grace():
    cycle = "周；任务有效期5天"
    week = period_at(kind_of(cycle), date(2026, 11, 24))

    assert due_after(week, cycle, SCORING, CALENDAR).date == date(2026, 12, 4)


DUE = Count(date(2026, 5, 11), certain=True, counted=[])
UNSURE = Count(date(2026, 5, 11), certain=False, counted=[])


@pytest.mark.parametrize(
    ("first_on", "due", "today", "zero", "expected"),
    [
        pytest.param(date(2026, 5, 11), DUE, date(2026, 6, 1), False,
                     {"periods_due": 1, "periods_on_time": 1, "periods_zero": 0}, id="on time"),
        pytest.param(date(2026, 5, 12), DUE, date(2026, 6, 1), True,
                     {"periods_due": 1, "periods_late": 1, "periods_zero": 1}, id="late, declared"),
        pytest.param(None, DUE, date(2026, 5, 12), False,
                     {"periods_due": 1, "periods_missed": 1}, id="missed"),
        pytest.param(None, DUE, date(2026, 5, 11), False, {}, id="not due yet"),
        pytest.param(None, UNSURE, date(2026, 6, 1), False, {}, id="due on nobody knows which day"),
        pytest.param(date(2026, 5, 12), UNSURE, date(2026, 6, 1), False, {}, id="perhaps late"),
    ],
)  # fmt: skip
def test_a_period_is_on_time_late_missed_or_open(first_on, due, today, zero, expected):
    assert period_counts(first_on, due, today, zero=zero) == expected


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda raw: raw["formulae"][0].update(above=["nonsense"]), id="an unknown count"),
        pytest.param(lambda raw: raw["formulae"][0].pop("says"), id="a key missing"),
        pytest.param(lambda raw: raw["formulae"][0].update(more=1), id="a key too many"),
        pytest.param(lambda raw: raw["grace"].pop("week"), id="no grace for a kind"),
    ],
)
def test_a_file_of_formulae_that_is_not_sound_is_refused(tmp_path, spoil):
    raw = json.loads((RESOURCES / "scoring" / "formulae.json").read_text(encoding="utf-8"))
    spoil(raw)
    (tmp_path / "f.json").write_text(json.dumps(raw), encoding="utf-8")

    with pytest.raises(FormulaError):
        load_scoring(tmp_path / "f.json")
