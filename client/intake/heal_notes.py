"""Notes (批注) of a sheet: ours beside the clerk's, in both parts that they live in. Pure, text to text."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from html import unescape
from typing import Final
from xml.sax.saxutils import escape

from client.intake.heal_parts import Odd, attributes
from client.intake.report import safe_text
from client.intake.sheet_xml import column_number

AUTHOR: Final = "闽信通"

_MARK: Final = re.compile(rf"(?:^|\s*\n){AUTHOR}：\s*(?:\n|$)")
_COMMENT: Final = re.compile(r"<comment\b([^>]*)>(.*?)</comment>", re.DOTALL)
_TEXT: Final = re.compile(r"<text\b[^>]*?(?:/>|>(.*?)</text>)", re.DOTALL)
_PIECE: Final = re.compile(r"<r\b[^>]*>.*?</r>|<rPh\b.*?</rPh>|<t\b[^>]*?(?:/>|>.*?</t>)", re.DOTALL)
_SAID: Final = re.compile(r"<t\b[^>]*>(.*?)</t>", re.DOTALL)
_AUTHOR: Final = re.compile(r"<author\b[^>]*?(?:/>|>(.*?)</author>)", re.DOTALL)
_SHAPE: Final = re.compile(r"<(\w+):shape\b.*?</\1:shape>", re.DOTALL)
_PLACE: Final = re.compile(r"<\w+:Row>\s*(\d+)\s*</\w+:Row>\s*<\w+:Column>\s*(\d+)\s*</\w+:Column>")
_SHAPE_ID: Final = re.compile(r"_x0000_s(\d+)")
_CLUSTERS: Final = re.compile(r'(<\w+:idmap\b[^>]*?\bdata=")[^"]*(")')
_OTHER_ROW: Final = re.compile(r"^第 \d+ 行：")
_REFERENCE: Final = re.compile(r"([A-Z]{1,3})([0-9]+)")
_LAST_COLUMN: Final = 16_383
_CLUSTER: Final = 1024
"""Shapes of one drawing have numbers from as many of these as the drawing names."""


def add_notes(comments: str, notes: Mapping[str, str]) -> tuple[str, tuple[str, ...]]:
    """Put notes into the part of the comments; those that are there are kept, ours follow them.

    Returns:
        The part, and the references of cells that had no note yet.
    """
    comments = _opened(comments)
    authors = _AUTHOR.findall(comments)
    author = authors.index(AUTHOR) if AUTHOR in authors else len(authors)
    if author == len(authors):
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

    comments = _COMMENT.sub(extend, comments)
    fresh = tuple(reference for reference in notes if reference not in there)
    more = "".join(
        f'<comment ref="{one}" authorId="{author}"><text>{_run(notes[one])}</text></comment>' for one in fresh
    )
    return comments.replace("</commentList>", more + "</commentList>", 1), fresh


def without_ours(comments: str, said: Collection[str]) -> tuple[str, tuple[str, ...]]:
    """Take out what an earlier round wrote; what people wrote stays, also below ours.

    Args:
        comments: the part.
        said: lines of that round; when none are known, all below our name is ours.

    Returns:
        The part, and the references of cells that have no note any more.
    """
    comments = _opened(comments)
    authors = [unescape(name) for name in _AUTHOR.findall(comments)]
    gone: list[str] = []

    def strip(match: re.Match[str]) -> str:
        about = attributes(match[1])
        number = int(about.get("authorId", -1))
        text = _TEXT.search(match[2])
        if text is None:
            return match[0]
        pieces = _PIECE.findall(text[1] or "")
        whole = "".join(map(_said, pieces))
        mark = _MARK.search(whole)
        if mark is not None:
            kept, ours = mark.start(), whole[mark.end() :]
        elif (0 <= number < len(authors) and authors[number] == AUTHOR) or _is_said(_first(whole), said):
            kept, ours = 0, whole  # LibreOffice forgets who wrote a note
        else:
            return match[0]
        rest = [line for line in ours.splitlines() if line.strip() and said and not _is_said(line, said)]
        body = _cut(pieces, kept) + (_run("\n" * (kept > 0) + "\n".join(rest)) if rest else "")
        if not body:
            gone.append(about.get("ref", ""))
            return ""
        inner = match[2][: text.start()] + f"<text>{body}</text>" + match[2][text.end() :]
        return f"<comment{match[1]}>{inner}</comment>"

    return _COMMENT.sub(strip, comments), tuple(gone)


def _opened(comments: str) -> str:
    if "<comments" not in comments or "<authors" not in comments:
        raise Odd("comments")
    return comments.replace("<authors/>", "<authors></authors>").replace(
        "<commentList/>", "<commentList></commentList>"
    )


def _is_said(line: str, said: Collection[str]) -> bool:
    line = line.strip()
    return line in said or _OTHER_ROW.sub("", line) in said


def _first(text: str) -> str:
    return next(iter(text.splitlines()), "")


def _said(piece: str) -> str:
    return "" if piece.startswith("<rPh") else "".join(unescape(text) for text in _SAID.findall(piece))


def _cut(pieces: Sequence[str], length: int) -> str:
    """Return the first pieces of a note's text, so many characters of it."""
    kept, left = [], length
    for piece in pieces:
        text = _said(piece)
        if left <= 0:
            break
        if len(text) > left:
            place = _SAID.search(piece)
            assert place is not None  # it says more than nothing
            short = f'<t xml:space="preserve">{escape(text[:left])}</t>'
            piece = piece[: place.start()] + short + piece[place.end() :]  # noqa: PLW2901 - the last one, cut
        kept.append(piece)
        left -= len(text)
    return "".join(kept)


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


def add_shapes(drawing: str, references: Sequence[str], others: Sequence[str] = ()) -> str:
    """Put the boxes of notes into the drawing of a sheet's notes.

    Args:
        drawing: of the sheet.
        references: cells with a new note.
        others: the drawings of other sheets, whose numbers are not used again.
    """
    end = drawing.rfind("</xml>")
    if end < 0 or "urn:schemas-microsoft-com:vml" not in drawing:
        raise Odd("drawing of notes")
    if not references:
        return drawing
    taken = [int(number) for text in (drawing, *others) for number in _SHAPE_ID.findall(text)]
    first = max([_CLUSTER, *taken]) + 1
    shapes = "".join(_shape(first + n, reference) for n, reference in enumerate(references))
    kind = ""
    if 'id="_x0000_t202"' not in drawing:
        kind = NO_DRAWING[NO_DRAWING.index("<v:shapetype") : NO_DRAWING.rindex("</xml>")]
    drawing = drawing[:end] + kind + shapes + drawing[end:]
    clusters = sorted({int(number) // _CLUSTER for number in _SHAPE_ID.findall(drawing)} - {0}) or [1]
    return _CLUSTERS.sub(rf"\g<1>{','.join(map(str, clusters))}\2", drawing, count=1)


def without_shapes(drawing: str, references: Collection[str]) -> str:
    """Take the boxes of notes out that there are no more."""
    places = {_row_and_column(reference) for reference in references}

    def strip(match: re.Match[str]) -> str:
        place = _PLACE.search(match[0])
        return "" if place and (int(place[1]), int(place[2])) in places else match[0]

    return _SHAPE.sub(strip, drawing) if places else drawing


def _row_and_column(reference: str) -> tuple[int, int]:
    place = _REFERENCE.fullmatch(reference)
    if place is None:
        raise Odd("note without a place")
    return int(place[2]) - 1, column_number(place[1])


def _shape(number: int, reference: str) -> str:
    row, column = _row_and_column(reference)
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
