"""The verb that looks into a spreadsheet: preview."""

from __future__ import annotations

from pathlib import Path

import click

from client.cli.output import COULD_NOT, FINE, common, show_json
from client.cli.sheet_options import current_set, file_argument, item_option
from client.intake.preview import preview
from client.ui.messages import sentence_of


@click.command("preview")
@file_argument
@item_option
@common
def look_into(file: Path, item: str | None, profile: Path, as_json: bool) -> int:
    """看看文件里有哪些表、表头在哪一行、认出了哪些列。"""
    seen = preview(file, current_set(profile), item=item)
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


COMMANDS = {"preview": look_into}
