"""The verb that writes a template workbook: template."""

from __future__ import annotations

from pathlib import Path

import click

from client.cli.output import FINE, common, show_json
from client.cli.sheet_options import current_set
from client.intake.candidates import candidates_of
from client.intake.template import write_template


@click.command("template")
@click.argument("code")
@click.argument("out", type=click.Path(path_type=Path))
@common
def template(code: str, out: Path, profile: Path, as_json: bool) -> int:
    """生成事项的填报模板（.xlsx）。"""
    (item,) = candidates_of(current_set(profile), code).items
    write_template(item, out)
    show_json({"item": item.ref, "file": str(out)}) if as_json else click.echo(f"已生成 {out}。")
    return FINE


COMMANDS = {"template": template}
