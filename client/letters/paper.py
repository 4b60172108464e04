"""Sheets of paper: what stands where, and the PDF that it becomes.

A print is laid out first, as a list of marks for each sheet, so that the number of sheets and the
signs used are known before anything is drawn.
"""

from __future__ import annotations

import io
import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4, landscape
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from client.letters.faces import Faces, printable

UPRIGHT: Final[tuple[float, float]] = A4
BROAD: Final[tuple[float, float]] = landscape(A4)

MM: Final = 72 / 25.4
"""A millimetre in points."""

LEFT: Final = 18 * MM
TOP: Final = 16 * MM
BOTTOM: Final = 18 * MM
"""Margins, in points; left is right."""

TONES: Final = {
    "text": HexColor("#1E2731"),
    "quiet": HexColor("#56616D"),
    "bad": HexColor("#B3261E"),
    "warn": HexColor("#945800"),
}
RULE: Final = HexColor("#AEB6BF")
GROUND: Final = HexColor("#EEF1F4")
MARK: Final = HexColor("#E9ECEF")
MARK_SIZE: Final = 130
SMALL: Final = 7.5
BOLD: Final = 0.03
"""Width of the outline of a bold sign, by its size."""

_BFCHARS: Final = 100
"""Most lines of one ``beginbfchar``, as the format has it."""

_NUMBERS: Final = itertools.count(1)

Cancelled = Callable[[], bool]


@dataclass(frozen=True, slots=True)
class Text:
    """A line of text; (x, y) is the left end of its base line, from the lower left corner, in points.

    Attributes:
        tone: a name of TONES, or a colour as ``#B3261E``.
        spread: added after each sign, so that a line fills its width.
    """

    x: float
    y: float
    size: float
    text: str
    tone: str = "text"
    is_bold: bool = False
    spread: float = 0.0


@dataclass(frozen=True, slots=True)
class Edge:
    """A line from one place to another, e.g. of a table's cell."""

    x1: float
    y1: float
    x2: float
    y2: float
    width: float = 0.5
    tone: str = "text"


@dataclass(frozen=True, slots=True)
class Rule:
    """A horizontal line."""

    x: float
    y: float
    width: float


@dataclass(frozen=True, slots=True)
class Ground:
    """A grey field behind text; (x, y) is its lower left corner."""

    x: float
    y: float
    width: float
    height: float


@dataclass(slots=True)
class Sheet:
    """One side of paper."""

    size: tuple[float, float]
    grounds: list[Ground] = field(default_factory=list)
    rules: list[Rule] = field(default_factory=list)
    texts: list[Text] = field(default_factory=list)
    edges: list[Edge] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Imprint:
    """What stands on every sheet.

    Attributes:
        title: of the file.
        unit: whose print it is.
        made: when and by whom: ``2026-11-24 10:42 林晓 打印``; empty where sheets have their own foot.
        mark: written across every sheet; empty for none.
    """

    title: str
    unit: str
    made: str
    mark: str = ""


class PrintFont(TTFont):  # type: ignore[misc]  # reportlab carries no types
    """A TrueType font whose text layer gives back signs beyond U+FFFF, too; reportlab's own does not."""

    def addObjects(self, doc: Any) -> None:  # noqa: N802  (reportlab's name)
        """Add the fonts of a document, then write their text layer anew."""
        subsets = [list(subset) for subset in self.state[doc].subsets]
        names = [self.getSubsetInternalName(n, doc)[1:] for n in range(len(subsets))]
        super().addObjects(doc)
        fonts = doc.idToObject["BasicFonts"].dict
        for name, subset in zip(names, subsets, strict=True):
            stream = doc.idToObject[fonts[name].ToUnicode.name]
            stream.content = to_unicode(subset)


def to_unicode(subset: Sequence[int]) -> str:
    """Return the map from codes of a font to text, by ISO 32000-1, 9.10.3: UTF-16BE, a hundred a block."""
    pairs = [
        f"<{code:02X}> <{chr(sign).encode('utf-16-be').hex().upper()}>"
        for code, sign in enumerate(subset)
        if sign
    ]
    blocks = [pairs[at : at + _BFCHARS] for at in range(0, len(pairs), _BFCHARS)]
    return "\n".join(
        (
            "/CIDInit /ProcSet findresource begin", "12 dict begin", "begincmap",
            "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def",
            "/CMapName /Adobe-Identity-UCS def", "/CMapType 2 def",
            "1 begincodespacerange", "<00> <FF>", "endcodespacerange",
            *(line for block in blocks for line in (f"{len(block)} beginbfchar", *block, "endbfchar")),
            "endcmap", "CMapName currentdict /CMap defineresource pop", "end", "end",
        )
    )  # fmt: skip


