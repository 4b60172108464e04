"""The verb merge (合并修改): a change that another desk came before with is put together with that."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from client.cli.opening import opened
from client.cli.output import FINE, PROBLEMS, common, personal, show_json
from client.core.merge import SIDES, Side, shown
from client.core.reasons import REASONS
from client.core.records import Reason
from client.errors import NotAllowed
from client.store import drafts, merges, records, review
from client.store.desk import Desk
from forms.catalog.messages import sentence
from forms.catalog.schema import Item


@click.command("merge")
@click.argument("record_id")
@click.option("--mine", multiple=True, metavar="数据项", help="这一项用本机填的")
@click.option("--theirs", multiple=True, metavar="数据项", help="这一项用平台上的")
@click.option("--reason", "reason_code", type=click.Choice(list(REASONS)), help="更正的原因；不写就用原来的")
@click.option("--text", "reason_text", default="", help="原因说明")
@click.option("--submit", is_flag=True, help="都选好了就提交复核")
@common
@personal
def merge(
    record_id: str, mine: tuple[str, ...], theirs: tuple[str, ...], reason_code: str | None, reason_text: str,
    submit: bool, profile: Path, as_json: bool, operator_name: str, passphrase_fd: int | None,
) -> int:  # fmt: skip
    """合并修改：另一台终端先改了同一条记录，平台退回了本机的修改。"""
    with opened(profile, operator_name, passphrase_fd) as desk:
        taken = _begun(desk, record_id)
        for field in mine:
            drafts.choose(desk, record_id, field, "mine")
        for field in theirs:
            drafts.choose(desk, record_id, field, "theirs")
        if reason_code is not None:
            drafts.set_reason(desk, record_id, Reason(reason_code, reason_text))
        said = _said(desk, record_id, taken)
        if submit and not said["open"]:
            done = review.submit(desk, [record_id], title="合并修改")
            item = _item(desk, record_id)
            stopped = [sentence(problem, item) for _, problems in done.stopped for problem in problems]
            said |= {"act_id": done.act_id, "problems": stopped}
    if as_json:
        show_json(said)
    else:
        _tell(said)
    return PROBLEMS if said["open"] or said["problems"] else FINE


def _begun(desk: Desk, record_id: str) -> tuple[str, ...]:
    """Put a refused change together with what came first; returns the fields that were taken over."""
    detail = records.get(desk.db.reader(), record_id)
    if detail.draft is not None and detail.row.state != "rejected":
        return ()
    newest = detail.versions[0].version_id if detail.versions else ""
    if merges.refused_as_stale(desk.db.reader(), newest) is None:
        raise NotAllowed("not_stale")
    merged = drafts.open_rejected(desk, record_id)
    return merged.taken if merged is not None else ()


def _item(desk: Desk, record_id: str) -> Item:
    detail = records.get(desk.db.reader(), record_id)
    return desk.catalogs.item(detail.draft.catalog if detail.draft else detail.row.item)


def _said(desk: Desk, record_id: str, taken: tuple[str, ...]) -> dict[str, Any]:
    draft = records.get(desk.db.reader(), record_id).draft
    item = _item(desk, record_id)
    left = merges.open_choices(desk.db.reader(), draft) if draft is not None else ()
    return {
        "record_id": record_id,
        "taken": [_named(item, field) for field in taken],
        "open": [
            {**_named(item, one.field), "mine": shown(item, one.field, one.mine),
             "theirs": shown(item, one.field, one.theirs)}
            for one in left
        ],
        "act_id": None,
        "problems": [],
    }  # fmt: skip


def _named(item: Item, field: str) -> dict[str, str]:
    return {"field": field, "title": item.by_id[field].title if field in item.by_id else field}


def _tell(said: dict[str, Any]) -> None:
    if said["taken"]:
        click.echo("已用平台上的：" + "、".join(one["title"] for one in said["taken"]))
    sides: dict[Side, str] = SIDES
    for one in said["open"]:
        both = "；".join(f"{sides[side]}“{one[side]}”" for side in sides)
        click.echo(f"请选 {one['field']} {one['title']}：{both}。用 --mine 或 --theirs 选。")
    for text in said["problems"]:
        click.echo("还不能提交：" + text)
    if said["act_id"]:
        click.echo(f"已提交复核。办理号 {said['act_id']}。")
    elif not said["open"] and not said["problems"]:
        click.echo("都合并好了，可以提交复核。")


COMMANDS = {"merge": merge}
