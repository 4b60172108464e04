"""Buttons: one primary a page, the others plain, links inside text. A button that has keys says them."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QPushButton, QWidget

from client.ui.theme import BAR_PX, Tone
from client.ui.widgets.icons import icon, on_accent


def primary(word: str, then: Callable[[], object], keys: str = "", icon_name: str = "") -> QPushButton:
    """Return the one button of a page that carries the accent."""
    made = _made(word, then, keys)
    made.setProperty("kind", "primary")
    if icon_name:
        made.setIcon(on_accent(icon_name, made.palette()))
    return made


def plain(word: str, then: Callable[[], object], keys: str = "", icon_name: str = "") -> QPushButton:
    """Return an ordinary button."""
    made = _made(word, then, keys)
    if icon_name:
        made.setIcon(icon(icon_name, made.palette()))
    return made


def danger(word: str, then: Callable[[], object]) -> QPushButton:
    """Return a button for what takes something away."""
    made = _made(word, then, "")
    made.setProperty("kind", "danger")
    return made


def link(word: str, then: Callable[[], object] | None = None, tone: Tone | None = None) -> QPushButton:
    """Return a button that looks like words in a line."""
    made = _made(word, then, "")
    made.setProperty("kind", "link")
    if tone:
        made.setProperty("tone", tone)
    return made


def with_menu(word: str, menu: QMenu, icon_name: str = "", *, first: bool = False) -> QPushButton:
    """Return a button that opens `menu`; `first` makes it the page's primary one."""
    made = _made(word, None, "")
    made.setMenu(menu)
    made.setProperty("menu", "true" if word else "bare")
    if first:
        made.setProperty("kind", "primary")
    if icon_name:
        made.setIcon((on_accent if first else icon)(icon_name, made.palette()))
    return made


def on_keys(keys: str, widget: QWidget, then: Callable[[], object]) -> QShortcut:
    """Call `then` on `keys` anywhere inside `widget`'s window part."""
    made = QShortcut(QKeySequence(keys), widget)
    made.setContext(made.context().WidgetWithChildrenShortcut)
    made.activated.connect(then)
    return made


def bar(*, top_line: bool = True) -> tuple[QFrame, QHBoxLayout]:
    """Return the action bar of a page, 44 px, and its row."""
    frame = QFrame()
    frame.setProperty("role", "bar" if top_line else "head")
    frame.setFixedHeight(BAR_PX)
    row = QHBoxLayout(frame)
    row.setContentsMargins(12, 0, 12, 0)
    row.setSpacing(8)
    return frame, row


def _made(word: str, then: Callable[[], object] | None, keys: str) -> QPushButton:
    made = QPushButton(f"{word} {keys}" if keys else word)
    made.setAccessibleName(word)
    made.setAutoDefault(False)
    if then is not None:
        made.clicked.connect(_without_argument(then))
    return made


def _without_argument(then: Callable[[], object]) -> Callable[[], None]:
    """`clicked` brings a bool that a verb would take for its first argument."""

    def click() -> None:
        then()

    return click
