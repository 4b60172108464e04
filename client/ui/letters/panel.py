"""文书 of one case: what it asks for, the paragraphs that a person writes, the pages, issuing and voiding.

What is written is kept as a draft a moment after the last key; the pages are drawn anew from it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import Qt, QTimer, QUrl
from PySide6.QtGui import QCloseEvent, QDesktopServices
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from client.core.letters import Document
from client.errors import ClientError
from client.letters.casework import Letters
from client.letters.kinds import KINDS
from client.store import case_documents
from client.ui.letters import verbs, words
from client.ui.letters.pages_view import PagesView
from client.ui.letters.texts_form import TextsForm, documents_table
from client.ui.letters.verbs import Drawn
from client.ui.messages import sentence
from client.ui.row_model import RowModel, current, fill
from client.ui.session import Session
from client.ui.tasks import Task
from client.ui.theme import ROW_PX
from client.ui.widgets import buttons
from client.ui.widgets.banner import Banner

DRAW_MS: Final = 500
SIDE_PX: Final = 400
CASES: Final = frozenset({"cases"})
FOLDER: Final = "letters/folder"


class LettersPanel(QWidget):
    """See the module. A window of its own, beside the case."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self._session = session
        self._case_id, self._kind = "", ""
        self._letters: Letters | None = None
        self._draft: str | None = None
        self._unsaved, self._numbers, self._issuing = False, False, False
        self._task: Task | None = None
        self.setWindowTitle(words.TITLE)
        self.setProperty("role", "window")
        self.banner = Banner()
        self.kinds = QComboBox()
        self.kinds.setAccessibleName(words.NEW)
        self.kinds.activated.connect(lambda _place: self._choose_kind(str(self.kinds.currentData())))
        self.table = documents_table()
        self.table.selectionModel().currentRowChanged.connect(lambda *_: self._on_document())
        self.form = TextsForm()
        self.form.edited.connect(self._on_typed)
        self.pages = PagesView()
        self._void_row = self._make_void_row()
        self.issue_button = buttons.primary(words.ISSUE, self.issue, "Ctrl+Enter")
        self.print_button = buttons.plain(words.PRINT, self.print, "Ctrl+P")
        self.save_button = buttons.plain(words.SAVE_AS, self.ask_for_place, "Ctrl+S")
        self.void_button = buttons.danger(words.VOID, self._ask_void)
        self.drop_button = buttons.plain(words.DROP, self.drop)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(DRAW_MS)
        self._timer.timeout.connect(self._after_typing)
        self._lay_out()
        for keys, then in (("Ctrl+Return", self.issue), ("Ctrl+Enter", self.issue), ("Ctrl+P", self.print)):
            buttons.on_keys(keys, self, then)
        buttons.on_keys("Ctrl+S", self, self.ask_for_place)
        buttons.on_keys("Esc", self, self.close)

    # --- what is shown ------------------------------------------------------------------------

    def show_case(self, case_id: str) -> None:
        """Show the letters of a case; the first that it asks for is chosen."""
        self.flush()
        if case_id != self._case_id:
            self._case_id, self._kind, self._draft = case_id, "", None
        self.reload()

    def reload(self) -> None:
        """Read again which letters there are."""
        desk, case_id = self._session.desk, self._case_id
        self._session.tasks.read(lambda: verbs.read_letters(desk, case_id), self._show, self._failed)

    def document(self) -> Document | None:
        """The letter that is chosen in the table and was issued; None while a draft is written."""
        row: Document | None = current(self.table)
        return row if row is not None and row.state != "draft" else None

    def flush(self) -> None:
        """Keep what was written."""
        self._timer.stop()
        if not self._unsaved or not self._may_write():
            return
        self._unsaved = False
        desk, case_id, kind, texts, draft = (
            self._session.desk, self._case_id, self._kind, self.form.written(), self._draft,
        )  # fmt: skip
        self._session.tasks.write(
            lambda: verbs.save_text(desk, case_id, kind, texts, draft),
            partial(self._kept, kind),
            self._failed,
        )

    def closeEvent(self, event: QCloseEvent) -> None:
        """Keep what was written."""
        self.flush()
        super().closeEvent(event)

    def _show(self, letters: Letters) -> None:
        self._letters = letters
        chosen = self.kinds.currentData()
        self.kinds.clear()
        others = [code for code in KINDS if code not in letters.proposed]
        for code in (*letters.proposed, *others):
            title = KINDS[code].title
            self.kinds.addItem(
                words.PROPOSED.format(title=title) if code in letters.proposed else title, code
            )
        issued = [one for one in letters.documents if one.state != "draft"]
        fill(self.table, issued, otherwise_first=False)
        self.table.setVisible(bool(issued))
        self._issued_head.setVisible(bool(issued))
        self.table.setFixedHeight(ROW_PX * (min(len(issued), 5) + 1) + 6)
        first = self._kind or chosen or str(self.kinds.itemData(0))
        self.kinds.setCurrentIndex(max(self.kinds.findData(first), 0))
        if self.document() is None:
            self._choose_kind(str(self.kinds.currentData()))
        else:
            self._on_document()

    def _choose_kind(self, kind: str) -> None:
        if self._letters is None:
            return
        self.flush()
        self.table.clearSelection()
        self.table.setCurrentIndex(self.table.model().index(-1, -1))
        drafts = [one for one in self._letters.documents if one.state == "draft" and one.kind == kind]
        if kind != self._kind or not self.form.texts:
            self._draft = drafts[-1].document_id if drafts else None
            self._kind = kind
            proposed = self._letters.texts[kind]
            written = drafts[-1].texts if drafts else {}
            self.form.put({**proposed, **written}, read_only=not self._may_write())
        self.banner.clear()
        if not self._may_write():
            self.banner.say(words.NOT_HANDLER, "info")
        self._numbers = False
        self._set_buttons()
        self._draw()

    def _on_document(self) -> None:
        document = self.document()
        self._void_row.hide()
        self._set_buttons()
        if document is None:
            return
        self.flush()
        if document.state == "voided":
            self.banner.say(words.IS_VOIDED.format(reason=document.reason), "warn")
        else:
            self.banner.clear()
        self._draw()

    # --- writing, drawing -----------------------------------------------------------------------

    def _on_typed(self) -> None:
        self._unsaved = True
        self._timer.start()

    def _after_typing(self) -> None:
        self.flush()
        self._draw()

    def _kept(self, kind: str, document_id: str) -> None:
        if kind == self._kind:
            self._draft = document_id
            self._set_buttons()

    def _draw(self) -> None:
        if self._task is not None:
            self._task.cancel()
        if not self.pages.pages:
            self.pages.say(words.DRAWING)
        desk, document, width = self._session.desk, self.document(), self.pages.width_px()
        case_id, kind, texts, numbers = self._case_id, self._kind, self.form.written(), self._numbers

        def work(_progress: Any, cancelled: Callable[[], bool]) -> Drawn:
            if document is not None:
                return verbs.draw_issued(desk, document, width, cancelled)
            return verbs.draw_draft(desk, case_id, kind, texts, width, numbers, cancelled)

        self._task = self._session.tasks.work(work, self._show_pages, self._not_drawn)

    def _show_pages(self, drawn: Drawn) -> None:
        self.pages.show_sheets(drawn.sheets)
        if drawn.lost:
            self.banner.say(words.LOST_IN_PDF.format(what=words.lost_words(drawn.lost)), "warn")

    def _not_drawn(self, error: ClientError) -> None:
        self.pages.say(words.NO_PAGES)
        self._failed(error)

    def _failed(self, error: ClientError) -> None:
        action = (words.WITH_NUMBERS, self._use_numbers) if error.code == "signs_unprintable" else None
        self.banner.say(sentence(error), "bad", action, code=error.code)

    def _use_numbers(self) -> None:
        self._numbers = True
        self.banner.clear()
        self._draw()

    # --- what a person asks ---------------------------------------------------------------------

    def issue(self) -> None:
        """Give the letter its number, and keep it in the case."""
        if not self.issue_button.isEnabled() or self.issue_button.isHidden():
            return
        self._timer.stop()
        self._unsaved, self._issuing = False, True
        self._set_buttons()
        self.banner.say(words.ISSUING, "info")
        desk, case_id, kind = self._session.desk, self._case_id, self._kind
        texts, draft, numbers = self.form.written(), self._draft, self._numbers
        self._session.tasks.write(
            lambda: verbs.issue(desk, case_id, kind, texts, draft, numbers),
            self._issued, self._failed, CASES,
            ended=self._issue_ended,
        )  # fmt: skip

    def _issued(self, document: Document) -> None:
        self._draft, self._kind = None, ""
        self.form.put({})
        self.banner.say(words.ISSUED.format(number=document.number), "good")
        self._session.show_message(words.ISSUED.format(number=document.number), "good")
        desk, case_id = self._session.desk, self._case_id
        self._session.tasks.read(
            lambda: verbs.read_letters(desk, case_id), partial(self._show_issued, document.document_id)
        )

    def _show_issued(self, document_id: str, letters: Letters) -> None:
        self._show(letters)
        model = self.table.model()
        assert isinstance(model, RowModel)
        place = model.place_of(document_id)
        if place is not None:
            self.table.setCurrentIndex(model.index(place, 0))

    def _issue_ended(self) -> None:
        self._issuing = False
        self._set_buttons()

    def print(self) -> None:
        """Show the PDF in the system's viewer, which prints it."""
        desk, document = self._session.desk, self.document()
        case_id, kind, texts, numbers = self._case_id, self._kind, self.form.written(), self._numbers
        self._session.tasks.write(
            lambda: verbs.to_print(desk, document, case_id, kind, texts, numbers), self._opened, self._failed
        )

    def _opened(self, path: Path) -> None:
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(path))):
            self.banner.say(words.NO_VIEWER.format(path=path), "warn")

    def ask_for_place(self) -> None:
        """Let a person say where the letter goes, as PDF or Word file."""
        document = self.document()
        kind = document.kind if document is not None else self._kind
        name = f"{KINDS[kind].title} {document.number if document is not None else words.STATES['draft']}"
        folder = Path(str(self._session.settings.value(FOLDER, Path.home())))
        chosen, picked = QFileDialog.getSaveFileName(self, words.PICK, str(folder / name), words.FILTERS)
        if chosen:
            path = Path(chosen)
            if path.suffix.lower() not in {".pdf", ".docx"}:
                path = path.with_name(path.name + (".docx" if "docx" in picked else ".pdf"))
            self._session.settings.setValue(FOLDER, str(path.parent))
            self.save_to(path)

    def save_to(self, path: Path) -> None:
        """Write the letter into a file."""
        desk, document = self._session.desk, self.document()
        case_id, kind, texts, numbers = self._case_id, self._kind, self.form.written(), self._numbers
        self._session.tasks.write(
            lambda: verbs.save_as(desk, document, case_id, kind, texts, numbers, path),
            lambda _nothing: self.banner.say(words.SAVED_TO.format(name=path.name), "good"),
            self._failed,
        )

    def drop(self) -> None:
        """Throw the draft away; what the case proposes stands there again."""
        desk, draft = self._session.desk, self._draft
        self._timer.stop()
        self._unsaved = False
        if draft is None:
            return
        self._draft, self._kind = None, ""
        self.form.put({})
        self._session.tasks.write(
            lambda: case_documents.drop_draft(desk, draft), lambda _nothing: self.reload(), self._failed
        )

    def _ask_void(self) -> None:
        self._void_row.show()
        self.reason.setFocus()

    def void(self) -> None:
        """Void the chosen letter with the reason that was given."""
        desk, document, reason = self._session.desk, self.document(), self.reason.text()
        if document is None:
            return
        self._session.tasks.write(
            lambda: case_documents.void(desk, document.document_id, reason),
            lambda _nothing: self._voided(document), self._failed, CASES,
        )  # fmt: skip

    def _voided(self, document: Document) -> None:
        self.reason.clear()
        self._void_row.hide()
        self._session.show_message(words.VOIDED.format(number=document.number), "good")
        self.reload()

    # --- layout -----------------------------------------------------------------------------------

    def _may_write(self) -> bool:
        return "handler" in self._session.operator.roles

    def _set_buttons(self) -> None:
        document, may = self.document(), self._may_write()
        self.issue_button.setVisible(document is None and may)
        self.issue_button.setEnabled(not self._issuing)
        self.drop_button.setVisible(document is None and self._draft is not None and may)
        self.void_button.setVisible(document is not None and document.state == "issued" and may)
        self.form.setVisible(document is None)

    def _make_void_row(self) -> QFrame:
        frame = QFrame()
        row = QHBoxLayout(frame)
        row.setContentsMargins(0, 0, 0, 0)
        self.reason = QLineEdit()
        self.reason.setPlaceholderText(words.VOID_REASON)
        self.reason.setAccessibleName(words.VOID_REASON)
        self.reason.returnPressed.connect(self.void)
        row.addWidget(self.reason, 1)
        row.addWidget(buttons.danger(words.VOID_NOW, self.void))
        frame.hide()
        return frame

    def _lay_out(self) -> None:
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(16, 12, 8, 12)
        column.setSpacing(8)
        head = QHBoxLayout()
        head.addWidget(QLabel(words.NEW))
        head.addWidget(self.kinds, 1)
        column.addLayout(head)
        column.addWidget(self.form)
        column.addStretch(1)
        self._issued_head = QLabel(words.ISSUED_LIST)
        self._issued_head.setProperty("role", "heading")
        column.addWidget(self._issued_head)
        column.addWidget(self.table)
        column.addWidget(self._void_row)
        split = QSplitter(Qt.Orientation.Horizontal)
        split.addWidget(left)
        split.addWidget(self.pages)
        split.setSizes([SIDE_PX, 720])
        split.setStretchFactor(1, 1)
        split.setChildrenCollapsible(False)
        bar, row = buttons.bar()
        for button in (self.void_button, self.drop_button):
            row.addWidget(button)
        row.addStretch(1)
        for button in (self.save_button, self.print_button, self.issue_button):
            row.addWidget(button)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(self.banner)
        outer.addWidget(split, 1)
        outer.addWidget(bar)
        self.resize(1120, 700)
