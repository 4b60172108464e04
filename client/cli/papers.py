"""Verbs of what leaves the desk as a file: export, record-print. Both are audited, so both write."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

import click

from client.cli.opening import opened
from client.cli.output import FINE, common, personal, progress_line, show_json
from client.errors import ClientError
from client.intake.listings import Which, act_listing, problems_listing
from client.intake.road_lists import LISTS, import_rows_listing
from client.letters.printing import print_record
from client.store.desk import Desk
from client.ui.papers import verbs

OF_ONE: Final[dict[str, Callable[[str], verbs.Make]]] = {
    "import": lambda of: partial(import_rows_listing, import_id=of),
    "review": lambda of: partial(act_listing, act_id=of),
}
"""Lists of one import, of one act of review: the name needs an id beside it."""

numbers_option = click.option(
    "--numbers", is_flag=True, help="字体里没有的字印成编号（如〔U+2A6D6〕）；不给就指出这些字，不打印"
)


def put_out(desk: Desk, make: verbs.Make, out: Path, *, numbers: bool = False) -> int:
    """Write a list, as the ending of `out` says; return the number of rows.

    Raises:
        FileRefused: ``format_unknown``, ``file_unwritable``, and what a print may lack.
    """

    def say(row: int) -> None:
        progress_line(f"第 {row:,} 行")

    rows = verbs.put_out(desk, make, out, numbers=numbers, progress=say, cancelled=lambda: False)
    progress_line("")
    return rows


def say_out(out: Path, rows: int, *, as_json: bool) -> int:
    """Say what was written."""
    if as_json:
        show_json({"file": str(out), "rows": rows})
    else:
        click.echo(f"已写入 {out}，{rows:,} 行。")
    return FINE


@click.command("export")
@click.argument("name", type=click.Choice(["problems", *OF_ONE, *LISTS]), metavar="清单")
@click.argument("out", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--id", "of", default=None, help="导入号（import），或办理号（review）")
@click.option("--item", default=None, help="只要这个事项的问题（problems）")
@numbers_option
@common
@personal
def export(
    name: str, out: Path, of: str | None, item: str | None, numbers: bool,
    profile: Path, as_json: bool, operator_name: str, passphrase_fd: int | None,
) -> int:  # fmt: skip
    """把一张清单写成文件。

    problems imports import review outbox batches receipts cases audit；记录用 records --out。
    """
    if name in OF_ONE and not of:
        raise ClientError("id_missing", name=name)
    with opened(profile, operator_name, passphrase_fd) as desk:
        if of and name in OF_ONE:
            make: verbs.Make = OF_ONE[name](of)
        elif name == "problems":
            make = partial(problems_listing, which=Which(item=item))
        else:
            make = LISTS[name]
        rows = put_out(desk, make, out, numbers=numbers)
    return say_out(out, rows, as_json=as_json)


@click.command("record-print")
@click.argument("record_id", metavar="ID")
@click.argument("out", type=click.Path(dir_okay=False, path_type=Path))
@numbers_option
@common
@personal
def print_one(
    record_id: str, out: Path, numbers: bool,
    profile: Path, as_json: bool, operator_name: str, passphrase_fd: int | None,
) -> int:  # fmt: skip
    """把一条记录写成 PDF，可以打印。"""
    with opened(profile, operator_name, passphrase_fd) as desk:
        sheets = print_record(desk, record_id, out, numbers=numbers)
    if as_json:
        show_json({"file": str(out), "sheets": sheets})
    else:
        click.echo(f"已写入 {out}，{sheets:,} 页。")
    return FINE


COMMANDS = {"export": export, "record-print": print_one}
