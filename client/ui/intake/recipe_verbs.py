"""What the page asks of recipes (方案), kept ones and files. Functions of values; none touches a widget."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from client.core.recipes import Recipe
from client.errors import FileRefused
from client.intake.recipes import LARGEST_FILE, from_file, to_file
from client.store import recipes
from client.store.desk import Desk

_NOT_IN_NAMES: Final = re.compile(r'[\\/:*?"<>|\x00-\x1f]')
"""Characters that no name of a file has on Windows."""


def known(desk: Desk) -> list[Recipe]:
    """Return the recipes of the desk, by name."""
    return recipes.list_recipes(desk.db.reader())


def rename(desk: Desk, recipe_id: str, name: str) -> Recipe:
    """Give a recipe another name; raises NotAllowed."""
    return recipes.rename(desk, recipe_id, name)


def delete(desk: Desk, recipe: Recipe) -> Recipe:
    """Throw a recipe away; return it, so that it can be put back."""
    recipes.delete(desk, recipe.recipe_id)
    return recipe


def put_back(desk: Desk, recipe: Recipe) -> Recipe:
    """Keep a recipe that was thrown away."""
    return recipes.save(desk, recipe)


def as_file_name(name: str) -> str:
    """Return what a file of a recipe can be called."""
    return _NOT_IN_NAMES.sub("_", name).strip(" .") or "_"


def write_file(desk: Desk, recipe: Recipe, out: Path) -> Path:
    """Write a recipe for another desk; raises FileRefused."""
    try:
        out.write_bytes(to_file(recipe, desk.catalogs.current))
    except OSError as error:
        raise FileRefused("file_unwritable", file_name=out.name) from error
    return out


def read_file(desk: Desk, path: Path) -> Recipe:
    """Keep the recipe of a file; raises FileRefused, NotAllowed."""
    try:
        with path.open("rb") as file:
            raw = file.read(LARGEST_FILE + 1)
    except FileNotFoundError as error:
        raise FileRefused("file_missing", file_name=path.name) from error
    except OSError as error:
        raise FileRefused("file_unreadable") from error
    return recipes.save(desk, from_file(raw, desk.catalogs.current))
