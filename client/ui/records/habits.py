"""What the operator is used to, held ready for the page: pins, templates, favourite items.

Read once when the page is made, so that a new record begins without waiting for the store.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from client.store import habits
from client.store.desk import Desk
from client.store.habits import ItemUse, Template
from client.ui.records import words
from client.ui.session import Session
from forms.catalog.schema import Value, Values


@dataclass(frozen=True, slots=True)
class Known:
    """All of it, as it was read."""

    pins: Mapping[str, Mapping[str, Value]]
    templates: Sequence[Template]
    uses: Sequence[ItemUse]


def read(desk: Desk) -> Known:
    """Read what the operator at the desk is used to."""
    reader, mine = desk.db.reader(), desk.operator.operator_id
    return Known(habits.pinned(reader, mine), habits.templates(reader, mine), habits.item_uses(reader, mine))


class Habits(QObject):
    """Keeps what was read, and writes what changes.

    Signals:
        changed: templates, favourites or items used last are others now.
    """

    changed = Signal()

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._pins: dict[str, dict[str, Value]] = {}
        self.templates: Sequence[Template] = ()
        self.uses: Sequence[ItemUse] = ()
        self._read()

    def pins(self, item_code: str) -> dict[str, Value]:
        """What new records of an item begin with."""
        return dict(self._pins.get(item_code, {}))

    def pin(self, item_code: str, field_id: str, value: Value) -> None:
        """Keep a value for new records."""
        self._pins.setdefault(item_code, {})[field_id] = value
        desk = self._session.desk
        self._session.tasks.write(lambda: habits.pin(desk, item_code, field_id, value))

    def unpin(self, item_code: str, field_id: str) -> None:
        """Keep it no more."""
        self._pins.get(item_code, {}).pop(field_id, None)
        desk = self._session.desk
        self._session.tasks.write(lambda: habits.unpin(desk, item_code, field_id))

    def note_use(self, item_code: str) -> None:
        """Remember that a record of this item was begun."""
        self._write(lambda desk: habits.note_use(desk, item_code))

    def set_favourite(self, item_code: str, *, on: bool) -> None:
        """Put an item among the first, or take it out."""
        self._write(lambda desk: habits.set_favourite(desk, item_code, on=on))

    def save_template(self, item_code: str, name: str, values: Values) -> None:
        """Keep values as a template; says so."""

        def said(made: Template) -> None:
            self._session.show_message(words.TEMPLATE_SAVED.format(name=made.name), "good")

        self._write(lambda desk: habits.save_template(desk, item_code, name, values), said)

    def rename_template(self, template_id: str, name: str) -> None:
        """Call a template otherwise."""
        self._write(lambda desk: habits.rename_template(desk, template_id, name))

    def delete_template(self, template: Template) -> None:
        """Throw a template away; the message has the way back."""

        def said(_nothing: object) -> None:
            back = (words.UNDO, lambda: self.save_template(template.item, template.name, template.values))
            self._session.show_message(words.TEMPLATE_DELETED.format(name=template.name), "info", back)

        self._write(lambda desk: habits.delete_template(desk, template.template_id), said)

    def _write(self, act: Callable[[Desk], object], said: Callable[..., object] | None = None) -> None:
        desk = self._session.desk

        def done(what: object) -> None:
            self._read()
            if said is not None:
                said(what)

        self._session.tasks.write(lambda: act(desk), done)

    def _read(self) -> None:
        desk = self._session.desk
        self._session.tasks.read(lambda: read(desk), self._take)

    def _take(self, known: Known) -> None:
        self._pins = {item: dict(fields) for item, fields in known.pins.items()}
        self.templates, self.uses = known.templates, known.uses
        self.changed.emit()
