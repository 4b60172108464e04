"""`minxin-platform notice`, `catalog`, `calendar`: what goes out to everybody."""

from __future__ import annotations

import uuid
from datetime import datetime
from pathlib import Path
from typing import Any

import click
from sqlalchemy import Connection

from regional_platform import notices, published
from regional_platform.acts import CONSOLE
from regional_platform.case_clocks import recompute
from regional_platform.console import (
    NAME,
    REASON,
    TEXT,
    answer,
    database_option,
    every,
    json_option,
    read,
    table,
    write,
)
from regional_platform.problems import Refusal
from regional_platform.setfiles import verified
from regional_platform.settings import find_resources
from regional_platform.times import legal_day, utc_now

PAGE = 500
reason_option = click.option("--reason", required=True, type=REASON, help="原因，记入管理记录。")
day = click.DateTime(["%Y-%m-%d"])
file_argument = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))


@click.group("notice")
def notice_group() -> None:
    """通知。"""


@notice_group.command("post")
@database_option
@json_option
@click.option("--to", "code", required=True, help="机构代码；连同其下级。")
@click.option("--from", "from_on", type=day, help="从哪天起；默认今天。")
@click.option("--until", "until_on", type=day, required=True, help="到哪天止。")
@click.argument("title", type=NAME)
@click.argument("text", type=TEXT)
def notice_post(
    database: str,
    *,
    as_json: bool,
    code: str,
    from_on: datetime | None,
    until_on: datetime,
    title: str,
    text: str,
) -> None:
    """发一条通知。"""
    said: dict[str, Any] = {
        "notice_id": str(uuid.uuid4()), "code": code, "title": title, "text": text,
        "from_on": from_on.date() if from_on else legal_day(utc_now()), "until_on": until_on.date(),
    }  # fmt: skip
    told, rung = write(database, lambda c: notices.post(c, CONSOLE, utc_now(), **said))
    answer(told, f"已发给 {len(rung)} 个机构，编号 {told['notice_id']}。", as_json=as_json)


@notice_group.command("withdraw")
@database_option
@json_option
@reason_option
@click.argument("notice_id")
def notice_withdraw(database: str, *, as_json: bool, notice_id: str, reason: str) -> None:
    """撤回通知。"""
    told, _ = write(database, lambda c: notices.withdraw(c, CONSOLE, utc_now(), notice_id, reason))
    answer(told, f"通知“{told['title']}”已撤回。", as_json=as_json)


@notice_group.command("list")
@database_option
@json_option
@click.option("--current", is_flag=True, help="只看今天有效、没有撤回的。")
def notice_list(database: str, *, as_json: bool, current: bool) -> None:
    """列出通知。"""
    on = legal_day(utc_now()) if current else None
    rows = read(
        database,
        lambda c: every(
            lambda after: notices.list_notices(c, CONSOLE, on=on, after=after, limit=PAGE), "notices"
        ),
    )
    columns = {
        "notice_id": "编号", "unit": "发给", "from": "从", "until": "到", "withdrawn_at": "撤回时间",
        "title": "标题",
    }  # fmt: skip
    answer(rows, table(columns, rows), as_json=as_json)


@click.group("catalog")
def catalog_group() -> None:
    """目录集。"""


@catalog_group.command("publish")
@database_option
@json_option
@file_argument
def catalog_publish(database: str, *, as_json: bool, file: Path) -> None:
    """发布目录集（已签名的 .zip）。"""
    content = file.read_bytes()

    def act(connection: Connection) -> dict[str, Any]:
        trusted = published.trusted_keys(connection, find_resources())
        sound = verified(content, trusted.keys(), legal_day(utc_now()))
        return published.publish_catalog(connection, CONSOLE, utc_now(), sound, content)[0]

    told = write(database, act)
    answer(told, f"已发布 {told['name']} {told['title']}，{told['holds_from']} 起施行。", as_json=as_json)


@catalog_group.command("retire")
@database_option
@json_option
@reason_option
@click.option("--until", type=day, required=True, help="接收到哪天为止。")
@click.argument("name")
def catalog_retire(database: str, *, as_json: bool, name: str, until: datetime, reason: str) -> None:
    """停用目录集；已收的数据都保留。"""

    def act(connection: Connection) -> dict[str, Any]:
        known = {one["name"]: one["digest"] for one in _all(connection, "catalog")}
        if name not in known:
            raise Refusal("publication-unknown")
        return published.retire_catalog(connection, CONSOLE, utc_now(), known[name], until.date(), reason)[0]

    told = write(database, act)
    answer(told, f"{name} 接收到 {told['accept_until']} 为止。", as_json=as_json)


@catalog_group.command("trust")
@database_option
@click.argument("public_key")
@click.argument("name")
def catalog_trust(database: str, *, public_key: str, name: str) -> None:
    """今后接受这把公钥签的目录集。"""
    write(database, lambda c: published.trust(c, CONSOLE, utc_now(), public_key, name))
    click.echo(f"今后接受 {name} 签的目录集。")


def _all(connection: Connection, kind: str) -> list[dict[str, Any]]:
    return every(
        lambda after: published.list_published(connection, kind, after=after, limit=PAGE), kind + "s", 0
    )


COLUMNS = {
    "name": "名称", "title": "标题", "holds_from": "施行", "accept_until": "接收到", "digest": "摘要",
}  # fmt: skip


@catalog_group.command("list")
@database_option
@json_option
def catalog_list(database: str, *, as_json: bool) -> None:
    """列出发布过的目录集。"""
    rows = read(database, lambda c: _all(c, "catalog"))
    answer(rows, table(COLUMNS, rows), as_json=as_json)


@click.group("calendar")
def calendar_group() -> None:
    """工作日历。"""


@calendar_group.command("publish")
@database_option
@json_option
@file_argument
def calendar_publish(database: str, *, as_json: bool, file: Path) -> None:
    """发布一年的工作日历（.json）；由放假通知读出：minxin calendar read 通知.txt --out 文件夹。"""
    content = file.read_bytes()
    resources = find_resources()

    def act(connection: Connection) -> dict[str, Any]:
        made = published.publish_calendar(connection, CONSOLE, utc_now(), content, resources)[0]
        recompute(connection, resources, utc_now())
        return made

    told = write(database, act)
    answer(told, f"已发布 {told['name']} 年日历：{told['title']}。", as_json=as_json)


@calendar_group.command("list")
@database_option
@json_option
def calendar_list(database: str, *, as_json: bool) -> None:
    """列出发布过的工作日历。"""
    rows = read(database, lambda c: _all(c, "calendar"))
    answer(rows, table(COLUMNS, rows), as_json=as_json)


GROUPS = (notice_group, catalog_group, calendar_group)
