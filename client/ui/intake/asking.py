"""Asking the platform from the page 导入: in the lane of the network, stopped like all that is long."""

from __future__ import annotations

from functools import partial
from typing import Final

from PySide6.QtCore import QObject

from client.core.comparisons import LOOKS_AT_PERSONS, Asked, Shown
from client.errors import ClientError
from client.intake.elsewhere import There
from client.ui.intake import platform_verbs, verbs, words
from client.ui.intake.found_pane import FoundPane
from client.ui.intake.running import Running
from client.ui.intake.steps import begin_at
from client.ui.messages import sentence_of
from client.ui.session import Session
from client.ui.widgets import buttons
from client.ui.widgets.banner import Banner

NEEDS_SIGN_IN: Final = frozenset({"sign_in_needed", "token_expired"})


class Asking(QObject):
    """What the tab 比对 wants of the platform."""

    def __init__(self, session: Session, found: FoundPane, banner: Banner, running: Running) -> None:
        super().__init__(found)
        self._session, self._found, self._banner, self._running = session, found, banner, running
        found.meetings.platform.may_ask_about_persons = bool(session.operator.roles & LOOKS_AT_PERSONS)
        found.meetings.platform.ask_wanted.connect(self.ask)
        found.meetings.look_wanted.connect(self.look)
        buttons.on_keys(words.ASK_KEYS, found, self.ask)

    def ask(self) -> None:
        """Ask who else has reported the acts in the file, or go on where asking stopped."""
        checked, line = self._found.checked, self._session.line
        if (
            checked is None
            or line is None
            or self._running.is_busy()
            or not self._found.meetings.platform.ask.isEnabled()
            or self._found.meetings.platform.lacks_reason()
        ):
            return
        desk, asked = self._session.desk, self._found.meetings.asked
        reason = self._found.meetings.platform.reason.text().strip()
        task = self._session.tasks.net(
            lambda progress, cancelled: platform_verbs.ask_platform(
                desk, line.open_line, checked, asked, reason, progress, cancelled
            ),
            partial(self._answered, checked),
            progress=lambda row, of: self._running.say_row(words.ASKING, row, of),
            ended=self._ended,
        )
        self._running.begin(task, words.ASKING_BEGINS)

    def _answered(self, checked: verbs.Checked, answer: tuple[Asked, list[There]]) -> None:
        if self._found.checked is not checked:
            return  # another file, or cleaned otherwise, meanwhile
        asked, there = answer
        self._found.show_there(there, asked)
        if asked.problem is not None and asked.problem.code in NEEDS_SIGN_IN:
            self._ask_sign_in(asked.problem)

    def _ended(self) -> None:
        """Give the keyboard back to where it was: a button that is shut meanwhile lets go of it."""
        self._running.end()
        pane = self._found.meetings
        begin_at(self._found, pane.groups if pane.there else self._found.tabs.tabBar())

    def look(self, there: There) -> None:
        """Show what the first of the others has reported, as far as the platform shows it."""
        line = self._session.line
        if line is None or there.told is None or self._running.is_busy():
            return
        desk, reason = self._session.desk, self._found.meetings.platform.reason.text().strip()
        task = self._session.tasks.net(
            lambda _progress, _cancelled: platform_verbs.look_at(desk, line.open_line, there, reason),
            partial(self._looked, there),
            self._not_looked,
            ended=self._running.end,
        )
        self._running.begin(task, words.LOOKING_THERE)

    def _looked(self, there: There, shown: Shown | None) -> None:
        checked, pane = self._found.checked, self._found.meetings
        if checked is not None and pane.is_shown(there):
            pane.show_differences(*platform_verbs.differences_in_words(there, shown, checked.outcome.item))

    def _not_looked(self, error: ClientError) -> None:
        if error.code in NEEDS_SIGN_IN:
            self._ask_sign_in(error)
        else:
            self._banner.say(sentence_of(error), "warn", code=error.code)

    def _ask_sign_in(self, error: ClientError) -> None:
        self._banner.say(sentence_of(error), "warn", (words.SIGN_IN, self._session.ask_sign_in), error.code)
