"""`minxin-platform case`: what an administrator asks about cases (办件)."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import click
from sqlalchemy import Connection, select

from regional_platform.case_figures import figures_of
from regional_platform.case_log import row_of, told
from regional_platform.cases import lease_of
from regional_platform.console import answer, database_option, json_option, read, table
from regional_platform.problems import Refusal
from regional_platform.propagation import outstanding
from regional_platform.published import root_path
from regional_platform.settings import find_resources
from regional_platform.store.case_tables import casefile
from regional_platform.store.tables import unit
from regional_platform.times import legal_day, utc_now
from regional_platform.units import unit_row

MOST = 1_000
STAGES = {
    "received": "已收到", "supplement": "等补正", "accepted": "已受理", "suspended": "中止",
    "decided": "已决定", "refused": "不予受理", "withdrawn": "已撤回", "closed": "已办结",
}  # fmt: skip
COLUMNS = {
    "case_id": "办件号",
    "kind": "类别",
    "stage": "环节",
    "unit": "机构",
    "due_on": "期限",
    "opened_at": "收到",
}
KINDS = {"objection": "异议", "repair": "信用修复"}
day = click.DateTime(["%Y-%m-%d"])


@click.group("case")
def case_group() -> None:
    """办件：列出、查看、统计。"""


@case_group.command("list")
@database_option
@json_option
@click.option("--unit", "code", help="只列这个机构及其下级的。")
@click.option("--stage", type=click.Choice(list(STAGES)), help="只列这个环节的。")
def case_list(database: str, *, as_json: bool, code: str | None, stage: str | None) -> None:
    """列出办件，快到期的在前，最多 1,000 件。"""

    def found(connection: Connection) -> list[dict[str, Any]]:
        path = root_path(connection) if code is None else unit_row(connection, code).path
        wanted = (
            select(*(casefile.c[name] for name in COLUMNS))
            .join(unit, unit.c.code == casefile.c.unit)
            .where(unit.c.path.startswith(path, autoescape=True))
            .order_by(casefile.c.state == "closed", casefile.c.due_on.is_(None), casefile.c.due_on)
            .order_by(casefile.c.opened_at, casefile.c.case_id)
            .limit(MOST)
        )
        if stage is not None:
            wanted = wanted.where(casefile.c.stage == stage)
        return [dict(row) for row in connection.execute(wanted).mappings()]

    rows = read(database, found)
    shown = [{**row, "kind": KINDS[row["kind"]], "stage": STAGES[row["stage"]]} for row in rows]
    answer(rows, table(COLUMNS, shown), as_json=as_json)


@case_group.command("show")
@database_option
@json_option
@click.argument("case_id", metavar="ID")
def case_show(database: str, *, as_json: bool, case_id: str) -> None:
    """查看一件：记录、经过、结论，还在等哪些机构确认。"""

    def found(connection: Connection) -> dict[str, Any]:
        row = row_of(connection, case_id)
        if row is None:
            raise Refusal("case-unknown")
        (case,) = told(connection, [row])
        decision = case["decision"]
        awaited = [*decision["corrections"], decision["version_id"]] if decision else []
        lease = lease_of(connection, case_id, utc_now())
        return {**case, "lease": lease, "waiting_for": outstanding(connection, awaited)}

    case = read(database, found)
    lines = [
        f"{KINDS[case['kind']]}　{STAGES[case['stage']]}　{case['unit']}　期限 {case['due_on'] or '未定'}"
    ]
    lines += [
        f"记录 {one['record_id']}　{one['catalog']}　理由 {one['reason_code']}" for one in case["records"]
    ]
    lines += [
        f"{one['at']}　{one['kind']}　{one['unit']}　{json.dumps(one['data'], ensure_ascii=False)}"
        for one in case["events"]
    ]
    lines += [f"等待确认 {one['unit']}　{'、'.join(one['desks'])}" for one in case["waiting_for"]]
    answer(case, "\n".join(lines), as_json=as_json)


@case_group.command("figures")
@database_option
@json_option
@click.option("--unit", "code", help="只算这个机构及其下级；默认全区域。")
@click.option("--since", type=day, help="从哪天起；默认最近 30 天。")
@click.option("--until", type=day, help="到哪天止；默认今天。")
def case_figures(
    database: str, *, as_json: bool, code: str | None, since: datetime | None, until: datetime | None
) -> None:
    """统计一段时间的办件：收到、办结、按期、逾期、中位天数，和最常见的理由、事项、数据项。"""
    now = utc_now()
    last = until.date() if until else legal_day(now)
    first = since.date() if since else last - timedelta(days=29)

    def found(connection: Connection) -> dict[str, Any]:
        path = root_path(connection) if code is None else unit_row(connection, code).path
        return figures_of(connection, find_resources(), path, first, last, now)

    said = read(database, found)
    closed = f"按期 {said['on_time']}，逾期 {said['overdue']}，无期限 {said['undated']}"
    lines = [
        f"{said['since']} 至 {said['until']}：收到 {said['received']}，办结 {said['closed']}（{closed}）",
        f"在办 {said['open']}（逾期 {said['open_overdue']}），办结用时中位数 {said['median_days'] or '–'} 天",
    ]
    for name, title in (("by_reason", "理由"), ("by_item", "事项"), ("by_field", "数据项")):
        most = "，".join(f"{one['code']} {one['count']}" for one in said[name][:5])
        lines.append(f"{title}：{most or '–'}")
    answer(said, "\n".join(lines), as_json=as_json)


GROUPS = (case_group,)
