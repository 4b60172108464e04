"""Verbs of spreadsheets: preview, check, import, template."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Final

import click

from client.cli.opening import opened
from client.cli.output import COULD_NOT, FINE, PROBLEMS, common, personal, progress_line, show_json
from client.core.times import day_in_shanghai
from client.errors import FileRefused
from client.intake.importing import import_file
from client.intake.outcome import CheckOutcome, check_file
from client.intake.preview import preview
from client.intake.template import write_template
from client.ui.messages import sentence_of
from client.wiring import load_catalogs, utc_now

SHOWN: Final = 50
"""Problems that people are shown; `--json` and `--report` have all of them."""

file_argument = click.argument("file", type=click.Path(path_type=Path))
item_option = click.option("--item", default=None, help="事项代码；不写就按表头认")


@click.command("preview")
@file_argument
@item_option
@common
def look_into(file: Path, item: str | None, profile: Path, as_json: bool) -> int:
    """看看文件里有哪些表、表头在哪一行、认出了哪些列。"""
    del profile
    seen = preview(file, load_catalogs().current, item=item)
    if as_json:
        show_json(seen.as_json(sentence_of))
    else:
        for sheet in seen.sheets:
            known = sum(1 for heading in sheet.header.headings if heading.field) if sheet.header else 0
            hidden = "（隐藏）" if sheet.hidden else ""
            about = "约 " if sheet.estimated else ""
            click.echo(f"{sheet.name}{hidden}：{about}{sheet.rows:,} 行，认出 {known} 列。")
        if seen.refused is not None:
            click.echo(f"{sentence_of(seen.refused)}（{seen.refused.code}）", err=True)
    return FINE if seen.refused is None else COULD_NOT


@click.command("check")
@file_argument
@item_option
@click.option("--report", type=click.Path(path_type=Path), default=None, help="把有误的行写成一个表格")
@common
def check(file: Path, item: str | None, report: Path | None, profile: Path, as_json: bool) -> int:
    """校验表格文件，指出每个问题在哪一行哪一列；不入库。"""
    del profile
    outcome = check_file(
        file,
        load_catalogs().current,
        today=day_in_shanghai(utc_now()),
        item=item,
        report=report,
        progress=_progress,
    )
    progress_line("")
    if as_json:
        show_json(outcome.as_json())
    else:
        _say(outcome)
    return PROBLEMS if outcome.faulty else FINE


def _progress(row: int, of: int | None) -> None:
    progress_line(f"第 {row:,} 行" + (f" / {of:,}" if of else ""))


def _say(outcome: CheckOutcome) -> None:
    click.echo(
        f"{outcome.item.name}：读取 {outcome.rows:,} 行，合格 {outcome.ok:,}"
        f"（其中重复 {outcome.duplicates:,}），有误 {outcome.faulty:,}。"
    )
    for one in outcome.problems[:SHOWN]:
        click.echo(f"第 {one.row} 行 {one.column} 列：{one.message}")
    if len(outcome.problems) > SHOWN:
        kinds = Counter(one.code for one in outcome.problems)
        click.echo(f"…… 共 {len(outcome.problems):,} 处问题，{len(kinds)} 类；全部写进 --report 的文件。")


@click.command("import")
@file_argument
@item_option
@common
@personal
def bring_in(
    file: Path, item: str | None,
    profile: Path, as_json: bool, operator_name: str, passphrase_fd: int | None,
) -> int:  # fmt: skip
    """把合格的行导入为草稿；有误的行留在导入里，随时可看。"""
    if not file.is_file():
        raise FileRefused("file_missing", file_name=file.name)
    with opened(profile, operator_name, passphrase_fd) as desk:
        done = import_file(desk, file, item=item, progress=_progress)
    progress_line("")
    total = done.sum
    if as_json:
        show_json(done.as_json())
    else:
        click.echo(
            f"读取 {total.rows_read:,} = 新增 {total.created:,} + 更新 {total.updated:,}"
            f" + 更正 {total.corrected:,} + 跳过 {total.skipped:,} + 有误 {total.faulty:,}。"
            f"导入号 {total.import_id}。"
        )
    return PROBLEMS if total.faulty else FINE


@click.command("template")
@click.argument("code")
@click.argument("out", type=click.Path(path_type=Path))
@common
def template(code: str, out: Path, profile: Path, as_json: bool) -> int:
    """生成事项的填报模板（.xlsx）。"""
    del profile
    item = load_catalogs().item(code)
    write_template(item, out)
    show_json({"item": item.ref, "file": str(out)}) if as_json else click.echo(f"已生成 {out}。")
    return FINE


COMMANDS = {"preview": look_into, "check": check, "import": bring_in, "template": template}
