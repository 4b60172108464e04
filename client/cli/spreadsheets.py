"""The verb that checks a spreadsheet: check."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Final

import click

from client.cli.output import FINE, PROBLEMS, common, progress_line
from client.cli.recipe_options import recipe_said, say_recipe
from client.cli.sheet_options import (
    cleaning_options,
    cleanings_of,
    current_set,
    file_argument,
    item_option,
    report_option,
    say_losses,
    say_report,
    say_row,
)
from client.core.imports import PROPOSED
from client.core.times import day_in_shanghai
from client.intake.child import Reader
from client.intake.groups import groups_of
from client.intake.outcome import CheckOutcome, check_file

CLEANS: Final = "理顺写法：{title}，{said}，{n:,} 处（--refuse {kind} 保持原样）。"
ASKS: Final = "可以改正：{title}，{said}，{n:,} 处（--accept {kind} 接受）。"

AT_ONCE: Final = 1_000
"""Problems that are printed together."""

SHOWN: Final = 50
"""Problems that people are shown; `--json` and `--report` have all of them."""


@click.command("check")
@file_argument
@item_option
@report_option
@click.option("--recipe", default=None, metavar="FILE", help="导入方案的文件（minxin recipe export 写出的）")
@cleaning_options
@common
@click.pass_obj
def check(
    reader: Reader | None, file: Path, item: str | None, report: Path | None, recipe: str | None,
    accept: tuple[str, ...], refuse: tuple[str, ...],
    profile: Path, as_json: bool,
) -> int:  # fmt: skip
    """校验表格文件，指出每个问题在哪一行哪一列；不入库。"""
    current = current_set(profile)
    if report is not None:
        say_losses(file, report)
    outcome = check_file(
        file,
        current,
        today=day_in_shanghai(datetime.now(UTC)),
        item=item,
        cleanings=cleanings_of(accept, refuse),
        recipes=[recipe_said(recipe, current)] if recipe else [],
        report=report,
        progress=say_row,
        reader=reader,
    )
    progress_line("")
    if as_json:
        _write_json(outcome)
    else:
        _say(outcome)
        if report is not None:
            say_report(report, healed=outcome.healed)
    return PROBLEMS if outcome.faulty else FINE


def _say(outcome: CheckOutcome) -> None:
    say_recipe(outcome.opened.header)
    click.echo(
        f"{outcome.item.name}：读取 {outcome.rows:,} 行，合格 {outcome.ok:,}"
        f"（其中重复 {outcome.duplicates:,}），有误 {outcome.faulty:,}。"
    )
    for one in outcome.problems[:SHOWN]:
        click.echo(f"第 {one.row} 行 {one.column} 列：{one.message}")
    if len(outcome.problems) > SHOWN:
        kinds = {kind.split("/")[1] for kind in outcome.problems.kinds()}
        click.echo(f"…… 共 {len(outcome.problems):,} 处问题，{len(kinds)} 类；全部写进 --report 的文件。")

    for group in groups_of(outcome):
        word = ASKS if group.reason in PROPOSED else CLEANS
        title = outcome.item.by_id[group.field].title
        click.echo(word.format(title=title, said=group.said, n=group.count, kind=group.kind))


def _write_json(outcome: CheckOutcome) -> None:
    """Print what was found as it comes: a million problems need no memory of their own."""
    cleaning = [
        {"field": field, "reason": reason, "count": count}
        for (field, reason), count in outcome.change_counts.items()
    ]
    head = json.dumps({**outcome.head(), "cleaning": cleaning}, ensure_ascii=False)
    click.echo(head[:-1] + ', "problems": [', nl=False)
    texts, before = outcome.problems.texts(), b""
    while some := list(islice(texts, AT_ONCE)):
        click.echo((before + b", ".join(some)).decode("utf-8", "replace"), nl=False)
        before = b", "
    click.echo("]}")


COMMANDS = {"check": check}
