"""The error report (错误报告) from the page 导入: what it cannot keep is said first, then where it goes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog

from client.ui.intake import verbs, words
from client.ui.intake.after import After
from client.ui.intake.found_pane import FoundPane
from client.ui.intake.running import Running
from client.ui.widgets.banner import Banner

if TYPE_CHECKING:
    from client.ui.intake.page import IntakePage


class Reports(QObject):
    """Writes the error report of the file at hand, or of the import that is shown."""

    def __init__(
        self, page: IntakePage, after: After, found: FoundPane, banner: Banner, running: Running
    ) -> None:
        super().__init__(page)
        self._page, self._session = page, page.session
        self._after, self._found, self._banner, self._running = after, found, banner, running

    def ask(self) -> None:
        """Say first what the error report cannot keep of the file, then ask where it goes."""
        shown, checked = self._after.shown, self._found.checked
        rows = shown.rows_read if shown else checked.outcome.rows if checked else 0
        if loss := verbs.lost(self._page.path(), rows):
            self._banner.say(loss, "warn", (words.REPORT_ANYWAY, self._ask_where))
        else:
            self._ask_where()

    def _ask_where(self) -> None:
        """Let a person say where the error report goes, and write it."""
        shown, source = self._after.shown, self._page.path()
        path = Path(shown.file_name) if shown else source or Path()
        last = Path(str(self._session.settings.value("intake/folder", "")))
        folder = source.parent if source else last
        ending = ".xlsm" if path.suffix.lower() == ".xlsm" else ".xlsx"
        proposal = folder / words.REPORT_NAME.format(stem=path.stem, ending=ending)
        kinds = f"Excel (*{ending})"
        chosen, _ = QFileDialog.getSaveFileName(self._page, words.REPORT_TITLE, str(proposal), kinds)
        if chosen:
            self._write(Path(chosen))

    def _write(self, out: Path) -> None:
        desk, shown, source = self._session.desk, self._after.shown, self._page.path()
        if shown is not None:
            work = lambda _p, c: verbs.report_of_import(desk, shown.import_id, out, source, c)  # noqa: E731 - one of two
        else:
            chosen = self._page.chosen()
            work = lambda p, c: verbs.report_of_check(desk, chosen, out, p, c)  # noqa: E731 - one of two
        task = self._session.tasks.work(
            work,
            lambda rows: self._say(out, rows),
            self._page.refuse,
            lambda row, of: self._running.say_row(words.CHECKING, row, of),
            ended=self._running.end,
        )
        self._running.begin(task)

    def _say(self, out: Path, rows: int) -> None:
        said = words.REPORT_DONE.format(name=out.name, rows=rows)
        self._banner.say(
            said, "good", (words.REPORT_OPEN, lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(str(out))))
        )
