"""`minxin-platform archive`: old months are put away into files, and taken back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final, TypeVar

import click

from regional_platform.console import (
    DIVISION,
    answer,
    database_option,
    json_option,
    open_database,
    stop,
    table,
)
from regional_platform.store import archive
from regional_platform.store.engine import Store

T = TypeVar("T")

SENTENCES: Final[Mapping[str, str]] = {
    "not_here": "库里没有这个城市这个月的分区。各月情况见 archive list。",
    "in_use": "这个月还不能归档：{heads} 条是记录的当前内容，{waiting} 条还在等待入库。可以移到慢速磁盘上。",
    "changed": "归档期间这个月又有了新数据，没有移出。请换一个文件夹再运行一次。",
    "file_there": "{file} 已存在，没有覆盖。请换一个文件夹。",
    "damaged": "{file} 与清单不符，没有移出或取回任何内容。",
    "no_slip": "{file} 不在或不能用。归档文件和清单要放在一起。",
    "here_already": "库里已有这个月的分区，不用取回。",
}
"""Code of an ArchiveError → what people here are told."""

MONTH = click.IntRange(190001, 299912)


@click.group("archive")
def archive_group() -> None:
    """归档：把用不着的旧月份移出数据库（PostgreSQL）。"""


def _do(database: str, act: Callable[[Store], T]) -> T:
    with closing(open_database(database)) as store:
        if not store.on_postgresql:
            stop("只有 PostgreSQL 按城市和月份分区。SQLite 是一个文件，整个备份即可。")
        try:
            return act(store)
        except archive.ArchiveError as refused:
            stop(SENTENCES[refused.code].format(**refused.said))


@archive_group.command("list")
@database_option
@json_option
def archive_list(database: str, *, as_json: bool) -> None:
    """列出各城市各月：多少版本，多少还在用，占多少空间，能不能归档。"""
    rows = _do(database, archive.holdings)
    columns = {
        "city": "城市", "month": "月份", "versions": "版本", "heads": "当前内容", "waiting": "等待入库",
        "bytes": "字节", "state": "状态",
    }  # fmt: skip
    answer(rows, table(columns, [{**row, "state": _state(row)} for row in rows]), as_json=as_json)


def _state(row: Mapping[str, Any]) -> str:
    if not row["here"]:
        return "已归档"
    return "在用" if row["heads"] or row["waiting"] else "可归档"


@archive_group.command("out")
@database_option
@json_option
@click.option("--keep", is_flag=True, help="只写文件，不移出数据库。")
@click.argument("city", type=DIVISION, metavar="城市")
@click.argument("month", type=MONTH, metavar="月份")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), metavar="文件夹")
def archive_out(database: str, *, as_json: bool, keep: bool, city: str, month: int, folder: Path) -> None:
    """把一个月（如 350200 201911）写成文件，核对后移出数据库。"""
    act = archive.copy_out if keep else archive.put_away
    slip = _do(database, lambda store: act(store, city, month, folder))
    done = "已写下" if keep else "已归档"
    answer(asdict(slip), f"{done} {slip.rows} 个版本，摘要 {slip.sha256}。", as_json=as_json)


@archive_group.command("in")
@database_option
@json_option
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="文件")
def archive_in(database: str, *, as_json: bool, file: Path) -> None:
    """取回归档的一个月；清单（.json）要在文件旁边。"""
    slip = _do(database, lambda store: archive.take_back(store, file))
    answer(asdict(slip), f"已取回 {slip.rows} 个版本。", as_json=as_json)


GROUPS = (archive_group,)
