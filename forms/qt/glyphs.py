"""The few icons that editors carry, in the quiet colour of the palette."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import qtawesome
from PySide6.QtCore import QSize
from PySide6.QtGui import QIcon, QPalette, QPixmap

CALENDAR: Final = "ph.calendar-blank"
LIST: Final = "ph.caret-down"
SEARCH: Final = "ph.magnifying-glass"
REMOVE: Final = "ph.x"
BACK: Final = "ph.caret-left"
ON: Final = "ph.caret-right"
FOLDED: Final = "ph.caret-right"
UNFOLDED: Final = "ph.caret-down"
HELP: Final = "ph.info"
HELP_RECALLED: Final = "ph.circle-wavy-question"
HELP_DERIVED: Final = "ph.circle-dashed"
ERROR: Final = "ph.warning-octagon"
WARNING: Final = "ph.warning"
PIN: Final = "ph.push-pin"
PINNED: Final = "ph.push-pin-fill"
ANSWERED: Final = "ph.chat-text"
FILE: Final = "ph.paperclip"
ADD: Final = "ph.plus"

DARK_BELOW: Final = 128

TONES: Final = {"bad": ("#B3261E", "#F2938B"), "warn": ("#945800", "#E1A548"), "info": ("#1D5FA7", "#6FA8E8")}
"""Colour of each tone on a light and on a dark window."""


def glyph(name: str, palette: QPalette) -> QIcon:
    """Return the icon in the colour of secondary text."""
    return _made(name, palette.color(QPalette.ColorRole.PlaceholderText).name())


@lru_cache(maxsize=64)
def _made(name: str, colour: str) -> QIcon:
    return qtawesome.icon(name, color=colour)


def picture(name: str, palette: QPalette, size_px: int) -> QPixmap:
    """Return the icon as a picture; made once, for a form has one beside every field."""
    return _drawn(name, palette.color(QPalette.ColorRole.PlaceholderText).name(), size_px)


@lru_cache(maxsize=64)
def _drawn(name: str, colour: str, size_px: int) -> QPixmap:
    return _made(name, colour).pixmap(QSize(size_px, size_px))


def toned(name: str, palette: QPalette, tone: str) -> QIcon:
    """Return the icon in the colour of a tone: "bad", "warn" or "info"."""
    return _made(name, tone_colour(palette, tone))


def tone_colour(palette: QPalette, tone: str) -> str:
    """Return the colour of a tone, as ``#RRGGBB``."""
    dark = palette.color(QPalette.ColorRole.Window).lightness() < DARK_BELOW
    return TONES[tone][1 if dark else 0]
