"""Editors of codes: one code, found by typing; and several, ticked or added."""

from __future__ import annotations

from functools import partial

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from forms.catalog.rules import Allowed
from forms.catalog.schema import Code, CodeSet, Field, OtherValue, Value
from forms.qt import words
from forms.qt.code_search import CodeList
from forms.qt.editor import Editor, LineEditor, Setting
from forms.qt.glyphs import LIST, SEARCH, glyph
from forms.qt.inputs import Line, in_tab_order
from forms.qt.tick_list import TickList
from forms.qt.typed import as_value

ALL_SHOWN = 30
"""A set of no more codes than this is shown whole, to be ticked; a larger one is searched."""

OTHER_MIN_PX = 140


def split(value: Value | None) -> tuple[str, str]:
    """Return the code of an enum value, or of a member of a set, and the text beside it."""
    if isinstance(value, dict):
        return value.get("code", ""), value.get("text", "")
    return ("" if value is None else str(value)), ""


def codes_of(field: Field) -> CodeSet:
    """Return the code set of an enum or set field; the loader lets none through without."""
    assert field.code_set is not None, field.id
    return field.code_set


def offered(field: Field) -> tuple[Code, ...]:
    """Return the codes that a list offers: those that the item allows, else the whole set."""
    allowed = {code for rule in field.rules if isinstance(rule, Allowed) for code in rule.values}
    codes = codes_of(field).codes
    return tuple(code for code in codes if code.code in allowed) if allowed else codes


class CodeEditor(LineEditor):
    """One code, found by code or name; a box beside it where the code is "other, namely"."""

    def __init__(self, field: Field, setting: Setting, parent: QWidget | None = None) -> None:
        super().__init__(field, setting, parent)
        self._set = codes_of(field)
        self.line.setPlaceholderText(words.SEARCH_CODE)
        self._button = QAction(glyph(LIST, self.palette()), words.OPEN_LIST, self)
        self._button.triggered.connect(self._open_all)
        self.line.addAction(self._button, QLineEdit.ActionPosition.TrailingPosition)
        self.line.list_asked.connect(self._open_all)
        self._list: CodeList | None = None
        self.other: Line | None = None
        self._read_only = False

    def read(self) -> Value | None:
        value = as_value(self.field, self.line.text())
        code, text = split(value)
        known = self._set.by_code.get(code)
        if known is None or not known.other:
            return value
        text = self._other_text() or text
        return {"code": known.code, "text": text} if text else known.code

    def write(self, value: Value | None) -> None:
        code, other = split(value)
        known = self._set.by_code.get(code)
        self._show(known.name if known else code)
        if other or (known is not None and known.other):
            self._other().setText(other)

    def set_read_only(self, on: bool) -> None:
        super().set_read_only(on)
        self._read_only = on
        self._button.setVisible(not on)
        self.line.setPlaceholderText("" if on else words.SEARCH_CODE)
        if self.other is not None:
            self.other.setReadOnly(on)

    def inputs(self) -> tuple[QWidget, ...]:
        return (self.line,) if self.other is None else (self.line, self.other)

    def refresh(self) -> None:
        code, _ = split(as_value(self.field, self.line.text()))
        known = self._set.by_code.get(code)
        wanted = known is not None and known.other
        if wanted:
            self._other()
        if self.other is not None:
            self.other.setVisible(wanted)

    def pick(self, code: str) -> None:
        """Take a code of the set, as if it had been typed."""
        self._show(self._set.by_code[code].name)
        self.touch()
        if self.other is not None and self.other.isVisible():
            self.other.setFocus()

    def _other(self) -> Line:
        if self.other is None:
            self.other = Line()
            self.other.setMinimumWidth(OTHER_MIN_PX)
            self.other.setPlaceholderText(words.OTHER)
            self.other.setAccessibleName(words.OTHER_NAME.format(title=self.field.title))
            self.other.setReadOnly(self._read_only)
            self.other.textEdited.connect(self.touch)
            self.other.left.connect(self.left)
            self.other.entered.connect(self.entered)
            self.row.addWidget(self.other, 1)
            in_tab_order(self.line, self.other)
        return self.other

    def _other_text(self) -> str:
        return self.other.text().strip() if self.other is not None else ""

    def _on_edited(self) -> None:
        super()._on_edited()
        if self.line.text().strip():
            self._codes().offer(self.line.text())
        else:
            self._codes().close()

    def _open_all(self) -> None:
        if not self.line.isReadOnly():
            self.line.setFocus()
            self._codes().offer("")

    def _codes(self) -> CodeList:
        if self._list is None:
            self._list = CodeList(offered(self.field), self.line, partial(self.setting.sounds, self._set))
            self._list.picked.connect(self.pick)
        return self._list


