"""Verbs that read cases (办件): list, show, next, figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

import click

from client.cli.opening import opened
from client.cli.output import FINE, PROBLEMS, common, personal, show_json
from client.core.case_events import STAGES, possible
from client.core.cases import Case
from client.store import case_figures, case_queue, cases, legal
from client.store.case_queue import Filter, QueueRow
from client.store.desk import Desk
from client.ui.messages import sentence
from forms.catalog.masking import masked
from forms.law.clocks import Due, events_of
from forms.law.words import EVENTS, KINDS, PROVISIONAL, UNCONFIRMED, derivation, due_words

STAGE_WORDS: Final[Mapping[str, str]] = {
    "received": "待受理", "supplement": "待补正", "accepted": "办理中", "suspended": "已暂停",
    "decided": "已决定", "refused": "不予受理", "withdrawn": "已撤回", "closed": "已办结",
}  # fmt: skip


@click.command("list")
@click.argument("text", required=False, default="")
@click.option("--mine", is_flag=True, help="我承办的")
@click.option("--unit", is_flag=True, help="本单位要办的")
@click.option("--unassigned", is_flag=True, help="还没有承办人的")
@click.option("--overdue", is_flag=True, help="已超期的")
@click.option("--refused", is_flag=True, help="有一步被平台退回、还没有看过的")
@click.option("--stage", "stages", multiple=True, type=click.Choice(STAGES))
@click.option("--kind", default=None, type=click.Choice(list(KINDS)))
@click.option("--city", default=None, help="对方在哪个城市，如 350600")
@click.option("--all", "everything", is_flag=True, help="办结的也列")
@click.option("--limit", type=click.IntRange(1, 100_000), default=200, show_default=True)
@common
@personal
def list_cases(
    text: str, mine: bool, unit: bool, unassigned: bool, overdue: bool, refused: bool,
    stages: tuple[str, ...], kind: str | None, city: str | None, everything: bool, limit: int,
    profile: Path, as_json: bool, operator_name: str, passphrase_fd: int | None,
) -> int:  # fmt: skip
    """列出办件，最急的在前；TEXT 在主体、申请人、编号里找。"""
    with opened(profile, operator_name, passphrase_fd, writable=False) as desk:
        which = Filter(
            owner=desk.operator.operator_id if mine else None,
            unit=desk.device.unit_code if unit else None,
            unassigned=unassigned,
            overdue_on=desk.today().isoformat() if overdue else None,
            stages=stages, kind=kind, city=city, text=text, needs_person=refused,
            is_open=None if everything or set(stages) & {"refused", "withdrawn", "closed"} else True,
        )  # fmt: skip
        reader, today = desk.db.reader(), desk.today()
        total, rows = case_queue.count(reader, which), case_queue.page(reader, which, limit=limit)
    if as_json:
        show_json({"count": total, "cases": [_row(row, today) for row in rows]})
        return FINE
    for row in rows:
        click.echo(_line(row))
    click.echo(f"共 {total:,} 件，列出 {len(rows):,} 件。")
    return FINE


def _row(row: QueueRow, today: date) -> dict[str, Any]:
    said = asdict(row)
    del said["key"]
    days = None if row.due_on is None else (date.fromisoformat(row.due_on) - today).days
    return said | {"days_left": days}


def _line(row: QueueRow) -> str:
    due = "期限未定" if row.due_on is None else row.due_on + ("" if row.due_certain else f"（{PROVISIONAL}）")
    marks = [f"同一记录另有 {row.also_open} 件"] if row.also_open else []
    marks += [f"{row.waiting} 步未送达"] if row.waiting else []
    marks += [f"{row.refused} 步被退回"] if row.refused else []
    owner = row.owner_name or "未分派"
    stage = STAGE_WORDS[row.stage]
    return "\t".join((row.case_id, KINDS[row.kind], stage, due, owner, row.subject_name, "；".join(marks)))


@click.command("next")
@click.option("--after", default=None, metavar="ID", help="这一件之后的")
@common
@personal
def next_case(
    after: str | None, profile: Path, as_json: bool, operator_name: str, passphrase_fd: int | None
) -> int:
    """下一件该由我办的：最急的、没有别人在办的。"""
    with opened(profile, operator_name, passphrase_fd, writable=False) as desk:
        reader = desk.db.reader()
        left = None if after is None else case_queue.get(reader, after)
        row = case_queue.next_case(reader, desk.operator.operator_id, after=left.key if left else None)
        same = case_queue.about_same_records(reader, row.case_id) if row is not None else []
        today = desk.today()
    together = [one.case_id for one in same if one.is_open]
    if as_json:
        show_json({"case": None if row is None else _row(row, today), "together": together})
    elif row is None:
        click.echo("没有要办的。")
    else:
        click.echo(_line(row))
        for case_id in together:
            click.echo(f"一起办：{case_id}")
    return FINE if row is not None else PROBLEMS


@click.command("show")
@click.argument("case_id")
@common
@personal
def show(case_id: str, profile: Path, as_json: bool, operator_name: str, passphrase_fd: int | None) -> int:
    """看一件：记录、申请、经过、期限、能办的下一步。"""
    with opened(profile, operator_name, passphrase_fd, writable=False) as desk:
        case = cases.get(desk.db.reader(), case_id)
        said = _case(desk, case)
    if as_json:
        show_json(said)
    else:
        _tell(case, said)
    return PROBLEMS if any(one["state"] == "refused" for one in said["posts"]) else FINE


def _case(desk: Desk, case: Case) -> dict[str, Any]:
    reader = desk.db.reader()
    law = legal.read_law(reader, desk.device)
    told = cases.told(reader, case.row.case_id)
    events = events_of({"kind": one.kind, "on": one.on, "data": one.data} for one in case.events)
    dues = law.dues(told, desk.today(), events)
    return {
        "case_id": case.row.case_id, "kind": case.row.kind, "state": case.row.state, "stage": case.stage,
        "revision": case.revision, "unit": case.unit, "hall_unit": case.hall_unit,
        "subject_name": case.row.subject_name, "owner": case.owner, "opened_at": case.row.opened_at,
        "due_on": case.row.due_on, "due_certain": case.due_certain, "rules_confirmed": dues.confirmed,
        "applicant": _person(case.applicant), "agent": _person(case.agent), "statement": case.statement,
        "materials": list(case.materials), "repair": case.repair,
        "records": [
            {
                "record_id": one.record_id, "catalog": one.catalog, "reason_code": one.reason_code,
                "disputes": [asdict(dispute) for dispute in one.disputes],
                "evidence": [{**kept.attachment.as_dict(), "is_here": kept.is_here} for kept in one.evidence],
            }
            for one in case.records
        ],
        "events": [asdict(one) for one in case.events],
        "posts": [
            {"post_id": one.post_id, "event": one.event, "state": one.state, "problem": one.problem}
            for one in case.posts
        ],
        "clocks": [_clock(one) for one in (*dues.platform, *dues.provider)],
        "possible": list(possible(case.stage, desk.operator.roles, [one.kind for one in case.events])),
        "decision": None if case.decision is None else {
            "state": case.decision.state, "payload": case.decision.payload, "handler": case.decision.handler,
            "changed": case.row.changed,
        },
        "decided": case.decided, "note": case.note,
        "together": [
            one.case_id for one in case_queue.about_same_records(reader, case.row.case_id) if one.is_open
        ],
        "earlier": [one.case_id for one in case_queue.earlier(reader, case.row.case_id)],
    }  # fmt: skip


def _person(said: Mapping[str, str] | None) -> dict[str, str] | None:
    """A person without the middle of their numbers: those are looked at in the window, with a reason."""
    if said is None:
        return None
    hidden = {what: masked(said[what], "id_number") for what in ("id_number", "phone") if said.get(what)}
    return {**said, **hidden}


def _clock(due: Due) -> dict[str, Any]:
    return {
        "clock": due.clock.id, "title": due.clock.title, "actor": due.clock.actor, "state": due.state,
        "on": due.on.isoformat() if due.on else None, "certain": due.certain, "left": due.left,
        "provenance": due.clock.provenance, "words": due_words(due), "steps": list(derivation(due.steps)),
    }  # fmt: skip


def _tell(case: Case, said: Mapping[str, Any]) -> None:
    click.echo(
        f"{said['case_id']}　{KINDS[case.row.kind]}　{STAGE_WORDS[case.stage]}　{said['subject_name']}"
    )
    owner = case.owner["name"] if case.owner else "未分派"
    click.echo(f"承办：{owner}　申请人：{case.applicant['name']}　版本 {case.revision}")
    if not said["rules_confirmed"]:
        click.echo(f"期限规则{UNCONFIRMED}。")
    for clock in said["clocks"]:
        click.echo(f"期限 {clock['clock']} {clock['title']}：{clock['words']}")
    for record in said["records"]:
        click.echo(f"记录 {record['record_id']} {record['catalog']} 理由 {record['reason_code']}")
        for dispute in record["disputes"]:
            click.echo(f"  {dispute['field']}：登记 {dispute['old']}，主张 {dispute['claimed']}")
    click.echo(f"说明：{case.statement}")
    for event in case.events:
        click.echo(f"{event.on} {EVENTS[event.kind]}" + ("" if event.confirmed else "（平台还没有确认）"))
    for post in case.posts:
        if post.state == "refused" and post.problem is not None:
            click.echo(f"退回 {post.post_id} {EVENTS[post.event]}：{sentence(str(post.problem['code']))}")
    if case.row.changed:
        click.echo("办件在写决定以后有变化，请看过再提交。")
    if said["possible"]:
        click.echo("现在可以：" + "、".join(EVENTS[kind] for kind in said["possible"]))


@click.command("figures")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), default=None, help="从哪天（默认一年前）")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), default=None, help="到哪天（默认今天）")
@common
@personal
def figures(
    since: Any, until: Any, profile: Path, as_json: bool, operator_name: str, passphrase_fd: int | None
) -> int:
    """办件统计。"""
    with opened(profile, operator_name, passphrase_fd, writable=False) as desk:
        today = desk.today()
        end = until.date() if until else today
        begin = since.date() if since else end - timedelta(days=365)
        found = case_figures.read(desk.db.reader(), begin, end, today=today)
    if as_json:
        show_json(found.as_json())
        return FINE
    click.echo(f"{found.since} 至 {found.until}：收 {found.received:,} 件，结 {found.closed:,} 件")
    click.echo(f"按期 {found.on_time:,}，超期 {found.overdue:,}，没有期限 {found.undated:,}；")
    click.echo(
        f"未结 {found.open:,}，其中已超期 {found.open_overdue:,}；中位天数 {found.median_days or '无'}。"
    )
    for title, counts in (("理由", found.by_reason), ("事项", found.by_item), ("数据项", found.by_field)):
        for code, n in counts.items():
            click.echo(f"{title}\t{code}\t{n:,}")
    return FINE


COMMANDS: Final = {"list": list_cases, "next": next_case, "show": show, "figures": figures}
