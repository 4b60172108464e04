"""The styles of a workbook (xl/styles.xml) with some more at their end: a cell's own look, coloured. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from client.intake.heal_parts import Odd, attributes, with_attribute

_XF: Final = re.compile(r"<xf\b[^>]*?(?:/>|>.*?</xf>)", re.DOTALL)
_FILL: Final = re.compile(r"<fill\b[^>]*?(?:/>|>.*?</fill>)", re.DOTALL)
_FONT: Final = re.compile(r"<font\b")
_PREFIXED: Final = re.compile(r"</?\w+:")
_COLOURS: Final[Mapping[str, str]] = {"error": "FFF8D7D3", "warning": "FFFBEBC8"}


class Styles:
    """The styles of a workbook, with some more at their end.

    Attributes:
        marked: styles that an earlier round gave to cells.

    Raises:
        Odd: they are not written as usual.
    """

    def __init__(self, raw: bytes) -> None:
        try:
            self._text = raw.decode("utf-8-sig")
            self._xfs: list[str] = _XF.findall(self._group("cellXfs"))
            self._fills: list[str] = _FILL.findall(self._group("fills"))
        except (UnicodeDecodeError, ValueError) as error:
            raise Odd("styles") from error
        self._known = len(self._xfs)
        self._made: dict[tuple[int, str], int] = {}
        mine = {place for place, fill in enumerate(self._fills) if _is_ours(fill)}
        self.marked = frozenset(place for place, xf in enumerate(self._xfs) if _fill_id(xf) in mine)

    def coloured(self, style: int, severity: str) -> int:
        """Return the style that is like another, but coloured."""
        return self.filled(
            style,
            '<fill><patternFill patternType="solid">'
            f'<fgColor rgb="{_COLOURS[severity]}"/><bgColor indexed="64"/></patternFill></fill>',
        )

    def filled(self, style: int, fill: str) -> int:
        """Return the style that is like another, but has a fill; without one for an empty text."""
        if (style, fill) not in self._made:
            xf = self._xf(style)
            end = xf.index("/>") if xf.endswith("/>") and xf.count(">") == 1 else xf.index(">")
            tag = with_attribute(xf[3:end], "fillId", str(self._place_of(fill)))
            tag = with_attribute(tag, "applyFill", "1" if fill else "0")
            self._made[style, fill] = self._add(f"<xf{tag}{xf[end:]}")
        return self._made[style, fill]

    def fill_of(self, style: int) -> str:
        """Return the fill of a style, as `filled` takes it."""
        place = _fill_id(self._xf(style))
        if place >= len(self._fills):
            raise Odd("fill unknown")
        return self._fills[place] if place else ""

    def plain(self, *, bold: bool = False, wrap: bool = False, link: bool = False) -> int:
        """Return a style of our own sheet."""
        font = 0
        if bold or link:
            inner = "<b/>" if bold else '<u/><sz val="11"/><color rgb="FF0563C1"/>'
            count = len(_FONT.findall(self._group("fonts")))
            font = self._append("fonts", f'<font>{inner}<name val="Microsoft YaHei"/></font>', count)
        shown = '<alignment vertical="top" wrapText="1"/>' if wrap else '<alignment vertical="top"/>'
        return self._add(
            f'<xf numFmtId="49" fontId="{font}" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"'
            f' applyFont="1" applyAlignment="1">{shown}</xf>'
        )

    def written(self) -> bytes:
        """Return the part."""
        text = self._text
        end = text.index("</cellXfs>")
        text = text[:end] + "".join(self._xfs[self._known :]) + text[end:]
        return _recount(text, "cellXfs", len(self._xfs)).encode()

    def _xf(self, style: int) -> str:
        if style >= len(self._xfs):
            raise Odd("style unknown")
        return self._xfs[style]

    def _add(self, xf: str) -> int:
        self._xfs.append(xf)
        return len(self._xfs) - 1

    def _place_of(self, fill: str) -> int:
        if not fill:
            return 0
        if fill not in self._fills:
            self._append("fills", fill, len(self._fills))
            self._fills.append(fill)
        return self._fills.index(fill)

    def _group(self, name: str) -> str:
        try:
            return self._text[self._text.index(f"<{name}") : self._text.index(f"</{name}>")]
        except ValueError as error:
            raise Odd("styles") from error

    def _append(self, group: str, xml: str, count: int) -> int:
        end = self._text.index(f"</{group}>")
        self._text = _recount(self._text[:end] + xml + self._text[end:], group, count + 1)
        return count


def is_fill(text: str) -> bool:
    """Whether a text that came back in a file is a fill that can stand in the styles."""
    return bool(_FILL.fullmatch(text)) and not _PREFIXED.search(text) and "<!" not in text


def _is_ours(fill: str) -> bool:
    return any(f'"{colour}"' in fill for colour in _COLOURS.values())


def _fill_id(xf: str) -> int:
    return int(attributes(xf[: xf.index(">")]).get("fillId", 0))


def _recount(text: str, group: str, count: int) -> str:
    begin = text.index(f"<{group}")
    end = text.index(">", begin)
    return text[:begin] + re.sub(r'count="\d+"', f'count="{count}"', text[begin:end]) + text[end:]
