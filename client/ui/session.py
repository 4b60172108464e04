"""What the pages share: the open desk, the lanes, the message bar, the way to another page.

A page is handed one Session and nothing else. The session opens nothing itself; the window
gives it another desk when operators are switched.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal

from PySide6.QtCore import QByteArray, QObject, QSettings, Signal
from PySide6.QtWidgets import QSplitter

from client.errors import ClientError
from client.ui import messages
from client.ui.tasks import Tasks

if TYPE_CHECKING:
    from client.store.desk import Desk, Operator
    from client.sync.ways import Way
    from client.ui.intake.watching import Watching
    from client.ui.sync.loop import SyncLoop

MessageKind = Literal["good", "info", "warn", "bad"]
MessageAction = tuple[str, Callable[[], object]]
"""A button of a message: its word (a verb) and what it does."""

KINDS: Final = frozenset({"records", "review", "outbox", "cases", "imports", "operators"})
"""What a change can touch; pages reload by these."""


@dataclass(frozen=True, slots=True)
class Change:
    """What an act changed: a subset of `KINDS`."""

    kinds: frozenset[str]


@dataclass(frozen=True, slots=True)
class Message:
    """One line of the message bar. `code` stands in small print for support."""

    text: str
    kind: MessageKind = "info"
    action: MessageAction | None = None
    code: str | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """A page and what it is to show, e.g. ``Place("records", {"record_id": …, "field": …})``."""

    page: str
    where: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Halves:
    """Access to the halves of keys that lie in the system's keyring; each call may block.

    Attributes:
        fetch: the half of (profile id, operator id); None when there is none.
        store: makes and keeps a new half; None where the keyring is no safe place.
        backend: what the keyring is called; empty where there is none that is safe.
    """

    fetch: Callable[[str, str], bytes | None]
    store: Callable[[str, str], bytes | None]
    backend: Callable[[], str]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the composition root knows and a page may ask of it.

    Attributes:
        theme: system, light or dark, as chosen.
        set_theme: choose it; the window is drawn anew.
        restore: put a copy of the desk back, by its name and with the passphrase; the desk is locked.
        way: how the platform is reached, as it is set; asks the keyring, which may take a moment.
        set_way: keep another way; returns False when its password could only be kept until the window closes.
    """

    halves: Halves
    theme: Callable[[], str]
    set_theme: Callable[[str], None]
    restore: Callable[[str, str], None]
    way: Callable[[], Way]
    set_way: Callable[[Way], bool]


class Session(QObject):
    """The open desk and what goes on around it.

    Attributes:
        desk: the open desk; another one after operators were switched. Take it anew for every act.
        tasks: the lanes.
        settings: what the window remembers (splitters, columns), a file in the profile.
        around: what the composition root knows; None where a page stands alone, as in a test.
        line: the loop that keeps desk and platform in step; None as above.
        watching: the folder whose files come in by themselves; None as above.

    Signals:
        changed(Change): something of the desk changed; reload what shows it.
        message(Message): a line for the message bar.
        going(Place): show another page.
        sign_in_asked(): open the strip for signing in at the platform.
    """

    changed = Signal(object)
    message = Signal(object)
    going = Signal(object)
    sign_in_asked = Signal()

    def __init__(
        self,
        desk: Desk,
        tasks: Tasks,
        settings: QSettings | None = None,
        parent: QObject | None = None,
        *,
        around: Surroundings | None = None,
    ) -> None:
        super().__init__(parent)
        self.desk = desk
        self.tasks = tasks
        self.around = around
        self.line: SyncLoop | None = None
        self.watching: Watching | None = None
        self._closed = False
        self.settings = settings or QSettings(str(desk.profile / "window.ini"), QSettings.Format.IniFormat)
        tasks.changed.connect(self._announce)
        tasks.refused.connect(self.show_error)
        tasks.crashed.connect(self._show_crash)

    @property
    def operator(self) -> Operator:
        """Who sits at the desk now."""
        return self.desk.operator

    def show_message(
        self,
        text: str,
        kind: MessageKind = "info",
        action: MessageAction | None = None,
        code: str | None = None,
    ) -> None:
        """Say one line in the message bar; `action` is one button beside it, e.g. 撤销."""
        self.message.emit(Message(text, kind, action, code))

    def show_error(self, error: ClientError) -> None:
        """Say in the message bar what an error means and what to do."""
        kind: MessageKind = "warn" if messages.is_expected(error) else "bad"
        self.show_message(messages.sentence(error), kind, code=error.code)

    def navigate(self, page: str, **where: Any) -> None:
        """Show another page: home records intake review sync cases settings."""
        self.going.emit(Place(page, where))

    def ask_sign_in(self) -> None:
        """Open the strip for signing in at the platform."""
        self.sign_in_asked.emit()

    def remember(self, key: str, splitter: QSplitter) -> None:
        """Put a splitter back as it was left, and keep it from now on."""
        state = self.settings.value(key)
        if isinstance(state, QByteArray):
            splitter.restoreState(state)
        splitter.splitterMoved.connect(lambda *_: self.settings.setValue(key, splitter.saveState()))

    def close(self) -> None:
        """The desk is let go: nothing is announced or said through it any more."""
        self._closed = True
        self.tasks.changed.disconnect(self._announce)
        self.tasks.refused.disconnect(self.show_error)
        self.tasks.crashed.disconnect(self._show_crash)

    def announce(self, *kinds: str) -> None:
        """Tell every page that something changed without a write of ours (a sync, an import)."""
        self._announce(frozenset(kinds))

    def _announce(self, kinds: frozenset[str]) -> None:
        assert kinds <= KINDS, f"unknown kinds: {kinds - KINDS}"
        if not self._closed:
            self.changed.emit(Change(kinds))

    def _show_crash(self, number: str) -> None:
        self.show_message(messages.CRASH, "bad", code=number)
