"""The verb catalog: what the region's catalog says, how two differ, and how a department's becomes one."""

from __future__ import annotations

import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click

from client.cli import signing
from client.cli.output import FINE, PROBLEMS, common, show_json
from client.cli.sets import SETS, signed
from client.core.times import day_in_shanghai
from client.errors import ClientError, FileRefused
from client.intake.catalog_sheet import SheetFault, build_set
from client.store import catalog_sets
from client.wiring import catalog_home, load_catalogs, utc_now
from forms.catalog.buildwords import fault_sentence
from forms.catalog.changes import Change, compare_sets
from forms.catalog.changesentences import change_sentence
from forms.catalog.export import json_schema
from forms.catalog.loader import CatalogError, load_set
from forms.catalog.schema import Basis, CatalogSet, Field, Item

PROVENANCES = {"sourced": "有来源", "recalled": "凭记忆，待核", "derived": "自拟"}


@click.group("catalog")
def catalog() -> None:
    """目录：列出、查看、比较、编制、导出。"""


@catalog.command("list")
@click.option("--class", "national", default=None, help="只列国家目录的一类，如 03")
@click.option("--class7", "seven", default=None, help="只列七类数据中的一类，如 6")
@click.option("--classes", is_flag=True, help="按国家目录的类别分组")
@common
def list_items(national: str | None, seven: str | None, classes: bool, profile: Path, as_json: bool) -> int:
    """列出事项，可按类别。"""
    current = load_catalogs(profile).current
    entries = [
        entry
        for entry in current.entries.values()
        if national in {None, entry.category.partition(" ")[0]}
        and seven in {None, entry.class7.partition(" ")[0]}
    ]
    items = [
        {
            "code": entry.code,
            "name": entry.name,
            "category": entry.category,
            "class7": entry.class7,
            "fields": entry.fields,
            "provenance": entry.provenance,
        }
        for entry in sorted(entries, key=lambda entry: (entry.category if classes else "", entry.code))
    ]
    if as_json:
        show_json(
            {"set": current.name, "signed": signed(current), "classes": _classes(current), "items": items}
        )
        return FINE
    heading = ""
    for one in items:
        if classes and one["category"] != heading:
            heading = str(one["category"])
            click.echo(f"—— {heading} ——")
        mark = "" if one["provenance"] == "sourced" else f"\t{PROVENANCES[str(one['provenance'])]}"
        click.echo(f"{one['code']}\t{one['name']}\t{one['category']}\t{one['fields']} 项{mark}")
    click.echo(f"共 {len(items)} 项，{sum(int(str(one['fields'])) for one in items):,} 个数据项。")
    return FINE


def _classes(current: CatalogSet) -> dict[str, list[dict[str, Any]]]:
    return {
        scheme: [
            {"code": code.code, "name": code.name, "items": len(current.of_class(scheme, code.code))}
            for code in current.class_codes(scheme)
        ]
        for scheme in current.classes
    }


@catalog.command("show")
@click.argument("code")
@common
def show(code: str, profile: Path, as_json: bool) -> int:
    """查看一个事项：它的属性、数据项、规则和每一处的来源。"""
    item = _item(code, profile)
    if as_json:
        show_json(_item_json(item))
        return FINE
    click.echo(f"{item.code} {item.name}（目录集 {item.set_name}）")
    click.echo(f"类别：{item.category}；{item.class7}　主体：{'、'.join(item.subject_kinds)}")
    click.echo(
        f"提供：{'、'.join(item.unit_kinds)}　周期：{item.cycle}　"
        f"共享：{item.sharing}　保存：{item.retention}"
    )
    key = "、".join(item.by_id[one].title for one in item.natural_key) or "无"
    click.echo(f"查重：{key}　来源：{PROVENANCES[item.basis['item'].provenance]} {item.basis['item'].source}")
    for field in item.fields:
        mark = (
            "必填" if field.required else f"至少一项({field.required_group})" if field.required_group else ""
        )
        length = field.max_length or ""
        sources = "；".join(f"{name} {_basis(basis)}" for name, basis in field.basis.items())
        click.echo(f"{field.id}\t{field.title}\t{field.type}\t{length}\t{mark}\t{sources}")
    for note_id, text, _ in item.notes:
        click.echo(f"{note_id}：{text}")
    return FINE


