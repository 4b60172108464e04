"""One item: its facts, its fields with rules and sources, its code sets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QSplitter,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from client.ui.catalog import set_words, words
from client.ui.catalog.rule_words import in_words
from client.ui.row_model import Column, RowModel, current, fill
from client.ui.tall_page import TallPage, scrolled
from client.ui.theme import LABEL_PX
from client.ui.widgets.buttons import on_keys, primary
from client.ui.widgets.elided import ElidedLabel
from client.ui.widgets.marks import StateLook
from client.ui.widgets.tables import Table
from forms.catalog.rules import RequiredIf, RequiredIfFilled, RequiredUnless
from forms.catalog.schema import Basis, Code, CodeSet, Field, Item, Provenance
from forms.qt import words as form_words
from forms.qt.code_search import CodeFinder, no_sounds
from forms.qt.inputs import Line
from forms.qt.provenance import WEAKEST_FIRST, provenance

WIDTHS: Final = (170, 140, 76, 60, 76, 120, 122)
LEAST_PX: Final = {1: 740, 3: 480, 5: 640}
"""Column → width of the view from which it is shown."""

CODE_WIDTHS: Final = (110, 200, 200, 96, 96)
MOST_CODES: Final = 1_000

LOOKS: Final[dict[Provenance, tuple[str, str]]] = {
    "sourced": ("ring", "good"),
    "derived": ("half", "plain"),
    "recalled": ("question", "warn"),
}
"""Shape and tone of where something comes from: never colour alone."""


def look(kind: Provenance) -> StateLook:
    """Return the mark of where something comes from."""
    shape, tone = LOOKS[kind]
    return StateLook(shape, form_words.PROVENANCE[kind], tone)  # type: ignore[arg-type]  # tones of the table above


def need(field: Field) -> str:
    """Say in one word when a field is to be filled."""
    if field.required:
        return words.REQUIRED
    if field.required_group is not None:
        return words.ONE_OF_GROUP
    conditional = any(
        isinstance(rule, RequiredIf | RequiredUnless | RequiredIfFilled) for rule in field.rules
    )
    return words.BY_RULE if conditional else ""


def length(field: Field) -> str:
    """Say how long a value may be."""
    if field.max_length is None:
        return words.NO_LIMIT if field.type in {"string", "text"} else ""
    return f"{field.max_length},{field.scale}" if field.scale is not None else f"{field.max_length:,}"


def kind(field: Field) -> str:
    """Say the type, with the unit."""
    return words.TYPES[field.type] + (f"（{field.unit}）" if field.unit else "")


def _lines(item: Item) -> list[Field]:
    """Return the fields of an item, those of a group below it."""
    found = []
    for field in item.fields:
        found.append(field)
        found += [
            replace(one, id=f"{field.id}.{one.id}", title=words.IN_GROUP.format(title=one.title))
            for one in field.fields
        ]
    return found


FIELD_COLUMNS: Final = tuple(
    Column(title, text, look=looks)
    for title, text, looks in (
        (words.FIELD_COLUMNS[0], lambda f: f.title, None),
        (words.FIELD_COLUMNS[1], lambda f: f.id, None),
        (words.FIELD_COLUMNS[2], kind, None),
        (words.FIELD_COLUMNS[3], length, None),
        (words.FIELD_COLUMNS[4], need, None),
        (words.FIELD_COLUMNS[5], lambda f: f.code_set.name if f.code_set else "", None),
        (words.FIELD_COLUMNS[6], lambda f: look(provenance(f)).word, lambda f: look(provenance(f))),
    )
)

CODE_COLUMNS: Final = (
    Column(words.CODE_COLUMNS[0], lambda c: c.code),
    Column(words.CODE_COLUMNS[1], lambda c: c.name),
    Column(words.CODE_COLUMNS[2], lambda c: c.note or ""),
    Column(words.CODE_COLUMNS[3], lambda c: c.since.isoformat() if c.since else ""),
    Column(words.CODE_COLUMNS[4], lambda c: c.until.isoformat() if c.until else ""),
)


class ItemView(QFrame):
    """Shows an item.

    Signals:
        new_asked(str): begin a record of the item with this code.
    """

    new_asked = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "surface")
        self._item: Item | None = None
        self._sets: list[CodeSet] = []
        self.title = ElidedLabel()
        self.title.setProperty("role", "heading")
        self.new = primary(words.NEW, self._ask_new, words.NEW_KEYS)
        self.summary = QLabel()
        self.summary.setWordWrap(True)
        self.summary.setProperty("tone", "warn")
        self.fields = _table(words.FIELDS_NAME, RowModel(FIELD_COLUMNS, key=lambda f: f.id), WIDTHS, 0)
        self.detail = QLabel()
        self.facts = QLabel()
        self.changed = QLabel()
        self.codes = _table(words.CODES_NAME, RowModel(CODE_COLUMNS, key=lambda c: c.code), CODE_WIDTHS, 2)
        self.set_box = QComboBox()
        self.code_box = Line()
        self.code_note = QLabel()
        self._lay_out()
        self.fields.selectionModel().currentRowChanged.connect(self._on_field)
        self.set_box.activated.connect(self._show_codes)
        self.code_box.textChanged.connect(self._show_codes)

    def show_item(self, item: Item, *, may_create: bool) -> None:
        """Show one item from the beginning."""
        self._item = item
        self.title.say(f"{item.name}　{item.code}")
        self.new.setVisible(may_create)
        self.summary.setText(caution(item))
        self.summary.setVisible(bool(self.summary.text()))
        self._tabs.setTabText(0, words.FIELDS_TAB.format(n=len(item.fields)))
        fill(self.fields, _lines(item), otherwise_first=True)
        self.fields.scrollToTop()
        self._on_field()
        self.facts.setText(facts(item))
        self._sets = list({f.code_set.id: f.code_set for f in item.fields if f.code_set is not None}.values())
        self._tabs.setTabText(1, words.CODES_TAB.format(n=len(self._sets)))
        self.set_box.clear()
        self.set_box.addItems([one.name for one in self._sets])
        self.code_box.clear()
        self._show_codes()

    def show_changes(self, old: str, lines: Sequence[str]) -> None:
        """Tell what changed since the set `old`; without one the tab is not there."""
        self._tabs.setTabVisible(3, bool(old))
        self._tabs.setTabText(3, set_words.TAB.format(n=len(lines)))
        head = (set_words.SINCE if lines else set_words.SAME).format(old=old)
        self.changed.setText("\n".join([head, *lines]))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A narrow view shows fewer columns; below the table all of a field is told."""
        super().resizeEvent(event)
        for column, least_px in LEAST_PX.items():
            self.fields.setColumnHidden(column, event.size().width() < least_px)

    def item(self) -> Item | None:
        """The item that is shown."""
        return self._item

    def show_field(self, field_id: str) -> None:
        """Stand on a field."""
        self._tabs.setCurrentIndex(0)
        model = self.fields.model()
        assert isinstance(model, RowModel)
        place = model.place_of(field_id)
        if place is not None:
            self.fields.selectRow(place)

    def _ask_new(self) -> None:
        if self._item is not None and self.new.isVisible():
            self.new_asked.emit(self._item.code)

    def _on_field(self) -> None:
        field = current(self.fields)
        if field is not None and self._item is not None:
            self.detail.setText(describe(field, self._item))

    def _show_codes(self) -> None:
        place = self.set_box.currentIndex()
        if not 0 <= place < len(self._sets):
            fill(self.codes, [])
            self.code_note.setText(words.NO_CODES)
            return
        chosen = self._sets[place]
        found: list[Code] = CodeFinder(chosen.codes, no_sounds).find(self.code_box.text(), MOST_CODES)
        fill(self.codes, found)
        kind_word = form_words.PROVENANCE[chosen.provenance]
        source = "；".join(chosen.source)
        line = words.CODES_LINE.format(name=chosen.name, id=chosen.id, n=len(chosen.codes), kind=kind_word)
        self.code_note.setText("\n".join(part for part in (f"{line} {source}".strip(), chosen.note) if part))

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self.title, 1)
        head.addWidget(self.new)
        self._tabs = QTabWidget()
        self._tabs.setDocumentMode(True)
        self._tabs.addTab(self._fields_tab(), words.FIELDS_NAME)
        self._tabs.addTab(self._codes_tab(), words.CODES_NAME)
        self._tabs.addTab(_reading(self.facts), words.ITEM_TAB)
        self._tabs.addTab(_reading(self.changed), set_words.TAB)
        self._tabs.setTabVisible(3, False)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 12, 8)
        column.setSpacing(6)
        column.addLayout(head)
        column.addWidget(self.summary)
        column.addWidget(self._tabs, 1)
        on_keys("Ctrl+N", self, self._ask_new)

    def _fields_tab(self) -> QWidget:
        split = QSplitter(Qt.Orientation.Vertical)
        split.addWidget(self.fields)
        split.addWidget(_reading(self.detail))
        split.setChildrenCollapsible(False)
        split.setSizes([330, 200])
        return split

    def _codes_tab(self) -> QWidget:
        self.set_box.setAccessibleName(words.SET_NAME)
        self.set_box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.set_box.setMinimumContentsLength(12)
        self.code_box.setAccessibleName(words.CODE_SEARCH)
        self.code_box.setPlaceholderText(words.CODE_SEARCH)
        self.code_box.setClearButtonEnabled(True)
        self.code_note.setProperty("role", "small")
        self.code_note.setWordWrap(True)
        page = QWidget()
        grid = QGridLayout(page)
        grid.setContentsMargins(0, 8, 0, 0)
        grid.setSpacing(6)
        grid.addWidget(self.set_box, 0, 0)
        grid.addWidget(self.code_box, 0, 1)
        grid.addWidget(self.code_note, 1, 0, 1, 2)
        grid.addWidget(self.codes, 2, 0, 1, 2)
        grid.setRowStretch(2, 1)
        return page


