"""What a page is to the window, and the column of pages at the left."""

from __future__ import annotations

from typing import Any, ClassVar

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QWidget

from client.ui.session import Change, Session


class Page(QWidget):
    """One page of the window. Handed a session; never opens the store, the line or another page.

    Class attributes:
        name: as `Session.navigate` calls it.
        title: the word in the navigation and over the page.
        icon: name of a qtawesome icon.
        kinds: changes on which `reload` is called; at once when shown, else when next shown.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    icon: ClassVar[str]
    kinds: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self._stale = True
        session.changed.connect(self._on_changed)

    def open(self, **where: Any) -> None:
        """Show what `where` names; called each time the page is chosen, also without any."""

    def reload(self) -> None:
        """Read again what the page shows, keeping selection and scroll."""

    def flush(self) -> None:
        """Queue what is not saved yet; called before the page is left, locked or closed."""

    def showEvent(self, event: QShowEvent) -> None:
        """Reload what went stale while hidden."""
        super().showEvent(event)
        if self._stale:
            self._stale = False
            self.reload()

    def _on_changed(self, change: Change) -> None:
        if not change.kinds & self.kinds:
            return
        if self.isVisible():
            self.reload()
        else:
            self._stale = True
