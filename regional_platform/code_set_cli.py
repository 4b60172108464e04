"""`minxin-platform code-set`: the code sets of the catalog, each by itself."""

from __future__ import annotations

import json
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from regional_platform import code_sets
from regional_platform.acts import CONSOLE
from regional_platform.api.admin_models import CodeSetFile
from regional_platform.api.bodies import shaped, strict_json
from regional_platform.console import (
    answer,
    catalogs_of,
    database_option,
    json_option,
    open_database,
    sentence,
    stop,
    table,
)
from regional_platform.problems import Refusal
from regional_platform.store.identity import identity_of
from regional_platform.times import legal_day, utc_now

catalog_option = click.option("--catalog", help="哪个目录集的；默认现行的。")


@click.group("code-set")
def code_set_group() -> None:
    """代码集。"""


@code_set_group.command("list")
@database_option
@json_option
@catalog_option
def code_set_list(database: str, *, as_json: bool, catalog: str | None) -> None:
    """列出目录集的代码集。"""
    today = legal_day(utc_now())
    with closing(open_database(database)) as store, catalogs_of(store) as catalogs:
        try:
            told = code_sets.listed(code_sets.chosen(catalogs, catalog, today), today)
        except Refusal as refused:
            stop(sentence(refused))
    columns = {"id": "编号", "name": "名称", "codes": "代码", "ended": "已停用", "digest": "摘要"}
    answer(told, table(columns, told["code_sets"]), as_json=as_json)


@code_set_group.command("show")
@database_option
@json_option
@catalog_option
@click.argument("code_set_id", metavar="编号")
def code_set_show(database: str, *, as_json: bool, catalog: str | None, code_set_id: str) -> None:
    """列出一个代码集的代码；--json 输出整个文件，改好可再发布。"""
    with closing(open_database(database)) as store, catalogs_of(store) as catalogs:
        try:
            known = code_sets.chosen(catalogs, catalog, legal_day(utc_now()))
            digest = code_sets.digests(known).get(code_set_id, "")
            said = json.loads(code_sets.file_of(catalogs, digest))
        except Refusal as refused:
            stop(sentence(refused))
    columns = {"code": "代码", "name": "名称", "since": "启用", "until": "停用", "note": "说明"}
    rows = [{**dict.fromkeys(columns), **one} for one in said["codes"]]
    answer(said, f"{said['id']} {said['name']}\n{table(columns, rows)}", as_json=as_json)


@code_set_group.command("publish")
@database_option
@json_option
@catalog_option
@click.option("--from", "holds_from", type=click.DateTime(["%Y-%m-%d"]), help="从哪天起施行；默认今天。")
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
def code_set_publish(
    database: str, *, as_json: bool, catalog: str | None, holds_from: datetime | None, files: tuple[Path, ...]
) -> None:
    """发布代码集的新版本（.json，可以几个一起）：成为目录集的一次修订，由平台签名，通知各机构。"""
    now = utc_now()
    day = holds_from.date() if holds_from else legal_day(now)
    with closing(open_database(database)) as store, catalogs_of(store) as catalogs:
        try:
            wanted = code_sets.wanted([_read(one) for one in files], day, catalog)
            key = store.write(lambda connection: identity_of(connection, now).key)
            told, _ = code_sets.publish(store, CONSOLE, now, catalogs, key, wanted)
        except Refusal as refused:
            stop(sentence(refused))
    answer(told, _in_words(told), as_json=as_json)


def _read(file: Path) -> dict[str, Any]:
    return shaped(CodeSetFile, strict_json(file.read_bytes())).said()


def _in_words(told: dict[str, Any]) -> str:
    made = told["catalog"]
    if not told["code_sets"]:
        return f"没有变化，{made['name']} 就是这样。"
    return (
        f"已发布 {made['name']} {made['title']}，{made['holds_from']} 起施行，"
        f"涉及 {len(told['items'])} 个事项。{told['follows']} 照收，要停收用 catalog retire。"
    )


GROUPS = (code_set_group,)
