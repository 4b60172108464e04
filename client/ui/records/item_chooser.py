"""What a new record is to be of: all items and one's own templates, found by typing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QStackedWidget, QVBoxLayout, QWidget

from client.store.habits import ItemUse, Template
from client.ui.records import words
from client.ui.records.name_strip import NameStrip
from client.ui.row_model import Column, RowModel, choose, current
from client.ui.widgets.buttons import link, on_keys, primary
from client.ui.widgets.empty import EmptyState
from client.ui.widgets.icons import icon
from client.ui.widgets.tables import Table
from forms.catalog.schema import Entry
from forms.qt.inputs import ENTER, Line

WIDTHS: Final = (320, 132, 160)
LIST_KEYS: Final = frozenset({Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown})


@dataclass(frozen=True, slots=True)
class Choice:
    """One line: an item, or a template of one.

    Attributes:
        place: small beside it: its class, or why it stands first.
        looked_in: what a search looks in, in small letters.
    """

    item: str
    name: str
    place: str
    favourite: bool
    template: Template | None
    looked_in: str


def choices(
    entries: Sequence[Entry],
    templates: Sequence[Template],
    uses: Sequence[ItemUse],
    initials: Callable[[str], str],
) -> list[Choice]:
    """Return the lines: favourites, those used last, templates, then all the rest by class and code."""
    used = {use.item: use for use in uses}
    by_code = {entry.code: entry for entry in entries}
    first = sorted(
        (use for use in uses if use.item in by_code),
        key=lambda use: (not use.favourite, _reversed(use.used_at)),
    )
    lines = [_item(by_code[use.item], initials, use) for use in first]
    lines += [_template(one, by_code[one.item], initials) for one in templates if one.item in by_code]
    rest = sorted(entries, key=lambda entry: (entry.category, entry.code))
    return lines + [_item(entry, initials, None) for entry in rest if entry.code not in used]


def _reversed(text: str) -> tuple[int, ...]:
    return tuple(-ord(sign) for sign in text)


def _item(entry: Entry, initials: Callable[[str], str], use: ItemUse | None) -> Choice:
    recent = use is not None and not use.favourite
    place = words.RECENT if recent else entry.category.partition(" ")[2]
    looked_in = f"{entry.name}\n{entry.code}\n{initials(entry.name)}\n{entry.category}".casefold()
    return Choice(entry.code, entry.name, place, use is not None and use.favourite, None, looked_in)


def _template(template: Template, entry: Entry, initials: Callable[[str], str]) -> Choice:
    looked_in = f"{template.name}\n{initials(template.name)}\n{entry.name}\n{words.TEMPLATE}".casefold()
    place = words.TEMPLATE_OF.format(item=entry.name)
    return Choice(entry.code, template.name, place, False, template, looked_in)


def matching(lines: Sequence[Choice], text: str) -> list[Choice]:
    """Return the lines that hold every word of `text`; those that begin with the first word stand first."""
    wanted = text.casefold().split()
    found = [line for line in lines if all(word in line.looked_in for word in wanted)]
    if wanted:
        found.sort(key=lambda line: f"\n{wanted[0]}" not in f"\n{line.looked_in}")
    return found


class ItemChooser(QFrame):
    """The list, with the box that searches it.

    Signals:
        chosen(str, object): an item's code, and the template to begin with or None.
        given_up: Esc.
        favoured(str, bool): put an item among the first, or take it out.
        renamed(str, str): template and its new name.
        thrown_away(Template): a template that is not wanted any more.
    """

    chosen = Signal(str, object)
    given_up = Signal()
    favoured = Signal(str, bool)
    renamed = Signal(str, str)
    thrown_away = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "surface")
        self._lines: Sequence[Choice] = ()
        self.box = Line()
        self.box.setAccessibleName(words.CHOOSER_SEARCH)
        self.box.setPlaceholderText(words.CHOOSER_SEARCH)
        self.box.setClearButtonEnabled(True)
        self.box.addAction(
            icon("magnifying-glass", self.palette(), "plain"), Line.ActionPosition.LeadingPosition
        )
        self.box.installEventFilter(self)
        self.model = RowModel(
            COLUMNS, key=lambda line: (line.item, line.template and line.template.template_id)
        )
        self.table = Table(words.CHOOSER_LIST)
        self.table.setSelectionMode(Table.SelectionMode.SingleSelection)
        self.table.setModel(self.model)
        self.table.lay_out(WIDTHS, stretch=0)
        self.table.installEventFilter(self)
        self.strip = NameStrip()
        self._hint = QLabel(words.CHOOSER_HINT)
        self._hint.setProperty("role", "small")
        self._hint.setWordWrap(True)
        self.star = link(words.FAVOURITE, self._turn_favourite)
        self.begin = primary(words.BEGIN, self._choose)
        self._empty = EmptyState("magnifying-glass", words.CHOOSER_NONE, words.CHOOSER_NONE_WAY)
        self._lay_out()
        self.box.textChanged.connect(self._search)
        self.box.entered.connect(self._choose)
        self.table.doubleClicked.connect(self._choose)
        self.table.selectionModel().currentRowChanged.connect(self._on_current)
        self.strip.named.connect(self._rename)
        for keys, then in (("Ctrl+B", self._turn_favourite), ("F2", self._ask_name), ("Esc", self._give_up)):
            on_keys(keys, self, then)

    def show_choices(self, lines: Sequence[Choice]) -> None:
        """Show these; the line that is current stays."""
        self._lines = lines
        self._search(self.box.text())

    def open(self) -> None:
        """Begin a search."""
        self.strip.give_up()
        self.box.clear()
        self._search("")
        self.box.setFocus()

    def current(self) -> Choice | None:
        """The line that Enter would take."""
        found: Choice | None = current(self.table)
        return found

    def names(self) -> list[str]:
        """What is listed now."""
        return [line.name for line in self.model.rows()]

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Arrows in the box go through the list, letters in the list go on the search, Enter takes."""
        if event.type() != QEvent.Type.KeyPress or not isinstance(event, QKeyEvent):
            return False
        if watched is self.box and event.key() in LIST_KEYS and not self.box.is_composing():
            self.table.keyPressEvent(event)
            return True
        if watched is self.table and event.key() in ENTER:
            self._choose()
            return True
        if watched is self.table and event.key() == Qt.Key.Key_Delete:
            self._throw_away()
            return True
        return False

    def _search(self, text: str) -> None:
        here = self.current()
        self.model.set_rows(matching(self._lines, text))
        place = (
            None
            if here is None or text
            else self.model.place_of((here.item, here.template and here.template.template_id))
        )
        if self.model.rowCount():
            choose(self.table, place or 0)
        self._stack.setCurrentIndex(0 if self.model.rowCount() else 1)
        self._on_current()

    def _on_current(self) -> None:
        line = self.current()
        template = line is not None and line.template is not None
        self._hint.setText(words.CHOOSER_TEMPLATE_HINT if template else words.CHOOSER_HINT)
        self.begin.setEnabled(line is not None)
        self.star.setVisible(line is not None and not template)
        self.star.setText(words.NOT_FAVOURITE if line is not None and line.favourite else words.FAVOURITE)
        self.star.setAccessibleName(self.star.text())

    def _choose(self) -> None:
        line = self.current()
        if line is not None:
            self.chosen.emit(line.item, line.template)

    def _turn_favourite(self) -> None:
        line = self.current()
        if line is not None and line.template is None:
            self.favoured.emit(line.item, not line.favourite)

    def _ask_name(self) -> None:
        line = self.current()
        if line is not None and line.template is not None:
            self.strip.ask(line.name)

    def _rename(self, name: str) -> None:
        line = self.current()
        if line is not None and line.template is not None:
            self.renamed.emit(line.template.template_id, name)
        self.table.setFocus()

    def _throw_away(self) -> None:
        line = self.current()
        if line is not None and line.template is not None:
            self.thrown_away.emit(line.template)

    def _give_up(self) -> None:
        if self.box.is_composing() or self.strip.box.is_composing():
            return  # Esc is the input method's
        if self.strip.isVisible():
            self.strip.give_up()
            self.table.setFocus()
        elif self.box.text():
            self.box.clear()
        else:
            self.given_up.emit()

    def _lay_out(self) -> None:
        title = QLabel(words.CHOOSE_ITEM)
        title.setProperty("role", "heading")
        self._stack = QStackedWidget()
        self._stack.addWidget(self.table)
        self._stack.addWidget(self._empty)
        below = QHBoxLayout()
        below.addWidget(self._hint, 1)
        below.addWidget(self.star)
        below.addWidget(self.begin)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 12, 12, 12)
        column.setSpacing(8)
        column.addWidget(title)
        column.addWidget(self.box)
        column.addWidget(self.strip)
        column.addWidget(self._stack, 1)
        column.addLayout(below)


COLUMNS: Final = (
    Column(words.CHOOSER_COLUMNS[0], lambda line: line.name, tip=lambda line: line.name),
    Column(words.CHOOSER_COLUMNS[1], lambda line: "" if line.template else line.item),
    Column(words.CHOOSER_COLUMNS[2], lambda line: f"★ {line.place}" if line.favourite else line.place),
)
