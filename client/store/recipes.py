"""Recipes (导入方案) of the desk: all its operators use them. What one does to a header is said elsewhere."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any, Final

from client.core.recipes import LONGEST_NAME, Recipe, RecipeColumn
from client.errors import NotAllowed
from client.store.connection import Connection, Row
from client.store.desk import Desk
from client.store.draft_rows import as_json

MOST: Final = 500
"""Recipes of a desk; the one that was not used for longest gives way when one more is remembered."""


def list_recipes(reader: Connection) -> list[Recipe]:
    """Return all recipes, by name."""
    rows = reader.execute("SELECT * FROM recipe ORDER BY name LIMIT ?", (MOST,))
    return [_recipe_of(row) for row in rows]


def get(reader: Connection, recipe_id: str) -> Recipe:
    """Return one recipe; raises NotAllowed ``recipe_unknown``."""
    row = reader.execute("SELECT * FROM recipe WHERE recipe_id = ?", (recipe_id,)).fetchone()
    if row is None:
        raise NotAllowed("recipe_unknown")
    return _recipe_of(row)


def named(reader: Connection, name: str) -> Recipe:
    """Return the recipe of a name; raises NotAllowed ``recipe_unknown``."""
    row = reader.execute("SELECT * FROM recipe WHERE name = ?", (_tidy(name),)).fetchone()
    if row is None:
        raise NotAllowed("recipe_unknown")
    return _recipe_of(row)


def remember(desk: Desk, recipe: Recipe, *, over: str = "") -> Recipe:
    """Keep how a file was taken, without asking: over the recipe of the same source, else as a new one.

    Args:
        desk: the open desk.
        recipe: its name is changed when another source has it.
        over: id of the recipe that the file was taken by.
    """
    known = list_recipes(desk.db.reader())
    same = next((one for one in known if one.recipe_id == over or one.source() == recipe.source()), None)
    if same is not None:
        return _write(desk, replace(recipe, recipe_id=same.recipe_id, name=same.name))
    while len(known) >= MOST:
        oldest = min(known, key=lambda one: one.used_at)
        delete(desk, oldest.recipe_id)
        known.remove(oldest)
    name, n = _tidy(recipe.name), 1
    taken = {one.name for one in known}
    while name in taken:
        n += 1
        name = f"{_tidy(recipe.name)[: LONGEST_NAME - 5]} ({n})"
    return _write(desk, replace(recipe, recipe_id="", name=name))


def save(desk: Desk, recipe: Recipe) -> Recipe:
    """Keep a recipe: a new one when it has no id, else over itself.

    Raises:
        NotAllowed: ``recipe_unnamed``; ``recipe_exists``: another one has the name; ``too_many_recipes``.
    """
    recipe = replace(recipe, name=_tidy(recipe.name))
    if not recipe.name:
        raise NotAllowed("recipe_unnamed")
    known = list_recipes(desk.db.reader())
    if any(one.name == recipe.name and one.recipe_id != recipe.recipe_id for one in known):
        raise NotAllowed("recipe_exists", name=recipe.name)
    if not recipe.recipe_id and len(known) >= MOST:
        raise NotAllowed("too_many_recipes", most=MOST)
    return _write(desk, recipe)


def rename(desk: Desk, recipe_id: str, name: str) -> Recipe:
    """Give a recipe another name; raises NotAllowed as `save`, or ``recipe_unknown``."""
    return save(desk, replace(get(desk.db.reader(), recipe_id), name=name))


def delete(desk: Desk, recipe_id: str) -> None:
    """Throw a recipe away; what came in by it stays."""
    with desk.db.transaction() as tx:
        tx.execute("DELETE FROM recipe WHERE recipe_id = ?", (recipe_id,))
        desk.tell(tx, "recipe_deleted", recipe_id)


def note_use(desk: Desk, recipe_id: str) -> None:
    """Remember that a file was taken by a recipe now."""
    with desk.db.transaction() as tx:
        tx.execute("UPDATE recipe SET used_at = ? WHERE recipe_id = ?", (desk.now(), recipe_id))


def _write(desk: Desk, recipe: Recipe) -> Recipe:
    now = desk.now()
    made = replace(recipe, recipe_id=recipe.recipe_id or desk.new_id(), saved_at=now, used_at=now)
    body = as_json(_body(made))
    with desk.db.transaction() as tx:
        tx.execute(
            "INSERT OR REPLACE INTO recipe (recipe_id, name, item, sheet, body, saved_at, used_at, operator)"
            " VALUES (?,?,?,?,?,?,?,?)",
            (made.recipe_id, made.name, made.item, made.sheet, body, now, now, desk.operator.operator_id),
        )
        desk.tell(tx, "recipe_saved", made.recipe_id, item=made.item, body=body)
    return made


def _tidy(name: str) -> str:
    return " ".join(name.split())[:LONGEST_NAME]


def _body(recipe: Recipe) -> dict[str, Any]:
    return {
        "columns": [[one.heading, one.column, one.field, one.unit, one.settled] for one in recipe.columns],
        "header_row": recipe.header_row,
        "refused": [list(one) for one in recipe.refused],
    }


def _recipe_of(row: Row) -> Recipe:
    body = json.loads(row["body"])
    return Recipe(
        row["recipe_id"], row["name"], row["item"], row["sheet"],
        tuple(RecipeColumn(*one) for one in body["columns"]), body["header_row"],
        tuple((field, reason) for field, reason in body["refused"]), row["saved_at"], row["used_at"],
    )  # fmt: skip
