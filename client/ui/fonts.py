"""The Chinese faces of the window, from their packages, so that a bare PC shows every glyph, 𠮷 too."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from PySide6.QtGui import QFont, QFontDatabase

from client.paths import font_file, more_font_files

BODY_PT: Final = 10.5
SMALL_PT: Final = 9.5
TITLE_PT: Final = 13.0
FIGURE_PT: Final = 20.0

LATIN: Final = ("Segoe UI", "Helvetica Neue", "DejaVu Sans")
"""What draws a sign that Noto Sans SC lacks, tried in this order before the system's own choice."""


class FontMissing(RuntimeError):
    """The packaged font cannot be read: the installation is damaged."""


def load_family() -> str:
    """Load the packaged face and return its family name.

    Raises:
        FontMissing: Qt does not take the file.
    """
    return _load(font_file())


def load_rare() -> list[str]:
    """Load the faces of rare signs, and return their family names.

    Raises:
        FontMissing: Qt does not take a file.
    """
    return [_load(path) for path in more_font_files()]


def _load(path: Path) -> str:
    number = QFontDatabase.addApplicationFont(str(path))
    families = QFontDatabase.applicationFontFamilies(number) if number >= 0 else []
    if not families:
        raise FontMissing(path.name)
    return families[0]


def body_font(family: str, rare: Sequence[str] = ()) -> QFont:
    """Return the font of all text; tables and codes count on its figures being of one width."""
    font = QFont()
    font.setFamilies([family, *LATIN, *rare])
    font.setPointSizeF(BODY_PT)
    font.setHintingPreference(QFont.HintingPreference.PreferVerticalHinting)
    return font