def _basis(basis: Basis) -> str:
    return f"{basis.provenance}: {basis.source}"


def _item_json(item: Item) -> dict[str, Any]:
    return {
        "code": item.code,
        "name": item.name,
        "set": item.set_name,
        "category": item.category,
        "class7": item.class7,
        "subject_kinds": list(item.subject_kinds),
        "unit_kinds": list(item.unit_kinds),
        "cycle": item.cycle,
        "act_on": item.act_on,
        "natural_key": list(item.natural_key),
        "sharing": item.sharing,
        "retention": item.retention,
        "digest": item.digest,
        "basis": {name: _basis(basis) for name, basis in item.basis.items()},
        "notes": [{"id": note_id, "text": text, "basis": basis} for note_id, text, basis in item.notes],
        "fields": [_field(field) for field in item.fields],
    }


def _field(field: Field) -> dict[str, Any]:
    return {
        "id": field.id,
        "title": field.title,
        "type": field.type,
        "length": field.max_length,
        "scale": field.scale,
        "unit": field.unit,
        "required": field.required,
        "required_group": field.required_group,
        "code_set": field.code_set.id if field.code_set else None,
        "rules": [rule.kind for rule in field.rules],
        "sensitivity": field.sensitivity,
        "section": field.section,
        "help": field.help,
        "basis": {name: _basis(basis) for name, basis in field.basis.items()},
    }


@catalog.command("export")
@click.argument("code", required=False)
@click.option(
    "--all", "folder", type=click.Path(file_okay=False, path_type=Path), help="全部事项各写一个文件"
)
@common
def export(code: str | None, folder: Path | None, profile: Path, as_json: bool) -> int:
    """把事项导出为 JSON Schema 2020-12，谁都可以用它核对我们的校验。"""
    del as_json
    if (code is None) == (folder is None):
        raise click.UsageError("写一个事项代码，或者用 --all 指定文件夹。")
    if code is not None:
        show_json(json_schema(_item(code, profile)))
        return FINE
    assert folder is not None
    items = load_catalogs(profile).items()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for item in items:
            text = json.dumps(json_schema(item), ensure_ascii=False, indent=1)
            (folder / f"{item.code}.schema.json").write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise FileRefused("folder_unwritable", name=folder.name) from error
    click.echo(f"已写 {len(items)} 个文件到 {folder}。", err=True)
    return FINE


@catalog.command("diff")
@click.argument("old")
@click.argument("new")
@common
def diff(old: str, new: str, profile: Path, as_json: bool) -> int:
    """比较两个目录集，用话说明每处变化对草稿的影响。写目录集名称或文件夹。"""
    before, after = _set(old, profile), _set(new, profile)
    said = [(change, _say(change, before, after)) for change in compare_sets(before, after)]
    if as_json:
        changes = [
            {"kind": c.kind, "item": c.item, "field": c.field, "params": dict(c.params), "message": text}
            for c, text in said
        ]
        show_json({"from": before.name, "to": after.name, "changes": changes})
        return FINE
    for _, text in said:
        click.echo(text)
    click.echo(f"共 {len(said)} 处变化。" if said else "两个目录集没有差别。")
    return FINE


def _say(change: Change, before: CatalogSet, after: CatalogSet) -> str:
    gone = change.kind in {"item_removed", "field_removed", "field_split"}
    source = before if gone else after
    return change_sentence(change, source.items.get(change.item))


def _set(name: str, profile: Path) -> CatalogSet:
    """Return a set by name, or open the one in a folder, signed or not."""
    known = next((one for one in load_catalogs(profile).sets if one.name == name), None)
    if known is not None:
        return known
    directory = Path(name)
    try:
        return load_set(directory, signed=False)
    except CatalogError as error:
        detail = str(error.faults[0])
        raise ClientError("catalog_unsound", name=directory.name, detail=detail) from error


