"""Files beside the fields: one is chosen, its pages are turned, enlarged and rotated, by keys or clicks."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QKeyEvent, QPixmap, QResizeEvent, QTransform
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from client.core.records import Attachment
from client.errors import ClientError
from client.store import attachments
from client.store.desk import Desk
from client.ui.evidence import DeskFiles, entry_of
from client.ui.session import Session
from client.ui.tasks import Task
from client.ui.viewer import reading, words
from client.ui.viewer.reading import Refusal, Sheet
from client.ui.widgets import buttons
from client.ui.widgets.empty import EmptyState
from client.ui.widgets.icons import icon

ZOOMS: Final = (0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 3.0, 4.0)
"""Of the width of the pane."""
AHEAD: Final = 3
"""Pages that are drawn with the one that is asked for: a child that runs is dear, a page is not."""
KEPT: Final = 8
MARGIN_PX: Final = 12
LEAST_PX: Final = 160


class ViewerPane(QFrame):
    """Shows attachments of the desk. Draws beside the window's thread; what comes too late is dropped."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._files = DeskFiles(session, self)
        self._attached: tuple[Attachment, ...] = ()
        self._nothing = ("", "")
        self._place, self._count, self._zoom, self._turned = 0, 0, ZOOMS.index(1.0), 0
        self._drawn: OrderedDict[tuple[str, int, int], Sheet] = OrderedDict()
        self._task: Task | None = None
        self.choice = QComboBox()
        self.choice.setAccessibleName(words.FILES)
        self.choice.setMinimumContentsLength(8)
        self.choice.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.choice.currentIndexChanged.connect(self._on_chosen)
        self.back_button = _tool("caret-left", words.BACK, lambda: self.turn_page(-1))
        self.on_button = _tool("caret-right", words.ON, lambda: self.turn_page(1))
        self.page_label = QLabel()
        self.page_label.setProperty("role", "secondary")
        self.out_button = _tool("magnifying-glass-minus", words.OUT, lambda: self.zoom(-1))
        self.in_button = _tool("magnifying-glass-plus", words.IN, lambda: self.zoom(1))
        self.fit_button = _tool("arrows-out-line-horizontal", words.FIT, self.fit)
        self.turn_button = _tool("arrow-clockwise", words.TURN, self.rotate)
        self.open_button = _tool("arrow-square-out", words.OPEN, self.open_outside)
        self.picture = QLabel()
        self.picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.area = _Area(self)
        self.area.setWidget(self.picture)
        self._empty = EmptyState("file", "")
        self._stack = QStackedWidget()
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self.area)
        self._lay_out()
        self.show_files((), "")

    # --- in ---------------------------------------------------------------------------------

    def show_files(self, attached: Sequence[Attachment], nothing: str, way: str = "") -> None:
        """Show these, the first of them at once; `nothing` and `way` are said where there is none."""
        self._nothing = (nothing, way)
        if tuple(attached) == self._attached and self._count:
            return
        chosen = self.choice.currentData()
        self._attached = tuple(attached)
        self.choice.blockSignals(True)
        self.choice.clear()
        for one in self._attached:
            self.choice.addItem(one.name, one.sha256)
        self.choice.setCurrentIndex(max(self.choice.findData(chosen), 0) if self._attached else -1)
        self.choice.blockSignals(False)
        self._on_chosen()

    def choose(self, sha256: str) -> None:
        """Show one of the files."""
        self.choice.setCurrentIndex(self.choice.findData(sha256))

    def attached(self) -> Attachment | None:
        """The file that is shown."""
        place = self.choice.currentIndex()
        return self._attached[place] if 0 <= place < len(self._attached) else None

    def said(self) -> str:
        """What stands in place of a page; empty where a page is shown."""
        return self._empty.title() if self._stack.currentWidget() is self._empty else ""

    # --- turning, enlarging ------------------------------------------------------------------

    def turn_page(self, by: int) -> None:
        """Go on or back by pages."""
        place = min(max(self._place + by, 0), max(self._count - 1, 0))
        if place != self._place:
            self._place = place
            self.area.verticalScrollBar().setValue(0)
            self._show()

    def zoom(self, by: int) -> None:
        """Enlarge or make smaller by a step."""
        step = min(max(self._zoom + by, 0), len(ZOOMS) - 1)
        if step != self._zoom:
            self._zoom = step
            self._show()

    def fit(self) -> None:
        """As wide as the pane."""
        self._zoom = ZOOMS.index(1.0)
        self._show()

    def rotate(self) -> None:
        """Turn it by a quarter, clockwise."""
        self._turned = (self._turned + 90) % 360
        self._show()

    def open_outside(self) -> None:
        """Open a copy in the program of the system for it."""
        attached = self.attached()
        if attached is not None and self.open_button.isEnabled():
            self._files.open(entry_of(attached))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Draw anew for another width."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width() and self._count:
            self._show()

    # --- inside -----------------------------------------------------------------------------

    def _on_chosen(self) -> None:
        self._place = self._count = self._turned = 0
        self._drawn.clear()
        attached = self.attached()
        self.choice.setVisible(len(self._attached) > 1)
        if attached is None:
            self._say(*self._nothing)
        else:
            self.choice.setToolTip(attached.name)
            self._say(words.LOADING)
            self._show()

    def _width(self) -> int:
        """How wide a page is drawn now, in the screen's own pixels."""
        room = max(self._stack.width() - 2 * MARGIN_PX, LEAST_PX)  # the area has no size while it is hidden
        return round(room * ZOOMS[self._zoom] * self.devicePixelRatioF())

    def _show(self) -> None:
        attached = self.attached()
        if attached is None:
            return
        width = self._width()
        sheet = self._drawn.get((attached.sha256, self._place, width)) or self._nearest(attached)
        if sheet is not None:
            self._show_sheet(sheet, width)
        if (attached.sha256, self._place, width) not in self._drawn:
            self._ask(attached, width)

    def _nearest(self, attached: Attachment) -> Sheet | None:
        """The page in another width, until it comes in this one; a picture is the same in each."""
        found = [
            s for (sha, place, _), s in self._drawn.items() if (sha, place) == (attached.sha256, self._place)
        ]
        return found[-1] if found else None

    def _ask(self, attached: Attachment, width: int) -> None:
        if self._task is not None:
            self._task.cancel()
        desk, places = self._session.desk, range(self._place, self._place + AHEAD)
        self._task = self._session.tasks.work(
            lambda _progress, cancelled: _read(desk, attached, places, width, cancelled),
            partial(self._take, attached.sha256, width),
            partial(self._refuse, attached.sha256),
        )

    def _take(self, sha256: str, width: int, found: list[Sheet] | Refusal) -> None:
        attached = self.attached()
        if attached is None or attached.sha256 != sha256:
            return
        if isinstance(found, Refusal):
            self._say(found.title, found.way, openable=found.openable)
            return
        for sheet in found:
            self._drawn[sha256, sheet.place, width] = sheet
        while len(self._drawn) > KEPT:
            self._drawn.popitem(last=False)
        shown = next((sheet for sheet in found if sheet.place == self._place), None)
        if shown is not None and (width == self._width() or not self._count):
            self._show_sheet(shown, self._width())

    def _refuse(self, sha256: str, error: ClientError) -> None:
        attached = self.attached()
        if attached is not None and attached.sha256 == sha256:
            found = reading.refused(error)
            self._say(found.title, found.way, openable=found.openable)

    def _show_sheet(self, sheet: Sheet, width: int) -> None:
        self._count = sheet.count
        image = sheet.image
        if self._turned:
            image = image.transformed(QTransform().rotate(self._turned))
        picture = QPixmap.fromImage(image)
        if picture.width() != width:
            picture = picture.scaledToWidth(width, Qt.TransformationMode.SmoothTransformation)
        picture.setDevicePixelRatio(self.devicePixelRatioF())
        self.picture.setPixmap(picture)
        page = words.PAGE_OF.format(page=sheet.place + 1, count=sheet.count)
        attached = self.attached()
        self.picture.setAccessibleName(f"{attached.name if attached else ''}，{page}")
        self.page_label.setText(words.PAGE.format(page=sheet.place + 1, count=sheet.count))
        self.page_label.setToolTip(page)
        self._stack.setCurrentWidget(self.area)
        self._set_buttons()

    def _say(self, title: str, way: str = "", *, openable: bool = False) -> None:
        self._count = 0
        self._empty.say("file", title, way)
        self._stack.setCurrentWidget(self._empty)
        self._set_buttons(openable=openable)

    def _set_buttons(self, *, openable: bool = True) -> None:
        shown = self._stack.currentWidget() is self.area
        for part in (self.back_button, self.on_button, self.page_label):
            part.setVisible(shown and self._count > 1)
        for part in (self.out_button, self.in_button, self.fit_button, self.turn_button):
            part.setVisible(shown)
        self.back_button.setEnabled(self._place > 0)
        self.on_button.setEnabled(self._place < self._count - 1)
        self.out_button.setEnabled(self._zoom > 0)
        self.in_button.setEnabled(self._zoom < len(ZOOMS) - 1)
        self.open_button.setVisible(self.attached() is not None and (shown or openable))

    def _lay_out(self) -> None:
        first, second = QHBoxLayout(), QHBoxLayout()
        first.addWidget(self.choice, 1)
        for part in (self.back_button, self.page_label, self.on_button):
            second.addWidget(part)
        second.addStretch(1)
        for part in (self.out_button, self.in_button, self.fit_button, self.turn_button, self.open_button):
            second.addWidget(part)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 0)
        column.setSpacing(4)
        for row in (first, second):
            row.setContentsMargins(8, 0, 8, 0)
            row.setSpacing(4)
            column.addLayout(row)
        column.addWidget(self._stack, 1)
        self.setMinimumWidth(LEAST_PX)


