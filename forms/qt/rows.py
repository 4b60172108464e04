"""One field in the form: label, star, editor, where it comes from, and the notes under it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QToolTip, QWidget

from forms.catalog.problems import Problem
from forms.catalog.schema import Field, Item, Value
from forms.qt import glyphs, words
from forms.qt.editor import Setting
from forms.qt.inputs import in_tab_order
from forms.qt.notes import FieldNotes, Reasons, Remark
from forms.qt.pins import PinMark
from forms.qt.provenance import describe, provenance
from forms.qt.registry import make_editor

LABEL_PX = 128
"""Nine characters: 行政处罚决定书文号 and 法定代表人证件号码 stay on one line."""

LABEL_CHARACTERS = 9

TAILS = ("统一社会信用代码", "证件号码", "证件类型", "名称")
"""Words at the end of a long title that stay in one piece."""

BREAKS_AFTER = "、，)）及和或"
STAR_PX = 10
HELP_PX = 16
FIRST_LINE_PX = 5
"""Space above a label, so that it stands on the line of its editor's text."""

SIGN_PX = 7
"""The same above a sign."""

WIDE_INDENT_PX = 12
QWIDGETSIZE_MAX = 16_777_215

LINES = 3
"""Of the grid, for a field: those that stay empty take no room."""

LABEL, STAR, EDITOR, HELP, PIN = range(5)

TOP = Qt.AlignmentFlag.AlignTop
RIGHT_TOP = Qt.AlignmentFlag.AlignRight | TOP

HELP_GLYPHS = {
    "sourced": glyphs.HELP,
    "derived": glyphs.HELP_DERIVED,
    "recalled": glyphs.HELP_RECALLED,
}


