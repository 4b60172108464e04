"""The loop that keeps desk and platform in step: by itself, when asked, and after a wait.

Runs cycles of `client.sync.cycle` in the net lane, one at a time. Knows when to come back: after
the time that a failed cycle names, else every few minutes, and soon after something was approved.
Without a sign-in it waits for a person. Never decides what is sent; that is the cycle's.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal

from client.core.times import from_text
from client.store import link, outbox, records
from client.store.desk import Desk
from client.sync import cycle, signin
from client.sync.cycle import Progress, SyncOutcome
from client.sync.transport import HttpTransport
from client.ui.session import Change, Session
from client.ui.sync.status import LineFacts
from client.ui.tasks import Task

EVERY_MS: Final = 120_000
SOON_MS: Final = 1_500
"""After an approval: long enough to take several in one batch, short enough to be seen."""

NEEDS_SIGN_IN: Final = frozenset({"sign_in_needed", "token_expired", "sign_in_refused"})
SYNCED: Final = frozenset({"records", "outbox", "cases", "operators"})


@dataclass(frozen=True, slots=True)
class Standing:
    """What the store says of the line, and when the loop is to come back by itself."""

    facts: LineFacts
    next_try_at: datetime | None
    last_error: str | None


def read_standing(desk: Desk) -> Standing:
    """Return how queue and line stand."""
    reader = desk.db.reader()
    counted, now = outbox.status(reader), link.link(reader)
    has_token = link.token(reader, desk.operator.operator_id) is not None
    facts = LineFacts(
        queued=counted["queued"],
        sent=counted["sent"],
        unknown=counted["unknown"],
        held=counted["held"],
        blocked=counted["blocked"],
        rejected=records.count(reader, state="rejected"),
        signed_in=has_token and now.last_error not in NEEDS_SIGN_IN,
        last_contact_at=from_text(now.last_contact_at) if now.last_contact_at else None,
        down_since_at=from_text(now.down_since_at) if now.down_since_at else None,
        now=desk.clock(),
    )
    return Standing(facts, from_text(now.next_try_at) if now.next_try_at else None, now.last_error)


class SyncLoop(QObject):
    """One a session.

    Signals:
        facts_changed(LineFacts): something that the status line says is another.
        finished(SyncOutcome): a cycle came to its end.
        signed_in(): the platform knows the operator now.
        sign_in_failed(ClientError): it does not.
    """

    facts_changed = Signal(object)
    finished = Signal(object)
    signed_in = Signal()
    sign_in_failed = Signal(object)

    def __init__(self, session: Session, transport: Callable[[Desk], HttpTransport] | None = None) -> None:
        super().__init__(session)
        self._session = session
        self._transport = transport or to_platform
        self._facts = LineFacts()
        self._next_try_at: datetime | None = None
        self._task: Task | None = None
        self._again = False
        self._stopped = False
        self._announcing = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.sync_now)
        session.changed.connect(self._on_changed)

    # --- what others ask ------------------------------------------------------------------------

    def start(self) -> None:
        """Begin: say how things stand, and sync soon if the operator is signed in."""
        self._read(then_soon=True)

    def stop(self) -> None:
        """End the loop for good; a running cycle stops at its next step."""
        self._stopped = True
        self._timer.stop()
        self.stop_cycle()

    def stop_cycle(self) -> None:
        """Stop the running cycle at its next step; what was begun is taken up next time."""
        if self._task is not None:
            self._task.cancel()

    def sync_now(self) -> None:
        """Run a cycle; one that runs already is followed by another."""
        if self._stopped:
            return
        if self._task is not None:
            self._again = True
            return
        self._timer.stop()
        desk = self._session.desk
        self._set(replace(self._facts, running=True, going=None))
        self._task = self._session.tasks.net(
            lambda progress, cancelled: _cycle(desk, self._transport, progress, cancelled),
            self._on_outcome,
            None,
            self._on_progress,
            ended=self._on_ended,
        )

    def sign_in(self, password: str, figures: str) -> None:
        """Sign the operator in at the platform; a cycle follows."""
        desk = self._session.desk
        self._session.tasks.net(
            lambda _progress, _cancelled: _sign_in(desk, self._transport, password, figures),
            lambda _nothing: self._on_signed_in(),
            self.sign_in_failed.emit,
        )

    def facts(self) -> LineFacts:
        """How things stand, as last read."""
        return self._facts

    def next_try_at(self) -> datetime | None:
        """When the loop tries by itself after a failure; None when it does not, or all is well."""
        return self._next_try_at

    # --- inside ---------------------------------------------------------------------------------

    def _on_changed(self, change: Change) -> None:
        if "outbox" in change.kinds and not self._announcing:
            self._read(then_soon=self._task is None)

    def _read(self, *, then_soon: bool = False) -> None:
        desk = self._session.desk
        self._session.tasks.read(
            lambda: read_standing(desk), lambda standing: self._on_standing(standing, then_soon=then_soon)
        )

    def _on_standing(self, standing: Standing, *, then_soon: bool) -> None:
        self._next_try_at = standing.next_try_at
        self._set(replace(standing.facts, running=self._facts.running, going=self._facts.going))
        if self._stopped or self._task is not None or not standing.facts.signed_in:
            return
        if then_soon:
            self._start_in(SOON_MS)
        elif standing.next_try_at is not None:
            wait = (standing.next_try_at - self._session.desk.clock()).total_seconds()
            self._start_in(int(min(max(wait, 1.0), 900.0) * 1000))
        elif standing.last_error is None:
            self._start_in(EVERY_MS)

    def _start_in(self, ms: int) -> None:
        """Come back in so long, unless something sooner is set already."""
        if not self._timer.isActive() or self._timer.remainingTime() > ms:
            self._timer.start(ms)

    def _on_progress(self, progress: Progress) -> None:
        going = (progress.done, progress.total) if progress.phase == "sending" else None
        self._set(replace(self._facts, running=True, going=going))

    def _on_outcome(self, outcome: SyncOutcome) -> None:
        self.finished.emit(outcome)

    def _on_ended(self) -> None:
        self._task = None
        if self._stopped:
            return
        self._set(replace(self._facts, running=False, going=None))
        self._announcing = True
        self._session.announce(*SYNCED)
        self._announcing = False
        self._read()
        if self._again:
            self._again = False
            self._start_in(0)

    def _on_signed_in(self) -> None:
        self._session.announce("operators")
        self.signed_in.emit()
        self.sync_now()

    def _set(self, facts: LineFacts) -> None:
        if facts != self._facts:
            self._facts = facts
            self.facts_changed.emit(facts)


def to_platform(desk: Desk) -> HttpTransport:
    """Return the line to the desk's platform."""
    return HttpTransport(desk.device.platform_url, ca_file=desk.device.ca_file)


def _cycle(
    desk: Desk,
    transport: Callable[[Desk], HttpTransport],
    progress: Callable[[Progress], None],
    cancelled: Callable[[], bool],
) -> SyncOutcome:
    line = transport(desk)
    try:
        return cycle.run(desk, line, progress=progress, cancelled=cancelled, entropy=random.random)
    finally:
        line.close()


def _sign_in(desk: Desk, transport: Callable[[Desk], HttpTransport], password: str, figures: str) -> None:
    line = transport(desk)
    try:
        signin.sign_in(desk, line, password=password, totp=figures)
    finally:
        line.close()
