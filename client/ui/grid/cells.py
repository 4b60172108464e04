"""How a cell is drawn and written: the boxes of the form, without the form around them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

from PySide6.QtCore import (
    QAbstractItemModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPointF,
    Qt,
)
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPolygonF
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem, QWidget

from client.ui.grid.model import SEVERITY_ROLE
from client.ui.theme import tokens_for
from client.ui.widgets.marks import SEVERITY
from forms.catalog.schema import CodeSet, Field
from forms.qt.code_search import CodeList, Sounds
from forms.qt.codes import offered
from forms.qt.inputs import ENTER, Line, Paragraph

Index = QModelIndex | QPersistentModelIndex

CORNER_PX: Final = 7
LONG_HEIGHT_PX: Final = 96
LONG_WIDTH_PX: Final = 320


class CellBox(Line):
    """One line in a cell; with a list of codes where the field has one."""

    def __init__(self, field: Field, sounds: Callable[[CodeSet], Sounds], parent: QWidget) -> None:
        super().__init__(parent)
        self.setFrame(False)
        self.setProperty("kind", "cell")
        self.setAccessibleName(field.title)
        self._list: CodeList | None = None
        self._field, self._sounds = field, sounds
        if field.code_set is not None and field.type != "set":
            self.textEdited.connect(self._offer)
            self.list_asked.connect(self.open_list)

    def open_list(self) -> None:
        """Show all codes."""
        self._codes().offer("")

    def _offer(self, text: str) -> None:
        if text.strip():
            self._codes().offer(text)
        elif self._list is not None:
            self._list.close()

    def _codes(self) -> CodeList:
        if self._list is None:
            assert self._field.code_set is not None
            sounds = partial(self._sounds, self._field.code_set)
            self._list = CodeList(offered(self._field), self, sounds)
            self._list.picked.connect(self._pick)
        return self._list

    def _pick(self, code: str) -> None:
        assert self._field.code_set is not None
        self.setText(self._field.code_set.by_code[code].name)


class LongBox(Paragraph):
    """Several lines over a cell: Enter is done, Alt+Enter a new line, as spreadsheets have it."""

    def __init__(self, field: Field, done: Callable[[], object], parent: QWidget) -> None:
        super().__init__(parent)
        self.setTabChangesFocus(False)
        self.setProperty("kind", "cell")
        self.setAccessibleName(field.title)
        self._done = done

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Tell a new line from the end; while the input method composes, Enter is its own."""
        if event.key() not in ENTER or self.is_composing():
            super().keyPressEvent(event)
        elif event.modifiers() & (Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.ShiftModifier):
            self.insertPlainText("\n")
        else:
            self._done()


class Cells(QStyledItemDelegate):
    """Draws marks and opens boxes."""

    def __init__(
        self, field_at: Callable[[int], Field], sounds: Callable[[CodeSet], Sounds], parent: QObject
    ) -> None:
        super().__init__(parent)
        self._field_at, self._sounds = field_at, sounds

    def createEditor(self, parent: QWidget, _option: QStyleOptionViewItem, index: Index) -> QWidget:
        """Return the box of a cell."""
        about = self._field_at(index.column())
        if about.type == "text":
            box = LongBox(about, lambda: self._finish(box), parent)
            return box
        line = CellBox(about, self._sounds, parent)
        line.entered.connect(partial(self._finish, line))
        return line

    def _finish(self, box: QWidget) -> None:
        self.commitData.emit(box)
        self.closeEditor.emit(box, QStyledItemDelegate.EndEditHint.SubmitModelCache)

    def setEditorData(self, editor: QWidget, index: Index) -> None:
        """Begin with what stands in the cell; a box that is being written in is left alone."""
        text = str(index.data(Qt.ItemDataRole.EditRole) or "")
        if isinstance(editor, LongBox):
            if editor.toPlainText() != text:
                editor.set_text(text)
            editor.selectAll()  # as Qt does in one line: what one types replaces what stood there
        elif isinstance(editor, CellBox) and editor.text() != text:
            editor.setText(text)

    def setModelData(self, editor: QWidget, model: QAbstractItemModel, index: Index) -> None:
        """Take what was written; letters of a composition are kept."""
        if isinstance(editor, LongBox):
            editor.keep_composition()
            model.setData(index, editor.toPlainText())
        elif isinstance(editor, CellBox):
            editor.keep_composition()
            model.setData(index, editor.text())

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, _index: Index) -> None:
        """A line fills its cell; several lines lie over the cells below."""
        area = option.rect
        if isinstance(editor, LongBox):
            area.setWidth(max(area.width(), LONG_WIDTH_PX))
            editor.setFixedHeight(LONG_HEIGHT_PX)
            parent = editor.parentWidget()
            area.moveRight(min(area.right(), parent.width() - 2))
            area.moveTop(max(min(area.top(), parent.height() - LONG_HEIGHT_PX), 0))
        editor.setGeometry(area)

    def eventFilter(self, editor: QObject, event: QEvent) -> bool:
        """Keys of an open list of codes are the list's."""
        if (
            isinstance(editor, CellBox)
            and isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.KeyPress
            and event.key() in ENTER
        ):
            return False  # the box says when it is done: the input method and the list come first
        return super().eventFilter(editor, event)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw the cell; a corner says that something is wrong with it, and its ground how badly."""
        severity = index.data(SEVERITY_ROLE)
        if severity is None:
            super().paint(painter, option, index)
            return
        tokens = tokens_for(option.palette)
        look = SEVERITY[severity]
        ground = tokens.bad_weak if severity == "error" else tokens.warn_weak
        painter.fillRect(option.rect, QColor(ground))
        super().paint(painter, option, index)
        corner = QPointF(option.rect.right() + 1, option.rect.top())
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(tokens.tone(look.tone)))
        if severity == "error":
            painter.drawRect(int(corner.x()) - CORNER_PX + 1, int(corner.y()), CORNER_PX - 1, CORNER_PX - 1)
        else:
            painter.drawPolygon(
                QPolygonF([corner, corner - QPointF(CORNER_PX + 2, 0), corner + QPointF(0, CORNER_PX + 2)])
            )
        painter.restore()
