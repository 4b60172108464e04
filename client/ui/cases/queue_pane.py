"""The left side: which cases are shown, the queue by days left, and the next one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from PySide6.QtCore import QModelIndex, QTimer, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QLineEdit, QStackedWidget, QVBoxLayout, QWidget

from client.store import case_queue
from client.store.case_queue import Filter, QueueRow
from client.store.desk import Desk
from client.ui.cases import queue_words as words
from client.ui.cases.queue_model import PAGE_ROWS, QueueModel
from client.ui.row_model import Column, choose, current
from client.ui.session import Session
from client.ui.widgets import buttons
from client.ui.widgets.empty import EmptyState
from client.ui.widgets.icons import icon
from client.ui.widgets.tables import Table

REST_MS: Final = 250
WIDTHS: Final = (104, 150, 96, 64, 64)
SUBJECT: Final = 1


class QueuePane(QWidget):
    """Reads the queue in the store's lane, a page at a time.

    Signals:
        picked(object): the row that a person went to.
        shown(object): the queue was read again, and this is the row that is chosen now; None for none.
        opened(): Enter on a row.
    """

    picked = Signal(object)
    shown = Signal(object)
    opened = Signal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._wanted = ""
        self._quiet = False
        self._is_first = True
        self._special: Filter | None = None
        self._turn = 0
        self.view = QComboBox()
        self.view.setAccessibleName(words.WHOSE)
        for name, word in words.VIEWS.items():
            self.view.addItem(word, name)
        self.kind = QComboBox()
        self.kind.setAccessibleName(words.WHICH_KIND)
        self.kind.addItem(words.ALL_KINDS, None)
        for kind, word in words.KINDS.items():
            self.kind.addItem(word, kind)
        self.text = QLineEdit()
        self.text.setAccessibleName(words.SEARCH_NAME)
        self.text.setPlaceholderText(words.SEARCH)
        self.text.setClearButtonEnabled(True)
        self.text.addAction(
            icon("magnifying-glass", self.palette(), "plain"), QLineEdit.ActionPosition.LeadingPosition
        )
        self.count = QLabel()
        self.count.setProperty("role", "small")
        self.clear_button = buttons.link(words.CLEAR, self.clear)
        self.model = QueueModel(_columns(session))
        self.table = Table(words.QUEUE)
        self.table.setModel(self.model)
        self.table.lay_out(WIDTHS, SUBJECT, {4: 0, 3: 0})
        self.table.setSelectionMode(Table.SelectionMode.SingleSelection)
        self._empty = EmptyState("scales", words.EMPTY, words.EMPTY_WAY)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.table)
        self._stack.addWidget(self._empty)
        self._rest = QTimer(self, singleShot=True, interval=REST_MS)
        self._connect()
        self._lay_out()

    # --- in ---------------------------------------------------------------------------------

    def filter(self) -> Filter:
        """What is asked for."""
        which = self._special or _VIEWS[self.view.currentData()](self._session)
        return replace(which, kind=self.kind.currentData() or which.kind, text=self.text.text().strip())

    def show_view(self, name: str) -> None:
        """Show one of the views."""
        self._special = None
        self.view.setCurrentIndex(max(self.view.findData(name), 0))
        self._ask()

    def show_filter(self, which: Filter) -> None:
        """Show what a figure counts."""
        self._special = which
        self.text.blockSignals(True)
        self.text.clear()
        self.text.blockSignals(False)
        self.kind.setCurrentIndex(0)
        self._ask()

    def clear(self) -> None:
        """Show all open cases."""
        self._special = None
        self.text.clear()
        self.kind.setCurrentIndex(0)
        self.view.setCurrentIndex(0)
        self._rest.stop()
        self._ask()

    def want(self, case_id: str) -> None:
        """Choose a case as soon as it is there."""
        self._wanted = case_id

    def row(self) -> QueueRow | None:
        """The row that is chosen."""
        row: QueueRow | None = current(self.table)
        return row

    def reload(self) -> None:
        """Read again what is in view, and have the chosen case shown anew; it stays chosen."""
        self._read_again(picks=True)

    def refresh(self) -> None:
        """Show how far each case is, and leave the one that is shown alone."""
        self._read_again(picks=False)

    def _read_again(self, *, picks: bool) -> None:
        desk, which = self._session.desk, self.filter()
        wanted = max(PAGE_ROWS, self.table.currentIndex().row() + PAGE_ROWS // 2)
        self._turn += 1
        turn = self._turn
        self._session.tasks.read(
            lambda: _read(desk, which, wanted), lambda said: self._show(turn, wanted, *said, picks=picks)
        )

    def next(self, after: Any = None) -> None:
        """Go to the most urgent case that this person can work on now."""
        desk, which = self._session.desk, self.filter()
        me = self._session.operator.operator_id

        def find() -> QueueRow | None:
            reader = desk.db.reader()
            return case_queue.next_case(reader, me, which, after=after) or case_queue.next_case(
                reader, me, which
            )

        self._session.tasks.read(find, self._go_to)

    # --- inside -----------------------------------------------------------------------------

    def _go_to(self, row: QueueRow | None) -> None:
        if row is None:
            self._session.show_message(words.NO_NEXT)
            return
        place = self.model.place_of(row.case_id)
        if place is not None:
            choose(self.table, place)
            self.table.scrollTo(self.model.index(place, 0))
            self.opened.emit()
        else:
            self._wanted = row.case_id
            self.picked.emit(row)

    def _show(self, turn: int, wanted: int, rows: list[QueueRow], count: int, *, picks: bool) -> None:
        if turn != self._turn:
            return
        before = self.row()
        self._quiet = True
        self.model.set_rows(rows)
        self.model.expect(more=len(rows) >= wanted)
        key = self._wanted or (before.case_id if before is not None else "")
        place = self.model.place_of(key) if key else 0 if rows and self._is_first else None
        if place is not None:
            choose(self.table, place)
        else:
            self.table.setCurrentIndex(QModelIndex())
            self.table.clearSelection()
        self._quiet = False
        self.count.setText(words.COUNT.format(n=count))
        self.clear_button.setVisible(self._is_filtered())
        if not rows:
            title = words.NOTHING_FOUND if self._is_filtered() else words.EMPTY
            self._empty.say("scales", title, "" if self._is_filtered() else words.EMPTY_WAY)
        self._stack.setCurrentWidget(self.table if rows else self._empty)
        if picks:
            self._is_first, self._wanted = False, ""
            self.shown.emit(rows[place] if place is not None else None)

    def _more(self) -> None:
        desk, which, turn = self._session.desk, self.filter(), self._turn
        last = self.model.row(self.model.rowCount() - 1)

        def show(rows: list[QueueRow]) -> None:
            if turn == self._turn:
                self.model.add_page(rows)

        self._session.tasks.read(
            lambda: case_queue.page(desk.db.reader(), which, after=last.key, limit=PAGE_ROWS), show
        )

    def _is_filtered(self) -> bool:
        return bool(
            self._special or self.view.currentIndex() or self.kind.currentIndex() or self.text.text().strip()
        )

    def _ask(self) -> None:
        self._wanted, self._is_first = "", True
        self.table.setCurrentIndex(QModelIndex())
        self.reload()

    def _on_view(self) -> None:
        self._special = None
        self._ask()

    def _on_row(self, index: QModelIndex, _before: QModelIndex) -> None:
        row = current(self.table) if index.isValid() else None
        if row is not None and not self._quiet:
            self._wanted = ""
            self.picked.emit(row)

    def _connect(self) -> None:
        self.view.activated.connect(self._on_view)
        self.kind.activated.connect(self._ask)
        self.text.textChanged.connect(self._rest.start)
        self.text.returnPressed.connect(self.table.setFocus)
        self._rest.timeout.connect(self._ask)
        self.model.asking.more.connect(self._more)
        self.table.selectionModel().currentRowChanged.connect(self._on_row)
        self.table.activated.connect(lambda _index: self.opened.emit())
        buttons.on_keys("Ctrl+F", self, self.text.setFocus)

    def _lay_out(self) -> None:
        first, second = QHBoxLayout(), QHBoxLayout()
        first.addWidget(self.view, 1)
        first.addWidget(self.kind, 1)
        second.addWidget(self.text, 1)
        second.addWidget(self.clear_button)
        second.addWidget(self.count)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        for row in (first, second):
            row.setSpacing(6)
            column.addLayout(row)
        column.addWidget(self._stack, 1)
        self.clear_button.hide()
        self.setMinimumWidth(280)


def _read(desk: Desk, which: Filter, wanted: int) -> tuple[list[QueueRow], int]:
    reader = desk.db.reader()
    return case_queue.page(reader, which, limit=wanted), case_queue.count(reader, which)


_VIEWS: Final = {
    "open": lambda _session: case_queue.OPEN,
    "mine": lambda session: Filter(owner=session.operator.operator_id),
    "unit": lambda session: Filter(unit=session.desk.device.unit_code),
    "unassigned": lambda _session: Filter(unassigned=True),
    "overdue": lambda session: Filter(overdue_on=session.desk.today().isoformat()),
    "refused": lambda _session: Filter(is_open=None, needs_person=True),
    "ended": lambda _session: Filter(is_open=False),
}


def _columns(session: Session) -> tuple[Column, ...]:
    def urgency(row: QueueRow) -> Any:
        return words.urgency(row, session.desk.today())

    cities = session.desk.catalogs.current.code_sets.get("GB2260")

    def city(row: QueueRow) -> str:
        code = cities.by_code.get(f"{row.city[:4]}00") if cities is not None else None
        return code.name if code is not None else row.city

    return (
        Column(words.COLUMNS[0], lambda r: urgency(r).word, look=urgency, tip=words.due_tip),
        Column(words.COLUMNS[1], words.subject),
        Column(words.COLUMNS[2], lambda r: words.progress(r).word, look=words.progress),
        Column(words.COLUMNS[3], lambda r: r.owner_name or words.NOBODY),
        Column(words.COLUMNS[4], city),
    )
