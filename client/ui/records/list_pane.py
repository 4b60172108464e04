"""The left side: filters, the table of records, and how many there are."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QItemSelectionModel, QModelIndex, QPersistentModelIndex, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from client.core.records import RecordRow
from client.core.workflow import STATES
from client.ui.records import words
from client.ui.records.model import Column, Query, RecordsModel
from client.ui.widgets.buttons import link
from client.ui.widgets.empty import EmptyState
from client.ui.widgets.icons import icon
from client.ui.widgets.marks import STATES as LOOKS
from client.ui.widgets.marks import mark_icon
from client.ui.widgets.tables import MiddleElided, Table
from forms.catalog.schema import Entry
from forms.qt.inputs import ENTER

REST_MS = 250
WIDTHS = (180, 132, 92, 116)
NARROW_PX = 430
"""In a list narrower than this the day of the decision makes room for the name."""
NARROWEST_PX = 360
"""Narrower still, the number of the document does, too; the search finds it all the same."""


class RecordsTable(Table):
    """The table; Enter opens the form.

    Signals:
        opened: Enter on a row.
        removed: Delete on a row.
    """

    opened = Signal()
    removed = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter opens, Delete throws away, all the rest is Qt's."""
        if event.key() in ENTER and event.modifiers() == Qt.KeyboardModifier.NoModifier:
            self.opened.emit()
        elif event.key() == Qt.Key.Key_Delete:
            self.removed.emit()
        elif not self._begin(event.key()):
            super().keyPressEvent(event)

    def _begin(self, key: int) -> bool:
        """The first arrow chooses the first record; Qt would only stand on it, or step over it."""
        if self.selectionModel().hasSelection() or not self.model().rowCount():
            return False
        if not self.currentIndex().isValid():
            flags = QItemSelectionModel.SelectionFlag.NoUpdate
            self.selectionModel().setCurrentIndex(self.model().index(0, 0), flags)
        if key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self.selectRow(self.currentIndex().row())
            return True
        return False


