"""What a .docx says, as blocks of text that can be laid out: paragraphs and tables with their looks.

Reads the marks that an official letter needs; what it leaves out, it names (`Paper.not_shown`).
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from docx import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.oxml.ns import qn
from docx.table import Table
from docx.text.paragraph import Paragraph

PAGE_NUMBER: Final = "\ue000"
PAGE_COUNT: Final = "\ue001"
NEW_PAGE: Final = "\ue002"
"""Signs of the private area that stand for what is known only when all is laid out."""

_FIELDS: Final = {"PAGE": PAGE_NUMBER, "NUMPAGES": PAGE_COUNT, "SECTIONPAGES": PAGE_COUNT}
_EMU: Final = 12_700
_DEFAULT_SIZE: Final = 10.5

NOT_SHOWN: Final = {
    "w:drawing": "picture", "w:pict": "picture", "w:object": "object", "w:txbxContent": "text_box",
    "w:footnoteReference": "footnote", "w:endnoteReference": "footnote", "w:numPr": "numbering",
    "w:del": "revision", "w:ins": "revision", "w:commentReference": "comment", "w:sdt": "control",
    "m:oMath": "formula", "w:highlight": "highlight", "w:strike": "strike", "w:pBdr": "paragraph_border",
}  # fmt: skip
"""Mark of WordprocessingML → code of what our layout does not show of it."""

Blocks = Sequence["Para | Grid"]


@dataclass(frozen=True, slots=True)
class Look:
    """How a run of text looks; `size` in points, `colour` as ``#RRGGBB``."""

    size: float = _DEFAULT_SIZE
    is_bold: bool = False
    is_underlined: bool = False
    colour: str = "#000000"


@dataclass(frozen=True, slots=True)
class Run:
    """Text of one look; a line break is a line feed."""

    text: str
    look: Look


@dataclass(frozen=True, slots=True)
class Para:
    """A paragraph; lengths in points.

    Attributes:
        align: left, center, right or justify.
        first: indent of the first line, beyond `left`; negative for a hanging one.
        leading: of a line: a multiple of its size, or, when `is_exact`, points.
    """

    runs: tuple[Run, ...]
    align: str = "justify"
    left: float = 0.0
    right: float = 0.0
    first: float = 0.0
    before: float = 0.0
    after: float = 0.0
    leading: float = 1.0
    is_exact: bool = False
    keeps_with_next: bool = False
    begins_page: bool = False
    size: float = _DEFAULT_SIZE

    @property
    def text(self) -> str:
        """All of its text."""
        return "".join(run.text for run in self.runs)


@dataclass(frozen=True, slots=True)
class Box:
    """A cell; `goes_on` when it belongs to the cell above it."""

    paras: tuple[Para, ...]
    span: int = 1
    goes_on: bool = False


@dataclass(frozen=True, slots=True)
class Grid:
    """A table; `widths` of its columns in points. The first `heads` rows stand on every sheet."""

    rows: tuple[tuple[Box, ...], ...]
    widths: tuple[float, ...]
    has_lines: bool
    heads: int = 0


@dataclass(frozen=True, slots=True)
class Paper:
    """A document; lengths in points.

    Attributes:
        margins: top, right, bottom, left.
        edges: how far header and footer are from the sheet's edge.
        not_shown: codes of what the layout leaves out, each once.
    """

    size: tuple[float, float]
    margins: tuple[float, float, float, float]
    edges: tuple[float, float]
    head: tuple[Para, ...]
    foot: tuple[Para, ...]
    body: tuple[Para | Grid, ...]
    title: str = ""
    not_shown: tuple[str, ...] = field(default=())


class _Styles:
    """Styles of a document with those that they are based on, each looked up once."""

    def __init__(self, document: Any) -> None:
        self._by_id = {style.style_id: style for style in document.styles}
        self._default = document.styles.default(WD_STYLE_TYPE.PARAGRAPH)
        self._chains: dict[str | None, list[Any]] = {}
        self.defaults = document.styles.element.xpath("w:docDefaults/w:rPrDefault/w:rPr")

    def chain(self, style_id: str | None) -> list[Any]:
        """Return a style and its bases; of None, the usual one of paragraphs."""
        if style_id not in self._chains:
            style = self._by_id.get(style_id, self._default) if style_id else self._default
            found: list[Any] = []
            while style is not None and style not in found:
                found.append(style)
                style = style.base_style
            self._chains[style_id] = found
        return self._chains[style_id]


