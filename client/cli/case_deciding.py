"""Verbs of the decision on a case (处理决定): decide keeps what is found, submit hands it to the reviewer."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import click

from client.cli.opening import opened
from client.cli.output import COULD_NOT, FINE, common, personal, show_json
from client.core.cases import Case
from client.core.records import Submitted
from client.errors import ClientError, FileRefused
from client.store import cases
from client.store.case_contents import OUTCOMES, WITH_VALUE
from client.store.desk import Desk
from forms.catalog import fieldtypes
from forms.catalog.messages import sentence

PLACE: Final = "[记录/]数据项"


@click.command("decide")
@click.argument("case_id")
@click.option("--file", "file", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="JSON")
@click.option("--stands", multiple=True, metavar=PLACE, help="维持")
@click.option("--correct", multiple=True, metavar=f"{PLACE}=值", help="更正为；值为空就是清空")
@click.option("--supplement", multiple=True, metavar=f"{PLACE}=值", help="补充为")
@click.option("--delete", "deleted", multiple=True, metavar=PLACE, help="删除整条记录")
@click.option("--outcome", type=click.Choice(sorted(OUTCOMES)), help="修复：准予（granted）或不予（refused）")
@click.option("--text", default=None, help="查明的事实和依据")
@click.option("--seen", is_flag=True, help="办件有变化，我看过了")
@click.option("--submit", "at_once", is_flag=True, help="写好就提交复核")
@common
@personal
def decide(
    case_id: str, file: Path | None, stands: tuple[str, ...], correct: tuple[str, ...],
    supplement: tuple[str, ...], deleted: tuple[str, ...], outcome: str | None, text: str | None, seen: bool,
    at_once: bool, profile: Path, as_json: bool, operator_name: str, passphrase_fd: int | None,
) -> int:  # fmt: skip
    """写处理决定；没有写到的数据项保留上次写的。"""
    with opened(profile, operator_name, passphrase_fd) as desk:
        case = cases.get(desk.db.reader(), case_id)
        before = dict(case.decision.payload) if case.decision is not None else {}
        said = _read(file) if file is not None else before
        options = {"stands": stands, "correct_to": correct, "supplement": supplement, "delete": deleted}
        new = [_finding(desk, case, what, one) for what, ones in options.items() for one in ones]
        places = {(one["record_id"], one["field"]) for one in new}
        first = case.records[0].record_id
        kept = [
            one
            for one in said.get("disputes", [])
            if (one.get("record_id", first), one.get("field")) not in places
        ]
        payload = {**said, "disputes": [*kept, *new], "text": said.get("text", "") if text is None else text}
        payload |= {} if outcome is None else {"outcome": outcome}
        cases.save_decision(desk, case_id, payload, revision=case.revision if seen else None)
        done = cases.submit_decision(desk, case_id) if at_once else None
        return _say(desk, case, payload, done, as_json=as_json)


def _read(file: Path) -> dict[str, Any]:
    try:
        said = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise FileRefused("decision_unreadable") from error
    if not isinstance(said, dict) or not isinstance(said.get("disputes", []), list):
        raise FileRefused("decision_unreadable")
    return said


def _finding(desk: Desk, case: Case, finding: str, said: str) -> dict[str, Any]:
    """Read ``[record/]field[=value]``."""
    place, mark, text = said.partition("=")
    name, slash, field = place.rpartition("/")
    record_id = name if slash else case.records[0].record_id
    record = next((one for one in case.records if one.record_id == record_id), None)
    item = desk.catalogs.item(record.catalog) if record else None
    if record is None or item is None or field not in item.by_id:
        raise ClientError("field_unknown", field=place)
    found: dict[str, Any] = {"record_id": record_id, "field": field, "finding": finding}
    if finding not in WITH_VALUE:
        return found
    if not mark:
        raise ClientError("decision_incomplete", field=field)
    try:
        value = fieldtypes.parse(item.by_id[field], text) if text else None
    except fieldtypes.Unparsable:
        value = text
    return found | {"value": value}


@click.command("submit")
@click.argument("case_id")
@common
@personal
def submit(case_id: str, profile: Path, as_json: bool, operator_name: str, passphrase_fd: int | None) -> int:
    """把写好的处理决定提交复核。"""
    with opened(profile, operator_name, passphrase_fd) as desk:
        case = cases.get(desk.db.reader(), case_id)
        done = cases.submit_decision(desk, case_id)
        return _say(desk, case, case.decision.payload if case.decision else {}, done, as_json=as_json)


def _say(desk: Desk, case: Case, payload: Mapping[str, Any], done: Submitted | None, *, as_json: bool) -> int:
    problems = _problems(desk, case, done)
    act_id = done.act_id if done is not None else None
    if as_json:
        show_json({"case_id": case.row.case_id, "payload": payload, "act_id": act_id, "problems": problems})
    elif act_id is not None:
        click.echo(f"已提交复核。办理号 {act_id}。")
    elif done is None:
        click.echo("决定已保存在本机。")
    else:
        click.echo("还不能提交：" + " ".join(problems))
    return COULD_NOT if problems else FINE


def _problems(desk: Desk, case: Case, done: Submitted | None) -> Sequence[str]:
    catalogs = {one.record_id: one.catalog for one in case.records}
    return [
        sentence(problem, desk.catalogs.item(catalogs[record_id]))
        for record_id, problems in (done.stopped if done is not None else ())
        for problem in problems
    ]


COMMANDS: Final = {"decide": decide, "submit": submit}
