"""Icons: one outline family (Phosphor, by qtawesome), in the colours of the theme."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import qtawesome
from PySide6.QtGui import QIcon, QPalette

from client.ui.theme import Tone, tokens_for

FAMILY: Final = "ph"


def icon(name: str, palette: QPalette, tone: Tone | None = None) -> QIcon:
    """Return the outline icon `name` (e.g. ``pencil-line``) in a tone, else in the text colour."""
    tokens = tokens_for(palette)
    return _made(name, tokens.tone(tone) if tone else tokens.text, tokens.disabled)


def on_accent(name: str, palette: QPalette) -> QIcon:
    """Return the icon for a primary button."""
    tokens = tokens_for(palette)
    return _made(name, tokens.on_accent, tokens.disabled)


@lru_cache(maxsize=512)
def _made(name: str, colour: str, disabled: str) -> QIcon:
    return qtawesome.icon(f"{FAMILY}.{name}", color=colour, color_disabled=disabled)
