"""Verbs of official letters (文书): templates, what every letter says of the unit."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path
from typing import Final

import click

from client.cli.opening import opened
from client.cli.output import FINE, common, personal, show_json
from client.letters import casework
from client.letters.kinds import KINDS
from client.store import case_documents

kind_argument = click.argument("kind", type=click.Choice(list(KINDS)), metavar="文书")
file_argument = click.argument("file", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE.docx")


@click.group("letters")
def letters() -> None:
    """文书：模板、机关代字和终端字母、编号。"""


@letters.command("list")
@common
@personal
def list_templates(profile: Path, as_json: bool, operator_name: str, passphrase_fd: int | None) -> int:
    """列出文书种类、所用模板、机关代字、终端字母和空号。"""
    with opened(profile, operator_name, passphrase_fd, writable=False) as desk:
        reader = desk.db.reader()
        own, said = case_documents.own_templates(reader), case_documents.stationery(reader)
        gaps = case_documents.gaps(reader)
    if as_json:
        kinds = [
            {"kind": code, "title": kind.title, "own": asdict(own[code]) if code in own else None,
             "texts": list(kind.frees), "names": sorted(kind.names)}
            for code, kind in KINDS.items()
        ]  # fmt: skip
        show_json({"letters": kinds, "set": asdict(said), "gaps": [asdict(gap) for gap in gaps]})
        return FINE
    for code, kind in KINDS.items():
        used = f"本单位模板 {own[code].name}" if code in own else "随程序的模板"
        click.echo(f"{code}\t{kind.title}\t{used}")
    click.echo(f"机关代字 {said.short or '（未设置）'}，终端字母 {said.letter or '（未设置）'}。")
    for gap in gaps:
        click.echo(f"空号 {gap.number}")
    return FINE


@letters.command("export")
@kind_argument
@file_argument
@common
@personal
def export_template(
    kind: str, file: Path, profile: Path, as_json: bool, operator_name: str, passphrase_fd: int | None
) -> int:
    """把所用模板存成 Word 文件，供修改。"""
    with opened(profile, operator_name, passphrase_fd, writable=False) as desk:
        casework.export_template(desk, kind, file)
    show_json({"file": str(file)}) if as_json else click.echo(f"已写入 {file}。")
    return FINE


@letters.command("import")
@kind_argument
@file_argument
@common
@personal
def import_template(
    kind: str, file: Path, profile: Path, as_json: bool, operator_name: str, passphrase_fd: int | None
) -> int:
    """从现在起使用本单位的模板；有不能用的名称就指出来，不导入。"""
    with opened(profile, operator_name, passphrase_fd) as desk:
        casework.import_template(desk, kind, file)
    show_json({"kind": kind, "own": True}) if as_json else click.echo(
        f"{KINDS[kind].title}改用 {file.name}。"
    )
    return FINE


@letters.command("reset")
@kind_argument
@common
@personal
def reset_template(
    kind: str, profile: Path, as_json: bool, operator_name: str, passphrase_fd: int | None
) -> int:
    """恢复随程序的模板。"""
    with opened(profile, operator_name, passphrase_fd) as desk:
        case_documents.reset_template(desk, kind)
    show_json({"kind": kind, "own": False}) if as_json else click.echo(
        f"{KINDS[kind].title}恢复随程序的模板。"
    )
    return FINE


@letters.command("set")
@click.option("--short", default=None, help="机关代字，如 厦市监")
@click.option("--letter", default=None, help="终端字母，A 到 ZZ；本单位各终端不能相同")
@click.option("--phone", default=None, help="联系电话")
@click.option("--address", default=None, help="联系地址")
@common
@personal
def set_stationery(
    short: str | None, letter: str | None, phone: str | None, address: str | None,
    profile: Path, as_json: bool, operator_name: str, passphrase_fd: int | None,
) -> int:  # fmt: skip
    """设置机关代字、终端字母、联系电话和地址（机构管理员）。"""
    given = {"short": short, "letter": letter, "phone": phone, "address": address}
    with opened(profile, operator_name, passphrase_fd) as desk:
        before = case_documents.stationery(desk.db.reader())
        said = replace(before, **{name: text for name, text in given.items() if text is not None})
        case_documents.set_stationery(desk, said)
    if as_json:
        show_json(asdict(said))
    else:
        click.echo(
            f"文书编号形如 {said.number(2026, 1)}。"
            if said.can_number
            else "已保存；代字和字母都设好才能编号。"
        )
    return FINE


@letters.command("void")
@click.argument("document_id", metavar="ID")
@click.option("--reason", required=True, help="作废的原因")
@common
@personal
def void(
    document_id: str, reason: str, profile: Path, as_json: bool, operator_name: str, passphrase_fd: int | None
) -> int:
    """作废一份已签发的文书；编号不再使用。"""
    with opened(profile, operator_name, passphrase_fd) as desk:
        case_documents.void(desk, document_id, reason)
    show_json({"document_id": document_id, "state": "voided"}) if as_json else click.echo("已作废。")
    return FINE


COMMANDS: Final = {"letters": letters}
