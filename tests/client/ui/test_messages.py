"""Every code that is raised anywhere has a sentence; every sentence can be filled in."""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

from client import errors
from client.core.reasons import missing
from client.core.workflow import RULES, refusal
from client.store import files
from client.sync.plan import LINK, REFUSED
from client.ui import messages

TREE = Path(__file__).parents[3]
KINDS = {
    name
    for name, kind in vars(errors).items()
    if isinstance(kind, type) and issubclass(kind, errors.ClientError)
}


def literals(node: ast.expr) -> Iterator[str]:
    """Text that an expression can be: a constant, or either branch of a choice."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from literals(node.body)
        yield from literals(node.orelse)


def raised() -> dict[str, str]:
    """Code → where an error with it is made, over the whole client."""
    found: dict[str, str] = {}
    for path in sorted((TREE / "client").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                not isinstance(node, ast.Call)
                or not isinstance(node.func, ast.Name)
                or node.func.id not in KINDS
            ):
                continue
            for code in literals(node.args[0]) if node.args else ():
                found[code] = f"{path.relative_to(TREE)}:{node.lineno}"
    return found


def test_every_code_that_the_client_raises_has_a_sentence():
    lacking = {code: place for code, place in raised().items() if code not in messages.SENTENCES}

    assert lacking == {}


def test_no_sentence_is_left_over_from_a_code_that_is_gone():
    sources = [
        *(TREE / "client").rglob("*.py"),
        *(TREE / "forms" / "seal").rglob("*.py"),
        TREE / "resources" / "api" / "openapi.yaml",
    ]
    table = TREE / "client" / "ui" / "messages.py"
    text = "".join(path.read_text(encoding="utf-8") for path in sources if path != table)
    left_over = {
        code for code in messages.SENTENCES if f'"{code}"' not in text and code.replace("_", "-") not in text
    }

    # Made from two parts: whose key the platform does not know.
    assert left_over <= {"maker_key_unknown", "checker_key_unknown"}


def test_every_kind_of_error_has_a_sentence_for_its_default_code():
    defaults = {getattr(errors, name).code for name in KINDS}

    assert defaults <= messages.SENTENCES.keys()


def test_every_failure_of_the_line_and_refusal_of_the_platform_has_a_sentence():
    assert LINK.keys() | REFUSED.keys() <= messages.SENTENCES.keys()


def test_every_problem_of_the_contract_has_a_sentence():
    contract = (TREE / "resources" / "api" / "openapi.yaml").read_text(encoding="utf-8")
    codes = {code.replace("-", "_") for code in re.findall(r"urn:minxin:problem:([a-z][a-z-]+)", contract)}

    assert codes - messages.SENTENCES.keys() == set()


def test_every_word_of_the_disk_and_of_the_workflow_has_a_sentence():
    words = set(files._CODES.values())
    words |= {why for act in RULES for why in [refusal(act, frozenset(), "stored")] if why}
    words |= {why for why in (missing("correct", None), missing("withdraw", {"code": "wrong_entry"})) if why}

    assert words <= messages.SENTENCES.keys()


@pytest.mark.parametrize("code", sorted(messages.SENTENCES))
def test_a_sentence_ends_and_says_no_code_or_exception(code: str):
    text = messages.SENTENCES[code]

    assert text.endswith(("。", "；", "（{error}）。"))
    bare = "".join(part for part, *_ in string.Formatter().parse(text))
    assert not re.search(r"Error|Exception|错误：", bare)


def test_a_missing_parameter_breaks_no_message():
    for code in messages.SENTENCES:
        assert messages.sentence(code)


def test_an_unknown_code_is_still_a_sentence_that_names_it():
    said = messages.sentence(errors.ClientError("never_heard_of"))

    assert "never_heard_of" in said
    assert "都在本机" in said


def test_the_module_loads_no_qt():
    source = (TREE / "client" / "ui" / "messages.py").read_text(encoding="utf-8")

    assert "PySide6" not in source
