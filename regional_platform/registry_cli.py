"""`minxin-platform liaison`, `zero-report`, `history`: whom to call, what was declared, who changed what."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from contextlib import closing
from functools import partial
from typing import Any

import click
from sqlalchemy import Connection

from regional_platform import acts, periods, units
from regional_platform.acts import CONSOLE
from regional_platform.api.admin_models import LiaisonsBody
from regional_platform.api.bodies import shaped
from regional_platform.console import (
    NAME,
    PHONE,
    REASON,
    answer,
    catalogs_of,
    database_option,
    every,
    json_option,
    open_database,
    read,
    sentence,
    stop,
    table,
    write,
)
from regional_platform.problems import Refusal
from regional_platform.times import utc_now

PAGE = 500
deputy_option = click.option("--deputy", is_flag=True, help="是副手。")
place_argument = click.argument("place", type=click.IntRange(1, 20), metavar="序号")
unit_argument = click.argument("code", metavar="机构")


@click.group("liaison")
def liaison_group() -> None:
    """联络员：一个机构找谁，按先后顺序，最多 20 人。"""


def _change(
    database: str, code: str, act: Callable[[list[dict[str, Any]]], object], *, as_json: bool
) -> None:
    """Put the liaisons of a unit as `act` leaves them, by the rules of the API, and show them."""

    def changed(connection: Connection) -> list[dict[str, Any]]:
        wanted = units.liaisons_of(connection, code)
        act(wanted)
        said = shaped(LiaisonsBody, {"liaisons": wanted}).model_dump()["liaisons"]
        return units.set_liaisons(connection, CONSOLE, utc_now(), code, said)

    _show(write(database, changed), as_json=as_json)


def _show(liaisons: list[dict[str, Any]], *, as_json: bool) -> None:
    rows = [
        {**one, "place": n, "kind": "副手" if one["deputy"] else ""}
        for n, one in enumerate(liaisons, start=1)
    ]
    columns = {"place": "序号", "name": "姓名", "phone": "电话", "kind": "副手"}
    answer(liaisons, table(columns, rows), as_json=as_json)


def _there(liaisons: list[dict[str, Any]], place: int) -> int:
    if place > len(liaisons):
        stop(f"没有第 {place} 位联络员，现有 {len(liaisons)} 位。")
    return place - 1


@liaison_group.command("list")
@database_option
@json_option
@unit_argument
def liaison_list(database: str, *, as_json: bool, code: str) -> None:
    """列出机构的联络员。"""
    _show(read(database, lambda connection: units.liaisons_of(connection, code)), as_json=as_json)


@liaison_group.command("add")
@database_option
@json_option
@deputy_option
@unit_argument
@click.argument("name", type=NAME, metavar="姓名")
@click.argument("phone", type=PHONE, metavar="电话")
def liaison_add(database: str, *, as_json: bool, code: str, **one: Any) -> None:
    """新增一位联络员，排在最后。"""
    _change(database, code, lambda liaisons: liaisons.append(one), as_json=as_json)


@liaison_group.command("replace")
@database_option
@json_option
@deputy_option
@unit_argument
@place_argument
@click.argument("name", type=NAME, metavar="姓名")
@click.argument("phone", type=PHONE, metavar="电话")
def liaison_replace(database: str, *, as_json: bool, code: str, place: int, **one: Any) -> None:
    """换一位联络员；序号见 liaison list。"""

    def act(liaisons: list[dict[str, Any]]) -> None:
        liaisons[_there(liaisons, place)] = one

    _change(database, code, act, as_json=as_json)


@liaison_group.command("end")
@database_option
@json_option
@unit_argument
@place_argument
def liaison_end(database: str, *, as_json: bool, code: str, place: int) -> None:
    """不再由这位联络；序号见 liaison list。"""
    _change(database, code, lambda liaisons: liaisons.pop(_there(liaisons, place)), as_json=as_json)


@click.group("zero-report")
def zero_group() -> None:
    """无数据上报：某事项在某周期没有发生。"""


@zero_group.command("list")
@database_option
@json_option
@click.option("--period", help="只看这个周期，如 2026-11。")
@unit_argument
def zero_list(database: str, *, as_json: bool, code: str, period: str | None) -> None:
    """列出机构的无数据上报。"""

    def look(connection: Connection) -> list[dict[str, Any]]:
        if period is not None:
            periods.period_named(period)
        page = partial(periods.list_zero_reports, connection, CONSOLE, code=code, period=period, limit=PAGE)
        return every(lambda after: page(after=after), "zero_reports")

    rows = read(database, look)
    columns = {
        "report_id": "编号", "item": "事项", "period": "周期", "made_by": "填报员", "made_at": "时间",
        "withdrawn_at": "撤回时间",
    }  # fmt: skip
    answer(rows, table(columns, rows), as_json=as_json)


by_option = click.option(
    "--by", "operator_id", required=True, help="由哪位填报员报的；以他的权限办理，并记在他名下。"
)


@zero_group.command("add")
@database_option
@json_option
@by_option
@click.option("--early", is_flag=True, help="周期没结束就报。")
@unit_argument
@click.argument("item", metavar="事项")
@click.argument("period", metavar="周期")
def zero_add(
    database: str, *, as_json: bool, operator_id: str, early: bool, code: str, item: str, period: str
) -> None:
    """替没有终端的机构补报“无数据”；谁报的要写明。"""
    report_id = str(uuid.uuid4())
    with closing(open_database(database)) as store, catalogs_of(store) as catalogs:

        def act(connection: Connection) -> dict[str, Any]:
            now = utc_now()
            person = acts.on_behalf(connection, operator_id)
            told = periods.declare_nothing(
                connection, catalogs, person, now, report_id=report_id, code=code, item=item, period=period,
                early=early,
            )  # fmt: skip
            return _kept(connection, "zero-report.add", told, {"by": operator_id})

        try:
            told = store.write(act)
        except Refusal as refused:
            stop(sentence(refused))
    answer(told, f"{code} 的 {item} 在 {period} 无数据，编号 {told['report_id']}。", as_json=as_json)


@zero_group.command("withdraw")
@database_option
@json_option
@by_option
@click.option("--reason", required=True, type=REASON, help="原因。")
@click.argument("report_id", metavar="编号")
def zero_withdraw(database: str, *, as_json: bool, operator_id: str, report_id: str, reason: str) -> None:
    """撤回一份无数据上报。"""

    def act(connection: Connection) -> dict[str, Any]:
        person = acts.on_behalf(connection, operator_id)
        told = periods.take_back(connection, person, utc_now(), report_id, reason)
        return _kept(connection, "zero-report.withdraw", told, {"by": operator_id, "reason": reason})

    told = write(database, act)
    answer(told, f"{told['unit']} 的 {told['item']}（{told['period']}）已撤回。", as_json=as_json)


def _kept(connection: Connection, act: str, told: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """Keep in the history that it was done here, and in whose name."""
    path = units.unit_row(connection, told["unit"]).path
    thing = f"zero-report:{told['report_id']}"
    acts.keep(connection, CONSOLE, utc_now(), act, thing, path, after=after)
    return told


@click.command("history")
@database_option
@json_option
@click.option("--of", "thing", help="只看这一件，如 unit:350200-01。")
def history(database: str, *, as_json: bool, thing: str | None) -> None:
    """管理记录：谁在什么时候改了什么。"""
    rows = read(
        database,
        lambda c: every(
            lambda after: acts.list_acts(c, CONSOLE, thing=thing, after=after, limit=PAGE), "acts", 0
        ),
    )
    shown = [{**row, "who": row["name"] or row["operator"] or "平台命令"} for row in rows]
    columns = {"at": "时间", "who": "谁", "act": "办了什么", "object": "对哪一件"}
    answer(rows, table(columns, shown), as_json=as_json)


GROUPS = (liaison_group, zero_group, history)
