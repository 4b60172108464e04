"""A reviewer proves who sits there: the passphrase again, once from unlocking to locking."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject

from client.errors import ClientError
from client.ui import messages
from client.ui.review import verbs
from client.ui.review.panels import PassphraseStrip
from client.ui.session import Session


class Sitting(QObject):
    """Lets an act through once the passphrase was right."""

    def __init__(self, session: Session, strip: PassphraseStrip) -> None:
        super().__init__(strip)
        self._session, self._strip = session, strip
        self._confirmed = False
        self._then: Callable[[], object] | None = None
        strip.given.connect(self._on_passphrase)

    def confirmed(self, then: Callable[[], object]) -> None:
        """Call `then` at once, or after the passphrase was right."""
        if self._confirmed:
            then()
        else:
            self._then = then
            self._strip.ask()

    def _on_passphrase(self, passphrase: str) -> None:
        self._strip.set_busy(True)
        desk, around = self._session.desk, self._session.around
        halves = around.halves if around is not None else None
        # A write: the audit chain tells of it, and nothing may be approved before it does.
        self._session.tasks.write(
            lambda: verbs.confirm_passphrase(desk, halves, passphrase),
            self._on_confirmed,
            self._not_confirmed,
        )

    def _on_confirmed(self, _nothing: None) -> None:
        self._confirmed = True
        self._strip.hide()
        then, self._then = self._then, None
        if then is not None:
            then()

    def _not_confirmed(self, error: ClientError) -> None:
        self._strip.refuse(messages.sentence(error))
