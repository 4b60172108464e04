"""What the applicant said: persons, papers, statement; for a repair its class and its days."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from client import paths
from client.ui.cases import words
from client.ui.cases.reading import CaseView
from client.ui.session import Session
from client.ui.sync.spans import clock_text
from client.ui.words import CLAIMS
from forms.law.codes import Words, load_words
from forms.law.words import SEVERITIES, derivation


@lru_cache(maxsize=1)
def legal_words() -> Words:
    """Reasons, materials and outcomes, as the resources have them."""
    return load_words(paths.resources() / "legal")


def application_rows(session: Session, view: CaseView) -> QFormLayout:
    """Return the application, a row a fact."""
    case = view.case
    rows = QFormLayout()
    rows.setHorizontalSpacing(12)
    rows.setVerticalSpacing(2)
    rows.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
    reasons = dict.fromkeys(CLAIMS.get(r.reason_code, r.reason_code) for r in case.records if r.reason_code)
    said = [(words.APPLICANT, case.applicant.get("name", "")), *_papers_of(session, case.applicant)]
    if case.agent:
        said += [(words.AGENT, case.agent.get("name", "")), *_papers_of(session, case.agent)]
    said += [
        (words.OPENED, clock_text(case.row.opened_at)),
        (words.REASON, "、".join(reasons)),
        (words.STATEMENT, case.statement),
        (words.MATERIALS, "\n".join(map(_material, case.materials))),
    ]
    for title, text in said:
        if text:
            rows.addRow(label(title, "secondary"), label(text))
    return rows


def _papers_of(session: Session, person: Mapping[str, str]) -> list[tuple[str, str]]:
    codes = session.desk.catalogs.current.code_sets.get(words.CERTIFICATES)
    code = codes.by_code.get(person.get("id_kind", "")) if codes is not None else None
    kind = code.name if code is not None else words.CERTIFICATE
    return [
        (kind, words.masked(person.get("id_number", ""))),
        (words.PHONE, words.masked(person.get("phone", ""))),
    ]


def _material(one: Mapping[str, object]) -> str:
    known = legal_words().materials.get(str(one.get("kind")))
    title, name = (known.title if known else ""), str(one.get("name") or "")
    return "：".join(part for part in dict.fromkeys((title, name)) if part)


class RepairBox(QWidget):
    """A request for repair: when it may be granted, and whether it is.

    Signals:
        edited(): a person chose.
    """

    edited = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._rows = QFormLayout()
        self._rows.setHorizontalSpacing(12)
        self._rows.setVerticalSpacing(2)
        self._early = label(words.GRANT_EARLY, "secondary")
        self._early.setProperty("tone", "warn")
        self._may = False
        self.grant = QRadioButton(words.GRANT)
        self.refuse = QRadioButton(words.REFUSE_REPAIR)
        self._group = QButtonGroup(self)
        choice = QHBoxLayout()
        choice.setSpacing(16)
        for button in (self.grant, self.refuse):
            self._group.addButton(button)
            choice.addWidget(button)
        choice.addStretch(1)
        self._group.buttonClicked.connect(self._on_choice)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addLayout(self._rows)
        column.addWidget(label(words.OUTCOME, "heading"))
        column.addLayout(choice)
        column.addWidget(self._early)

    def show_repair(self, view: CaseView, outcome: str) -> None:
        """Show what was asked for, and what was chosen so far; signals nothing."""
        while self._rows.rowCount():
            self._rows.removeRow(0)
        for title, text, tip in _repair_facts(view):
            shown = label(text)
            shown.setToolTip(tip)
            self._rows.addRow(label(title, "secondary"), shown)
        window = view.clocks.window
        self._may = window is None or window.allows(view.today)
        self._group.setExclusive(False)
        self.grant.setChecked(outcome == "granted")
        self.refuse.setChecked(outcome == "refused")
        self._group.setExclusive(True)
        self._follow()

    def outcome(self) -> str:
        """What was chosen: granted, refused, or nothing yet."""
        return "granted" if self.grant.isChecked() else "refused" if self.refuse.isChecked() else ""

    def set_read_only(self, on: bool) -> None:
        """Show only, or let choose."""
        self.grant.setEnabled(not on)
        self.refuse.setEnabled(not on)

    def _on_choice(self) -> None:
        self._follow()
        self.edited.emit()

    def _follow(self) -> None:
        self._early.setVisible(self.grant.isChecked() and not self._may)


def _repair_facts(view: CaseView) -> list[tuple[str, str, str]]:
    """Title, text and tip of what a repair rests on; the derivation stands under the day itself."""
    said = view.case.repair or {}
    window = view.clocks.window
    facts = [
        (words.SEVERITY, SEVERITIES.get(str(said.get("severity")), words.UNKNOWN), ""),
        (words.PUBLISHED, str(said.get("published_on") or words.UNKNOWN), ""),
        (words.FULFILLED, str(said.get("fulfilled_on") or words.UNKNOWN), ""),
        (words.COMMITTED, words.YES if said.get("committed") else words.NO, ""),
    ]
    if window is not None:
        text = str(window.from_on) if window.from_on else words.NOT_YET
        steps = "\n".join(derivation(window.steps))
        text = words.PUBLICATION_ENDED if window.ended else text
        facts.append((words.EARLIEST, f"{text}\n{steps}", steps))
    return facts


def label(text: str, role: str = "") -> QLabel:
    """Return a wrapped text that can be marked and copied."""
    made = QLabel(text)
    made.setWordWrap(True)
    made.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    if role:
        made.setProperty("role", role)
    return made
