"""A copy of the desk is put back: one that was chosen in 设置, or the newest from the lock screen.

Part of the composition of the window: the desk is locked while it happens.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from client.core.times import SHANGHAI
from client.errors import ClientError
from client.store import backup
from client.store import profile as profiles
from client.ui import messages
from client.ui import restored_words as words
from client.ui.session import Session
from client.ui.sign_in import UnlockPanel
from client.ui.tasks import Tasks
from client.ui.world import World


class Restoring:
    """Puts copies back in the profile of a window; `panel` gives the lock screen while it is shown."""

    def __init__(
        self, tasks: Tasks, profile: Path, world: World, panel: Callable[[], UnlockPanel | None]
    ) -> None:
        self._tasks, self._profile, self._world, self._panel = tasks, profile, world, panel

    def offer(self, error: ClientError) -> None:
        """Offer the newest copy on the lock screen, where the database is lost or damaged."""
        panel, copies = self._panel(), backup.list_backups(self._profile)
        if panel is None or error.code not in words.OFFERED or not copies:
            return
        panel.say(words.OFFERED[error.code], "bad")
        at = copies[0].made_at.astimezone(SHANGHAI)
        panel.offer_restore(words.OFFER.format(at=f"{at:%m-%d %H:%M}"))

    def put_newest_back(self, operator: str, passphrase: str) -> None:
        """Put the newest copy back that is sound."""
        put = partial(backup.restore_newest, self._profile)
        self._put(put, operator, passphrase)

    def put_back(self, name: str, operator: str, passphrase: str) -> None:
        """Put one copy back."""
        put = partial(backup.restore, self._profile, name)
        self._put(put, operator, passphrase)

    def _put(self, put: Callable[..., object], operator: str, passphrase: str) -> None:
        profile, world, panel = self._profile, self._world, self._panel()
        if panel is not None:
            panel.set_busy(True)
            panel.say(words.RESTORING)

        def restore() -> None:
            half = profiles.half_of(profile, operator, world.halves.fetch)
            put(operator_name=operator, passphrase=passphrase, possession=half, clock=world.clock)

        self._tasks.write(
            restore,
            lambda _nothing: self._say(words.RESTORED, "good", done=True),
            lambda error: self._say(words.NOT_RESTORED.format(why=messages.sentence(error)), "bad"),
        )

    def _say(self, text: str, tone: str, *, done: bool = False) -> None:
        panel = self._panel()
        if panel is not None:
            panel.set_busy(False)
            panel.say(text, tone)
            if done:
                panel.offer_restore("")


def say_found(session: Session) -> None:
    """Say once what came back from the second copy when the desk was opened."""
    copy = session.desk.second_copy
    if copy is not None and copy.found is not None:
        session.show_message(words.found_words(copy.found), "warn" if copy.found.damaged else "good")
