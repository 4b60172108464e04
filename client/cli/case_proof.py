"""What the file of a case is worth (`verify`), and the verb that writes one (`case export`)."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import click

from client.cli.opening import opened
from client.cli.output import FINE, PROBLEMS, common, personal, show_json
from client.errors import FileRefused
from client.store.case_files import write_case_file
from forms.seal.case_file import Examined, Flaw, NotCaseFile, examine

FLAWS: Final = {
    "signature_invalid": "签名核不上：清单被改过，或不是所写的人签的",
    "signer_other": "不是这把公钥的人签的",
    "file_changed": "文件被改过：{where}",
    "file_missing": "文件缺失：{where}",
    "file_extra": "多出清单上没有的文件：{where}",
    "file_doubled": "同名文件重复：{where}",
    "timeline_unreadable": "经过读不出来",
    "event_missing": "经过缺第 {where} 项",
    "event_misplaced": "经过第 {where} 项的次序不对",
    "event_changed": "经过第 {where} 项被改过",
    "audit_broken": "审计链在第 {where} 条断开",
    "case_other": "办件内容不是这一件",
    "case_differs": "办件所写的经过和时间线不一致",
    "evidence_missing": "证据缺失：{where}",
    "evidence_other": "证据和它的校验值不符：{where}",
    "receipt_invalid": "回执核不上：{where}",
    "version_unapproved": "没有审核签名，或内容和签名的不是一份：{where}",
}
"""Code of what does not hold → its words."""

KIND: Final = "case.file"


def flaw_words(flaw: Flaw) -> str:
    """Return what does not hold, in words."""
    return FLAWS[flaw.code].format(where=flaw.where)


def prove(file: Path, public: str | None, *, as_json: bool) -> int:
    """Say what a file of a case is worth.

    Raises:
        FileRefused: ``not_provable``, ``file_unreadable``.
    """
    try:
        found = examine(file, public)
    except NotCaseFile as error:
        raise FileRefused("not_provable") from error
    except OSError as error:
        raise FileRefused("file_unreadable") from error
    if as_json:
        show_json(_as_dict(found))
    else:
        for line in _sentences(found):
            click.echo(line)
    return PROBLEMS if found.flaws else FINE


def _as_dict(found: Examined) -> dict[str, Any]:
    return {
        "kind": KIND, "valid": not found.flaws, **found.said, **found.counts, "key": found.key,
        "problems": [
            {"code": one.code, "where": one.where, "message": flaw_words(one)} for one in found.flaws
        ],
    }  # fmt: skip


def _sentences(found: Examined) -> list[str]:
    said, counts = found.said, found.counts
    unit, signer = said.get("unit") or {}, said.get("signer") or {}
    whole = (
        f"办件 {said['case_id']}，{unit.get('name', '')} {signer.get('name', '')} 导出："
        f"经过 {counts['events']:,} 项，"
        f"版本 {counts['versions']:,} 份，回执 {counts['receipts']:,} 张，证据 {counts['evidence']:,} 份，"
        f"文书 {counts['letters']:,} 个文件。"
    )
    if not found.flaws:
        return [f"档案核验通过：{whole}"]
    return [f"档案核不上，{len(found.flaws):,} 处：{whole}", *map(flaw_words, found.flaws)]


@click.command("export")
@click.argument("case_id", metavar="ID")
@click.argument("out", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE.zip")
@common
@personal
def export_case(
    case_id: str, out: Path, profile: Path, as_json: bool, operator_name: str, passphrase_fd: int | None
) -> int:
    """导出异议处理档案：经过、版本、回执、证据、文书和签名的清单；verify 可以核验。"""
    with opened(profile, operator_name, passphrase_fd) as desk:
        count = write_case_file(desk, case_id, out)
    show_json({"file": str(out), "files": count}) if as_json else click.echo(
        f"已写入 {out}，{count:,} 个文件。"
    )
    return FINE


COMMANDS: Final = {"export": export_case}
