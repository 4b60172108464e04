"""Rule sets and lists of words: what ships, where it holds, and files that are not as they must be."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from client.core.words import CLAIMS
from forms.law.codes import load_words
from forms.law.repairs import window
from forms.law.rulesets import DEFAULTS, RuleError, default_set, load, parse_rule_set, read_rule_set
from forms.law.words import PROVENANCE, derivation

LEGAL = Path(__file__).parents[3] / "resources" / "legal"
SETS = load(LEGAL / "rules")
CLOCK = {
    "id": "decide", "title": "答复", "actor": "provider", "starts": ["accepted"], "stops": ["decided"],
    "length": 5, "unit": "working_day", "provenance": "own",
}  # fmt: skip
EXTENSION = {"most": 3, "unit": "working_day", "by": "主要负责人"}
PERIOD = {"severity": "minor", "title": "轻", "runs_from": "published", "provenance": "own"}


def a_set(**changes: Any) -> dict[str, Any]:
    plain = {
        "id": "some-objection", "title": "某地", "holds_in": "某市", "kind": "objection",
        "instrument": "某办法", "since": "2026-01-01", "provenance": "own", "clocks": [CLOCK],
    }  # fmt: skip
    return {key: value for key, value in {**plain, **changes}.items() if value != "left out"}


def test_every_rule_set_says_where_it_holds_and_from_where_it_is_known():
    for one in SETS.values():
        known = [one, *one.clocks, *one.repair_periods]
        assert all(part.provenance in PROVENANCE for part in known)
        assert all(clock.clause for clock in one.clocks if clock.provenance == "sourced"), one.id
        assert one.remedies, one.id
        assert all(clock.length is None for clock in one.clocks if clock.provenance == "unknown"), one.id


def test_what_nobody_chose_has_no_number_and_is_of_the_three_cities():
    followed = default_set(SETS, "objection", date(2026, 11, 25))

    assert followed.holds_in == "厦门、漳州、泉州"
    assert {clock.length for clock in followed.clocks} == {None}
    assert {name for names in DEFAULTS.values() for name in names} <= set(SETS)


@pytest.mark.parametrize(
    ("on", "name"),
    [
        (date(2026, 4, 1), "national-repair-2026"),
        (date(2026, 3, 31), "national-repair-2023"),
        (date(2023, 4, 30), "national-repair-2019"),
        (date(2018, 1, 1), "national-repair-2026"),
    ],
)
def test_a_repair_goes_by_the_measures_of_its_day(on: date, name: str):
    assert default_set(SETS, "repair", on).id == name


@pytest.mark.parametrize(
    ("name", "severity", "shortest", "first", "longest"),
    [
        ("national-repair-2026", "minor", None, date(2026, 5, 4), date(2026, 7, 30)),
        ("national-repair-2026", "ordinary", date(2026, 7, 30), date(2026, 7, 31), date(2027, 4, 30)),
        ("national-repair-2026", "serious", date(2027, 4, 30), date(2027, 5, 1), date(2029, 4, 30)),
        ("national-repair-2023", "ordinary", date(2026, 7, 30), date(2026, 7, 31), date(2029, 4, 30)),
        ("national-repair-2019", "serious", date(2026, 10, 30), date(2026, 10, 31), date(2029, 4, 30)),
        ("market-repair-2021", "ordinary", date(2026, 10, 30), date(2026, 10, 31), date(2029, 4, 30)),
    ],
)
def test_a_repair_waits_for_the_shortest_period_and_for_the_duties(
    name: str, severity: str, shortest: date | None, first: date, longest: date
):
    period = SETS[name].period(severity)
    assert period is not None

    found = window(period, date(2026, 4, 30), date(2026, 5, 4), date(2026, 6, 1))
    open_duty = window(period, date(2026, 4, 30), None, date(2026, 6, 1))

    assert (found.shortest_until, found.from_on, found.longest_until) == (shortest, first, longest)
    assert found.allows(first)
    assert not found.allows(date(2026, 5, 3))
    assert not open_duty.allows(date(2030, 1, 1))
    assert window(period, date(2026, 4, 30), date(2026, 5, 4), date(2030, 1, 1)).ended
    assert "还没有履行完义务，不能修复。" in derivation(open_duty.steps)


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        pytest.param({"extra": 1}, "extra: unknown_key", id="unknown key"),
        pytest.param({"holds_in": "left out"}, "holds_in: missing_key", id="missing key"),
        pytest.param({"id": "Fujian 1"}, "id: not_of_choice", id="an id with blanks"),
        pytest.param({"until": "2025-01-01"}, "until: before_since", id="ends before it begins"),
        pytest.param({"kind": "letter"}, "kind: not_of_choice", id="another kind"),
        pytest.param({"repair_periods": [PERIOD]}, "repair_periods: not_of_choice", id="no repair"),
        pytest.param({"clocks": [CLOCK, CLOCK]}, "clocks/1: doubled", id="twice the same clock"),
        pytest.param({"clocks": [{**CLOCK, "x": 1}]}, "clocks/0/x: unknown_key", id="unknown key of a clock"),
        pytest.param({"clocks": [{**CLOCK, "length": 0}]}, "clocks/0/length: not_of_choice", id="no days"),
        pytest.param({"clocks": [{**CLOCK, "unit": "at_once"}]}, "clocks/0/length", id="at once"),
        pytest.param({"clocks": [{**CLOCK, "stops": []}]}, "clocks/0/stops: missing_key", id="never met"),
        pytest.param({"clocks": [{**CLOCK, "starts": ["seen"]}]}, "clocks/0/starts/0", id="unknown event"),
        pytest.param({"clocks": [{**CLOCK, "only": "mine"}]}, "clocks/0/only: not", id="unknown side"),
        pytest.param(
            {"clocks": [{**CLOCK, "extension": {**EXTENSION, "most": 4, "in_all": True}}]},
            "clocks/0/extension/most", id="an extension that adds nothing",
        ),
        pytest.param(
            {"clocks": [{**CLOCK, "extension": {**EXTENSION, "unit": "month"}}]},
            "clocks/0/extension/unit", id="an extension in another unit",
        ),
    ],
)  # fmt: skip
def test_a_wrong_rule_set_is_refused_with_the_place(changes: dict[str, Any], where: str):
    with pytest.raises(RuleError, match=where):
        read_rule_set(a_set(**changes))


def test_a_customers_own_set_is_read_from_its_bytes(tmp_path: Path):
    own = parse_rule_set(json.dumps(a_set(clocks=[{**CLOCK, "extension": EXTENSION, "only": None}])).encode())

    assert (own.clocks[0].length, own.clocks[0].extension and own.clocks[0].extension.most) == (5, 3)
    with pytest.raises(RuleError, match="not_json"):
        parse_rule_set(b"{")
    (tmp_path / "other.json").write_text(json.dumps(a_set()), encoding="utf-8")
    with pytest.raises(RuleError, match="id: not_of_choice"):
        load(tmp_path)


def test_the_words_of_a_case_are_one_list_for_desk_and_platform():
    words = load_words(LEGAL)

    assert {word.code: word.title for word in words.reasons_for("objection")} == CLAIMS
    assert [word.code for word in words.reasons_for("repair")] == ["obligations_fulfilled"]
    assert "fulfilment" in {word.code for word in words.materials_for("repair")}
    assert all(word.attested_in or word.provenance == "own" for word in words.outcomes.values())


def test_a_wrong_list_of_words_is_refused(tmp_path: Path):
    for name in ("reasons", "materials", "outcomes"):
        (tmp_path / f"{name}.json").write_bytes((LEGAL / f"{name}.json").read_bytes())
    said = json.loads((tmp_path / "reasons.json").read_text(encoding="utf-8"))
    said["codes"][0] |= {"usual": "fined", "kinds": ["letter"]}
    (tmp_path / "reasons.json").write_text(json.dumps(said), encoding="utf-8")

    with pytest.raises(RuleError) as refused:
        load_words(tmp_path)

    assert {fault.split(": ")[1] for fault in refused.value.faults} == {
        "codes/0/kinds/0", "codes/wrong_information/usual",
    }  # fmt: skip