def caution(item: Item) -> str:
    """Return how much of an item is not held against its source; empty when all is."""
    kinds = [provenance(field) for field in item.fields]
    parts = [words.DOUBTFUL[one].format(n=kinds.count(one)) for one in WEAKEST_FIRST[:2] if one in kinds]
    return words.CAUTION.format(what="，".join(parts)) if parts else ""


def _table(name: str, model: RowModel, widths: tuple[int, ...], stretch: int) -> Table:
    table = Table(name)
    table.setFrameShape(QFrame.Shape.NoFrame)
    table.setSelectionMode(Table.SelectionMode.SingleSelection)
    table.setModel(model)
    table.lay_out(widths, stretch=stretch)
    return table


def _reading(label: QLabel) -> QWidget:
    """Return `label` as a text to read, to select, and to scroll."""
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
    label.setMinimumWidth(LABEL_PX)
    page = TallPage()
    column = QVBoxLayout(page)
    column.setContentsMargins(8, 8, 8, 8)
    column.addWidget(label)
    column.addStretch(1)
    return scrolled(page)


def facts(item: Item) -> str:
    """Return what is known of an item as a whole, in lines."""
    titles = {field.id: field.title for field in item.fields}
    deadline = item.deadline
    lines = [
        (words.CODE, item.ref),
        (words.CLASS, f"{item.category}；{item.class7}"),
        (words.SUBJECTS, "、".join(item.subject_kinds)),
        (words.UNITS, "、".join(item.unit_kinds)),
        (words.CYCLE, item.cycle),
        (words.DEADLINE, "" if deadline is None else words.DEADLINE_TEXT.format(
            field=titles.get(deadline.from_field, deadline.from_field), n=deadline.working_days)),
        (words.SHARING, item.sharing),
        (words.RETENTION, item.retention),
        (words.NATURAL_KEY, " + ".join(titles.get(one, one) for one in item.natural_key)),
        (words.ACT_ON, titles.get(item.act_on, "")),
    ]  # fmt: skip
    told = [f"{name}：{text or words.NOTHING}" for name, text in lines]
    if item.notes:
        told += ["", words.NOTES]
        told += [words.NOTE_LINE.format(id=note_id, text=text) for note_id, text, _ in item.notes]
    return "\n".join([*told, "", words.SOURCES, *sources(item.basis)])


