"""Parts of an .xlsx changed in place: a cell's style, a note, a hidden column. Pure, text to text.

Works on the XML as Excel, WPS, LibreOffice, openpyxl and xlsxwriter write it. Whatever is written
otherwise (a prefix before every element, rows without numbers) is not guessed at: `Odd` is raised.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from html import unescape
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from client.intake.report import safe_text
from client.intake.sheet_xml import column_letters, column_number

AUTHOR: Final = "闽信通"

_ROW: Final = re.compile(r"<row\b([^>]*?)(?:/>|>(.*?)</row>)", re.DOTALL)
_CELL: Final = re.compile(r"<c\b([^>]*?)(?:/>|>.*?</c>)", re.DOTALL)
_ATTRIBUTE: Final = re.compile(r'([\w:]+)\s*=\s*(?:"([^"]*)"|\'([^\']*)\')')
_REFERENCE: Final = re.compile(r"([A-Z]{1,3})([0-9]+)")
_COL: Final = re.compile(r"<col\b[^>]*?/>")
_XF: Final = re.compile(r"<xf\b[^>]*?(?:/>|>.*?</xf>)", re.DOTALL)
_SPANS: Final = re.compile(r'\s+spans="[^"]*"')
_LAST_COLUMN: Final = 16_383

AFTER_SHEET_DATA: Final = (
    "drawingHF", "legacyDrawingHF", "picture", "oleObjects", "controls", "webPublishItems", "tableParts",
    "extLst",
)  # fmt: skip
"""What may stand behind `legacyDrawing` in a sheet."""


class Odd(Exception):
    """The file is written in a way that is not known well enough to change it."""


def attributes(tag: str) -> dict[str, str]:
    """Return the attributes of a start tag."""
    return {name: unescape(one or two) for name, one, two in _ATTRIBUTE.findall(tag)}


def with_attribute(tag: str, name: str, value: str) -> str:
    """Return the attributes of a start tag with one set."""
    bare = re.sub(rf'\s+{name}\s*=\s*(?:"[^"]*"|\'[^\']*\')', "", tag)
    return f"{bare.rstrip()} {name}={quoteattr(value)}"


def text_cell(reference: str, text: str, style: int = 0) -> str:
    """Write a cell that holds a text, and never a formula."""
    kept = f'<is><t xml:space="preserve">{escape(safe_text(text))}</t></is>'
    return f'<c r="{reference}" s="{style}" t="inlineStr">{kept}</c>'


# --- the sheet ------------------------------------------------------------------------------------


def known_sheet(raw: bytes) -> str:
    """Return the XML of a sheet as text.

    Raises:
        Odd: it is no plain UTF-8 sheet.
    """
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Odd("encoding") from error
    if "<sheetData" not in text or "<worksheet" not in text:
        raise Odd("prefix")
    if "<!--" in text or "<![CDATA[" in text or "<mc:AlternateContent><row" in text:
        raise Odd("markup")
    return text


def last_column(sheet: str) -> int:
    """Return the last column, from 0, in which a row has a cell."""
    last = 0
    for match in _ROW.finditer(sheet):
        body = match[2]
        if body:
            place = body.rfind("<c ")
            cell = _REFERENCE.search(attributes(body[place : body.find(">", place)]).get("r", ""))
            if place < 0 or cell is None:
                raise Odd("cell without a place")
            last = max(last, column_number(cell[1]))
    return last


def rewrite_rows(
    sheet: str, styles: Mapping[int, Mapping[int, str]], texts: Mapping[int, Mapping[int, str]],
    style_of: Callable[[int, str], int],
) -> str:  # fmt: skip
    """Colour cells and put texts in, row by row; all else stays as it is.

    Args:
        sheet: its XML.
        styles: row from 1 → column from 0 → severity.
        texts: row from 1 → column from 0 → text, in place of whatever is there.
        style_of: makes of a cell's style and a severity the coloured style.
    """
    column_style = _column_styles(sheet)
    touched = styles.keys() | texts.keys()
    seen: set[int] = set()

    def rewrite(match: re.Match[str]) -> str:
        said = attributes(match[1])
        if "r" not in said:
            raise Odd("row without a number")
        number = int(said["r"])
        if number not in touched:
            return match[0]
        seen.add(number)
        usual = int(said.get("s", 0)) if said.get("customFormat") in {"1", "true"} else None
        body = _row_cells(
            number, match[2] or "", styles.get(number, {}), texts.get(number, {}),
            lambda column, severity: style_of(
                column_style.get(column, 0) if usual is None else usual, severity
            ),
            style_of,
        )  # fmt: skip
        return f"<row{_SPANS.sub('', match[1]).rstrip()}>{body}</row>"

    head, data, tail = _around_data(sheet)
    data = _ROW.sub(rewrite, data)
    if touched - seen:
        raise Odd("missing row")
    return head + data + tail


def _around_data(sheet: str) -> tuple[str, str, str]:
    begin, end = sheet.index("<sheetData"), sheet.find("</sheetData>")
    if end < 0:
        raise Odd("no rows")
    return sheet[:begin], sheet[begin:end], sheet[end:]


def _row_cells(
    number: int, body: str, styles: Mapping[int, str], texts: Mapping[int, str],
    blank_style: Callable[[int, str], int], style_of: Callable[[int, str], int],
) -> str:  # fmt: skip
    pieces: list[tuple[int, str]] = []
    there: set[int] = set()
    for match in _CELL.finditer(body):
        place = _REFERENCE.fullmatch(attributes(match[1]).get("r", ""))
        if place is None:
            raise Odd("cell without a place")
        column = column_number(place[1])
        if column in texts:
            continue
        there.add(column)
        cell = match[0]
        if column in styles:
            style = style_of(int(attributes(match[1]).get("s", 0)), styles[column])
            closing = "/" if cell.endswith("/>") and cell.count(">") == 1 else ""
            rest = cell[cell.index(">") + 1 :] if not closing else ""
            cell = f"<c{with_attribute(match[1], 's', str(style))}{closing}>{rest}"
        pieces.append((column, cell))
    for column, text in texts.items():
        pieces.append((column, text_cell(f"{column_letters(column)}{number}", text)))
    for column, severity in styles.items():
        if column not in there and column not in texts:
            style = blank_style(column, severity)
            pieces.append((column, f'<c r="{column_letters(column)}{number}" s="{style}"/>'))
    pieces.sort(key=lambda piece: piece[0])
    return "".join(cell for _, cell in pieces)


def _column_styles(sheet: str) -> dict[int, int]:
    found: dict[int, int] = {}
    for tag in _COL.findall(sheet[: sheet.index("<sheetData")]):
        said = attributes(tag)
        if style := int(said.get("style", 0)):
            for column in range(int(said["min"]) - 1, min(int(said["max"]), 1024)):
                found[column] = style
    return found


def hide_column(sheet: str, column: int) -> str:
    """Hide one column; ranges of columns that hold it are split around it."""
    mine = column + 1
    hidden = f'<col min="{mine}" max="{mine}" width="9.0" hidden="1" customWidth="1"/>'
    head = sheet[: sheet.index("<sheetData")]
    tags = _COL.findall(head)
    if not tags:
        place = head.find("<cols/>")
        if place >= 0:
            head = head.replace("<cols/>", "")
        return f"{head}<cols>{hidden}</cols>{sheet[sheet.index('<sheetData') :]}"
    pieces: list[tuple[int, str]] = [(mine, hidden)]
    for tag in tags:
        said = attributes(tag)
        first, last = int(said["min"]), int(said["max"])
        if not first <= mine <= last:
            pieces.append((first, tag))
            continue
        inner = tag[len("<col") : -2]
        for low, high in ((first, mine - 1), (mine + 1, last)):
            if low <= high:
                part = with_attribute(with_attribute(inner, "min", str(low)), "max", str(high))
                pieces.append((low, f"<col{part}/>"))
    pieces.sort(key=lambda piece: piece[0])
    begin, end = head.index("<cols"), head.index("</cols>") + len("</cols>")
    body = "".join(tag for _, tag in pieces)
    return f"{head[:begin]}<cols>{body}</cols>{head[end:]}{sheet[sheet.index('<sheetData') :]}"


def widen_dimension(sheet: str, column: int) -> str:
    """Let the dimension that a sheet claims reach the key column."""

    def widen(match: re.Match[str]) -> str:
        return f"{match[1]}:{column_letters(column)}{match[2]}{match[3]}"

    return re.sub(r'(<dimension ref="[A-Z]+[0-9]+):[A-Z]+([0-9]+)(")', widen, sheet, count=1)


def name_legacy_drawing(sheet: str, relation: str) -> str:
    """Name the drawing of the notes in a sheet that has none."""
    tag = (
        '<legacyDrawing xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
        f' r:id="{relation}"/>'
    )
    _, _, tail = _around_data(sheet)
    places = [tail.find(f"<{name}") for name in AFTER_SHEET_DATA]
    place = min((p for p in places if p >= 0), default=tail.rindex("</worksheet>"))
    begin = len(sheet) - len(tail) + place
    return sheet[:begin] + tag + sheet[begin:]


# --- styles ---------------------------------------------------------------------------------------


class Styles:
    """The styles of a workbook, with some more at their end.

    Raises:
        Odd: they are not written as usual.
    """

    def __init__(self, raw: bytes) -> None:
        try:
            self._text = raw.decode("utf-8-sig")
            self._xfs = _XF.findall(self._group("cellXfs"))
        except (UnicodeDecodeError, ValueError) as error:
            raise Odd("styles") from error
        self._more: list[str] = []
        self._made: dict[tuple[int, str], int] = {}
        fills = {"error": "FFF8D7D3", "warning": "FFFBEBC8"}
        self._fills = {
            severity: self._append(
                "fills",
                '<fill><patternFill patternType="solid">'
                f'<fgColor rgb="{colour}"/><bgColor indexed="64"/></patternFill></fill>',
            )
            for severity, colour in fills.items()
        }

    def coloured(self, style: int, severity: str) -> int:
        """Return the style that is like another, but coloured."""
        if (style, severity) not in self._made:
            if style >= len(self._xfs):
                raise Odd("style unknown")
            xf = self._xfs[style]
            end = xf.index("/>") if xf.endswith("/>") and xf.count(">") == 1 else xf.index(">")
            tag = with_attribute(xf[3:end], "fillId", str(self._fills[severity]))
            tag = with_attribute(tag, "applyFill", "1")
            self._made[style, severity] = self._add(f"<xf{tag}{xf[end:]}")
        return self._made[style, severity]

    def plain(self, *, bold: bool = False, wrap: bool = False, link: bool = False) -> int:
        """Return a style of our own sheet."""
        font = 0
        if bold or link:
            inner = "<b/>" if bold else '<u/><sz val="11"/><color rgb="FF0563C1"/>'
            font = self._append("fonts", f'<font>{inner}<name val="Microsoft YaHei"/></font>')
        shown = '<alignment vertical="top" wrapText="1"/>' if wrap else '<alignment vertical="top"/>'
        return self._add(
            f'<xf numFmtId="49" fontId="{font}" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"'
            f' applyFont="1" applyAlignment="1">{shown}</xf>'
        )

    def written(self) -> bytes:
        """Return the part."""
        text = self._text
        end = text.index("</cellXfs>")
        text = text[:end] + "".join(self._more) + text[end:]
        return _recount(text, "cellXfs", len(self._xfs) + len(self._more)).encode()

    def _add(self, xf: str) -> int:
        self._more.append(xf)
        return len(self._xfs) + len(self._more) - 1

    def _group(self, name: str) -> str:
        return self._text[self._text.index(f"<{name}") : self._text.index(f"</{name}>")]

    def _append(self, group: str, xml: str) -> int:
        try:
            inner = self._group(group)
        except ValueError as error:
            raise Odd("styles") from error
        one = {"fills": "fill", "fonts": "font"}[group]
        count = len(re.findall(rf"<{one}\b", inner))
        end = self._text.index(f"</{group}>")
        self._text = _recount(self._text[:end] + xml + self._text[end:], group, count + 1)
        return count


def _recount(text: str, group: str, count: int) -> str:
    begin = text.index(f"<{group}")
    end = text.index(">", begin)
    return text[:begin] + re.sub(r'count="\d+"', f'count="{count}"', text[begin:end]) + text[end:]


# --- notes ----------------------------------------------------------------------------------------


def add_notes(comments: str, notes: Mapping[str, str]) -> tuple[str, tuple[str, ...]]:
    """Put notes into the part of the comments; those that are there are kept, ours follow them.

    Returns:
        The part, and the references of cells that had no note yet.
    """
    if "<comments" not in comments or "<authors" not in comments:
        raise Odd("comments")
    comments = comments.replace("<authors/>", "<authors></authors>").replace(
        "<commentList/>", "<commentList></commentList>"
    )
    author = len(re.findall(r"<author\b", comments))
    comments = comments.replace("</authors>", f"<author>{AUTHOR}</author></authors>", 1)
    there: set[str] = set()

    def extend(match: re.Match[str]) -> str:
        reference = attributes(match[1]).get("ref", "")
        if reference not in notes:
            return match[0]
        there.add(reference)
        body = re.sub(r"^(\s*<text\b[^>]*>)\s*(<t\b.*?</t>)", r"\1<r>\2</r>", match[2], flags=re.DOTALL)
        body = body.replace("<text/>", "<text></text>")
        mine = _run(f"\n{AUTHOR}：\n{notes[reference]}")
        return f"<comment{match[1]}>{body.replace('</text>', mine + '</text>', 1)}</comment>"

    comments = re.sub(r"<comment\b([^>]*)>(.*?)</comment>", extend, comments, flags=re.DOTALL)
    fresh = tuple(reference for reference in notes if reference not in there)
    more = "".join(
        f'<comment ref="{one}" authorId="{author}"><text>{_run(notes[one])}</text></comment>' for one in fresh
    )
    return comments.replace("</commentList>", more + "</commentList>", 1), fresh


NO_COMMENTS: Final = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    '<comments xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><authors></authors>'
    "<commentList></commentList></comments>"
)

NO_DRAWING: Final = (
    '<xml xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office"'
    ' xmlns:x="urn:schemas-microsoft-com:office:excel"><o:shapelayout v:ext="edit"><o:idmap v:ext="edit"'
    ' data="1"/></o:shapelayout><v:shapetype id="_x0000_t202" coordsize="21600,21600" o:spt="202"'
    ' path="m,l,21600r21600,l21600,xe"><v:stroke joinstyle="miter"/><v:path gradientshapeok="t"'
    ' o:connecttype="rect"/></v:shapetype></xml>'
)


def add_shapes(drawing: str, references: Sequence[str]) -> str:
    """Put the boxes of notes into the drawing of a sheet's notes."""
    end = drawing.rfind("</xml>")
    if end < 0 or "urn:schemas-microsoft-com:vml" not in drawing:
        raise Odd("drawing of notes")
    first = max([1024, *map(int, re.findall(r"_x0000_s(\d+)", drawing))]) + 1
    shapes = "".join(_shape(first + n, reference) for n, reference in enumerate(references))
    kind = ""
    if 'id="_x0000_t202"' not in drawing:
        kind = NO_DRAWING[NO_DRAWING.index("<v:shapetype") : NO_DRAWING.rindex("</xml>")]
    return drawing[:end] + kind + shapes + drawing[end:]


