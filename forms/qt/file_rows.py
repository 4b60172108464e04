"""The lines of a list of files: one that is there, one on its way in, one that was refused."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QImage, QPixmap
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from forms.qt import words
from forms.qt.files import FileEntry, size_words
from forms.qt.glyphs import ERROR, FILE, glyph, toned

ICON_PX = 16
BAR_PX = 120
LINE_PX = 26


class FileRow(QWidget):
    """One file: name, size, and what can be done with it.

    Signals:
        opened, removed: a person wants it.
    """

    opened = Signal()
    removed = Signal()

    def __init__(self, entry: FileEntry, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.entry = entry
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(4)
        line = QHBoxLayout()
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(6)
        mark = QLabel()
        mark.setPixmap(glyph(FILE, self.palette()).pixmap(QSize(ICON_PX, ICON_PX)))
        self._name = QLabel(entry["name"])
        self._name.setToolTip(entry["name"])
        self._name.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._name.setWordWrap(True)
        self._size = quiet(size_words(entry["size"]))
        self._gone = QLabel()
        self._gone.setProperty("tone", "warn")
        self._gone.setWordWrap(True)
        self._gone.hide()
        self.opening = link(words.OPEN_FILE, words.OPEN_ONE.format(name=entry["name"]))
        self.opening.clicked.connect(self.opened)
        self.removing = link(words.REMOVE_FILE, words.REMOVE_ONE.format(name=entry["name"]))
        self.removing.clicked.connect(self.removed)
        line.addWidget(mark)
        line.addWidget(self._name, 1)
        line.addWidget(self._gone, 1)
        for part in (self._size, self.opening, self.removing):
            line.addWidget(part)
        self._column.addLayout(line)
        self._picture: QLabel | None = None

    def set_editable(self, on: bool) -> None:
        """Let be removed, or not."""
        self.removing.setVisible(on)

    def show_missing(self, text: str) -> None:
        """Say that its bytes are not here; empty when they are."""
        self._gone.setText(text)
        self._gone.setVisible(bool(text))
        self.opening.setVisible(not text)

    def show_picture(self, image: QImage | None) -> None:
        """Show what it is a picture of."""
        if self._picture is None:
            self._picture = QLabel()
            self._picture.setAccessibleName(words.PICTURE_OF.format(name=self.entry["name"]))
            self._column.addWidget(self._picture)
        if image is None:
            self._picture.setText(words.NO_PICTURE)
            self._picture.setProperty("role", "secondary")
        else:
            self._picture.setPixmap(QPixmap.fromImage(image))

    def buttons(self) -> tuple[QPushButton, ...]:
        """What can be pressed now."""
        return tuple(one for one in (self.opening, self.removing) if not one.isHidden())


class ComingRow(QWidget):
    """A file that is being taken in."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        text = words.ADDING_FILE.format(name=name)
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(6)
        label = quiet(text)
        label.setWordWrap(True)
        self.bar = QProgressBar()
        self.bar.setRange(0, 100)
        self.bar.setTextVisible(False)
        self.bar.setFixedWidth(BAR_PX)
        self.bar.setAccessibleName(text)
        line.addWidget(label, 1)
        line.addWidget(self.bar)
        self.setMinimumHeight(LINE_PX)


class SaidRow(QFrame):
    """One sentence under the files: why one was refused, or that one was removed; with one way on.

    Signals:
        done: a person pressed the button.
    """

    done = Signal()

    def __init__(self, text: str, tone: str, word: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(6)
        if tone == "bad":
            mark = QLabel()
            mark.setPixmap(toned(ERROR, self.palette(), tone).pixmap(QSize(ICON_PX, ICON_PX)))
            line.addWidget(mark, 0, Qt.AlignmentFlag.AlignTop)
        self.text = text
        label = QLabel(text)
        label.setWordWrap(True)
        label.setProperty("tone", tone)
        label.setProperty("role", "" if tone else "secondary")
        self.button = link(word, f"{word}：{text}")
        self.button.clicked.connect(self.done)
        line.addWidget(label, 1)
        line.addWidget(self.button, 0, Qt.AlignmentFlag.AlignTop)


def link(word: str, name: str) -> QPushButton:
    """Return a button that looks like a word, with the name that a screen reader says."""
    made = QPushButton(word)
    made.setProperty("kind", "link")
    made.setAutoDefault(False)
    made.setAccessibleName(name)
    return made


def quiet(text: str) -> QLabel:
    """Return a text in the quiet colour."""
    label = QLabel(text)
    label.setProperty("role", "secondary")
    return label


def say_instead(
    column: QVBoxLayout, old: SaidRow | None, text: str, then: Callable[[], object]
) -> SaidRow | None:
    """Say what has no place in an editor and was kept all the same, in place of what was said before.

    Returns:
        The row with the way to give it up; None for no text.
    """
    if old is not None:
        column.removeWidget(old)
        old.hide()
        old.deleteLater()
    if not text:
        return None
    row = SaidRow(text, "bad", words.REMOVE_FILE)
    row.done.connect(then)
    column.addWidget(row)
    return row
