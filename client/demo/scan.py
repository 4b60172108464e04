"""The scan of a decision that the demo's applicant brings along: drawn here, invented from head to seal."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QBuffer, QIODevice, QRect, Qt
from PySide6.QtGui import QColor, QFont, QGuiApplication, QImage, QPainter, QPen

from client.ui import fonts

WIDTH_PX: Final = 900
HEIGHT_PX: Final = 1270
MARGIN_PX: Final = 90


def decision_scan(title: str, number: str, paragraphs: Sequence[str], office: str) -> bytes:
    """Return a page as PNG: title, document number, paragraphs, the office and a red seal."""
    if QGuiApplication.instance() is None:
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
        _kept.append(QGuiApplication([]))
    family = fonts.load_family()
    page = QImage(WIDTH_PX, HEIGHT_PX, QImage.Format.Format_RGB32)
    page.fill(QColor("#FDFCF7"))
    painter = QPainter(page)
    try:
        _write(painter, family, title, number, paragraphs)
        _seal(painter, family, office)
    finally:
        painter.end()
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    page.save(buffer, "PNG")  # type: ignore[call-overload]  # the stub asks for bytes, the program for str
    return bytes(buffer.data().data())


_kept: list[QGuiApplication] = []
"""The application that draws where no window has made one; must outlive every picture."""


def _write(painter: QPainter, family: str, title: str, number: str, paragraphs: Sequence[str]) -> None:
    width = WIDTH_PX - 2 * MARGIN_PX
    painter.setPen(QColor("#1E2731"))
    painter.setFont(_font(family, 40, bold=True))
    painter.drawText(QRect(MARGIN_PX, 110, width, 70), Qt.AlignmentFlag.AlignCenter, title)
    painter.setFont(_font(family, 24))
    painter.drawText(QRect(MARGIN_PX, 190, width, 40), Qt.AlignmentFlag.AlignCenter, number)
    painter.setPen(QPen(QColor("#B3261E"), 3))
    painter.drawLine(MARGIN_PX, 250, WIDTH_PX - MARGIN_PX, 250)
    painter.setPen(QColor("#1E2731"))
    top = 300
    for paragraph in paragraphs:
        space = QRect(MARGIN_PX, top, width, HEIGHT_PX - top)
        used = painter.drawText(space, int(Qt.TextFlag.TextWordWrap), "　　" + paragraph)
        top += used.height() + 24


def _seal(painter: QPainter, family: str, office: str) -> None:
    painter.setPen(QPen(QColor(179, 38, 30, 190), 6))
    painter.drawEllipse(WIDTH_PX - 350, HEIGHT_PX - 360, 230, 230)
    painter.setFont(_font(family, 20, bold=True))
    painter.drawText(
        QRect(WIDTH_PX - 340, HEIGHT_PX - 300, 210, 110),
        int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap),
        office + "\n（示范）",
    )


def _font(family: str, size_px: int, *, bold: bool = False) -> QFont:
    font = QFont(family)
    font.setPixelSize(size_px)
    font.setBold(bold)
    return font
