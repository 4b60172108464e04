"""Drafts go over to a later catalog: previewed, done, undone; approved versions stay what they are."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from types import MappingProxyType

import pytest

from client.errors import NotAllowed
from client.store import catalog_moves, drafts, review
from client.store.desk import Catalogs
from client.store.records import get
from forms.catalog.schema import CatalogSet


def next_year(current: CatalogSet) -> CatalogSet:
    """The set of the year after: a renamed field, a shorter one, one item less."""
    item = current.items["XZCF_FR"]
    fields = []
    for field in item.fields:
        if field.id == "BZ":
            fields.append(replace(field, id="REMARK", renamed_from=("BZ",)))
        elif field.id == "CF_NR":
            fields.append(replace(field, max_length=30))
        else:
            fields.append(field)
    changed = replace(
        item, fields=tuple(fields), by_id=MappingProxyType({f.id: f for f in fields}), set_name="2027.1"
    )
    permit = current.items["XZXK_FR"]
    items = {"XZCF_FR": changed, "XZXK_FR": replace(permit, set_name="2027.1")}
    return replace(
        current, name="2027.1", effective_on=date(2027, 1, 1), items=items, entries={}, digest="2" * 64
    )


@pytest.fixture
def later(desk) -> CatalogSet:
    """A later set, that the desk has beside its own."""
    current = desk.catalogs.current
    new = next_year(current)
    desk.catalogs = Catalogs([current, new])
    return new


@pytest.fixture
def made(desk, later, a_penalty, a_permit) -> dict[str, str]:
    """Drafts of each fate, by name."""
    ref = "XZCF_FR@2026.1"
    return {
        "moves": drafts.create(desk, ref, a_penalty(1, BZ="首次")),
        "untouched": drafts.create(desk, "XZXK_FR@2026.1", a_permit(2)),
        "needs": drafts.create(desk, ref, a_penalty(3, CF_NR="罚" * 40)),
        "gone": drafts.create(desk, "XZCF_ZRR@2026.1", {}),
    }


def catalog_of(desk, record_id):
    return get(desk.db.reader(), record_id).draft.catalog


def values_of(desk, record_id):
    return get(desk.db.reader(), record_id).draft.values


def test_a_preview_tells_consequences_and_changes_nothing(desk, later, made):
    seen = catalog_moves.preview(desk, later)

    assert seen.counts == {"moves": 1, "untouched": 1, "needs_person": 1}
    assert seen.gone == 1
    assert [(one.record_id, [w.code for w in one.why]) for one in seen.needing] == [
        (made["needs"], ["too_long"])
    ]
    assert {catalog_of(desk, one) for one in made.values()} == {
        "XZCF_FR@2026.1", "XZXK_FR@2026.1", "XZCF_ZRR@2026.1",
    }  # fmt: skip


def test_drafts_that_can_go_over_and_those_that_cannot_stay(desk, later, made):
    done = catalog_moves.do(desk, later)

    assert set(done.moved) == {made["moves"], made["untouched"]}
    assert done.left == (made["needs"],)
    assert catalog_of(desk, made["moves"]) == "XZCF_FR@2027.1"
    assert values_of(desk, made["moves"])["REMARK"] == "首次"
    assert "BZ" not in values_of(desk, made["moves"])
    assert catalog_of(desk, made["gone"]) == "XZCF_ZRR@2026.1"


def test_a_person_may_take_one_over_with_its_problem(desk, later, made):
    done = catalog_moves.do(desk, later, also={made["needs"]})

    assert made["needs"] in done.moved
    detail = get(desk.db.reader(), made["needs"])
    assert detail.draft.catalog == "XZCF_FR@2027.1"
    assert detail.draft.errors == 1
    assert detail.draft.values["CF_NR"] == "罚" * 40


def test_undoing_gives_back_what_was(desk, later, made):
    before = {name: (catalog_of(desk, one), values_of(desk, one)) for name, one in made.items()}
    done = catalog_moves.do(desk, later, also={made["needs"]})
    undone = catalog_moves.undo_move(desk, done.move_id)

    assert set(undone.back) == set(done.moved)
    assert undone.left == ()
    assert {name: (catalog_of(desk, one), values_of(desk, one)) for name, one in made.items()} == before
    with pytest.raises(NotAllowed, match="move_undone"):
        catalog_moves.undo_move(desk, done.move_id)


def test_what_was_typed_after_the_move_is_kept(desk, later, made):
    done = catalog_moves.do(desk, later)
    typed = {**values_of(desk, made["moves"]), "REMARK": "再次"}
    drafts.save(desk, made["moves"], typed)
    catalog_moves.undo_move(desk, done.move_id)

    assert values_of(desk, made["moves"])["BZ"] == "再次"


def test_what_is_on_its_way_is_left_alone(desk, later, made):
    """A draft in review is frozen by its maker's signature, and stays in the set that was signed."""
    review.submit(desk, [made["moves"]], title="一批")
    done = catalog_moves.do(desk, later)
    review.submit(desk, [made["untouched"]], title="又一批")
    undone = catalog_moves.undo_move(desk, done.move_id)

    assert done.moved == (made["untouched"],)
    assert undone.left == (made["untouched"],)
    assert catalog_of(desk, made["moves"]) == "XZCF_FR@2026.1"


def test_an_unknown_move_cannot_be_undone(desk):
    with pytest.raises(NotAllowed, match="move_unknown"):
        catalog_moves.undo_move(desk, desk.new_id())
