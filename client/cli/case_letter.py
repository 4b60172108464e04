"""Verb `case letter`: one official letter (文书) of a case, as a draft or issued."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click

from client.cli.letters import kind_argument
from client.cli.opening import opened
from client.cli.output import FINE, common, personal, show_json
from client.errors import ClientError
from client.letters import casework
from client.letters.kinds import KINDS
from client.ui.letters.words import lost_words


@click.command("letter")
@click.argument("case_id", metavar="ID")
@kind_argument
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help=".docx 或 .pdf")
@click.option("--issue", "issues", is_flag=True, help="编号签发；不给就只出草稿")
@click.option("--text", "given", multiple=True, metavar="名称=内容", help="自己写的段落，如 附注=…")
@click.option("--numbers", is_flag=True, help="字体里没有的字印成编号")
@common
@personal
def letter(
    case_id: str, kind: str, out: Path, issues: bool, given: tuple[str, ...], numbers: bool,
    profile: Path, as_json: bool, operator_name: str, passphrase_fd: int | None,
) -> int:  # fmt: skip
    """出一份文书：草稿，或编号签发。"""
    texts = dict(_text(one, kind) for one in given)
    if out.suffix.lower() not in {".docx", ".pdf"}:
        raise ClientError("letter_format_unknown", file_name=out.name)
    with opened(profile, operator_name, passphrase_fd) as desk:
        made = casework.preview(desk, case_id, kind, texts, numbers=numbers)
        number, document_id = "", None
        if issues:
            document = casework.issue(desk, case_id, kind, texts, numbers=numbers)
            casework.save_copy(desk, document, out)
            number, document_id = document.number or "", document.document_id
        else:
            casework.save_draft_copy(desk, case_id, made, out)
    lost = made.not_shown if out.suffix.lower() == ".pdf" else ()
    if as_json:
        show_json(
            {"file": str(out), "number": number or None, "document_id": document_id, "not_shown": list(lost)}
        )
        return FINE
    click.echo(f"已写入 {out}，{number or '草稿，没有编号'}。")
    if lost:
        click.echo(f"PDF 里没有显示模板中的：{lost_words(lost)}。")
    return FINE


def _text(said: str, kind: str) -> tuple[str, str]:
    name, mark, text = said.partition("=")
    if not mark or name not in KINDS[kind].frees:
        raise ClientError("letter_text_unknown", name=name, known="、".join(KINDS[kind].frees))
    return name, text


COMMANDS: Final = {"letter": letter}