def read_paper(content: bytes) -> Paper:
    """Read a .docx that was made of a template that `templates.check_template` let pass."""
    document = Document(io.BytesIO(content))
    section = document.sections[0]
    styles = _Styles(document)
    left_out = dict.fromkeys(_left_out(document))
    head, foot = (
        () if part.is_linked_to_previous else _paras(part.iter_inner_content(), styles)
        for part in (section.header, section.footer)
    )
    return Paper(
        size=(_points(section.page_width, 595.3), _points(section.page_height, 841.9)),
        margins=(
            _points(section.top_margin, 72), _points(section.right_margin, 72),
            _points(section.bottom_margin, 72), _points(section.left_margin, 72),
        ),
        edges=(_points(section.header_distance, 36), _points(section.footer_distance, 36)),
        head=head,
        foot=foot,
        body=tuple(_blocks(document, styles)),
        title=document.core_properties.title or "",
        not_shown=tuple(left_out),
    )  # fmt: skip


def _left_out(document: Any) -> Iterator[str]:
    parts = [document.element.body]
    edges = [part for section in document.sections for part in (section.header, section.footer)]
    parts += [part._element for part in edges if not part.is_linked_to_previous]
    for part in parts:
        for mark, code in NOT_SHOWN.items():
            prefix, _, name = mark.partition(":")
            space = qn("w:p")[1:].partition("}")[0] if prefix == "w" else _MATH
            if next(part.iter(f"{{{space}}}{name}"), None) is not None:
                yield code
        if any(len(cell.findall(qn("w:tbl"))) for cell in part.iter(qn("w:tc"))):
            yield "nested_table"
        if any(int(cols.get(qn("w:num"), "1")) > 1 for cols in part.iter(qn("w:cols"))):
            yield "columns"
    if len(document.sections) > 1:
        yield "sections"


_MATH: Final = "http://schemas.openxmlformats.org/officeDocument/2006/math"


def _points(length: int | None, otherwise: float = 0.0) -> float:
    return otherwise if length is None else length / _EMU


def _blocks(document: Any, styles: _Styles) -> Iterator[Para | Grid]:
    for block in document.iter_inner_content():
        yield _grid(block, styles) if isinstance(block, Table) else _para(block, styles)


def _paras(blocks: Iterator[Any], styles: _Styles) -> tuple[Para, ...]:
    return tuple(_para(block, styles) for block in blocks if isinstance(block, Paragraph))


def _grid(table: Table, styles: _Styles) -> Grid:
    rows = tuple(tuple(_box(cell, table, styles) for cell in row._tr.tc_lst) for row in table.rows)
    widths = tuple(
        float(column.get(qn("w:w"), "0")) / 20 for column in table._tbl.tblGrid.findall(qn("w:gridCol"))
    )
    heads = 0
    for row in table.rows:
        properties = row._tr.trPr
        if properties is None or properties.find(qn("w:tblHeader")) is None:
            break
        heads += 1
    return Grid(rows, widths, _has_lines(table), heads)


def _has_lines(table: Table) -> bool:
    properties = table._tbl.tblPr
    borders = properties.find(qn("w:tblBorders"))
    if borders is not None:
        return any(one.get(qn("w:val")) not in {"nil", "none"} for one in borders)
    style = table.style
    return style is not None and "Grid" in (style.name or "")


def _box(cell: Any, table: Table, styles: _Styles) -> Box:
    merge = cell.tcPr.find(qn("w:vMerge")) if cell.tcPr is not None else None
    goes_on = merge is not None and merge.get(qn("w:val"), "continue") == "continue"
    paras = tuple(_para(Paragraph(one, table), styles) for one in cell.findall(qn("w:p")))
    return Box(paras, cell.grid_span, goes_on)


def _para(paragraph: Paragraph, known: _Styles) -> Para:
    properties = paragraph._p.pPr
    styles = known.chain(None if properties is None else properties.style)
    formats = [paragraph.paragraph_format, *(style.paragraph_format for style in styles)]

    def first(name: str) -> Any:
        return next((value for one in formats if (value := getattr(one, name)) is not None), None)

    align, spacing = first("alignment"), first("line_spacing")
    is_exact = spacing is not None and not isinstance(spacing, float)
    runs = tuple(_runs(paragraph, styles, known))
    size = max((run.look.size for run in runs), default=_look(None, styles, known).size)
    return Para(
        runs=runs,
        align={None: "justify", 0: "left", 1: "center", 2: "right"}.get(align, "justify"),
        left=_points(first("left_indent")),
        right=_points(first("right_indent")),
        first=_first_line(paragraph, size, _points(first("first_line_indent"))),
        before=_points(first("space_before")),
        after=_points(first("space_after")),
        leading=_points(spacing) if is_exact else float(spacing or 1.0),
        is_exact=is_exact,
        keeps_with_next=bool(first("keep_with_next")),
        begins_page=bool(first("page_break_before")),
        size=size,
    )


