"""The marks of states: one table of state → shape, word and tone, and how a shape is drawn.

Drawn, not typed: no font is sure to have them all, and they must look alike on every PC.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import qtawesome
from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPalette, QPen, QPixmap, QPolygonF

from client.ui.theme import Tone, tokens_for
from client.ui.words import STATE_WORDS

MARK_PX: Final = 14


@dataclass(frozen=True, slots=True)
class StateLook:
    """How a state is shown: a shape of `SHAPES`, a word and a tone."""

    shape: str
    word: str
    tone: Tone


STATES: Final[dict[str, StateLook]] = {
    "draft": StateLook("ring", STATE_WORDS["draft"], "plain"),
    "problems": StateLook("square", STATE_WORDS["problems"], "bad"),
    "in_review": StateLook("half", STATE_WORDS["in_review"], "info"),
    "returned": StateLook("back", STATE_WORDS["returned"], "warn"),
    "queued": StateLook("quarter", STATE_WORDS["queued"], "plain"),
    "sent": StateLook("away", STATE_WORDS["sent"], "info"),
    "unknown": StateLook("question", STATE_WORDS["unknown"], "warn"),
    "held": StateLook("pause", STATE_WORDS["held"], "warn"),
    "blocked": StateLook("pause", STATE_WORDS["blocked"], "bad"),
    "received": StateLook("dots1", STATE_WORDS["received"], "info"),
    "checked": StateLook("dots2", STATE_WORDS["checked"], "info"),
    "matched": StateLook("dots3", STATE_WORDS["matched"], "info"),
    "stored": StateLook("dots4", STATE_WORDS["stored"], "good"),
    "unmatched": StateLook("lower", STATE_WORDS["unmatched"], "warn"),
    "warned": StateLook("noted", STATE_WORDS["warned"], "warn"),
    "rejected": StateLook("square", STATE_WORDS["rejected"], "bad"),
    "recalled": StateLook("undo", STATE_WORDS["recalled"], "plain"),
    "conflict": StateLook("swap", STATE_WORDS["conflict"], "bad"),
    "corrected": StateLook("plusminus", STATE_WORDS["corrected"], "good"),
    "withdrawn": StateLook("cut", STATE_WORDS["withdrawn"], "plain"),
    "disputed": StateLook("flag", STATE_WORDS["disputed"], "warn"),
    "deleted": StateLook("bin", STATE_WORDS["deleted"], "plain"),
}
"""State of a record, as the view `record_state` names it, and four that only the platform tells."""

SEVERITY: Final[dict[str, StateLook]] = {
    "error": StateLook("square", "问题", "bad"),
    "warning": StateLook("triangle", "提示", "warn"),
}

Draw = Callable[[QPainter, QRectF, QColor], None]


def look(state: str, problems: int = 0) -> StateLook:
    """Return the look of `state`; a draft with problems says how many."""
    if state == "problems" and problems:
        return StateLook("square", f"{problems} 个问题", "bad")
    if state == "draft" and problems:
        return StateLook("triangle", f"{problems} 个提示", "warn")
    return STATES[state]


def mark(shape: str, palette: QPalette, tone: Tone, size: int = MARK_PX, ratio: float = 1.0) -> QPixmap:
    """Return the shape as a picture in the colour of `tone`."""
    return _drawn(shape, tokens_for(palette).tone(tone), size, ratio)


def mark_icon(shape: str, palette: QPalette, tone: Tone) -> QIcon:
    """Return the shape as an icon, sharp on a screen of twice the density."""
    made = QIcon()
    for mode in (QIcon.Mode.Normal, QIcon.Mode.Selected):  # else Qt tints it in a selected row
        made.addPixmap(mark(shape, palette, tone), mode)
        made.addPixmap(mark(shape, palette, tone, ratio=2.0), mode)
    return made


def paint(painter: QPainter, rect: QRect, shape: str, palette: QPalette, tone: Tone) -> None:
    """Draw the shape in the middle of `rect`."""
    ratio = painter.device().devicePixelRatioF()
    picture = mark(shape, palette, tone, MARK_PX, ratio)
    painter.drawPixmap(
        rect.x() + (rect.width() - MARK_PX) // 2, rect.y() + (rect.height() - MARK_PX) // 2, picture
    )


@lru_cache(maxsize=512)
def _drawn(shape: str, colour: str, size: int, ratio: float) -> QPixmap:
    picture = QPixmap(round(size * ratio), round(size * ratio))
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    SHAPES[shape](painter, QRectF(0, 0, size, size), QColor(colour))
    painter.end()
    return picture


def _pen(painter: QPainter, colour: QColor, width: float = 1.5) -> None:
    painter.setPen(
        QPen(colour, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
    )
    painter.setBrush(Qt.BrushStyle.NoBrush)


def _ring(painter: QPainter, box: QRectF, colour: QColor) -> None:
    _pen(painter, colour)
    painter.drawEllipse(box.adjusted(2, 2, -2, -2))


def _disc(start: int, span: int) -> Draw:
    """A ring of which a part is filled; degrees, counter-clockwise from three o'clock."""

    def draw(painter: QPainter, box: QRectF, colour: QColor) -> None:
        _ring(painter, box, colour)
        painter.setBrush(colour)
        painter.drawPie(box.adjusted(2, 2, -2, -2), start * 16, span * 16)

    return draw


