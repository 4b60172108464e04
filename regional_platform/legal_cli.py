"""`minxin-platform rules`: the rule sets of cases, and which of them each city follows."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click
from sqlalchemy import Connection

from regional_platform import legal
from regional_platform.acts import CONSOLE
from regional_platform.case_clocks import recompute
from regional_platform.console import (
    DIVISION,
    NAME,
    answer,
    database_option,
    every,
    json_option,
    read,
    table,
    write,
)
from regional_platform.published import list_published, register_rules
from regional_platform.publishing_cli import COLUMNS, PAGE, day, file_argument
from regional_platform.settings import find_resources
from regional_platform.times import utc_now

_CHOICES = {
    "city": "城市", "kind": "办件", "rule_set": "规则集", "since": "起用日期", "confirmed_by": "确认人",
    "confirmed_on": "确认日期",
}  # fmt: skip


@click.group("rules")
def rules_group() -> None:
    """办件期限的规则集。"""


@rules_group.command("publish")
@database_option
@json_option
@file_argument
def rules_publish(database: str, *, as_json: bool, file: Path) -> None:
    """发布一个规则集（.json）；编号相同的，代替以前的。"""
    content = file.read_bytes()
    told = write(database, lambda c: legal.publish(c, CONSOLE, utc_now(), content))
    answer(told, f"已发布规则集 {told['name']}：{told['title']}。城市要重新选定才会改用。", as_json=as_json)


@rules_group.command("list")
@database_option
@json_option
def rules_list(database: str, *, as_json: bool) -> None:
    """列出发布过的规则集。"""
    write(database, lambda c: register_rules(c, find_resources(), utc_now()))
    rows = read(
        database,
        lambda c: every(
            lambda after: list_published(c, legal.RULES, after=after, limit=PAGE), "rule_sets", 0
        ),
    )
    answer(rows, table(COLUMNS, rows), as_json=as_json)


@rules_group.command("choose")
@database_option
@json_option
@click.option("--since", required=True, type=day, help="从哪天收到的办件起用。")
@click.option("--confirmed-by", type=NAME, help="法制部门的确认人；没有就显示“未经确认”。")
@click.option("--confirmed-on", type=day, help="确认日期。")
@click.argument("city", type=DIVISION)
@click.argument("kind", type=click.Choice(["objection", "repair"]))
@click.argument("rule_set", metavar="SET")
def rules_choose(
    database: str, *, as_json: bool, since: datetime, confirmed_by: str | None, confirmed_on: datetime | None,
    city: str, kind: str, rule_set: str,
) -> None:  # fmt: skip
    """选定一个城市的异议（objection）或修复（repair）用哪个规则集。"""
    now = utc_now()

    def act(connection: Connection) -> dict[str, object]:
        register_rules(connection, find_resources(), now)
        told = legal.choose(
            connection, CONSOLE, now, city=city, kind="repair" if kind == "repair" else "objection",
            rule_set=rule_set, since=since.date(), confirmed_by=confirmed_by,
            confirmed_on=confirmed_on.date() if confirmed_on else None,
        )[0]  # fmt: skip
        recompute(connection, find_resources(), now)
        return told

    told = write(database, act)
    doubt = f"由 {confirmed_by} 确认" if confirmed_by else "未经本地法制部门确认"
    answer(told, f"{city} 从 {told['since']} 起用规则集 {rule_set}，{doubt}。", as_json=as_json)


@rules_group.command("choices")
@database_option
@json_option
def rules_choices(database: str, *, as_json: bool) -> None:
    """列出各城市选定过的规则集；后选的代替先选的。"""
    rows = read(
        database, lambda c: every(lambda after: legal.list_choices(c, after=after, limit=PAGE), "choices", 0)
    )
    answer(rows, table(_CHOICES, rows), as_json=as_json)


GROUPS = (rules_group,)
