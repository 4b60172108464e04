"""Keeping what is typed into a grid: soon, all changed rows at once, again and again until it is stored."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial

from PySide6.QtCore import QObject, QTimer, Signal

from client.errors import ClientError
from client.ui.grid import verbs, words
from client.ui.grid.sheet import SheetRow
from client.ui.grid.verbs import Kept, Unsaved
from client.ui.messages import sentence_of
from client.ui.records.autosave import AGAIN_S, LONGEST_MS, REST_MS
from client.ui.session import Session
from forms.catalog.schema import Item


class Saving(QObject):
    """Stores rows through the store lane, which keeps the order of asking.

    Attributes:
        error: why the last save did not work; None when it did.

    Signals:
        kept(): something more is in the store.
        refused(SheetRow, ClientError): a row may not be written any more.
        status(): what there is to say about saving changed.
    """

    kept = Signal()
    refused = Signal(object, object)
    status = Signal()

    def __init__(self, session: Session, item: Item, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session, self._item = session, item
        self._dirty: dict[int, SheetRow] = {}
        self._made: dict[int, str] = {}
        self._under_way = 0
        self.error: ClientError | None = None
        self._rest = self._timer(REST_MS)
        self._longest = self._timer(LONGEST_MS)
        self._again = self._timer(AGAIN_S * 1_000)

    def _timer(self, interval: int) -> QTimer:
        made = QTimer(self, singleShot=True, interval=interval)
        made.timeout.connect(self.flush)
        return made

    def change(self, rows: Iterable[SheetRow]) -> None:
        """These rows changed; they are stored once the person rests."""
        for row in rows:
            if row.record_id is not None or row.key in self._made or row.values:
                self._dirty[row.key] = row
        self._rest.start()
        if not self._longest.isActive():
            self._longest.start()
        self.status.emit()

    def is_clean(self) -> bool:
        """Say whether everything is stored."""
        return not self._dirty and not self._under_way

    def is_saving(self) -> bool:
        """Say whether a save is under way."""
        return self._under_way > 0

    def said(self, saved_at: str) -> str:
        """Say how saving stands; `saved_at` is the clock of the last save, empty before the first."""
        if self.error is not None:
            return words.SAVE_FAILED.format(why=sentence_of(self.error))
        if self.is_saving():
            return words.SAVING
        if not self.is_clean():
            return words.WAITING
        return words.SAVED.format(time=saved_at) if saved_at else words.NOT_SAVED_YET

    def flush(self) -> None:
        """Ask for everything to be stored; after this the window may close."""
        for timer in (self._rest, self._longest, self._again):
            timer.stop()
        rows = [row for row in self._dirty.values() if not row.locked]
        self._dirty.clear()
        if rows:
            self._put(rows)
        self.status.emit()

    def remove(self, rows: Sequence[SheetRow]) -> None:
        """Throw away the drafts of rows that left the grid; what was never stored needs nothing."""
        for row in rows:
            self._dirty.pop(row.key, None)
        self._after_saves(rows, verbs.delete)

    def restore(self, rows: Sequence[SheetRow]) -> None:
        """Undo `remove`; then the rows are stored as they stand."""
        self._after_saves(rows, verbs.bring_back)
        self.change(rows)

    def _after_saves(self, rows: Sequence[SheetRow], act: object) -> None:
        desk, made = self._session.desk, self._made
        known = [(row.key, row.record_id) for row in rows]

        def put() -> None:
            # In the store lane after the saves: a row that was new then has its id by now.
            ids = [record_id or made.get(key) for key, record_id in known]
            act(desk, [record_id for record_id in ids if record_id])  # type: ignore[operator]

        self._session.tasks.write(put, changes=verbs.CHANGES)

    def _put(self, rows: Sequence[SheetRow]) -> None:
        desk, item, made = self._session.desk, self._item, self._made
        asked = [Unsaved(row.key, row.version, row.record_id, dict(row.values), row.answers) for row in rows]

        def put() -> Kept:
            fresh = [
                Unsaved(one.key, one.version, one.record_id or made.get(one.key), one.values, one.answers)
                for one in asked
            ]
            kept = verbs.save(desk, item, fresh)
            made.update(kept.ids)
            return kept

        self._under_way += 1
        answered: list[bool] = []
        self._session.tasks.write(
            put,
            partial(self._on_kept, rows, answered),
            partial(self._on_failed, rows, answered),
            verbs.CHANGES,
            ended=partial(self._on_ended, rows, answered),
        )

    def _on_kept(self, rows: Sequence[SheetRow], answered: list[bool], kept: Kept) -> None:
        answered.append(True)
        self.error = None
        for row in rows:
            row.record_id = kept.ids.get(row.key, row.record_id)
            if row.key in kept.refused:
                self.refused.emit(row, kept.refused[row.key])
        self.kept.emit()

    def _on_failed(self, rows: Sequence[SheetRow], answered: list[bool], error: ClientError) -> None:
        answered.append(True)
        self.error = error
        self._take_up(rows)

    def _on_ended(self, rows: Sequence[SheetRow], answered: list[bool]) -> None:
        self._under_way -= 1
        if not answered:  # a fault of ours was logged and shown; what was typed is still kept
            self._take_up(rows)
        self.status.emit()

    def _take_up(self, rows: Sequence[SheetRow]) -> None:
        for row in rows:
            self._dirty.setdefault(row.key, row)
        self._again.start()
