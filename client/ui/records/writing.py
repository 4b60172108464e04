"""The record in view: read, shown, kept while it is typed, and never lost between records."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QObject, Signal

from client.core.merge import as_problems
from client.core.reasons import missing
from client.core.records import Attachment, Reason, RecordDetail, RecordRow, Saved
from client.core.workflow import Act, possible
from client.errors import ClientError
from client.store.desk import Desk
from client.store.import_changes import CellChange
from client.ui import messages
from client.ui.records import verbs, words
from client.ui.records.action_bar import ActionBar
from client.ui.records.autosave import AGAIN_S, Autosave, Sheet
from client.ui.records.cleaned_strip import cleaned_of
from client.ui.records.form_panel import FormPanel
from client.ui.records.habits import Habits
from client.ui.records.verbs import Stored
from client.ui.records.view import RecordView, known_of_us, new_view, view_of
from client.ui.session import Session
from client.ui.widgets.banner import Banner
from client.ui.widgets.problem_list import Line, ProblemList
from client.ui.widgets.times import clock
from forms.catalog.check import check, unanswered
from forms.catalog.messages import sentence
from forms.catalog.problems import Problem
from forms.catalog.schema import Item, Value
from forms.qt.inputs import finish_composition
from forms.qt.notes import Remark


@dataclass(frozen=True, slots=True)
class Opened:
    """A record as it was read, with the names of those who worked on it, and what its import put in order."""

    detail: RecordDetail
    names: Mapping[str, str]
    cleaned: Sequence[CellChange]


class Writing(QObject):
    """Between form panel and desk.

    Attributes:
        wants_new: after the submission under way, begin the next record.

    Signals:
        row_changed(RecordRow): the list's line of the record in view.
        made: a new record was stored for the first time.
    """

    row_changed = Signal(object)
    made = Signal()

    def __init__(
        self,
        session: Session,
        panel: FormPanel,
        problems: ProblemList,
        bar: ActionBar,
        banner: Banner,
        habits: Habits,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._session, self._habits = session, habits
        self._panel, self._problems, self._bar, self._banner = panel, problems, bar, banner
        self._autosave = Autosave(session, self)
        self._sheet: Sheet | None = None
        self._item: Item | None = None
        self._row: RecordRow | None = None
        self._turn = 0
        self._saved_at = ""
        self._by_hand = False
        self._then: Callable[[], object] | None = None
        self._wanted: str | None = None
        self.wants_new = False
        panel.edited.connect(self._on_edited)
        panel.left.connect(self._autosave.flush)
        panel.reason_edited.connect(self._on_reason)
        self._autosave.stored.connect(self._on_stored)
        self._autosave.failed.connect(self._on_failed)
        self._autosave.refused.connect(self._on_refused)
        self._autosave.status.connect(self._on_status)
        self._say_status()
        problems.hide()

    # --- what is in view --------------------------------------------------------------------

    def record_id(self) -> str | None:
        """The record in view; None for a new one that is not stored yet, and for none."""
        return self._wanted or (self._sheet.record_id if self._sheet is not None else None)

    def turn(self) -> int:
        """Another number for each record that comes in view."""
        return self._turn

    def row(self) -> RecordRow | None:
        """The line of the record in view."""
        return self._row

    def item_code(self) -> str | None:
        """The item of the record in view."""
        return self._item.code if self._item is not None else None

    def possible(self, state: str) -> frozenset[Act]:
        """What this operator may do with a record in `state`."""
        return possible(self._session.operator.roles, state)

    # --- coming and going -------------------------------------------------------------------

    def show(self, record_id: str, field_id: str | None = None) -> None:
        """Read a record and show it, after what is typed in this one has been queued."""
        self.flush()
        self._turn += 1
        self._wanted = record_id
        desk = self._session.desk
        self._session.tasks.read(
            lambda: _open(desk, record_id),
            partial(self._show, self._turn, field_id),
        )

    def begin(self, item_code: str, template: Mapping[str, Value] | None = None) -> None:
        """Begin a new record with what is known: our unit, what is pinned, or else a template."""
        self.flush()
        self._turn += 1
        self._wanted = self._row = None
        item = self._session.desk.catalogs.item(item_code)
        known = known_of_us(item, self._session.desk.device, self._session.desk.today())
        pinned = self._habits.pins(item.code)
        values = {**known, **pinned, **(template or {})}
        view = new_view(item.code, self._session.operator.roles, values)
        self._sheet, self._item = self._autosave.open(item.code, None), item
        self._panel.show_record(view, item, None, {}, pinned if view.editable else None)
        self._panel.cleaned.show_changes(None, (), editable=False)
        self._habits.note_use(item.code)
        self._panel.show_tab(history=False)
        self._show_problems(())
        self._problems.hide()  # nothing is checked before anything is typed
        self._saved_at = ""
        self._say_status()
        form = self._panel.form()
        if form is not None:
            form.focus_first()

    def close(self) -> None:
        """Show no record."""
        self.flush()
        self._turn += 1
        self._sheet = self._item = self._row = self._wanted = None
        self._panel.show_nothing()
        self._problems.hide()
        self._say_status()

    def refresh(self) -> None:
        """Read the record in view anew, because something changed; what is typed stays."""
        record_id = self.record_id()
        if record_id is None or self._wanted is not None:
            return
        desk = self._session.desk
        self._session.tasks.read(
            lambda: _open(desk, record_id),
            partial(self._refresh, self._turn),
        )

    def is_clean(self) -> bool:
        """Say whether everything that was typed is stored."""
        return self._autosave.is_clean()

    # --- keeping ----------------------------------------------------------------------------

    def flush(self) -> None:
        """Queue what is typed and not stored."""
        finish_composition()
        self._panel.reason.flush()
        self._autosave.flush()

    def save_now(self) -> None:
        """Store at a person's word, and show every problem."""
        self._by_hand = True
        self.flush()
        self.insist()
        self._say_status()

    def when_stored(self, then: Callable[[], object]) -> None:
        """Do something once everything typed is stored; forgotten when it cannot be stored."""
        self.flush()
        if self._autosave.is_clean():
            then()
        else:
            self._then = then

    def insist(self, problems: Sequence[Problem] | None = None) -> None:
        """Show all problems of the record in view, those of a submission or our own."""
        form, view = self._panel.form(), self._panel.view()
        if form is None or view is None:
            return
        if problems is not None:
            self._show_problems(problems)
        else:
            self._find_problems(view)
        form.reveal_all()

    # --- inside: reading --------------------------------------------------------------------

    def _show(self, turn: int, field_id: str | None, opened: Opened) -> None:
        if turn != self._turn:
            return
        detail = opened.detail
        view = view_of(detail, self._session.operator.roles)
        self._item = self._session.desk.catalogs.item(view.catalog)
        self._sheet = self._autosave.open(view.catalog, detail.row.record_id)
        self._wanted, self._row = None, detail.row
        self._saved_at = detail.draft.saved_at if detail.draft is not None else ""
        self._by_hand = False
        pinned = self._habits.pins(self._item.code) if view.editable and view.op == "create" else None
        self._panel.show_record(view, self._item, detail, dict(opened.names), pinned)
        self._show_cleaned(view, opened)
        form = self._panel.form()
        assert form is not None
        if self._sheet.is_dirty():  # typed earlier and not stored yet: the person's words come first
            form.set_values(self._sheet.values)
            form.set_answers(self._sheet.answers)
        self._problems.show()
        self._find_problems(view)
        form.reveal_all()
        self._say_status()
        if field_id is not None:
            form.focus_field(field_id)

    def _show_cleaned(self, view: RecordView, opened: Opened) -> None:
        assert self._item is not None
        lines = cleaned_of(self._item, opened.cleaned, view.values)
        self._panel.cleaned.show_changes(view.record_id, lines, editable=view.editable)

    def _find_problems(self, view: RecordView) -> None:
        form = self._panel.form()
        if form is None or self._item is None or not view.editable:
            self._show_problems(())
            return
        found = check(self._item, form.values(), reported_on=self._session.desk.today())
        self._show_problems([*found, *as_problems(view.open, self._item)])

    def _refresh(self, turn: int, opened: Opened) -> None:
        if turn != self._turn or self._sheet is None:
            return
        detail = opened.detail
        view = view_of(detail, self._session.operator.roles)
        before = self._panel.view()
        saved_at = detail.draft.saved_at if detail.draft is not None else ""
        same = before is not None and (before.editable, before.op) == (view.editable, view.op)
        if self._sheet.is_dirty() or (same and saved_at == self._saved_at):
            self._row = detail.row
            self._panel.show_state(view)
            self._panel.show_history(detail, dict(opened.names))
            self._show_cleaned(view, opened)
            self.row_changed.emit(detail.row)
            self._say_status()
        else:
            self._show(turn, None, opened)

    # --- inside: keeping --------------------------------------------------------------------

    def _on_edited(self) -> None:
        form = self._panel.form()
        if form is None or self._sheet is None:
            return
        self._by_hand = False
        self._autosave.change(self._sheet, form.values(), form.answers())

    def _on_stored(self, sheet: Sheet, stored: Stored) -> None:
        self._banner.clear()
        is_new = self._row is None
        if sheet is not self._sheet:
            self.row_changed.emit(stored.row)
            self._go_on()
            return
        self._row, self._saved_at = stored.row, stored.saved.saved_at
        if not sheet.is_dirty():
            self._show_saved(stored.saved)
        if is_new:
            self.made.emit()
        else:
            self.row_changed.emit(stored.row)
        self._go_on()

    def _show_saved(self, saved: Saved) -> None:
        self._show_problems(saved.problems)

    def _go_on(self) -> None:
        if self._autosave.is_clean() and self._then is not None:
            then, self._then = self._then, None
            then()

    def _on_failed(self, _sheet: Sheet, error: ClientError) -> None:
        self._then, self.wants_new = None, False
        text = words.SAVE_FAILED.format(seconds=AGAIN_S, why=messages.sentence_of(error))
        self._banner.say(text, "bad", (words.TRY_NOW, self._autosave.flush), error.code)

    def _on_refused(self, sheet: Sheet, error: ClientError) -> None:
        self._then, self.wants_new = None, False
        self._session.show_error(error)
        if sheet is self._sheet and sheet.record_id is not None:
            self.show(sheet.record_id)

    def _on_status(self) -> None:
        self._say_status()

    def _on_reason(self, reason: Reason, evidence: tuple[Attachment, ...]) -> None:
        record_id, desk = self.record_id(), self._session.desk
        if record_id is None:
            return
        turn = self._turn

        def said(detail: RecordDetail) -> None:
            if turn == self._turn:
                self._saved_at = detail.draft.saved_at if detail.draft is not None else ""
                self._row = detail.row
                self._find_problems(view_of(detail, self._session.operator.roles))
                self._say_status()

        self._session.tasks.write(
            lambda: verbs.set_reason(desk, record_id, reason, evidence), said, changes=verbs.RECORDS
        )

    # --- inside: showing --------------------------------------------------------------------

    def _show_problems(self, problems: Sequence[Problem]) -> None:
        form = self._panel.form()
        if form is None or self._item is None:
            return
        form.set_problems(problems)
        item = self._item
        view = self._panel.view()
        if view is not None and view.reason_editable:
            lacks = missing(view.op, self._panel.reason.reason().as_dict())
            others = [problem for problem in problems if problem.code != lacks]
            problems = [Problem("", lacks), *others] if lacks else others
        standing = unanswered(problems, form.answers())
        lines = [Line(p.path, p.severity, sentence(p, item)) for p in standing]
        if view is not None:
            lines += [_line_of(remark, item) for remark in view.remarks]
        self._problems.set_lines(lines)
        self._problems.setVisible(bool(lines) or (view is not None and view.editable))

    def _say_status(self) -> None:
        view, sheet = self._panel.view(), self._sheet
        editable = view is not None and (view.editable or view.reason_editable)
        may_submit = view is not None and "submit" in view.acts
        self._bar.save.setEnabled(editable)
        self._bar.submit.setEnabled(may_submit)
        if view is None or sheet is None:
            self._bar.say("")
        elif not editable:
            self._bar.say(words.READ_ONLY)
        elif self._autosave.error is not None and sheet.is_dirty():
            self._bar.say(words.NOT_SAVED, "bad")
        elif self._autosave.is_saving():
            self._bar.say(words.SAVING)
        elif sheet.is_dirty():
            self._bar.say(words.TO_SAVE)
        elif self._saved_at:
            word = words.SAVED_BY_HAND if self._by_hand else words.SAVED
            self._bar.say(word.format(time=clock(self._saved_at)))
        else:
            self._bar.say(words.NOT_SAVED_YET)


def _open(desk: Desk, record_id: str) -> Opened:
    return Opened(
        verbs.read_record(desk, record_id), verbs.read_names(desk), verbs.read_cleaned(desk, record_id)
    )


def _line_of(remark: Remark, item: Item) -> Line:
    field = item.by_id.get(remark.field_id)
    text = words.REMARK_LINE.format(title=field.title, text=remark.text) if field else remark.text
    return Line(remark.field_id, "error" if remark.tone == "bad" else "warning", text)
