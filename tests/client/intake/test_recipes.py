"""Recipes: settled once, used for next month's file, carried to another desk."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from client.core.imports import UNSETTLED
from client.core.recipes import Recipe, RecipeColumn
from client.errors import FileRefused, NotAllowed
from client.intake.candidates import candidates_of
from client.intake.importing import import_file
from client.intake.preview import preview
from client.intake.recipes import from_file, name_of, to_file
from client.store import recipes
from client.store.desk import Desk
from forms.catalog.schema import CatalogSet, Item

Write = Callable[..., Path]
NO_FIELD = {"heading": "甲", "column": 1, "unit": ""}


def a_recipe(**changes: Any) -> Recipe:
    columns = [("甲方", "CF_XDR_MC"), ("文书编号是", "CF_WSH"), ("钱", "CF_NR_FK"), ("内部号", None)]
    said = {
        "recipe_id": "", "name": "案管系统", "item": "XZCF_FR", "sheet": "导出",
        "columns": tuple(
            RecipeColumn(heading, column, field, "元" if heading == "钱" else "")
            for column, (heading, field) in enumerate(columns)
        ),
    }  # fmt: skip
    return Recipe(**{**said, **changes})


def test_a_recipe_settles_headings_that_name_nothing(catalog: CatalogSet):
    whole = candidates_of(catalog, None, [a_recipe()])

    header = whole.find([(1, ["某某局导出"]), (2, ["甲方", "文书编号是", "钱", "内部号", "处罚类别"])])

    assert header is not None
    assert (header.item, header.row, header.recipe, header.lacking) == ("XZCF_FR", 2, "案管系统", ())
    assert [(one.field, one.unit, one.found) for one in header.headings] == [
        ("CF_XDR_MC", "", "recipe"), ("CF_WSH", "", "recipe"), ("CF_NR_FK", "元", "recipe"),
        (None, "", "recipe"), ("CF_CFLB", "", "exact"),
    ]  # fmt: skip


def test_a_file_of_another_source_is_not_taken_by_a_recipe(catalog: CatalogSet):
    header = candidates_of(catalog, None, [a_recipe()]).find([(1, ["甲方", "钱", "地址", "电话"])])

    assert header is None


def test_what_a_person_settled_is_remembered_and_used_next_month(desk: Desk, penalties: Write, typed: Any):
    def file(n: int, name: str) -> Path:
        return penalties(typed(n), name=name)

    first = file(1, "处罚2026年10月.xlsx")
    plain = import_file(desk, first).header
    assert recipes.list_recipes(desk.db.reader()) == []
    column = next(one.column for one in plain.headings if one.field == "BZ")

    import_file(desk, file(2, "处罚2026年10月.xlsx"), fields={column: None})
    done = import_file(desk, file(3, "处罚2026年11月.xlsx"))

    (kept,) = recipes.list_recipes(desk.db.reader())
    assert (kept.name, kept.item) == ("处罚", "XZCF_FR")
    assert done.header.recipe == "处罚"
    assert next(one.field for one in done.header.headings if one.column == column) is None


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        pytest.param({"BZ": None, "CF_CFJG": UNSETTLED}, [], id="a column left out, and a guess left open"),
        pytest.param({"BZ": None, "CF_CFJG": "CF_CFJG"}, ["CF_CFJG"], id="the guess confirmed"),
        pytest.param({"BZ": None}, [], id="nobody asked about the guess"),
    ],
)
def test_a_heading_that_nobody_settled_is_asked_again_next_month(
    desk: Desk,
    penalties: Write,
    typed: Any,
    penalty: Item,
    catalog: CatalogSet,
    said: dict[str, str | None],
    kept: list[str],
):
    heading = {"CF_CFJG": "chufajiguan", "CF_SJLY": "谁知道"}
    place = {field.id: column for column, field in enumerate(penalty.fields)}
    fields = {place[name]: field for name, field in said.items()}

    import_file(desk, penalties(typed(1), heading=heading, name="一.xlsx"), fields=fields)

    (recipe,) = recipes.list_recipes(desk.db.reader())
    columns = {one.column: one for one in from_file(to_file(recipe, catalog), catalog).columns}
    assert columns == {one.column: one for one in recipe.columns}
    assert [name for name in ("CF_CFJG", "CF_SJLY") if columns[place[name]].settled] == kept
    seen = preview(penalties(typed(2), heading=heading, name="二.xlsx"), catalog, recipes=[recipe])
    header = seen.sheets[0].header
    assert header is not None
    again = {one.column: one for one in header.headings}
    assert again[place["BZ"]].found == "recipe"
    open_ = again[place["CF_CFJG"]]
    assert (open_.field, open_.guess) == (("CF_CFJG", None) if kept else (None, "CF_CFJG"))
    assert not again[place["CF_SJLY"]].found


def test_a_guess_left_open_alone_makes_no_recipe(desk: Desk, penalties: Write, typed: Any, penalty: Item):
    column = next(n for n, field in enumerate(penalty.fields) if field.id == "CF_CFJG")
    path = penalties(typed(1, CF_CFJG=None), heading={"CF_CFJG": "chufajiguan"})

    import_file(desk, path, fields={column: UNSETTLED})

    assert recipes.list_recipes(desk.db.reader()) == []


def test_recipes_are_kept_renamed_and_deleted(desk: Desk):
    kept = recipes.save(desk, a_recipe())
    recipes.rename(desk, kept.recipe_id, "  月报 ")
    with pytest.raises(NotAllowed, match="recipe_exists"):
        recipes.save(desk, a_recipe(name="月报"))

    assert recipes.named(desk.db.reader(), "月报").columns == kept.columns
    recipes.delete(desk, kept.recipe_id)
    with pytest.raises(NotAllowed, match="recipe_unknown"):
        recipes.named(desk.db.reader(), "月报")


def test_a_recipe_goes_through_a_file_unchanged(catalog: CatalogSet):
    open_ = RecipeColumn("没人认得", 4, None, settled=False)
    one = a_recipe(header_row=3, refused=(("CF_WSH", "blanks"),), columns=(*a_recipe().columns, open_))

    assert from_file(to_file(one, catalog), catalog) == one


@pytest.mark.parametrize(
    ("change", "path"),
    [
        pytest.param({"format": "x/1"}, "format", id="another format"),
        pytest.param({"more": 1}, "more", id="an unknown key"),
        pytest.param({"header_row": True}, "header_row", id="a row that is none"),
        pytest.param({"columns": [NO_FIELD | {"field": "NOPE"}]}, "columns/0/field", id="no such field"),
        pytest.param({"columns": [NO_FIELD]}, "columns/0/field", id="a missing key"),
        pytest.param(
            {"columns": [NO_FIELD | {"field": None, "settled": 1}]}, "columns/0/settled", id="no yes, no no"
        ),
        pytest.param({"columns": []}, "columns", id="no column"),
    ],
)  # fmt: skip
def test_a_wrong_recipe_file_is_refused_with_its_place(catalog: CatalogSet, change: Any, path: str):
    content = json.loads(to_file(a_recipe(), catalog)) | change

    with pytest.raises(FileRefused) as refused:
        from_file(json.dumps(content).encode(), catalog)

    assert (refused.value.code, refused.value.params["path"]) == ("recipe_damaged", path)


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("处罚台账2026年10月.xlsx", "处罚台账"), ("20261124_案管导出.csv", "案管导出"),
        ("2026-10-31.xls", "事项"), ("许可(2).xlsx", "许可"), ("10月处罚.xlsx", "处罚"),
    ],
)  # fmt: skip
def test_a_recipe_is_called_like_the_file_without_its_days(file: str, name: str):
    assert name_of(file, "事项") == name
