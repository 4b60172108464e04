"""`minxin-platform unit`, `operator`, `device`, `housekeeping`: administration at the platform itself."""

from __future__ import annotations

from typing import Any

import click

from regional_platform import desks, people, units
from regional_platform.acts import CONSOLE
from regional_platform.auth.credentials import COSTS
from regional_platform.auth.grants import ROLES
from regional_platform.console import (
    CODE,
    CODE18,
    DIVISION,
    NAME,
    REASON,
    answer,
    database_option,
    every,
    json_option,
    read,
    table,
    write,
)
from regional_platform.housekeeping import sweep
from regional_platform.times import utc_now

PAGE = 500
reason_option = click.option("--reason", required=True, type=REASON, help="原因，记入管理记录。")
unit_option = click.option("--unit", "code", help="只看这个机构。")


@click.group("unit")
def unit_group() -> None:
    """机构。"""


@unit_group.command("add")
@database_option
@json_option
@click.option("--level", required=True, type=click.Choice(units.LEVELS), help="层级。")
@click.option("--under", "parent", help="上级机构代码；只有区域没有上级。")
@click.option("--city", type=DIVISION, help="行政区划代码；区域和市要写。")
@click.option("--code18", type=CODE18, help="统一社会信用代码。")
@click.argument("code", type=CODE, metavar="机构代码")
@click.argument("name", type=NAME, metavar="名称")
def unit_add(database: str, *, as_json: bool, code: str, name: str, **said: Any) -> None:
    """新增机构。"""
    made = write(database, lambda c: units.add(c, CONSOLE, utc_now(), code=code, name=name, **said))
    answer(made, f"已新增 {made['code']} {made['name']}（{made['path']}）。", as_json=as_json)


@unit_group.command("move")
@database_option
@json_option
@click.option("--under", "parent", required=True, help="新的上级机构代码。")
@click.argument("code", metavar="机构代码")
def unit_move(database: str, *, as_json: bool, code: str, parent: str) -> None:
    """把机构连同下级移到另一机构下。"""
    moved = write(database, lambda c: units.change(c, CONSOLE, utc_now(), code, parent=parent))
    answer(moved, f"{moved['name']} 现在在 {moved['path']}。", as_json=as_json)


@unit_group.command("rename")
@database_option
@json_option
@click.argument("code", metavar="机构代码")
@click.argument("name", type=NAME, metavar="名称")
def unit_rename(database: str, *, as_json: bool, code: str, name: str) -> None:
    """更名。"""
    named = write(database, lambda c: units.change(c, CONSOLE, utc_now(), code, name=name))
    answer(named, f"{named['code']} 已更名为 {named['name']}。", as_json=as_json)


@unit_group.command("close")
@database_option
@json_option
@reason_option
@click.argument("code", metavar="机构代码")
def unit_close(database: str, *, as_json: bool, code: str, reason: str) -> None:
    """停用机构；数据都保留。"""
    closed = write(database, lambda c: units.close(c, CONSOLE, utc_now(), code, reason))
    answer(closed, f"{closed['name']} 已停用，数据都保留。", as_json=as_json)


@unit_group.command("reopen")
@database_option
@json_option
@reason_option
@click.argument("code", metavar="机构代码")
def unit_reopen(database: str, *, as_json: bool, code: str, reason: str) -> None:
    """恢复停用的机构。"""
    opened = write(database, lambda c: units.reopen(c, CONSOLE, utc_now(), code, reason))
    answer(opened, f"{opened['name']} 已恢复。", as_json=as_json)


@unit_group.command("list")
@database_option
@json_option
@click.option("--under", "beneath", help="只看这个机构及其下级。")
def unit_list(database: str, *, as_json: bool, beneath: str | None) -> None:
    """列出机构。"""
    rows = read(
        database,
        lambda c: every(lambda after: units.list_units(c, beneath=beneath, after=after, limit=PAGE), "units"),
    )
    columns = {"code": "代码", "name": "名称", "level": "层级", "path": "位置", "closed_at": "停用时间"}
    answer(rows, table(columns, rows), as_json=as_json)


