"""The files of a value: picked, dropped or pasted in, opened, removed, and missed in words."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QEvent, QMimeData, QObject, Qt, Signal
from PySide6.QtGui import (
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QFocusEvent,
    QKeyEvent,
    QKeySequence,
)
from PySide6.QtWidgets import (
    QApplication,
    QBoxLayout,
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from forms.qt import words
from forms.qt.file_rows import ComingRow, FileRow, SaidRow, quiet
from forms.qt.files import FileEntry, Files
from forms.qt.glyphs import ADD, glyph
from forms.qt.inputs import ENTER, NO_FIELD_CHANGE, in_tab_order

KEYPAD = Qt.KeyboardModifier.KeypadModifier
EDGES = 8, 4, 6, 4
NO_EDGES = 0, 0, 0, 0


class FileList(QFrame):
    """Files one under the other. Bytes go to `files`; here only entries are held.

    Signals:
        changed: a person added or removed one.
        left, entered: as of an editor.
    """

    changed = Signal()
    left = Signal()
    entered = Signal()

    def __init__(self, files: Files, title: str, *, pictures: bool = False, nothing: str = "") -> None:
        super().__init__()
        self._files, self._title, self._pictures = files, title, pictures
        self._editable = False
        self._turn = 0
        self._count = 0
        self._coming: dict[int, ComingRow] = {}
        self._entries: list[FileEntry] = []
        self._missing: frozenset[str] = frozenset()
        self._undo: tuple[int, FileEntry] | None = None
        self.setAcceptDrops(True)
        self.rows: list[FileRow] = []
        self._column = QVBoxLayout()
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(2)
        self._said = QVBoxLayout()
        self._said.setContentsMargins(0, 0, 0, 0)
        self._said.setSpacing(2)
        self.add_button = QPushButton(words.ADD_FILE)
        self.add_button.setIcon(glyph(ADD, self.palette()))
        self.add_button.setAutoDefault(False)
        self.add_button.setAccessibleName(words.ADD_TO.format(title=title))
        self.add_button.clicked.connect(self.pick)
        self.add_button.installEventFilter(self)
        self._hint = quiet(words.FILE_HINT)
        self._hint.setWordWrap(True)
        self._nothing = quiet(nothing)
        self._lay_out()
        self.show_entries(())
        self.set_editable(False)

    # --- in and out -------------------------------------------------------------------------

    def show_entries(self, entries: Sequence[FileEntry]) -> None:
        """Show these files, of another record; what was said of those before is gone."""
        self._turn += 1
        self._coming = {}
        self._undo = None
        _empty(self._said)
        self._missing = frozenset()
        self._show(list(entries))
        if entries:
            self._files.look(entries, partial(self._on_missing, self._turn))

    def say_nothing(self, text: str) -> None:
        """Say this where there is no file and none can be added; empty for no word at all."""
        self._nothing.setText(text)
        self._say_all()

    def entries(self) -> list[FileEntry]:
        """The files that are shown."""
        return list(self._entries)

    def set_editable(self, on: bool) -> None:
        """Let a person add and remove, or show only."""
        self._editable = on
        self.setProperty("role", "drop" if on else "plain")
        self.style().unpolish(self)
        self.style().polish(self)
        self.setContentsMargins(*(EDGES if on else NO_EDGES))
        self.add_button.setVisible(on)
        self._hint.setVisible(on)
        self._say_all()

    def is_busy(self) -> bool:
        """Say whether a file is still on its way in."""
        return bool(self._coming)

    def says(self) -> list[str]:
        """What was refused, and what can be undone, in words."""
        return [row.text for row in self._sentences()]

    def inputs(self) -> tuple[QWidget, ...]:
        """What takes the focus, in the order of Tab; at least one."""
        buttons = [button for row in self.rows for button in row.buttons()]
        buttons += [row.button for row in self._sentences()]
        return (*buttons, self.add_button) if self._editable or not buttons else tuple(buttons)

    def set_tone(self, tone: str) -> None:
        """Mark the frame: "bad", "warn" or "" for nothing."""
        if self.property("tone") != tone:
            self.setProperty("tone", tone)
            self.style().unpolish(self)
            self.style().polish(self)

    # --- adding and removing ----------------------------------------------------------------

    def pick(self) -> None:
        """Let a person choose files."""
        paths, _ = QFileDialog.getOpenFileNames(self, words.PICK_FILES.format(title=self._title))
        self.offer([Path(path) for path in paths])

    def offer(self, paths: Sequence[Path]) -> None:
        """Take files in; one that cannot be is refused in words."""
        if not self._editable:
            return
        self._forget_undo()
        for path in paths:
            self._take_in(path)

    def remove(self, entry: FileEntry) -> None:
        """Take a file out; the line under the list has the way back."""
        if not self._editable or entry not in self._entries:
            return
        place = self._entries.index(entry)
        self._forget_undo()
        self._show([one for one in self._entries if one is not entry and one != entry])
        self._undo = place, entry
        row = SaidRow(words.FILE_REMOVED.format(name=entry["name"]), "", words.UNDO)
        row.done.connect(self.undo)
        row.button.installEventFilter(self)
        row.setProperty("undo", True)
        self._said.addWidget(row)
        row.show()  # at once: what is not shown cannot have the focus
        self._order()
        row.button.setFocus()
        self.changed.emit()

    def undo(self) -> None:
        """Bring back what was removed last."""
        if self._undo is None or not self._editable:
            return
        place, entry = self._undo
        self._forget_undo()
        self._show([*self._entries[:place], entry, *self._entries[place:]])
        self.rows[min(place, len(self.rows) - 1)].opening.setFocus()
        self.changed.emit()

    def _take_in(self, path: Path) -> None:
        self._count += 1
        number = self._count  # and not the row: the answer must find its way when that is gone
        row = self._coming[number] = ComingRow(path.name)
        self._said.addWidget(row)

        def taken(entry: FileEntry) -> bool:
            if not self._came(number):
                return False
            if any(one["sha256"] == entry["sha256"] for one in self._entries):
                self._refuse(path.name, words.FILE_THERE)
            else:
                self._show([*self._entries, entry])
                self.changed.emit()
            return True

        def refused(reason: str) -> None:
            if self._came(number):
                self._refuse(path.name, reason)

        def progress(hundredths: int) -> None:
            if number in self._coming:
                self._coming[number].bar.setValue(hundredths)

        self._files.add(path, taken, refused, progress)

    def _came(self, number: int) -> bool:
        """Take the row of a file on its way in away; False when it was for another record."""
        row = self._coming.pop(number, None)
        if row is not None:
            _drop(self._said, row)
        return row is not None

    def _refuse(self, name: str, reason: str) -> None:
        row = SaidRow(words.FILE_REFUSED.format(name=name, reason=reason), "bad", words.SEEN)
        row.done.connect(partial(self._on_seen, row))
        row.button.installEventFilter(self)
        self._said.addWidget(row)
        self._order()

    def _on_seen(self, row: SaidRow) -> None:
        _drop(self._said, row)
        self.add_button.setFocus()

    def _forget_undo(self) -> None:
        self._undo = None
        for row in self._sentences():
            if row.property("undo"):
                _drop(self._said, row)

    # --- showing ----------------------------------------------------------------------------

    def _show(self, entries: list[FileEntry]) -> None:
        self._entries = entries
        shown = {id(row.entry): row for row in self.rows}
        kept = [shown[id(one)] for one in entries if id(one) in shown]
        for row in self.rows:
            if row not in kept:
                _drop(self._column, row)
        self.rows = []
        for entry in entries:
            row = shown.get(id(entry)) or self._make(entry)
            self._column.addWidget(row)
            row.setVisible(True)  # at once: what is not shown cannot have the focus
            self.rows.append(row)
        self._say_all()
        self._order()

    def _make(self, entry: FileEntry) -> FileRow:
        row = FileRow(entry)
        row.opened.connect(partial(self._files.open, entry))
        row.opening.installEventFilter(self)
        row.removing.installEventFilter(self)
        row.removed.connect(partial(self.remove, entry))
        if self._pictures and entry.get("media_type", "").startswith("image/"):
            self._files.picture(entry, row.show_picture)
        return row

    def _say_all(self) -> None:
        gone = words.FILE_GONE if self._editable else words.FILE_NOT_HERE
        for row in self.rows:
            row.set_editable(self._editable)
            row.show_missing(gone if row.entry["sha256"] in self._missing else "")
        self._nothing.setVisible(bool(self._nothing.text()) and not self._entries and not self._editable)

    def _on_missing(self, turn: int, missing: frozenset[str]) -> None:
        if turn == self._turn:
            self._missing = missing
            self._say_all()

    def _order(self) -> None:
        buttons = [button for row in self.rows for button in (row.opening, row.removing)]
        buttons += [row.button for row in self._sentences()]
        if buttons:  # behind the button that stays, and then it behind them
            in_tab_order(self.add_button, *buttons, self.add_button)

    def _sentences(self) -> list[SaidRow]:
        rows = [self._said.itemAt(n).widget() for n in range(self._said.count())]
        return [row for row in rows if isinstance(row, SaidRow)]

    def _lay_out(self) -> None:
        foot = QHBoxLayout()
        foot.setContentsMargins(0, 0, 0, 0)
        foot.setSpacing(8)
        foot.addWidget(self.add_button)
        foot.addWidget(self._hint, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(*NO_EDGES)
        column.setSpacing(2)
        column.addLayout(self._column)
        column.addLayout(self._said)
        column.addWidget(self._nothing)
        column.addLayout(foot)

    # --- hands ------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter goes on, F4 picks, Delete removes the file in hand, Ctrl+V pastes, Ctrl+Z brings back."""
        if event.key() in ENTER and not event.modifiers() & ~KEYPAD:
            self.entered.emit()
        elif event.key() == Qt.Key.Key_F4 and self._editable:
            self.pick()
        elif event.key() == Qt.Key.Key_Delete and (entry := self._in_hand()) is not None:
            self.remove(entry)
        elif event.matches(QKeySequence.StandardKey.Undo) and self._undo is not None:
            self.undo()
        elif event.matches(QKeySequence.StandardKey.Paste):
            self.offer(_paths(QApplication.clipboard().mimeData()))
        else:
            super().keyPressEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Say that the files were left, when the focus goes out of the list."""
        if isinstance(event, QFocusEvent) and event.lostFocus() and event.reason() not in NO_FIELD_CHANGE:
            now = QApplication.focusWidget()
            if now is None or not self.isAncestorOf(now):
                self.left.emit()
        return super().eventFilter(watched, event)

    def _in_hand(self) -> FileEntry | None:
        return next((row.entry for row in self.rows if any(b.hasFocus() for b in row.buttons())), None)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Say with the frame that files may be dropped."""
        if self._editable and _paths(event.mimeData()):
            self._set_over(True)
            event.acceptProposedAction()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """They went elsewhere."""
        self._set_over(False)
        super().dragLeaveEvent(event)

    def dropEvent(self, event: QDropEvent) -> None:
        """Take them in."""
        self._set_over(False)
        if self._editable and (paths := _paths(event.mimeData())):
            event.acceptProposedAction()
            self.offer(paths)

    def _set_over(self, on: bool) -> None:
        self.setProperty("over", on)
        self.style().unpolish(self)
        self.style().polish(self)


def _paths(mime: QMimeData) -> list[Path]:
    return [Path(url.toLocalFile()) for url in mime.urls() if url.isLocalFile()]


def _drop(column: QBoxLayout, row: QWidget) -> None:
    column.removeWidget(row)
    row.hide()
    row.deleteLater()


def _empty(column: QBoxLayout) -> None:
    while (item := column.itemAt(0)) is not None:
        row = item.widget()
        assert row is not None
        _drop(column, row)