def _triangle(painter: QPainter, box: QRectF, colour: QColor) -> None:
    _pen(painter, colour)
    painter.setBrush(colour)
    w, h = box.width(), box.height()
    painter.drawPolygon(QPolygonF([QPointF(w / 2, 2.5), QPointF(w - 1.8, h - 2.8), QPointF(1.8, h - 2.8)]))


def _square(painter: QPainter, box: QRectF, colour: QColor) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.drawRoundedRect(box.adjusted(2.5, 2.5, -2.5, -2.5), 1, 1)


def _dots(filled: int) -> Draw:
    """Four small dots in a square, `filled` of them full: how far the platform has come."""

    def draw(painter: QPainter, box: QRectF, colour: QColor) -> None:
        step, r = box.width() / 4, 2.3
        places = [(step, step), (3 * step, step), (step, 3 * step), (3 * step, 3 * step)]
        for n, (x, y) in enumerate(places):
            _pen(painter, colour, 1.0)
            if n < filled:
                painter.setBrush(colour)
            painter.drawEllipse(QPointF(x, y), r, r)

    return draw


def _pause(painter: QPainter, box: QRectF, colour: QColor) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    w, h = box.width(), box.height()
    painter.drawRoundedRect(QRectF(w / 2 - 4, 2.5, 2.8, h - 5), 1, 1)
    painter.drawRoundedRect(QRectF(w / 2 + 1.2, 2.5, 2.8, h - 5), 1, 1)


def _noted(painter: QPainter, box: QRectF, colour: QColor) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.drawEllipse(QRectF(1, box.height() - 8.5, 7, 7))
    w, h = box.width(), box.height()
    painter.drawPolygon(QPolygonF([QPointF(w - 4, 1), QPointF(w, h / 2 + 1), QPointF(w - 8, h / 2 + 1)]))


def _glyph(name: str) -> Draw:
    """A shape of the icon family."""

    def draw(painter: QPainter, box: QRectF, colour: QColor) -> None:
        qtawesome.icon(f"ph.{name}", color=colour).paint(painter, box.toRect())

    return draw


SHAPES: Final[dict[str, Draw]] = {
    "ring": _ring,
    "triangle": _triangle,
    "square": _square,
    "half": _disc(90, 180),
    "quarter": _disc(0, 90),
    "lower": _disc(180, 180),
    "dots1": _dots(1),
    "dots2": _dots(2),
    "dots3": _dots(3),
    "dots4": _dots(4),
    "pause": _pause,
    "noted": _noted,
    "back": _glyph("arrow-u-up-left-bold"),
    "away": _glyph("paper-plane-right-bold"),
    "question": _glyph("question-bold"),
    "undo": _glyph("arrow-counter-clockwise-bold"),
    "swap": _glyph("arrows-left-right-bold"),
    "plusminus": _glyph("plus-minus-bold"),
    "cut": _glyph("prohibit-bold"),
    "flag": _glyph("flag-bold"),
    "bin": _glyph("trash-bold"),
    "tick": _glyph("check-circle-bold"),
}
