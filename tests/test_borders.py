"""Who may import whom: what import-linter's contracts in pyproject.toml cannot say."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections import defaultdict
from pathlib import Path

import grimp
import pytest

TREE = Path(__file__).parents[1]
PROJECT = tomllib.loads((TREE / "pyproject.toml").read_text(encoding="utf-8"))
OURS = ("client", "forms", "regional_platform")
GRAPH = grimp.build_graph(*OURS, include_external_packages=True)
LINES_AT_MOST = 400
NO_SUBJECT = {"utils", "util", "helper", "helpers", "common", "misc", "manager", "data", "info"}

QT = {"PySide6", "shiboken6", "qtawesome"}
FOREIGN = {
    "forms": {"rfc8785", "cryptography"},
    "forms.qt": {"rfc8785", "cryptography"} | QT,
    "client": set(),
    "client.app": QT,
    "client.cli": {"click"},
    "client.core": set(),
    "client.credentials": {"keyring"},
    "client.demo": {"click", "cryptography", "xlsxwriter"} | QT,
    "client.doctor": {"certifi", "cryptography"},
    "client.intake": {"rapidfuzz", "python_calamine", "charset_normalizer", "pypinyin", "xlsxwriter"},
    "client.letters": {"docx", "docxtpl", "fontTools", "jinja2", "lxml", "reportlab"},
    "client.paths": {"pylopdf_fonts_jp", "pylopdf_fonts_zh_cn"},
    "client.store": {"sqlcipher3", "sqlite_utils", "cryptography"},
    "client.sync": {"requests", "urllib3", "zstandard", "cryptography", "orjson", "quickjs"},
    "client.ui": {"pylopdf_fonts_zh_cn", "pypdfium2"} | QT,
    "regional_platform": {
        "alembic", "click", "cryptography", "fastapi", "orjson", "prometheus_client", "psycopg", "pydantic",
        "sqlalchemy", "starlette", "uvicorn", "yaml", "zstandard",
    },
}  # fmt: skip
"""Room → the foreign packages that it may use. The longest name that fits a module is its room."""


def code_files() -> list[Path]:
    return sorted(path for package in OURS for path in (TREE / package).rglob("*.py"))


def room_of(module: str) -> str:
    return max((room for room in FOREIGN if module == room or module.startswith(f"{room}.")), key=len)


def test_each_room_uses_only_the_packages_it_was_given():
    strangers = defaultdict(set)
    for module in GRAPH.modules:
        if module.split(".")[0] not in OURS:
            continue
        for used in GRAPH.find_modules_directly_imported_by(module):
            package = used.split(".")[0]
            if package in OURS or package in sys.stdlib_module_names:
                continue
            if package not in FOREIGN[room_of(module)]:
                strangers[module].add(package)

    assert dict(strangers) == {}


def test_core_reads_no_clock_no_chance_and_no_file():
    doors = {"random", "secrets", "os", "pathlib", "time", "socket", "sqlite3", "threading", "subprocess"}
    opened = defaultdict(set)
    for module in GRAPH.modules:
        if module.startswith("client.core."):
            opened[module] |= GRAPH.find_modules_directly_imported_by(module) & doors

    assert {module: names for module, names in opened.items() if names} == {}


def test_the_sync_engine_is_a_step_function():
    doors = {"requests", "threading", "random", "time", "socket", "client.sync.transport"} | QT
    pure = {
        f"client.sync.{name}" for name in ("engine", "state", "setbacks", "acts", "events", "plan", "pace")
    }
    engine = [module for module in GRAPH.modules if module in pure]

    used = {name for module in engine for name in GRAPH.find_modules_directly_imported_by(module)}

    assert used & doors == set()


def test_no_room_of_the_client_but_the_store_opens_a_database():
    users = GRAPH.find_modules_that_directly_import("sqlite3") if "sqlite3" in GRAPH.modules else set()

    assert {name for name in users if name.startswith("client.") and room_of(name) != "client.store"} == set()


@pytest.mark.parametrize("path", code_files(), ids=lambda path: str(path.relative_to(TREE)))
def test_a_module_has_a_subject_and_fits_in_400_lines(path: Path):
    text = path.read_text(encoding="utf-8")

    assert len(text.splitlines()) <= LINES_AT_MOST
    assert not set(path.stem.split("_")) & NO_SUBJECT
    assert ast.get_docstring(ast.parse(text)), "a module says what it is for"


def test_every_dependency_says_why_and_is_pinned():
    lines = (TREE / "pyproject.toml").read_text(encoding="utf-8").splitlines()
    wanted = [
        *PROJECT["project"]["dependencies"],
        *(name for extra in PROJECT["project"]["optional-dependencies"].values() for name in extra),
    ]
    pinned = {line.split("==")[0].lower().replace("_", "-") for line in pins()}

    unpinned = [name for name in wanted if bare(name) not in pinned]
    unexplained = [
        name
        for name in PROJECT["project"]["dependencies"]
        if not any(f'"{name}"' in x and "#" in x for x in lines)
    ]

    assert (unpinned, unexplained) == ([], [])


def test_the_pins_are_exact_and_name_no_host():
    assert all(line.count("==") == 1 and "/" not in line and "@" not in line for line in pins())


def test_pyside_6_12_cannot_come_in():
    """6.12.0 drops a reference too many on None at every call into Python, and aborts on Python 3.11."""
    wanted = next(x for x in PROJECT["project"]["dependencies"] if x.startswith("PySide6-Essentials"))

    assert wanted.endswith("<6.12")


def pins() -> list[str]:
    lines = (TREE / "constraints.txt").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def bare(requirement: str) -> str:
    found = re.match(r"[\w.-]+", requirement)
    assert found
    return found[0].lower().replace("_", "-")
