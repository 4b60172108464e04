"""版本与变化: sets side by side, what changed between them, and what that does to my drafts."""

from __future__ import annotations

from collections import Counter
from functools import partial
from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QMenu,
    QProgressBar,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from client.store.catalog_moves import Moved, Planned, Undone
from client.store.records import get
from client.ui.catalog import set_verbs
from client.ui.catalog import set_words as words
from client.ui.catalog.set_verbs import Outlook, Told
from client.ui.row_model import Column, RowModel, current, fill
from client.ui.session import Session
from client.ui.tasks import Task
from client.ui.widgets import buttons
from client.ui.widgets.elided import ElidedLabel
from client.ui.widgets.tables import Table
from forms.catalog.schema import CatalogSet

MOVED: Final = frozenset({"records"})

CHANGE_COLUMNS: Final = (
    Column(words.CHANGE_COLUMNS[0], lambda told: words.KINDS[told.kind]),
    Column(words.CHANGE_COLUMNS[1], lambda told: told.item),
    Column(words.CHANGE_COLUMNS[2], lambda told: told.text),
)
DRAFT_COLUMNS: Final = (
    Column(words.DRAFT_COLUMNS[0], lambda one: one.subject_name or words.UNNAMED),
    Column(words.DRAFT_COLUMNS[1], lambda one: one.doc_no),
    Column(words.DRAFT_COLUMNS[2], lambda one: one.item),
)