def describe(field: Field, item: Item) -> str:
    """Return all that is known of a field, in lines: what it is, its rules in words, its sources."""
    lines = [f"{field.title}　{field.id}"]
    if words.SENSITIVITIES[field.sensitivity]:
        lines.append(words.SENSITIVITIES[field.sensitivity])
    if field.help:
        lines.append(f"{words.HELP}：{field.help}")
    if field.note:
        lines.append(f"{words.NOTE}：{field.note}")
    ruled = [f"· {in_words(rule, field, item)}{_said_by(rule.source)}" for rule in field.rules]
    lines += ["", words.RULES, *(ruled or [words.NO_RULES])]
    return "\n".join([*lines, "", words.SOURCES, *sources(field.basis)])


def _said_by(source: str) -> str:
    """A rule that is not sourced says so beside it."""
    marked = next((k for k in WEAKEST_FIRST if k.upper() in source.upper()), None)
    return words.RULE_SOURCE.format(kind=form_words.PROVENANCE[marked]) if marked else ""


def sources(basis: Mapping[str, Basis]) -> list[str]:
    """Return a line for each property that has a source of its own."""
    return [
        words.SOURCE_LINE.format(
            what=form_words.PROPERTY.get(name, name),
            kind=form_words.PROVENANCE[one.provenance],
            source=words.SOURCE_OF.format(source=one.source) if one.source else "",
        )
        for name, one in basis.items()
    ]
