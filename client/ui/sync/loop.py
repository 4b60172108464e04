"""The loop that keeps desk and platform in step: by itself, when asked, and after a wait.

Runs cycles of `client.sync.cycle` in the net lane, one at a time. Knows when to come back: after the
time that a failed cycle names, else every few minutes, soon after something was approved, and within
seconds when this PC gets another way out. Without a sign-in, and while a person has paused it, it waits.
Never decides what is sent; that is the cycle's.
"""

from __future__ import annotations

import logging
import random
import secrets
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from PySide6.QtCore import QObject, QTimer, Signal

from client.errors import LinkError
from client.store import link
from client.store.desk import Desk
from client.sync import cycle, network, signin
from client.sync.cycle import Progress, SyncOutcome
from client.sync.lines import to_platform
from client.sync.plan import CAP_S
from client.sync.transport import HttpTransport
from client.ui.session import Change, Session
from client.ui.sync.facts import LineFacts
from client.ui.sync.standing import read_facts
from client.ui.tasks import Failed, Task

EVERY_MS: Final = 120_000
SOON_MS: Final = 1_500
"""After an approval: long enough to take several in one batch, short enough to be seen."""

LOOK_MS: Final = 5_000
"""How often it is looked whether the way out is another."""

BACK_ONLINE_MS: Final = 5_000
"""With another way out the next try comes within this time, by chance, so that desks do not come together."""

SAY_AGAIN_S: Final = 60.0
"""How often the facts are read anew although nothing happened: ``10 分钟前`` becomes ``11 分钟前``."""

DEAD_S: Final = 2 * CAP_S
"""Longest time without a try while something waits; longer is a fault of ours, and it is begun anew."""

SYNCED: Final = frozenset({"records", "outbox", "cases", "operators"})

_log = logging.getLogger(__name__)


