"""The inside of the window while a desk is open: top bar, strip for signing in, navigation, pages.

Pages are made when they are first shown. The frame moves between them; it knows nothing of
what they hold.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from string import Template
from typing import Any, Final

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QKeySequence, QPalette, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from client.ui import messages
from client.ui.home.todo import Todo, counts, read_todo
from client.ui.message_bar import MessageBar
from client.ui.navigation import Navigation, Page
from client.ui.session import Place, Session
from client.ui.sign_in import PlatformSignIn
from client.ui.sync.facts import LineFacts
from client.ui.sync.status import words
from client.ui.theme import tokens_for
from client.ui.top_bar import TopBar

COUNTING_MS: Final = 200
"""Several changes at once are counted once."""

SHEET: Final = """
QFrame[role="top"] { background: $surface; border: none; border-bottom: 1px solid $border; }
QFrame[role="navigation"] { background: $surface; border: none; border-right: 1px solid $border; }
QLabel[role="brand"] { color: $accent; font-size: 13pt; font-weight: 700; }
QPushButton[kind="top"] { background: transparent; border: 1px solid transparent; padding: 3px 26px 3px 8px; }
QPushButton[kind="top"]:hover { background: $weak; }
QPushButton[kind="top"]:focus { border: 2px solid $accent; padding: 2px 25px 2px 7px; }
QPushButton[kind="navigation"] { background: transparent; border: none; border-left: 3px solid transparent;
  border-radius: 0; padding: 0 8px 0 13px; text-align: left; min-height: 40px; }
QPushButton[kind="navigation"]:hover { background: $window; }
QPushButton[kind="navigation"]:checked { background: $weak; border-left: 3px solid $accent; color: $accent;
  font-weight: 700; }
QPushButton[kind="navigation"]:focus { border: 2px solid $accent; border-left: 3px solid $accent;
  padding: 0 6px 0 13px; }
QPushButton[kind="todo"] { background: transparent; border: 1px solid transparent; text-align: left;
  padding: 6px 8px; }
QPushButton[kind="todo"]:hover { background: $weak; }
QPushButton[kind="todo"]:focus { border: 2px solid $accent; padding: 5px 7px; }
QPushButton[kind="figure"] { background: transparent; border: 1px solid transparent; text-align: left;
  font-size: 20pt; font-weight: 700; padding: 0; }
QPushButton[kind="figure"]:hover { color: $accent; }
QPushButton[kind="figure"]:focus { border: 2px solid $accent; padding: 0; }
QScrollArea[kind="window"], QScrollArea[kind="window"] > QWidget > QWidget { background: $window; }
QLabel[role="badge"] { background: $divider; color: $text; border-radius: 9px; padding: 1px 6px;
  min-width: 8px; font-size: 9pt; font-weight: 700; }
QLabel[role="badge"][tone="bad"] { background: $bad_weak; color: $bad; }
QLabel[role="badge"][tone="warn"] { background: $warn_weak; color: $warn; }
QLabel[role="badge"][tone="info"] { background: $info_weak; color: $info; }
"""
"""What only the frame has; the rest of the look is the theme's."""


