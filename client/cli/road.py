"""Verbs of the road of a record: records, submit, approve, return, correct, withdraw."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Final

import click

from client.cli.opening import opened
from client.cli.output import COULD_NOT, FINE, PROBLEMS, common, personal, show_json
from client.cli.papers import numbers_option, put_out, say_out
from client.core.reasons import REASONS
from client.core.records import Reason, RecordRow
from client.core.workflow import ON_THE_DESK, STATES
from client.errors import ClientError
from client.intake.listings import Which, records_listing
from client.store import acts, drafts, records, review
from client.store.desk import Desk
from client.ui.words import STATE_WORDS
from forms.catalog import fieldtypes
from forms.catalog.messages import sentence
from forms.catalog.problems import Problem
from forms.catalog.schema import Item, Value

PAGE_ROWS: Final = 1_000


@click.command("records")
@click.argument("text", required=False, default="")
@click.option("--state", "states", multiple=True, type=click.Choice(STATES), help="只列这些状态")
@click.option("--item", default=None, help="只列这个事项，如 XZCF_FR")
@click.option("--import", "import_id", default=None, help="只列这次导入的")
@click.option("--limit", type=click.IntRange(1, 100_000), default=200, show_default=True)
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="全部写进 .xlsx、.csv 或 .pdf 文件"
)
@numbers_option
@common
@personal
def list_records(
    text: str, states: tuple[str, ...], item: str | None, import_id: str | None, limit: int, out: Path | None,
    numbers: bool, profile: Path, as_json: bool, operator_name: str, passphrase_fd: int | None,
) -> int:  # fmt: skip
    """列出本机记录；TEXT 在名称、代码、文书号里找。"""
    if out is not None:
        which = Which(item, states, text, import_id)
        with opened(profile, operator_name, passphrase_fd) as desk:
            count = put_out(desk, partial(records_listing, which=which), out, numbers=numbers)
        return say_out(out, count, as_json=as_json)
    with opened(profile, operator_name, passphrase_fd, writable=False) as desk:
        reader = desk.db.reader()
        state = states or None
        total = records.count(reader, item=item, state=state, text=text, import_id=import_id)
        rows = records.list_records(
            reader, item=item, state=state, text=text, import_id=import_id, limit=limit
        )
    if as_json:
        show_json({"count": total, "records": [asdict(row) for row in rows]})
        return FINE
    for row in rows:
        click.echo("\t".join((row.record_id, row.item, STATE_WORDS[row.state], row.subject_name, row.doc_no)))
    click.echo(f"共 {total:,} 条，列出 {len(rows):,} 条。")
    return FINE


@click.command("submit")
@click.argument("record_ids", metavar="[ID]...", nargs=-1)
@click.option("--import", "import_id", default=None, help="整批提交这次导入")
@click.option("--all", "everything", is_flag=True, help="提交全部草稿")
@click.option("--title", default="", help="复核人看到的标题")
@common
@personal
def submit(
    record_ids: tuple[str, ...], import_id: str | None, everything: bool, title: str,
    profile: Path, as_json: bool, operator_name: str, passphrase_fd: int | None,
) -> int:  # fmt: skip
    """提交复核。有问题的留在草稿，逐条说明。"""
    with opened(profile, operator_name, passphrase_fd) as desk:
        ids: Sequence[str] = record_ids
        if import_id or everything:
            ids = all_ids(desk, states=tuple(ON_THE_DESK), import_id=import_id)
        if not ids:
            raise ClientError("nothing_to_submit")
        done = review.submit(desk, ids, title=title or f"{len(ids)} 条记录", import_id=import_id)
        stopped = [
            {"record_id": record_id, "problems": [_said(desk, record_id, problem) for problem in problems]}
            for record_id, problems in done.stopped
        ]
    if as_json:
        show_json({"act_id": done.act_id, "submitted": len(done.submitted), "stopped": stopped})
    else:
        click.echo(f"已提交 {len(done.submitted):,} 条，等待复核。办理号 {done.act_id or '无'}。")
        for one in stopped:
            click.echo(f"{one['record_id']}：" + " ".join(one["problems"]))
    return PROBLEMS if stopped else FINE


def all_ids(desk: Desk, *, states: tuple[str, ...], import_id: str | None = None) -> list[str]:
    """Return the ids of all records in `states`, page by page."""
    ids: list[str] = []
    after: RecordRow | None = None
    while True:
        rows = records.list_records(
            desk.db.reader(), state=states, import_id=import_id, after=after, limit=PAGE_ROWS
        )
        ids += [row.record_id for row in rows]
        if len(rows) < PAGE_ROWS:
            return ids
        after = rows[-1]


def _said(desk: Desk, record_id: str, problem: Problem) -> str:
    detail = records.get(desk.db.reader(), record_id)
    catalog = detail.draft.catalog if detail.draft else detail.row.item
    return sentence(problem, desk.catalogs.item(catalog))


@click.command("approve")
@click.argument("act_id", required=False)
@click.option("--all", "everything", is_flag=True, help="通过全部待复核的提交")
@click.option("--leave-out", "left_out", multiple=True, metavar="ID", help="除了这些记录（它们会退回）")
@common
@personal
def approve(
    act_id: str | None, everything: bool, left_out: tuple[str, ...],
    profile: Path, as_json: bool, operator_name: str, passphrase_fd: int | None,
) -> int:  # fmt: skip
    """复核通过：不写办理号就列出待复核的。"""
    with opened(profile, operator_name, passphrase_fd) as desk:
        waiting = acts.acts_waiting(desk.db.reader())
        if act_id is None and not everything:
            if as_json:
                show_json({"waiting": [asdict(act) for act in waiting]})
            for act in () if as_json else waiting:
                click.echo(f"{act.act_id}\t{act.title}\t{act.waiting:,} 条\t{act.maker_name}")
            return FINE
        chosen = [act.act_id for act in waiting] if act_id is None else [act_id]
        done = [review.approve(desk, one, left_out=left_out) for one in chosen]
    versions = sum(one.versions for one in done)
    if as_json:
        show_json({"approved": versions, "approvals": [name for one in done for name in one.approval_ids]})
    else:
        click.echo(f"已通过 {versions:,} 条，等待发送。")
    return FINE


@click.command("return")
@click.argument("record_ids", metavar="ID...", nargs=-1, required=True)
@click.option("--reason", required=True, help="退回的原因")
@click.option("--field", default=None, help="哪个数据项")
@common
@personal
def send_back(
    record_ids: tuple[str, ...], reason: str, field: str | None,
    profile: Path, as_json: bool, operator_name: str, passphrase_fd: int | None,
) -> int:  # fmt: skip
    """复核退回。"""
    with opened(profile, operator_name, passphrase_fd) as desk:
        review.return_(desk, record_ids, reason, field)
    show_json({"returned": len(record_ids)}) if as_json else click.echo(f"已退回 {len(record_ids):,} 条。")
    return FINE


def _change_options(verb: click.decorators.FC) -> click.decorators.FC:
    verb = click.option("--text", "reason_text", default="", help="原因说明")(verb)
    verb = click.option("--case", "case_id", default=None, metavar="ID", help="答复哪一件办件")(verb)
    codes = click.Choice(list(REASONS))
    return click.option("--reason", "reason_code", required=True, type=codes, help="原因")(verb)


@click.command("correct")
@click.argument("record_id")
@click.option("--set", "changes", multiple=True, required=True, metavar="数据项=值", help="值为空就是清空")
@_change_options
@common
@personal
def correct(
    record_id: str, changes: tuple[str, ...], reason_code: str, reason_text: str, case_id: str | None,
    profile: Path, as_json: bool, operator_name: str, passphrase_fd: int | None,
) -> int:  # fmt: skip
    """更正已上报的记录，并提交复核。"""
    with opened(profile, operator_name, passphrase_fd) as desk:
        reader = desk.db.reader()
        head = records.get(reader, record_id).head
        if head is None:
            raise ClientError("not_in_this_state")
        item = desk.catalogs.item(head.catalog)
        said = _applied(item, dict(head.values), changes)
        drafts.begin_change(desk, record_id, "correct", case_id=case_id, said=said)
        drafts.set_reason(desk, record_id, Reason(reason_code, reason_text))
        done = review.submit(desk, [record_id], title=f"更正 {item.name}")
        stopped = [_said(desk, record_id, problem) for _, problems in done.stopped for problem in problems]
    return _show_change(as_json, done.act_id, stopped)


def _applied(item: Item, values: dict[str, Value], changes: Sequence[str]) -> dict[str, Value]:
    for change in changes:
        name, mark, text = change.partition("=")
        if not mark or name not in item.by_id:
            raise ClientError("field_unknown", field=name)
        if not text:
            values.pop(name, None)
            continue
        try:
            values[name] = fieldtypes.parse(item.by_id[name], text)
        except fieldtypes.Unparsable:
            values[name] = text
    return values


@click.command("withdraw")
@click.argument("record_id")
@_change_options
@common
@personal
def withdraw(
    record_id: str, reason_code: str, reason_text: str, case_id: str | None,
    profile: Path, as_json: bool, operator_name: str, passphrase_fd: int | None,
) -> int:  # fmt: skip
    """撤销已上报的记录，并提交复核。"""
    with opened(profile, operator_name, passphrase_fd) as desk:
        drafts.begin_change(desk, record_id, "withdraw", case_id=case_id)
        drafts.set_reason(desk, record_id, Reason(reason_code, reason_text))
        done = review.submit(desk, [record_id], title="撤销")
        said = [_said(desk, record_id, problem) for _, problems in done.stopped for problem in problems]
    return _show_change(as_json, done.act_id, said)


def _show_change(as_json: bool, act_id: str | None, said: Sequence[str]) -> int:
    if as_json:
        show_json({"act_id": act_id, "problems": list(said)})
    elif act_id:
        click.echo(f"已提交复核。办理号 {act_id}。")
    else:
        click.echo("还不能提交：" + " ".join(said))
    return FINE if act_id else COULD_NOT


COMMANDS = {
    "records": list_records,
    "submit": submit,
    "approve": approve,
    "return": send_back,
    "correct": correct,
    "withdraw": withdraw,
}
