"""Choosing the field of a column by typing a part of its name, its id or the initials of its pinyin."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QFocusEvent, QStandardItem, QStandardItemModel, QWheelEvent
from PySide6.QtWidgets import QComboBox, QCompleter, QWidget

from client.ui.intake import words
from forms.catalog.schema import Item

SEARCH: Final = Qt.ItemDataRole.UserRole + 1
POPUP_PX: Final = 320


class QuietBox(QComboBox):
    """A choice in a table; a wheel that scrolls the table must not change it."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to the table."""
        event.ignore()


class FieldBox(QuietBox):
    """The field of one column. What is typed and fits nothing is forgotten; nothing typed: left out."""

    def __init__(self, fields: QStandardItemModel, field: str | None, name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setModel(fields)
        self.setEditable(True)
        self.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCompleter(_Search(fields, self))
        self.setCurrentIndex(max(0, self.findData(field or "")))
        line = self.lineEdit()
        line.setAccessibleName(name)
        line.setCursorPosition(0)
        line.editingFinished.connect(self._settle)
        line.returnPressed.connect(self._take)

    def field(self) -> str | None:
        """The id of the field; None when the column is left out."""
        return self.currentData() or None

    def focusInEvent(self, event: QFocusEvent) -> None:
        """What one types takes the place of what stands there."""
        super().focusInEvent(event)
        self.completer().popup().setMinimumWidth(POPUP_PX)  # made when it may be needed: it is dear
        self.lineEdit().selectAll()

    def showPopup(self) -> None:
        """Show names whole."""
        self.view().setMinimumWidth(POPUP_PX)
        super().showPopup()

    def _settle(self) -> None:
        """Take what was typed when it fits one field only."""
        typed = self.lineEdit().text().strip()
        if typed != self.currentText() or typed != self.itemText(self.currentIndex()):
            place = self._fitting(typed)
            self.setCurrentIndex(self.currentIndex() if place is None else place)
        self.lineEdit().setText(self.itemText(self.currentIndex()))
        self.lineEdit().setCursorPosition(0)

    def _take(self) -> None:
        """Enter says yes to what stands there; an editable box of Qt is silent of it."""
        self._settle()
        self.activated.emit(self.currentIndex())

    def _fitting(self, typed: str) -> int | None:
        if not typed:
            return 0
        places = [
            place
            for place in range(self.count())
            if typed.casefold() in str(self.itemData(place, SEARCH)).casefold()
        ]
        same = [place for place in places if self.itemText(place) == typed]
        found = same or places
        return found[0] if len(found) == 1 else None


class _Search(QCompleter):
    """Looks in names, ids and initials; shows names."""

    def __init__(self, fields: QStandardItemModel, parent: QWidget) -> None:
        super().__init__(fields, parent)
        self.setCompletionRole(SEARCH)
        self.setFilterMode(Qt.MatchFlag.MatchContains)
        self.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)

    def pathFromIndex(self, index: QModelIndex | QPersistentModelIndex) -> str:
        """What stands in the line once it is chosen: the name."""
        return str(index.data(Qt.ItemDataRole.DisplayRole))


def fields_of(item: Item) -> QStandardItemModel:
    """Return the fields of an item to choose from; the first choice is to leave the column out."""
    model = QStandardItemModel()
    model.appendRow(_entry(words.LEAVE_OUT, "", words.LEAVE_OUT))
    for field in item.fields:
        if field.type != "attachment":  # a file has no place in a cell
            model.appendRow(_entry(field.title, field.id, f"{field.title} {field.id}"))
    return model


def add_sounds(model: QStandardItemModel, sounds: Mapping[str, str]) -> None:
    """Let names be found by the initials of their pinyin, too.

    Silently: what is shown stays, and a box that hears of a change puts its line back while one types.
    """
    model.blockSignals(True)
    for place in range(1, model.rowCount()):
        entry = model.item(place)
        entry.setData(f"{entry.data(SEARCH)} {sounds.get(entry.text(), '')}", SEARCH)
    model.blockSignals(False)


def _entry(text: str, field: str, search: str) -> QStandardItem:
    entry = QStandardItem(text)
    entry.setData(field, Qt.ItemDataRole.UserRole)
    entry.setData(search, SEARCH)
    return entry
