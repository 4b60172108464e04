"""The verb import: the good rows of a spreadsheet become drafts."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click
from click.core import ParameterSource

from client.cli.asking import AskedOf, Asker, choices_said
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
from client.errors import FileRefused
from client.intake.child import Reader
from client.intake.error_report import may_report
from client.intake.importing import Imported, import_file, write_report
from client.store import imports
from client.store.desk import Desk

SINGLE_FILE: Final = (
    "report", "recipe", "accept", "refuse", "on_difference", "ask_platform", "on_platform", "on_deleted",
    "reason", "person_reason",
)  # fmt: skip
"""Options that are about one file."""

DELETED: Final = (
    "有 {n:,} 行的记录已按异议处理决定删除，没有再收；确要收，用 --on-deleted keep --reason 写明理由。"
)


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
@click.option("--ask-platform", is_flag=True, help="先问平台：别的部门、别的城市报过没有（要已联网登录）")
@click.option(
    "--on-platform",
    type=click.Choice(["skip", "keep"]),
    default="skip",
    help="别的部门在平台上已报的：跳过（skip），照样收（keep）",
)
@click.option(
    "--on-deleted",
    type=click.Choice(["skip", "keep"]),
    default="skip",
    help="异议处理决定已删除的：跳过（skip），照样收（keep，要写理由）",
)
@click.option("--reason", default="", help="两条都留、照样收的理由")
@click.option("--person-reason", default="", help="问到自然人的事由，平台会记下（异议处理员才能问）")
@click.option(
    "--recipe", "recipe", default=None, metavar="NAME|FILE", help="导入方案的名字或文件；不写就按表头找"
)
@common
@personal
@click.pass_obj
def bring_in(
    reader: Reader | None, file: Path | None, watch: Path | None, period: float, item: str | None,
    report: Path | None, accept: tuple[str, ...], refuse: tuple[str, ...], on_difference: str,
    ask_platform: bool, on_platform: str, on_deleted: str, reason: str, person_reason: str,
    recipe: str | None, profile: Path, as_json: bool, operator_name: str, passphrase_fd: int | None,
) -> int:  # fmt: skip
    """把合格的行导入为草稿；有误的行留在导入里，随时可看。"""
    if (file is None) == (watch is None):
        raise click.UsageError("请给一个文件，或用 --watch 给一个文件夹。")
    if watch is not None:
        _refuse_unheeded()
        if reader is not None:
            reader.close()  # each file that comes gets one of its own
        with opened(profile, operator_name, passphrase_fd) as desk:
            return run_watch(desk, watch, period, item=item, as_json=as_json)
    assert file is not None
    if not file.is_file():
        raise FileRefused("file_missing", file_name=file.name)
    if "keep" in {on_difference, on_platform, on_deleted} and not reason.strip():
        raise FileRefused("reason_missing")
    if on_platform == "keep" and not ask_platform:
        raise click.UsageError(
            "--on-platform 要和 --ask-platform 一起用：没有问过平台，就不知道别处报过没有。"
        )
    if report is not None:
        may_report(file, report)
        say_losses(file, report)
    with opened(profile, operator_name, passphrase_fd) as desk:
        known = recipe_said(recipe, desk.catalogs.current, desk) if recipe else None
        choices = choices_said(on_difference, on_platform, on_deleted, reason.strip())
        asker = Asker(desk, choices, person_reason.strip()) if ask_platform else None
        done = import_file(
            desk, file, item=item, recipe=known, cleanings=cleanings_of(accept, refuse), choices=choices,
            ask=asker, progress=say_row, reader=reader,
        )  # fmt: skip
        healed = report is not None and _report(desk, done, file, report)
        deleted = imports.skipped_for(desk.db.reader(), done.sum.import_id, "deleted_by_case")
    progress_line("")
    asked = asker.asked if asker else None
    _say_done(done, asked, deleted, as_json=as_json)
    if report is not None and not as_json:
        say_report(report, healed=healed)
    return PROBLEMS if done.sum.faulty or (asked is not None and asked.problem) else FINE


def _say_done(done: Imported, asked: AskedOf | None, deleted: int, *, as_json: bool) -> None:
    total = done.sum
    if as_json:
        said = {} if asked is None else {"platform": asked.as_json()}
        show_json(done.as_json() | said | ({"deleted_by_case": deleted} if deleted else {}))
    else:
        say_recipe(done.header)
        click.echo(
            f"读取 {total.rows_read:,} = 新增 {total.created:,} + 更新 {total.updated:,}"
            f" + 更正 {total.corrected:,} + 跳过 {total.skipped:,} + 有误 {total.faulty:,}。"
            f"导入号 {total.import_id}。"
        )
        if deleted:
            click.echo(DELETED.format(n=deleted))
    if asked is not None:
        asked.say(as_json=as_json)


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


COMMANDS = {"import": bring_in}
