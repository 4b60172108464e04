"""The composition root of the window: builds what lives long, and passes it in.

`Window` is one profile's window: it enrols, unlocks, locks and closes. `run_window` is what
the command line calls. Nothing here decides about records; that is the pages' and the store's.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Final, cast

from PySide6.QtCore import (
    QCoreApplication,
    QEvent,
    QObject,
    QSettings,
    QTimer,
    Signal,
)
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QApplication, QWidget

from client import credentials, log, paths, settings, wiring
from client.errors import ClientError, ProfileError
from client.store import backup
from client.store import profile as profiles
from client.store.desk import Desk
from client.sync.lines import to_platform
from client.ui import messages, theme
from client.ui.application import make_app, on_signal
from client.ui.cases.page import CasesPage
from client.ui.catalog.page import CatalogPage
from client.ui.enrol import EnrolPanel
from client.ui.enrolment import Enrolment
from client.ui.frame import Frame
from client.ui.grid.page import GridPage
from client.ui.home.page import HomePage
from client.ui.intake.page import IntakePage
from client.ui.intake.watching import Watching
from client.ui.main_window import MainWindow
from client.ui.navigation import Page
from client.ui.records.page import RecordsPage
from client.ui.restoring import Restoring, say_found
from client.ui.review.page import ReviewPage
from client.ui.session import Halves, Session, Surroundings
from client.ui.settings.page import SettingsPage
from client.ui.sign_in import UnlockPanel
from client.ui.sync.facts import LineFacts
from client.ui.sync.loop import SyncLoop
from client.ui.sync.page import SyncPage
from client.ui.tasks import Tasks
from client.ui.world import World

__all__ = ["PAGES", "Window", "World", "make_app", "real_world", "run_window"]

PAGES: Final[tuple[type[Page], ...]] = (
    HomePage, RecordsPage, GridPage, IntakePage, ReviewPage, SyncPage, CasesPage, CatalogPage, SettingsPage,
)  # fmt: skip
"""In the order of the navigation; Ctrl+1 to Ctrl+8."""


def real_world(profile: Path | None = None) -> World:
    """Return the clock, the ids, the catalogs (a profile's own too) and the keyring of this PC."""
    halves = Halves(credentials.fetch_half, credentials.store_half, credentials.backend_name)
    return World(wiring.utc_now, wiring.new_id, wiring.load_catalogs(profile), halves)


class Window(QObject):
    """One profile's window.

    Attributes:
        main: the top-level window.
        frame: what is seen while the desk is open; None while it is locked.
        session: what its pages share; None while it is locked.

    Signals:
        opened(): a desk was unlocked and is shown.
        locked(): the lock screen is shown.
    """

    opened = Signal()
    locked = Signal()

    def __init__(self, app: QApplication, profile: Path, world: World) -> None:
        super().__init__()
        self._app, self._profile, self._world = app, profile, world
        self._likings = settings.Settings()
        self._complaint = ""
        self._way = wiring.WayOut(profile)
        profile.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            self._likings = settings.load(profile)
        except ClientError as error:
            self._complaint = messages.sentence(error)
        self._apply_theme()
        self._remembered = QSettings(str(profile / "window.ini"), QSettings.Format.IniFormat)
        self.tasks = Tasks(self)
        self._restoring = Restoring(self.tasks, profile, world, self._panel)
        self.main = MainWindow(self._remembered)
        self.main.may_close = self._may_close
        self.main.closing.connect(self._finish)
        self.frame: Frame | None = None
        self.session: Session | None = None
        self.card: UnlockPanel | EnrolPanel | None = None
        self._enrolment: Enrolment | None = None
        self._desk: Desk | None = None
        self._log = log.start(profile)
        self._finished = False
        self._redrawing = False
        self._leaving = False
        self._may_go = False

    # --- what a person, a demo or a test does ---------------------------------------------------

    def start(self) -> None:
        """Show the lock screen, or the enrolment where there is no profile yet."""
        try:
            choices = profiles.locked_profile(self._profile)
        except ProfileError as error:
            if error.code != "profile_missing":
                self._show_lock([], messages.sentence(error))
            else:
                self._enrol()
        else:
            self._show_lock([choice.name for choice in choices], self._complaint)
        self.main.show()

    def _enrol(self) -> None:
        world, profile = self._world, self._profile
        enrolment = Enrolment(
            self.tasks, profile, world.halves, world.clock, world.new_id,
            lambda: wiring.joining_key(profile), self._way.get, self._way.set,
        )  # fmt: skip
        enrolment.done.connect(self._enrolled)
        self.card = enrolment.panel
        self.main.show_whole(enrolment.panel)
        enrolment.panel.join.setFocus()
        self._enrolment = enrolment

    def _enrolled(self, name: str, passphrase: str) -> None:
        (self._profile / wiring.JOINING).unlink(missing_ok=True)
        self.unlock(name, passphrase)

    def unlock(self, name: str, passphrase: str) -> None:
        """Open the desk for one operator; `opened` follows, or the lock screen says why not."""
        panel = self.card
        if isinstance(panel, UnlockPanel):
            panel.set_busy(True)
        self.tasks.read(lambda: self._unlocked(name, passphrase), self._open, self._not_opened)

    def sign_in(self, password: str, figures: str) -> None:
        """Sign the operator in at the platform, as the strip does."""
        if self.frame is not None:
            self.frame.sign_in.show()
            self.frame.sign_in.asked.emit(password, figures)

    def lock(self) -> None:
        """Take everything personal off the screen, save what is not saved, close the desk."""
        self._leave("锁定", self._lock_now)

    def go(self, page: str, **where: object) -> Page:
        """Show a page of the open desk."""
        if self.frame is None:
            raise RuntimeError("the desk is locked")
        return self.frame.go(page, **where)

    def is_settled(self) -> bool:
        """Say whether nothing is under way; the screen shows what is stored."""
        return self.tasks.is_idle() and not self._redrawing and not self._leaving

    def grab(self) -> QPixmap:
        """Return a picture of the whole window."""
        return self.main.grab()

    def close(self) -> None:
        """Close the window now; the writes are finished first. A second time is nothing.

        A person who closes it is told first when something could not be saved.
        """
        self._may_go = True
        if not self._finished:
            self.main.close()

    # --- unlocking and locking ------------------------------------------------------------------

    def _unlocked(self, name: str, passphrase: str) -> Desk:
        half = profiles.half_of(self._profile, name, self._world.halves.fetch)
        return profiles.unlock(
            self._profile, name, passphrase, half,
            catalogs=self._world.catalogs, clock=self._world.clock, new_id=self._world.new_id,
        )  # fmt: skip

    def _not_opened(self, error: ClientError) -> None:
        panel = self.card
        if not isinstance(panel, UnlockPanel):
            return
        sentence = messages.sentence(error)
        if error.code == "passphrase_wrong":
            panel.refuse(sentence)
        else:
            panel.complain(sentence)
            self._restoring.offer(error)

    def _open(self, desk: Desk) -> None:
        self._desk = desk
        self._remembered.setValue("operator", desk.operator.name)
        self.session = Session(desk, self.tasks, self._remembered, self, around=self._surroundings())
        self.session.line = SyncLoop(self.session, lambda desk: to_platform(desk, self._way.get()))
        self.session.watching = Watching(self.session)
        self._show_frame("home")
        self.session.line.start()
        self.session.watching.start()
        self.session.line.facts_changed.connect(self._on_first_facts)
        self._make_daily_backup(desk)
        say_found(self.session)
        gc.freeze()  # what stays as long as the window is not gone through again and again
        self.opened.emit()

    def _on_first_facts(self, facts: LineFacts) -> None:
        """Offer the sign-in once, when a desk is opened without one."""
        if self.session is None or self.session.line is None or self.frame is None:
            return
        self.session.line.facts_changed.disconnect(self._on_first_facts)
        if not facts.signed_in:
            self.frame.sign_in.ask()

    def _make_daily_backup(self, desk: Desk) -> None:
        self.tasks.work(lambda _progress, _cancelled: backup.daily(desk))

    def _show_frame(self, page: str) -> Frame:
        assert self.session is not None
        assert self.session.line is not None
        self.card = None
        frame = self.frame = Frame(self.session, PAGES)
        frame.top.lock_asked.connect(self.lock)
        frame.top.switch_asked.connect(self.lock)
        self.main.show_whole(frame)
        frame.go(page)
        return frame

    def _leave(self, word: str, then: Callable[[], None]) -> None:
        """Save what is not saved; go when that is done, stay and say so when it could not be."""
        if self.frame is None or self._leaving:
            return
        self._leaving = True
        self.main.cover("正在保存…")
        before = self.tasks.failed_writes
        self.frame.flush()
        self.tasks.after_writes(lambda: self._after_saving(before, word, then))

    def _after_saving(self, before: int, word: str, then: Callable[[], None]) -> None:
        self._leaving = False
        if self.session is None or self.tasks.failed_writes == before:
            then()
            return
        self.main.uncover()
        failure = self.tasks.last_failure
        why = messages.sentence(failure) if failure is not None else messages.CRASH
        self.session.show_message(f"没有{word}：刚才的改动还没有存上。{why}", "bad", (f"仍然{word}", then))

    def _lock_now(self) -> None:
        self._let_go()
        self._show_lock([choice.name for choice in profiles.locked_profile(self._profile)])

    def _may_close(self) -> bool:
        if self.frame is None or self._may_go:
            return True
        self._leave("关闭", self.close)
        return False

    def _let_go(self) -> None:
        """Drop the session; its desk is closed in the store lane, after every write."""
        desk, session = self._desk, self.session
        self._desk = self.session = self.frame = None
        if session is not None:
            if session.line is not None:
                session.line.stop()
            if session.watching is not None:
                session.watching.stop()
            session.close()
            session.deleteLater()
        if desk is not None:
            self.tasks.retire(desk.close)

    def _show_lock(self, names: list[str], complaint: str = "") -> None:
        panel = UnlockPanel(names, str(self._remembered.value("operator", "")))
        panel.asked.connect(self.unlock)
        panel.restore_asked.connect(self._restoring.put_newest_back)
        if complaint:
            panel.complain(complaint)
        self.card = panel
        self.main.show_card(panel)
        self.locked.emit()

    # --- a copy put back ------------------------------------------------------------------------

    def _restore(self, name: str, passphrase: str) -> None:
        if self._desk is not None:
            operator_id = self._desk.operator.operator_id
            self._leave("恢复", lambda: self._put_back(name, operator_id, passphrase))

    def _put_back(self, name: str, operator_id: str, passphrase: str) -> None:
        """Lock, put the copy in place of the database, and say on the lock screen what came of it."""
        self._lock_now()
        self._restoring.put_back(name, operator_id, passphrase)

    def _panel(self) -> UnlockPanel | None:
        return self.card if isinstance(self.card, UnlockPanel) else None

    # --- looks ----------------------------------------------------------------------------------

    def _surroundings(self) -> Surroundings:
        return Surroundings(
            halves=self._world.halves,
            theme=lambda: self._likings.scheme,
            set_theme=self.set_theme,
            restore=self._restore,
            way=self._way.get,
            set_way=self._way.set,
        )

    def set_theme(self, scheme: str) -> None:
        """Choose light, dark, or what the desktop has; what is shown is drawn anew."""
        self._likings = replace(wiring.likings(self._profile), scheme=cast("settings.Scheme", scheme))
        try:
            settings.save(self._profile, self._likings)
        except ClientError as error:
            if self.session is not None:
                self.session.show_error(error)
        # Not from inside a signal of a page that is about to be destroyed.
        self._redrawing = True
        QTimer.singleShot(0, self, self._draw_anew)

    def _draw_anew(self) -> None:
        self._redrawing = False
        frame = self.frame
        if frame is None or self.session is None:
            self._apply_theme()
            return
        shown, kept = frame.current(), frame.kept()
        frame.flush()
        # The frame goes first: a style sheet is held against every widget that there is.
        self.frame = None
        self.main.show_whole(QWidget())
        QCoreApplication.sendPostedEvents(frame, QEvent.Type.DeferredDelete)
        self._apply_theme()
        self._show_frame(shown.name if shown is not None else "home").go_on_with(kept)

    def _apply_theme(self) -> None:
        theme.apply(self._app, self._likings.scheme, paths.resources() / "icons")

    # --- the end --------------------------------------------------------------------------------

    def _finish(self) -> None:
        if self._finished:
            return
        self._finished = True
        if self.frame is not None:
            self.frame.flush()
        desk = self._desk
        self._let_go()
        self.tasks.close()
        if desk is not None:
            desk.close()
        log.stop(self._log)
        self.main.deleteLater()


def run_window(profile: Path) -> int:
    """Open the window of a profile, and return when it is closed."""
    app = make_app()
    window = Window(app, profile, real_world(profile))

    def crashed(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        del kind
        window.tasks.crash(error, trace)

    sys.excepthook = crashed
    on_signal(app, window.close)
    window.start()
    return app.exec()
