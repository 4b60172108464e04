"""A sheet of an .xlsx changed in place: a cell's style, a text, a hidden column. Pure, text to text.

Works on the XML as Excel, WPS, LibreOffice, openpyxl and xlsxwriter write it. Whatever is written
otherwise (a prefix before every element, rows without numbers) is not guessed at: `Odd` is raised.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from html import unescape
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from client.intake.report import safe_text
from client.intake.sheet_xml import column_letters, column_number

_ROW: Final = re.compile(r"<row\b([^>]*?)(?:/>|>(.*?)</row>)", re.DOTALL)
_CELL: Final = re.compile(r"<c\b([^>]*?)(?:/>|>.*?</c>)", re.DOTALL)
_ATTRIBUTE: Final = re.compile(r'([\w:]+)\s*=\s*(?:"([^"]*)"|\'([^\']*)\')')
_REFERENCE: Final = re.compile(r"([A-Z]{1,3})([0-9]+)")
_COL: Final = re.compile(r"<col\b[^>]*?/>")
_SPANS: Final = re.compile(r'\s+spans="[^"]*"')

_TAG: Final = re.compile(r"<(/?)([\w:]+)(?:\"[^\"]*\"|'[^']*'|[^>\"'])*?(/?)>")
_ALTERNATIVE: Final = re.compile(r"\s*<mc:Choice\b[^>]*>\s*<([\w:]+)")
_ANCHOR_COLUMN: Final = re.compile(r"<(?:\w+:)?col>\s*(\d+)\s*</")
_STRICT: Final = "http://purl.oclc.org/ooxml/"

AFTER_LEGACY: Final = frozenset({
    "legacyDrawingHF", "drawingHF", "picture", "oleObjects", "controls", "webPublishItems", "tableParts",
    "extLst",
})  # fmt: skip
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
    if _STRICT in text[: text.index("<sheetData")]:
        raise Odd("strict")
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


Look = Callable[[int, int, int, str], int]
"""Row from 1, column from 0, style and severity (empty: none) of a cell → the style that it gets."""


def rewrite_rows(
    sheet: str, marks: Mapping[int, Mapping[int, str]], texts: Mapping[int, Mapping[int, str]], look: Look,
    stale: Collection[int] = (),
) -> str:  # fmt: skip
    """Colour cells and put texts in, row by row; all else stays as it is.

    Args:
        sheet: its XML.
        marks: row from 1 → column from 0 → severity.
        texts: row from 1 → column from 0 → text, in place of whatever is there; an empty one takes it out.
        look: gives a cell that is marked, or has a stale style, its style.
        stale: styles that an earlier round gave.
    """
    column_style = _column_styles(sheet)
    touched = marks.keys() | texts.keys()
    old = re.compile(r'\ss=["\'](?:' + "|".join(map(str, stale)) + r')["\']') if stale else None
    seen: set[int] = set()

    def rewrite(match: re.Match[str]) -> str:
        said = attributes(match[1])
        if "r" not in said:
            raise Odd("row without a number")
        number = int(said["r"])
        seen.add(number)
        body = match[2] or ""
        if number not in touched and not (old and old.search(body)):
            return match[0]
        usual = int(said.get("s", 0)) if said.get("customFormat") in {"1", "true"} else None
        row = _Row(number, marks.get(number, {}), texts.get(number, {}), look, frozenset(stale))
        body = row.cells(body, lambda column: column_style.get(column, 0) if usual is None else usual)
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


@dataclass(frozen=True, slots=True)
class _Row:
    """What is to be done to one row."""

    number: int
    marks: Mapping[int, str]
    texts: Mapping[int, str]
    look: Look
    stale: frozenset[int]

    def cells(self, body: str, blank_style: Callable[[int], int]) -> str:
        """Return the cells of the row, those that are new among them."""
        pieces: list[tuple[int, str]] = []
        there: set[int] = set()
        for match in _CELL.finditer(body):
            place = _REFERENCE.fullmatch(attributes(match[1]).get("r", ""))
            if place is None:
                raise Odd("cell without a place")
            column = column_number(place[1])
            if column not in self.texts:
                there.add(column)
                pieces.append((column, self._restyled(match, column)))
        for column, text in self.texts.items():
            if text:
                pieces.append((column, text_cell(f"{column_letters(column)}{self.number}", text)))
        for column, severity in self.marks.items():
            if column not in there and column not in self.texts:
                style = self.look(self.number, column, blank_style(column), severity)
                pieces.append((column, f'<c r="{column_letters(column)}{self.number}" s="{style}"/>'))
        pieces.sort(key=lambda piece: piece[0])
        return "".join(cell for _, cell in pieces)

    def _restyled(self, match: re.Match[str], column: int) -> str:
        cell = match[0]
        style = int(attributes(match[1]).get("s", 0))
        if column not in self.marks and style not in self.stale:
            return cell
        style = self.look(self.number, column, style, self.marks.get(column, ""))
        closing = "/" if cell.endswith("/>") and cell.count(">") == 1 else ""
        rest = cell[cell.index(">") + 1 :] if not closing else ""
        return f"<c{with_attribute(match[1], 's', str(style))}{closing}>{rest}"


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
    place = next((at for at, name in _children(tail) if name in AFTER_LEGACY), tail.rindex("</worksheet>"))
    begin = len(sheet) - len(tail) + place
    return sheet[:begin] + tag + sheet[begin:]


def _children(tail: str) -> Iterator[tuple[int, str]]:
    """Yield the elements behind the rows, not those within them: where each begins, and its name.

    One that stands in different ways for different programs goes by the first of its names.
    """
    depth = 0
    for tag in _TAG.finditer(tail, len("</sheetData>")):
        closing, name, alone = tag.groups()
        if closing:
            depth -= 1
        else:
            if depth == 0:
                inner = _ALTERNATIVE.match(tail, tag.end()) if name == "mc:AlternateContent" else None
                yield tag.start(), inner[1] if inner else name
            depth += not alone


def reach_of_drawing(drawing: str) -> int:
    """Return the last column, from 0, that pictures and charts of a sheet touch; -1 for none."""
    return max(map(int, _ANCHOR_COLUMN.findall(drawing)), default=-1)