@click.group("operator")
def operator_group() -> None:
    """操作员和授权。"""


@operator_group.command("add")
@database_option
@json_option
@click.option("--unit", "code", required=True, help="所属机构。")
@click.option("--person", type=CODE, help="同一个人的另一账号；写那个账号的人员编号。")
@click.option("--password-cost", type=click.Choice(sorted(COSTS)), default="normal", show_default=True,
              help="口令散列的强度；low 只用于演练和测试。")  # fmt: skip
@click.argument("operator_id", type=CODE, metavar="编号")
@click.argument("name", type=NAME, metavar="名称")
def operator_add(
    database: str,
    *,
    as_json: bool,
    operator_id: str,
    name: str,
    code: str,
    person: str | None,
    password_cost: str,
) -> None:
    """新增操作员；口令和动态码密钥只显示这一次。"""
    fresh = people.fresh_secrets(COSTS[password_cost])
    made = write(
        database,
        lambda c: people.make(
            c, CONSOLE, utc_now(), fresh, operator_id=operator_id, name=name, code=code, person=person
        ),
    )
    answer(made, _secrets(made, "已新增"), as_json=as_json)


def _secrets(made: dict[str, Any], done: str) -> str:
    return (
        f"{made['operator_id']} {made['name']} {done}。以下两项只显示这一次，请当面交给本人：\n"
        f"  口令 {made['password']}\n  动态码密钥 {made['totp_secret']}"
    )


@operator_group.command("grant")
@database_option
@json_option
@click.option("--over", "code", required=True, help="机构代码；连同其下级。")
@click.argument("operator_id", metavar="编号")
@click.argument("role", type=click.Choice(ROLES), metavar="角色")
def operator_grant(database: str, *, as_json: bool, operator_id: str, role: str, code: str) -> None:
    """授予角色。

    reporter 填报员、reviewer 复核员、handler 异议处理员、liaison 联络员、admin 管理员、auditor 审计员、
    hall 大厅。
    """
    said = write(database, lambda c: people.grant(c, CONSOLE, utc_now(), operator_id, role, code))
    answer(said, f"{said['name']} 在 {code} 及其下级有 {role} 角色了。", as_json=as_json)


@operator_group.command("end")
@database_option
@json_option
@click.argument("operator_id", metavar="编号")
@click.argument("grant_id", type=int, metavar="授权编号")
def operator_end(database: str, *, as_json: bool, operator_id: str, grant_id: int) -> None:
    """结束一项授权；编号见 operator list。"""
    said = write(database, lambda c: people.end_grant(c, CONSOLE, utc_now(), operator_id, grant_id))
    answer(said, f"{said['name']} 的授权 {grant_id} 已结束。", as_json=as_json)


@operator_group.command("lock")
@database_option
@json_option
@reason_option
@click.argument("operator_id", metavar="编号")
def operator_lock(database: str, *, as_json: bool, operator_id: str, reason: str) -> None:
    """锁定账号；正在用的会话立即结束。"""
    said = write(database, lambda c: people.lock(c, CONSOLE, utc_now(), operator_id, reason))
    answer(said, f"{said['name']} 已锁定。", as_json=as_json)


@operator_group.command("unlock")
@database_option
@json_option
@click.argument("operator_id", metavar="编号")
def operator_unlock(database: str, *, as_json: bool, operator_id: str) -> None:
    """解锁账号。"""
    said = write(database, lambda c: people.unlock(c, CONSOLE, utc_now(), operator_id))
    answer(said, f"{said['name']} 已解锁。", as_json=as_json)


@operator_group.command("close")
@database_option
@json_option
@reason_option
@click.argument("operator_id", metavar="编号")
def operator_close(database: str, *, as_json: bool, operator_id: str, reason: str) -> None:
    """停用账号；不能再恢复。"""
    said = write(database, lambda c: people.close(c, CONSOLE, utc_now(), operator_id, reason))
    answer(said, f"{said['name']} 的账号已停用。", as_json=as_json)


