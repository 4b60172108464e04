"""The form of one item, made from the catalog alone; refilled quickly with the next record."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

from forms.catalog.problems import Answer, Problem
from forms.catalog.schema import Item, Value, Values
from forms.qt import words
from forms.qt.editor import Editor, Setting
from forms.qt.fields import settled
from forms.qt.form_page import FormPage
from forms.qt.inputs import finish_composition
from forms.qt.needs import needed, unwanted
from forms.qt.notes import Remark
from forms.qt.pins import Pins
from forms.qt.rows import FieldRow
from forms.qt.sections import FormSection
from forms.qt.subject_filling import SubjectFilling
from forms.qt.typed import as_text

VISIBLE_MARGIN_PX = 64


class CatalogForm(QScrollArea):
    """All fields of an item, in sections.

    Values go in by `set_values` and out by `values`; what the item does not know goes through
    unharmed. Problems are found elsewhere and handed in: the form only shows them, and not
    those of a field that nobody has reached yet, until `reveal_all`.

    Fields below the fold are made after the first paint, from top to bottom, so that the order of Tab
    is that of the eye; whoever asks for one of them gets it made at once.

    Signals:
        edited(str): a person changed the field of this id, or answered one of its warnings.
        left(str): a person is done with the field of this id.
        row_made(FieldRow): a field was made.

    Attributes:
        pins: which fields are kept for new records.
        subjects: the lists of known subjects; None where there is nobody to ask.
    """

    edited = Signal(str)
    left = Signal(str)
    row_made = Signal(object)

    def __init__(self, item: Item, setting: Setting, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.item = item
        self._page = FormPage(item, setting)
        self._rows = self._page.rows
        self._given: dict[str, Value] = {}
        self._remarks: dict[str, list[Remark]] = {}
        self._read_only = False
        self._rest: dict[str, Value] = {}
        self._problems: tuple[Problem, ...] = ()
        self._reasons: dict[tuple[str, str], str] = {}
        self._reached: set[str] = set()
        self._compared: Values | None = None
        self._all_shown = False
        self._last = ""
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidget(self._page)
        help_key = QShortcut(QKeySequence(Qt.Key.Key_F1), self)
        help_key.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        help_key.activated.connect(self.tell_help)
        self._mark_timer = QTimer(self, singleShot=True, interval=0)
        self._mark_timer.timeout.connect(self._mark_needs)
        self._page.row_made.connect(self._add_row)
        self._page.piece_made.connect(self._on_piece_made)
        self.pins = Pins(self)
        self.subjects = SubjectFilling(self, setting) if setting.subjects is not None else None
        self._page.begin()

    # --- values ---------------------------------------------------------------------------

    def set_values(self, values: Values) -> None:
        """Show another record: values only, problems and answers are gone."""
        finish_composition()
        self.setUpdatesEnabled(False)
        known = self.item.by_id
        self._rest = {name: value for name, value in values.items() if name not in known}
        self._given = {name: values[name] for name in self._page.waiting() if name in values}
        self._reasons = {}
        self._reached = set()
        self._all_shown = False
        self._compared = None
        for name, row in self._rows.items():
            row.set_value(values.get(name))
            row.show_before(None)
            row.drop_offer()
        self.set_problems(())
        self.set_remarks(())
        self._mark_needs()
        self.setUpdatesEnabled(True)

    def values(self) -> dict[str, Value]:
        """Return what is in the form; a field that is empty has no key."""
        found = {name: row.editor.value() for name, row in self._rows.items()}
        filled = {name: value for name, value in found.items() if value is not None}
        return {**self._rest, **filled, **self._given}

    def put(self, values: Values, *, over: frozenset[str] = frozenset()) -> list[str]:
        """Fill fields as if a person had typed; what is filled otherwise stays, but for those in `over`.

        Returns:
            Ids of the fields that stayed as they were, because something else stands there.
        """
        kept: list[str] = []
        for name, value in values.items():
            if name not in self.item.by_id or self._read_only:
                continue
            row = self.row(name)
            if row.editor.value() in (None, value) or name in over:
                if row.editor.value() != value:
                    row.set_value(value)
                    self._on_edited(name)
            else:
                kept.append(name)
        return kept

    def is_busy(self) -> bool:
        """Say whether something is still on its way into the values: a file that is being taken in."""
        return any(row.editor.is_busy() for row in self._rows.values())

    def set_read_only(self, on: bool) -> None:
        """Show only, or let edit."""
        self._read_only = on
        for row in self._rows.values():
            row.set_read_only(on)
        self._show_problems()

    def show_changes(self, before: Values | None) -> None:
        """Say under each field that differs what it was in the version before; None for nothing."""
        self._compared = before
        for row in self._rows.values():
            self._show_before(row)

    def _show_before(self, row: FieldRow) -> None:
        name, before = row.field.id, self._compared
        if before is None or before.get(name) == row.editor.value():
            row.show_before(None)
        else:
            row.show_before(words.BEFORE.format(text=as_text(row.field, before.get(name)) or words.EMPTY))

    # --- problems and answers -------------------------------------------------------------

    def set_problems(self, problems: Sequence[Problem]) -> None:
        """Show these beside their fields. A field that is being typed in gets no new ones yet."""
        self._problems = tuple(problems)
        self._show_problems()

    def set_remarks(self, remarks: Sequence[Remark]) -> None:
        """Show what the platform or a reviewer said beside the fields; stays until the next record."""
        self._remarks = {}
        for remark in remarks:
            self._remarks.setdefault(remark.field_id, []).append(remark)
        for name, row in self._rows.items():
            row.show_remarks(self._remarks.get(name, []))

    def reveal_all(self) -> None:
        """Show the problems of fields that nobody has reached, too."""
        self._all_shown = True
        self._show_problems()

    def set_answers(self, answers: Sequence[Answer]) -> None:
        """Show what people said to warnings."""
        self._reasons = {(answer.path, answer.code): answer.reason for answer in answers}
        self._show_problems()

    def answers(self) -> tuple[Answer, ...]:
        """Return what people said to warnings that still stand."""
        standing = {(p.path, p.code) for p in self._problems if p.answerable}
        return tuple(
            Answer(path, code, reason)
            for (path, code), reason in sorted(self._reasons.items())
            if (path, code) in standing
        )

    # --- moving about ---------------------------------------------------------------------

    def focus_field(self, path: str) -> bool:
        """Go to a field, or into it (``GRP/0/SUB``), and show all its problems; False when there is none."""
        field_id, _, place = path.partition("/")
        if field_id not in self.item.by_id:
            return False
        row = self.row(field_id)
        row.set_visible(True)
        self._page.section_of(row).unfold()
        self._reached.add(field_id)
        row.show_problems(self._problems_of(field_id), self._reasons)
        self.ensureWidgetVisible(row.editor.focus_at(place), 0, VISIBLE_MARGIN_PX)
        return True

    def focus_first(self) -> None:
        """Go to the first field."""
        first = next((name for name, row in self._rows.items() if not row.is_hidden()), None)
        if first is not None:
            self.focus_field(first)
            self.verticalScrollBar().setValue(0)

    def fields_in_hand(self) -> list[str]:
        """Ids of the fields of the section in which a person is writing, or was last."""
        made = [row for section in self._page.sections for row in section.rows]
        here = next((row for row in made if row.has_focus()), self._rows.get(self._last) or made[0])
        return [row.field.id for row in self._page.section_of(here).rows]

    def tell_help(self) -> None:
        """Show what is known of the field that has the focus (F1)."""
        for row in self._rows.values():
            if row.has_focus():
                row.help.tell(row.editor)

    def editor(self, field_id: str) -> Editor:
        """The editor of a field."""
        return self.row(field_id).editor

    def row(self, field_id: str) -> FieldRow:
        """The row of a field; it is made now if it was not yet."""
        return self._page.row(field_id)

    def sections(self) -> tuple[FormSection, ...]:
        """The groups of fields, from top to bottom; all fields are made."""
        self.make_all()
        return tuple(self._page.sections)

    def rows_made(self) -> tuple[FieldRow, ...]:
        """The rows that are made so far, from top to bottom."""
        return tuple(self._rows.values())

    def is_whole(self) -> bool:
        """Say whether all fields are made."""
        return self._page.is_whole()

    def make_all(self) -> None:
        """Make the fields that are not made yet."""
        self._page.make_all()

    # --- inside: making -------------------------------------------------------------------

    def _on_piece_made(self) -> None:
        self._count()
        self._mark_needs()

    def _fill(self, row: FieldRow) -> None:
        name = row.field.id
        row.set_value(self._given.pop(name, None))
        row.set_read_only(self._read_only)
        self._show_before(row)
        row.show_remarks(self._remarks.get(name, []))
        if problems := self._problems_of(name):
            row.show_problems(self._due(row, problems), self._reasons)

    # --- inside ---------------------------------------------------------------------------

    def _add_row(self, row: FieldRow) -> None:
        row.edited.connect(self._on_edited)
        row.left.connect(self._on_left)
        row.answered.connect(self._on_answered)
        row.suggested.connect(self._on_suggested)
        row.editor.entered.connect(self._go_on)
        self._fill(row)
        self.row_made.emit(row)

    def _problems_of(self, field_id: str) -> list[Problem]:
        return [problem for problem in self._problems if problem.field_id == field_id]

    def _show_problems(self) -> None:
        found: dict[str, list[Problem]] = {}
        for problem in self._problems:
            found.setdefault(problem.field_id, []).append(problem)
        for name, row in self._rows.items():
            row.show_problems(self._due(row, found.get(name, [])), self._reasons)
        self._count()

    def _count(self) -> None:
        counts = Counter(problem.field_id for problem in self._problems)
        for section in self._page.sections:
            section.count(sum(counts[row.field.id] for row in section.rows))

    def _due(self, row: FieldRow, problems: list[Problem]) -> list[Problem]:
        """Leave out what would only disturb: fields not reached, and the one being typed in."""
        if not problems or row.read_only:
            return problems
        if row.has_focus():
            shown = {(p.path, p.code) for p in row.problems()}
            in_hand = row.editor.is_in_hand
            return [p for p in problems if (p.path, p.code) in shown or not in_hand(p.path)]
        if self._all_shown or row.field.id in self._reached or row.editor.value() is not None:
            return problems
        return []

    def _on_edited(self, field_id: str) -> None:
        self._mark_timer.start()
        self.edited.emit(field_id)

    def _on_left(self, field_id: str) -> None:
        self._reached.add(field_id)
        self._last = field_id
        row = self._rows[field_id]
        self._show_before(row)
        if not row.has_focus() or row.editor.wide:
            row.show_problems(self._due(row, self._problems_of(field_id)), self._reasons)
        self.left.emit(field_id)

    def _on_answered(self, path: str, code: str, reason: str) -> None:
        if reason:
            self._reasons[path, code] = reason
        else:
            self._reasons.pop((path, code), None)
        field_id = path.partition("/")[0]
        self.row(field_id).show_problems(self._problems_of(field_id), self._reasons)
        self.edited.emit(field_id)

    def _on_suggested(self, problem: Problem) -> None:
        row = self.row(problem.field_id)
        row.set_value(settled(row.field, row.editor.value(), problem))
        self._on_edited(problem.field_id)
        row.editor.inputs()[0].setFocus()

    def _go_on(self) -> None:
        """Enter goes to the next field that can be filled in."""
        self.make_all()
        rows = [row for row in self._rows.values() if row.editor.isVisible() and not row.read_only]
        at = next((n for n, row in enumerate(rows) if row.has_focus()), None)
        if at is None:
            return
        inputs = rows[at].editor.inputs()
        inside = next(n for n, box in enumerate(inputs) if box.hasFocus())
        after = [box for box in inputs[inside + 1 :] if box.isVisible()]
        if not after and at + 1 < len(rows):
            after = list(rows[at + 1].editor.inputs())
        if after:
            after[0].setFocus(Qt.FocusReason.TabFocusReason)
            self.ensureWidgetVisible(after[0], 0, VISIBLE_MARGIN_PX)

    def _mark_needs(self) -> None:
        values: Mapping[str, Value] = self.values()
        stars, quiet = needed(self.item, values), unwanted(self.item, values)
        for name, row in self._rows.items():
            row.set_needed(name in stars)
            row.set_visible(name not in quiet or name in values or name in stars or row.has_focus())
        for section in self._page.sections:
            section.fit()
