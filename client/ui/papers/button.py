"""The button 导出 of a page: print the record or the list, export the list.

A print is a PDF that the system's viewer shows, and prints: Qt's own printing of PDF needs a module that
is not part of the program, and its text layer loses Chinese. The copy goes when the desk is locked.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QUrl
from PySide6.QtGui import QAction, QDesktopServices
from PySide6.QtWidgets import QFileDialog, QMenu

from client.errors import ClientError
from client.ui.messages import sentence
from client.ui.navigation import Page
from client.ui.papers import verbs, words
from client.ui.papers.verbs import Make, Paper
from client.ui.session import Session
from client.ui.tasks import Task, Work
from client.ui.widgets.buttons import on_keys, with_menu

FOLDER = "papers/folder"


class Papers(QObject):
    """Prints and exports for one page; the page puts `button` into its head."""

    def __init__(self, session: Session, page: Page, what: Callable[[], Paper]) -> None:
        super().__init__(page)
        self._session = session
        self._page = page
        self._what = what
        self._task: Task | None = None
        menu = self._menu = QMenu(page)
        self.more_actions: list[QAction] = []
        self.print_record_action = QAction(f"{words.PRINT_RECORD}\t{words.PRINT_KEYS}", menu)
        self.print_list_action = QAction(menu)
        self.export_action = QAction(menu)
        for action, then in (
            (self.print_record_action, self.print_record),
            (self.print_list_action, self.print_list),
            (self.export_action, self.ask_for_place),
        ):
            action.triggered.connect(partial(_without_argument, then))
            menu.addAction(action)
        menu.aboutToShow.connect(self.offer)
        self.button = with_menu(words.BUTTON, menu, "export")
        self.button.setAccessibleName(words.BUTTON_NAME)
        self.button.setToolTip(words.BUTTON_NAME)
        on_keys(words.PRINT_KEYS, page, self.print_now)
        on_keys(words.EXPORT_KEYS, page, self.ask_for_place)
        self.offer()

    # --- what a person asks -----------------------------------------------------------------

    def offer(self) -> None:
        """Let the menu say what there is."""
        paper = self._what()
        self.print_record_action.setEnabled(paper.record_id is not None)
        keys = "" if paper.record_id is not None else f"\t{words.PRINT_KEYS}"
        self.print_list_action.setText(words.PRINT_LIST.format(title=paper.title) + keys)
        self.export_action.setText(f"{words.EXPORT.format(title=paper.title)}\t{words.EXPORT_KEYS}")
        for action in (self.print_list_action, self.export_action):
            action.setEnabled(paper.make is not None)
        for action in self.more_actions:
            self._menu.removeAction(action)
            action.deleteLater()
        self.more_actions = [QAction(words.EXPORT.format(title=title), self._menu) for title, _ in paper.more]
        for action, (title, make) in zip(self.more_actions, paper.more, strict=True):
            action.triggered.connect(partial(_without_argument, partial(self.ask_for_place, title, make)))
            self._menu.addAction(action)

    def print_now(self) -> None:
        """Print the record in view, else the list."""
        if self._what().record_id is not None:
            self.print_record()
        else:
            self.print_list()

    def print_record(self, *, numbers: bool = False) -> None:
        """Show the record in view as a PDF."""
        desk, record_id = self._session.desk, self._what().record_id
        if record_id is None:
            self._session.show_message(words.NOTHING, "info")
            return
        self._session.show_message(words.PRINTING)
        self._begin(
            lambda _progress, _cancelled: verbs.record_to_show(desk, record_id, numbers=numbers),
            self._show,
            partial(self.print_record, numbers=True),
        )

    def print_list(self, *, numbers: bool = False) -> None:
        """Show the list as a PDF."""
        desk, make = self._session.desk, self._what().make
        if make is None:
            self._session.show_message(words.NOTHING, "info")
            return
        self._begin(
            lambda progress, cancelled: verbs.list_to_show(
                desk, make, numbers=numbers, progress=progress, cancelled=cancelled
            ),
            self._show,
            partial(self.print_list, numbers=True),
            words.PRINTING_ROW,
        )

    def ask_for_place(self, title: str = "", make: Make | None = None) -> None:
        """Let a person say where a list goes, and as what; by default the list of the page."""
        paper = self._what()
        title, make = title or paper.title, make or paper.make
        if make is None:
            self._session.show_message(words.NOTHING, "info")
            return
        folder = Path(str(self._session.settings.value(FOLDER, Path.home())))
        proposal = folder / words.FILE_NAME.format(title=title, day=self._session.desk.today())
        chosen, kind = QFileDialog.getSaveFileName(self._page, words.PICK, str(proposal), words.FILTERS)
        if chosen:
            self._session.settings.setValue(FOLDER, str(Path(chosen).parent))
            self.export_to(with_ending(Path(chosen), kind), make)

    def export_to(self, path: Path, make: Make, *, numbers: bool = False) -> None:
        """Write a list into a file."""
        desk = self._session.desk
        self._begin(
            lambda progress, cancelled: verbs.put_out(
                desk, make, path, numbers=numbers, progress=progress, cancelled=cancelled
            ),
            partial(self._exported, path),
            partial(self.export_to, path, make, numbers=True),
            words.EXPORTING,
        )

    # --- inside -----------------------------------------------------------------------------

    def _begin(
        self, work: Work, done: Callable[..., object], again: Callable[[], object], going: str = ""
    ) -> None:
        if self._task is not None:
            self._session.show_message(words.BUSY, "info")
            return
        self._page.flush()  # what is being typed is part of it

        def start() -> None:
            self._task = self._session.tasks.work(
                work, done, partial(self._failed, again), partial(self._say, going), ended=self._ended
            )

        self._session.tasks.after_writes(start)

    def _say(self, going: str, row: int) -> None:
        if going and self._task is not None:
            self._session.show_message(going.format(row=row), "info", (words.STOP, self._task.cancel))

    def _failed(self, again: Callable[[], object], error: ClientError) -> bool:
        if error.code != "signs_unprintable":
            return False
        self._session.show_message(sentence(error), "warn", (words.WITH_NUMBERS, again), code=error.code)
        return True

    def _ended(self) -> None:
        self._task = None

    def _show(self, path: Path) -> None:
        if not _open(path):
            self._session.show_message(words.NO_VIEWER.format(path=path), "warn")

    def _exported(self, path: Path, rows: int) -> None:
        text = words.EXPORTED.format(rows=rows, name=path.name)
        self._session.show_message(text, "good", (words.OPEN, partial(self._open_exported, path)))

    def _open_exported(self, path: Path) -> None:
        if not _open(path):
            self._session.show_message(words.NO_PROGRAM.format(kind=path.suffix, path=path), "warn")


def with_ending(path: Path, kind: str) -> Path:
    """Return `path` with the ending of the kind that was chosen, unless it has one of its own."""
    if path.suffix.lower() in {".xlsx", ".csv", ".pdf"}:
        return path
    ending = next((one for one in (".csv", ".pdf") if one in kind), ".xlsx")
    return path.with_name(path.name + ending)


def _open(path: Path) -> bool:
    return QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))


def _without_argument(then: Callable[[], object], _checked: bool = False) -> None:  # noqa: FBT002  (Qt's bool)
    then()
