"""The verb catalog: what the region's catalog says, item by item, and as JSON Schema for others to check."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from client.cli.output import FINE, common, show_json
from client.errors import ClientError
from client.wiring import load_catalogs
from forms.catalog.export import json_schema
from forms.catalog.schema import Field, Item


@click.group("catalog")
def catalog() -> None:
    """目录：列出、查看、导出。"""


@catalog.command("list")
@common
def list_items(profile: Path, as_json: bool) -> int:
    """列出全部事项。"""
    del profile
    catalogs = load_catalogs()
    items = [
        {
            "code": item.code,
            "name": item.name,
            "category": item.category,
            "fields": len(item.fields),
            "provenance": item.basis["item"].provenance,
        }
        for item in catalogs.items()
    ]
    if as_json:
        show_json({"set": catalogs.current.name, "items": items})
        return FINE
    for one in items:
        click.echo(f"{one['code']}\t{one['name']}\t{one['category']}\t{one['fields']} 项")
    return FINE


@catalog.command("show")
@click.argument("code")
@common
def show(code: str, profile: Path, as_json: bool) -> int:
    """查看一个事项的数据项和来源。"""
    del profile
    item = _item(code)
    fields = [_field(field) for field in item.fields]
    if as_json:
        show_json({"code": item.code, "name": item.name, "set": item.set_name, "fields": fields})
        return FINE
    click.echo(f"{item.code} {item.name}（目录集 {item.set_name}）")
    for one in fields:
        mark = "必填" if one["required"] else ""
        shape = f"{one['type']}\t{one['length'] or ''}"
        click.echo(f"{one['id']}\t{one['title']}\t{shape}\t{mark}\t{one['basis']}")
    return FINE


def _field(field: Field) -> dict[str, Any]:
    return {
        "id": field.id,
        "title": field.title,
        "type": field.type,
        "length": field.max_length,
        "required": field.required,
        "code_set": field.code_set.id if field.code_set else None,
        "help": field.help,
        "basis": {name: f"{basis.provenance}: {basis.source}" for name, basis in field.basis.items()},
    }


@catalog.command("export")
@click.argument("code")
@common
def export(code: str, profile: Path, as_json: bool) -> int:
    """把一个事项导出为 JSON Schema 2020-12，谁都可以用它核对我们的校验。"""
    del profile, as_json
    show_json(json_schema(_item(code)))
    return FINE


def _item(code: str) -> Item:
    catalogs = load_catalogs()
    if code.partition("@")[0] not in catalogs.current.items:
        raise ClientError("catalog_unknown", item=code)
    return catalogs.item(code)


COMMANDS = {"catalog": catalog}
