"""What a person does to records beside typing: each act goes to the desk and says what came of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, Signal

from client.core.merge import Merged
from client.core.records import RecordRow, Submitted
from client.store import drafts, review
from client.ui.records import verbs, words
from client.ui.session import Session
from client.ui.tasks import Task
from forms.catalog.schema import Item


class RecordActs(QObject):
    """The acts.

    Signals:
        went(str): go to this record: it was made, or is a draft again.
        gone(list): these records were thrown away.
        submitted(Submitted): what came of a submission.
    """

    went = Signal(str)
    gone = Signal(object)
    submitted = Signal(object)

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session

    def submit(self, rows: Sequence[RecordRow]) -> None:
        """Submit for review, as one act; says how many went and how many did not."""
        desk, ids = self._session.desk, [row.record_id for row in rows]
        title = verbs.title_of(rows, desk.catalogs.current.entries)
        self._session.tasks.write(
            lambda: review.submit(desk, ids, title=title), self._on_submitted, changes=verbs.REVIEW
        )

    def take_back(self, ids: Sequence[str]) -> None:
        """Take back what was submitted and is not approved."""
        desk = self._session.desk
        self._do(lambda: review.take_back(desk, ids), words.TAKEN_BACK.format(n=len(ids)), verbs.REVIEW, ids)

    def recall(self, record_id: str) -> None:
        """Take an approved record out of the queue before it is sent."""
        desk = self._session.desk
        self._do(lambda: verbs.recall(desk, record_id), words.RECALLED, verbs.OUTBOX, [record_id])

    def reopen(self, record_id: str) -> None:
        """Make what the platform refused a draft again, with what another desk changed meanwhile."""
        desk, item_of = self._session.desk, verbs.item_of

        def said(done: tuple[Merged | None, Item]) -> None:
            merged, item = done
            left = merged is not None and bool(merged.open)
            text = words.REOPENED if merged is None else _merged(merged, item)
            self._session.show_message(text, "warn" if left else "good")
            self.went.emit(record_id)

        self._session.tasks.write(
            lambda: (drafts.open_rejected(desk, record_id), item_of(desk, record_id)),
            said,
            changes=verbs.RECORDS,
        )

    def begin_change(self, record_id: str, op: str) -> None:
        """Begin a correction or a withdrawal."""
        desk = self._session.desk
        self._do(
            lambda: verbs.begin_change(desk, record_id, op),
            words.CHANGE_BEGUN[op],
            verbs.RECORDS,
            [record_id],
        )

    def copy(self, record_id: str) -> None:
        """Make a new record with the same values."""
        desk = self._session.desk
        self._session.tasks.write(
            lambda: drafts.copy(desk, record_id), self._on_copied, changes=verbs.RECORDS
        )

    def delete(self, ids: Sequence[str], *, given_up: bool = False) -> None:
        """Throw drafts away; the message has the way back."""
        desk = self._session.desk
        text = words.GAVE_UP if given_up else words.DELETED.format(n=len(ids))

        def said(_nothing: Any) -> None:
            self._session.show_message(text, "info", (words.UNDO, partial(self.bring_back, ids)))
            self.gone.emit(list(ids))

        self._session.tasks.write(lambda: drafts.delete(desk, ids), said, changes=verbs.RECORDS)

    def bring_back(self, ids: Sequence[str]) -> None:
        """Undo `delete`."""
        desk = self._session.desk
        text = words.BROUGHT_BACK.format(n=len(ids))
        self._do(lambda: drafts.bring_back(desk, ids), text, verbs.RECORDS, ids)

    def _do(self, act: Callable[[], object], text: str, changes: frozenset[str], ids: Sequence[str]) -> Task:
        def said(_nothing: Any) -> None:
            self._session.show_message(text, "good")
            if len(ids) == 1:
                self.went.emit(ids[0])

        return self._session.tasks.write(act, said, changes=changes)

    def _on_copied(self, record_id: str) -> None:
        self._session.show_message(words.COPIED, "good")
        self.went.emit(record_id)

    def _on_submitted(self, done: Submitted) -> None:
        went, stopped = len(done.submitted), len(done.stopped)
        if went and not stopped:
            self._session.show_message(words.SUBMITTED.format(n=went), "good")
        elif went:
            self._session.show_message(words.SUBMITTED_SOME.format(n=went, stopped=stopped), "warn")
        elif stopped > 1:
            self._session.show_message(words.SUBMITTED_NONE_MANY.format(stopped=stopped), "warn")
        else:
            problems = len(done.stopped[0][1]) if stopped else 0
            self._session.show_message(words.SUBMITTED_NONE.format(n=problems), "warn")
        self.submitted.emit(done)


def _merged(merged: Merged, item: Item) -> str:
    titles = [item.by_id[field].title for field in merged.taken if field in item.by_id]
    taken = [words.MERGE_DONE.format(fields="、".join(titles))] if titles else []
    left = [words.MERGE_DONE_OPEN.format(n=len(merged.open))] if merged.open else []
    return "".join(taken + left) or words.REOPENED
