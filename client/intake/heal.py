"""The clerk's own workbook (.xlsx, .xlsm) with its faults marked: what a person gets back to repair.

Faulty cells are coloured and have a note, the sheet 问题清单 lists all problems, a hidden column holds
the key of each row. Everything else stays: only the parts of that sheet, of its notes, of the styles and
of the list of sheets are written anew, and of these only what is added; all other parts of the archive
are copied byte for byte. openpyxl, which writes a whole workbook anew, keeps only what it knows: it was
seen to drop sparklines and says itself that it drops shapes; cached results of formulas go, too, once a
book is saved by it. What cannot be kept even so is named by `losses` (of its own module) first.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from client.core.imports import ROW_KEY_HEADING
from client.errors import FileRefused
from client.intake import parts
from client.intake.headings import Header
from client.intake.heal_before import Before, read_before
from client.intake.heal_list import Listed, list_sheet
from client.intake.heal_marks import Shown, marks_of, notes_of, with_answers, with_fills
from client.intake.heal_notes import (
    NO_COMMENTS,
    NO_DRAWING,
    add_notes,
    add_shapes,
    without_ours,
    without_shapes,
)
from client.intake.heal_parts import (
    Odd,
    hide_column,
    known_sheet,
    last_column,
    name_legacy_drawing,
    reach_of_drawing,
    rewrite_rows,
    widen_dimension,
)
from client.intake.heal_styles import Styles
from client.intake.placing import placing
from client.intake.relations import Relation, relations, relations_part
from client.intake.returned import PROBLEM_SHEET, key_column
from client.intake.sheet_xml import column_number, sheet_ids

_WORKBOOK: Final = "xl/workbook.xml"
_TYPES: Final = "[Content_Types].xml"
_OFFICE: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_KINDS: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_LAST_COLUMN: Final = 16_383
_MERGED_TO: Final = re.compile(r'<mergeCell ref="[A-Z]+[0-9]+:([A-Z]+)[0-9]+"')
_LEGACY: Final = re.compile(r'<legacyDrawing\b[^>]*?\w+:id="([^"]+)"')
_EMPTY_LISTING: Final = re.compile(r"(<Relationships\b[^>]*?)\s*/>")
_NO_RELATIONS: Final = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<Relationships'
    ' xmlns="http://schemas.openxmlformats.org/package/2006/relationships"></Relationships>'
)
_COMMENT_REF: Final = re.compile(r'<threadedComment\b[^>]*?\bref="([A-Z]+[0-9]+)"')


def heal(
    source: Path, out: Path, *, sheet: str, header: Header, keys: Mapping[int, str], listed: Sequence[Listed]
) -> None:
    """Write the clerk's workbook with its faults marked.

    Args:
        source: the file that was read; it is not changed.
        out: takes the place of what is there, at once, when all is written.
        sheet: with the records.
        header: of that sheet.
        keys: row → its key, for each row with a record.
        listed: all problems.

    Raises:
        Odd: the file is written in a way that cannot be changed safely.
        FileRefused: `report_unwritable`, `report_over_source`.
    """
    if out.exists() and out.samefile(source):
        raise FileRefused("report_over_source")
    try:
        with zipfile.ZipFile(source) as archive:
            changed = _Healing(archive, sheet, header).changed(keys, listed)
            _write(archive, changed, out)
    except parts.BROKEN as error:
        raise FileRefused("report_unwritable") from error


def _write(archive: zipfile.ZipFile, changed: Mapping[str, bytes], out: Path) -> None:
    with placing(out) as draft, zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED) as copy:
        for entry in archive.infolist():
            if entry.filename not in changed:
                copy.writestr(entry, archive.read(entry), compress_type=entry.compress_type)
            else:
                copy.writestr(entry.filename, changed[entry.filename])
        for part in changed.keys() - archive.NameToInfo.keys():
            copy.writestr(part, changed[part])


class _Healing:
    """One workbook being marked."""

    def __init__(self, archive: zipfile.ZipFile, sheet: str, header: Header) -> None:
        self._archive = archive
        self._header = header
        self._name = sheet
        self._names = {name for name, _ in sheet_ids(archive)}
        self._book = relations(archive, _WORKBOOK)
        self._sheets = {
            name: self._book[key].target
            for name, key in sheet_ids(archive)
            if key in self._book and self._book[key].target in archive.NameToInfo
        }
        if sheet not in self._sheets:
            raise Odd("sheet")
        self._part = self._sheets[sheet]
        self._relations = relations(archive, self._part)
        self._changed: dict[str, bytes] = {}
        self._styles = Styles(archive.read(self._book_part("styles")))
        self._fields = {one.column: one.field or "" for one in header.headings}
        self._fills: dict[tuple[int, int], str] = {}
        column = key_column(header)
        self._before = Before() if column is None else self._read_before(column)

    def _book_part(self, kind: str) -> str:
        part = next((one.target for one in self._book.values() if one.kind == kind), "")
        if part not in self._archive.NameToInfo:
            raise Odd(kind)
        return part

    def _read_before(self, column: int) -> Before:
        shared = any(one.kind == "sharedStrings" for one in self._book.values())
        strings = self._book_part("sharedStrings") if shared else ""
        return read_before(self._archive, self._sheets, strings, self._part, column)

    def changed(self, keys: Mapping[int, str], listed: Sequence[Listed]) -> dict[str, bytes]:
        """Return the parts that differ from the file, or are new."""
        text = known_sheet(self._archive.read(self._part))
        column = key_column(self._header)
        if column is None:
            column = self._free_column(text)
            text = hide_column(widen_dimension(text, column), column)
        texts = {row: {column: ""} for row in self._before.keys}
        texts |= {row: {column: key} for row, key in keys.items()}
        texts[self._header.last_row] = {column: ROW_KEY_HEADING}
        shown = Shown(text)
        marks = marks_of(listed, keys, shown)
        text = rewrite_rows(text, marks, texts, self._look, self._styles.marked if self._was_here else ())
        text = self._notes(text, notes_of(listed, keys, shown))
        self._changed[self._part] = text.encode()
        told = with_answers(listed, keys, self._before)
        told = with_fills(told, self._fills, keys, self._fields, shown)
        self._put_list(list_sheet(told, self._name, self._styles))
        self._changed[self._book_part("styles")] = self._styles.written()
        return self._changed

    @property
    def _was_here(self) -> bool:
        return key_column(self._header) is not None

    def _free_column(self, text: str) -> int:
        """Return the first column behind all that the sheet holds, pictures included."""
        merged = [column_number(letters) for letters in _MERGED_TO.findall(text)]
        drawn = [reach_of_drawing(self._read(one.target)) for one in self._of("drawing")]
        named = [one.column for one in self._header.headings]
        column = max([last_column(text), *merged, *drawn, *named]) + 1
        if column > _LAST_COLUMN:
            raise Odd("no free column")
        return column

    def _look(self, row: int, column: int, style: int, severity: str) -> int:
        """Give a cell its own look back, and colour it if it is faulty."""
        if style in self._styles.marked and self._was_here:
            place = self._before.keys.get(row, ""), self._fields.get(column, "")
            style = self._styles.filled(style, self._before.fills.get(place, ""))
        if not severity:
            return style
        self._fills[row, column] = self._styles.fill_of(style)
        return self._styles.coloured(style, severity)

    # --- notes ---

    def _notes(self, text: str, notes: dict[str, str]) -> str:
        """Write the notes; return the sheet, which may have to name their drawing."""
        for threaded in self._of("threadedComment"):
            for reference in _COMMENT_REF.findall(self._read(threaded.target)):
                notes.pop(reference, None)
        comments = next(iter(self._of("comments")), None)
        drawing = self._drawing_of_notes(text)
        there = self._read(comments.target) if comments else NO_COMMENTS
        had, gone = without_ours(there, self._before.lines) if self._was_here else (there, ())
        if not notes and had == there:
            return text
        part, fresh = add_notes(had, notes) if notes else (had, ())
        self._changed[comments.target if comments else self._add_comments()] = part.encode()
        others = [
            self._read(name)
            for name in self._archive.NameToInfo
            if name.endswith(".vml") and (drawing is None or name != drawing.target)
        ]
        if drawing is not None:
            shapes = add_shapes(without_shapes(self._read(drawing.target), gone), fresh, others)
            self._changed[drawing.target] = shapes.encode()
            return text
        name = self._free("xl/drawings/vmlDrawing{}.vml")
        self._changed[name] = add_shapes(NO_DRAWING, fresh, others).encode()
        self._type('<Default Extension="vml" ContentType="{}"/>'.format(
            "application/vnd.openxmlformats-officedocument.vmlDrawing"), 'extension="vml"')  # fmt: skip
        return name_legacy_drawing(text, self._relate(self._part, "vmlDrawing", name))

    def _drawing_of_notes(self, text: str) -> Relation | None:
        """Return the drawing that the sheet names for its notes; another one may be of its page header."""
        named = _LEGACY.search(text, text.find("</sheetData>"))
        if named is None:
            return None
        found = self._relations.get(named[1])
        if found is None or found.target not in self._archive.NameToInfo:
            raise Odd("drawing of notes")
        return found

    def _add_comments(self) -> str:
        name = self._free("xl/comments{}.xml")
        self._relate(self._part, "comments", name)
        self._type(f'<Override PartName="/{name}" ContentType="{_KINDS}.comments+xml"/>')
        return name

    def _of(self, kind: str) -> list[Relation]:
        return [
            one for one in self._relations.values()
            if one.kind == kind and not one.outside and one.target in self._archive.NameToInfo
        ]  # fmt: skip

    # --- the list of problems ---

    def _put_list(self, sheet: bytes) -> None:
        """Put the sheet at the end of the book; one that we wrote into a returned file is replaced."""
        if part := self._before.part:
            self._changed[part] = sheet
            listing = relations_part(part)
            if listing in self._archive.NameToInfo:  # what a program added to it, e.g. for its printer
                self._changed[listing] = _NO_RELATIONS.encode()
            return
        name, number = PROBLEM_SHEET, 2
        while name in self._names:
            name, number = f"{PROBLEM_SHEET}{number}", number + 1
        part = self._free("xl/worksheets/sheet{}.xml")
        self._changed[part] = sheet
        relation = self._relate(_WORKBOOK, "worksheet", part)
        self._type(f'<Override PartName="/{part}" ContentType="{_KINDS}.worksheet+xml"/>')
        text = self._read(_WORKBOOK)
        if "</sheets>" not in text:
            raise Odd("workbook")
        number = max(map(int, re.findall(r'\bsheetId="(\d+)"', text)), default=0) + 1
        tag = f'<sheet xmlns:r="{_OFFICE}" name="{name}" sheetId="{number}" r:id="{relation}"/>'
        self._changed[_WORKBOOK] = text.replace("</sheets>", f"{tag}</sheets>", 1).encode()

    # --- the archive ---

    def _read(self, part: str) -> str:
        raw = self._changed[part] if part in self._changed else self._archive.read(part)
        try:
            return raw.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise Odd("encoding") from error

    def _free(self, pattern: str) -> str:
        there = {name.casefold() for name in (*self._archive.NameToInfo, *self._changed)}
        number = 1
        while pattern.format(number).casefold() in there:
            number += 1
        return pattern.format(number)

    def _relate(self, part: str, kind: str, target: str) -> str:
        """Let a part name another; return the id of the relation."""
        listing = relations_part(part)
        known = listing in self._changed or listing in self._archive.NameToInfo
        text = _EMPTY_LISTING.sub(r"\1></Relationships>", self._read(listing) if known else _NO_RELATIONS)
        if "</Relationships>" not in text:
            raise Odd("relations")
        number = 1
        while f'"rIdMx{number}"' in text:
            number += 1
        tag = f'<Relationship Id="rIdMx{number}" Type="{_OFFICE}/{kind}" Target="/{target}"/>'
        text = text.replace("</Relationships>", f"{tag}</Relationships>", 1)
        self._changed[listing] = text.encode()
        return f"rIdMx{number}"

    def _type(self, tag: str, known: str = "") -> None:
        text = self._read(_TYPES)
        if known and known in text.replace("'", '"').casefold():
            return
        if "</Types>" not in text:
            raise Odd("types")
        if tag.startswith("<Default"):
            text = re.sub(r"(<Types\b[^>]*>)", rf"\1{tag}", text, count=1)
        else:
            text = text.replace("</Types>", f"{tag}</Types>", 1)
        self._changed[_TYPES] = text.encode()
