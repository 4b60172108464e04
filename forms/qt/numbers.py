"""Editors of numbers: with their unit, and money that is typed in 元 or 万元 with the other beside it."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QWidget

from forms.catalog.amounts import Unit, plain
from forms.catalog.schema import Field, Value
from forms.qt import words
from forms.qt.editor import LineEditor, Setting
from forms.qt.typed import as_value

WAN: Final = Decimal(10_000)
NUMBER_MIN_PX: Final = 96
OTHER_UNIT: Final[dict[Unit, Unit]] = {"万元": "元", "元": "万元"}


class NumberEditor(LineEditor):
    """A number; the unit stands beside it."""

    MOST_PX = 200

    def __init__(self, field: Field, setting: Setting, parent: QWidget | None = None) -> None:
        super().__init__(field, setting, parent)
        self.fit_line(NUMBER_MIN_PX, self.MOST_PX)
        self._add_unit()
        self.row.addStretch(1)

    def _add_unit(self) -> None:
        if self.field.unit:
            self.add_side(self.field.unit)


class MoneyEditor(NumberEditor):
    """An amount, typed in 元 or 万元; the other stands at the end of the box: a slip of four places is seen.

    The value is always in the field's own unit. What says its own unit (``5000元``) means
    that, whatever the switch. The switch stays as it was for the next record; F4 turns it from the keyboard.
    """

    MOST_PX = 280

    def _add_unit(self) -> None:
        self.unit: Unit = "元" if self.field.unit == "元" else "万元"
        self._own_is_wan = self.unit == "万元"
        self.switch = QPushButton(self.unit)
        self.switch.setProperty("kind", "link")
        self.switch.setToolTip(words.SWITCH_UNIT)
        self.switch.setAutoDefault(False)
        self.switch.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # F4 does the same, and Tab has a stop less
        self.switch.clicked.connect(self.turn_unit)
        self.line.list_asked.connect(self.turn_unit)
        self.row.addWidget(self.switch)
        self._name_switch()

    def turn_unit(self) -> None:
        """Go on in the other unit; the value stays what it is."""
        value = self.value()
        self.unit = OTHER_UNIT[self.unit]
        self.switch.setText(self.unit)
        self._name_switch()
        self.write(value)
        self.refresh()

    def read(self) -> Value | None:
        return as_value(self.field, self.line.text(), unit=self.unit)

    def write(self, value: Value | None) -> None:
        yuan = self._yuan(value)
        if yuan is None or (self.unit == "万元") == self._own_is_wan:
            super().write(value)
        else:
            self._show(plain(yuan if self.unit == "元" else yuan / WAN))

    def refresh(self) -> None:
        yuan = self._yuan(self.value())
        if yuan is None:
            self.line.say("")
        elif self.unit == "元":
            self.line.say(words.WAN.format(wan=with_commas(yuan / WAN)))
        else:
            self.line.say(words.YUAN.format(yuan=with_commas(yuan)))

    def _yuan(self, value: Value | None) -> Decimal | None:
        """The amount of a value in 元; None for what is none, as somebody typed it."""
        try:
            amount = Decimal(value) if isinstance(value, str) else None
        except InvalidOperation:
            return None
        if amount is None or not amount.is_finite():
            return None
        return amount * WAN if self._own_is_wan else amount

    def _name_switch(self) -> None:
        self.switch.setAccessibleName(words.UNIT_NAME.format(title=self.field.title, unit=self.unit))


def with_commas(amount: Decimal) -> str:
    """Return an amount with thousands set apart and no idle zeros: ``12,345.6``."""
    text = f"{amount:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
