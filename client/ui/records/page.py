"""填报: puts list, form, problems and bar together, and carries what a person does to the desk."""

from __future__ import annotations

from functools import partial
from typing import Any, ClassVar, Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QSplitter, QStackedWidget, QVBoxLayout

from client.core.records import RecordRow, Submitted
from client.core.workflow import refusal
from client.intake.listings import Which, problems_listing, records_listing
from client.store.habits import Template
from client.ui.evidence import DeskFiles
from client.ui.navigation import Page
from client.ui.papers.button import Papers
from client.ui.papers.verbs import Paper
from client.ui.records import words
from client.ui.records.action_bar import ActionBar, title_row
from client.ui.records.acts import RecordActs
from client.ui.records.choice_panel import ChoicePanel
from client.ui.records.cleaning import Cleaning
from client.ui.records.filling import Filling, subject_search
from client.ui.records.form_panel import FormPanel
from client.ui.records.habits import Habits
from client.ui.records.item_chooser import ItemChooser, choices
from client.ui.records.list_pane import ListPane
from client.ui.records.list_reader import ListReader
from client.ui.records.merging import Merging
from client.ui.records.model import Query, RecordsModel
from client.ui.records.sounds import NameSounds
from client.ui.records.writing import Writing
from client.ui.session import Session
from client.ui.widgets.banner import Banner
from client.ui.widgets.buttons import on_keys, plain
from client.ui.widgets.problem_list import ProblemList
from client.ui.widgets.tables import remember
from forms.qt.editor import Setting

SPLITTER: Final = "records/splitter"
COLUMNS: Final = "records/columns"
FILTERS: Final = frozenset({"item", "state", "text", "import_id"})
SIZES: Final = [496, 704]


