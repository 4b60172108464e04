"""The manual's pages say what the program says: every failure, every button, every verb with its options."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from client.cli.verbs import VERBS, minxin
from client.ui import messages
from client.ui.case_messages import CASES
from client.ui.sync.short import SHORT

TREE = Path(__file__).parents[4]
PAGES = sorted((TREE / "docs" / "manual").glob("*.md"))
OF_STICKS = [code for code in messages.FILES if re.match(r"package_|stick_|not_a_package", code)]


def page(name: str) -> str:
    return (TREE / "docs" / "manual" / f"{name}.md").read_text(encoding="utf-8")


def sentence(code: str) -> str:
    """As it stands in a table: what differs from time to time is left open."""
    return re.sub(r"\{\w+\}", "…", messages.SENTENCES[code])


def test_every_failure_of_sync_stands_in_the_manual_with_its_words():
    text = page("trouble")
    rows = {code: f"| {short} | {sentence(code)} | `{code}` |" for code, short in SHORT.items()}

    assert [row for row in rows.values() if row not in text] == []
    assert sorted(re.findall(r"\| `(\w+)` \|$", text, re.MULTILINE)) == sorted(rows)


def test_everything_that_a_stick_may_meet_stands_in_the_manual():
    text = page("stick")

    assert [code for code in OF_STICKS if f"| `{code}` | {sentence(code)} |" not in text] == []


def test_everything_that_stands_in_the_way_of_a_case_stands_in_the_manual():
    text = page("cases")

    assert [code for code in CASES if f"| `{code}` | {sentence(code)} |" not in text] == []


def test_what_the_manual_tells_to_press_is_there():
    sources = "".join(path.read_text(encoding="utf-8") for path in (TREE / "client").rglob("*.py"))
    told = {word for path in PAGES for word in re.findall("「([^」]+)」", path.read_text(encoding="utf-8"))}

    assert sorted(word for word in told if f'"{word}' not in sources) == []


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_every_command_of_the_manual_can_be_typed(path: Path):
    text = path.read_text(encoding="utf-8")
    lines = re.findall(r"^    minxin (.+)$|`minxin ([^`]+)`", text, re.MULTILINE)

    for words in ((one or two).partition("#")[0].split() for one, two in lines):
        context = click.Context(minxin)
        command = minxin.get_command(context, words[0])
        assert words[0] in VERBS, words
        if isinstance(command, click.Group):
            command = command.get_command(context, words[1])
        assert command is not None, words
        options = {name for parameter in command.params for name in parameter.opts}
        assert {word for word in words if word.startswith("--")} <= options, words


def test_the_manuals_pages_lead_to_pages_that_are_there():
    for path in PAGES:
        for target in re.findall(r"\]\(([^)]+)\)", path.read_text(encoding="utf-8")):
            assert (path.parent / target).exists(), (path.name, target)
