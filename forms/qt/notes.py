"""What stands under a field: its problems, the way out of each, and what a person said to a warning."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from forms.catalog.messages import short
from forms.catalog.problems import Problem
from forms.catalog.schema import Item
from forms.qt import words
from forms.qt.glyphs import ANSWERED, ERROR, WARNING, toned
from forms.qt.inputs import Line, in_tab_order

Reasons = Mapping[tuple[str, str], str]
"""(path, code) of a warning → what a person said to it."""

ICON_PX = 16


@dataclass(frozen=True, slots=True)
class Remark:
    """What somebody else said of a field: the platform that refused it, a reviewer who sent it back.

    Attributes:
        tone: "bad", "warn" or "info".
    """

    field_id: str
    text: str
    tone: str


class FieldNotes(QWidget):
    """The problems of one field, one under the other.

    Signals:
        answered(str, str, str): path and code of a warning, and the reason; empty takes it back.
        suggested(object): a person took the suggestion of this problem.
    """

    answered = Signal(str, str, str)
    suggested = Signal(object)

    def __init__(self, item: Item, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._item = item
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 2, 0, 4)
        self._column.setSpacing(2)
        self._notes: list[ProblemNote] = []
        self._before: QLabel | None = None
        self._remarks: list[QLabel] = []
        self._offer: Offer | None = None

    def show_problems(self, problems: Sequence[Problem], reasons: Reasons, *, read_only: bool) -> None:
        """Show these problems instead of those before; what a person is writing is not disturbed."""
        wanted = [(p, reasons.get((p.path, p.code), ""), read_only) for p in problems]
        if wanted == [note.key() for note in self._notes]:
            return
        kept = [note for note in self._notes if note.key() in wanted or self._is_wanted(note, problems)]
        for note in self._notes:
            if note not in kept:
                self._column.removeWidget(note)
                note.hide()
                note.deleteLater()
        self._notes = []
        for key in wanted:
            note = next((n for n in kept if n.problem == key[0]), None) or self._make(*key)
            self._notes.append(note)
            self._column.removeWidget(note)
            self._column.addWidget(note)

    @staticmethod
    def _is_wanted(note: ProblemNote, problems: Sequence[Problem]) -> bool:
        """A note in which somebody is writing stays, whatever else changed."""
        return note.writing() is not None and note.problem in problems

    def show_before(self, text: str | None) -> None:
        """Say what the field was before; None takes the line away."""
        if text is not None and self._before is None:
            self._before = QLabel()
            self._before.setProperty("role", "small")
            self._before.setWordWrap(True)
            self._column.insertWidget(0, self._before)
        if self._before is not None:
            self._before.setVisible(text is not None)
            self._before.setText(text or "")

    def before(self) -> str:
        """What is said of the version before; empty for nothing."""
        return "" if self._before is None or self._before.isHidden() else self._before.text()

    def show_remarks(self, remarks: Sequence[Remark]) -> None:
        """Show what others said, above the problems that we find ourselves."""
        for label in self._remarks:
            self._column.removeWidget(label)
            label.hide()
            label.deleteLater()
        self._remarks = []
        for n, remark in enumerate(remarks):
            label = QLabel(remark.text)
            label.setWordWrap(True)
            label.setProperty("tone", remark.tone)
            self._remarks.append(label)
            self._column.insertWidget(n, label)

    def remarks(self) -> list[str]:
        """What others said, as shown."""
        return [label.text() for label in self._remarks]

    def show_offer(self, text: str | None) -> Offer | None:
        """Ask whether `text` is to stand in the field instead of what is there; None takes it away."""
        if self._offer is not None:
            self._column.removeWidget(self._offer)
            self._offer.hide()
            self._offer.deleteLater()
        self._offer = None if text is None else Offer(text)
        if self._offer is not None:
            self._column.insertWidget(0, self._offer)
        return self._offer

    def offer(self) -> Offer | None:
        """What is asked, if anything is."""
        return self._offer

    def is_empty(self) -> bool:
        """Say whether there is nothing to show."""
        if self._offer is not None:
            return False
        return not self._notes and not self._remarks and (self._before is None or self._before.isHidden())

    def notes(self) -> list[ProblemNote]:
        """The notes that are shown."""
        return list(self._notes)

    def buttons(self) -> list[QWidget]:
        """What takes the focus, from top to bottom."""
        offered = [] if self._offer is None else [self._offer.take, self._offer.keep]
        return [*offered, *(box for note in self._notes for box in note.boxes())]

    def _make(self, problem: Problem, reason: str, read_only: bool) -> ProblemNote:
        note = ProblemNote(problem, short(problem, self._item), reason, read_only=read_only)
        note.answered.connect(self.answered)
        note.suggested.connect(self.suggested)
        return note


class Offer(QFrame):
    """Another text for a field that is filled already: nothing is overwritten unasked.

    Signals:
        taken(str): a person wants the text; kept: a person does not.
    """

    taken = Signal(str)
    kept = Signal()

    def __init__(self, text: str) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        label = QLabel(words.OTHER_THERE.format(text=text))
        label.setWordWrap(True)
        label.setProperty("tone", "info")
        self._text = text
        self.take = _link(words.TAKE.format(text=text))
        self.take.clicked.connect(self._take)
        self.keep = _link(words.KEEP)
        self.keep.clicked.connect(self.kept)
        row.addWidget(label, 1)
        row.addWidget(self.take)
        row.addWidget(self.keep)

    def _take(self) -> None:
        self.taken.emit(self._text)


def _link(word: str) -> QPushButton:
    made = QPushButton(word)
    made.setProperty("kind", "link")
    made.setAutoDefault(False)
    made.setAccessibleName(word)
    return made


class ProblemNote(QFrame):
    """One problem: mark, sentence, and what can be done."""

    answered = Signal(str, str, str)
    suggested = Signal(object)

    def __init__(self, problem: Problem, sentence: str, reason: str, *, read_only: bool) -> None:
        super().__init__()
        self.problem = problem
        self._reason = reason
        self._read_only = read_only
        self._writing: _ReasonLine | None = None
        self._ways_out: dict[str, QPushButton] = {}
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(4)
        tone = "info" if reason else "bad" if problem.severity == "error" else "warn"
        icon = ANSWERED if reason else ERROR if problem.severity == "error" else WARNING
        mark = QLabel()
        mark.setPixmap(toned(icon, self.palette(), tone).pixmap(QSize(ICON_PX, ICON_PX)))
        mark.setContentsMargins(0, 2, 0, 0)
        text = QLabel(sentence if not reason else f"{sentence}　{words.EXPLAINED.format(reason=reason)}")
        text.setProperty("tone", "" if reason else tone)
        text.setProperty("role", "small" if reason else "note")
        text.setWordWrap(True)
        self._row.addWidget(mark, 0, Qt.AlignmentFlag.AlignTop)
        self._row.addWidget(text, 1)
        if not read_only:
            self._add_ways_out(reason)

    def key(self) -> tuple[Problem, str, bool]:
        """What the note was made from."""
        return self.problem, self._reason, self._read_only

    def writing(self) -> Line | None:
        """The line in which a person is writing a reason, if so."""
        return self._writing

    def boxes(self) -> list[QWidget]:
        """What takes the focus: the buttons, and the line for the reason."""
        line = [] if self._writing is None else [self._writing]
        return [*self._ways_out.values(), *line]

    def ways_out(self) -> dict[str, QPushButton]:
        """The buttons: "suggestion" and "explain", as far as there are."""
        return dict(self._ways_out)

    def _add_ways_out(self, reason: str) -> None:
        if self.problem.suggestion is not None:
            word = words.SUGGESTION.format(value=self.problem.suggestion)
            self._add_link("suggestion", word, self._take)
        if self.problem.answerable:
            word = words.CHANGE if reason else words.EXPLAIN
            self._add_link("explain", word, self._write)

    def _add_link(self, name: str, word: str, then: Callable[[], None]) -> None:
        made = QPushButton(word)
        made.setProperty("kind", "link")
        made.setAutoDefault(False)
        made.clicked.connect(then)
        self._ways_out[name] = made
        self._row.addWidget(made)

    def _take(self) -> None:
        self.suggested.emit(self.problem)

    def _write(self) -> None:
        """Open the line for the reason."""
        self._ways_out["explain"].hide()
        self._writing = _ReasonLine(self._reason)
        self._row.addWidget(self._writing, 1)
        self._writing.entered.connect(self._keep)
        self._writing.left.connect(self._keep)
        self._writing.given_up.connect(self._give_up)
        self._writing.show()  # at once: what is not shown cannot have the focus
        in_tab_order(self._ways_out["explain"], self._writing)
        self._writing.setFocus()

    def _keep(self) -> None:
        if self._writing is None:
            return
        reason = self._writing.text().strip()
        self._close_line()
        if reason != self._reason:
            self.answered.emit(self.problem.path, self.problem.code, reason)

    def _give_up(self) -> None:
        self._close_line()
        self._ways_out["explain"].setFocus()

    def _close_line(self) -> None:
        line, self._writing = self._writing, None
        if line is not None:
            self._row.removeWidget(line)
            line.hide()
            line.deleteLater()
            self._ways_out["explain"].show()


class _ReasonLine(Line):
    """Where a reason is written; Esc gives it up."""

    given_up = Signal()

    def __init__(self, reason: str) -> None:
        super().__init__()
        self.setText(reason)
        self.setPlaceholderText(words.EXPLAIN_HINT)
        self.setAccessibleName(words.EXPLAIN_HINT)
        self.setMinimumWidth(160)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and not self.is_composing():
            self.given_up.emit()
        else:
            super().keyPressEvent(event)
