"""Yes or no: both stand there, a key or a click chooses, and what is neither stays until one is chosen."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from forms.catalog.schema import CatalogSet, Code, Field
from forms.qt.editor import Editor
from forms.qt.registry import appearance
from forms.qt.yes_no import YesNoEditor
from tests.forms.qt.conftest import a_code_set, a_field

BOTH = a_code_set(Code("1", "是"), Code("0", "否"))


@pytest.fixture
def editor(editor_of: Callable[[Field], Editor], qtbot: QtBot) -> YesNoEditor:
    made = editor_of(a_field("enum", code_set=BOTH))
    assert isinstance(made, YesNoEditor)
    made.activateWindow()
    made.inputs()[0].setFocus()
    qtbot.waitUntil(made.inputs()[0].hasFocus)
    return made


@pytest.mark.parametrize(
    ("keys", "value"),
    [
        pytest.param([Qt.Key.Key_1], "1", id="the code"),
        pytest.param([Qt.Key.Key_N], "0", id="a letter"),
        pytest.param([Qt.Key.Key_Space], "1", id="the space bar"),
        pytest.param([Qt.Key.Key_Right], "1", id="an arrow"),
        pytest.param([Qt.Key.Key_Right, Qt.Key.Key_Right], "0", id="an arrow again"),
        pytest.param([Qt.Key.Key_Y, Qt.Key.Key_Delete], None, id="Delete empties"),
    ],
)
def test_a_key_chooses(editor: YesNoEditor, qtbot: QtBot, keys: list[Qt.Key], value: str | None):
    for key in keys:
        qtbot.keyClick(QApplication.focusWidget(), key)

    assert editor.value() == value
    assert editor.inputs()[0].hasFocus()
    assert [code for code, button in editor.buttons.items() if button.isChecked()] == (
        [value] if value else []
    )


def test_a_click_chooses_and_enter_goes_on(editor: YesNoEditor, qtbot: QtBot):
    with qtbot.waitSignal(editor.edited):
        qtbot.mouseClick(editor.buttons["0"], Qt.MouseButton.LeftButton, pos=QPoint(8, 10))
    with qtbot.waitSignal(editor.entered):
        qtbot.keyClick(editor.inputs()[0], Qt.Key.Key_Return)

    assert editor.value() == "0"


def test_what_is_neither_stays_as_typed_until_one_is_chosen(editor: YesNoEditor, qtbot: QtBot):
    editor.set_value("也许")
    shown, kept = [label.text() for label in editor.findChildren(QLabel)], editor.value()
    qtbot.keyClick(editor.inputs()[0], Qt.Key.Key_0)

    assert kept == "也许"
    assert any("也许" in text for text in shown)
    assert editor.value() == "0"


def test_where_one_only_reads_nothing_is_chosen(editor: YesNoEditor, qtbot: QtBot):
    editor.set_value("1")
    editor.set_read_only(True)
    qtbot.keyClick(editor.inputs()[0], Qt.Key.Key_0)

    assert editor.value() == "1"


def test_all_fields_of_yes_and_no_look_so(catalog: CatalogSet):
    fields = [f for item in catalog.items.values() for f in item.fields if f.code_set is not None]
    found = [field for field in fields if appearance(field) == "yes_no"]

    assert len(found) == 10
    assert {field.code_set.id for field in found if field.code_set} == {"YES_NO"}