@operator_group.command("reset")
@database_option
@json_option
@click.argument("operator_id", metavar="编号")
def operator_reset(database: str, *, as_json: bool, operator_id: str) -> None:
    """重设口令和动态码密钥；只显示这一次。"""
    fresh = people.fresh_secrets(COSTS["normal"])
    said = write(database, lambda c: people.reset(c, CONSOLE, utc_now(), fresh, operator_id))
    answer(said, _secrets(said, "已重设"), as_json=as_json)


@operator_group.command("list")
@database_option
@json_option
@unit_option
def operator_list(database: str, *, as_json: bool, code: str | None) -> None:
    """列出操作员和他们的授权。"""
    rows = read(
        database,
        lambda c: every(
            lambda after: people.list_operators(c, CONSOLE, code=code, after=after, limit=PAGE), "operators"
        ),
    )
    columns = {"operator_id": "编号", "name": "姓名", "unit": "机构", "held": "授权", "state": "状态"}
    answer(rows, table(columns, [{**row, **_in_words(row)} for row in rows]), as_json=as_json)


def _in_words(row: dict[str, Any]) -> dict[str, str]:
    held = [f"{one['grant_id']}:{one['role']}@{one['unit']}" for one in row["grants"] if not one["ended_at"]]
    return {
        "held": " ".join(held),
        "state": "停用" if row["closed_at"] else "锁定" if row["locked_at"] else "",
    }


@click.group("device")
def device_group() -> None:
    """终端。"""


@device_group.command("list")
@database_option
@json_option
@unit_option
def device_list(database: str, *, as_json: bool, code: str | None) -> None:
    """列出终端和最近联系时间。"""
    rows = read(
        database,
        lambda c: every(
            lambda after: desks.list_devices(c, CONSOLE, code=code, after=after, limit=PAGE), "devices"
        ),
    )
    columns = {
        "device_id": "终端", "name": "名称", "unit": "机构", "seen_at": "最近联系", "feed_ack": "已读消息",
        "feed_head": "消息总数", "revoked_at": "停用时间",
    }  # fmt: skip
    answer(rows, table(columns, rows), as_json=as_json)


@device_group.command("revoke")
@database_option
@json_option
@reason_option
@click.argument("device_id", metavar="终端编号")
def device_revoke(database: str, *, as_json: bool, device_id: str, reason: str) -> None:
    """停用终端；正在用的会话立即结束。"""
    said = write(database, lambda c: desks.revoke(c, CONSOLE, utc_now(), device_id, reason))
    answer(said, f"终端 {said['name']} 已停用。", as_json=as_json)


@device_group.command("code")
@database_option
@json_option
@click.option(
    "--days", default=desks.CODE_DAYS, show_default=True, type=click.IntRange(1, 365), help="几天内有效。"
)
@click.option("--replaces", help="重新注册哪台终端；新码用时旧的停用。")
@click.argument("code", metavar="机构代码")
def device_code(database: str, *, as_json: bool, code: str, days: int, replaces: str | None) -> None:
    """给机构发一个注册码；只显示这一次。"""
    said = write(
        database, lambda c: desks.give_code(c, CONSOLE, utc_now(), code=code, days=days, replaces=replaces)
    )
    answer(said, f"{said['enrolment_code']}（{code}，{said['expires_at']} 前有效）", as_json=as_json)


@click.command("housekeeping")
@database_option
@json_option
def housekeeping(database: str, *, as_json: bool) -> None:
    """清理过期的会话、没传完的附件和换下的标识；serve 运行时自己会做。"""
    gone = write(database, lambda c: sweep(c, utc_now()))
    words = f"{gone['sessions']} 个过期会话、{gone['uploads']} 个没传完的附件、{gone['tags']} 个换下的标识"
    answer(gone, f"清理了 {words}。", as_json=as_json)


GROUPS = (unit_group, operator_group, device_group, housekeeping)