def draw(path: Path, sheets: Sequence[Sheet], imprint: Imprint, faces: Faces) -> None:
    """Write sheets as a PDF.

    Raises:
        OSError: the disk says no.
    """
    of = f"共 {len(sheets)} 页"
    said = [mark.text for sheet in sheets for mark in sheet.texts]
    signs = set("".join(said)) | set(f"第 0123456789 页{of}{imprint.unit}{imprint.made}{imprint.mark}")
    name = f"MinXinPrint{next(_NUMBERS)}"
    font = PrintFont(name, io.BytesIO(faces.font(signs)), shapable=False)
    pdfmetrics.registerFont(font)
    try:
        canvas = Canvas(str(path), pagesize=sheets[0].size, pageCompression=1, lang="zh-CN")
        canvas.setTitle(printable(imprint.title))
        canvas.setAuthor(imprint.unit)
        canvas.setCreator("闽信通")
        for number, sheet in enumerate(sheets, start=1):
            canvas.setPageSize(sheet.size)
            _draw_mark(canvas, name, sheet.size, imprint.mark)
            _draw_sheet(canvas, name, sheet)
            if imprint.made:
                _draw_foot(canvas, name, sheet.size, imprint, f"第 {number} 页　{of}", faces)
            canvas.showPage()
        canvas.save()
    finally:
        font.unregister()


def _draw_sheet(canvas: Canvas, name: str, sheet: Sheet) -> None:
    canvas.setFillColor(GROUND)
    for ground in sheet.grounds:
        canvas.rect(ground.x, ground.y, ground.width, ground.height, stroke=0, fill=1)
    canvas.setStrokeColor(RULE)
    canvas.setLineWidth(0.5)
    for rule in sheet.rules:
        canvas.line(rule.x, rule.y, rule.x + rule.width, rule.y)
    for edge in sheet.edges:
        canvas.setStrokeColor(_colour(edge.tone))
        canvas.setLineWidth(edge.width)
        canvas.line(edge.x1, edge.y1, edge.x2, edge.y2)
    style: tuple[float, str] = (0, "")
    for mark in sheet.texts:
        if (mark.size, mark.tone) != style:
            style = (mark.size, mark.tone)
            canvas.setFont(name, mark.size)
            canvas.setFillColor(_colour(mark.tone))
        if mark.is_bold:  # one face has one weight: bold is drawn with an outline of the same colour
            canvas.setStrokeColor(_colour(mark.tone))
            canvas.setLineWidth(mark.size * BOLD)
        canvas.drawString(mark.x, mark.y, mark.text, mode=2 if mark.is_bold else 0, charSpace=mark.spread)


def _colour(tone: str) -> Any:
    return TONES[tone] if tone in TONES else HexColor(tone)


def _draw_mark(canvas: Canvas, name: str, size: tuple[float, float], mark: str) -> None:
    if not mark:
        return
    canvas.saveState()
    canvas.setFont(name, MARK_SIZE)
    canvas.setFillColor(MARK)
    canvas.translate(size[0] / 2, size[1] / 2)
    canvas.rotate(40)
    canvas.drawCentredString(0, -MARK_SIZE / 3, mark)
    canvas.restoreState()


def _draw_foot(
    canvas: Canvas, name: str, size: tuple[float, float], imprint: Imprint, page: str, faces: Faces
) -> None:
    canvas.setStrokeColor(RULE)
    canvas.setLineWidth(0.5)
    canvas.line(LEFT, 13 * MM, size[0] - LEFT, 13 * MM)
    canvas.setFont(name, SMALL)
    canvas.setFillColor(TONES["quiet"])
    canvas.drawString(LEFT, 9 * MM, imprint.made)
    canvas.drawString(size[0] - LEFT - faces.width(page, SMALL), 9 * MM, page)
