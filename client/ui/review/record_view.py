"""One entry as the reviewer reads it: what it is, what changed, the form, the evidence."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from client.ui.evidence import EvidenceList
from client.ui.records.words import OPS, REASONS
from client.ui.review.reading import EntryView, Finding, changed_fields
from client.ui.session import Session
from client.ui.sync.spans import clock_text
from client.ui.tall_page import TallPage
from client.ui.widgets.banner import Banner
from client.ui.widgets.elided import ElidedLabel
from client.ui.widgets.empty import EmptyState
from client.ui.words import CLAIMS
from forms.catalog.schema import Item
from forms.qt.editor import Setting
from forms.qt.form import CatalogForm

FINDINGS: Final = {"objection_upheld": "异议成立", "objection_not_upheld": "异议不成立，维持登记内容"}


class RecordView(QFrame):
    """Shows an `EntryView`; forms are kept and refilled, one an item."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "surface")
        self._session = session
        self._view: EntryView | None = None
        self._forms: dict[str, CatalogForm] = {}
        self._title = QLabel()
        self._title.setProperty("role", "heading")
        self._title.setWordWrap(True)
        self._title.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._number = ElidedLabel()
        self._what = ElidedLabel(role="secondary")
        self._banner = Banner()
        self._note = Banner()
        self._evidence = EvidenceList(session)
        self._empty = EmptyState("check-circle", "没有待复核的内容", "填报员提交以后，会出现在这里。")
        self._decision = _DecisionView()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(1, 1, 1, 1)
        self._column.setSpacing(0)
        head = QVBoxLayout()
        head.setContentsMargins(12, 8, 12, 8)
        head.setSpacing(4)
        for part in (self._title, self._number, self._what, self._banner, self._note, self._evidence):
            head.addWidget(part)
        self._column.addLayout(head)
        self._column.addWidget(self._decision, 1)
        self._column.addWidget(self._empty, 1)
        self.clear()

    def clear(self, title: str = "没有待复核的内容", text: str = "填报员提交以后，会出现在这里。") -> None:
        """Show that there is nothing."""
        self._view = None
        self._show_only(None)
        self._empty.say("check-circle", title, text)
        for part in (self._title, self._number, self._what, self._banner, self._note, self._evidence):
            part.hide()
        self._empty.show()

    def show_entry(self, view: EntryView) -> None:
        """Show one entry."""
        self._view = view
        self._empty.hide()
        self._title.setText(_title(view))
        self._number.setText(view.entry.doc_no)
        self._what.setText(view.item.name if view.item is not None else "异议核查结论")
        self._title.show()
        self._number.setVisible(bool(view.entry.doc_no))
        self._what.show()
        self._say_change(view)
        self._say_notes(view)
        self._evidence.show_attachments(view.evidence, "")
        self._evidence.setVisible(bool(view.evidence))
        if view.item is None:
            self._show_only(self._decision)
            self._decision.show_findings(view.text, view.findings)
            return
        form = self._form(view.item)
        form.set_values(view.values)
        form.set_problems([p for p in view.problems if p.answerable])
        form.set_answers(view.answers)
        form.reveal_all()
        form.show_changes(view.before)
        self._show_only(form)
        self._hide_empty(form, view)

    def shown(self) -> EntryView | None:
        """What is shown now."""
        return self._view

    def form(self) -> CatalogForm | None:
        """The form of the entry that is shown; None for a decision."""
        view = self._view
        return self._forms.get(view.item.ref) if view is not None and view.item is not None else None

    def focused_field(self) -> str:
        """The field where the reviewer stands; empty for none."""
        form = self.form()
        if form is None or form.focusWidget() is None:
            return ""
        return next((f.id for f in form.item.fields if form.row(f.id).has_focus()), "")

    def banner_text(self) -> str:
        """What the change is said to be."""
        return self._banner.text()

    def _form(self, item: Item) -> CatalogForm:
        if item.ref not in self._forms:
            form = self._forms[item.ref] = CatalogForm(item, Setting(self._session.desk.today))
            form.set_read_only(True)
            self._column.addWidget(form, 1)
        return self._forms[item.ref]

    def _hide_empty(self, form: CatalogForm, view: EntryView) -> None:
        """Show what is filled or was; go to the first change."""
        changed = changed_fields(view)
        for field in view.item.fields if view.item is not None else ():
            form.row(field.id).set_visible(field.id in view.values or field.id in changed)
        form.verticalScrollBar().setValue(0)
        if changed:
            # Only once the layout knows where the field is.
            editor = form.editor(changed[0])
            QTimer.singleShot(0, editor, lambda: form.ensureWidgetVisible(editor, 0, 120))

    def _show_only(self, shown: QWidget | None) -> None:
        for part in (self._decision, *self._forms.values()):
            part.setVisible(part is shown)

    def _say_change(self, view: EntryView) -> None:
        op = view.entry.op
        if op == "create" or view.reason is None:
            self._banner.clear()
            return
        why = REASONS.get(view.reason.code) or CLAIMS.get(view.reason.code) or view.reason.code
        text = f"：{view.reason.text}" if view.reason.text else ""
        if op == "correct":
            assert view.item is not None
            changed = [view.item.by_id[name].title for name in changed_fields(view)]
            self._banner.say(f"更正 {len(changed)} 项（{'、'.join(changed)}）。原因：{why}{text}", "info")
        elif op == "withdraw":
            self._banner.say(f"撤销这条已上报的记录，下面是平台现在的内容。原因：{why}{text}", "warn")
        else:
            self._banner.say(f"{FINDINGS.get(view.reason.code, why)}。通过后与更正一起报送。", "info")

    def _say_notes(self, view: EntryView) -> None:
        if not view.notes:
            self._note.clear()
            return
        note = view.notes[0]
        self._note.say(f"上次退回（{clock_text(note.at)}）：{note.reason}", "warn")


class _DecisionView(QScrollArea):
    """The conclusion of a case, field by field."""

    def __init__(self) -> None:
        super().__init__()
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)

    def show_findings(self, text: str, findings: tuple[Finding, ...]) -> None:
        """Show one decision."""
        page = TallPage()
        grid = QGridLayout(page)
        grid.setContentsMargins(12, 8, 12, 12)
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(8)
        for column, title in enumerate(("数据项", "登记内容", "核查结论")):
            grid.addWidget(_label(title, "small"), 0, column)
        for row, finding in enumerate(findings, start=1):
            grid.addWidget(_label(finding.title, "heading"), row, 0)
            grid.addWidget(_label(finding.before), row, 1)
            grid.addWidget(_label(finding.finding), row, 2)
        grid.addWidget(_label("核查结论", "small"), len(findings) + 1, 0, 1, 3)
        grid.addWidget(_label(text), len(findings) + 2, 0, 1, 3)
        grid.setRowStretch(len(findings) + 3, 1)
        grid.setColumnStretch(1, 1)
        grid.setColumnStretch(2, 1)
        self.setWidget(page)


def _label(text: str, role: str = "") -> QLabel:
    label = QLabel(text)
    label.setWordWrap(True)
    label.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    if role:
        label.setProperty("role", role)
    return label


def _title(view: EntryView) -> str:
    entry = view.entry
    return f"{OPS[entry.op]} · {entry.subject_name or '（没有名称）'}"