class SyncLoop(QObject):
    """One a session.

    Args:
        session: of the open desk.
        transport: makes the line to the platform; called in the net lane.
        way_out: this PC's addresses on its way out.
        monotonic: seconds that only go on.

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

    def __init__(
        self,
        session: Session,
        transport: Callable[[Desk], HttpTransport] | None = None,
        *,
        way_out: Callable[[], tuple[str, ...]] = network.way_out,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(session)
        self._session = session
        self._transport = transport or to_platform
        self._way_out, self._monotonic = way_out, monotonic
        self._facts = LineFacts()
        self._task: Task | None = None
        self._again = False
        self._stopped = False
        self._announcing = False
        self._way = way_out()
        self._tried = self._said = monotonic()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.sync_now)
        self._looking = QTimer(self)
        self._looking.setInterval(LOOK_MS)
        self._looking.timeout.connect(self.look_around)
        session.changed.connect(self._on_changed)

    # --- what others ask ------------------------------------------------------------------------

    def open_line(self, desk: Desk) -> HttpTransport:
        """Open the line to the platform, the way that is set; may block."""
        return self._transport(desk)

    def start(self) -> None:
        """Begin: say how things stand, and sync soon if the operator is signed in."""
        self._looking.start()
        self._read(then_soon=True)

    def stop(self) -> None:
        """End the loop for good; a running cycle stops at its next step."""
        self._stopped = True
        self._timer.stop()
        self._looking.stop()
        self.stop_cycle()

    def stop_cycle(self) -> None:
        """Stop the running cycle at its next step; what was begun is taken up next time."""
        if self._task is not None:
            self._task.cancel()

    def sync_now(self) -> None:
        """Run a cycle; one that runs already is followed by another. Nothing while paused."""
        if self._stopped or self._facts.paused_at is not None:
            return
        if self._task is not None:
            self._again = True
            return
        self._timer.stop()
        self._tried = self._monotonic()
        desk = self._session.desk
        self._set(replace(self._facts, running=True, going=None))
        self._task = self._session.tasks.net(
            lambda progress, cancelled: _cycle(desk, self._transport, progress, cancelled),
            self._on_outcome,
            None,
            self._on_progress,
            ended=self._on_ended,
        )

    def pause(self) -> None:
        """Let nothing go by itself until `resume`, also after a restart; a running cycle stops soon."""
        desk = self._session.desk
        self._timer.stop()
        self.stop_cycle()
        self._session.tasks.write(lambda: link.pause(desk), changes=frozenset({"outbox"}))

    def resume(self) -> None:
        """Let it go on, beginning now."""
        desk = self._session.desk

        def begin(_nothing: None) -> None:
            self._set(replace(self._facts, paused_at=None))
            self.sync_now()

        self._session.tasks.write(lambda: link.resume(desk), begin, changes=frozenset({"outbox"}))

    def sign_in(self, password: str, figures: str) -> None:
        """Sign the operator in at the platform; a cycle follows."""
        desk = self._session.desk
        self._session.tasks.net(
            lambda _progress, _cancelled: _sign_in(desk, self._transport, password, figures),
            lambda _nothing: self._on_signed_in(),
            self.sign_in_failed.emit,
        )

    def with_line(
        self,
        ask: Callable[[HttpTransport], Any],
        done: Callable[[Any], object],
        failed: Failed | None = None,
    ) -> None:
        """Ask the platform one thing, in the net lane; a failure that `failed` does not take is said."""
        desk, transport = self._session.desk, self._transport
        self._session.tasks.net(lambda _progress, _cancelled: _asked(desk, transport, ask), done, failed)

    def facts(self) -> LineFacts:
        """How things stand, as last read."""
        return self._facts

    def next_try_at(self) -> datetime | None:
        """When the loop tries by itself after a failure; None when it does not, or all is well."""
        return self._facts.next_try_at

    def look_around(self) -> None:
        """See whether the way out is another and whether the loop still lives; called every few seconds."""
        way, before = self._way_out(), self._way
        self._way = way
        if way and way != before and self._facts.error is not None and self._goes_by_itself():
            self._start_in(secrets.randbelow(BACK_ONLINE_MS))
        now = self._monotonic()
        if now - self._said >= SAY_AGAIN_S:
            self._said = now
            self._read()
        if not (self._goes_by_itself() and self._facts.waiting):
            self._tried = now
        elif now - self._tried > DEAD_S:
            self._begin_anew(now)

    # --- inside ---------------------------------------------------------------------------------

    def _goes_by_itself(self) -> bool:
        facts = self._facts
        needs_somebody = facts.error is not None and facts.next_try_at is None
        return not self._stopped and facts.paused_at is None and facts.signed_in and not needs_somebody

    def _begin_anew(self, now: float) -> None:
        """Nothing was tried for longer than any wait may last, although something waits."""
        _log.error("nothing was tried for %d s while %d wait; beginning anew", DEAD_S, self._facts.waiting)
        self._tried = now
        self.stop_cycle()
        self.sync_now()

    def _on_changed(self, change: Change) -> None:
        if "outbox" in change.kinds and not self._announcing:
            self._read(then_soon=self._task is None)

    def _read(self, *, then_soon: bool = False) -> None:
        desk = self._session.desk
        self._session.tasks.read(
            lambda: read_facts(desk), lambda facts: self._on_facts(facts, then_soon=then_soon)
        )

    def _on_facts(self, read: LineFacts, *, then_soon: bool) -> None:
        shown = self._facts
        self._set(
            replace(
                read, running=shown.running, going=shown.going, sent_bytes=shown.sent_bytes,
                total_bytes=shown.total_bytes, left_s=shown.left_s,
            )
        )  # fmt: skip
        if self._task is not None or self._stopped or read.paused_at is not None or not read.signed_in:
            return
        if then_soon:
            self._start_in(SOON_MS)
        elif not self._goes_by_itself():
            return
        elif read.next_try_at is not None:
            wait = (read.next_try_at - self._session.desk.clock()).total_seconds()
            self._start_in(int(min(max(wait, 1.0), CAP_S) * 1000))
        else:
            self._start_in(EVERY_MS)

    def _start_in(self, ms: int) -> None:
        """Come back in so long, unless something sooner is set already."""
        if not self._timer.isActive() or self._timer.remainingTime() > ms:
            self._timer.start(ms)

    def _on_progress(self, progress: Progress) -> None:
        going = (progress.done, progress.total) if progress.phase == "sending" else None
        self._set(
            replace(
                self._facts, running=True, going=going, sent_bytes=progress.sent_bytes,
                total_bytes=progress.total_bytes, left_s=progress.seconds_left,
            )
        )  # fmt: skip

    def _on_outcome(self, outcome: SyncOutcome) -> None:
        self.finished.emit(outcome)

    def _on_ended(self) -> None:
        self._task = None
        if self._stopped:
            return
        self._set(replace(self._facts, running=False, going=None, sent_bytes=0, total_bytes=0, left_s=None))
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


def _cycle(
    desk: Desk,
    transport: Callable[[Desk], HttpTransport],
    progress: Callable[[Progress], None],
    cancelled: Callable[[], bool],
) -> SyncOutcome:
    try:
        line = transport(desk)
    except LinkError as error:  # a certificate file that is gone, an address that cannot be right
        later = desk.clock() + timedelta(seconds=CAP_S)
        link.failed(desk, error.code, next_try_at=later, is_down=True)
        return SyncOutcome(problem=error, next_try_at=later)
    try:
        return cycle.run(desk, line, progress=progress, cancelled=cancelled, entropy=random.random)
    finally:
        line.close()


def _asked(
    desk: Desk, transport: Callable[[Desk], HttpTransport], ask: Callable[[HttpTransport], Any]
) -> Any:
    line = transport(desk)
    try:
        return ask(line)
    finally:
        line.close()


def _sign_in(desk: Desk, transport: Callable[[Desk], HttpTransport], password: str, figures: str) -> None:
    line = transport(desk)
    try:
        signin.sign_in(desk, line, password=password, totp=figures)
    finally:
        line.close()
