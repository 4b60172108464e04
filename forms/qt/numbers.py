"""Editors of numbers: with their unit, and money that shows 元 beside 万元."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from PySide6.QtWidgets import QWidget

from forms.catalog.schema import Field
from forms.qt import words
from forms.qt.editor import LineEditor, Setting

WAN = Decimal(10_000)


class NumberEditor(LineEditor):
    """A number; the unit stands beside it."""

    def __init__(self, field: Field, setting: Setting, parent: QWidget | None = None) -> None:
        super().__init__(field, setting, parent)
        self.line.setMaximumWidth(200)
        if field.unit:
            self.add_side(field.unit)
        self._beside = self.add_side("")
        self.row.addStretch(1)


class MoneyEditor(NumberEditor):
    """An amount in 万元; the same in 元 stands beside it, so that a slip of four places is seen."""

    def refresh(self) -> None:
        value = self.value()
        try:
            amount = Decimal(value) if isinstance(value, str) else None
        except InvalidOperation:
            amount = None
        yuan = "" if amount is None else words.YUAN.format(yuan=in_yuan(amount))
        self._beside.setText(yuan)


def in_yuan(wan: Decimal) -> str:
    """Return an amount of 万元 in 元, with thousands set apart and no idle zeros: ``12,345.6``."""
    text = f"{wan * WAN:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
