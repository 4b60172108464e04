"""Filling in what is known already: the last record, known subjects, a template made of this record."""

from __future__ import annotations

from collections.abc import Collection
from functools import partial
from typing import Final

from PySide6.QtCore import QObject

from client.core.times import day_in_shanghai, from_text
from client.store import records, subjects
from client.store.desk import Desk
from client.store.subjects import Subject, representative_field
from client.ui.records import words
from client.ui.records.form_panel import FormPanel
from client.ui.records.habits import Habits
from client.ui.records.writing import Writing
from client.ui.session import Session
from forms.catalog.schema import Item, Values
from forms.qt.form import CatalogForm
from forms.qt.subject_list import Answer, KnownSubject

PERSON: Final = "自然人"


class Filling(QObject):
    """Between the form in view, the desk, and what the operator is used to."""

    def __init__(
        self,
        session: Session,
        panel: FormPanel,
        writing: Writing,
        habits: Habits,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._session, self._panel, self._writing, self._habits = session, panel, writing, habits
        panel.pinned.connect(habits.pin)
        panel.unpinned.connect(habits.unpin)
        panel.copy_asked.connect(self.copy)
        panel.template_named.connect(self._save_template)

    def copy_here(self) -> None:
        """Copy the group of fields in which a person is writing."""
        form = self._panel.form()
        if form is not None:
            self.copy(form.fields_in_hand())

    def copy_all(self) -> None:
        """Copy all fields."""
        form = self._panel.form()
        if form is not None:
            self.copy([field.id for field in form.item.fields])

    def copy(self, fields: Collection[str]) -> None:
        """Fill the empty ones of `fields` from the record of the item that was made last."""
        form, view = self._panel.form(), self._panel.view()
        if form is None or view is None or not view.editable:
            return
        desk, code, but = self._session.desk, form.item.code, self._writing.record_id()
        self._session.tasks.read(
            lambda: records.last_of_item(desk.db.reader(), code, but=but),
            partial(self._fill, form, frozenset(fields), self._writing.turn()),
        )

    def _fill(self, form: CatalogForm, fields: frozenset[str], turn: int, last: Values | None) -> None:
        if turn != self._writing.turn():
            return  # another record is in view meanwhile
        if last is None:
            self._session.show_message(words.NO_LAST, "info")
            return
        values = {name: value for name, value in last.items() if name in fields and name != form.item.doc_no}
        before = form.values()
        kept = form.put(values)
        filled = len(form.values().keys() - before.keys())
        text = words.COPIED_LAST if not kept else words.COPIED_LAST_KEPT
        self._session.show_message(text.format(n=filled, kept=len(kept)), "good" if filled else "info")

    def _save_template(self, name: str) -> None:
        form = self._panel.form()
        if form is not None:
            values = {field: value for field, value in form.values().items() if field != form.item.doc_no}
            self._habits.save_template(form.item.code, name, values)


def subject_search(session: Session, item: Item, text: str, answer: Answer) -> None:
    """Find subjects in the store lane; the answer comes later."""
    desk = session.desk
    session.tasks.read(lambda: find_subjects(desk, item, text), answer)


def find_subjects(desk: Desk, item: Item, text: str) -> list[KnownSubject]:
    """Return subjects of the same kind, organisation or person, with what each fills in `item`."""
    entries = desk.catalogs.current.entries
    persons = item.subject_kinds == (PERSON,)
    alike = [code for code, entry in entries.items() if (entry.subject_kinds == (PERSON,)) == persons]
    found = subjects.find(desk.db.reader(), text, alike, desk.catalogs.item)
    return [_known(item, one) for one in found]


def _known(item: Item, one: Subject) -> KnownSubject:
    fills = {item.subject_name: one.name, item.subject_code: one.code}
    field = representative_field(item)
    if field is not None:
        fills[field] = one.representative
    day = day_in_shanghai(from_text(one.used_at)).isoformat()
    return KnownSubject(
        one.name,
        one.code,
        one.representative,
        day,
        {name: text for name, text in fills.items() if name and text},
    )
