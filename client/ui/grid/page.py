"""表格填报: puts the table, its tools and the bar together, and carries what a person does to the desk."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, ClassVar, Final

from PySide6.QtWidgets import QLabel, QStackedWidget, QVBoxLayout

from client.core.records import Draft, Submitted
from client.core.workflow import refusal
from client.errors import ClientError
from client.ui.grid import clipboard, verbs, words
from client.ui.grid.model import GridModel
from client.ui.grid.paper import paper_of
from client.ui.grid.saving import Saving
from client.ui.grid.sheet import Sheet, SheetRow
from client.ui.grid.table import GridTable
from client.ui.grid.tools import Tools
from client.ui.grid.verbs import NEWEST, Read, Starts
from client.ui.messages import sentence_of
from client.ui.navigation import Page
from client.ui.papers.button import Papers
from client.ui.records.action_bar import title_row
from client.ui.records.sounds import NameSounds
from client.ui.session import Session
from client.ui.theme import restyle
from client.ui.widgets.banner import Banner
from client.ui.widgets.buttons import bar, on_keys, plain, primary
from client.ui.widgets.empty import EmptyState
from client.ui.widgets.times import clock
from forms.catalog.messages import sentence
from forms.catalog.schema import Item
from forms.qt.inputs import finish_composition

LAST_ITEM: Final = "grid/item"


class GridPage(Page):
    """See the module."""

    name: ClassVar[str] = "grid"
    title: ClassVar[str] = words.TITLE
    icon: ClassVar[str] = "table"
    under: ClassVar[str] = "records"

    def __init__(self, session: Session, parent: Any = None) -> None:
        super().__init__(session, parent)
        self._item: Item | None = None
        self._import_id: str | None = None
        self._wanted: tuple[str, str] | None = None
        self._read: Read | None = None
        self._saved_at = ""
        self.model: GridModel | None = None
        self.saving: Saving | None = None
        entries = sorted(session.desk.catalogs.current.entries.values(), key=lambda entry: entry.code)
        self.sounds = NameSounds(session, entries, self)
        self.table = GridTable(self.sounds.of_set)
        self.banner = Banner()
        self._title: QLabel
        self.tools = Tools()
        self.cell = QLabel()
        self.status = QLabel(words.NOT_SAVED_YET)
        self._empty = EmptyState("table", words.UNKNOWN_ITEM, words.HINT)
        self.papers = Papers(session, self, lambda: paper_of(self._item, self._import_id, self.model))
        self._stack = QStackedWidget()
        self._may_write = refusal("create", session.operator.roles) is None
        self._lay_out()
        self._set_keys()
        self.table.asked.connect(self._on_asked)
        self.tools.asked.connect(self._on_asked)
        self.tools.narrowed.connect(self._filter)

    # --- what the window asks -----------------------------------------------------------------------

    def open(self, **where: Any) -> None:
        """Show the drafts of an item (``item``), or of an import of it (``import_id``); go to a cell."""
        code = where.get("item") or (self._item.code if self._item else None)
        code = code or str(self.session.settings.value(LAST_ITEM, ""))
        if code not in self.session.desk.catalogs.current.entries:
            self._stack.setCurrentWidget(self._empty)
            return
        item = self.session.desk.catalogs.item(code)
        import_id = where.get("import_id")
        self._wanted = (where.get("record_id", ""), where.get("field", ""))
        self.session.settings.setValue(LAST_ITEM, code)
        self._begin(item, import_id)

    def flush(self) -> None:
        """Queue what is not saved yet."""
        finish_composition()
        self.table.commit_open()
        if self.saving is not None:
            self.saving.flush()

    def _begin(self, item: Item, import_id: str | None, starts: Starts = NEWEST) -> None:
        self.flush()
        self._item, self._import_id = item, import_id
        desk, holding = self.session.desk, self._wanted[0] if self._wanted else ""
        self.session.tasks.read(
            lambda: verbs.read(desk, item, import_id, starts, holding), partial(self._show, item)
        )

    def _turn(self, *, older: bool) -> None:
        """Show the older, or the newer, part of a list that is longer than a grid."""
        read = self._read
        if read is None or self._item is None or (read.older is None if older else len(read.starts) == 1):
            return
        self._wanted = None
        starts = (*read.starts, read.older) if older else read.starts[:-1]
        self._begin(self._item, self._import_id, starts)

    def _show(self, item: Item, read: Read) -> None:
        if item is not self._item:
            return
        self._read = read
        self.model = GridModel(item, self.session.desk.today)
        self.saving = Saving(self.session, item, self)
        self.model.setParent(self.table)
        self.model.set_rows([self._row_of(self.model.sheet, draft) for draft in read.drafts])
        self.model.edited.connect(self.saving.change)
        self.model.edited.connect(self._count)
        self.model.removed.connect(self.saving.remove)
        self.model.restored.connect(self.saving.restore)
        self.model.modelReset.connect(self._count)
        self.model.rowsInserted.connect(self._count)
        self.model.undo.canUndoChanged.connect(self._offer)
        self.model.undo.canRedoChanged.connect(self._offer)
        self.saving.kept.connect(self._on_kept)
        self.saving.refused.connect(self._on_refused)
        self.saving.status.connect(self._say_status)
        self.table.show_model(self.model)
        self.table.selectionModel().currentChanged.connect(self._say_cell)
        self._title.setText(f"{words.TITLE} · {item.name}")
        self.tools.show_all()
        self._stack.setCurrentWidget(self.table)
        older, newer = read.older is not None, len(read.starts) > 1
        self.tools.show_parts(older=older, newer=newer)
        self.banner.say(said, "info") if (said := read.said()) else self.banner.clear()
        self._saved_at = ""
        self._go_to_wanted()
        self._count()
        self._offer()
        self._say_status()
        self.table.setFocus()

    @staticmethod
    def _row_of(sheet: Sheet, draft: Draft) -> SheetRow:
        row = sheet.new_row()
        row.record_id, row.values, row.answers = draft.record_id, dict(draft.values), draft.answers
        return row

    def _go_to_wanted(self) -> None:
        assert self.model is not None
        record_id, field_id = self._wanted or ("", "")
        row = self.model.find(record_id) if record_id else None
        place = self.model.place_of(row) if row is not None else None
        self.table.go_to(
            self.model.rowCount() - 1 if place is None else place, self.model.column_of(field_id) or 0
        )

    # --- what a person asks ---------------------------------------------------------------------------

    def _on_asked(self, verb: str) -> None:
        """Do a verb of the table or of the tools."""
        if self.model is None:
            return
        if verb == "copy":
            self.copy()
        elif verb == "open_form":
            self.open_form()
        elif verb in {"older", "newer"}:
            self._turn(older=verb == "older")
        elif self._may_write:
            {
                "cut": self.cut, "paste": self.paste, "clear": self.clear, "fill_down": self.fill_down,
                "delete_rows": self.delete_rows, "undo": self.model.undo.undo, "redo": self.model.undo.redo,
            }[verb]()  # fmt: skip

    def copy(self) -> None:
        """Put the chosen cells on the clipboard."""
        clipboard.copy(self.table)

    def cut(self) -> None:
        """Copy, and empty."""
        clipboard.copy(self.table)
        self._change(words.CUT)

    def paste(self) -> None:
        """Take what a spreadsheet put on the clipboard; say what found no place."""
        lost = clipboard.paste(self.table)
        self.banner.say(lost, "warn") if lost else self.banner.clear()

    def clear(self) -> None:
        """Empty the chosen cells."""
        self._change(words.CLEARED)

    def _change(self, text: str) -> None:
        if self.model is not None:
            cells = [cell for cell in self.table.chosen_cells() if not self.model.is_blank(cell[0])]
            self.model.do(text, self.model.sheet.cleared(cells))

    def fill_down(self) -> None:
        """Give the chosen cells what the first of their column holds."""
        if self.model is not None:
            steps = self.model.sheet.filled_down(self.table.chosen_fields(), self.table.chosen_rows())
            self.model.do(words.FILLED, steps)

    def delete_rows(self) -> None:
        """Take the chosen rows out; Ctrl+Z brings them back."""
        if self.model is None or not (rows := self.table.chosen_rows()):
            return
        place = self.table.currentIndex()
        self.model.delete(rows)
        self.table.go_to(min(place.row(), self.model.rowCount() - 1), max(place.column(), 0))
        self.session.show_message(
            words.ROWS_DELETED_SAID.format(n=len(rows)), "info", (words.UNDO, self.model.undo.undo)
        )

    def open_form(self) -> None:
        """Show the row in the form, at the cell's field."""
        here = self.table.currentIndex()
        if self.model is None or not here.isValid():
            return
        row, about = self.model.row_at(here.row()), self.model.fields[here.column()]
        self.flush()
        # In the store lane after the save, so that a new row has its record by then.
        self.session.tasks.after_writes(
            lambda: (
                self.session.navigate("records", record_id=row.record_id, field=about.id)
                if row.record_id
                else None
            )
        )

    def next_problem(self) -> None:
        """Go to the next cell that something is wrong with, row by row."""
        if self.model is None:
            return
        here, last = self.table.currentIndex(), self.model.rowCount() - 1
        start = here.row() if here.isValid() else 0
        for step in range(last + 1):
            place = (start + step) % (last + 1)
            wrong = {one.field_id for one in self.model.problems(self.model.row_at(place))}
            columns = sorted(self.model.column_of(name) or 0 for name in wrong)
            after = [n for n in columns if step or n > here.column()]
            if after:
                self.table.go_to(place, after[0])
                return

    def submit(self) -> None:
        """Submit the chosen rows for review, in one act."""
        if self.model is None:
            return
        rows = self.table.chosen_rows()
        if not rows:
            self.banner.say(words.NOTHING_CHOSEN, "info")
            return
        self.flush()
        self.session.tasks.after_writes(partial(self._submit, rows))

    def _submit(self, rows: Sequence[SheetRow]) -> None:
        desk, item = self.session.desk, self._item
        ids = [row.record_id for row in rows if row.record_id]
        if item is None or not ids:
            return
        self.session.tasks.write(
            lambda: verbs.submit(desk, item, ids), self._on_submitted, changes=verbs.SUBMITTED
        )

    def _on_submitted(self, done: Submitted) -> None:
        assert self.model is not None
        went, stopped = len(done.submitted), len(done.stopped)
        if went:
            gone = set(done.submitted)
            self.model.take_out([row for row in self.model.sheet.rows if row.record_id in gone])
            self.model.undo.clear()
        if not stopped:
            self.session.show_message(words.SUBMITTED.format(n=went), "good")
            return
        said = words.SUBMITTED_SOME if went else words.SUBMITTED_NONE
        self.session.show_message(said.format(n=went, stopped=stopped), "warn")
        row = self.model.find(done.stopped[0][0])
        place = self.model.place_of(row) if row is not None else None
        if place is not None:
            self.table.go_to(place, 0)
            self.next_problem()

    # --- filter ---------------------------------------------------------------------------------------

    def _filter(self) -> None:
        if self.model is not None:
            self.model.filter(self.tools.keep(self.model))

    # --- what is said -----------------------------------------------------------------------------------

    def _on_kept(self) -> None:
        self._saved_at = clock(self.session.desk.now())
        self._say_status()

    def _on_refused(self, row: SheetRow, error: ClientError) -> None:
        assert self.model is not None
        why = sentence_of(error)
        place = self.model.place_of(row)
        self.model.lock(row, why)
        self.banner.say(words.REFUSED.format(row=(place or 0) + 1, why=why), "warn", code=error.code)

    def _say_status(self) -> None:
        text = words.NOT_SAVED_YET if self.saving is None else self.saving.said(self._saved_at)
        self.status.setText(text)
        failed = self.saving is not None and self.saving.error is not None
        restyle(self.status, "tone", "bad" if failed else "")

    def _say_cell(self) -> None:
        """Say what is wrong with the current cell, else with its row."""
        here = self.table.currentIndex()
        if self.model is None or not here.isValid():
            self.cell.clear()
            return
        row, about = self.model.row_at(here.row()), self.model.fields[here.column()]
        found = self.model.problems(row)
        mine = [one for one in found if one.field_id == about.id] or list(found)
        text = sentence(mine[0], self.model.item) if mine else words.HINT if self.model.is_blank(row) else ""
        self.cell.setText(text or row.locked or words.NO_PROBLEM)
        restyle(self.cell, "tone", "" if not mine else "bad" if mine[0].severity == "error" else "warn")

    def _count(self) -> None:
        if self.model is None:
            return
        total, shown = self.model.counts()
        wrong = sum(bool(self.model.problems(row)) for row in self.model.sheet.rows)
        text = (words.COUNT if shown == total else words.COUNT_SHOWN).format(shown=shown, n=total)
        self.tools.count.setText(f"{text}　{words.WITH_PROBLEMS.format(n=wrong)}" if wrong else text)
        self._say_cell()

    def _offer(self) -> None:
        stack = self.model.undo if self.model is not None else None
        self.tools.buttons["undo"].setEnabled(stack is not None and stack.canUndo())
        self.tools.buttons["redo"].setEnabled(stack is not None and stack.canRedo())

    # --- looks ------------------------------------------------------------------------------------------

    def _back(self) -> None:
        where = {"item": self._item.code} if self._item is not None else {}
        if self._import_id:
            where["import_id"] = self._import_id
        self.session.navigate("records", **where)

    def _lay_out(self) -> None:
        top, self._title = title_row(words.TITLE)
        top.addWidget(self.papers.button)
        top.addWidget(plain(words.BACK, self._back, "Esc"))
        self.cell.setWordWrap(True)
        self.cell.setMinimumHeight(24)
        frame, below = bar()
        self.status.setProperty("role", "small")
        below.addWidget(self.status, 1)
        below.addWidget(plain(words.OPEN_FORM, self.open_form, "Alt+Enter"))
        below.addWidget(plain(words.NEXT_PROBLEM, self.next_problem, "F8"))
        self.submit_button = primary(words.SUBMIT, self.submit, "Ctrl+Enter")
        self.submit_button.setEnabled(self._may_write)
        below.addWidget(self.submit_button)
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self.table)
        middle = QVBoxLayout()
        middle.setContentsMargins(12, 0, 12, 4)
        middle.setSpacing(8)
        middle.addWidget(self.banner)
        middle.addWidget(self.tools)
        middle.addWidget(self._stack, 1)
        middle.addWidget(self.cell)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(top)
        column.addLayout(middle, 1)
        column.addWidget(frame)

    def _set_keys(self) -> None:
        for keys, verb in (
            ("Ctrl+Z", "undo"),
            ("Ctrl+Y", "redo"),
            ("Ctrl+Shift+Z", "redo"),
            ("Ctrl+D", "fill_down"),
            ("Ctrl+-", "delete_rows"),
            ("Alt+Return", "open_form"),
        ):
            on_keys(keys, self, partial(self._on_asked, verb))
        for keys, then in (
            ("Ctrl+Return", self.submit),
            ("Ctrl+Enter", self.submit),
            ("Ctrl+F", self.tools.search.setFocus),
            ("Ctrl+S", self.flush),
            ("F8", self.next_problem),
            (words.OLDER_KEYS, partial(self._turn, older=True)),
            (words.NEWER_KEYS, partial(self._turn, older=False)),
        ):
            on_keys(keys, self, then)
        on_keys("Esc", self.table, self._back)
