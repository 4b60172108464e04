"""Step 问题: kinds of problems with their counts at the left, the cells at the right."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtWidgets import QSplitter, QStackedWidget, QVBoxLayout, QWidget

from client.intake.outcome import CheckOutcome, Found
from client.ui.intake import verbs, words
from client.ui.packed_model import PackedModel
from client.ui.row_model import Column, RowModel, choose, current, fill
from client.ui.widgets.empty import EmptyState
from client.ui.widgets.marks import SEVERITY
from client.ui.widgets.tables import Table


class ProblemsPane(QWidget):
    """What a check found."""

    def __init__(self) -> None:
        super().__init__()
        self._outcome: CheckOutcome | None = None
        self.kinds = Table(words.KIND_TITLES[0])
        self.kinds.setModel(RowModel(_kind_columns(), lambda kind: (kind.severity, kind.code, kind.field)))
        self.kinds.lay_out((320, 72), 0)
        self.cells = Table(words.STEPS[2])
        self.cells.setModel(PackedModel(self._cell_columns()))
        self.cells.lay_out((56, 44, 150, 150, 300), 4)
        self._none = EmptyState("check-circle", words.NO_PROBLEMS, words.NO_PROBLEMS_MORE)
        self._stack = QStackedWidget()
        self._lay_out()
        self.kinds.selectionModel().currentRowChanged.connect(self._on_kind)

    def show_checked(self, checked: verbs.Checked) -> None:
        """Show what was found, all kinds together first."""
        self._outcome = outcome = checked.outcome
        kinds = checked.kinds
        everything = verbs.Kind("", "", words.ALL_KINDS, "", len(outcome.problems))
        fill(self.kinds, [everything, *kinds] if kinds else [])
        self._stack.setCurrentIndex(1 if kinds else 0)
        if kinds:
            choose(self.kinds, 0)
            self._show_cells(None)

    def _on_kind(self, index: QModelIndex, _before: QModelIndex) -> None:
        kind = current(self.kinds) if index.isValid() else None
        self._show_cells(kind if kind is not None and kind.code else None)

    def _show_cells(self, kind: verbs.Kind | None) -> None:
        if self._outcome is None:
            return
        model = self.cells.model()
        assert isinstance(model, PackedModel)
        model.show(verbs.problems_of(self._outcome, kind))
        self.cells.scrollToTop()

    def _lay_out(self) -> None:
        split = QSplitter(Qt.Orientation.Horizontal)
        split.addWidget(self.kinds)
        split.addWidget(self.cells)
        split.setSizes([380, 820])
        split.setChildrenCollapsible(False)
        self._stack.addWidget(self._none)
        self._stack.addWidget(split)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 0, 0)
        column.addWidget(self._stack, 1)

    def _cell_columns(self) -> list[Column]:
        row, letters, field, value, message = words.PROBLEM_TITLES
        return [
            Column(row, lambda one: f"{one.row:,}"),
            Column(letters, lambda one: one.column),
            Column(field, self._title),
            Column(value, lambda one: verbs.visible(one.value)),
            Column(message, self._message, look=lambda one: SEVERITY[one.severity]),
        ]

    def _title(self, one: Found) -> str:
        field = self._outcome.item.by_id.get(one.field) if self._outcome else None
        return field.title if field else ""

    def _message(self, one: Found) -> str:
        """The sentence without the field's name, which stands in a column of its own."""
        said = one.message.removeprefix(f"{self._title(one)}：")
        if one.suggestion is None:
            return said
        return words.SUGGESTION.format(message=said, suggestion=one.suggestion)


def _kind_columns() -> list[Column]:
    sentence, count = words.KIND_TITLES
    return [
        Column(sentence, lambda kind: kind.sentence, look=lambda kind: SEVERITY.get(kind.severity)),
        Column(count, lambda kind: f"{kind.count:,}", sort=lambda kind: kind.count),
    ]
