"""Which items are lists: the shipped file fits the shipped catalog, and a wrong one is refused by place."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from forms.catalog.loader import CatalogError, load_set
from forms.lists.book import FILE, hold_against, load_book

RESOURCES = Path(__file__).parents[3] / "resources"
CATALOG = load_set(RESOURCES / "catalogs" / "2026.1")
BOOK = load_book(RESOURCES, [CATALOG])


def test_every_item_of_a_class_of_lists_is_a_list_or_left_out_with_a_reason():
    assert hold_against(BOOK, CATALOG) == []
    assert {code[:2] for code in BOOK.classes} == {"05", "06", "11"}
    assert all(BOOK.left_out.values())


def test_lists_are_named_by_the_code_sets_and_say_where_they_come_from():
    kinds = {name.kind for name in BOOK.names.values()}

    assert BOOK.names["B01"].name == "失信被执行人"
    assert kinds == {"black", "red", "other"}
    assert all(name.basis.source for name in BOOK.names.values())
    assert all(rule.basis.provenance == "derived" for rule in BOOK.rules.values())


def test_a_list_knows_the_items_that_feed_it():
    assert BOOK.items_of("B01") == ("BLACK_FR", "BLACK_ZRR", "SXBZXR")
    assert BOOK.items_of("FZCH") == ("FZCH", "QY_FZCHRD")
    assert all(BOOK.items_of(code) for code in BOOK.names)


def changed(tmp_path: Path, **members: Any) -> Path:
    """The resources with another `lists.json`."""
    (tmp_path / "catalogs").mkdir()
    shutil.copy(RESOURCES / "catalogs" / "sources.json", tmp_path / "catalogs")
    said = json.loads((RESOURCES / FILE).read_text(encoding="utf-8")) | members
    (tmp_path / FILE).write_text(json.dumps(said), encoding="utf-8")
    return tmp_path


RULE = {"item": "SXBZXR", "list": "B01", "ground": [], "basis": "DERIVED"}


@pytest.mark.parametrize(
    ("members", "fault"),
    [
        pytest.param({"colour": "red"}, "colour: unknown_key", id="a key that nobody asked for"),
        pytest.param({"publish": {"at": "6 Uhr", "basis": "DERIVED"}}, "publish/at: not_a_time", id="hour"),
        pytest.param({"items": [RULE | {"list": "B99"}]}, "items/0/list: unknown_list", id="no such list"),
        pytest.param({"items": [RULE, RULE]}, "items/1/item: doubled", id="an item twice"),
        pytest.param({"items": [RULE | {"basis": "HEARD"}]}, "basis: unknown_source", id="unknown source"),
        pytest.param(
            {"items": [RULE | {"list_field": "X", "code_set": "BLACKLIST_KIND"}]},
            "items/0/list: either_list_or_field", id="both a list and a field",
        ),
        pytest.param(
            {"code_sets": [{"code_set": "GREENLIST", "kind": "red"}]},
            "unknown_code_set", id="no such code set",
        ),
    ],
)  # fmt: skip
def test_a_wrong_file_is_refused_with_its_place(tmp_path: Path, members: dict[str, Any], fault: str):
    with pytest.raises(CatalogError) as refused:
        load_book(changed(tmp_path, **members), [CATALOG])

    assert fault in str(refused.value)


def test_what_does_not_fit_the_catalog_is_named(tmp_path: Path):
    rules = [
        RULE | {"from": "NOWHERE"},
        RULE | {"item": "JYYC", "until": "SLRQ"},
        {"item": "BLACK_FR", "list_field": "DATA_CATEGORY", "code_set": "REDLIST_KIND", "ground": [],
         "basis": "DERIVED"},
        RULE | {"item": "NO_SUCH"},
        RULE | {"item": "QYNB_ZC"},
    ]  # fmt: skip
    found = hold_against(load_book(changed(tmp_path, items=rules, left_out=[]), [CATALOG]), CATALOG)

    assert "SXBZXR: no field NOWHERE" in found
    assert "BLACK_FR: DATA_CATEGORY is not of REDLIST_KIND" in found
    assert "NO_SUCH: unknown item" in found
    assert "QYNB_ZC: what only some may see cannot be published" in found
    assert "ZDSS_SX: neither a list nor left out" in found