def _shape(number: int, reference: str) -> str:
    place = _REFERENCE.fullmatch(reference)
    assert place is not None
    column, row = column_number(place[1]), int(place[2]) - 1
    box = f"{min(column + 1, _LAST_COLUMN)}, 15, {max(row - 1, 0)}, 2, {column + 4}, 31, {row + 5}, 1"
    return (
        f'<v:shape id="_x0000_s{number}" type="#_x0000_t202" style="position:absolute;margin-left:60pt;'
        'margin-top:1.5pt;width:220pt;height:90pt;z-index:1;visibility:hidden" fillcolor="#ffffe1"'
        ' o:insetmode="auto" xmlns:v="urn:schemas-microsoft-com:vml"'
        ' xmlns:o="urn:schemas-microsoft-com:office:office" xmlns:x="urn:schemas-microsoft-com:office:excel">'
        '<v:fill color2="#ffffe1"/><v:shadow on="t" color="black" obscured="t"/>'
        '<v:path o:connecttype="none"/><v:textbox style="mso-direction-alt:auto"/>'
        '<x:ClientData ObjectType="Note"><x:MoveWithCells/><x:SizeWithCells/>'
        f"<x:Anchor>{box}</x:Anchor><x:AutoFill>False</x:AutoFill>"
        f"<x:Row>{row}</x:Row><x:Column>{column}</x:Column></x:ClientData></v:shape>"
    )


def _run(text: str) -> str:
    return f'<r><t xml:space="preserve">{escape(safe_text(text))}</t></r>'
