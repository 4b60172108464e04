"""期限: how each clock of a case stands, and how its date was counted."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QLabel, QPushButton, QVBoxLayout, QWidget

from client.ui.cases.clocks import CaseClocks
from client.ui.theme import Tone, restyle
from client.ui.widgets import buttons
from forms.law import words as law
from forms.law.clocks import Actor, Due, next_due

TITLES: Final[dict[Actor, str]] = {"provider": "提供单位期限", "platform": "平台期限"}
NO_NEXT: Final = "现在没有在走的"
FOLLOWS: Final = "按《{title}》"
CONFIRMED: Final = "{by} 于 {on} 确认"
CLAUSE: Final = "依据：{clause}（{provenance}）"
_TONES: Final[dict[str, Tone]] = {"overdue": "bad", "late_met": "bad", "suspended": "warn"}


class ClockPanel(QWidget):
    """Two buttons, the supplying unit's clock and the platform's; each opens to its derivation.

    Signals:
        toggled(bool): the derivation was opened, or closed.
    """

    toggled = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._clocks: CaseClocks | None = None
        self.buttons: dict[Actor, QPushButton] = {}
        row = QVBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        for actor in TITLES:
            button = self.buttons[actor] = buttons.link("", partial(self._toggle, actor))
            button.setCheckable(True)
            row.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
        self.steps = QFrame()
        self.steps.setProperty("role", "banner")
        self._lines = QVBoxLayout(self.steps)
        self._lines.setContentsMargins(12, 8, 12, 8)
        self._lines.setSpacing(2)
        self.steps.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(row)
        column.addWidget(self.steps)

    def show_clocks(self, clocks: CaseClocks) -> None:
        """Show how they stand; what is open stays open."""
        self._clocks = clocks
        for actor, button in self.buttons.items():
            text, tone = _short(clocks.dues[actor])
            said = f"{TITLES[actor]}：{text}"
            button.setText(f"{said} ▾")
            button.setAccessibleName(f"{said}，怎么算的")
            restyle(button, "tone", tone if tone in {"bad", "warn"} else "")
            if button.isChecked():
                self._open(actor)

    def derivation(self) -> str:
        """What is told now; empty while it is closed."""
        if self.steps.isHidden():
            return ""
        labels = [self._lines.itemAt(n).widget() for n in range(self._lines.count())]
        return "\n".join(label.text() for label in labels if isinstance(label, QLabel))

    def _toggle(self, actor: Actor) -> None:
        for other, button in self.buttons.items():
            button.setChecked(other == actor and self.buttons[actor].isChecked())
        if self.buttons[actor].isChecked():
            self._open(actor)
        else:
            self.steps.hide()
        self.toggled.emit(self.buttons[actor].isChecked())

    def _open(self, actor: Actor) -> None:
        while (item := self._lines.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        assert self._clocks is not None
        followed = self._clocks.followed[actor]
        who = (
            CONFIRMED.format(by=followed.confirmed_by, on=followed.confirmed_on)
            if followed.confirmed
            else law.UNCONFIRMED
        )
        self._lines.addWidget(_label(f"{FOLLOWS.format(title=followed.rule_set.title)}，{who}", "secondary"))
        for due in self._clocks.dues[actor]:
            for text, role in _told(due):
                self._lines.addWidget(_label(text, role))
        self.steps.show()


def _told(due: Due) -> list[tuple[str, str]]:
    clock = due.clock
    lines = [(f"{clock.title}（{law.length_words(clock)}）：{law.due_words(due)}", "heading")]
    lines += [(f"　{text}", "") for text in law.derivation(due.steps)]
    clause = CLAUSE.format(clause=clock.clause or "—", provenance=law.PROVENANCE[clock.provenance])
    return [*lines, (f"　{clause}", "small")]


def _short(dues: Sequence[Due]) -> tuple[str, Tone]:
    running = [due for due in dues if due.state in ("running", "overdue", "suspended")]
    due = next_due(dues) or next(iter(running), None)
    if due is None:
        return NO_NEXT, "plain"
    return law.due_words(due), _TONES.get(due.state, "plain")


def _label(text: str, role: str = "") -> QLabel:
    label = QLabel(text)
    label.setWordWrap(True)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    if role:
        label.setProperty("role", role)
    return label
