"""The editor of days: typed in any usual way, or picked; 长期 where the field allows it."""

from __future__ import annotations

from datetime import date

from PySide6.QtCore import QDate, QLocale, Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent, QPalette, QTextCharFormat
from PySide6.QtWidgets import (
    QCalendarWidget,
    QFrame,
    QLineEdit,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from forms.catalog.schema import Field
from forms.qt import words
from forms.qt.editor import LineEditor, Setting
from forms.qt.glyphs import BACK, CALENDAR, ON, glyph

LONG_TERM = "2099-12-31"
DATE_MIN_PX = 124
"""Room for a whole date and the sign of the calendar."""

DATE_MOST_PX = 200

CALENDAR_WIDE_PX = 320
CALENDAR_HIGH_PX = 252
CHINESE = QLocale(QLocale.Language.Chinese, QLocale.Country.China)


class DateEditor(LineEditor):
    """A day as free text; F4 or the button opens a calendar. Up and Down go a day back or on."""

    def __init__(self, field: Field, setting: Setting, parent: QWidget | None = None) -> None:
        super().__init__(field, setting, parent)
        self.fit_line(DATE_MIN_PX, DATE_MOST_PX)
        self.line.setPlaceholderText(words.DATE_HINT)
        self.line.steps = True
        self.line.stepped.connect(self._step)
        self.line.list_asked.connect(self._open_calendar)
        self._button = QAction(glyph(CALENDAR, self.palette()), words.OPEN_CALENDAR, self)
        self._button.triggered.connect(self._open_calendar)
        self.line.addAction(self._button, QLineEdit.ActionPosition.TrailingPosition)
        self._calendar: CalendarPopup | None = None
        self.row.addStretch(1)

    def set_read_only(self, on: bool) -> None:
        super().set_read_only(on)
        self._button.setVisible(not on)

    def pick(self, value: str) -> None:
        """Take `value` as if it had been typed."""
        self.write(value)
        self.touch()
        self.line.setFocus()

    def day(self) -> date | None:
        """The day in the box, where it is one."""
        value = self.value()
        try:
            return date.fromisoformat(value) if isinstance(value, str) else None
        except ValueError:
            return None

    def _step(self, days: int) -> None:
        day = self.day()
        if day is None or self.line.isReadOnly() or not date.min < day < date.max:
            return
        self.pick(date.fromordinal(day.toordinal() + days).isoformat())

    def _open_calendar(self) -> None:
        if self.line.isReadOnly():
            return
        if self._calendar is None:
            self._calendar = CalendarPopup(self)
            self._calendar.picked.connect(self._on_picked)
        shown = self.day()
        today = self.setting.today()
        if shown is None or shown.isoformat() == LONG_TERM:
            shown = today
        self._calendar.open_at(shown, today, self.line)

    def _on_picked(self, day: date) -> None:
        self.pick(day.isoformat())


class LongTermDateEditor(DateEditor):
    """A day, or 长期."""

    def __init__(self, field: Field, setting: Setting, parent: QWidget | None = None) -> None:
        super().__init__(field, setting, parent)
        self._long = QPushButton(words.LONG_TERM)
        self._long.setObjectName("long_term")
        self._long.setCheckable(True)
        self._long.setAutoDefault(False)
        self._long.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._long.setAccessibleName(f"{field.title}：{words.LONG_TERM}")
        self._long.clicked.connect(self._on_long)
        self.row.insertWidget(1, self._long)
        self._before = ""

    def set_read_only(self, on: bool) -> None:
        super().set_read_only(on)
        self._long.setVisible(not on)

    def refresh(self) -> None:
        self._long.setChecked(self.value() == LONG_TERM)

    def _on_long(self, checked: bool) -> None:
        if checked:
            self._before = self.line.text()
            self.pick(LONG_TERM)
            return
        self.line.setText(self._before)
        self.touch()
        self.line.setFocus()


class CalendarPopup(QFrame):
    """A calendar in Chinese under the box; one click or Enter takes the day."""

    picked = Signal(object)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setProperty("role", "surface")
        self.calendar = QCalendarWidget()
        self.calendar.setLocale(CHINESE)
        self.calendar.setFirstDayOfWeek(Qt.DayOfWeek.Monday)
        self.calendar.setGridVisible(False)
        self.calendar.setVerticalHeaderFormat(QCalendarWidget.VerticalHeaderFormat.NoVerticalHeader)
        self._quieten()
        self.calendar.clicked.connect(self._take)
        self.calendar.activated.connect(self._take)
        self._today = QPushButton(words.TODAY)
        self._today.setAutoDefault(False)
        self._today.clicked.connect(self._take_today)
        column = QVBoxLayout(self)
        column.setContentsMargins(4, 4, 4, 4)
        column.addWidget(self.calendar)
        column.addWidget(self._today)
        self._now = date.min

    def open_at(self, day: date, today: date, under: QWidget) -> None:
        """Show the month of `day` under a widget, on the screen that it stands on."""
        self._now = today
        self.calendar.setSelectedDate(QDate(day.year, day.month, day.day))
        self.calendar.setCurrentPage(day.year, day.month)
        self.adjustSize()
        place = under.mapToGlobal(under.rect().bottomLeft())
        screen = under.screen().availableGeometry()
        if place.y() + self.height() > screen.bottom():
            place.setY(under.mapToGlobal(under.rect().topLeft()).y() - self.height())
        place.setX(max(screen.left(), min(place.x(), screen.right() - self.width())))
        self.move(place)
        self.show()
        self.calendar.setFocus()

    def _quieten(self) -> None:
        """No red weekends, and arrows in the colour of the text."""
        weekend = QTextCharFormat()
        weekend.setForeground(self.palette().brush(QPalette.ColorRole.PlaceholderText))
        for day in (Qt.DayOfWeek.Saturday, Qt.DayOfWeek.Sunday):
            self.calendar.setWeekdayTextFormat(day, weekend)
        for name, icon in (("qt_calendar_prevmonth", BACK), ("qt_calendar_nextmonth", ON)):
            button = self.calendar.findChild(QToolButton, name)
            assert button is not None, name
            button.setIcon(glyph(icon, self.palette()))
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.calendar.setMinimumSize(CALENDAR_WIDE_PX, CALENDAR_HIGH_PX)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc goes back without a day."""
        if event.key() == Qt.Key.Key_Escape:
            self.close()
        else:
            super().keyPressEvent(event)

    def _take(self, day: QDate) -> None:
        self.close()
        self.picked.emit(date(day.year(), day.month(), day.day()))

    def _take_today(self) -> None:
        self.close()
        self.picked.emit(self._now)
