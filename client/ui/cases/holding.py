"""锁定: a case is held at the platform from the first thing that is written in it until it is left.

Without a line there is no lock; the work goes on, and the head says so.
"""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QObject, QTimer

from client.core.times import clock, to_text
from client.errors import ClientError
from client.sync import leases
from client.sync.leases import Lease
from client.ui.cases import words
from client.ui.cases.case_view import CaseSheet
from client.ui.session import Session

LOOK_MS: Final = 60_000
OFFLINE: Final = Lease(is_mine=False, name="", until=None, code="lease_offline")


class Holding(QObject):
    """Holds one case at a time."""

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._sheet: CaseSheet | None = None
        self._asked = False
        self.lease: Lease | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self._renew)

    def follow(self, sheet: CaseSheet | None) -> None:
        """Another case is shown, or none: the one before is let go."""
        self.let_go()
        self._sheet = sheet

    def take(self) -> None:
        """Somebody works on the case that is shown; asked once a case."""
        if self._sheet is not None and not self._asked:
            self._asked = True
            self._ask(self._sheet)

    def let_go(self) -> None:
        """Release what is held."""
        lease, sheet, line = self.lease, self._sheet, self._session.line
        self.lease, self._asked = None, False
        self._timer.stop()
        if lease is None or not lease.is_mine or sheet is None or line is None:
            return
        desk, case_id = self._session.desk, sheet.view.row.case_id
        line.with_line(lambda asked: leases.release(desk, asked, case_id), _nothing, _not_told)

    def _ask(self, sheet: CaseSheet) -> None:
        line = self._session.line
        if line is None or not line.facts().signed_in:
            self._show(sheet, OFFLINE)
            return
        desk, case_id = self._session.desk, sheet.view.row.case_id
        line.with_line(
            lambda asked: leases.take(desk, asked, case_id),
            lambda lease: self._show(sheet, lease),
            lambda _error: self._show(sheet, OFFLINE),
        )

    def _show(self, sheet: CaseSheet, lease: Lease) -> None:
        if sheet is not self._sheet:
            return
        self.lease = lease
        until = clock(to_text(lease.until))[:5] if lease.until is not None else ""
        if lease.is_mine:
            sheet.head.say_lease(words.HELD_BY_ME.format(until=until))
            self._timer.start()
        elif lease.code == "case_leased":
            sheet.head.say_lease(words.HELD_BY_OTHER.format(name=lease.name, until=until))
        else:
            sheet.head.say_lease(words.NOT_HELD)

    def _renew(self) -> None:
        if (
            self._sheet is not None
            and self.lease is not None
            and self.lease.is_due(self._session.desk.clock())
        ):
            self._ask(self._sheet)


def _nothing(_said: object) -> None:
    """It ends by itself when it was not let go."""


def _not_told(_error: ClientError) -> bool:
    return True
