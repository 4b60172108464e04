"""A day that may be left out."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QDate, Qt
from PySide6.QtWidgets import QDateEdit

OLDEST: Final = QDate(2000, 1, 1)
WIDEST_PX: Final = 160


class DayBox(QDateEdit):
    """Empty at its least day, where it says that there is none."""

    def __init__(self, nothing: str, least: QDate = OLDEST) -> None:
        super().__init__()
        self.setCalendarPopup(True)
        self.setDisplayFormat("yyyy-MM-dd")
        self.setMinimumDate(least)
        self.setSpecialValueText(nothing)
        self.setDate(least)
        self.setMaximumWidth(WIDEST_PX)

    def day(self) -> str | None:
        """The day as ISO text; None for none."""
        if self.date() == self.minimumDate():
            return None
        return self.date().toString(Qt.DateFormat.ISODate)
