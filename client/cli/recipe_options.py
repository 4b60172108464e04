"""The option by which verbs take a file as a recipe says, and the line that says so."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from client.core.recipes import Recipe
from client.errors import FileRefused
from client.intake import recipes as files
from client.intake.headings import Header
from forms.catalog.schema import CatalogSet

if TYPE_CHECKING:  # checking with a recipe file opens no desk
    from client.store.desk import Desk


def recipe_said(said: str, catalog: CatalogSet, desk: Desk | None = None) -> Recipe:
    """Return the recipe that a person named: a file, or one that the desk keeps.

    Raises:
        FileRefused: the file cannot be read, or is none.
        NotAllowed: ``recipe_unknown``.
    """
    path = Path(said)
    if path.is_file():
        return recipe_file(path, catalog)
    if desk is None:
        raise FileRefused("file_missing", file_name=path.name)
    from client.store import recipes  # noqa: PLC0415 - checking with a recipe file loads no store

    return recipes.named(desk.db.reader(), said)


def recipe_file(path: Path, catalog: CatalogSet) -> Recipe:
    """Read a recipe file; raises FileRefused."""
    try:
        raw = path.read_bytes()
    except FileNotFoundError as error:
        raise FileRefused("file_missing", file_name=path.name) from error
    except OSError as error:
        raise FileRefused("file_unreadable") from error
    return files.from_file(raw, catalog)


def say_recipe(header: Header) -> None:
    """Say by which recipe columns were settled, if by one."""
    if header.recipe:
        known = sum(1 for one in header.headings if one.found == "recipe" and one.field)
        click.echo(f"按方案『{header.recipe}』对应了 {known} 列。")
        if header.lacking:
            click.echo(f"方案里有、文件里没有的列：{'、'.join(header.lacking)}。")
