"""Step 列对应: what each column of the file stands for, how that was found, where a person says otherwise."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QIntValidator, QStandardItemModel
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QLineEdit, QSizePolicy, QVBoxLayout, QWidget

from client.intake.headings import Header
from client.intake.preview import Preview, SheetPreview
from client.intake.sounding import initials_of
from client.ui.intake import columns_model, words
from client.ui.intake.column_boxes import ColumnBoxes
from client.ui.intake.columns_model import Line
from client.ui.intake.field_box import add_sounds, fields_of
from client.ui.intake.recipes_pane import RecipesPane
from client.ui.row_model import Column, RowModel, choose, fill
from client.ui.session import Session
from client.ui.theme import ROW_PX, restyle
from client.ui.widgets import buttons
from client.ui.widgets.tables import Table
from forms.catalog.schema import Item

FIELD, UNIT = 3, 5
"""Columns of the table in which a person chooses."""

LAST_ROW: Final = 1_048_576
WIDTHS: Final = (44, 200, 200, 290, 160, 170)


class RowNumber(QLineEdit):
    """The number of a row, typed."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName(words.HEADER_ROW)
        self.setValidator(QIntValidator(1, LAST_ROW, self))
        self.setMaxLength(len(str(LAST_ROW)))
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setFixedWidth(80)

    def value(self) -> int:
        """What is typed; 0 for nothing that is a row."""
        return int(self.text()) if self.hasAcceptableInput() else 0

    def say(self, row: int) -> None:
        """Show a row."""
        self.setText(str(row))


@dataclass(frozen=True, slots=True)
class Kept:
    """A file as it was looked at, the sheet in view, and what was said of its columns."""

    preview: Preview
    sheet: str | None
    row: int | None
    said: dict[tuple[str, str], columns_model.Said]


