"""Read a page of a file of the desk: a picture, or a page of a PDF drawn in a child. Touches no widget."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QSize, Qt
from PySide6.QtGui import QImage, QImageReader

from client.errors import ClientError
from client.intake import child
from client.ui.viewer import words
from client.ui.viewer.kinds import HEAD_BYTES, is_misnamed, kind_of
from client.ui.viewer.pages import Drawn

DRAW: Final = "client.ui.viewer.pages:draw"
SILENCE_S: Final = 60.0
"""A page that takes longer is not worth the wait."""
WIDEST_PX: Final = 4_000


@dataclass(frozen=True, slots=True)
class Sheet:
    """One page as a picture. `count`: pages of its file."""

    place: int
    count: int
    image: QImage


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why nothing is shown: a sentence, and what to do. `openable`: another program may show it."""

    title: str
    way: str
    openable: bool


def sheets_of(
    content: bytes, name: str, places: Sequence[int], width_px: int, cancelled: Callable[[], bool]
) -> list[Sheet] | Refusal:
    """Return pages of a file as pictures; a picture has one page, in its own size.

    Args:
        content: of the whole file.
        name: as people see it.
        places: the pages that are wanted, from 0.
        width_px: how wide pages of a PDF are drawn.
        cancelled: nobody waits any more.
    """
    kind = kind_of(content[:HEAD_BYTES], name)
    if kind == "program":
        return Refusal(words.PROGRAM.format(name=name), words.PROGRAM_WAY, openable=False)
    if kind == "picture":
        return _picture(content)
    if kind == "pdf":
        return _pages(content, places, width_px, cancelled)
    if is_misnamed(kind, name):
        return Refusal(words.MISNAMED.format(name=name), words.MISNAMED_WAY, openable=True)
    return Refusal(words.OTHER, words.OTHER_WAY, openable=True)


def refused(error: ClientError) -> Refusal:
    """Return an error of reading as a sentence."""
    title, way = words.REFUSED.get(error.code, (words.OTHER, words.OTHER_WAY))
    return Refusal(title, way, openable=error.code not in {"attachment_missing", "attachment_damaged"})


def _pages(
    content: bytes, places: Sequence[int], width_px: int, cancelled: Callable[[], bool]
) -> list[Sheet]:
    wide = min(width_px, WIDEST_PX)
    with closing(
        child.run(DRAW, content, tuple(places), wide, cancelled=cancelled, silence=SILENCE_S)
    ) as drawn:
        return [_sheet(one) for one in drawn]


def _sheet(drawn: Drawn) -> Sheet:
    image = QImage(drawn.pixels, drawn.width_px, drawn.height_px, drawn.stride, QImage.Format.Format_RGB32)
    return Sheet(drawn.place, drawn.count, image.copy())  # a copy owns its bytes


def _picture(content: bytes) -> list[Sheet] | Refusal:
    held = QBuffer()
    held.setData(QByteArray(content))
    held.open(QIODevice.OpenModeFlag.ReadOnly)
    reader = QImageReader(held)
    reader.setAutoTransform(True)
    size = reader.size()
    if size.isValid() and max(size.width(), size.height()) > WIDEST_PX:
        reader.setScaledSize(size.scaled(QSize(WIDEST_PX, WIDEST_PX), Qt.AspectRatioMode.KeepAspectRatio))
    image = reader.read()
    if image.isNull():
        return Refusal(words.BROKEN_PICTURE, words.BROKEN_WAY, openable=False)
    return [Sheet(0, 1, image)]
