"""Finding a code while typing: by code, name, initials of the name's pinyin, and what stands in its note."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from types import MappingProxyType

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt, Signal

from forms.catalog.codesearch import CodeIndex
from forms.catalog.schema import Code
from forms.qt import words
from forms.qt.box_list import BoxList
from forms.qt.inputs import Line

MOST_SHOWN = 200
ROWS_SHOWN = 12

CODE_ROLE = Qt.ItemDataRole.UserRole

Sounds = Mapping[str, str]
"""Code → the initials of its name; empty while they are not known."""

NO_SOUNDS: Sounds = MappingProxyType({})


def no_sounds() -> Sounds:
    """Where nobody knows how names sound."""
    return NO_SOUNDS


class CodeFinder:
    """The codes of one list, laid out when somebody first types, and again once their sounds are known."""

    def __init__(self, codes: Sequence[Code], sounds: Callable[[], Sounds]) -> None:
        self._codes, self._sounds = codes, sounds
        self._heard: Sounds | None = None
        self._index = CodeIndex(())

    def find(self, text: str, most: int = MOST_SHOWN) -> list[Code]:
        """Return the codes that `text` may mean, the nearest first; the first ones for no text."""
        wanted = text.strip()
        if not wanted:
            return list(self._codes[:most])
        heard = self._sounds()
        if heard is not self._heard:
            self._heard = heard
            self._index = CodeIndex(self._codes, heard or None)
        return self._index.find(wanted, limit=most) or self._by_note(wanted.casefold(), most)

    def _by_note(self, wanted: str, most: int) -> list[Code]:
        noted = (code for code in self._codes if code.note and wanted in code.note.casefold())
        return list(islice(noted, most))


class FoundCodes(QAbstractListModel):
    """The codes that the list under the box shows."""

    def __init__(self) -> None:
        super().__init__()
        self._codes: list[Code] = []

    def set_codes(self, codes: list[Code]) -> None:
        """Show these."""
        self.beginResetModel()
        self._codes = codes
        self.endResetModel()

    def code_at(self, row: int) -> Code | None:
        """The code of a row; None for the row that says that there is none."""
        return self._codes[row] if row < len(self._codes) else None

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return 0 if parent.isValid() else max(len(self._codes), 1)

    def data(
        self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        code = self.code_at(index.row()) if index.isValid() else None
        if role == CODE_ROLE:
            return code.code if code else None
        if role == Qt.ItemDataRole.ToolTipRole:
            return code.note if code else None
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return f"{code.code}　{code.name}" if code else words.NO_CODE
        return None

    def flags(self, index: QModelIndex | QPersistentModelIndex) -> Qt.ItemFlag:
        return super().flags(index) if self.code_at(index.row()) else Qt.ItemFlag.NoItemFlags


class CodeList(BoxList):
    """The codes under a box.

    Signals:
        picked(str): the code that was chosen.
    """

    picked = Signal(str)

    def __init__(self, codes: Sequence[Code], box: Line, sounds: Callable[[], Sounds] = no_sounds) -> None:
        self._finder = CodeFinder(codes, sounds)
        self._found = FoundCodes()
        super().__init__(box, self._found, ROWS_SHOWN)
        box.list_is_open = self.is_open
        self.popup().setUniformItemSizes(True)
        self.popup().setTextElideMode(Qt.TextElideMode.ElideRight)
        self.activated[QModelIndex].connect(self._on_activated)  # type: ignore[index]  # an overload, chosen by type

    def offer(self, text: str) -> None:
        """Show what `text` may mean."""
        self._found.set_codes(self._finder.find(text))
        self.complete()
        first = self._found.index(0, 0)
        if text.strip() and self._found.code_at(0) is not None:
            self.popup().setCurrentIndex(self.completionModel().index(first.row(), 0))

    def _on_activated(self, index: QModelIndex) -> None:
        code = index.data(CODE_ROLE)
        if code is not None:
            self.picked.emit(code)