class ColumnsPane(QWidget):
    """A line for each column, with the field that it stands for.

    Signals:
        item_chosen(str): the file is to be taken for another item.
        row_chosen(int): the header begins in this row of the sheet.
    """

    item_chosen = Signal(str)
    row_chosen = Signal(int)

    def __init__(self, session: Session, recipes: RecipesPane) -> None:
        super().__init__()
        self._session = session
        self.recipes = recipes
        recipes.looked_again.connect(self.forget)
        self._said: dict[tuple[str, str], columns_model.Said] = {}
        self._preview: Preview | None = None
        self._sheet: SheetPreview | None = None
        self._by_hand: tuple[str | None, int | None] = (None, None)
        self._fields: dict[str, QStandardItemModel] = {}
        self.item = QComboBox()
        self.item.setAccessibleName(words.ITEM)
        for code, entry in sorted(session.desk.catalogs.current.entries.items()):
            self.item.addItem(entry.name, code)
        self.item.activated.connect(lambda n: self.item_chosen.emit(self.item.itemData(n)))
        self.sheet = QComboBox()
        self.sheet.setAccessibleName(words.SHEET)
        self.sheet.activated.connect(self._on_sheet)
        self.row = RowNumber()
        self.row.textChanged.connect(self._show_row_button)
        self.row.returnPressed.connect(self._choose_row)
        self.look_again = buttons.plain(words.LOOK_AGAIN, self._choose_row)
        self.summary, self.others, self.recipe = QLabel(), QLabel(), QLabel()
        self.rival, self.lacking, self.waiting = QLabel(), QLabel(), QLabel()
        self.take_rival = buttons.link(words.TAKE_RIVAL, self._take_rival)
        self.confirm = buttons.plain(words.CONFIRM, self.confirm_chosen, words.CONFIRM_KEYS)
        self.confirm_all = buttons.plain(words.CONFIRM_ALL, self._confirm_all)
        self.open_recipes = buttons.plain(words.RECIPES_BUTTON, recipes.open)
        self.table = Table(words.STEPS[1])
        self.table.setModel(RowModel(self._columns(), lambda line: line.heading.column))
        self.boxes = ColumnBoxes(self.table, FIELD, UNIT, self._model().row)
        self.boxes.field_chosen.connect(self._on_field)
        self.boxes.unit_chosen.connect(self._on_unit)
        self._lay_out()
        buttons.on_keys("Space", self.table, self.confirm_chosen)

    # --- what is shown ----------------------------------------------------------------------------

    def show_preview(self, preview: Preview, sheet: str | None = None, row: int | None = None) -> None:
        """Show the sheets of a file: the one named, else the best one.

        Args:
            preview: of the file.
            sheet: that was shown before.
            row: where the header of that sheet, or of all, begins, when the person said so.
        """
        self._preview, self._by_hand = preview, (sheet, row)
        fitting = self._fitting()
        self.sheet.clear()
        for one in fitting:
            self.sheet.addItem(one.name + (words.HIDDEN if one.hidden else ""), one.name)
        shown = next((one for one in fitting if one.name == sheet), preview.best)
        assert shown is not None
        self.sheet.setCurrentIndex(self.sheet.findData(shown.name))
        self._show_sheet(shown)

    def _fitting(self) -> list[SheetPreview]:
        """The sheets that hold a table."""
        return [one for one in self._preview.sheets if one.header is not None] if self._preview else []

    def forget(self) -> None:
        """Nothing has been said yet: for another file, or for a recipe that is to settle this one."""
        self._said = {}

    def kept(self) -> Kept | None:
        """What is shown and said; None before a file."""
        if self._preview is None:
            return None
        return Kept(self._preview, self.sheet_name(), self.header_row(), self._said)

    def go_on_with(self, kept: Kept) -> None:
        """Show what another pane showed."""
        self._said = kept.said
        self.show_preview(kept.preview, kept.sheet, kept.row)

    def item_code(self) -> str | None:
        """The item that the file is taken for."""
        return self._sheet.header.item if self._sheet and self._sheet.header else None

    def say_item(self) -> None:
        """Name the item that the file is taken for, whatever was tried."""
        self.item.setCurrentIndex(self.item.findData(self.item_code()))

    def sheet_name(self) -> str | None:
        """The sheet that is read."""
        return self._sheet.name if self._sheet else None

    def header_row(self) -> int | None:
        """Where the header begins, when a person said so."""
        sheet, row = self._by_hand
        return row if sheet in {None, self.sheet_name()} else None

    def fields(self) -> dict[int, str | None] | None:
        """Column from 0 → field id or None, where it is not what was found; a guess that waits is None."""
        return columns_model.fields_said(self.lines())

    def units(self) -> dict[int, str] | None:
        """Column from 0 → unit, where a person named one."""
        return columns_model.units_said(self.lines())

    def lines(self) -> list[Line]:
        """What is said of each column now."""
        return self._model().rows()

    def _on_sheet(self, place: int) -> None:
        name = self.sheet.itemData(place)
        assert self._preview is not None
        self._show_sheet(next(sheet for sheet in self._preview.sheets if sheet.name == name))

    def _show_sheet(self, sheet: SheetPreview) -> None:
        self._sheet = sheet
        self.say_item()
        self.row.say(self._header().row)
        self._show_row_button()
        lines = columns_model.with_said(columns_model.lines_of(sheet), self._said.get(self._place(), {}))
        self._model().set_rows([])  # boxes of another file go with their lines
        self._model().set_rows(lines)
        self.boxes.show(len(lines), self._item(), self._fields_of(self._item()))
        first = next((place for place, line in enumerate(lines) if line.waits), 0)
        if lines:
            choose(self.table, first)
        self._summarize()

    def _place(self) -> tuple[str, str]:
        """Where what is said now is kept: the sheet, and the item that it is taken for."""
        return self.sheet_name() or "", self._header().item

    def _header(self) -> Header:
        assert self._sheet is not None
        assert self._sheet.header is not None
        return self._sheet.header

    def _item(self) -> Item:
        return self._session.desk.catalogs.item(self._header().item)

    def _model(self) -> RowModel:
        model = self.table.model()
        assert isinstance(model, RowModel)
        return model

    def _fields_of(self, item: Item) -> QStandardItemModel:
        model = self._fields.get(item.code)
        if model is None:
            model = self._fields[item.code] = fields_of(item)
            titles = [field.title for field in item.fields]
            self._session.tasks.work(
                lambda _progress, _cancelled: initials_of(titles), partial(add_sounds, model)
            )
        return model

    # --- what a person says -----------------------------------------------------------------------

    def _on_field(self, place: int) -> None:
        self._put({place: self._model().row(place).choose(self.boxes[place].field())})

    def _on_unit(self, place: int) -> None:
        box = self.boxes.unit(place)
        assert box is not None
        self._put({place: replace(self._model().row(place), unit=box.currentData())})

    def confirm_chosen(self) -> None:
        """Say yes to the guesses of the chosen lines; the next one that waits becomes current."""
        places = [index.row() for index in self.table.selectionModel().selectedRows()]
        self._put({place: self._model().row(place).confirm() for place in places})
        waiting = [place for place, line in enumerate(self.lines()) if line.waits]
        after = [place for place in waiting if places and place > max(places)]
        if waiting:
            choose(self.table, (after or waiting)[0])

    def _confirm_all(self) -> None:
        self._put({place: line.confirm() for place, line in enumerate(self.lines())})

    def _put(self, said: dict[int, Line]) -> None:
        lines = [said.get(place, line) for place, line in enumerate(self.lines())]
        fill(self.table, columns_model.with_twins(lines))
        self._said[self._place()] = columns_model.said_of(lines)
        self._summarize()

    def _choose_row(self) -> None:
        if self.row.value() not in {0, self._header().row}:
            self.row_chosen.emit(self.row.value())

    def _show_row_button(self) -> None:
        said = self.row.value()
        self.look_again.setEnabled(said > 0 and self._sheet is not None and said != self._header().row)

    def _take_rival(self) -> None:
        self.item_chosen.emit(self._header().rival)

    # --- looks ------------------------------------------------------------------------------------

    def _summarize(self) -> None:
        assert self._sheet is not None
        header, item, lines = self._header(), self._item(), self.lines()
        known = {line.taken for line in lines} - {None}
        self.summary.setText(
            words.MATCHED.format(
                file=self._sheet.name, rows=self._sheet.rows, columns=len(lines), known=len(known)
            )
        )
        said = words.BY_RECIPE.format(name=header.recipe, n=columns_model.by_recipe(header))
        if header.lacking:
            said += words.RECIPE_LACKS.format(headings="、".join(header.lacking))
        _say(self.recipe, said if header.recipe else "")
        rival = self._session.desk.catalogs.item(header.rival) if header.rival else None
        likes = columns_model.rival_columns(header, rival) if rival else 0
        _say(self.rival, words.RIVAL.format(item=rival.name, n=likes) if rival else "")
        self.take_rival.setVisible(rival is not None)
        lacking = [field.title for field in item.fields if field.required and field.id not in known]
        _say(self.lacking, words.LACKING.format(titles="、".join(lacking)) if lacking else "")
        others = [
            one.name for one in self._fitting() if one.rows and one is not self._sheet and not one.hidden
        ]
        _say(self.others, words.OTHER_SHEETS.format(names="、".join(others)) if others else "")
        waiting = sum(line.waits for line in lines)
        _say(self.waiting, words.WAITING.format(n=waiting) if waiting else "")
        for button in (self.confirm, self.confirm_all):
            button.setVisible(waiting > 0)
        self.table.setColumnHidden(UNIT, not any(columns_model.asks_for_unit(one, item) for one in lines))

    def _columns(self) -> list[Column]:
        letters, heading, samples, field, found, unit = words.COLUMN_TITLES
        return [
            Column(letters, lambda line: line.heading.letters),
            Column(heading, lambda line: line.heading.text),
            Column(samples, lambda line: words.SAMPLE_GAP.join(line.samples)),
            Column(field, self._unboxed),
            Column(found, lambda line: line.look().word, look=Line.look),
            Column(unit, lambda line: line.unit),
        ]

    def _unboxed(self, line: Line) -> str:
        """The field's name, until the line has its box."""
        place = self._model().place_of(line.heading.column)
        if place is None or self.boxes.has(place):
            return ""
        field = self._item().by_id.get(line.field or "")
        return field.title if field is not None else words.LEAVE_OUT

    def _lay_out(self) -> None:
        self.table.lay_out(WIDTHS, 2)
        self.table.verticalHeader().setDefaultSectionSize(ROW_PX + 4)
        for label, tone in (
            (self.others, "info"), (self.recipe, "info"), (self.rival, "warn"), (self.lacking, "bad"),
            (self.waiting, "warn"),
        ):  # fmt: skip
            restyle(label, "tone", tone)
        for label in (self.summary, self.others, self.recipe, self.lacking, self.waiting):
            label.setWordWrap(True)
        acts = QHBoxLayout()
        acts.setSpacing(8)
        texts = QVBoxLayout()
        texts.setSpacing(4)
        texts.addWidget(self.summary)
        texts.addWidget(self.waiting)
        acts.addLayout(texts, 1)
        for button in (self.confirm, self.confirm_all, self.open_recipes):
            acts.addWidget(button)
        rival = QHBoxLayout()
        rival.setSpacing(8)
        rival.addWidget(self.rival)
        rival.addWidget(self.take_rival)
        rival.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 8, 16, 8)
        column.setSpacing(8)
        column.addLayout(self._choices())
        column.addLayout(acts)
        column.addWidget(self.others)
        column.addWidget(self.recipe)
        column.addLayout(rival)
        column.addWidget(self.lacking)
        body = QHBoxLayout()
        body.setSpacing(12)
        body.addWidget(self.table, 1)
        body.addWidget(self.recipes)
        column.addLayout(body, 1)

    def _choices(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        for title, box, width, share in (
            (words.ITEM, self.item, 140, 3), (words.SHEET, self.sheet, 90, 1),
        ):  # fmt: skip
            label = QLabel(title)
            label.setBuddy(box)
            box.setMinimumWidth(width)
            box.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
            row.addWidget(label)
            row.addWidget(box, share)
            row.addSpacing(8)
        label = QLabel(words.HEADER_ROW)
        label.setBuddy(self.row)
        row.addWidget(label)
        row.addWidget(self.row)
        row.addWidget(QLabel(words.HEADER_ROW_UNIT))
        row.addWidget(self.look_again)
        row.addStretch(1)
        return row


def _say(label: QLabel, text: str) -> None:
    label.setText(text)
    label.setVisible(bool(text))
