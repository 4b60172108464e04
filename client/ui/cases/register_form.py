"""登记办件: an objection or a request for repair that is taken in at this desk, also without a line."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QComboBox,
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from client.core.case_openings import Material, Opening, Repair, Snapshot
from client.core.records import RecordRow
from client.errors import ClientError
from client.store import evidence_files
from client.ui import messages
from client.ui.cases import register_verbs as verbs
from client.ui.cases import register_words as words
from client.ui.cases.application import label, legal_words
from client.ui.cases.day_box import WIDEST_PX, DayBox
from client.ui.cases.person_box import PersonBox
from client.ui.cases.queue_words import KINDS
from client.ui.cases.record_claims import RecordClaims
from client.ui.evidence import DeskFiles, attachment_of
from client.ui.row_model import Column, RowModel, current, fill
from client.ui.session import Session
from client.ui.tall_page import TallPage, scrolled
from client.ui.theme import ROW_PX
from client.ui.widgets import buttons
from client.ui.widgets.banner import Banner
from client.ui.widgets.tables import Table
from forms.law.words import SEVERITIES
from forms.qt.editor import Setting
from forms.qt.file_list import FileList

ROWS_SHOWN: Final = 5
STATEMENT_LINES: Final = 4


class RegisterForm(QFrame):
    """What was written stays until it was registered, or given up.

    Signals:
        registered(str): the id of the new case.
        given_up(): nothing was registered.
        case_asked(str): an open case of the same applicant is to be shown.
    """

    registered = Signal(str)
    given_up = Signal()
    case_asked = Signal(str)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "surface")
        self._session = session
        self.records: list[RecordClaims] = []
        self.kinds: dict[str, QRadioButton] = {}
        self._group = QButtonGroup(self)
        for kind, word in KINDS.items():
            self.kinds[kind] = QRadioButton(word)
            self._group.addButton(self.kinds[kind])
        self.kinds["objection"].setChecked(True)
        self._group.buttonClicked.connect(self._follow_kind)
        self.banner = Banner()
        self.text = QLineEdit()
        self.text.setPlaceholderText(words.FIND)
        self.text.setAccessibleName(words.FIND_NAME)
        self.text.returnPressed.connect(self.look)
        self.found = _found_table()
        self.found.activated.connect(lambda _index: self.take())
        self._boxes = QVBoxLayout()
        self.applicant = PersonBox(session, words.APPLICANT)
        self.has_agent = QCheckBox(words.AGENT)
        self.agent = PersonBox(session, words.AGENT)
        self.has_agent.toggled.connect(self.agent.setVisible)
        self.agent.hide()
        self.materials: dict[str, QCheckBox] = {}
        self._materials = QVBoxLayout()
        self._materials.setSpacing(0)
        self.files = FileList(DeskFiles(session, self, evidence_files.add), words.EVIDENCE)
        self.files.set_editable(True)
        self.statement = QPlainTextEdit()
        self.statement.setAccessibleName(words.STATEMENT)
        self.statement.setPlaceholderText(words.STATEMENT_HINT)
        self.statement.setTabChangesFocus(True)
        self.statement.setFixedHeight(self.statement.fontMetrics().lineSpacing() * STATEMENT_LINES + 16)
        self.repair = RepairRows(session)
        self.give_button = buttons.primary(words.GIVE, self.give, "Ctrl+Enter")
        self.give_up_button = buttons.plain(words.GIVE_UP, self.given_up.emit, "Esc")
        buttons.on_keys("Esc", self, self.given_up.emit)
        self._lay_out()
        self._follow_kind()

    def kind(self) -> str:
        """Objection or repair."""
        return next(kind for kind, button in self.kinds.items() if button.isChecked())

    def look(self) -> None:
        """Look for records of the own unit that the platform holds."""
        desk, text = self._session.desk, self.text.text().strip()
        self._session.tasks.read(lambda: verbs.find(desk, text), self._show_found)

    def take(self) -> None:
        """Put the record that was found into the application."""
        row: RecordRow | None = current(self.found)
        if row is None or any(one.row.record_id == row.record_id for one in self.records):
            return
        desk = self._session.desk
        self._session.tasks.read(
            lambda: verbs.held(desk, row.record_id), lambda held: self._add(row, held), self._refuse
        )

    def give(self, *, twice: bool = False) -> None:
        """Register what was written, when nothing is missing."""
        if not self.give_button.isEnabled():
            return
        lacks = self._lacks()
        if lacks is not None:
            self.banner.say(lacks[0], "warn")
            lacks[1].setFocus()
            return
        self.give_button.setEnabled(False)
        desk, opening = self._session.desk, self.opening()
        self._session.tasks.write(
            lambda: verbs.register(desk, opening, twice=twice),
            self.registered.emit,
            self._refuse,
            frozenset({"cases", "outbox"}),
            ended=lambda: self.give_button.setEnabled(True),
        )

    def opening(self) -> Opening:
        """What was written."""
        kind = self.kind()
        evidence = tuple(map(attachment_of, self.files.entries()))
        ticked = [(code, tick.text()) for code, tick in self.materials.items() if tick.isChecked()]
        return Opening(
            kind=kind,
            applicant=self.applicant.person(),
            statement=self.statement.toPlainText().strip(),
            records=[one.disputed(evidence) for one in self.records],
            taken_in_at=self._session.desk.now(),
            agent=self.agent.person() if self.has_agent.isChecked() else None,
            materials=[Material(code, title) for code, title in ticked],
            repair=self.repair.repair() if kind == "repair" else None,
        )

    # --- inside -----------------------------------------------------------------------------

    def _lacks(self) -> tuple[str, QWidget] | None:
        """What is missing, and where to write it."""
        objection = self.kind() == "objection"
        person, agent = self.applicant.person(), self.agent.person()
        if not self.records:
            return words.NO_RECORD, self.text
        for one in self.records if objection else ():
            if not one.reason.currentData():
                return words.NO_REASON, one.reason
            if not one.claims:
                return words.NO_CLAIM.format(name=one.name), one.field
        checks: tuple[tuple[bool, str, QWidget], ...] = (
            (not person.name, words.NO_NAME, self.applicant.name),
            (not person.id_number, words.NO_NUMBER, self.applicant.number),
            (
                self.has_agent.isChecked() and not (agent.name and agent.id_number),
                words.NO_AGENT,
                self.agent.name,
            ),
            (not self.statement.toPlainText().strip(), words.NO_STATEMENT, self.statement),
        )
        return next(((text, box) for lacks, text, box in checks if lacks), None)

    def _refuse(self, error: ClientError) -> bool:
        if error.code == "case_doubled":
            other = str(error.params.get("case_id", ""))
            self.banner.say(words.DOUBLED, "warn", (words.OPEN_OTHER, lambda: self.case_asked.emit(other)))
            self.anyway_button.show()
        else:
            self.banner.say(messages.sentence(error), "warn", code=error.code or "")
        return True

    def _show_found(self, rows: list[RecordRow]) -> None:
        fill(self.found, rows, otherwise_first=True)
        self.found.setVisible(bool(rows))
        if rows:
            self.banner.clear()
            self.found.setFocus()
        else:
            self.banner.say(words.FOUND_NONE, "info")

    def _add(self, row: RecordRow, held: Snapshot) -> None:
        item = self._session.desk.catalogs.item(held.catalog)
        box = RecordClaims(row, item, held, Setting(self._session.desk.today))
        box.set_kind(self.kind())
        box.removed.connect(lambda: self._remove(box))
        self.records.append(box)
        self._boxes.addWidget(box)
        self.banner.clear()
        (box.reason if self.kind() == "objection" else box.field).setFocus()

    def _remove(self, box: RecordClaims) -> None:
        self.records.remove(box)
        self._boxes.removeWidget(box)
        box.hide()
        box.deleteLater()

    def _follow_kind(self) -> None:
        kind = self.kind()
        for box in self.records:
            box.set_kind(kind)
        self.repair.setVisible(kind == "repair")
        for tick in self.materials.values():
            self._materials.removeWidget(tick)
            tick.deleteLater()
        self.materials = {}
        for word in legal_words().materials_for(kind):
            tick = self.materials[word.code] = QCheckBox(word.title)
            self._materials.addWidget(tick)

    def _lay_out(self) -> None:
        kinds = QHBoxLayout()
        kinds.setSpacing(16)
        for button in self.kinds.values():
            kinds.addWidget(button)
        kinds.addStretch(1)
        page = TallPage()
        column = QVBoxLayout(page)
        column.setContentsMargins(16, 12, 16, 12)
        column.setSpacing(8)
        column.addWidget(label(words.REGISTER, "title"))
        column.addWidget(label(words.INTRO, "secondary"))
        column.addLayout(kinds)
        for title, parts in (
            (words.RECORD, (self.text, self.found, self._boxes, self.repair)),
            (words.APPLICANT, (self.applicant, self.has_agent, self.agent)),
            (words.STATEMENT, (self.statement,)),
            (words.MATERIALS, (self._materials, self.files)),
        ):
            column.addWidget(label(title, "heading"))
            for part in parts:
                column.addWidget(part) if isinstance(part, QWidget) else column.addLayout(part)
        column.addStretch(1)
        self.anyway_button = buttons.plain(words.REGISTER_ANYWAY, lambda: self.give(twice=True))
        self.anyway_button.hide()
        foot = QHBoxLayout()
        foot.setContentsMargins(16, 0, 16, 12)
        foot.setSpacing(8)
        foot.addWidget(self.banner, 1)
        foot.addStretch(0)
        for one in (self.anyway_button, self.give_up_button, self.give_button):
            foot.addWidget(one, 0, Qt.AlignmentFlag.AlignBottom)
        self.found.hide()
        outer = QVBoxLayout(self)
        outer.setContentsMargins(1, 1, 1, 1)
        outer.addWidget(scrolled(page), 1)
        outer.addLayout(foot)


class RepairRows(QWidget):
    """What a repair rests on, and from when it may be granted."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.severity = QComboBox()
        for code, word in SEVERITIES.items():
            self.severity.addItem(word, code)
        self.published, self.fulfilled = DayBox(words.UNKNOWN_DAY), DayBox(words.UNKNOWN_DAY)
        self.committed = QCheckBox(words.COMMITTED)
        self.earliest = QLabel()
        self.earliest.setWordWrap(True)
        rows = QFormLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setHorizontalSpacing(12)
        for title, box in (
            (words.SEVERITY, self.severity),
            (words.PUBLISHED, self.published),
            (words.FULFILLED, self.fulfilled),
        ):
            box.setAccessibleName(title)
            box.setMaximumWidth(WIDEST_PX)
            rows.addRow(title, box)
        rows.addRow("", self.committed)
        rows.addRow("", self.earliest)
        self.severity.activated.connect(self._say)
        self.published.dateChanged.connect(self._say)
        self.fulfilled.dateChanged.connect(self._say)

    def repair(self) -> Repair:
        """What was written."""
        return Repair(
            str(self.severity.currentData()), self.published.day(), self.fulfilled.day(),
            committed=self.committed.isChecked(),
        )  # fmt: skip

    def _say(self, *_what: object) -> None:
        self.earliest.setText(verbs.earliest(self._session.desk, self.repair()))


def _found_table() -> Table:
    table = Table(words.FOUND)
    table.setModel(
        RowModel(
            (
                Column("主体", lambda r: r.subject_name or "—"),
                Column("文书号", lambda r: r.doc_no),
                Column("日期", lambda r: r.act_on),
            ),
            key=lambda r: r.record_id,
        )
    )
    table.lay_out((160, 180, 92), stretch=0)
    table.setSelectionMode(Table.SelectionMode.SingleSelection)
    table.setToolTip(words.TAKE)
    table.setFixedHeight(ROW_PX * (ROWS_SHOWN + 1) + 6)
    return table
