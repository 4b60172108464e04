"""Draw pages of a PDF, in a child process: the file comes from anybody, and may kill or eat who parses it.

Runs in the child alone (`client.intake.child.run`); knows neither Qt nor the desk.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import pypdfium2

from client.errors import FileRefused

MOST_PIXELS: Final = 16_000_000
"""Of a page as it is drawn; a larger one is drawn smaller. 64 MB a page."""
NARROWEST_PT: Final = 1.0
_LOCKED_SAYS: Final = "password error"


@dataclass(frozen=True, slots=True)
class Drawn:
    """One page as pixels, four bytes each: blue, green, red, and one that means nothing.

    Attributes:
        place: from 0.
        count: pages of the document.
    """

    place: int
    count: int
    width_px: int
    height_px: int
    stride: int
    pixels: bytes


def draw(content: bytes, places: Sequence[int], width_px: int) -> Iterator[Drawn]:
    """Draw some pages, each as wide as asked; those that the document does not have are left out.

    Raises:
        FileRefused: ``pdf_broken``, ``pdf_locked`` (it asks for a password), ``pdf_empty``.
    """
    try:
        document = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as error:
        raise FileRefused("pdf_locked" if _LOCKED_SAYS in str(error).lower() else "pdf_broken") from error
    count = len(document)
    if not count:
        raise FileRefused("pdf_empty")
    for place in places:
        if not 0 <= place < count:
            continue
        try:
            yield _drawn(document, place, width_px)
        except pypdfium2.PdfiumError as error:
            raise FileRefused("pdf_broken") from error


def _drawn(document: pypdfium2.PdfDocument, place: int, width_px: int) -> Drawn:
    page = document[place]
    width, height = (max(size, NARROWEST_PT) for size in page.get_size())
    scale = width_px / width
    scale *= min(1.0, (MOST_PIXELS / (width * scale * height * scale)) ** 0.5)
    bitmap = page.render(scale=scale, rev_byteorder=False, prefer_bgrx=True)
    made = Drawn(place, len(document), bitmap.width, bitmap.height, bitmap.stride, bytes(bitmap.buffer))
    bitmap.close()
    page.close()
    return made