class FieldRow(QObject):
    """A field's widgets, in a few lines of a grid: the editor, and under it what is to be said.

    Signals:
        edited(str), left(str): the field's id.
        answered(str, str, str), suggested(object): from the notes.
        pin_asked(str): a person clicked the pin of the field of this id.
    """

    edited = Signal(str)
    left = Signal(str)
    answered = Signal(str, str, str)
    suggested = Signal(object)
    pin_asked = Signal(str)

    def __init__(self, item: Item, field: Field, setting: Setting, parent: QObject) -> None:
        super().__init__(parent)
        self.field = field
        self._item = item
        self.editor = make_editor(field, setting)
        self.label = QLabel(label_text(field))
        self.label.setWordWrap(True)
        self.label.setFixedWidth(LABEL_PX)
        self.label.setAlignment(RIGHT_TOP)
        self.label.setContentsMargins(0, FIRST_LINE_PX, 0, 0)
        self.label.setProperty("role", "label")
        self.label.setBuddy(self.editor.inputs()[0])
        self.star = QLabel()
        self.star.setFixedWidth(STAR_PX)
        self.star.setContentsMargins(0, FIRST_LINE_PX, 0, 0)
        self.star.setProperty("tone", "bad")
        self.help = HelpMark(field)
        self._notes: FieldNotes | None = None
        self.pin: PinMark | None = None
        self._grid: QGridLayout | None = None
        self._line = 0
        self._needed: bool | None = None
        self._hidden = False
        self._problems: tuple[Problem, ...] = ()
        self.read_only = False
        self.editor.edited.connect(self._on_edited)
        self.editor.left.connect(self._on_left)
        self.set_needed(field.required)

    def place(self, grid: QGridLayout, line: int) -> None:
        """Put the widgets into `grid`, in the `LINES` lines from `line` on."""
        self._grid, self._line = grid, line
        if self.editor.wide:
            self._place_wide(grid, line)
        else:
            grid.addWidget(self.label, line, LABEL, LINES, 1, TOP)
            grid.addWidget(self.star, line, STAR, TOP)
            grid.addWidget(self.editor, line, EDITOR, TOP)
        grid.addWidget(self.help, line, HELP, TOP)

    def _place_wide(self, grid: QGridLayout, line: int) -> None:
        """The label over the editor, which has all the width."""
        self.label.setText(self.field.title)
        self.label.setWordWrap(False)
        self.label.setMinimumWidth(0)
        self.label.setMaximumWidth(QWIDGETSIZE_MAX)
        self.label.setContentsMargins(WIDE_INDENT_PX, FIRST_LINE_PX, 0, 0)
        head = QHBoxLayout()
        head.setSpacing(4)
        head.addWidget(self.label)
        head.addWidget(self.star)
        head.addStretch(1)
        self.editor.setContentsMargins(WIDE_INDENT_PX, 0, 0, 0)
        grid.addLayout(head, line, LABEL, 1, EDITOR - LABEL + 1)
        grid.addWidget(self.editor, line + 1, LABEL, 1, PIN - LABEL + 1)

    def set_value(self, value: Value | None) -> None:
        """Show a value; signals nothing."""
        self.editor.set_value(value)

    def set_read_only(self, on: bool) -> None:
        """Show only, or let edit."""
        self.read_only = on
        self.editor.set_read_only(on)

    def set_needed(self, on: bool) -> None:
        """Put the star there, or take it away; screen readers are told too."""
        if on != self._needed:
            self._needed = on
            self.star.setText("*" if on else "")
            name = f"{self.field.title}，{words.REQUIRED}" if on else self.field.title
            self.editor.name_for_readers(name, self.field.help or "")

    def is_needed(self) -> bool:
        """Say whether the star stands beside the field."""
        return bool(self._needed)

    def show_problems(self, problems: Sequence[Problem], reasons: Reasons) -> None:
        """Show these problems under the editor and mark its box."""
        if not problems and self._notes is None:
            return
        self._problems = tuple(problems)
        notes = self._notes or self._make_notes()
        written = self.editor.take_problems(problems, self._item)
        notes.show_problems(written, reasons, read_only=self.read_only)
        notes.setVisible(not notes.is_empty())
        in_tab_order(self.editor.inputs()[-1], *notes.buttons())
        standing = [p for p in problems if (p.path, p.code) not in reasons]
        errors = any(p.severity == "error" for p in standing)
        self.editor.set_tone("bad" if errors else "warn" if standing else "")

    def problems(self) -> tuple[Problem, ...]:
        """The problems that are shown."""
        return self._problems

    def notes(self) -> FieldNotes | None:
        """What stands under the editor, once something did."""
        return self._notes

    def show_before(self, text: str | None) -> None:
        """Say what the field was in the version before; None for "did not change"."""
        if text is None and self._notes is None:
            return
        notes = self._notes or self._make_notes()
        notes.show_before(text)
        notes.setVisible(not notes.is_empty())

    def show_remarks(self, remarks: Sequence[Remark]) -> None:
        """Show what others said of the field."""
        if not remarks and self._notes is None:
            return
        notes = self._notes or self._make_notes()
        notes.show_remarks(remarks)
        notes.setVisible(not notes.is_empty())

    def show_offer(self, text: str) -> None:
        """Ask whether `text` is to stand here instead of what does."""
        notes = self._notes or self._make_notes()
        offer = notes.show_offer(text)
        assert offer is not None
        offer.taken.connect(self._take_offer)
        offer.kept.connect(self.drop_offer)
        in_tab_order(self.editor.inputs()[-1], *notes.buttons())
        notes.setVisible(not self._hidden)

    def drop_offer(self) -> None:
        """Ask nothing any more."""
        if self._notes is not None and self._notes.offer() is not None:
            self._notes.show_offer(None)
            self._notes.setVisible(not self._notes.is_empty())

    def show_pin(self, on: bool | None) -> None:
        """Show the pin full or quiet; None for no pin at all."""
        if self.pin is None:
            if on is None or self._grid is None:
                return
            self.pin = PinMark(self.field)
            self.pin.clicked.connect(self._on_pin)
            self._grid.addWidget(self.pin, self._line, PIN, TOP)
        self.pin.setVisible(on is not None and not self._hidden)
        self.pin.set_on(bool(on))

    def has_focus(self) -> bool:
        """Say whether one of the editor's boxes has the focus."""
        return any(box.hasFocus() for box in self.editor.inputs())

    def set_visible(self, on: bool) -> None:
        """Show the whole row, or hide it where a rule wants the field to stay empty."""
        if on == self._hidden:
            self._hidden = not on
            self.show()

    def show(self) -> None:
        """Put the row on the screen, or leave it hidden."""
        on = not self._hidden
        for part in (self.label, self.star, self.editor, self.help):
            part.setVisible(on)
        if self.pin is not None:
            self.pin.setVisible(on and not self.read_only)
        if self._notes is not None:
            self._notes.setVisible(on and not self._notes.is_empty())

    def is_hidden(self) -> bool:
        """Say whether the row is hidden."""
        return self._hidden

    def _make_notes(self) -> FieldNotes:
        assert self._grid is not None
        self._notes = FieldNotes(self._item)
        self._notes.answered.connect(self.answered)
        self._notes.suggested.connect(self.suggested)
        if self.editor.wide:
            self._notes.setContentsMargins(WIDE_INDENT_PX, 0, 0, 0)
            self._grid.addWidget(self._notes, self._line + 2, LABEL, 1, PIN - LABEL + 1)
        else:
            self._grid.addWidget(self._notes, self._line + 1, EDITOR, 1, 2)
        return self._notes

    def _on_edited(self) -> None:
        self.edited.emit(self.field.id)

    def _on_left(self) -> None:
        self.left.emit(self.field.id)

    def _take_offer(self, text: str) -> None:
        self.drop_offer()
        self.set_value(text)
        self._on_edited()

    def _on_pin(self) -> None:
        self.pin_asked.emit(self.field.id)