class _Area(QScrollArea):
    """The page, and the keys over it."""

    def __init__(self, pane: ViewerPane) -> None:
        super().__init__()
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setAccessibleName(words.NAME)
        self.setToolTip(words.KEYS)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._keys: dict[int, Callable[[], None]] = {
            Qt.Key.Key_PageDown: lambda: pane.turn_page(1),
            Qt.Key.Key_PageUp: lambda: pane.turn_page(-1),
            Qt.Key.Key_Home: lambda: pane.turn_page(-1_000_000),
            Qt.Key.Key_End: lambda: pane.turn_page(1_000_000),
            Qt.Key.Key_Plus: lambda: pane.zoom(1),
            Qt.Key.Key_Equal: lambda: pane.zoom(1),
            Qt.Key.Key_Minus: lambda: pane.zoom(-1),
            Qt.Key.Key_0: pane.fit,
            Qt.Key.Key_R: pane.rotate,
        }

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Turn pages, enlarge; arrows move the page."""
        then = self._keys.get(event.key())
        if then is None or event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            super().keyPressEvent(event)
        else:
            then()


def _read(
    desk: Desk, attached: Attachment, places: Sequence[int], width: int, cancelled: Callable[[], bool]
) -> list[Sheet] | Refusal:
    content = attachments.read(desk, attached.sha256)
    return reading.sheets_of(content, attached.name, places, width, cancelled)


def _tool(icon_name: str, word: str, then: Callable[[], Any]) -> Any:
    made = buttons.plain("", then)
    made.setIcon(icon(icon_name, made.palette()))
    made.setIconSize(QSize(16, 16))
    made.setAccessibleName(word)
    made.setToolTip(word)
    made.setProperty("menu", "bare")
    return made
