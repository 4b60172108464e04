"""The right side: one record with its state, its form, its reason and what became of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QStackedWidget,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from client.core.records import RecordDetail
from client.ui.records import words
from client.ui.records.cleaned_strip import CleanedStrip
from client.ui.records.history import Event, HistoryModel, events_of
from client.ui.records.merge_strip import MergeStrip
from client.ui.records.name_strip import NameStrip
from client.ui.records.reason_panel import ReasonPanel
from client.ui.records.view import RecordView
from client.ui.widgets.banner import Banner
from client.ui.widgets.buttons import plain, with_menu
from client.ui.widgets.elided import ElidedLabel
from client.ui.widgets.empty import EmptyState
from client.ui.widgets.marks import look, mark
from client.ui.widgets.tables import Table
from forms.catalog.schema import Item, Value
from forms.qt.editor import Setting
from forms.qt.form import CatalogForm
from forms.qt.provenance import summary

VERBS: Final[tuple[tuple[str, str, str], ...]] = (
    ("submit", "submit", words.SUBMIT),
    ("reopen", "reopen", words.REOPEN),
    ("recall", "recall", words.RECALL),
    ("take_back", "take_back", words.TAKE_BACK),
    ("bring_back", "bring_back", words.BRING_BACK),
    ("correct", "change", words.CORRECT),
    ("withdraw", "change", words.WITHDRAW),
    ("copy", "copy", words.COPY),
    ("delete", "delete", words.DELETE),
)
"""Name of the verb, the act of the workflow that it is, and its word; in the order of the buttons."""

IN_MENU: Final = frozenset({"copy", "delete"})
NOTICES: Final = 3


class FormPanel(QWidget):
    """Shows one record. Forms are kept: the next record of the same item only refills one.

    Signals:
        edited: a person changed values or answers.
        left: a person is done with a field.
        reason_edited(Reason, tuple): from the reason.
        asked(str): a verb of `VERBS` for the record that is shown.
        pinned(str, str, object), unpinned(str, str): item and field that are kept for new records, or not.
        copy_asked(list): fill these fields from the record before.
        template_named(str): keep what the form holds as a template of this name.
    """

    edited = Signal()
    left = Signal()
    reason_edited = Signal(object, object)
    asked = Signal(str)
    pinned = Signal(str, str, object)
    unpinned = Signal(str, str)
    copy_asked = Signal(object)
    template_named = Signal(str)

    def __init__(self, setting: Setting, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._setting = setting
        self._forms: dict[str, CatalogForm] = {}
        self._view: RecordView | None = None
        self._form: CatalogForm | None = None
        self._mark = QLabel()
        self._state = QLabel()
        self._state.setProperty("role", "heading")
        self._item = ElidedLabel()
        self._item.setProperty("role", "secondary")
        self._buttons = {
            name: plain(word, self._asker(name)) for name, _, word in VERBS if name not in IN_MENU
        }
        self._menu = QMenu(self)
        self._actions = {
            name: self._menu.addAction(word, self._asker(name)) for name, _, word in VERBS if name in IN_MENU
        }
        self._menu.addSeparator()
        self._fillers = [
            self._menu.addAction(words.COPY_SECTION, self._ask_section),
            self._menu.addAction(words.COPY_ALL, self._ask_all),
            self._menu.addAction(words.SAVE_TEMPLATE, self.name_template),
        ]
        self.merge = MergeStrip()
        self.cleaned = CleanedStrip()
        self.template = NameStrip()
        self.template.named.connect(self.template_named)
        self._more = with_menu("", self._menu, "dots-three")
        self._more.setAccessibleName(words.MORE)
        self._more.setToolTip(words.MORE)
        self._banners = [Banner() for _ in range(NOTICES)]
        self.reason = ReasonPanel(setting.files)
        self.reason.edited.connect(self.reason_edited)
        self._stack = QStackedWidget()
        self._history = HistoryModel()
        self._empty = EmptyState("hand-pointing", words.NONE_CHOSEN, words.NONE_CHOSEN_WAY)
        self._pages = QStackedWidget()
        self._lay_out()
        self.show_nothing()

    # --- in ---------------------------------------------------------------------------------

    def show_record(
        self,
        view: RecordView,
        item: Item,
        detail: RecordDetail | None,
        names: dict[str, str],
        pinned: Mapping[str, Value] | None = None,
    ) -> None:
        """Show a record from the beginning; `pinned` is None where nothing can be pinned."""
        form = self._form_of(item)
        self._form = form
        self._stack.setCurrentWidget(form)
        form.set_values(view.values)
        form.set_answers(view.answers)
        form.set_remarks(view.remarks)
        form.set_read_only(not view.editable)
        form.show_changes(view.before)
        form.pins.show(pinned)
        self.template.give_up()
        form.verticalScrollBar().setValue(0)
        self.reason.setVisible(view.op in words.CHANGE_BEGUN and view.state != "deleted")
        self.reason.show_reason(view.op, view.reason, view.evidence, editable=view.reason_editable)
        self._item.say(f"{item.name} · {item.set_name}", summary(item))
        self.show_state(view)
        self.show_history(detail, names)
        self._pages.setCurrentIndex(1)

    def show_state(self, view: RecordView) -> None:
        """Bring all but the fields up to date."""
        self._view = view
        shown = look(view.state, view.errors or view.warnings)
        self._mark.setPixmap(mark(shown.shape, self.palette(), shown.tone, ratio=self.devicePixelRatioF()))
        if view.record_id is None:
            self._state.setText(words.NEW_RECORD)
        else:
            change = f"{words.OPS[view.op]} · " if view.op in words.CHANGE_BEGUN else ""
            self._state.setText(change + shown.word)
        for n, banner in enumerate(self._banners):
            if n < len(view.notices):
                banner.say(view.notices[n].text, view.notices[n].tone)
            else:
                banner.clear()
        if self._form is not None:
            self.merge.show_choices(self._form.item, view.open)
        self._offer(view)

    def show_history(self, detail: RecordDetail | None, names: dict[str, str]) -> None:
        """Show what became of the record."""
        self._history.show_events(events_of(detail, names) if detail else [])
        self._past.setCurrentIndex(0 if self._history.rowCount() else 1)

    def show_nothing(self) -> None:
        """No record is chosen."""
        self._view = self._form = None
        self._pages.setCurrentIndex(0)

    def show_tab(self, *, history: bool) -> None:
        """Turn to the form, or to what became of the record."""
        self._tabs.setCurrentIndex(1 if history else 0)

    # --- out --------------------------------------------------------------------------------

    def name_template(self) -> None:
        """Ask under which name the form is kept as a template."""
        if self._form is not None:
            self.template.ask()

    def filler(self, place: int) -> QAction:
        """The lines of the menu that fill in or keep: section, all, template."""
        return self._fillers[place]

    def view(self) -> RecordView | None:
        """What is shown."""
        return self._view

    def form(self) -> CatalogForm | None:
        """The form of the record that is shown."""
        return self._form

    def values(self) -> Mapping[str, Value]:
        """What the form holds now."""
        return self._form.values() if self._form is not None else {}

    def is_busy(self) -> bool:
        """Say whether a file is still being taken in."""
        return self.reason.files.is_busy() or (self._form is not None and self._form.is_busy())

    def button(self, verb: str) -> QPushButton:
        """The button of a verb, for keys and tests."""
        return self._buttons[verb]

    def menu_action(self, verb: str) -> QAction:
        """The line of a verb in the menu ⋯."""
        return self._actions[verb]

    def events(self) -> list[Event]:
        """What is told under 经过."""
        return self._history.events()

    # --- inside -----------------------------------------------------------------------------

    def _asker(self, verb: str) -> Callable[[], None]:
        def ask() -> None:
            self.asked.emit(verb)

        return ask

    def _offer(self, view: RecordView) -> None:
        """Show the verbs that are possible, and no others."""
        for name, act, _ in VERBS:
            possible = act in view.acts and not (name == "correct" and view.state == "rejected")
            if name in IN_MENU:
                self._actions[name].setVisible(possible and view.record_id is not None)
            else:
                self._buttons[name].setVisible(possible)
        self._buttons["reopen"].setText(words.MERGE if view.came_second else words.REOPEN)
        changing = view.op in words.CHANGE_BEGUN
        self._actions["delete"].setText(words.GIVE_UP if changing else words.DELETE)
        for action in self._fillers:
            action.setVisible(view.editable)
        self._more.setVisible(any(action.isVisible() for action in self._menu.actions()))

    def _form_of(self, item: Item) -> CatalogForm:
        form = self._forms.get(item.ref)
        if form is None:
            form = CatalogForm(item, self._setting)
            form.edited.connect(self._on_edited)
            form.left.connect(self._on_left)
            form.pins.pinned.connect(self._on_pinned)
            form.pins.unpinned.connect(self._on_unpinned)
            self._forms[item.ref] = form
            self._stack.addWidget(form)
        return form

    def _on_edited(self) -> None:
        self.edited.emit()

    def _on_left(self) -> None:
        self.left.emit()

    def _on_pinned(self, field_id: str, value: Value) -> None:
        if self._form is not None:
            self.pinned.emit(self._form.item.code, field_id, value)

    def _on_unpinned(self, field_id: str) -> None:
        if self._form is not None:
            self.unpinned.emit(self._form.item.code, field_id)

    def _ask_section(self) -> None:
        if self._form is not None:
            self.copy_asked.emit(self._form.fields_in_hand())

    def _ask_all(self) -> None:
        if self._form is not None:
            self.copy_asked.emit([field.id for field in self._form.item.fields])

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(12, 6, 8, 6)
        head.setSpacing(6)
        head.addWidget(self._mark)
        head.addWidget(self._state)
        head.addWidget(self._item, 1)
        for button in self._buttons.values():
            head.addWidget(button)
        head.addWidget(self._more)
        notes = QVBoxLayout()
        notes.setContentsMargins(8, 0, 8, 0)
        notes.setSpacing(4)
        for banner in self._banners:
            notes.addWidget(banner)
        notes.addWidget(self.merge)
        notes.addWidget(self.cleaned)
        notes.addWidget(self.template)
        notes.addWidget(self.reason)
        self._past = QStackedWidget()
        table = Table(words.TAB_HISTORY)
        table.setFrameShape(QFrame.Shape.NoFrame)
        table.setModel(self._history)
        table.lay_out((128, 120, 128, 160, 150), stretch=3)
        self._past.addWidget(table)
        self._past.addWidget(EmptyState("clock-counter-clockwise", words.NO_HISTORY, words.NO_HISTORY_WAY))
        self._tabs = QTabWidget()
        self._tabs.setDocumentMode(True)
        self._tabs.addTab(self._stack, words.TAB_FORM)
        self._tabs.addTab(self._past, words.TAB_HISTORY)
        shown = QFrame()
        shown.setProperty("role", "surface")
        column = QVBoxLayout(shown)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addLayout(notes)
        column.addWidget(self._tabs, 1)
        self._pages.addWidget(self._empty)
        self._pages.addWidget(shown)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._pages)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
