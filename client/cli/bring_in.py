"""The verb import: the good rows of a spreadsheet become drafts."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click
from click.core import ParameterSource

from client.cli.opening import opened
from client.cli.output import FINE, PROBLEMS, common, personal, progress_line, show_json
from client.cli.recipe_options import recipe_said, say_recipe
from client.cli.sheet_options import (
    cleaning_options,
    cleanings_of,
    item_option,
    report_option,
    say_losses,
    say_report,
    say_row,
)
from client.cli.watching import run_watch
from client.core.imports import AS_USUAL, Choice, Choices
from client.errors import FileRefused
from client.intake.error_report import may_report
from client.intake.importing import Imported, import_file, write_report
from client.store.desk import Desk

DIFFERS: Final = ("doubled_differs", "draft_differs", "accepted_differs")
"""Kinds of what a row meets that say something else than the row."""

SINGLE_FILE: Final = ("report", "recipe", "accept", "refuse", "on_difference", "reason")
"""Options that are about one file."""


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path), required=False)
@click.option(
    "--watch", type=click.Path(path_type=Path), default=None, help="一直看着这个文件夹，来了文件就导入"
)
@click.option("--period", type=click.FloatRange(0.1, 3600), default=5.0, help="隔几秒看一次（默认 5）")
@item_option
@report_option
@cleaning_options
@click.option(
    "--on-difference",
    type=click.Choice(["update", "skip", "keep"]),
    default="update",
    help="遇到同一件事、内容不同的记录：更新草稿并更正已报送的（update），跳过（skip），两条都留（keep）",
)
@click.option("--reason", default="", help="两条都留的理由")
@click.option(
    "--recipe", "recipe", default=None, metavar="NAME|FILE", help="导入方案的名字或文件；不写就按表头找"
)
@common
@personal
def bring_in(
    file: Path | None, watch: Path | None, period: float, item: str | None, report: Path | None,
    accept: tuple[str, ...], refuse: tuple[str, ...], on_difference: str,
    reason: str, recipe: str | None,
    profile: Path, as_json: bool, operator_name: str, passphrase_fd: int | None,
) -> int:  # fmt: skip
    """把合格的行导入为草稿；有误的行留在导入里，随时可看。"""
    if (file is None) == (watch is None):
        raise click.UsageError("请给一个文件，或用 --watch 给一个文件夹。")
    if watch is not None:
        _refuse_unheeded()
        with opened(profile, operator_name, passphrase_fd) as desk:
            return run_watch(desk, watch, period, item=item, as_json=as_json)
    assert file is not None
    if not file.is_file():
        raise FileRefused("file_missing", file_name=file.name)
    if on_difference == "keep" and not reason.strip():
        raise FileRefused("reason_missing")
    if report is not None:
        may_report(file, report)
        say_losses(file, report)
    with opened(profile, operator_name, passphrase_fd) as desk:
        known = recipe_said(recipe, desk.catalogs.current, desk) if recipe else None
        done = import_file(
            desk, file, item=item, recipe=known, cleanings=cleanings_of(accept, refuse),
            choices=_choices(on_difference, reason.strip()), progress=say_row,
        )  # fmt: skip
        healed = report is not None and _report(desk, done, file, report)
    progress_line("")
    total = done.sum
    if as_json:
        show_json(done.as_json())
    else:
        say_recipe(done.header)
        click.echo(
            f"读取 {total.rows_read:,} = 新增 {total.created:,} + 更新 {total.updated:,}"
            f" + 更正 {total.corrected:,} + 跳过 {total.skipped:,} + 有误 {total.faulty:,}。"
            f"导入号 {total.import_id}。"
        )
        if report is not None:
            say_report(report, healed=healed)
    return PROBLEMS if total.faulty else FINE


def _report(desk: Desk, done: Imported, file: Path, out: Path) -> bool:
    """Write the error report, in the file itself where that is possible; say whether it was."""
    import_id, row = done.sum.import_id, done.header.row
    return write_report(desk, import_id, out, source=file, header_row=row).healed


def _refuse_unheeded() -> None:
    """Refuse options that a watch would not heed: nobody is there to see that they did nothing.

    Raises:
        UsageError: one of them was given.
    """
    context = click.get_current_context()
    for name in SINGLE_FILE:
        if context.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            option = f"--{name.replace('_', '-')}"
            raise click.UsageError(
                f"{option} 不能和 --watch 一起用：监视时只收有把握的，按本机记住的方案和通常的处理。"
            )


def _choices(on_difference: str, reason: str) -> Choices:
    if on_difference == "update":
        return AS_USUAL
    return Choices(dict.fromkeys(DIFFERS, Choice(on_difference, reason)))


COMMANDS = {"import": bring_in}
