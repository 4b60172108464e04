"""Faces (字体): which one draws a sign, and the small TrueType font that a print carries.

The packaged faces have CFF outlines, which reportlab cannot embed. So a print converts the glyphs
that it uses, and only these: a record takes some hundreds, in a few hundredths of a second. A sign
that the first face lacks comes from the next; one that none has is named before printing.
"""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from fontTools.fontBuilder import FontBuilder
from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.recordingPen import DecomposingRecordingPen
from fontTools.pens.transformPen import TransformPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont, TTLibError

from client.paths import font_file, more_font_files

EM: Final = 1_000
"""Units of an em in the fonts that are made here."""

ERROR: Final = 0.8
"""How far, in units, a quadratic curve may be from the cubic one."""

RESTRICTED: Final = 0x0002
"""Bit of OS/2.fsType: the maker forbids embedding."""

SYSTEM: Final = (
    Path("C:/Windows/Fonts/msyh.ttc"),
    Path("C:/Windows/Fonts/simsun.ttc"),
    Path("C:/Windows/Fonts/simsunb.ttf"),
    Path("C:/Windows/Fonts/SimsunExtG.ttf"),
    Path("/System/Library/Fonts/Hiragino Sans GB.ttc"),
    Path("/System/Library/Fonts/STHeiti Light.ttc"),
    Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc"),
    Path("/usr/share/fonts/truetype/wqy/wqy-microhei.ttc"),
    Path("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"),
)
"""What Windows, macOS and Linux may have; asked last."""

NAME: Final = "MinXin Print"


@dataclass
class Face:
    """One font file that glyphs are taken from."""

    path: Path
    _font: Any = field(default=None, repr=False)
    _drawn: dict[int, Any] = field(default_factory=dict, repr=False)

    @cached_property
    def signs(self) -> Mapping[int, str]:
        """Code point → glyph; none when the file cannot be used or forbids embedding."""
        try:
            self._font = TTFont(io.BytesIO(self.path.read_bytes()), lazy=True, fontNumber=0)
            found: Mapping[int, str] = self._font.getBestCmap() or {}
            restricted = self._font["OS/2"].fsType & RESTRICTED
        except (OSError, TTLibError, KeyError):
            return {}
        return {} if restricted else found

    @cached_property
    def scale(self) -> float:
        """From the file's units to ours."""
        return EM / float(self._font["head"].unitsPerEm)

    @cached_property
    def has_cubics(self) -> bool:
        """Outlines of CFF run the other way round."""
        return "CFF " in self._font or "CFF2" in self._font

    @cached_property
    def _advances(self) -> Mapping[str, tuple[int, int]]:
        metrics: Mapping[str, tuple[int, int]] = self._font["hmtx"].metrics
        return metrics

    @cached_property
    def _glyphs(self) -> Any:
        return self._font.getGlyphSet()

    def advance(self, code: int) -> int:
        """Width of a sign in our units."""
        return round(self._advances[self.signs[code]][0] * self.scale)

    def outline(self, code: int) -> Any:
        """Return a sign's glyph with quadratic curves, in our units."""
        known = self._drawn.get(code)
        if known is None:
            drawn = DecomposingRecordingPen(self._glyphs)
            self._glyphs[self.signs[code]].draw(drawn)
            pen = TTGlyphPen(None)
            curves = Cu2QuPen(pen, max_err=ERROR, reverse_direction=self.has_cubics)
            drawn.replay(TransformPen(curves, (self.scale, 0, 0, self.scale, 0, 0)))
            known = self._drawn[code] = pen.glyph()
        return known


class Faces:
    """Faces in their order; a sign is drawn by the first that has it. One for each print."""

    def __init__(self, paths: Sequence[Path] | None = None) -> None:
        """Take these files; by default the packaged faces, then what the system may have."""
        files = (font_file(), *more_font_files(), *SYSTEM) if paths is None else paths
        self._faces = [Face(path) for path in files]
        self._of: dict[str, Face | None] = {}
        self._advances: dict[str, int] = {}

    def lacking(self, texts: Iterable[str]) -> str:
        """Return the signs that no face has, each once, in the order they are met."""
        signs = dict.fromkeys(sign for text in texts for sign in printable(text))
        return "".join(sign for sign in signs if sign != "\n" and self._face(sign) is None)

    def advance(self, sign: str) -> int:
        """Return the width of a sign, in thousandths of its size."""
        known = self._advances.get(sign)
        if known is None:
            face = self._face(sign)
            known = self._advances[sign] = face.advance(ord(sign)) if face is not None else EM
        return known

    def width(self, text: str, size: float) -> float:
        """Return the width of a line of text, in points."""
        return sum(map(self.advance, text)) * size / EM

    def font(self, signs: Iterable[str]) -> bytes:
        """Return a TrueType font with the glyphs of `signs`; those that no face has are left out."""
        drawn = {sign: face for sign in sorted({*signs, " "}) if (face := self._face(sign)) is not None}
        names = {sign: f"u{ord(sign):05X}" for sign in drawn}
        glyphs: dict[str, Any] = {".notdef": TTGlyphPen(None).glyph()}
        widths: dict[str, tuple[int, int]] = {".notdef": (EM, 0)}
        for sign, face in drawn.items():
            glyph = face.outline(ord(sign))
            glyphs[names[sign]] = glyph
            widths[names[sign]] = (self.advance(sign), 0)
        font = FontBuilder(EM, isTTF=True)
        font.setupGlyphOrder(list(glyphs))
        font.setupCharacterMap({ord(sign): name for sign, name in names.items()})
        font.setupGlyf(glyphs)
        font.setupHorizontalMetrics(
            {name: (width, getattr(glyphs[name], "xMin", 0)) for name, (width, _) in widths.items()}
        )
        font.setupHorizontalHeader(ascent=880, descent=-120)
        names_of = {"familyName": NAME, "styleName": "Regular", "psName": NAME.replace(" ", "")}
        font.setupNameTable(names_of, mac=False)
        font.setupOS2(sTypoAscender=880, sTypoDescender=-120, usWinAscent=1_160, usWinDescent=288)
        font.setupPost(keepGlyphNames=False)
        made = io.BytesIO()
        font.save(made)
        return made.getvalue()

    def _face(self, sign: str) -> Face | None:
        if sign not in self._of:
            self._of[sign] = next((face for face in self._faces if ord(sign) in face.signs), None)
        return self._of[sign]


def printable(text: str) -> str:
    """Return a text without what no paper shows: tabs become blanks, controls and joiners go."""
    if text.isascii() and text.isprintable():
        return text
    plain = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ").replace("\u00a0", " ")
    return "".join(sign for sign in plain if sign == "\n" or not _is_unseen(sign))


def _is_unseen(sign: str) -> bool:
    """Say whether a sign draws nothing: a control, a joiner, a choice of variant."""
    if unicodedata.category(sign) in {"Cc", "Cf", "Cs"}:
        return True
    return 0xFE00 <= ord(sign) <= 0xFE0F or 0xE0100 <= ord(sign) <= 0xE01EF


def numbered(text: str, lacking: str) -> str:
    """Return a text in which each sign of `lacking` is written as its number, e.g. 〔U+2A6D6〕."""
    if not lacking:
        return text
    return text.translate({ord(sign): f"〔U+{ord(sign):04X}〕" for sign in lacking})
