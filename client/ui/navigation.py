"""What a page is to the window, and the column of pages at the left."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar, Final

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from client.ui.session import Change, Session
from client.ui.theme import BAR_PX, restyle
from client.ui.widgets.icons import icon

WIDTH_PX: Final = 148
NARROW_PX: Final = 52
MOST_SHOWN: Final = 999


class Page(QWidget):
    """One page of the window. Handed a session; never opens the store, the line or another page.

    Class attributes:
        name: as `Session.navigate` calls it.
        title: the word in the navigation and over the page.
        icon: name of a qtawesome icon.
        under: name of the page whose row in the navigation it shares; empty when it has its own.
        kinds: changes on which `reload` is called; at once when shown, else when next shown.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    icon: ClassVar[str]
    under: ClassVar[str] = ""
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

    def kept(self) -> Any:
        """What a person has at hand here and the desk does not keep; None for nothing."""
        return None

    def go_on_with(self, kept: Any) -> None:
        """Go on with what the page had at hand that this one takes the place of."""

    def bottom_px(self) -> int:
        """Height at the lower edge that messages must not cover: the action bar."""
        return BAR_PX

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


class Navigation(QFrame):
    """The column of pages, each with a count of things to do. Can shrink to its icons.

    Signals:
        chosen(str): the name of the page that was clicked.
        folded(bool): it shrank to icons, or came back.
    """

    chosen = Signal(str)
    folded = Signal(bool)

    def __init__(self, pages: Iterable[type[Page]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "navigation")
        self._rows: dict[str, NavigationRow] = {}
        self._narrow = False
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 0, 8)
        column.setSpacing(2)
        for place, page in enumerate(pages, start=1):
            row = NavigationRow(page, place)
            row.clicked.connect(lambda _checked=False, name=page.name: self.chosen.emit(name))
            self._rows[page.name] = row
            column.addWidget(row)
        column.addStretch(1)
        self._fold = QPushButton()
        self._fold.setProperty("kind", "navigation")
        self._fold.clicked.connect(lambda: self.set_narrow(not self._narrow))
        column.addWidget(self._fold)
        self.set_narrow(False)

    def select(self, name: str) -> None:
        """Mark the page that is shown."""
        for row_name, row in self._rows.items():
            row.setChecked(row_name == name)

    def set_count(self, name: str, count: int, tone: str = "plain") -> None:
        """Show how many things wait on a page; none for 0."""
        self._rows[name].set_count(count, tone)

    def row(self, name: str) -> NavigationRow:
        """The row of one page."""
        return self._rows[name]

    def set_narrow(self, narrow: bool) -> None:
        """Show icons only, or icons and words."""
        self._narrow = narrow
        self.setFixedWidth(NARROW_PX if narrow else WIDTH_PX)
        for row in self._rows.values():
            row.set_narrow(narrow)
        word = "展开导航" if narrow else "收起"
        self._fold.setIcon(
            icon("caret-double-right" if narrow else "caret-double-left", self.palette(), "plain")
        )
        self._fold.setText("" if narrow else word)
        self._fold.setToolTip(word)
        self._fold.setAccessibleName(word)
        self.folded.emit(narrow)


class NavigationRow(QPushButton):
    """Icon, word and count of one page."""

    def __init__(self, page: type[Page], place: int) -> None:
        super().__init__()
        self._title, self._place, self._count = page.title, place, 0
        self.setProperty("kind", "navigation")
        self.setCheckable(True)
        self.setIcon(icon(page.icon, self.palette()))
        self.setIconSize(QSize(20, 20))
        self._badge = QLabel()
        self._badge.setProperty("role", "badge")
        self._badge.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._badge.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._badge.hide()
        over = QHBoxLayout(self)
        over.setContentsMargins(0, 0, 8, 0)
        over.addStretch(1)
        over.addWidget(self._badge, 0, Qt.AlignmentFlag.AlignVCenter)
        self.set_narrow(False)

    def nextCheckState(self) -> None:
        """A click asks for the page; only the window marks what is shown."""

    def set_count(self, count: int, tone: str) -> None:
        """Show the count in a tone."""
        self._count = count
        self._badge.setText(f"{count:,}" if count <= MOST_SHOWN else f"{MOST_SHOWN}+")
        restyle(self._badge, "tone", tone)
        self._say()

    def count(self) -> int:
        """What waits there."""
        return self._count

    def set_narrow(self, narrow: bool) -> None:
        """Leave the word out, or show it."""
        self._narrow = narrow
        self.setText("" if narrow else self._title)
        self._say()

    def _say(self) -> None:
        self._badge.setVisible(self._count > 0 and not self._narrow)
        waiting = f"，{self._count:,} 件待办" if self._count else ""
        self.setAccessibleName(f"{self._title}{waiting}")
        self.setToolTip(f"{self._title}{waiting}（Ctrl+{self._place}）")
