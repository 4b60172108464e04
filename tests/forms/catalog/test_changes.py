"""Two versions of a catalog: what changed is classed, and each draft is moved, or handed to a person."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date
from types import MappingProxyType
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forms.catalog.changes import ChangeKind, Mover, compare, compare_sets, undo
from forms.catalog.changesentences import CHANGES, change_sentence, why_sentence
from forms.catalog.check import check
from tests.forms.catalog.sampling import a_sample

TODAY = date(2026, 11, 24)


@pytest.fixture(scope="module")
def old(an_item, field_entry):
    return an_item(
        field_entry("MC", "string", max_length=50, title="名称"),
        field_entry("WSH", "string", max_length=20, title="文号"),
        field_entry("LB", "enum", title="类别"),
        field_entry("LBS", "set", title="几类"),
        field_entry("JE", "decimal", title="金额", unit="元"),
        field_entry("SL", "string", title="数量"),
        field_entry("RQ", "date", title="日期"),
        field_entry("DZ", "string", title="地址"),
        act_on="RQ",
    )


def changed(item, **fields):
    """Another version of an item: field id → changes, None to take it out, a Field to put in its place."""
    kept = []
    for field in item.fields:
        change = fields.get(field.id, {})
        if change is None:
            continue
        kept += change if isinstance(change, list) else [replace(field, **change)]
    return replace(
        item,
        fields=tuple(kept),
        by_id=MappingProxyType({f.id: f for f in kept}),
        set_name="10",
        digest="1" * 64,
    )


def with_codes(field, **codes):
    """The same field with changed codes: code → changes, None to take it out."""
    kept = []
    for code in field.code_set.codes:
        change = codes.get(f"c{code.code}", {})
        if change is not None:
            kept.append(replace(code, **change))
    code_set = replace(
        field.code_set, codes=tuple(kept), by_code=MappingProxyType({c.code: c for c in kept}),
        by_name=MappingProxyType({c.name: c for c in kept}),
    )  # fmt: skip
    return {"code_set": code_set}


CASES = [
    ("nothing", lambda _: {}, []),
    ("gone", lambda _: {"DZ": None}, [("field_removed", "DZ")]),
    (
        "declared rename",
        lambda _: {"MC": {"id": "NAME1", "renamed_from": ("MC",), "title": "全称"}},
        [("field_renamed", "NAME1"), ("field_retitled", "NAME1")],
    ),
    ("rename by title", lambda _: {"MC": {"id": "NAME1"}}, [("field_renamed", "NAME1")]),
    ("wider", lambda _: {"MC": {"max_length": 80}}, [("widened", "MC")]),
    ("unlimited", lambda _: {"MC": {"max_length": None}}, [("widened", "MC")]),
    ("narrower", lambda _: {"MC": {"max_length": 8}}, [("narrowed", "MC")]),
    ("required", lambda _: {"MC": {"required": True}}, [("made_required", "MC")]),
    ("type", lambda _: {"SL": {"type": "int"}}, [("type_changed", "SL")]),
    ("unit", lambda _: {"JE": {"unit": "万元"}}, [("unit_changed", "JE")]),
    ("code gone", lambda i: {"LB": with_codes(i.by_id["LB"], c2=None)}, [("code_retired", "LB")]),
    (
        "code ended",
        lambda i: {"LB": with_codes(i.by_id["LB"], c2={"until": date(2026, 6, 30)})},
        [("code_retired", "LB")],
    ),
    (
        "code split",
        lambda i: {
            "LB": with_codes(i.by_id["LB"], c2={"until": date(2025, 1, 1), "replaced_by": ("1", "9")})
        },
        [("code_split", "LB")],
    ),
    (
        "code renamed",
        lambda i: {"LB": with_codes(i.by_id["LB"], c1={"name": "甲等"})},
        [("code_renamed", "LB")],
    ),
    (
        "split",
        lambda i: {
            "DZ": [
                replace(i.by_id["DZ"], id="SHENG", title="省市", split_from="DZ"),
                replace(i.by_id["DZ"], id="JIE", title="街道", split_from="DZ"),
            ]
        },
        [("field_added", "SHENG"), ("field_added", "JIE"), ("field_split", "DZ")],
    ),
]


@pytest.mark.parametrize(("change", "kinds"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_a_change_is_classed_and_has_a_sentence(change, kinds, old):
    new = changed(old, **change(old))
    found = compare(old, new)

    assert [(one.kind, one.field) for one in found] == kinds
    assert all(change_sentence(one, new).endswith("。") for one in found)


def test_every_kind_has_a_sentence():
    assert set(CHANGES) == set(get_args(ChangeKind))


def test_the_other_way_round_is_the_opposite(old):
    new = changed(old, MC={"required": True, "max_length": 8}, DZ=None)

    assert [c.kind for c in compare(new, old)] == ["widened", "made_optional", "field_added"]


def test_rules_that_come_and_go_are_named(catalog_set):
    item = catalog_set.items["XZCF_FR"]
    new = changed(item, CF_XDR_SHXYM={"rules": ()})

    assert [(c.kind, c.params) for c in compare(item, new)] == [("rule_removed", {"rule": "uscc"})]
    assert [(c.kind, c.params) for c in compare(new, item)] == [("rule_added", {"rule": "uscc"})]


def test_a_set_is_not_different_from_itself(catalog_set):
    assert compare_sets(catalog_set, catalog_set) == []
    fewer = replace(catalog_set, items={"XZCF_FR": catalog_set.items["XZCF_FR"]}, entries={})
    assert {c.kind for c in compare_sets(catalog_set, fewer)} == {"item_removed"}
    assert {c.kind for c in compare_sets(fewer, catalog_set)} == {"item_added"}


RECORD = {
    "MC": "鹭潮食品有限公司",
    "WSH": "厦〔2026〕1号",
    "LB": "2",
    "JE": "50000",
    "RQ": "2026-03-05",
    "SL": "12",
}

MOVES = [
    ("nothing", lambda _: {}, RECORD, "untouched", {}, []),
    ("wider", lambda _: {"MC": {"max_length": 80}}, RECORD, "untouched", {}, []),
    ("optional", lambda _: {"DZ": None}, RECORD, "untouched", {}, []),
    (
        "renamed",
        lambda _: {"MC": {"id": "QC", "renamed_from": ("MC",)}},
        RECORD,
        "moves",
        {"MC": None, "QC": RECORD["MC"]},
        [],
    ),
    ("yuan to wan", lambda _: {"JE": {"unit": "万元"}}, RECORD, "moves", {"JE": "5"}, []),
    ("text to int", lambda _: {"SL": {"type": "int"}}, RECORD, "moves", {"SL": 12}, []),
    (
        "text to int in vain",
        lambda _: {"SL": {"type": "int"}},
        RECORD | {"SL": "一箱"},
        "needs_person",
        {},
        [("SL", "type_changed")],
    ),
    (
        "field gone",
        lambda _: {"WSH": None},
        RECORD,
        "needs_person",
        {"WSH": None},
        [("WSH", "value_dropped")],
    ),
    ("narrower", lambda _: {"MC": {"max_length": 4}}, RECORD, "needs_person", {}, [("MC", "too_long")]),
    ("narrower, yet fits", lambda _: {"MC": {"max_length": 8}}, RECORD, "untouched", {}, []),
    (
        "required",
        lambda _: {"DZ": {"required": True}},
        RECORD,
        "needs_person",
        {},
        [("DZ", "required_missing")],
    ),
    (
        "retired before the act",
        lambda i: {"LB": with_codes(i.by_id["LB"], c2={"until": date(2026, 3, 4)})},
        RECORD,
        "needs_person",
        {},
        [("LB", "code_retired")],
    ),
    (
        "retired after the act",
        lambda i: {"LB": with_codes(i.by_id["LB"], c2={"until": date(2026, 3, 5)})},
        RECORD,
        "untouched",
        {},
        [],
    ),
    (
        "replaced",
        lambda i: {"LB": with_codes(i.by_id["LB"], c2={"until": date(2026, 3, 4), "replaced_by": ("1",)})},
        RECORD,
        "moves",
        {"LB": "1"},
        [],
    ),
    (
        "split code",
        lambda i: {
            "LB": with_codes(i.by_id["LB"], c2={"until": date(2026, 3, 4), "replaced_by": ("1", "9")})
        },
        RECORD,
        "needs_person",
        {},
        [("LB", "code_split")],
    ),
    (
        "code with another number",
        lambda i: {"LB": with_codes(i.by_id["LB"], c2={"code": "22"})},
        RECORD,
        "moves",
        {"LB": "22"},
        [],
    ),
    (
        "a set of codes",
        lambda i: {"LBS": with_codes(i.by_id["LBS"], c2={"until": date(2026, 1, 1), "replaced_by": ("1",)})},
        RECORD | {"LBS": ["2", {"code": "9", "text": "丙"}]},
        "moves",
        {"LBS": ["1", {"code": "9", "text": "丙"}]},
        [],
    ),
    (
        "split field",
        lambda i: {
            "DZ": [
                replace(i.by_id["DZ"], id="S", title="省", split_from="DZ"),
                replace(i.by_id["DZ"], id="J", title="街", split_from="DZ"),
            ]
        },
        RECORD | {"DZ": "福建省厦门市"},
        "needs_person",
        {"DZ": None, "S": "福建省厦门市"},
        [("S", "field_split")],
    ),
    (
        "wrong before, wrong after",
        lambda _: {"WSH": {"max_length": 60}},
        RECORD | {"MC": "长" * 60},
        "untouched",
        {},
        [],
    ),
]


@pytest.mark.parametrize(
    ("change", "values", "verdict", "difference", "why"), [m[1:] for m in MOVES], ids=[m[0] for m in MOVES]
)
def test_a_draft_moves_or_is_handed_to_a_person(change, values, verdict, difference, why, old):
    new = changed(old, **change(old))
    values = {"NAME": "样例"} | values
    move = Mover(old, new).plan(values, reported_on=TODAY)
    expected = {k: v for k, v in (values | difference).items() if v is not None}

    assert (move.verdict, [(w.field, w.code) for w in move.why]) == (verdict, why)
    assert move.values == expected
    assert undo(move.steps, move.values) == values
    assert all(why_sentence(reason, new) for reason in move.why)


def test_what_a_person_typed_after_the_move_survives_its_undoing(old):
    new = changed(old, MC={"id": "QC", "renamed_from": ("MC",)}, JE={"unit": "万元"})
    move = Mover(old, new).plan(RECORD, reported_on=TODAY)
    typed = {**move.values, "QC": "漳州食品有限公司", "DZ": "湖里区"}

    assert undo(move.steps, typed) == RECORD | {"MC": "漳州食品有限公司", "DZ": "湖里区"}


def test_two_fields_that_change_places_are_kept_apart(old):
    new = changed(old, MC={"id": "WSH", "renamed_from": ("MC",)}, WSH={"id": "MC", "renamed_from": ("WSH",)})
    move = Mover(old, new).plan(RECORD, reported_on=TODAY)

    assert undo(move.steps, move.values) == RECORD


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=8)
    | st.sampled_from(["1", "2", "9", "2026-03-05", "5.5", "NaN", "甲类"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["code", "text", "x"]), inner)
    ),
    max_leaves=5,
)


@pytest.mark.parametrize("place", range(1, len(CASES)))
def test_no_draft_becomes_unreadable_and_undoing_gives_it_back(place, old):
    """Whatever a draft holds, it moves without a hitch, can be checked, and comes back as it was."""
    new = changed(old, **CASES[place][1](old))
    mover, back = Mover(old, new), Mover(new, old)
    ids = [*old.by_id, "UNKNOWN"]

    @settings(deadline=None, max_examples=60)
    @given(st.dictionaries(st.sampled_from(ids), JSON, max_size=6))
    def holds(values):
        for one in (mover, back):
            move = one.plan(values, reported_on=TODAY)
            check(one.new, move.values, reported_on=TODAY)
            assert set(move.values) <= set(one.new.by_id)
            assert undo(move.steps, move.values) == values
            assert (move.verdict == "untouched") == (not move.steps and not move.why)

    holds()


def test_right_records_of_all_items_stay_as_they_are_in_the_same_catalog(catalog_set):
    for item in catalog_set.items.values():
        same = changed(item)
        record = a_sample(item, dice=random.Random(item.code))
        move = Mover(item, same).plan(record, reported_on=TODAY)
        assert (move.verdict, move.values) == ("untouched", record)
