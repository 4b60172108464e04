"""Editors: a value in, the same value out; what cannot be read stays as it was typed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, get_args

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from forms.catalog.rules import Allowed, OpenEnd, Uscc
from forms.catalog.schema import CatalogSet, Code, CodeSet, Field, FieldType, Item
from forms.qt.codes import CodeEditor, SetEditor
from forms.qt.dates import DateEditor, LongTermDateEditor
from forms.qt.editor import Editor, LineEditor
from forms.qt.numbers import MoneyEditor
from forms.qt.registry import EDITORS, appearance
from forms.qt.texts import IdentifierEditor, LongTextEditor, TextEditor

pytestmark = pytest.mark.qt_log_ignore("does not support grabbing", extend=True)

MakeField = Callable[..., Field]
MakeEditor = Callable[[Field], Any]
MakeCodes = Callable[..., CodeSet]

PENALTIES = (
    Code("01", "警告"),
    Code("02", "罚款"),
    Code("03", "没收违法所得"),
    Code("99", "其他", other=True),
)
GOOD_USCC = "91350200MA2XYL4C7J"


def compose(box: QWidget, preedit: str, commit: str = "") -> None:
    """Do to a box what an input method does."""
    event = QInputMethodEvent(preedit, [])
    if commit:
        event.setCommitString(commit)
    QApplication.sendEvent(box, event)


def write(qtbot: QtBot, box: QWidget, text: str) -> None:
    """Type: keys for what a keyboard has, the input method for the rest."""
    for sign in text:
        if sign.isascii():
            qtbot.keyClicks(box, sign)
        else:
            compose(box, "", sign)


def leave(qtbot: QtBot, editor: Editor) -> None:
    """Go to another widget."""
    other = QLineEdit()
    qtbot.addWidget(other)
    other.show()
    other.activateWindow()
    other.setFocus()
    qtbot.waitUntil(other.hasFocus)


def enter(qtbot: QtBot, editor: Editor) -> None:
    editor.activateWindow()
    editor.inputs()[0].setFocus()
    qtbot.waitUntil(editor.inputs()[0].hasFocus)


def test_every_type_of_field_has_an_editor():
    assert {kind for kind, look in EDITORS if not look} == set(get_args(FieldType))


def test_every_appearance_of_the_shipped_catalog_has_an_editor_of_its_own(catalog: CatalogSet):
    wanted = {(f.type, appearance(f)) for item in catalog.items.values() for f in item.fields}

    assert wanted <= set(EDITORS)


@pytest.mark.parametrize(
    ("changes", "value"),
    [
        ({"kind": "string"}, "厦门某某有限公司"),
        ({"kind": "string"}, "阿卜杜拉·买买提 𠮷𬭼"),
        ({"kind": "string"}, " 前后有空格 "),
        ({"kind": "text"}, "第一行\n第二行"),
        ({"kind": "date"}, "2026-11-24"),
        ({"kind": "date"}, "2026-13-01"),
        ({"kind": "date", "appearance": "long_term", "rules": "open"}, "2099-12-31"),
        ({"kind": "decimal", "unit": "万元", "appearance": "money_wan", "scale": 6}, "1.5"),
        ({"kind": "decimal", "unit": "万元", "appearance": "money_wan", "scale": 6}, "三百块"),
        ({"kind": "int"}, 12),
        ({"kind": "enum", "codes": True}, "02"),
        ({"kind": "enum", "codes": True}, {"code": "99", "text": "责令改正"}),
        ({"kind": "enum", "codes": True}, "没有的代码"),
        ({"kind": "set", "codes": True}, ["02", "03"]),
        ({"kind": "set", "codes": True}, ["03", "01"]),
        ({"kind": "set", "codes": True}, ["02", {"code": "99", "text": "责令改正"}]),
        ({"kind": "set", "codes": True}, ["02", "没有的代码"]),
        ({"kind": "set", "codes": True}, "整段没有拆开的文字"),
    ],
    ids=str,
)
def test_what_goes_in_comes_out_while_nobody_touches_it(
    editor_of: MakeEditor, field_of: MakeField, codes_of: MakeCodes, changes: dict[str, Any], value: Any
):
    given = dict(changes)
    if given.pop("codes", False):
        given["code_set"] = codes_of(*PENALTIES)
    if given.pop("rules", None):
        from datetime import date  # noqa: PLC0415 - only this case needs a rule

        given["rules"] = (OpenEnd(value=date(2099, 12, 31)),)
    editor = editor_of(field_of(**given))

    editor.set_value(value)

    assert editor.value() == value


@pytest.mark.parametrize("kind", ["string", "text", "date", "decimal", "int", "enum", "set"])
def test_none_empties_the_editor(editor_of: MakeEditor, field_of: MakeField, codes_of: MakeCodes, kind: str):
    editor = editor_of(field_of(kind, code_set=codes_of(*PENALTIES) if kind in {"enum", "set"} else None))

    editor.set_value(["02"] if kind == "set" else "1")
    editor.set_value(None)

    assert editor.value() is None


def test_setting_a_value_signals_nothing(qtbot: QtBot, editor_of: MakeEditor, field_of: MakeField):
    editor = editor_of(field_of("string"))

    with qtbot.assertNotEmitted(editor.edited):
        editor.set_value("甲")


@pytest.mark.parametrize(
    ("typed", "value", "shown"),
    [
        ("20261124", "2026-11-24", "2026-11-24"),
        ("2026/11/24", "2026-11-24", "2026-11-24"),
        ("2026年11月24日", "2026-11-24", "2026-11-24"),
        ("2026.13.01", "2026.13.01", "2026.13.01"),
        ("昨天", "昨天", "昨天"),
    ],
)
def test_a_date_is_read_however_it_is_typed_and_stays_as_typed_when_it_is_none(
    qtbot: QtBot, editor_of: MakeEditor, field_of: MakeField, typed: str, value: str, shown: str
):
    editor: DateEditor = editor_of(field_of("date"))
    enter(qtbot, editor)

    write(qtbot, editor.line, typed)
    leave(qtbot, editor)

    assert (editor.value(), editor.line.text()) == (value, shown)


def test_up_and_down_go_a_day_back_and_on(qtbot: QtBot, editor_of: MakeEditor, field_of: MakeField):
    editor: DateEditor = editor_of(field_of("date"))
    editor.set_value("2026-03-01")
    enter(qtbot, editor)

    qtbot.keyClick(editor.line, Qt.Key.Key_Up)

    assert editor.value() == "2026-02-28"


def test_the_calendar_opens_on_f4_and_enter_takes_the_day(
    qtbot: QtBot, editor_of: MakeEditor, field_of: MakeField
):
    editor: DateEditor = editor_of(field_of("date"))
    editor.set_value("2026-11-20")
    enter(qtbot, editor)

    qtbot.keyClick(editor.line, Qt.Key.Key_F4)
    popup = QApplication.activePopupWidget()
    assert popup is not None
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return)

    assert editor.value() == "2026-11-20"
    assert QApplication.activePopupWidget() is None


def test_long_term_is_one_click_and_a_second_click_takes_it_back(
    qtbot: QtBot, editor_of: MakeEditor, field_of: MakeField
):
    editor: LongTermDateEditor = editor_of(field_of("date", appearance="long_term"))
    editor.set_value("2027-01-01")

    qtbot.mouseClick(editor._long, Qt.MouseButton.LeftButton)
    first = editor.value()
    qtbot.mouseClick(editor._long, Qt.MouseButton.LeftButton)

    assert (first, editor.value()) == ("2099-12-31", "2027-01-01")


def test_money_in_wan_shows_the_same_in_yuan_beside_it(
    qtbot: QtBot, editor_of: MakeEditor, field_of: MakeField
):
    editor: MoneyEditor = editor_of(field_of("decimal", unit="万元", appearance="money_wan", scale=6))
    enter(qtbot, editor)

    qtbot.keyClicks(editor.line, "1.234567")

    assert editor.line.said() == "= 12,345.67 元"


def test_a_code_is_found_by_a_part_of_its_name_and_taken_with_enter(
    qtbot: QtBot, editor_of: MakeEditor, field_of: MakeField, codes_of: MakeCodes
):
    editor: CodeEditor = editor_of(field_of("enum", code_set=codes_of(*PENALTIES)))
    enter(qtbot, editor)

    write(qtbot, editor.line, "没收")
    qtbot.keyClick(QApplication.activePopupWidget(), Qt.Key.Key_Return)

    assert (editor.value(), editor.line.text()) == ("03", "没收违法所得")


def test_a_code_typed_as_its_number_shows_its_name_after_leaving(
    qtbot: QtBot, editor_of: MakeEditor, field_of: MakeField, codes_of: MakeCodes
):
    editor: CodeEditor = editor_of(field_of("enum", code_set=codes_of(*PENALTIES)))
    enter(qtbot, editor)

    qtbot.keyClicks(editor.line, "02")
    qtbot.keyClick(editor.line, Qt.Key.Key_Escape)
    leave(qtbot, editor)

    assert (editor.value(), editor.line.text()) == ("02", "罚款")


def test_other_asks_what_and_the_value_has_both(
    qtbot: QtBot, editor_of: MakeEditor, field_of: MakeField, codes_of: MakeCodes
):
    editor: CodeEditor = editor_of(field_of("enum", code_set=codes_of(*PENALTIES)))

    editor.pick("99")
    assert editor.other is not None
    write(qtbot, editor.other, "责令改正")

    assert editor.value() == {"code": "99", "text": "责令改正"}


def test_the_list_offers_only_codes_that_the_item_allows(
    qtbot: QtBot, editor_of: MakeEditor, field_of: MakeField, codes_of: MakeCodes
):
    field = field_of("enum", code_set=codes_of(*PENALTIES), rules=(Allowed(values=("01", "02")),))
    editor: CodeEditor = editor_of(field)
    enter(qtbot, editor)

    qtbot.keyClick(editor.line, Qt.Key.Key_F4)

    shown = [editor._list.completionModel().index(n, 0).data() for n in range(editor._list.completionCount())]
    assert shown == ["01　警告", "02　罚款"]


def test_codes_are_ticked_with_the_space_bar_and_come_out_in_the_order_of_the_set(
    qtbot: QtBot, editor_of: MakeEditor, field_of: MakeField, codes_of: MakeCodes
):
    editor: SetEditor = editor_of(field_of("set", code_set=codes_of(*PENALTIES)))
    enter(qtbot, editor)

    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Space, Qt.Key.Key_Left, Qt.Key.Key_Space):
        qtbot.keyClick(editor.ticks, key)

    assert editor.value() == ["02", "03"]


def test_a_click_anywhere_on_a_code_ticks_it(
    qtbot: QtBot, editor_of: MakeEditor, field_of: MakeField, codes_of: MakeCodes
):
    editor: SetEditor = editor_of(field_of("set", code_set=codes_of(*PENALTIES)))

    place = editor.ticks.drawn_at(1).center()
    qtbot.mouseClick(editor.ticks.viewport(), Qt.MouseButton.LeftButton, pos=place)

    assert editor.value() == ["02"]


def test_what_is_no_code_of_the_set_is_shown_and_can_be_taken_away(
    qtbot: QtBot, editor_of: MakeEditor, field_of: MakeField, codes_of: MakeCodes
):
    editor: SetEditor = editor_of(field_of("set", code_set=codes_of(*PENALTIES)))
    editor.set_value(["02", "罚金"])

    shown = editor.ticks.item(4).text()
    qtbot.mouseClick(
        editor.ticks.viewport(), Qt.MouseButton.LeftButton, pos=editor.ticks.drawn_at(4).center()
    )

    assert "罚金" in shown
    assert editor.value() == ["02"]


def test_a_large_set_is_searched_and_added_to(
    qtbot: QtBot, editor_of: MakeEditor, field_of: MakeField, codes_of: MakeCodes
):
    many = codes_of(*(Code(f"{n:03}", f"行业{n}") for n in range(500)))
    editor: SetEditor = editor_of(field_of("set", code_set=many))
    enter(qtbot, editor)

    qtbot.keyClicks(editor.search, "123")
    qtbot.keyClick(QApplication.activePopupWidget(), Qt.Key.Key_Return)

    assert editor.value() == ["123"]
    assert editor.ticks.count() == 1


def test_an_identifier_counts_while_typing_and_ticks_when_right(
    qtbot: QtBot, editor_of: MakeEditor, field_of: MakeField
):
    editor: IdentifierEditor = editor_of(field_of("string", rules=(Uscc(),), max_length=18))
    enter(qtbot, editor)

    qtbot.keyClicks(editor.line, GOOD_USCC[:10])
    counted = editor.line.said()
    qtbot.keyClicks(editor.line, GOOD_USCC[10:].lower())
    leave(qtbot, editor)

    assert counted == "10/18 位"
    assert (editor.line.said(), editor.value()) == ("✓", GOOD_USCC)


def test_a_long_text_counts_and_is_never_cut(qtbot: QtBot, editor_of: MakeEditor, field_of: MakeField):
    editor: LongTextEditor = editor_of(field_of("text", max_length=5))
    enter(qtbot, editor)

    qtbot.keyClicks(editor.box, "1234567")

    assert editor.value() == "1234567"
    assert editor._count.text() == "7/5 字"
    assert editor._count.property("tone") == "bad"


def test_tab_leaves_a_long_text_and_enter_is_a_new_line(
    qtbot: QtBot, editor_of: MakeEditor, field_of: MakeField
):
    editor: LongTextEditor = editor_of(field_of("text"))
    enter(qtbot, editor)

    write(qtbot, editor.box, "甲")
    qtbot.keyClick(editor.box, Qt.Key.Key_Return)
    write(qtbot, editor.box, "乙")

    assert editor.value() == "甲\n乙"
    assert editor.box.tabChangesFocus()


class TestInputMethod:
    """The input method gets Enter first, and no letter is lost."""

    def test_enter_does_not_move_on_while_composing(
        self, qtbot: QtBot, editor_of: MakeEditor, field_of: MakeField
    ):
        editor: TextEditor = editor_of(field_of("string"))
        enter(qtbot, editor)
        compose(editor.line, "xia men")

        with qtbot.assertNotEmitted(editor.entered):
            qtbot.keyClick(editor.line, Qt.Key.Key_Return)

    def test_a_composition_is_no_edit_until_it_is_text(
        self, qtbot: QtBot, editor_of: MakeEditor, field_of: MakeField
    ):
        editor: TextEditor = editor_of(field_of("string"))
        enter(qtbot, editor)

        with qtbot.assertNotEmitted(editor.edited):
            compose(editor.line, "xia men")
        with qtbot.waitSignal(editor.edited, timeout=1_000):
            compose(editor.line, "", "厦门")

        assert editor.value() == "厦门"

    @pytest.mark.parametrize("kind", ["string", "text", "date", "decimal"])
    def test_what_is_still_composed_when_the_focus_moves_is_kept(
        self, qtbot: QtBot, editor_of: MakeEditor, field_of: MakeField, kind: str
    ):
        editor = editor_of(field_of(kind))
        enter(qtbot, editor)
        compose(editor.inputs()[0], "xia'men")

        leave(qtbot, editor)

        assert editor.value() == "xia'men"

    def test_a_code_being_composed_opens_no_list(
        self, qtbot: QtBot, editor_of: MakeEditor, field_of: MakeField, codes_of: MakeCodes
    ):
        editor: CodeEditor = editor_of(field_of("enum", code_set=codes_of(*PENALTIES)))
        enter(qtbot, editor)

        compose(editor.line, "fa kuan")

        assert editor._list is None


@pytest.mark.parametrize("kind", ["string", "text", "date", "decimal", "int", "enum", "set"])
def test_a_read_only_editor_takes_no_keys(
    qtbot: QtBot, editor_of: MakeEditor, field_of: MakeField, codes_of: MakeCodes, kind: str
):
    editor = editor_of(field_of(kind, code_set=codes_of(*PENALTIES) if kind in {"enum", "set"} else None))
    editor.set_value(["02"] if kind == "set" else "02")
    editor.set_read_only(True)
    enter(qtbot, editor)

    box = editor.inputs()[0]
    for key in (Qt.Key.Key_F4, Qt.Key.Key_7, Qt.Key.Key_Space, Qt.Key.Key_Up):
        qtbot.keyClick(box, key)

    assert editor.value() == (["02"] if kind == "set" else "02")
    assert QApplication.activePopupWidget() is None


def test_every_box_has_a_name_for_screen_readers(
    editor_of: MakeEditor, field_of: MakeField, codes_of: MakeCodes
):
    for kind, look in EDITORS:
        codes = codes_of(*PENALTIES) if kind in {"enum", "set"} or look == "coded" else None
        editor = editor_of(field_of(kind, appearance=look, code_set=codes))
        editor.name_for_readers("罚款金额，必填", "说明")

        assert all(box.accessibleName() for box in editor.inputs()), (kind, look)
        assert isinstance(editor, Editor)
        assert not isinstance(editor, LineEditor) or editor.line.accessibleDescription() == "说明"


# --- money ------------------------------------------------------------------------------------


def beside(editor: MoneyEditor) -> str:
    return editor.line.said()


def test_money_that_says_its_unit_means_that(editor_of: MakeEditor, penalty: Item, qtbot: QtBot):
    editor = editor_of(penalty.by_id["CF_NR_FK"])
    write(qtbot, editor.line, "5000元")

    assert editor.value() == "0.5"
    assert beside(editor) == "= 5,000 元"


def test_money_is_typed_in_yuan_after_a_click_on_the_unit(editor_of: MakeEditor, penalty: Item, qtbot: QtBot):
    editor = editor_of(penalty.by_id["CF_NR_FK"])
    assert isinstance(editor, MoneyEditor)
    qtbot.mouseClick(editor.switch, Qt.MouseButton.LeftButton)
    write(qtbot, editor.line, "195000")

    assert editor.value() == "19.5"
    assert beside(editor) == "= 19.5 万元"


def test_f4_turns_the_unit_and_leaves_the_value_alone(editor_of: MakeEditor, penalty: Item, qtbot: QtBot):
    editor = editor_of(penalty.by_id["CF_NR_FK"])
    editor.set_value("1.5")
    assert isinstance(editor, MoneyEditor)
    with qtbot.assertNotEmitted(editor.edited):
        qtbot.keyClick(editor.line, Qt.Key.Key_F4)

    assert (editor.line.text(), editor.value(), editor.unit) == ("15000", "1.5", "元")


def test_money_that_cannot_be_read_stays_as_typed_in_either_unit(
    editor_of: MakeEditor, penalty: Item, qtbot: QtBot
):
    editor = editor_of(penalty.by_id["CF_NR_FK"])
    write(qtbot, editor.line, "abc")
    qtbot.keyClick(editor.inputs()[0], Qt.Key.Key_F4)

    assert editor.value() == "abc"
    assert editor.inputs()[0].text() == "abc"  # type: ignore[attr-defined]


def test_an_amount_in_yuan_shows_ten_thousands_beside_it_and_can_be_typed_so(
    editor_of: MakeEditor, field_of: MakeField, qtbot: QtBot
):
    editor = editor_of(field_of("decimal", unit="元", scale=2))
    editor.set_value("195000")
    assert beside(editor) == "= 19.5 万元"
    qtbot.keyClick(editor.line, Qt.Key.Key_F4)
    assert (editor.line.text(), editor.value(), beside(editor)) == ("19.5", "195000", "= 195,000 元")
    editor.line.clear()
    write(qtbot, editor.line, "2")

    assert editor.value() == "20000"


def test_no_number_but_a_word_of_numbers_breaks_nothing(editor_of: MakeEditor, penalty: Item, qtbot: QtBot):
    editor = editor_of(penalty.by_id["CF_NR_FK"])
    for text in ("NaN", "Infinity", "-0"):
        editor.set_value(text)
        qtbot.keyClick(editor.line, Qt.Key.Key_F4)
        assert editor.value() == text