class SetEditor(Editor):
    """Several codes. A small set is shown whole and ticked; of a large one what was added.

    One stop of Tab: arrows go from code to code, the space bar ticks. What was imported and is no
    code of the set stands at the end, ticked and marked, until it is taken away.
    """

    def __init__(self, field: Field, setting: Setting, parent: QWidget | None = None) -> None:
        super().__init__(field, setting, parent)
        self._set = codes_of(field)
        self._codes = offered(field)
        self._whole = len(self._codes) <= ALL_SHOWN
        self._order = {code.code: n for n, code in enumerate(self._codes)}
        self._others: dict[str, Line] = {}
        self._chosen: list[str] = []
        self._given: Value | None = None
        self._touched = False
        self._read_only = False
        self.ticks = TickList()
        self.ticks.ticked.connect(self._on_ticked)
        self.ticks.entered.connect(self.entered)
        self.ticks.left.connect(self.left)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(4)
        self.search = None if self._whole else self._make_search()
        if self.search is not None:
            self._column.addWidget(self.search)
        self._column.addWidget(self.ticks)
        self.setFocusProxy(self.inputs()[0])
        self._show_rows()

    def value(self) -> Value | None:
        if not self._touched:
            return self._given
        if not self._chosen:
            return None
        return [self._member(code) for code in self._chosen]

    def set_value(self, value: Value | None) -> None:
        self._given, self._touched = value, False
        members = value if isinstance(value, list) else [] if value is None else [value]
        pairs = [split(member) for member in members]
        self._chosen = [code for code, _ in pairs if code]
        texts = dict(pairs)
        for code in self._chosen:
            if self._is_other(code):
                self._other(code).setText(texts[code])
        self._show_rows()

    def set_read_only(self, on: bool) -> None:
        self._read_only = on
        self.ticks.set_read_only(on)
        if self.search is not None:
            self.search.setVisible(not on)
        for line in self._others.values():
            line.setReadOnly(on)

    def inputs(self) -> tuple[QWidget, ...]:
        others = (line for line in self._others.values() if not line.isHidden())
        first = (self.search,) if self.search is not None else ()
        return (*first, self.ticks, *others)

    def _member(self, code: str) -> str | OtherValue:
        if not self._is_other(code):
            return code
        line = self._others.get(code)
        text = line.text().strip() if line else ""
        return {"code": code, "text": text} if text else code

    def _is_other(self, code: str) -> bool:
        known = self._set.by_code.get(code)
        return known is not None and known.other

    def _show_rows(self) -> None:
        """Bring ticks and texts in line with what is chosen."""
        strange = [code for code in self._chosen if code not in self._order]
        shown = [code.code for code in self._codes] if self._whole else self._in_order()
        rows = [(code, self._set.by_code[code].name) for code in shown if code in self._order]
        rows += [(code, words.NOT_IN_SET.format(text=code)) for code in strange]
        self.ticks.set_rows(rows, frozenset(self._chosen))
        for code, line in self._others.items():
            line.setVisible(code in self._chosen)

    def _in_order(self) -> list[str]:
        return sorted(self._chosen, key=lambda code: self._order.get(code, len(self._order)))

    def _on_ticked(self, code: str, on: bool) -> None:
        if on and code not in self._chosen:
            self._chosen.append(code)
        elif not on and code in self._chosen:
            self._chosen.remove(code)
        self._chosen = self._in_order()
        if on and self._is_other(code):
            self._other(code)
        self._show_rows()
        self._touch()
        if on and self._is_other(code):
            self._other(code).setFocus()

    def _other(self, code: str) -> Line:
        line = self._others.get(code)
        if line is None:
            line = Line()
            line.setPlaceholderText(f"{self._set.by_code[code].name}：{words.OTHER}")
            line.setAccessibleName(words.OTHER_NAME.format(title=self._set.by_code[code].name))
            line.setReadOnly(self._read_only)
            line.textEdited.connect(self._touch)
            line.left.connect(self.left)
            line.entered.connect(self.entered)
            self._others[code] = line
            self._column.addWidget(line)
            in_tab_order(self.ticks, *self._others.values())
        return line

    def _touch(self) -> None:
        self._touched = True
        self.edited.emit()

    def _make_search(self) -> Line:
        search = Line()
        search.setPlaceholderText(words.ADD_CODE)
        search.addAction(glyph(SEARCH, self.palette()), QLineEdit.ActionPosition.LeadingPosition)
        found = CodeList(self._codes, search, partial(self.setting.sounds, self._set))
        found.picked.connect(self._add)
        search.textEdited.connect(found.offer)
        search.list_asked.connect(lambda: found.offer(""))
        search.entered.connect(self._add_typed)
        search.left.connect(self.left)
        return search

    def _add(self, code: str) -> None:
        assert self.search is not None
        self.search.clear()
        self._on_ticked(code, on=True)

    def _add_typed(self) -> None:
        """Enter in the search: a code that was typed whole is added; an empty box moves on."""
        assert self.search is not None
        code, _ = split(as_value(self.field, self.search.text()))
        if code in self._order:
            self._add(code)
        elif not code:
            self.entered.emit()
