"""A group of fields under a heading that folds."""

from __future__ import annotations

from PySide6.QtWidgets import QGridLayout, QPushButton, QVBoxLayout, QWidget

from forms.qt import words
from forms.qt.glyphs import FOLDED, UNFOLDED, glyph
from forms.qt.rows import EDITOR, LINES, FieldRow


class FormSection(QWidget):
    """A heading and the rows of its fields; a folded one says how many problems it hides."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = title
        self.rows: list[FieldRow] = []
        self._problems = 0
        self._head = QPushButton()
        self._head.setProperty("kind", "fold")
        self._head.setAutoDefault(False)
        self._head.clicked.connect(self._toggle)
        self._body = QWidget()
        self._grid = QGridLayout(self._body)
        self._grid.setContentsMargins(0, 0, 0, 8)
        self._grid.setHorizontalSpacing(4)
        self._grid.setVerticalSpacing(2)
        self._grid.setColumnStretch(EDITOR, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(self._head)
        column.addWidget(self._body)
        self._head.setVisible(bool(title))
        self._say()

    def add(self, row: FieldRow) -> None:
        """Put a field at the end."""
        row.place(self._grid, LINES * len(self.rows))
        self.rows.append(row)

    def count(self, problems: int) -> None:
        """Remember how many problems the fields have."""
        if problems != self._problems:
            self._problems = problems
            self._say()

    def fit(self) -> None:
        """Take the heading away while all fields under it are hidden."""
        self.setVisible(not all(row.is_hidden() for row in self.rows))

    def head(self) -> QPushButton:
        """The heading, a button that folds."""
        return self._head

    def unfold(self) -> None:
        """Show the fields."""
        if self._body.isHidden():
            self._toggle()

    def _toggle(self) -> None:
        self._body.setVisible(self._body.isHidden())
        self._say()

    def _say(self) -> None:
        folded = self._body.isHidden()
        hidden = words.HIDDEN_PROBLEMS.format(n=self._problems) if folded and self._problems else ""
        self._head.setText(self.title + hidden)
        self._head.setIcon(glyph(FOLDED if folded else UNFOLDED, self.palette()))
        self._head.setAccessibleName(f"{self.title}，{words.FOLDED if folded else words.UNFOLDED}")
