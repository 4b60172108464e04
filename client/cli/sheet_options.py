"""What verbs of spreadsheets share: their options, the line of progress, the catalog set in force."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import click

from client.cli.output import Verb, progress_line
from client.core.imports import Cleanings
from client.core.in_force import in_force
from client.core.times import day_in_shanghai
from client.intake.losses import losses
from client.paths import resources
from client.store.catalog_sets import every_set
from client.ui.messages import sentence
from forms.catalog.schema import CatalogSet

MARKED: Final = "错误报告：{out}，是原表的副本，有误的单元格已标出。"
ANEW: Final = "错误报告：{out}，是新的表格，只有有误的行。"

file_argument = click.argument("file", type=click.Path(path_type=Path))
item_option = click.option("--item", default=None, help="事项代码；不写就按表头认")


def cleaning_options(verb: Verb) -> Verb:
    """Give a verb the two options by which cleaning is accepted or refused."""
    verb = click.option("--refuse", multiple=True, metavar="GROUP", help="保持原样：理由，或 数据项/理由")(
        verb
    )
    return click.option("--accept", multiple=True, metavar="GROUP", help="接受：理由，或 数据项/理由")(verb)


report_option = click.option(
    "--report",
    type=click.Path(path_type=Path),
    default=None,
    help="错误报告：在原表的副本上标出，或写成新的表格",
)


def say_losses(source: Path, out: Path) -> None:
    """Say, before anything is written, what an error report cannot keep of a file."""
    for code in losses(source, out=out):
        click.echo(f"{sentence(code)}（{code}）", err=True)


def say_report(out: Path, *, healed: bool) -> None:
    """Say which error report was written."""
    click.echo((MARKED if healed else ANEW).format(out=out))


def current_set(profile: Path) -> CatalogSet:
    """Load the catalog set in force, and nothing that only an open desk needs."""
    return in_force(every_set(profile, resources() / "catalogs"), day_in_shanghai(datetime.now(UTC)))


def say_row(row: int, of: int | None) -> None:
    """Say which row has been reached."""
    progress_line(f"第 {row:,} 行" + (f" / {of:,}" if of else ""))


def cleanings_of(accept: tuple[str, ...], refuse: tuple[str, ...]) -> Cleanings:
    """Read what was said of cleaning: REASON for every field, or FIELD/REASON."""
    groups: dict[tuple[str, str], bool] = {}
    for said, yes in ((accept, True), (refuse, False)):
        for one in said:
            field, _, reason = one.rpartition("/")
            groups[field, reason] = yes
    return Cleanings(groups)
