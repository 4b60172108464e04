"""Tab 比对: what rows meet, in the file and on the desk, how they differ, and what is to become of each."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Final

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from client.core.comparisons import Asked
from client.core.imports import POSSIBLE, USUAL, Choice, Choices
from client.intake.compare import Difference, Meeting
from client.intake.elsewhere import KIND, There, with_elsewhere
from client.intake.outcome import CheckOutcome
from client.ui.intake import platform_verbs, verbs, words
from client.ui.intake.last_focused import LastFocused
from client.ui.intake.platform_line import PlatformLine
from client.ui.packed_model import PackedModel, chosen_ranges
from client.ui.row_model import Column, RowModel, choose, current, fill
from client.ui.widgets import buttons
from client.ui.widgets.empty import EmptyState
from client.ui.widgets.marks import STATES, StateLook
from client.ui.widgets.tables import Table
from forms.catalog.fieldtypes import show
from forms.catalog.schema import Value

MOST_AT_ONCE: Final = 2_000

LOOKS = {
    "skip": StateLook("ring", words.ACTS["skip"], "plain"),
    "update": StateLook("plusminus", words.ACTS["update"], "info"),
    "correct": StateLook("plusminus", words.ACTS["correct"], "warn"),
    "keep": StateLook("dots2", words.ACTS["keep"], "warn"),
    "create": StateLook("dots4", words.ACTS["create"], "good"),
}


Said = tuple[dict[str, Choice], dict[tuple[bool, int], tuple[str, Choice]], Asked, Sequence[There]]


class ComparePane(QWidget):
    """What rows meet, and what a person chooses.

    Signals:
        changed(): another choice.
        said(str): something is to be told to the person.
        look_wanted(There): somebody wants to see what others have reported.

    Attributes:
        asked: what the platform has said of the acts in the file.
        there: the rows that others have reported.
    """

    changed = Signal()
    said = Signal(str)
    look_wanted = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.asked = Asked()
        self.there: Sequence[There] = ()
        self._outcome: CheckOutcome | None = None
        self._groups: dict[str, Choice] = {}
        self._rows: dict[tuple[bool, int], tuple[str, Choice]] = {}
        self.platform = PlatformLine()
        self.look = buttons.plain(words.LOOK, self._want_look)
        self.groups = Table(words.COMPARING)
        self.groups.setModel(RowModel(self._group_columns(), lambda group: group[0]))
        self.groups.lay_out((240, 60, 130), 0)
        self.rows = Table(words.COMPARING_ROWS)
        self.rows.setModel(PackedModel(self._row_columns()))
        self.rows.lay_out((60, 170, 180, 150, 130), 2)
        self.fields = Table(words.DIFFERENCES)
        self.fields.setModel(RowModel(self._field_columns(), lambda one: one.field))
        self.fields.lay_out((190, 240, 240), 2)
        self.about = QLabel()
        self.about.setProperty("role", "secondary")
        self.acts = {act: buttons.plain(word, partial(self._decide, act)) for act, word in words.ACTS.items()}
        self.reason = QLineEdit()
        self.reason.setPlaceholderText(words.KEEP_REASON)
        self.reason.setAccessibleName(words.KEEP_REASON)
        self.reason.setMaxLength(200)
        self._none = EmptyState("check-circle", words.NO_COMPARING, words.NO_COMPARING_MORE)
        self._stack = QStackedWidget()
        self._lay_out()
        self.groups.selectionModel().currentRowChanged.connect(self._on_group)
        self.rows.selectionModel().currentRowChanged.connect(self._on_row)
        self._last = LastFocused(self.groups, self.rows)
        for table in (self.groups, self.rows):
            buttons.on_keys("Space", table, self._turn)

    # --- what is shown ---

    def show_checked(self, checked: verbs.Checked) -> None:
        """Show what the rows meet; what was chosen before an import was cut is chosen still."""
        self._outcome = checked.outcome
        if not self._groups and not self._rows and checked.kept:
            self._take(checked.kept)
        self._show_asked(len(checked.there))
        self._show_groups(checked.there)

    def show_there(self, there: Sequence[There], asked: Asked) -> None:
        """Show which rows others have reported, now that the platform was asked."""
        self.asked = asked
        self._show_asked(len(there))
        self._show_groups(there)
        if there:
            choose(self.groups, self.groups.model().rowCount() - 1)

    def _show_asked(self, found: int) -> None:
        compared = self._outcome.compared if self._outcome else None
        free, persons = (len(compared.free), compared.persons) if compared else (0, 0)
        self.platform.show_asked(self.asked, free, found, persons)

    def _show_groups(self, there: Sequence[There]) -> None:
        self.there = there
        compared = self._outcome.compared if self._outcome else None
        kinds = (compared.meetings.kinds() if compared else {}) | ({KIND: len(there)} if there else {})
        groups = [(kind, kinds[kind]) for kind in USUAL if kind in kinds]
        fill(self.groups, groups, otherwise_first=True)
        self._stack.setCurrentIndex(1 if groups else 0)
        if groups:
            self._show_rows()

    def _take(self, kept: Choices) -> None:
        assert self._outcome is not None
        met = self._outcome.compared.meetings if self._outcome.compared else ()
        self._groups = dict(kept.groups)
        self._rows = {(False, one.row): (one.kind, kept.rows[one.row]) for one in met if one.row in kept.rows}
        for row, one in kept.elsewhere.items():
            self._rows[True, row] = (KIND, Choice(one.act, one.reason))

    def count(self) -> int:
        """How many rows meet something."""
        compared = self._outcome.compared if self._outcome else None
        return (len(compared.meetings) if compared else 0) + len(self.there)

    def forget(self) -> None:
        """Nothing has been chosen yet, and nobody asked: for another file."""
        self._groups, self._rows = {}, {}
        self.asked, self.there = Asked(), ()
        self.reason.clear()
        self.platform.reason.clear()

    def kept(self) -> Said:
        """What was chosen, and what the platform has said."""
        return dict(self._groups), dict(self._rows), self.asked, self.there

    def go_on_with(self, said: Said) -> None:
        """Go on with what was chosen in another pane about the same check."""
        self._groups, self._rows, asked, there = said
        self.show_there(there, asked)

    def chosen(self) -> Choices:
        """Return what the person chose: by kind, and by row."""
        rows = {row: choice for (there, row), (_, choice) in self._rows.items() if not there}
        of_there = {row: choice for (there, row), (_, choice) in self._rows.items() if there}
        return with_elsewhere(Choices(dict(self._groups), rows), self.there, of_there)

    def _on_group(self, index: QModelIndex, _before: QModelIndex) -> None:
        if index.isValid():
            self._show_rows()

    def _show_rows(self) -> None:
        group = current(self.groups)
        if self._outcome is None or self._outcome.compared is None or group is None:
            return
        there = group[0] == KIND
        self._model().show(self.there if there else self._outcome.compared.meetings.of(group[0]))
        self.rows.setCurrentIndex(self._model().index(0, 0))
        self._show_fields(self._model().opened(0))
        for act, button in self.acts.items():
            button.setVisible(act in POSSIBLE[group[0]])
            button.setText(_word(group[0], act))
        self.reason.setVisible("keep" in POSSIBLE[group[0]])

    def _on_row(self, index: QModelIndex, _before: QModelIndex) -> None:
        if index.isValid() and index.row() < self._model().count():
            self._show_fields(self._model().opened(index.row()))

    def _show_fields(self, one: Meeting | There) -> None:
        if isinstance(one, There):
            self.look.setVisible(platform_verbs.can_be_looked_at(one))
            self.show_differences((), platform_verbs.told_in_words(one))
        else:
            self.look.hide()
            self.show_differences(one.differences, verbs.about(one))

    def show_differences(self, found: Sequence[Difference], said: str) -> None:
        """Show how the row at hand and what it meets differ."""
        fill(self.fields, found)
        self.fields.setVisible(bool(found))
        self.about.setText(said)

    def is_shown(self, there: There) -> bool:
        """Whether this row is still the one that is looked at."""
        return current(self.rows) == there

    def _want_look(self) -> None:
        one = current(self.rows)
        if isinstance(one, There):
            self.look_wanted.emit(one)

    def _model(self) -> PackedModel:
        model = self.rows.model()
        assert isinstance(model, PackedModel)
        return model

    # --- choosing ---

    def _of_row(self, one: Meeting | There) -> Choice:
        of_row = self._rows.get((isinstance(one, There), one.row))
        kind = _kind(one)
        return of_row[1] if of_row else self._groups.get(kind) or USUAL[kind]

    def _turn(self) -> None:
        """Take the next choice that needs no reason."""
        group = current(self.groups)
        if group is None:
            return
        acts = [act for act in POSSIBLE[group[0]] if act != "keep"]
        one = current(self.rows) if self._last.is_second() else None
        now = self._of_row(one) if one else self._groups.get(group[0]) or USUAL[group[0]]
        self._decide(acts[(acts.index(now.act) + 1) % len(acts)] if now.act in acts else acts[0])

    def _decide(self, act: str) -> None:
        """Choose for the chosen rows, or for the whole kind when those are looked at."""
        reason = self.reason.text().strip() if act == "keep" else ""
        if act == "keep" and not reason:
            self.said.emit(words.KEEP_NEEDS_REASON)
            self.reason.setFocus()
            return
        group = current(self.groups)
        if group is None:
            return
        ranges = chosen_ranges(self.rows)
        count = sum(map(len, ranges))
        if not self._last.is_second() or count in {0, self._model().count()}:
            self._groups[group[0]] = Choice(act, reason)
            self._rows = {row: said for row, said in self._rows.items() if said[0] != group[0]}
        elif count > MOST_AT_ONCE:
            self.said.emit(words.TOO_MANY_CELLS.format(most=MOST_AT_ONCE))
            return
        else:
            for part in ranges:
                for place in part:
                    one = self._model().opened(place)
                    there = isinstance(one, There)
                    record = None if there else one.record_id or None
                    self._rows[there, one.row] = (_kind(one), Choice(act, reason, record))
        self._model().repaint()
        self.groups.viewport().update()
        self.changed.emit()

    # --- looks ---

    def _group_columns(self) -> list[Column]:
        kind, count, choice = words.MEETING_GROUP_TITLES
        return [
            Column(kind, lambda group: words.MEETINGS[group[0]]),
            Column(count, lambda group: f"{group[1]:,}", sort=lambda group: group[1]),
            Column(
                choice,
                lambda group: _word(group[0], self._of_group(group[0])),
                look=lambda group: LOOKS[self._of_group(group[0])],
            ),
        ]

    def _of_group(self, kind: str) -> str:
        return (self._groups.get(kind) or USUAL[kind]).act

    def _row_columns(self) -> list[Column]:
        row, subject, doc_no, other, choice = words.MEETING_TITLES
        return [
            Column(row, lambda one: f"{one.row:,}"),
            Column(subject, lambda one: one.subject),
            Column(doc_no, lambda one: one.doc_no),
            Column(other, _other),
            Column(
                choice,
                lambda one: _word(_kind(one), self._of_row(one).act),
                look=lambda one: LOOKS[self._of_row(one).act],
                tip=lambda one: self._of_row(one).reason,
            ),
        ]

    def _field_columns(self) -> list[Column]:
        field, there, here = words.DIFFERENCE_TITLES
        return [
            Column(field, lambda one: self._title(one.field)),
            Column(there, lambda one: self._shown(one, one.there)),
            Column(here, lambda one: self._shown(one, one.here)),
        ]

    def _title(self, field_id: str) -> str:
        field = self._outcome.item.by_id.get(field_id) if self._outcome else None
        return field.title if field else field_id

    def _shown(self, one: Difference, value: Value | None) -> str:
        if value is None or self._outcome is None:
            return words.NOTHING
        return verbs.visible(show(self._outcome.item.by_id[one.field], value))

    def _lay_out(self) -> None:
        upper = QSplitter(Qt.Orientation.Horizontal)
        upper.addWidget(self.groups)
        upper.addWidget(self.rows)
        upper.setSizes([500, 700])
        lower = QWidget()
        inner = QVBoxLayout(lower)
        inner.setContentsMargins(0, 4, 0, 0)
        inner.setSpacing(4)
        about = QHBoxLayout()
        about.setSpacing(8)
        about.addWidget(self.about, 1)
        about.addWidget(self.look)
        inner.addLayout(about)
        inner.addWidget(self.fields, 1)
        inner.addStretch()
        split = QSplitter(Qt.Orientation.Vertical)
        split.addWidget(upper)
        split.addWidget(lower)
        split.setSizes([300, 220])
        for one in (upper, split):
            one.setChildrenCollapsible(False)
        row = QHBoxLayout()
        row.setSpacing(8)
        hint = QLabel(words.COMPARE_HINT)
        hint.setProperty("role", "secondary")
        hint.setWordWrap(True)
        row.addWidget(hint, 1)
        for button in self.acts.values():
            row.addWidget(button)
        self.reason.setFixedWidth(240)
        row.addWidget(self.reason)
        whole = QWidget()
        column = QVBoxLayout(whole)
        column.setContentsMargins(0, 8, 0, 0)
        column.setSpacing(8)
        column.addLayout(row)
        column.addWidget(split, 1)
        self._stack.addWidget(self._none)
        self._stack.addWidget(whole)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 8, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(self.platform)
        outer.addWidget(self._stack, 1)


def _kind(one: Meeting | There) -> str:
    return KIND if isinstance(one, There) else one.kind


def _other(one: Meeting | There) -> str:
    if isinstance(one, There):
        return one.who
    if one.other_row:
        return words.OTHER_ROW.format(row=one.other_row)
    return words.OTHER_RECORD.format(state=STATES[one.state].word)


def _word(kind: str, act: str) -> str:
    return words.ACTS_OF.get((kind, act), words.ACTS[act])
