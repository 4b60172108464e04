"""What stands in place of the case for a while: 登记办件, and 统计."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from client.core.case_events import OPENERS
from client.ui.cases import register_words as words
from client.ui.cases.figures_pane import FiguresPane
from client.ui.cases.register_form import RegisterForm
from client.ui.session import Session


class Aside(QObject):
    """Shows one of them in the stack of the page.

    Signals:
        turned(): one came in view.
        closed(): back to the case.
        case_asked(str): a case is to be shown.
        cases_asked(object): the filter of a figure is to be shown.
    """

    turned = Signal()
    closed = Signal()
    case_asked = Signal(str)
    cases_asked = Signal(object)

    def __init__(self, session: Session, stack: QStackedWidget, parent: QObject) -> None:
        super().__init__(parent)
        self._session, self._stack = session, stack
        self.form: RegisterForm | None = None
        self.figures: FiguresPane | None = None

    def may_register(self) -> bool:
        """Say whether this operator takes applications in."""
        return bool(OPENERS & self._session.operator.roles)

    def is_shown(self) -> bool:
        """Say whether the case is out of sight."""
        return self._stack.currentWidget() in {self.form, self.figures}

    def register(self) -> None:
        """Take an application in at this desk; what was written before is still there."""
        if not self.may_register():
            self._session.show_message(words.NOT_YOURS, "warn")
            return
        if self.form is None:
            self.form = RegisterForm(self._session)
            self.form.registered.connect(self._on_registered)
            self.form.given_up.connect(self._give_up)
            self.form.case_asked.connect(self.case_asked)
            self._stack.addWidget(self.form)
        self._show(self.form)
        self.form.text.setFocus()

    def show_figures(self) -> None:
        """Count, and show."""
        if self.figures is None:
            self.figures = FiguresPane(self._session)
            self.figures.closed.connect(self.closed)
            self.figures.cases_asked.connect(self.cases_asked)
            self._stack.addWidget(self.figures)
        self.figures.reload()
        self._show(self.figures)
        self.figures.span.setFocus()

    def give(self) -> bool:
        """Register what was written; False when something else is in view."""
        if self.form is None or self._stack.currentWidget() is not self.form:
            return False
        self.form.give()
        return True

    def _show(self, widget: QWidget) -> None:
        self._stack.setCurrentWidget(widget)
        self.turned.emit()

    def _on_registered(self, case_id: str) -> None:
        self._give_up()
        self._session.show_message(words.DONE, "good")
        self.case_asked.emit(case_id)

    def _give_up(self) -> None:
        assert self.form is not None
        self._stack.removeWidget(self.form)
        self.form.deleteLater()
        self.form = None
        self.closed.emit()
