"""Step 问题: three tabs over one check: what is wrong, what was put in order, what rows meet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLabel, QTabWidget, QVBoxLayout, QWidget

from client.core.comparisons import Asked
from client.core.imports import Choices, Cleanings
from client.intake.elsewhere import There
from client.ui.intake import cleaning_pane, compare_pane, verbs, words
from client.ui.intake.cleaning_pane import CleaningPane
from client.ui.intake.compare_pane import ComparePane
from client.ui.intake.problems_pane import ProblemsPane


@dataclass(frozen=True, slots=True)
class Kept:
    """A check, what was said of it, and the tab in view."""

    checked: verbs.Checked | None
    cleaning: cleaning_pane.Said
    meetings: compare_pane.Said
    tab: int


class FoundPane(QWidget):
    """What a check found, and what a person says of it.

    Signals:
        cleaning_changed(): another yes or no to what is cleaned.
        said(str): something is to be told to the person.
    """

    cleaning_changed = Signal()
    said = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.checked: verbs.Checked | None = None
        self.summary = QLabel()
        self.summary.setWordWrap(True)
        self.problems = ProblemsPane()
        self.cleaning = CleaningPane()
        self.meetings = ComparePane()
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self.tabs.setUsesScrollButtons(False)
        self.tabs.tabBar().setDrawBase(False)
        self.tabs.setAccessibleName(words.STEPS[2])
        for pane, word in zip((self.problems, self.cleaning, self.meetings), words.TABS, strict=True):
            self.tabs.addTab(pane, word.format(n=0))
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 8, 16, 8)
        column.setSpacing(4)
        column.addWidget(self.summary)
        column.addWidget(self.tabs, 1)
        self.cleaning.changed.connect(self.cleaning_changed)
        self.cleaning.said.connect(self.said)
        self.meetings.said.connect(self.said)

    def show_checked(self, checked: verbs.Checked) -> None:
        """Show what was found; the tab stays, unless there is nothing on it."""
        self.checked = checked
        outcome = checked.outcome
        said = words.CHECKED.format(
            rows=outcome.rows, ok=outcome.ok, doubled=outcome.duplicates, faulty=outcome.faulty
        )
        same = outcome.compared.meetings.kinds().get("same", 0) if outcome.compared else 0
        self.summary.setText(said + words.SAME_AS_HERE.format(n=same) if same else said)
        self.problems.show_checked(checked)
        self.cleaning.show_checked(checked)
        self.meetings.show_checked(checked)
        for place, count in enumerate((len(outcome.problems), len(outcome.changes), self.meetings.count())):
            self.tabs.setTabText(place, words.TABS[place].format(n=count))

    def show_there(self, there: Sequence[There], asked: Asked) -> None:
        """Show what the platform has said."""
        self.meetings.show_there(there, asked)
        self.tabs.setTabText(2, words.TABS[2].format(n=self.meetings.count()))

    def first(self) -> QWidget:
        """Where a person who works by keys begins."""
        whole = self.checked is None or not self.checked.outcome.problems
        return self.tabs.tabBar() if whole or self.tabs.currentIndex() else self.problems.kinds

    def forget(self) -> None:
        """Begin with another file: nothing has been said yet."""
        self.checked = None
        self.cleaning.forget()
        self.meetings.forget()
        self.tabs.setCurrentIndex(0)

    def kept(self) -> Kept:
        """What was found and said."""
        return Kept(self.checked, self.cleaning.kept(), self.meetings.kept(), self.tabs.currentIndex())

    def go_on_with(self, kept: Kept) -> None:
        """Go on with what was said in another pane about the check that is shown."""
        self.cleaning.go_on_with(kept.cleaning)
        self.meetings.go_on_with(kept.meetings)
        self.tabs.setTabText(2, words.TABS[2].format(n=self.meetings.count()))
        self.tabs.setCurrentIndex(kept.tab)

    def cleanings(self) -> Cleanings:
        """Return the yes and no to what is cleaned."""
        return self.cleaning.cleanings()

    def choices(self) -> Choices:
        """Return what was chosen for rows that meet something."""
        return self.meetings.chosen()

    def is_checked(self) -> bool:
        """Whether what is shown goes by what was said of cleaning."""
        return self.cleaning.is_checked()