class HelpMark(QFrame):
    """A quiet sign whose shape says where the field comes from; the tip says the rest."""

    def __init__(self, field: Field) -> None:
        super().__init__()
        self.kind = provenance(field)
        self.setFixedSize(HELP_PX + 4, HELP_PX + SIGN_PX)
        self.setToolTip(describe(field))
        self.setAccessibleName(f"{field.title}：{words.PROVENANCE[self.kind]}")
        self.setAccessibleDescription(self.toolTip())
        self._picture = glyphs.picture(HELP_GLYPHS[self.kind], self.palette(), HELP_PX)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the sign on the line of the editor's text."""
        QPainter(self).drawPixmap(4, SIGN_PX, self._picture)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click shows the tip at once."""
        self.tell(self)

    def tell(self, beside: QWidget) -> None:
        """Show the help under a widget."""
        QToolTip.showText(beside.mapToGlobal(beside.rect().bottomLeft()), self.toolTip(), beside)


def label_text(field: Field) -> str:
    """Return the title without the unit, which stands beside the box; a long one in two lines."""
    title = field.title
    if field.unit:
        title = title.removesuffix(f"({field.unit})").removesuffix(f"（{field.unit}）")
    if len(title) <= LABEL_CHARACTERS:
        return title
    place = next((at for at in map(title.find, ("(", "（")) if at > 0), 0)
    if place and title[-1] in ")）":
        return f"{title[:place]}\n{title[place:]}"
    places = [title.rfind(tail) for tail in TAILS]
    places += [at + 1 for at, sign in enumerate(title) if sign in BREAKS_AFTER]
    half = (len(title) + 1) // 2
    fits = [at for at in places if 0 < at <= LABEL_CHARACTERS and len(title) - at <= LABEL_CHARACTERS]
    at = min(fits, key=lambda at: abs(at - half), default=half if len(title) <= 2 * LABEL_CHARACTERS else 0)
    return f"{title[:at]}\n{title[at:]}" if at else title