@catalog.command("build")
@click.argument("file", type=click.Path(path_type=Path))
@click.argument("out", type=click.Path(path_type=Path))
@click.option("--name", default=None, help="目录集名称；不写就用文件夹名")
@click.option("--title", default=None, help="目录集标题；不写就用文件名")
@click.option("--from", "effective", type=click.DateTime(["%Y-%m-%d"]), default=None, help="自哪天起施行")
@common
def build(
    file: Path,
    out: Path,
    name: str | None,
    title: str | None,
    effective: datetime | None,
    profile: Path,
    as_json: bool,
) -> int:
    """把部门编制的目录表格变成目录集；有问题就一次全部指出，不写任何文件。"""
    current = load_catalogs(profile).current
    made = build_set(
        file, out, known=current, home=_directory(current.name, profile), name=name or out.name,
        title=title or file.stem, effective_on=effective.date() if effective else _next_year(),
    )  # fmt: skip
    if as_json:
        problems = [
            {
                "sheet": one.sheet, "row": one.fault.row, "column": one.fault.column, "code": one.fault.code,
                "message": fault_sentence(one.fault.code, one.fault.params),
            }
            for one in made.faults
        ]  # fmt: skip
        built = None if problems else str(made.directory)
        show_json({"out": built, "items": made.items, "fields": made.fields, "problems": problems})
    elif made.faults:
        for one in made.faults:
            click.echo(_fault(one))
        click.echo(f"共 {len(made.faults)} 处问题，没有写文件。", err=True)
    else:
        click.echo(f"目录集 {out}：{made.items} 个事项，{made.fields} 个数据项。还没有签名。")
    return PROBLEMS if made.faults else FINE


@catalog.command("sign")
@click.argument("directory", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--key",
    "key_file",
    type=click.Path(dir_okay=False, path_type=Path),
    required=True,
    help="私钥文件；没有就新建",
)
@click.option("--by", "signed_by", required=True, help="谁签发")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), required=True, help="可用来新填到哪一天")
@click.option("--trust", is_flag=True, help="把公钥记入旁边的 keys.json")
@common
def sign(
    directory: Path,
    key_file: Path,
    signed_by: str,
    until: datetime,
    trust: bool,
    profile: Path,
    as_json: bool,
) -> int:
    """重新登记一个目录集的文件并签名；先逐个文件核对，不合格不签。"""
    del profile
    try:
        signature = signing.sign_again(
            directory, signing.own_key(key_file), signed_by=signed_by,
            signed_on=day_in_shanghai(utc_now()), until=until.date(), trust=trust,
        )  # fmt: skip
    except CatalogError as error:
        if as_json:
            show_json({"key": None, "faults": [str(fault) for fault in error.faults]})
        for fault in () if as_json else error.faults:
            click.echo(str(fault))
        return PROBLEMS
    except OSError as error:
        raise FileRefused("folder_unwritable", name=directory.name) from error
    if as_json:
        show_json({"key": signature["key"], "faults": []})
    else:
        click.echo(f"已签名：{signed_by}，至 {signature['until']}。公钥 {signature['key']}")
    return FINE


def _directory(name: str, profile: Path) -> Path:
    """Return where a set lies: among those that ship with the program, else among the installed ones."""
    shipped = catalog_home() / name
    return shipped if shipped.is_dir() else profile / catalog_sets.FOLDER / name


def _next_year() -> date:
    return date(day_in_shanghai(utc_now()).year + 1, 1, 1)


def _fault(one: SheetFault) -> str:
    sheet = f"{one.sheet} " if one.sheet else ""
    place = f"{sheet}{one.fault.column}{one.fault.row}"
    return f"{place}：{fault_sentence(one.fault.code, one.fault.params)}"


def _item(code: str, profile: Path) -> Item:
    catalogs = load_catalogs(profile)
    if code.partition("@")[0] not in catalogs.current.items:
        raise ClientError("catalog_unknown", item=code)
    return catalogs.item(code)


for _verb in SETS:
    catalog.add_command(_verb)

COMMANDS = {"catalog": catalog}