class ListPane(QWidget):
    """Filters and the list.

    Signals:
        asked(Query): the filters changed.
        picked(object): the record that the person went to; None for none or several.
        chosen(list): the rows that are selected, when they are several.
        opened, removed: Enter, Delete.
        new_asked: the button of the empty list.
    """

    asked = Signal(object)
    picked = Signal(object)
    chosen = Signal(object)
    opened = Signal()
    removed = Signal()
    new_asked = Signal()

    def __init__(self, model: RecordsModel, items: Sequence[Entry], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = model
        self._import_id: str | None = None
        self._quiet = False
        self.item = QComboBox()
        self.item.setAccessibleName(words.FILTER_ITEM)
        self.item.addItem(words.ALL_ITEMS, None)
        for item in items:
            self.item.addItem(item.name, item.code)
            self.item.setItemData(self.item.count() - 1, item.name, Qt.ItemDataRole.ToolTipRole)
        self.item.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.item.setMinimumContentsLength(7)
        self.state = QComboBox()
        self.state.setAccessibleName(words.FILTER_STATE)
        self.state.addItem(words.ALL_STATES, None)
        for state in STATES:
            shown = LOOKS[state]
            self.state.addItem(mark_icon(shown.shape, self.palette(), shown.tone), shown.word, state)
        self.state.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.state.setMinimumContentsLength(5)
        self.text = QLineEdit()
        self.text.setAccessibleName(words.FILTER_TEXT)
        self.text.setPlaceholderText(words.SEARCH)
        self.text.setClearButtonEnabled(True)
        self.text.addAction(
            icon("magnifying-glass", self.palette(), "plain"), QLineEdit.ActionPosition.LeadingPosition
        )
        self.count = QLabel()
        self.count.setProperty("role", "small")
        self._import = link("", self.clear_import)
        self._import.setIcon(icon("x", self.palette(), "info"))
        self._import.hide()
        self.table = RecordsTable(words.LIST_NAME)
        self.table.setModel(model)
        self.table.lay_out(WIDTHS, stretch=0)
        self.table.setItemDelegateForColumn(Column.DOC_NO, MiddleElided(self.table))
        self._empty = EmptyState("note-pencil", words.NO_RECORDS, words.NO_RECORDS_WAY)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.table)
        self._stack.addWidget(self._empty)
        self._rest = QTimer(self, singleShot=True, interval=REST_MS)
        self._connect()
        self._lay_out()

    # --- in ---------------------------------------------------------------------------------

    def query(self) -> Query:
        """What the filters say."""
        return Query(
            self.item.currentData(), self.state.currentData(), self.text.text().strip(), self._import_id
        )

    def set_query(self, query: Query) -> None:
        """Set the filters; asks once."""
        self._quiet = True
        self.item.setCurrentIndex(max(self.item.findData(query.item), 0))
        self.state.setCurrentIndex(max(self.state.findData(query.state), 0))
        self.text.setText(query.text)
        self._import_id = query.import_id
        self._import.setVisible(query.import_id is not None)
        self._import.setText(words.FILTER_IMPORT)
        self._quiet = False
        self._ask()

    def clear_import(self) -> None:
        """Show records of all imports again."""
        self._import_id = None
        self._import.hide()
        self._ask()

    def show_count(self, total: int) -> None:
        """Say how many the filter lets through; an empty list says what to do."""
        self.count.setText(words.COUNT.format(n=total))
        if total:
            self._stack.setCurrentWidget(self.table)
            return
        narrow = self.query().is_narrow()
        if narrow:
            clear = (words.CLEAR_FILTERS, lambda: self.set_query(Query()))
            self._empty.say("funnel", words.NO_MATCH, words.NO_MATCH_WAY, clear)
        else:
            self._empty.say(
                "note-pencil", words.NO_RECORDS, words.NO_RECORDS_WAY, (words.NEW, self.new_asked.emit)
            )
        self._stack.setCurrentWidget(self._empty)

    def select(self, record_id: str | None) -> bool:
        """Stand on a record without telling anybody; False when it is not in the list."""
        place = None if record_id is None else self.model.row_of(record_id)
        self._quiet = True
        if place is None:
            self.table.clearSelection()
            self.table.setCurrentIndex(QModelIndex())
        else:
            index = self.model.index(place, 0)
            flags = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
            self.table.selectionModel().setCurrentIndex(index, flags)
            self.table.scrollTo(index)
        self._quiet = False
        return place is not None

    def step(self, by: int) -> None:
        """Go to the record before or after."""
        row = self.table.currentIndex().row()
        place = min(max(row + by, 0), self.model.loaded() - 1)
        if self.model.loaded() and place != row:
            self.table.selectRow(place)

    # --- out --------------------------------------------------------------------------------

    def selected(self) -> list[RecordRow]:
        """The rows that are selected, from top to bottom."""
        places = sorted(index.row() for index in self.table.selectionModel().selectedRows())
        return [self.model.at(place) for place in places]

    def is_at_end(self, by: int) -> bool:
        """Say whether there is no record before (-1) or after (1) this one."""
        row = self.table.currentIndex().row()
        return row < 0 or not 0 <= row + by < self.model.loaded()

    def empty(self) -> EmptyState:
        """What stands here instead of an empty list."""
        return self._empty

    def import_chip(self) -> QPushButton:
        """What takes the filter by import off."""
        return self._import

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A narrow list shows fewer columns."""
        super().resizeEvent(event)
        self.table.setColumnHidden(Column.ACT_ON, event.size().width() < NARROW_PX)
        self.table.setColumnHidden(Column.DOC_NO, event.size().width() < NARROWEST_PX)

    # --- inside -----------------------------------------------------------------------------

    def _connect(self) -> None:
        self.item.activated.connect(self._ask)
        self.state.activated.connect(self._ask)
        self.text.textChanged.connect(self._on_text)
        self.text.returnPressed.connect(self._ask)
        self._rest.timeout.connect(self._ask)
        self.table.opened.connect(self.opened)
        self.table.removed.connect(self.removed)
        self.table.doubleClicked.connect(self._on_double_click)
        self.table.selectionModel().selectionChanged.connect(self._on_selected)

    def _on_text(self) -> None:
        if not self._quiet:
            self._rest.start()

    def _ask(self) -> None:
        self._rest.stop()
        if not self._quiet:
            self.asked.emit(self.query())

    def _on_double_click(self, _index: QModelIndex | QPersistentModelIndex) -> None:
        self.opened.emit()

    def _on_selected(self) -> None:
        if self._quiet:
            return
        rows = self.selected()
        if len(rows) == 1:
            self.picked.emit(rows[0].record_id)
        elif rows:
            self.chosen.emit(rows)
        else:
            self.picked.emit(None)

    def _lay_out(self) -> None:
        filters = QHBoxLayout()
        filters.setSpacing(4)
        filters.addWidget(self.item)
        filters.addWidget(self.state)
        filters.addWidget(self.text, 1)
        below = QHBoxLayout()
        below.setContentsMargins(4, 0, 4, 0)
        below.addWidget(self.count)
        below.addWidget(self._import)
        below.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(filters)
        column.addWidget(self._stack, 1)
        column.addLayout(below)