class RecordsPage(Page):
    """The page 填报."""

    name: ClassVar[str] = "records"
    title: ClassVar[str] = words.TITLE
    icon: ClassVar[str] = "note-pencil"
    kinds: ClassVar[frozenset[str]] = frozenset({"records", "review", "outbox", "imports"})

    def __init__(self, session: Session, parent: Any = None) -> None:
        super().__init__(session, parent)
        entries = session.desk.catalogs.current.entries
        self._entries = sorted(entries.values(), key=lambda entry: (entry.category, entry.code))
        self.model = RecordsModel(self.palette)
        self.reader = ListReader(session, self.model, self)
        self.sounds = NameSounds(session, self._entries, self)
        self.list = ListPane(self.model, self._entries)
        self.files = DeskFiles(session, self)
        self.panel = FormPanel(
            Setting(session.desk.today, self.sounds.of_set, partial(subject_search, session), self.files)
        )
        self.choice = ChoicePanel()
        self.problems = ProblemList()
        self.banner = Banner()
        self.bar = ActionBar()
        self.acts = RecordActs(session, self)
        self.habits = Habits(session, self)
        self.writing = Writing(session, self.panel, self.problems, self.bar, self.banner, self.habits, self)
        self.cleaning = Cleaning(session, self.panel, self.writing, self)
        self.merging = Merging(session, self.panel, self.writing, self)
        self.filling = Filling(session, self.panel, self.writing, self.habits, self)
        self.chooser = ItemChooser()
        self.papers = Papers(session, self, self._paper)
        self._new = plain(words.NEW, self.choose_item, words.CHOOSE_KEYS, "plus")
        self._first_wanted = False
        self._may_create = refusal("create", session.operator.roles) is None
        self._new.setEnabled(self._may_create)
        self._right = QStackedWidget()
        self._split = QSplitter(Qt.Orientation.Horizontal)
        self._lay_out()
        self._connect()
        self._set_keys()
        self.reader.show(self.list.query())

    # --- what the window asks ---------------------------------------------------------------

    def open(self, **where: Any) -> None:
        """Show what `where` names: record_id (and field), a filter (item state text import_id), or new."""
        if where.keys() & FILTERS:
            self.list.set_query(
                Query(where.get("item"), where.get("state"), where.get("text", ""), where.get("import_id"))
            )
        self._first_wanted = where.keys() <= FILTERS and bool(where)
        if "new" in where:
            self.new_record(where["new"])
            return
        self.list.table.setFocus()
        if "record_id" in where:
            self.show_record(where["record_id"], where.get("field"))

    def reload(self) -> None:
        """Read the list and the record anew; what is being typed stays."""
        self.reader.reload()
        self.writing.refresh()

    def flush(self) -> None:
        """Queue what is not saved yet."""
        self.writing.flush()

    # --- what a person asks -----------------------------------------------------------------

    def show_record(self, record_id: str, field_id: str | None = None) -> None:
        """Show one record, in the list too when it is there."""
        self.writing.show(record_id, field_id)
        self._right.setCurrentWidget(self.panel)
        self.list.select(record_id)
        self._offer()

    def new_record(self, item_code: str, template: Template | None = None) -> None:
        """Begin a new record; it is stored with the first thing typed."""
        if not self._may_create:
            return
        self.list.select(None)
        self._right.setCurrentWidget(self.panel)
        self.writing.begin(item_code, template.values if template is not None else None)

    def open_grid(self) -> None:
        """Show the drafts of the item in view as a table."""
        self.writing.flush()
        query = self.list.query()
        where = {"item": self.writing.item_code() or query.item, "record_id": self.writing.record_id() or ""}
        if query.import_id:
            where["import_id"] = query.import_id
        self.session.navigate("grid", **where)

    def choose_item(self) -> None:
        """Show what a new record can be of."""
        if not self._may_create:
            return
        self.writing.flush()
        self._right.setCurrentWidget(self.chooser)
        self.chooser.open()

    def new_of_same(self) -> None:
        """Begin a new record of the item in view, else let a person choose one."""
        if not self._may_create:
            return
        code = self.writing.item_code() or self.list.query().item
        if code is None and len(self._entries) == 1:
            code = self._entries[0].code
        if code is None or self._right.currentWidget() is self.chooser:
            self.choose_item()
        else:
            self.new_record(code)

    def new_button(self) -> QPushButton:
        """The button that shows what a new record can be of."""
        return self._new

    # --- inside -----------------------------------------------------------------------------

    def _on_picked(self, record_id: str | None) -> None:
        if record_id is not None:
            self.writing.show(record_id)
            self._right.setCurrentWidget(self.panel)
        elif self.writing.record_id() is not None:
            self.writing.close()
            self._right.setCurrentWidget(self.panel)
        self._offer()

    def _on_chosen(self, rows: list[RecordRow]) -> None:
        self.writing.close()
        self.choice.show_rows(rows, self.session.operator.roles)
        self._right.setCurrentWidget(self.choice)

    def _on_asked_together(self, act: str, rows: list[RecordRow]) -> None:
        ids = [row.record_id for row in rows]
        if act == "submit":
            self.acts.submit(rows)
        elif act == "take_back":
            self.acts.take_back(ids)
        elif act == "delete":
            self.acts.delete(ids)
        else:
            self.acts.bring_back(ids)

    def _on_asked(self, verb: str) -> None:
        """A verb for the record in view; what was typed is stored first."""
        if verb == "submit" and self.panel.is_busy():
            self.writing.wants_new = False
            self.session.show_message(words.FILE_COMING, "info")
            return
        self.writing.when_stored(partial(self._do, verb))

    def _do(self, verb: str) -> None:
        row, record_id = self.writing.row(), self.writing.record_id()
        if record_id is None or row is None:
            self.writing.insist()
            return
        simple = {
            "reopen": self.acts.reopen,
            "recall": self.acts.recall,
            "copy": self.acts.copy,
        }
        if verb in simple:
            simple[verb](record_id)
        elif verb in words.CHANGE_BEGUN:
            self.acts.begin_change(record_id, verb)
        elif verb == "submit":
            self.acts.submit([row])
        elif verb == "delete":
            self.acts.delete([record_id], given_up=row.op in words.CHANGE_BEGUN)
        elif verb == "take_back":
            self.acts.take_back([record_id])
        else:
            self.acts.bring_back([record_id])

    def _submit_and_new(self) -> None:
        self.writing.wants_new = True
        self._on_asked("submit")

    def _paper(self) -> Paper:
        """The list as it is filtered, or what is selected of it; the record in view."""
        chosen = self.list.selected()
        several, query = len(chosen) > 1, self.list.query()
        if several:
            which = Which(query.item, record_ids=tuple(row.record_id for row in chosen))
        else:
            states = (query.state,) if query.state else ()
            which = Which(query.item, states, query.text, query.import_id)
        title = words.PAPER_CHOSEN.format(n=len(chosen)) if several else words.PAPER
        shown = None if several else self.writing.record_id()
        if not self.model.loaded():
            return Paper(title, None, shown)
        more = ((words.PAPER_PROBLEMS, partial(problems_listing, which=which)),)
        return Paper(title, partial(records_listing, which=which), shown, more)

    def _on_submitted(self, done: Submitted) -> None:
        """The next one, or where it is wrong."""
        mine = self.writing.record_id()
        wants_new, self.writing.wants_new = self.writing.wants_new, False
        stopped = dict(done.stopped)
        if mine in stopped:
            self.writing.insist(stopped[mine])
            self.problems.go_on()
        elif wants_new and mine in done.submitted:
            self.new_of_same()

    def _on_gone(self, ids: list[str]) -> None:
        if self.writing.record_id() in ids:
            self.writing.close()

    def _on_listed(self, total: int) -> None:
        self.list.show_count(total)
        record_id = self.writing.record_id()
        if self._first_wanted and self.model.loaded():
            self.list.table.selectRow(0)
        elif record_id is not None and self._right.currentWidget() is self.panel:
            self.list.select(record_id)
        self._first_wanted = False
        self._offer()

    def _on_removed(self) -> None:
        rows = [row for row in self.list.selected() if "delete" in self._possible(row)]
        if rows:
            self.acts.delete([row.record_id for row in rows])

    def _possible(self, row: RecordRow) -> frozenset[str]:
        return frozenset(act for act in self.writing.possible(row.state))

    def _show_choices(self) -> None:
        self.chooser.show_choices(
            choices(self._entries, self.habits.templates, self.habits.uses, self.sounds.of_item)
        )

    def _on_favoured(self, item_code: str, on: bool) -> None:
        self.habits.set_favourite(item_code, on=on)

    def _on_chooser_left(self) -> None:
        self._right.setCurrentWidget(self.panel)
        form = self.panel.form()
        if form is not None:
            form.focus_first()
        else:
            self.list.table.setFocus()

    def _on_opened(self) -> None:
        form = self.panel.form()
        if form is not None:
            form.focus_first()

    def _offer(self) -> None:
        self.bar.before.setEnabled(not self.list.is_at_end(-1))
        self.bar.after.setEnabled(not self.list.is_at_end(1))

    def _jump(self, field_id: str) -> None:
        self.panel.show_tab(history=False)
        form = self.panel.form()
        if field_id == "":
            self.panel.reason.focus()
        elif form is not None:
            form.focus_field(field_id)

    def _connect(self) -> None:
        self.list.asked.connect(self.reader.show)
        self.list.picked.connect(self._on_picked)
        self.list.chosen.connect(self._on_chosen)
        self.list.opened.connect(self._on_opened)
        self.list.removed.connect(self._on_removed)
        self.list.new_asked.connect(self.new_of_same)
        self.reader.listed.connect(self._on_listed)
        self.panel.asked.connect(self._on_asked)
        self.choice.asked.connect(self._on_asked_together)
        self.problems.jumped.connect(self._jump)
        self.bar.stepped.connect(self.list.step)
        self.bar.save_asked.connect(self.writing.save_now)
        self.bar.submit_asked.connect(self._submit_and_new)
        self.habits.changed.connect(self._show_choices)
        self.sounds.known.connect(self._show_choices)
        self.chooser.chosen.connect(self.new_record)
        self.chooser.given_up.connect(self._on_chooser_left)
        self.chooser.favoured.connect(self._on_favoured)
        self.chooser.renamed.connect(self.habits.rename_template)
        self.chooser.thrown_away.connect(self.habits.delete_template)
        self.acts.went.connect(self.show_record)
        self.acts.gone.connect(self._on_gone)
        self.acts.submitted.connect(self._on_submitted)
        self.writing.row_changed.connect(self.model.update_row)
        self.writing.made.connect(self.reader.reload)

    def _set_keys(self) -> None:
        for keys, then in (
            ("Ctrl+N", self.new_of_same),
            ("Ctrl+Shift+N", self.choose_item),
            (words.GRID_KEYS, self.open_grid),
            ("Ctrl+D", self.filling.copy_here),
            ("Ctrl+Shift+D", self.filling.copy_all),
            ("Ctrl+S", self.writing.save_now),
            ("Ctrl+Return", self._submit_and_new),
            ("Ctrl+Enter", self._submit_and_new),
            ("Alt+Up", partial(self.list.step, -1)),
            ("Alt+Down", partial(self.list.step, 1)),
            ("Ctrl+F", self.list.text.setFocus),
            ("F8", self.problems.go_on),
        ):
            on_keys(keys, self, then)

    def _lay_out(self) -> None:
        top, _ = title_row(words.TITLE)
        top.addWidget(self.papers.button)
        top.addWidget(plain(words.GRID, self.open_grid, words.GRID_KEYS, "table"))
        top.addWidget(self._new)
        self._right.addWidget(self.panel)
        self._right.addWidget(self.choice)
        self._right.addWidget(self.chooser)
        self._split.addWidget(self.list)
        self._split.addWidget(self._right)
        self._split.setChildrenCollapsible(False)
        self._split.setStretchFactor(0, 2)
        self._split.setStretchFactor(1, 3)
        self._split.setSizes(SIZES)
        state = self.session.settings.value(SPLITTER)
        if state is not None:
            self._split.restoreState(state)
        self._split.splitterMoved.connect(
            lambda *_: self.session.settings.setValue(SPLITTER, self._split.saveState())
        )
        remember(self.session.settings, COLUMNS, self.list.table.horizontalHeader())
        middle = QVBoxLayout()
        middle.setContentsMargins(12, 0, 12, 8)
        middle.setSpacing(8)
        middle.addWidget(self.banner)
        middle.addWidget(self._split, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(top)
        column.addLayout(middle, 1)
        column.addWidget(self.problems)
        column.addWidget(self.bar)
