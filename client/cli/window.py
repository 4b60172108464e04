"""The verb that opens the window. Qt is loaded here and nowhere else in the command line."""

from __future__ import annotations

import importlib
from pathlib import Path

import click

from client.cli.output import common


@click.command("window")
@common
def window(profile: Path, as_json: bool) -> int:
    """打开窗口。"""
    del as_json
    code: int = importlib.import_module("client.app").run_window(profile)
    return code


COMMANDS = {"window": window}
