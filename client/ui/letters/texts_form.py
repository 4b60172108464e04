"""The paragraphs of a letter that a person writes, and the table of the letters that a case has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLabel, QPlainTextEdit, QVBoxLayout, QWidget

from client.letters.kinds import KINDS
from client.ui.letters import words
from client.ui.row_model import Column, RowModel
from client.ui.widgets.tables import Table

FIELD_PX: Final = 96


class TextsForm(QWidget):
    """One field a paragraph, each under its name.

    Signals:
        edited(): somebody typed.
    """

    edited = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.texts: dict[str, QPlainTextEdit] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(4)

    def put(self, texts: Mapping[str, str], *, read_only: bool = False) -> None:
        """Show these paragraphs in place of those before."""
        while (item := self._column.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.deleteLater()
        self.texts = {}
        for name, text in texts.items():
            label = QLabel(name)
            label.setProperty("role", "secondary")
            field = self.texts[name] = QPlainTextEdit(text)
            field.setAccessibleName(name)
            field.setPlaceholderText(words.TEXT_HINT)
            field.setTabChangesFocus(True)
            field.setFixedHeight(FIELD_PX)
            field.setReadOnly(read_only)
            field.textChanged.connect(self.edited)
            label.setBuddy(field)
            self._column.addWidget(label)
            self._column.addWidget(field)

    def written(self) -> dict[str, str]:
        """What stands in them."""
        return {name: field.toPlainText().strip() for name, field in self.texts.items()}


def documents_table() -> Table:
    """Return the table of letters that were issued or voided."""
    table = Table(words.ISSUED_LIST)
    table.setModel(
        RowModel(
            (
                Column("文书", lambda d: KINDS[d.kind].title),
                Column("文号", lambda d: d.number or words.NO_NUMBER),
                Column("状态", lambda d: words.STATES[d.state]),
            ),
            key=lambda d: d.document_id,
        )
    )
    table.lay_out((110, 150, 70), stretch=1)
    return table
