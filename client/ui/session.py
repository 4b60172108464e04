"""What the pages share: the open desk, the lanes, the message bar, the way to another page.

A page is handed one Session and nothing else. The session opens nothing itself; the window
gives it another desk when operators are switched.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal

from PySide6.QtCore import QObject, QSettings, Signal

from client.errors import ClientError
from client.ui import messages
from client.ui.tasks import Tasks

if TYPE_CHECKING:
    from client.store.desk import Desk, Operator

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


class Session(QObject):
    """The open desk and what goes on around it.

    Attributes:
        desk: the open desk; replaced when operators are switched. Take it anew for every act.
        tasks: the lanes.
        settings: what the window remembers (splitters, columns), a file in the profile.

    Signals:
        changed(Change): something of the desk changed; reload what shows it.
        message(Message): a line for the message bar.
        going(Place): show another page.
    """

    changed = Signal(object)
    message = Signal(object)
    going = Signal(object)

    def __init__(
        self, desk: Desk, tasks: Tasks, settings: QSettings | None = None, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.desk = desk
        self.tasks = tasks
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
        self.show_message(messages.sentence_of(error), kind, code=error.code)

    def navigate(self, page: str, **where: Any) -> None:
        """Show another page: home records intake review sync cases settings."""
        self.going.emit(Place(page, where))

    def announce(self, *kinds: str) -> None:
        """Tell every page that something changed without a write of ours (a sync, an import)."""
        self._announce(frozenset(kinds))

    def _announce(self, kinds: frozenset[str]) -> None:
        assert kinds <= KINDS, f"unknown kinds: {kinds - KINDS}"
        self.changed.emit(Change(kinds))

    def _show_crash(self, number: str) -> None:
        self.show_message(messages.CRASH, "bad", code=number)
