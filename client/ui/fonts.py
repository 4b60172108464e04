"""The Chinese face of the window: Noto Sans SC from its package, so that a bare PC shows every glyph."""

from __future__ import annotations

from typing import Final

from PySide6.QtGui import QFont, QFontDatabase

from client.paths import font_file

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
    path = font_file()
    number = QFontDatabase.addApplicationFont(str(path))
    families = QFontDatabase.applicationFontFamilies(number) if number >= 0 else []
    if not families:
        raise FontMissing(path.name)
    return families[0]


def body_font(family: str) -> QFont:
    """Return the font of all text; tables and codes count on its figures being of one width."""
    font = QFont()
    font.setFamilies([family, *LATIN])
    font.setPointSizeF(BODY_PT)
    font.setHintingPreference(QFont.HintingPreference.PreferVerticalHinting)
    return font
