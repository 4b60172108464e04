"""What the tests of the form share: the shipped catalog, a day, and how to make an editor of any field."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from forms.catalog.loader import load_set
from forms.catalog.schema import Basis, CatalogSet, Code, CodeSet, Field, Item
from forms.qt.editor import Editor, Setting
from forms.qt.registry import make_editor

TODAY = date(2026, 11, 24)
CATALOG = Path(__file__).parents[3] / "resources" / "catalogs" / "2026.1"


@pytest.fixture(scope="session")
def catalog() -> CatalogSet:
    return load_set(CATALOG)


@pytest.fixture
def penalty(catalog: CatalogSet) -> Item:
    """行政处罚 of organisations: every type of field, and rules between them."""
    return catalog.items["XZCF_FR"]


@pytest.fixture
def setting() -> Setting:
    return Setting(lambda: TODAY)


def a_code_set(*codes: Code) -> CodeSet:
    return CodeSet(
        id="T", name="试验", provenance="derived", source=(), codes=codes,
        by_code={code.code: code for code in codes}, by_name={code.name: code for code in codes},
    )  # fmt: skip


def a_field(kind: Any, **changes: Any) -> Field:
    given: dict[str, Any] = {
        "id": "F", "title": "试验项", "type": kind, "required": False, "max_length": 20, "scale": None,
        "unit": None, "required_group": None, "code_set": None, "rules": (), "section": "",
        "sensitivity": "none", "appearance": "", "help": None, "note": None, "aliases": (),
        "basis": {"field": Basis("sourced", "S")},
    }  # fmt: skip
    return Field(**{**given, **changes})


@pytest.fixture
def editor_of(qtbot: QtBot, setting: Setting) -> Callable[[Field], Editor]:
    """Make the editor of a field, on the screen."""

    def make(field: Field) -> Editor:
        editor = make_editor(field, setting)
        qtbot.addWidget(editor)
        editor.show()
        qtbot.waitExposed(editor)
        return editor

    return make


@pytest.fixture
def field_of() -> Callable[..., Field]:
    return a_field


@pytest.fixture
def codes_of() -> Callable[..., CodeSet]:
    return a_code_set
