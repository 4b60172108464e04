"""Recipes by the command line: looked at, carried to another desk, and files taken by them."""

from __future__ import annotations

import json
import random
from datetime import date

import pytest
import xlsxwriter

from client.core.recipes import Recipe, RecipeColumn
from client.core.times import day_in_shanghai
from client.demo import samples
from client.demo.samples import Office, invented_subject, with_check
from client.intake.recipes import to_file
from client.wiring import load_catalogs, utc_now

WRITER = "林晓"
NAME = "案管系统"
OFFICE = Office("厦门市示范市场监督管理局", with_check("11350200M0DEM0000"))


@pytest.fixture
def at(minxin):
    """Call verbs at a desk as the reporter."""

    def bound(house):
        house.close()
        where = ("--profile", str(house.directory), "--operator", WRITER)
        return lambda *words: minxin(*words, *where, secrets={"--passphrase-fd": house.passphrase})

    return bound


@pytest.fixture
def here(at, house):
    return at(house)


@pytest.fixture
def there(at, a_desk):
    """A second desk."""
    return at(a_desk(name="二号机"))


@pytest.fixture
def recipe_file(tmp_path):
    """How a case system exports penalties: under headings that say nothing."""
    fields = load_catalogs().item("XZCF_FR").fields
    columns = tuple(RecipeColumn(f"字段{n:02}", n, field.id) for n, field in enumerate(fields))
    path = tmp_path / "案管系统.json"
    path.write_bytes(to_file(Recipe("", NAME, "XZCF_FR", "导出", columns), load_catalogs().current))
    return path


@pytest.fixture
def export(tmp_path):
    """Two penalties, as that system exports them."""
    item, today, path = load_catalogs().item("XZCF_FR"), day_in_shanghai(utc_now()), tmp_path / "导出.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("导出")
        sheet.write_row(0, 0, [f"字段{n:02}" for n in range(len(item.fields))])
        for row in (1, 2):
            chance = random.Random(row)
            made = samples.penalty(row, invented_subject(row, chance), OFFICE, today, chance)
            for column, field in enumerate(item.fields):
                cell = made.get(field.id)
                if cell is not None:
                    sheet.write(row, column, cell.isoformat() if isinstance(cell, date) else cell)
    return path


def test_a_recipe_is_taken_in_shown_carried_to_another_desk_and_deleted(here, there, recipe_file, tmp_path):
    assert here("recipe", "list", "--json").said == {"recipes": []}
    taken = here("recipe", "import", str(recipe_file), "--json")
    assert (taken.code, taken.said["name"], taken.said["item"]) == (0, NAME, "XZCF_FR")

    assert [one["name"] for one in here("recipe", "list", "--json").said["recipes"]] == [NAME]
    assert here("recipe", "list").out.startswith(f"{NAME}  XZCF_FR  ")
    shown = here("recipe", "show", NAME, "--json").said
    assert shown["columns"][0] == {"heading": "字段00", "column": 1, "field": "CF_XDR_MC", "unit": ""}
    assert "字段00 → 行政相对人名称" in here("recipe", "show", NAME).out

    out = tmp_path / "带走.json"
    assert here("recipe", "export", NAME, str(out)).code == 0
    assert json.loads(out.read_bytes()) == json.loads(recipe_file.read_bytes())
    assert there("recipe", "import", str(out), "--name", "别处的", "--json").said["name"] == "别处的"
    assert there("recipe", "show", "别处的", "--json").said["columns"] == shown["columns"]

    assert here("recipe", "delete", NAME, "--json").said == {"deleted": NAME}
    assert here("recipe", "list", "--json").said == {"recipes": []}


@pytest.mark.parametrize("by", ["name", "file", "headings"])
def test_a_file_comes_in_by_a_recipe_that_is_named_given_or_found(here, recipe_file, export, by):
    if by != "file":
        here("recipe", "import", str(recipe_file))
    said = {"name": ("--recipe", NAME), "file": ("--recipe", str(recipe_file)), "headings": ()}[by]

    done = here("import", str(export), *said)

    assert (done.code, done.err) == (0, "")
    assert f"按方案『{NAME}』" in done.out
    assert "读取 2 = 新增 2 " in done.out


def test_without_the_recipe_the_same_file_is_refused(here, export):
    done = here("import", str(export))

    assert done.code == 2
    assert "headings_unknown" in done.err


@pytest.mark.parametrize("verb", ["show", "export", "delete", "use"])
def test_a_recipe_that_nobody_knows_is_told(here, export, tmp_path, verb):
    out = tmp_path / "带走.json"
    words = {
        "show": ("recipe", "show", "没有的"), "export": ("recipe", "export", "没有的", str(out)),
        "delete": ("recipe", "delete", "没有的"), "use": ("import", str(export), "--recipe", "没有的"),
    }[verb]  # fmt: skip

    done = here(*words)

    assert done.code == 2
    assert "recipe_unknown" in done.err
    assert not out.exists()


def test_a_recipe_that_does_not_fit_the_file_brings_nothing_in(here, recipe_file, penalties):
    done = here("import", str(penalties), "--recipe", str(recipe_file), "--json")

    assert done.code == 2
    assert "recipe_unfit" in done.err
    assert here("records", "--json").said["count"] == 0


@pytest.fixture
def penalties(tmp_path):
    """Two columns of the item under their own names."""
    path = tmp_path / "别的.xlsx"
    titles = [field.title for field in load_catalogs().item("XZCF_FR").fields]
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("表")
        sheet.write_row(0, 0, titles)
        sheet.write_row(1, 0, ["甲公司"] * len(titles))
    return path


@pytest.mark.parametrize(
    "options",
    [
        ("--recipe", NAME), ("--on-difference", "skip"), ("--reason", "确是两件事"),
        ("--accept", "uscc_slip"), ("--refuse", "CF_WSH/brackets"),
    ],
    ids=lambda options: options[0],
)  # fmt: skip
def test_a_watch_refuses_what_it_would_not_heed(minxin, tmp_path, options):
    where = ("--profile", str(tmp_path / "无"), "--operator", WRITER)
    done = minxin("import", "--watch", str(tmp_path), *options, *where)

    assert done.code == 2
    assert f"{options[0]} 不能和 --watch 一起用" in done.err
