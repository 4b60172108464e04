"""The list of known subjects under the box of a name or code: picking one fills what belongs to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QPainter, QPalette
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from forms.qt import words
from forms.qt.box_list import BoxList
from forms.qt.inputs import Line

REST_MS: Final = 120
FEWEST_SIGNS: Final = 2
ROWS_SHOWN: Final = 6
PAD_PX: Final = 6

Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class KnownSubject:
    """A subject that somebody has written of before.

    Attributes:
        used_on: day of the last time.
        fills: field id → text, for the item that the list was asked for.
    """

    name: str
    code: str
    representative: str
    used_on: str
    fills: Mapping[str, str]


Answer = Callable[[Sequence[KnownSubject]], object]
"""Takes subjects that were found, now or later."""


class SubjectModel(QAbstractListModel):
    """The subjects that were found."""

    def __init__(self) -> None:
        super().__init__()
        self._found: Sequence[KnownSubject] = ()

    def show(self, found: Sequence[KnownSubject]) -> None:
        """Show these."""
        self.beginResetModel()
        self._found = found
        self.endResetModel()

    def at(self, index: Index) -> KnownSubject:
        """The subject of a row."""
        return self._found[index.row()]

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return 0 if parent.isValid() else len(self._found)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        one = self._found[index.row()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return one.name
        if role == Qt.ItemDataRole.UserRole:
            return second_line(one)
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return f"{one.name}\n{second_line(one)}"
        return None


def second_line(subject: KnownSubject) -> str:
    """Return what stands small under the name."""
    parts = [subject.code, subject.representative, words.LAST_USED.format(day=subject.used_on)]
    return "　".join(part for part in parts if part)


class TwoLines(QStyledItemDelegate):
    """The name, and under it, quieter, code, representative and the last time."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(200, 2 * option.fontMetrics.lineSpacing() + 2 * PAD_PX)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        self.initStyleOption(option, index)
        option.text = ""
        style = option.widget.style()
        style.drawControl(QStyle.ControlElement.CE_ItemViewItem, option, painter, option.widget)
        box = option.rect.adjusted(PAD_PX, PAD_PX, -PAD_PX, -PAD_PX)
        line = option.fontMetrics.lineSpacing()
        texts = (index.data(), index.data(Qt.ItemDataRole.UserRole))
        roles = (QPalette.ColorRole.Text, QPalette.ColorRole.PlaceholderText)
        for n, (text, role) in enumerate(zip(texts, roles, strict=True)):
            place = QRect(box.left(), box.top() + n * line, box.width(), line)
            whole = option.fontMetrics.elidedText(str(text), Qt.TextElideMode.ElideRight, box.width())
            painter.setPen(option.palette.color(role))
            painter.drawText(place, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, whole)


class SubjectList(BoxList):
    """The list under a box. Nothing in it is chosen by itself: Enter on a new name goes to the next field.

    Signals:
        asked(str, Answer): find subjects for a text and hand them to the answer.
        picked(KnownSubject): a person chose this one.
    """

    asked = Signal(str, object)
    picked = Signal(object)

    def __init__(self, box: Line) -> None:
        self._model = SubjectModel()
        super().__init__(box, self._model, ROWS_SHOWN)
        self._turn = 0
        self.popup().setItemDelegate(TwoLines(self.popup()))
        self.popup().setAccessibleName(words.KNOWN_SUBJECTS)
        self.activated[QModelIndex].connect(self._on_activated)  # type: ignore[index]  # an overload, chosen by type
        self._rest = QTimer(self, singleShot=True, interval=REST_MS)
        self._rest.timeout.connect(self._ask)
        box.list_is_open = self.is_chosen
        box.textEdited.connect(self._on_typed)
        box.list_asked.connect(self._ask)
        box.entered.connect(self.close)
        box.left.connect(self.close)

    def found(self) -> list[str]:
        """The names in the list."""
        return [self._model.index(n, 0).data() for n in range(self._model.rowCount())]

    def is_chosen(self) -> bool:
        """Say whether Enter is the list's: a person went to one of its lines."""
        return self.is_open() and self.popup().selectionModel().hasSelection()

    def close(self) -> None:
        """Take the list away; an answer that is under way comes too late."""
        self._rest.stop()
        self._turn += 1
        super().close()

    def _on_typed(self, text: str) -> None:
        if len(text.strip()) >= FEWEST_SIGNS:
            self._rest.start()
        else:
            self.close()

    def _ask(self) -> None:
        if self.box().isReadOnly():
            return
        self._turn += 1
        turn = self._turn
        self.asked.emit(self.box().text().strip(), partial(self._show, turn))

    def _show(self, turn: int, found: Sequence[KnownSubject]) -> None:
        if turn != self._turn or not self.box().hasFocus() or self.box().is_composing():
            return
        text = self.box().text().strip()
        known = [one for one in found if not (len(found) == 1 and text in {one.name, one.code})]
        self._model.show(known)
        if known:
            self.complete()
            self.popup().setCurrentIndex(QModelIndex())  # a view that gets the focus goes to its first line
        else:
            self.popup().hide()

    def _on_activated(self, index: QModelIndex) -> None:
        place = self.completionModel().mapToSource(index)  # type: ignore[attr-defined]  # a proxy, says Qt
        if place.isValid():
            self.picked.emit(self._model.at(place))
