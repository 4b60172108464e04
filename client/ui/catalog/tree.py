"""The items as a tree: classes, and under each its items; searched by name, code and field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QTreeView, QWidget

from client.ui.catalog import words
from forms.catalog.schema import CatalogSet, Entry

CODE_ROLE: Final = Qt.ItemDataRole.UserRole


def by_class(catalog: CatalogSet, scheme: str) -> dict[str, list[Entry]]:
    """Return the classes of a scheme, in their order and with all their items; none is left out."""
    found: dict[str, list[Entry]] = {f"{one.code} {one.name}": [] for one in catalog.class_codes(scheme)}
    for entry in sorted(catalog.entries.values(), key=lambda entry: entry.code):
        found.setdefault(entry.class7 if scheme == "class7" else entry.category, []).append(entry)
    return found


def matches(entry: Entry, text: str, more: str = "") -> bool:
    """Say whether every word of `text` stands in name, code or `more`."""
    looked_in = f"{entry.name}\n{entry.code}\n{more}".casefold()
    return all(word in looked_in for word in text.casefold().split())


class CatalogTree(QTreeView):
    """The tree.

    Signals:
        picked(str): the code of the item that is current; empty for a class.
        opened(str): Enter or a double click on an item.
    """

    picked = Signal(str)
    opened = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = QStandardItemModel(self)
        self._places: dict[str, QStandardItem] = {}
        self.setModel(self._model)
        self.setHeaderHidden(True)
        self.setUniformRowHeights(True)
        self.setEditTriggers(QTreeView.EditTrigger.NoEditTriggers)
        self.setAccessibleName(words.TREE_NAME)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setIndentation(16)
        self.selectionModel().currentChanged.connect(self._on_current)
        self.activated.connect(self._on_activated)

    def show_classes(self, classes: Mapping[str, Sequence[Entry]], *, unfolded: bool) -> None:
        """Show classes with their items; a class without any is shown only where nothing is searched."""
        here = self.current()
        self._model.clear()
        self._places = {}
        for name, entries in classes.items():
            if unfolded and not entries:
                continue
            head = QStandardItem(f"{name.partition(' ')[2] or name}　{len(entries)}")
            head.setData("", CODE_ROLE)
            head.setToolTip(name)
            font = self.font()
            font.setBold(True)
            head.setFont(font)
            for entry in entries:
                line = QStandardItem(entry.name)
                line.setData(entry.code, CODE_ROLE)
                line.setToolTip(f"{entry.name}\n{entry.code}")
                head.appendRow(line)
                self._places[entry.code] = line
            self._model.appendRow(head)
        if unfolded:
            self.expandAll()
        if here in self._places:
            self.select(here)
        elif unfolded and self._places:
            self.select(next(iter(self._places)))

    def select(self, code: str) -> bool:
        """Stand on an item; False when it is not shown."""
        place = self._places.get(code)
        if place is not None:
            self.setCurrentIndex(place.index())
            self.scrollTo(place.index())
        return place is not None

    def current(self) -> str:
        """The code of the item that is current; empty for none."""
        return str(self.currentIndex().data(CODE_ROLE) or "")

    def codes(self) -> list[str]:
        """The codes of all items that are shown."""
        return list(self._places)

    def _on_current(self, index: QModelIndex | QPersistentModelIndex) -> None:
        self.picked.emit(str(index.data(CODE_ROLE) or ""))

    def _on_activated(self, index: QModelIndex | QPersistentModelIndex) -> None:
        if code := index.data(CODE_ROLE):
            self.opened.emit(str(code))