class Frame(QWidget):
    """Everything that is seen while a desk is open.

    Signals:
        shown(str): another page came in view.
    """

    shown = Signal(str)

    def __init__(self, session: Session, pages: Sequence[type[Page]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.setStyleSheet(frame_sheet(self.palette()))
        self._classes = {page.name: page for page in pages}
        self._pages: dict[str, Page] = {}
        self.top = TopBar(session)
        self.sign_in = PlatformSignIn(session.operator.name)
        self.sign_in.hide()
        self.navigation = Navigation([page for page in pages if not page.under])
        self._stack = QStackedWidget()
        self.messages = MessageBar(
            self._stack, lambda: page.bottom_px() if (page := self.current()) is not None else 0
        )
        self._counting = QTimer(self)
        self._counting.setSingleShot(True)
        self._counting.setInterval(COUNTING_MS)
        self._counting.timeout.connect(self._count)
        self._lay_out()
        self._set_keys(pages)
        self.navigation.chosen.connect(self.go)
        self.navigation.folded.connect(lambda narrow: session.settings.setValue("frame/narrow", int(narrow)))
        self.navigation.set_narrow(str(session.settings.value("frame/narrow", 0)) == "1")
        session.going.connect(self._on_going)
        session.message.connect(self.messages.say)
        session.changed.connect(self._count_soon)
        session.sign_in_asked.connect(self.ask_sign_in)
        self._count()
        self._follow_line()

    def _count_soon(self, _change: object) -> None:
        """Count anew once it is quiet; a bound method, so that it ends with this frame."""
        self._counting.start()

    def go(self, name: str, **where: Any) -> Page:
        """Show a page, after the one before has handed in what is not saved."""
        before = self.current()
        if before is not None and before.name != name:
            before.flush()
        page = self._page(name)
        self._stack.setCurrentWidget(page)
        self.messages.stay_on_top()
        self.navigation.select(page.under or name)
        page.open(**where)
        if before is not page:
            self.shown.emit(name)
        return page

    def current(self) -> Page | None:
        """The page in view."""
        shown = self._stack.currentWidget()
        return shown if isinstance(shown, Page) else None

    def flush(self) -> None:
        """Let every page hand in what is not saved."""
        for page in self._pages.values():
            page.flush()

    def kept(self) -> dict[str, Any]:
        """What pages have at hand, by their names."""
        return {name: kept for name, page in self._pages.items() if (kept := page.kept()) is not None}

    def go_on_with(self, kept: dict[str, Any]) -> None:
        """Go on with what the pages of another frame had at hand."""
        for name, at_hand in kept.items():
            self._page(name).go_on_with(at_hand)

    def page_names(self) -> tuple[str, ...]:
        """The pages, as the navigation has them."""
        return tuple(self._classes)

    # --- counts in the navigation -------------------------------------------------------------

    def _count(self) -> None:
        desk = self.session.desk
        self.session.tasks.read(lambda: read_todo(desk), self._show_counts)

    def _show_counts(self, todo: Todo) -> None:
        for page, (count, tone) in counts(todo).items():
            if page in self._classes:
                self.navigation.set_count(page, count, tone)

    # --- the line, and signing in at the platform ---------------------------------------------

    def ask_sign_in(self) -> None:
        """Open the strip for signing in."""
        self.sign_in.ask()
        self.sign_in.setFocus()

    def _follow_line(self) -> None:
        line, top = self.session.line, self.top
        top.sign_in_asked.connect(self.ask_sign_in)
        top.sync_page_asked.connect(lambda: self.go("sync"))
        top.stick_asked.connect(lambda: self.go("sync", stick=True))
        self.sign_in.put_off.connect(self.sign_in.hide)
        if line is None:
            return
        top.sync_asked.connect(line.sync_now)
        top.stop_asked.connect(line.stop_cycle)
        top.pause_asked.connect(line.pause)
        top.resume_asked.connect(line.resume)
        line.facts_changed.connect(self._show_line)
        self.sign_in.asked.connect(self._sign_in)
        line.signed_in.connect(self._on_signed_in)
        line.sign_in_failed.connect(lambda error: self.sign_in.refuse(messages.sentence(error)))
        self._show_line(line.facts())

    def _show_line(self, facts: LineFacts) -> None:
        self.top.show_line(
            words(facts), running=facts.running, can_sign_in=not facts.signed_in,
            paused=facts.paused_at is not None,
        )  # fmt: skip

    def _sign_in(self, password: str, figures: str) -> None:
        assert self.session.line is not None
        self.sign_in.set_busy(True)
        self.session.line.sign_in(password, figures)

    def _on_signed_in(self) -> None:
        self.sign_in.set_busy(False)
        self.sign_in.hide()
        self.session.show_message("已联网登录，正在同步。", "good")

    def _page(self, name: str) -> Page:
        if name not in self._pages:
            page = self._pages[name] = self._classes[name](self.session)
            self._stack.addWidget(page)
        return self._pages[name]

    def _on_going(self, place: Place) -> None:
        self.go(place.page, **place.where)

    def _lay_out(self) -> None:
        right = QVBoxLayout()
        right.setSpacing(0)
        right.addWidget(self.sign_in)
        right.addWidget(self._stack, 1)
        below = QHBoxLayout()
        below.setSpacing(0)
        below.addWidget(self.navigation)
        below.addLayout(right, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.top)
        column.addLayout(below, 1)

    def _set_keys(self, pages: Sequence[type[Page]]) -> None:
        for place, page in enumerate([one for one in pages if not one.under], start=1):
            key = QShortcut(QKeySequence(f"Ctrl+{place}"), self)
            key.activated.connect(lambda name=page.name: self.go(name))
        lock = QShortcut(QKeySequence("Ctrl+L"), self)
        lock.activated.connect(self.top.lock_asked)


def frame_sheet(palette: QPalette) -> str:
    """Return the frame's part of the style sheet, in the colours of `palette`."""
    tokens = tokens_for(palette)
    return Template(SHEET).substitute({one.name: getattr(tokens, one.name) for one in fields(tokens)})
