"""What verbs of spreadsheets share: their options, the line of progress, the catalog set in force."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from client.cli.output import Verb, progress_line
from client.core.imports import Cleanings
from client.core.in_force import in_force
from client.core.times import day_in_shanghai
from client.paths import resources
from client.store.catalog_sets import every_set
from forms.catalog.schema import CatalogSet

file_argument = click.argument("file", type=click.Path(path_type=Path))
item_option = click.option("--item", default=None, help="事项代码；不写就按表头认")


def cleaning_options(verb: Verb) -> Verb:
    """Give a verb the two options by which cleaning is accepted or refused."""
    verb = click.option("--refuse", multiple=True, metavar="GROUP", help="保持原样：理由，或 数据项/理由")(
        verb
    )
    return click.option("--accept", multiple=True, metavar="GROUP", help="接受：理由，或 数据项/理由")(verb)


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
