"""import --ask-platform: the rows of a file are compared with what other departments and cities hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import click

from client.cli.opening import line_of
from client.cli.output import fail, progress_line
from client.core.imports import Choice, Choices
from client.errors import ClientError
from client.intake.compare import Compared
from client.intake.elsewhere import KIND, keys_of, persons_of, rows_there, with_elsewhere
from client.store.desk import Desk
from client.sync.asking import ask

DIFFERS: Final = ("doubled_differs", "draft_differs", "accepted_differs")
"""Kinds of what a row meets that say something else than the row."""

BECAME: Final[Mapping[str, str]] = {"skip": "跳过", "keep": "照样收了"}


PERSONS_LEFT: Final = (
    "有 {n:,} 行是自然人的，没有问平台：要由异议处理员用 --person-reason 写明事由，平台会记下。"
)


@dataclass(frozen=True, slots=True)
class AskedOf:
    """What the platform said of the rows of a file.

    Attributes:
        asked, of: acts that were answered, and that were to be asked about.
        reported: rows that others have reported.
        persons: acts about natural persons, which were left out.
        act: what becomes of those.
        problem: why not all was asked.
    """

    asked: int
    of: int
    reported: int
    persons: int
    act: str
    problem: ClientError | None

    def as_json(self) -> dict[str, Any]:
        """The part `platform` of `import --json`."""
        code = self.problem.code if self.problem else None
        said = {"asked": self.asked, "of": self.of, "reported": self.reported, "persons": self.persons}
        return {**said, "problem": code}

    def say(self, *, as_json: bool) -> None:
        """Say it to people; what went wrong on standard error, in any case."""
        if not as_json:
            became = f"，{BECAME[self.act]}" if self.reported else ""
            click.echo(f"问过平台：{self.asked:,} 行里有 {self.reported:,} 行别处已报{became}。")
        if self.persons:
            click.echo(PERSONS_LEFT.format(n=self.persons), err=True)
        if self.problem is not None:
            fail(self.problem)
            left = self.of - self.asked
            click.echo(f"有 {left:,} 行没有问到平台；与本机记录的比对照常做了。", err=True)


def choices_said(on_difference: str, on_platform: str, on_deleted: str, reason: str) -> Choices:
    """Read what becomes of rows that meet something."""
    groups = {} if on_difference == "update" else dict.fromkeys(DIFFERS, Choice(on_difference, reason))
    kept = {KIND: on_platform, "deleted_by_case": on_deleted}
    return Choices(groups | {kind: Choice(act, reason) for kind, act in kept.items() if act == "keep"})


class Asker:
    """Asks the platform about the rows of a file that would become records, while it is imported.

    Attributes:
        asked: what came of it; None before.
    """

    def __init__(self, desk: Desk, choices: Choices, person_reason: str) -> None:
        self._desk, self._choices, self._reason = desk, choices, person_reason
        self.asked: AskedOf | None = None

    def __call__(self, compared: Compared) -> Choices:
        """Ask, and return what becomes of the rows."""
        keys, persons = keys_of(compared), persons_of(compared)
        asked = ask(
            self._desk, line_of, compared.item.code, keys, persons=persons, reason=self._reason,
            cancelled=lambda: False,
            progress=lambda done, of: progress_line(f"问平台 {done:,} / {of:,}"),
        )  # fmt: skip
        there = rows_there(compared, asked, {})
        groups = self._choices.groups
        act = groups[KIND].act if KIND in groups else "skip"
        said = with_elsewhere(self._choices, there, {})
        left = 0 if asked.persons else len(persons)
        of = len(set(keys)) - left
        self.asked = AskedOf(len(asked.keys), of, len(there), left, act, asked.problem)
        return said
