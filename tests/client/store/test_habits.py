"""Pinned values, templates and favourite items: each operator's own, kept in the desk."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from client.errors import NotAllowed
from client.store import habits
from client.store.desk import Desk

Build = Callable[..., dict[str, Any]]


def pinned(desk: Desk, item: str = "XZCF_FR") -> dict[str, Any]:
    return habits.pinned(desk.db.reader(), desk.operator.operator_id).get(item, {})


def names(desk: Desk, item: str | None = None) -> list[str]:
    return [one.name for one in habits.templates(desk.db.reader(), desk.operator.operator_id, item)]


def uses(desk: Desk) -> list[tuple[str, bool]]:
    return [
        (one.item, one.favourite) for one in habits.item_uses(desk.db.reader(), desk.operator.operator_id)
    ]


@pytest.mark.parametrize(
    "value",
    [
        pytest.param("鹭岛样例局", id="text"),
        pytest.param(["01", {"code": "99", "text": "备案·𠮷"}], id="codes with other"),
        pytest.param(3, id="number"),
    ],
)
def test_a_pinned_value_comes_back_as_it_was(desk: Desk, value: Any):
    habits.pin(desk, "XZCF_FR", "F", value)

    assert pinned(desk) == {"F": value}


def test_pinning_again_replaces_and_unpinning_takes_away(desk: Desk):
    habits.pin(desk, "XZCF_FR", "F", "a")
    habits.pin(desk, "XZCF_FR", "F", "b")
    habits.pin(desk, "XZCF_FR", "G", "c")
    habits.unpin(desk, "XZCF_FR", "G")

    assert pinned(desk) == {"F": "b"}
    assert pinned(desk, "XZXK_FR") == {}


def test_what_one_operator_pins_another_does_not_see(house: Any):
    desk = house.desk
    habits.pin(desk, "XZCF_FR", "F", "a")
    habits.save_template(desk, "XZCF_FR", "常用", {"F": "a"})
    habits.set_favourite(desk, "XZCF_FR", on=True)
    other = next(name for name in house.operators if name != desk.operator.name)

    there = house.switch(other)
    assert (pinned(there), names(there), uses(there)) == ({}, [], [])


def test_a_template_keeps_values_without_the_empty_ones(desk: Desk):
    made = habits.save_template(desk, "XZCF_FR", "  无照  经营 ", {"A": "x", "B": "", "C": []})

    assert (made.name, made.values) == ("无照 经营", {"A": "x"})
    assert habits.templates(desk.db.reader(), desk.operator.operator_id) == [made]


def test_a_template_of_the_same_name_is_replaced(desk: Desk):
    habits.save_template(desk, "XZCF_FR", "常用", {"A": "x"})
    habits.save_template(desk, "XZCF_FR", "常用", {"A": "y"})
    habits.save_template(desk, "XZXK_FR", "常用", {"A": "z"})

    found = habits.templates(desk.db.reader(), desk.operator.operator_id)
    assert [(one.item, one.values["A"]) for one in found] == [("XZCF_FR", "y"), ("XZXK_FR", "z")]


def test_a_template_is_renamed_but_not_onto_another(desk: Desk):
    first = habits.save_template(desk, "XZCF_FR", "甲", {"A": "x"})
    habits.save_template(desk, "XZCF_FR", "乙", {"A": "y"})

    with pytest.raises(NotAllowed, match="template_exists"):
        habits.rename_template(desk, first.template_id, "乙")
    habits.rename_template(desk, first.template_id, "丙")
    assert set(names(desk)) == {"乙", "丙"}


def test_a_template_is_thrown_away(desk: Desk):
    made = habits.save_template(desk, "XZCF_FR", "甲", {"A": "x"})
    habits.delete_template(desk, made.template_id)

    assert names(desk) == []


@pytest.mark.parametrize(
    ("name", "values", "code"),
    [
        pytest.param("  ", {"A": "x"}, "template_unnamed", id="no name"),
        pytest.param("甲", {"A": ""}, "template_empty", id="nothing in it"),
    ],
)
def test_what_makes_no_template_is_refused(desk: Desk, name: str, values: dict[str, Any], code: str):
    with pytest.raises(NotAllowed, match=code):
        habits.save_template(desk, "XZCF_FR", name, values)


def test_templates_have_an_end(desk: Desk):
    for n in range(habits.MOST_TEMPLATES):
        habits.save_template(desk, "XZCF_FR", str(n), {"A": "x"})

    habits.save_template(desk, "XZCF_FR", "7", {"A": "y"})
    with pytest.raises(NotAllowed, match="too_many_templates"):
        habits.save_template(desk, "XZCF_FR", "one more", {"A": "x"})


def test_items_used_last_come_first_and_favourites_never_drop_out(desk: Desk):
    habits.set_favourite(desk, "XZXK_ZRR", on=True)
    for n in range(habits.MOST_RECENT + 2):
        habits.note_use(desk, f"ITEM_{n}")

    found = uses(desk)
    assert found[0] == ("ITEM_9", False)
    assert found[-1] == ("XZXK_ZRR", True)
    assert len(found) == habits.MOST_RECENT + 1


def test_a_favourite_stays_one_when_it_is_used(desk: Desk):
    habits.set_favourite(desk, "A", on=True)
    habits.note_use(desk, "A")
    assert uses(desk) == [("A", True)]

    habits.set_favourite(desk, "A", on=False)
    assert uses(desk) == [("A", False)]
