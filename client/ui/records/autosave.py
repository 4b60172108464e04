"""Keeping what a person types: soon, in the order of typing, again and again until it is stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal

from client.errors import ClientError, NotAllowed
from client.ui.records import verbs
from client.ui.records.verbs import Stored
from client.ui.session import Session
from forms.catalog.problems import Answer
from forms.catalog.schema import Value

REST_MS: Final = 500
"""How long a person's fingers rest before what they typed is stored."""

LONGEST_MS: Final = 900
"""Someone who never rests is stored this often all the same."""

AGAIN_S: Final = 5


@dataclass(slots=True)
class Sheet:
    """What is being written of one record. A new one has no id until its first save.

    Attributes:
        number: tells sheets apart while a save is under way.
        version: grows with every change; `queued` is the newest asked to be stored, `stored` the
            newest that is.
    """

    number: int
    item_ref: str
    record_id: str | None
    values: Mapping[str, Value] = field(default_factory=dict)
    answers: tuple[Answer, ...] = ()
    version: int = 0
    queued: int = 0
    stored: int = 0

    def is_dirty(self) -> bool:
        """Say whether something is not stored yet."""
        return self.version > self.stored


@dataclass(slots=True)
class _Save:
    """One save that was asked for; `answered` once it worked or was refused."""

    sheet: Sheet
    version: int
    answered: bool = False


class Autosave(QObject):
    """Stores sheets through the store lane, which keeps the order of asking.

    Signals:
        stored(Sheet, Stored): a save is in the store; what it found.
        failed(Sheet, ClientError): a save did not work; it is kept and tried again.
        refused(Sheet, ClientError): the record may not be written (any more); it is given up.
        status: what `is_clean`, `is_saving` or `error` say changed.
    """

    stored = Signal(object, object)
    failed = Signal(object, object)
    refused = Signal(object, object)
    status = Signal()

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._count = 0
        self._waiting: dict[int, Sheet] = {}
        self._under_way = 0
        self._made: dict[int, str] = {}
        self._rest = QTimer(self, singleShot=True, interval=REST_MS)
        self._rest.timeout.connect(self.flush)
        self._longest = QTimer(self, singleShot=True, interval=LONGEST_MS)
        self._longest.timeout.connect(self.flush)
        self._again = QTimer(self, singleShot=True, interval=AGAIN_S * 1_000)
        self._again.timeout.connect(self.flush)
        self.error: ClientError | None = None

    def open(self, item_ref: str, record_id: str | None) -> Sheet:
        """Return the sheet of a record: the one that still waits to be stored, else a new one."""
        for sheet in self._waiting.values():
            if record_id is not None and sheet.record_id == record_id:
                return sheet
        self._count += 1
        return Sheet(self._count, item_ref, record_id)

    def change(self, sheet: Sheet, values: Mapping[str, Value], answers: tuple[Answer, ...]) -> None:
        """Take what the form holds now; stored once the person rests."""
        sheet.values, sheet.answers = values, answers
        sheet.version += 1
        self._waiting[sheet.number] = sheet
        self._rest.start()
        if not self._longest.isActive():
            self._longest.start()
        self.status.emit()

    def is_clean(self) -> bool:
        """Say whether everything that was typed is stored."""
        return not self._waiting

    def is_saving(self) -> bool:
        """Say whether a save is under way."""
        return self._under_way > 0

    def flush(self) -> None:
        """Ask for everything to be stored that has not been asked for; after this the window may close."""
        self._rest.stop()
        self._longest.stop()
        self._again.stop()
        for sheet in self._waiting.values():
            if sheet.queued < sheet.version:
                sheet.queued = sheet.version
                self._put(_Save(sheet, sheet.version))
        self.status.emit()

    def _put(self, save: _Save) -> None:
        desk, made, sheet = self._session.desk, self._made, save.sheet
        number, record_id, item_ref = sheet.number, sheet.record_id, sheet.item_ref
        values, answers = sheet.values, sheet.answers

        def put() -> Stored:
            # In the store lane, one after the other: a second save of a new record finds the first one's id.
            stored = verbs.save(desk, record_id or made.get(number), item_ref, values, answers)
            made[number] = stored.record_id
            return stored

        self._under_way += 1
        self._session.tasks.write(
            put,
            partial(self._on_stored, save),
            partial(self._on_failed, save),
            verbs.RECORDS,
            ended=partial(self._on_ended, save),
        )

    def _on_stored(self, save: _Save, stored: Stored) -> None:
        sheet = save.sheet
        save.answered = True
        sheet.record_id, sheet.stored = stored.record_id, save.version
        self.error = None
        if not sheet.is_dirty():
            self._waiting.pop(sheet.number, None)
        self.stored.emit(sheet, stored)

    def _on_failed(self, save: _Save, error: ClientError) -> None:
        sheet = save.sheet
        save.answered = True
        if isinstance(error, NotAllowed):
            self._waiting.pop(sheet.number, None)
            self.refused.emit(sheet, error)
            return
        sheet.queued = sheet.stored
        self.error = error
        self._again.start()
        self.failed.emit(sheet, error)

    def _on_ended(self, save: _Save) -> None:
        self._under_way -= 1
        if not save.answered:  # a fault of ours was logged and shown; what was typed is still kept
            save.sheet.queued = save.sheet.stored
            self._again.start()
        self.status.emit()
