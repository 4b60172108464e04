"""The verb recipe: how the files of a source are taken, kept at this desk and carried to others."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from client.cli.opening import opened
from client.cli.output import FINE, common, personal, show_json
from client.cli.recipe_options import recipe_file
from client.core.recipes import Recipe
from client.errors import FileRefused
from client.intake.recipes import to_file
from client.store import recipes
from forms.catalog.schema import CatalogSet


@click.group("recipe")
def recipe() -> None:
    """导入方案：列出、查看、导出、导入、删除。"""


@recipe.command("list")
@common
@personal
def list_all(profile: Path, as_json: bool, operator_name: str, passphrase_fd: int | None) -> int:
    """列出本机的导入方案。"""
    with opened(profile, operator_name, passphrase_fd, writable=False) as desk:
        known = recipes.list_recipes(desk.db.reader())
    if as_json:
        show_json({"recipes": [_head(one) for one in known]})
        return FINE
    for one in known:
        click.echo(f"{one.name}  {one.item}  {len(one.columns)} 列  {one.used_at[:10]}")
    return FINE


@recipe.command("show")
@click.argument("name")
@common
@personal
def show(name: str, profile: Path, as_json: bool, operator_name: str, passphrase_fd: int | None) -> int:
    """查看一个方案：每一列对应什么。"""
    with opened(profile, operator_name, passphrase_fd, writable=False) as desk:
        one = recipes.named(desk.db.reader(), name)
        catalog = desk.catalogs.current
    if as_json:
        show_json(_head(one) | {"columns": _columns(one), "refused": [list(pair) for pair in one.refused]})
        return FINE
    click.echo(f"{one.name}：{one.item}，工作表 {one.sheet}。")
    for column in one.columns:
        unit = f"（{column.unit}）" if column.unit else ""
        click.echo(f"{column.heading}{unit} → {_title(catalog, one.item, column.field)}")
    return FINE


def _head(one: Recipe) -> dict[str, Any]:
    return {
        "name": one.name, "item": one.item, "sheet": one.sheet, "header_row": one.header_row,
        "used_at": one.used_at or None,
    }  # fmt: skip


def _columns(one: Recipe) -> list[dict[str, Any]]:
    return [
        {"heading": c.heading, "column": c.column + 1, "field": c.field, "unit": c.unit} for c in one.columns
    ]


def _title(catalog: CatalogSet, code: str, field: str | None) -> str:
    if field is None:
        return "不导入"
    item = catalog.items.get(code)
    known = item.by_id.get(field) if item else None
    return known.title if known else field


@recipe.command("export")
@click.argument("name")
@click.argument("out", type=click.Path(dir_okay=False, path_type=Path))
@common
@personal
def export(
    name: str, out: Path, profile: Path, as_json: bool, operator_name: str, passphrase_fd: int | None
) -> int:
    """把一个方案写成文件，别的电脑可以用。"""
    with opened(profile, operator_name, passphrase_fd, writable=False) as desk:
        one = recipes.named(desk.db.reader(), name)
        raw = to_file(one, desk.catalogs.current)
    try:
        out.write_bytes(raw)
    except OSError as error:
        raise FileRefused("report_unwritable") from error
    show_json({"name": one.name, "file": str(out)}) if as_json else click.echo(f"已写出 {out}。")
    return FINE


@recipe.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--name", default=None, help="换一个名字")
@common
@personal
def bring_in(
    file: Path, name: str | None, profile: Path, as_json: bool, operator_name: str, passphrase_fd: int | None
) -> int:
    """收下一个方案文件。"""
    with opened(profile, operator_name, passphrase_fd) as desk:
        one = recipe_file(file, desk.catalogs.current)
        kept = recipes.save(desk, one if name is None else _renamed(one, name))
    show_json(_head(kept)) if as_json else click.echo(f"已收下方案『{kept.name}』。")
    return FINE


def _renamed(one: Recipe, name: str) -> Recipe:
    return Recipe("", name, one.item, one.sheet, one.columns, one.header_row, one.refused)


@recipe.command("delete")
@click.argument("name")
@common
@personal
def delete(name: str, profile: Path, as_json: bool, operator_name: str, passphrase_fd: int | None) -> int:
    """删除一个方案；按它导入的记录不受影响。"""
    with opened(profile, operator_name, passphrase_fd) as desk:
        one = recipes.named(desk.db.reader(), name)
        recipes.delete(desk, one.recipe_id)
    show_json({"deleted": one.name}) if as_json else click.echo(f"已删除方案『{one.name}』。")
    return FINE


COMMANDS = {"recipe": recipe}