class SetsView(QWidget):
    """See the module."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self._sets: tuple[CatalogSet, ...] = ()
        self._told: list[Told] = []
        self._outlook: Outlook | None = None
        self._running: Task | None = None
        self.which, self.kind, self.group = QComboBox(), QComboBox(), QComboBox()
        self.about, self.outlook_line = ElidedLabel(role="small"), QLabel()
        self.changes = _table(words.CHANGES, CHANGE_COLUMNS, (96, 180, 300), 2)
        self.drafts = _table(words.DRAFTS, DRAFT_COLUMNS, (150, 104, 80), 0)
        self.detail = QLabel()
        menu = QMenu(self)
        menu.addAction(words.FROM_FOLDER, self._pick_folder)
        menu.addAction(words.FROM_ZIP, self._pick_zip)
        self.install_button = buttons.with_menu(words.INSTALL, menu)
        self.move_button = buttons.primary(words.MOVE.format(n=0), self.move_all)
        self.one_button = buttons.plain(words.MOVE_ONE, self.move_one, "Enter")
        self.undo_button = buttons.plain(words.UNDO.format(n=0), self.undo)
        self.stop_button = buttons.plain(words.STOP, self._stop)
        self._progress = QProgressBar()
        self._lay_out()
        self.which.activated.connect(self._show_set)
        self.kind.activated.connect(self._show_changes)
        self.group.activated.connect(self._show_group)
        self.drafts.selectionModel().currentRowChanged.connect(self._show_detail)
        self.drafts.activated.connect(self.move_one)

    # --- what is shown --------------------------------------------------------------------------

    def open_set(self, name: str = "") -> None:
        """Show the sets; one by name, else the newest."""
        known = self.session.desk.catalogs
        self._sets, today = known.sets, self.session.desk.today()
        self.which.clear()
        for one in self._sets:
            state = words.LATER if one.effective_on > today else words.OLDER
            state = words.IN_USE if one is known.current else state
            self.which.addItem(words.SET.format(name=one.name, state=state), one.name)
        place = self.which.findData(name)
        self.which.setCurrentIndex(place if place >= 0 else len(self._sets) - 1)
        self._show_set()

    def shown_set(self) -> CatalogSet:
        """The set that is looked at."""
        return self._sets[max(0, self.which.currentIndex())]

    def _show_set(self) -> None:
        one = self.shown_set()
        old = set_verbs.before(self._sets, one)
        self._take_changes(one, [])
        if old is not None:
            self.session.tasks.read(partial(set_verbs.changes_of, old, one), partial(self._take_changes, one))
        self.look_ahead()

    def _take_changes(self, one: CatalogSet, told: list[Told]) -> None:
        if one is not self.shown_set():
            return
        self._told = told
        old, by = set_verbs.before(self._sets, one), one.signature
        signed = words.SIGNED.format(by=by.signed_by, until=by.until) if by else words.UNSIGNED
        line = words.FIRST if old is None else words.LINE
        name = old.name if old is not None else ""
        said = line.format(title=one.title, date=one.effective_on, signed=signed, old=name, n=len(told))
        self.about.say(said)
        self.kind.clear()
        self.kind.addItem(words.ALL_KINDS.format(n=len(told)), "")
        for kind, n in Counter(one.kind for one in told).items():
            self.kind.addItem(words.KIND.format(word=words.KINDS[kind], n=n), kind)
        self._show_changes()

    def _show_changes(self) -> None:
        kind = self.kind.currentData()
        fill(self.changes, [one for one in self._told if not kind or one.kind == kind])

    # --- what it does to drafts -------------------------------------------------------------------

    def look_ahead(self) -> None:
        """Read what the set that is shown would do to the drafts."""
        one, desk = self.shown_set(), self.session.desk
        self._outlook = None
        self.outlook_line.setText(words.LOOKING)
        self._start(lambda progress, cancelled: set_verbs.look_ahead(desk, one, progress, cancelled),
                    partial(self._take_outlook, one))  # fmt: skip

    def _take_outlook(self, one: CatalogSet, outlook: Outlook) -> None:
        if one is not self.shown_set():
            return
        self._outlook = outlook
        seen = outlook.preview
        self.group.clear()
        for verdict, text in words.GROUPS.items():
            self.group.addItem(text.format(n=seen.counts.get(verdict, 0)), verdict)
        first = next((n for n, verdict in enumerate(words.GROUPS) if seen.counts.get(verdict)), 0)
        self.group.setCurrentIndex(first)
        self._show_group()

    def _show_group(self) -> None:
        if self._outlook is None:
            return
        seen, verdict = self._outlook.preview, self.group.currentData()
        rows = seen.groups.get(verdict, ())
        said = [] if sum(seen.counts.values()) else [words.NONE]
        if seen.counts.get(verdict, 0) > len(rows):
            said.append(words.SHOWN.format(n=len(rows)))
        if seen.gone:
            said.append(words.GONE.format(n=seen.gone, to=seen.to_set))
        if not self._in_force():
            said.append(words.NOT_NOW.format(to=seen.to_set))
        self.outlook_line.setText("".join(said))
        self.outlook_line.setVisible(bool(said))
        fill(self.drafts, rows, otherwise_first=True)
        self._show_detail()
        self._say_buttons()

    def _in_force(self) -> bool:
        return self.shown_set().effective_on <= self.session.desk.today()

    def _show_detail(self) -> None:
        one: Planned | None = current(self.drafts)
        if one is None:
            self.detail.setText("")
            return
        desk, to_set = self.session.desk, self.shown_set()
        draft = get(desk.db.reader(), one.record_id).draft
        if draft is not None:
            lines = set_verbs.consequences(desk, one, draft.catalog, to_set)
            self.detail.setText("\n".join(lines or [words.SELF]))
        self._say_buttons()

    def _say_buttons(self) -> None:
        outlook, busy = self._outlook, self._running is not None
        counts = outlook.preview.counts if outlook is not None else {}
        n = counts.get("moves", 0) + counts.get("untouched", 0)
        may = not busy and self._in_force() and "reporter" in self.session.operator.roles
        self.move_button.setText(words.MOVE.format(n=n))
        self.move_button.setEnabled(may and n > 0)
        one = current(self.drafts)
        self.one_button.setEnabled(may and one is not None and one.verdict == "needs_person")
        last = outlook.last if outlook is not None else None
        self.undo_button.setText(words.UNDO.format(n=last.drafts if last else 0))
        self.undo_button.setVisible(last is not None)
        self.undo_button.setEnabled(not busy)
        self.install_button.setEnabled(not busy)
        for part in (self._progress, self.stop_button):
            part.setVisible(busy)

    # --- acts -------------------------------------------------------------------------------------

    def move_all(self) -> None:
        """Let the drafts go over that can by themselves."""
        self._move([])

    def move_one(self) -> None:
        """Let one go over that needs a person, and open it at the field."""
        one: Planned | None = current(self.drafts)
        if one is not None and self.one_button.isEnabled():
            self._move([one.record_id], one)

    def _move(self, also: list[str], then: Planned | None = None) -> None:
        one, desk = self.shown_set(), self.session.desk
        self._start(
            lambda progress, cancelled: set_verbs.move(desk, one, also, progress, cancelled),
            partial(self._moved, one, then), MOVED,
        )  # fmt: skip

    def _moved(self, to_set: CatalogSet, then: Planned | None, moved: Moved) -> None:
        said = words.MOVED.format(n=len(moved.moved), to=to_set.name)
        said += words.LEFT.format(n=len(moved.left)) if moved.left else ""
        self.session.show_message(said, "good")
        self.look_ahead()
        if then is not None:
            field = next((why.field for why in then.why if why.field in to_set.items[then.item].by_id), None)
            self.session.navigate("records", record_id=then.record_id, **({"field": field} if field else {}))

    def undo(self) -> None:
        """Take the last move back."""
        last = self._outlook.last if self._outlook is not None else None
        if last is not None and self._running is None:
            desk = self.session.desk
            self._start(lambda _progress, _cancelled: set_verbs.undo(desk, last.move_id), self._undone, MOVED)

    def _undone(self, undone: Undone) -> None:
        said = words.BACK.format(n=len(undone.back))
        said += words.NOT_BACK.format(n=len(undone.left)) if undone.left else ""
        self.session.show_message(said, "good")
        self.look_ahead()

    def install(self, source: Path) -> None:
        """Install a set from a folder or a package."""
        desk = self.session.desk
        self._start(lambda _progress, cancelled: set_verbs.install(desk, source, cancelled), self._installed)

    def _installed(self, made: CatalogSet) -> None:
        now = self.session.desk.catalogs.current.name == made.name
        when = words.NOW if now else words.THEN.format(date=made.effective_on)
        self.session.show_message(words.INSTALLED.format(name=made.name, when=when), "good")
        self.open_set(made.name)

    def _start(self, work: Any, then: Any, changes: frozenset[str] = frozenset()) -> None:
        if self._running is not None:
            self._running.cancel()
        task = self.session.tasks.work(work, then, None, None, changes, ended=lambda: self._ended(task))
        self._running = task
        self._say_buttons()

    def _ended(self, task: Task) -> None:
        if self._running is task:
            self._running = None
        self._say_buttons()

    def _stop(self) -> None:
        if self._running is not None:
            self._running.cancel()

    def _pick_folder(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, words.INSTALL)
        if chosen:
            self.install(Path(chosen))

    def _pick_zip(self) -> None:
        chosen, _kind = QFileDialog.getOpenFileName(self, words.INSTALL, "", words.ZIP)
        if chosen:
            self.install(Path(chosen))

    # --- layout -----------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        for box, name in ((self.which, words.WHICH), (self.kind, words.FILTER), (self.group, words.GROUP)):
            box.setAccessibleName(name)
        self.which.setMinimumWidth(160)
        self._progress.setRange(0, 0)
        self._progress.setFixedWidth(120)
        top = QHBoxLayout()
        top.setSpacing(8)
        top.addWidget(self.which)
        top.addWidget(self.about, 1)
        top.addWidget(self.install_button)
        split = QSplitter(Qt.Orientation.Horizontal)
        split.addWidget(_column(self.kind, self.changes))
        right = QSplitter(Qt.Orientation.Vertical)
        self.outlook_line.setProperty("role", "secondary")
        self.outlook_line.setWordWrap(True)
        self.detail.setWordWrap(True)
        self.detail.setTextFormat(Qt.TextFormat.PlainText)
        self.detail.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self.detail.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        heading = QLabel(words.DRAFTS)
        heading.setProperty("role", "heading")
        right.addWidget(_column(heading, self.group, self.outlook_line, self.drafts))
        right.addWidget(_column(self.detail))
        right.setSizes([380, 160])
        right.setChildrenCollapsible(False)
        split.addWidget(right)
        split.setSizes([680, 500])
        split.setChildrenCollapsible(False)
        self.session.remember("catalog/sets", split)
        frame, row = buttons.bar()
        row.addStretch(1)
        row.addWidget(self._progress)
        for button in (self.stop_button, self.undo_button, self.one_button, self.move_button):
            row.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(top)
        column.addWidget(split, 1)
        column.addWidget(frame)


def _column(*parts: QWidget) -> QFrame:
    frame = QFrame()
    frame.setProperty("role", "surface")
    column = QVBoxLayout(frame)
    column.setContentsMargins(8, 8, 8, 8)
    column.setSpacing(6)
    for part in parts:
        column.addWidget(part, 1 if isinstance(part, Table) else 0)
    if not any(isinstance(part, Table) for part in parts):
        column.addStretch(1)
    return frame


def _table(name: str, columns: tuple[Column, ...], widths: tuple[int, ...], stretch: int) -> Table:
    table = Table(name)
    table.setFrameShape(QFrame.Shape.NoFrame)
    table.setSelectionMode(Table.SelectionMode.SingleSelection)
    table.setModel(RowModel(columns, key=lambda row: getattr(row, "record_id", row)))
    table.lay_out(widths, stretch=stretch)
    return table
