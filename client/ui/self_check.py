"""The window's part of the self-check: does the frozen program start Qt, and show Chinese.

`client.doctor` calls it for `doctor --self-check`. It needs no display, no desk and no network.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date

from PySide6.QtCore import QLibraryInfo, QTranslator, qVersion
from PySide6.QtGui import QFontMetrics, QGuiApplication, QImage
from PySide6.QtWidgets import QApplication, QDialogButtonBox, QLabel, QVBoxLayout, QWidget

from client.ui.fonts import FontMissing, body_font, load_family
from forms.catalog.schema import Item
from forms.qt.editor import Setting
from forms.qt.form import CatalogForm

Look = tuple[str, bool, str]
"""What was looked at, whether it is good, and what was seen."""

SAMPLE = "闽信通 厦漳泉〔2026〕号 䶮㛃 ①②"


def look(items: Sequence[Item]) -> Iterator[Look]:
    """Look at one thing after the other.

    Args:
        items: of the catalog in force; each must become a form.
    """
    app = QApplication.instance() or QApplication(["minxin"])
    yield "qt", True, f"Qt {qVersion()}, {QGuiApplication.platformName()}"
    try:
        family = load_family()
    except FontMissing as error:
        yield "glyphs", False, f"font missing: {error}"
        return
    metrics = QFontMetrics(body_font(family))
    lacking = [sign for sign in SAMPLE if not metrics.inFontUcs4(ord(sign))]
    yield "glyphs", not lacking, f"{family}, lacks {lacking}" if lacking else family
    for name, check in CHECKS.items():
        yield name, *check()
    yield "form", *_forms(items)
    app.processEvents()


def _words() -> tuple[bool, str]:
    """Qt's own words are Chinese."""
    translator = QTranslator()
    folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    loaded = translator.load("qtbase_zh_CN", folder)
    said = translator.translate("QPlatformTheme", "Cancel")
    return loaded and said == "取消", said or "qtbase_zh_CN is missing"


def _drawn() -> tuple[bool, str]:
    """A window is drawn, and is not blank."""
    window = QWidget()
    column = QVBoxLayout(window)
    column.addWidget(QLabel(SAMPLE))
    column.addWidget(QDialogButtonBox(QDialogButtonBox.StandardButton.Ok))
    window.show()
    picture = window.grab().toImage().convertToFormat(QImage.Format.Format_Grayscale8)
    window.close()
    shades = {
        picture.pixelColor(x, y).value() for x in range(picture.width()) for y in range(picture.height())
    }
    return len(shades) > 2, f"{picture.width()}×{picture.height()}, {len(shades)} shades"


def _forms(items: Sequence[Item]) -> tuple[bool, str]:
    """Each item becomes a form that gives back what it was given."""
    setting = Setting(today=date.today)
    for item in items:
        form = CatalogForm(item, setting)
        given = {item.subject_name: "某某有限公司"}
        form.set_values(given)
        if form.values() != given:
            return False, item.code
    return True, ", ".join(item.code for item in items)


CHECKS: dict[str, Callable[[], tuple[bool, str]]] = {"words": _words, "window": _drawn}
