"""Keeping what a person types: soon, one save at a time, again and again until it is stored."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal

from client.errors import ClientError, NotAllowed
from client.ui.records import verbs
from client.ui.records.verbs import Stored
from client.ui.session import Session
from forms.catalog.problems import Answer
from forms.catalog.schema import Value

REST_MS: Final = 600
"""How long a person's fingers rest before what they typed is stored."""

LONGEST_MS: Final = 4_000
"""Someone who never rests is stored this often all the same."""

AGAIN_S: Final = 5


@dataclass(slots=True)
class Sheet:
    """What is being written of one record. A new one has no id until its first save.

    Attributes:
        number: tells sheets apart while a save is under way.
        version: grows with every change; `stored` is the one that the store has.
    """

    number: int
    item_ref: str
    record_id: str | None
    values: Mapping[str, Value] = field(default_factory=dict)
    answers: tuple[Answer, ...] = ()
    version: int = 0
    stored: int = 0

    def is_dirty(self) -> bool:
        """Say whether something is not stored yet."""
        return self.version > self.stored


class Autosave(QObject):
    """Stores sheets through the store lane.

    Signals:
        stored(Sheet, Stored): a save is in the store; what it found.
        failed(Sheet, ClientError): a save did not work; it is kept and tried again.
        refused(Sheet, ClientError): the record may not be written (any more); it is given up.
        status: `state` changed.
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
        self._saving: Sheet | None = None
        self._answered = False
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
        return self._saving is not None

    def flush(self) -> None:
        """Store what waits, now. One save at a time: a new record must get its id first."""
        self._rest.stop()
        self._longest.stop()
        self._again.stop()
        if self._saving is not None or not self._waiting:
            return
        sheet = next(iter(self._waiting.values()))
        self._saving, self._answered = sheet, False
        self._put(sheet)
        self.status.emit()

    def _put(self, sheet: Sheet) -> None:
        desk, version = self._session.desk, sheet.version
        record_id, item_ref, values, answers = sheet.record_id, sheet.item_ref, sheet.values, sheet.answers

        def save() -> Stored:
            return verbs.save(desk, record_id, item_ref, values, answers)

        self._session.tasks.write(
            save, self._then(sheet, version), self._on_failed, verbs.RECORDS, ended=self._on_ended
        )

    def _then(self, sheet: Sheet, version: int) -> Callable[[Stored], None]:
        def done(stored: Stored) -> None:
            sheet.record_id = stored.record_id
            sheet.stored = version
            self.error, self._answered = None, True
            if not sheet.is_dirty():
                self._waiting.pop(sheet.number, None)
            self.stored.emit(sheet, stored)

        return done

    def _on_failed(self, error: ClientError) -> None:
        sheet = self._saving
        assert sheet is not None
        self._answered = True
        if isinstance(error, NotAllowed):
            self._waiting.pop(sheet.number, None)
            self.refused.emit(sheet, error)
            return
        self.error = error
        self._again.start()
        self.failed.emit(sheet, error)

    def _on_ended(self) -> None:
        self._saving = None
        self.status.emit()
        if not self._answered:  # a fault of ours was logged and shown; what was typed is still kept
            self._again.start()
        elif self._waiting and self.error is None and not self._rest.isActive():
            self.flush()
