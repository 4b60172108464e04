"""Verbs that say something of a case (办件): accept, refuse, ask-supplement … transfer, waive."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import click

from client.cli.opening import opened
from client.cli.output import FINE, common, personal, show_json
from client.store import case_posts, cases, evidence_files
from client.store.desk import Desk
from forms.law.words import EVENTS

Data = Mapping[str, Any]

REVISION: Final = click.option(
    "--revision", default=None, help="看过的版本（show 里的 revision）；办件已变就不办"
)


def _saying(name: str, kind: str, does: str, *options: Callable[..., Any]) -> click.Command:
    """Make a verb that says one kind of event; its options are the data."""

    def verb(
        case_id: str, revision: str | None, at: str | None, profile: Path, as_json: bool,
        operator_name: str, passphrase_fd: int | None, **said: Any,
    ) -> int:  # fmt: skip
        with opened(profile, operator_name, passphrase_fd) as desk:
            data = {what: _plain(value) for what, value in said.items()}
            data |= _DATA[kind](desk, data) if kind in _DATA else {}
            post_id = case_posts.say(desk, case_id, kind, data, revision=revision, at=at)
            return told(desk, case_id, post_id, kind, as_json=as_json)

    verb.__doc__ = does
    for option in (*reversed(options), REVISION):
        verb = option(verb)
    verb = click.option("--at", default=None, help="发生的时间（UTC）；不写是现在")(verb)
    return click.command(name)(click.argument("case_id")(common(personal(verb))))


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def told(desk: Desk, case_id: str, post_id: str, kind: str, *, as_json: bool) -> int:
    """Say what was said of a case, and where it stands now."""
    stage = cases.get(desk.db.reader(), case_id).stage
    if as_json:
        show_json({"case_id": case_id, "post_id": post_id, "event": kind, "stage": stage})
    else:
        click.echo(f"已记下“{EVENTS[kind]}”，等待送平台确认。")
    return FINE


def _assigned(desk: Desk, data: Data) -> Data:
    """Name who the case is given to, as this desk knows them; nobody: put back."""
    operator_id = data["operator_id"] or None
    if operator_id is None:
        return {"operator_id": None, "name": ""}
    name = desk.db.reader().value(
        "SELECT name FROM operator WHERE operator_id = ?1 OR name = ?1", (operator_id,)
    )
    known = desk.db.reader().value(
        "SELECT operator_id FROM operator WHERE operator_id = ?1 OR name = ?1", (operator_id,)
    )
    return {"operator_id": known or operator_id, "name": data["name"] or name or ""}


def _supplemented(desk: Desk, data: Data) -> Data:
    """Keep the papers that were handed in."""
    evidence = [evidence_files.add(desk, Path(one)).as_dict() for one in data["evidence"]]
    materials = [{"kind": "other", "name": one["name"], "sha256": one["sha256"]} for one in evidence]
    return {"materials": materials, "evidence": evidence}


_DATA: Final[Mapping[str, Callable[[Desk, Data], Data]]] = {
    "assigned": _assigned, "supplemented": _supplemented,
}  # fmt: skip
"""Kind of event → what its data is made of besides the options."""


@click.command("transfer")
@click.argument("case_id")
@click.argument("to_unit")
@click.option("--reason", required=True, help="为什么不归本单位办，申请人会看到")
@REVISION
@common
@personal
def transfer(
    case_id: str, to_unit: str, reason: str, revision: str | None,
    profile: Path, as_json: bool, operator_name: str, passphrase_fd: int | None,
) -> int:  # fmt: skip
    """移送给别的单位。"""
    with opened(profile, operator_name, passphrase_fd) as desk:
        post_id = case_posts.transfer(desk, case_id, to_unit, reason, revision=revision)
        return told(desk, case_id, post_id, "transferred", as_json=as_json)


@click.command("waive")
@click.argument("case_id")
@click.option("--version", "version_id", required=True, help="等哪个版本")
@click.option("--unit", required=True, help="不等哪个单位确认")
@click.option("--reason", required=True, help="为什么不等")
@common
@personal
def waive(
    case_id: str, version_id: str, unit: str, reason: str,
    profile: Path, as_json: bool, operator_name: str, passphrase_fd: int | None,
) -> int:  # fmt: skip
    """免除等待某个单位确认：记名，写明理由。"""
    with opened(profile, operator_name, passphrase_fd) as desk:
        post_id = case_posts.waive(desk, case_id, version_id, unit, reason)
        return told(desk, case_id, post_id, "waived", as_json=as_json)


def _of_post(name: str, does: str, act: Callable[[Desk, str], str | None], said: str) -> click.Command:
    """Make a verb about something that was said before."""

    def verb(
        post_id: str, profile: Path, as_json: bool, operator_name: str, passphrase_fd: int | None
    ) -> int:
        with opened(profile, operator_name, passphrase_fd) as desk:
            new = act(desk, post_id)
        show_json({"post_id": new or post_id}) if as_json else click.echo(said)
        return FINE

    verb.__doc__ = does
    return click.command(name)(click.argument("post_id")(common(personal(verb))))


COMMANDS: Final = {
    "accept": _saying("accept", "accepted", "受理。"),
    "refuse": _saying(
        "refuse", "refused", "不予受理，写明理由；办件就此结束。",
        click.option("--code", required=True, help="理由代码"),
        click.option("--text", required=True, help="理由"),
    ),
    "ask-supplement": _saying(
        "ask-supplement", "supplement_asked", "一次告知要补正的全部内容。",
        click.option("--item", "items", multiple=True, required=True, help="要补什么；可写多次"),
        click.option("--until", default=None, help="哪天以前（2026-11-30）"),
    ),
    "supplemented": _saying(
        "supplemented", "supplemented", "补正材料收到。",
        click.option("--evidence", multiple=True, type=click.Path(exists=True, dir_okay=False)),
    ),
    "assign": _saying(
        "assign", "assigned", "分派承办人；不写 --to 就放回待分派。",
        click.option("--to", "operator_id", default="", help="操作员姓名或编号"),
        click.option("--name", default="", help="姓名（本机没有这个人时）"),
    ),
    "extend": _saying(
        "extend", "extended", "延长期限，由有权批准的人来做。",
        click.option("--clock", required=True, help="期限代码（show 里的 clock）"),
        click.option("--days", required=True, type=click.IntRange(1, 366)),
        click.option("--by", required=True, help="谁批准的"),
        click.option("--reason", required=True, help="理由"),
    ),
    "suspend": _saying(
        "suspend", "suspended", "检验、鉴定、专家评审期间暂停计时。",
        click.option("--reason", required=True, help="理由"),
        click.option("--examiner", required=True, help="谁来检验、鉴定"),
    ),
    "resume": _saying("resume", "resumed", "恢复办理。"),
    "told": _saying(
        "told", "told", "已告知申请人。",
        click.option("--how", required=True, help="怎样告知：当面、电话、邮寄…"),
        click.option("--document", default=None, help="文书编号"),
    ),
    "withdrawn": _saying(
        "withdrawn", "withdrawn", "申请人撤回；办件就此结束。",
        click.option("--text", required=True, help="申请人怎么说"),
    ),
    "transfer": transfer,
    "waive": waive,
    "again": _of_post("again", "被退回的一步，按最新情况再办。", case_posts.again, "已按最新情况记下。"),
    "dismiss": _of_post("dismiss", "被退回的一步，看过不办了。", case_posts.dismiss, "知道了，不再提示。"),
    "take-back": _of_post(
        "take-back", "取回还没有送出的一步，后面的一起取回。", case_posts.take_back, "已取回，没有送到平台。"
    ),
}  # fmt: skip
