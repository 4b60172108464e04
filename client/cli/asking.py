"""import --ask-platform: the rows of a file are compared with what other departments and cities hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import click

from client.cli.output import fail, progress_line
from client.cli.sheet_options import say_row
from client.core.imports import Choice, Choices, Cleanings
from client.core.recipes import Recipe
from client.errors import ClientError
from client.intake.compare import Known
from client.intake.elsewhere import KIND, keys_of, rows_there, with_elsewhere
from client.intake.outcome import check_file
from client.store import recipes
from client.store.desk import Desk
from client.sync.asking import ask
from client.wiring import line_of

DIFFERS: Final = ("doubled_differs", "draft_differs", "accepted_differs")
"""Kinds of what a row meets that say something else than the row."""

BECAME: Final[Mapping[str, str]] = {"skip": "跳过", "keep": "照样收了"}


@dataclass(frozen=True, slots=True)
class AskedOf:
    """What the platform said of the rows of a file.

    Attributes:
        choices: what becomes of rows, those that others have reported among them.
        asked, of: acts that were answered, and that were to be asked about.
        reported: rows that others have reported.
        act: what becomes of those.
        problem: why not all was asked.
    """

    choices: Choices
    asked: int
    of: int
    reported: int
    act: str
    problem: ClientError | None

    def as_json(self) -> dict[str, Any]:
        """The part `platform` of `import --json`."""
        code = self.problem.code if self.problem else None
        return {"asked": self.asked, "of": self.of, "reported": self.reported, "problem": code}

    def say(self, *, as_json: bool) -> None:
        """Say it to people; what went wrong on standard error, in any case."""
        if not as_json:
            became = f"，{BECAME[self.act]}" if self.reported else ""
            click.echo(f"问过平台：{self.asked:,} 行里有 {self.reported:,} 行别处已报{became}。")
        if self.problem is not None:
            fail(self.problem)
            left = self.of - self.asked
            click.echo(f"有 {left:,} 行没有问到平台；与本机记录的比对照常做了。", err=True)


def choices_said(on_difference: str, on_platform: str, reason: str) -> Choices:
    """Read what becomes of rows that meet something."""
    groups = {} if on_difference == "update" else dict.fromkeys(DIFFERS, Choice(on_difference, reason))
    return Choices(groups | ({KIND: Choice(on_platform, reason)} if on_platform == "keep" else {}))


def ask_of_file(
    desk: Desk, file: Path, choices: Choices, *, item: str | None, recipe: Recipe | None, cleanings: Cleanings
) -> AskedOf:
    """Read a file, and ask the platform about the rows that would become records.

    Raises:
        FileRefused: the file cannot come in.
    """
    outcome = check_file(
        file, desk.catalogs.current, today=desk.today(), item=item, cleanings=cleanings, progress=say_row,
        recipes=recipes.list_recipes(desk.db.reader()) if recipe is None else [recipe], known=Known(desk),
    )  # fmt: skip
    assert outcome.compared is not None
    keys = keys_of(outcome.compared)
    asked = ask(
        desk, line_of, outcome.item.code, keys, cancelled=lambda: False,
        progress=lambda done, of: progress_line(f"问平台 {done:,} / {of:,}"),
    )  # fmt: skip
    there = rows_there(outcome.compared, asked, {})
    act = choices.groups[KIND].act if KIND in choices.groups else "skip"
    said = with_elsewhere(choices, there, {})
    return AskedOf(said, len(asked.keys), len(set(keys)), len(there), act, asked.problem)
