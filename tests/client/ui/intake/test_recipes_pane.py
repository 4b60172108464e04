"""方案…: what a person settled is used again, renamed, carried to other desks and thrown away."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog

from client.store import recipes
from client.ui.intake.page import COLUMNS
from client.ui.intake.recipes_pane import RecipesPane
from tests.client.ui.intake.hands import click, drop, typed, write


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return write(tmp_path / "某局台账2026年11月.xlsx", [typed(n) for n in range(1, 4)])


@pytest.fixture
def pane(page, source) -> RecipesPane:
    """A file was taken by hand once, and is looked at again."""
    drop(page, source)
    columns = page.page.columns
    next(box for box in columns.boxes if box.field() == "BZ").setCurrentIndex(0)
    click(page, page.page.check)
    click(page, page.page.bring)
    page.page.begin_anew()
    page.settle()
    drop(page, source)
    click(page, columns.open_recipes)
    return columns.recipes


def kept(page) -> list[str]:
    return [one.name for one in recipes.list_recipes(page.window.session.desk.db.reader())]


def test_the_page_says_by_which_recipe_the_columns_were_settled(page, pane):
    columns = page.page.columns
    settled = [line for line in columns.lines() if line.heading.found == "recipe" and line.field]

    assert columns.recipe.text() == f"按方案『某局台账』对应了 {len(settled)} 列。"
    assert {line.look().word for line in settled} == {"方案"}
    assert "按方案不导入" in {line.look().word for line in columns.lines()}
    assert columns.fields() is None


def test_a_recipe_is_renamed(page, pane):
    pane.name.setText("某局 月报")
    click(page, pane.rename_button)

    assert kept(page) == ["某局 月报"]
    assert "某局 月报" in page.page.banner.text()


def test_a_deleted_recipe_can_be_put_back(page, pane):
    click(page, pane.delete)
    assert kept(page) == []
    assert not pane.delete.isEnabled()

    click(page, page.page.banner.button())

    assert kept(page) == ["某局台账"]


def test_a_recipe_travels_as_a_file_and_is_used_at_once(page, pane, tmp_path, monkeypatch):
    out = tmp_path / "方案.json"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(out), ""))
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(out), ""))
    click(page, pane.export)
    assert json.loads(out.read_bytes())["name"] == "某局台账"
    click(page, pane.delete)

    click(page, pane.bring_in)
    assert kept(page) == ["某局台账"]
    click(page, page.page.banner.button())

    assert page.page.stack.currentIndex() == COLUMNS
    assert "某局台账" in page.page.columns.recipe.text()


def test_a_file_that_is_no_recipe_is_refused_in_words(page, pane, tmp_path, monkeypatch):
    wrong = tmp_path / "别的.json"
    wrong.write_text("{}", encoding="utf-8")
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(wrong), ""))

    click(page, pane.bring_in)

    assert page.page.banner._code.text() == "recipe_damaged"
    assert kept(page) == ["某局台账"]