def _first_line(paragraph: Paragraph, size: float, otherwise: float) -> float:
    """A Chinese indent is counted in hundredths of a sign, and goes before the one in points."""
    properties = paragraph._p.pPr
    indent = properties.find(qn("w:ind")) if properties is not None else None
    signs = indent.get(qn("w:firstLineChars")) if indent is not None else None
    return int(signs) / 100 * size if signs else otherwise


def _runs(paragraph: Paragraph, styles: Sequence[Any], known: _Styles) -> Iterator[Run]:
    """Yield the runs, those of hyperlinks and of fields too; of a field that counts pages, its sign."""
    instruction, depth, is_result = "", 0, False
    for run in paragraph._p.iter(qn("w:r")):
        if _is_hidden(run, paragraph._p):
            continue
        simple = run.getparent()
        if simple.tag == qn("w:fldSimple") and _field(simple.get(qn("w:instr"), "")):
            text = _field(simple.get(qn("w:instr"), "")) if simple.find(qn("w:r")) is run else ""
        else:
            text = ""
            for mark in run:
                if mark.tag == qn("w:fldChar"):
                    kind = mark.get(qn("w:fldCharType"))
                    if kind == "begin":
                        instruction, depth, is_result = "", depth + 1, False
                    elif kind == "separate":
                        is_result = True
                        text += _field(instruction)
                    else:
                        text += "" if is_result else _field(instruction)
                        depth, is_result, instruction = depth - 1, False, ""
                elif mark.tag == qn("w:instrText"):
                    instruction += mark.text or ""
                elif depth == 0 or (is_result and not _field(instruction)):
                    text += _text(mark)
        if text:
            yield Run(text, _look(run, styles, known))


def _is_hidden(run: Any, paragraph: Any) -> bool:
    """Say whether a run is deleted, or stands in a box inside the paragraph."""
    place = run.getparent()
    while place is not paragraph and place is not None:
        if place.tag in {qn("w:del"), qn("w:txbxContent"), qn("w:sdt")}:
            return True
        place = place.getparent()
    return False


def _field(instruction: str) -> str:
    return _FIELDS.get(instruction.split(maxsplit=1)[0].upper() if instruction.split() else "", "")


def _text(mark: Any) -> str:
    if mark.tag == qn("w:t"):
        return mark.text or ""
    if mark.tag == qn("w:br"):
        return NEW_PAGE if mark.get(qn("w:type")) == "page" else "\n"
    return {qn("w:cr"): "\n", qn("w:tab"): "　　", qn("w:noBreakHyphen"): "-"}.get(mark.tag, "")


def _look(run: Any, styles: Sequence[Any], known: _Styles) -> Look:
    sources: list[Any] = [] if run is None or run.rPr is None else [run.rPr]
    if sources and (name := sources[0].find(qn("w:rStyle"))) is not None:
        named = known.chain(name.get(qn("w:val")))
        sources += [style.element.rPr for style in named if style.element.rPr is not None]
    sources += [style.element.rPr for style in styles if style.element.rPr is not None]
    sources += known.defaults

    def first(name: str, read: Callable[[Any], Any]) -> Any:
        for source in sources:
            mark = source.find(qn(name))
            if mark is not None:
                return read(mark)
        return None

    size = first("w:sz", lambda mark: int(mark.get(qn("w:val"))) / 2)
    colour = first("w:color", lambda mark: mark.get(qn("w:val")))
    return Look(
        size=size or _DEFAULT_SIZE,
        is_bold=bool(first("w:b", _is_on)),
        is_underlined=first("w:u", lambda mark: mark.get(qn("w:val"))) not in {None, "none"},
        colour=f"#{colour}" if colour and len(colour) == len("RRGGBB") else "#000000",
    )


def _is_on(mark: Any) -> bool:
    return mark.get(qn("w:val"), "true") not in {"0", "false", "off"}
