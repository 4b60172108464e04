"""The clerk's own workbook (.xlsx, .xlsm) with its faults marked: what a person gets back to repair.

Faulty cells are coloured and have a note, the sheet 问题清单 lists all problems, a hidden column holds
the key of each row. Everything else stays: only the parts of that sheet, of its notes, of the styles and
of the list of sheets are written anew, and of these only what is added; all other parts of the archive
are copied byte for byte. openpyxl, which writes a whole workbook anew, keeps only what it knows: it was
seen to drop sparklines and says itself that it drops shapes; cached results of formulas go, too, once a
book is saved by it. What cannot be kept even so is named by `losses` before anything is written.
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
from client.intake.gate import judge
from client.intake.headings import Header
from client.intake.heal_list import Listed, list_sheet
from client.intake.heal_parts import (
    NO_COMMENTS,
    NO_DRAWING,
    Odd,
    Styles,
    add_notes,
    add_shapes,
    hide_column,
    known_sheet,
    last_column,
    name_legacy_drawing,
    rewrite_rows,
    widen_dimension,
)
from client.intake.placing import placing
from client.intake.relations import Relation, relations
from client.intake.report import MOST_COMMENTS
from client.intake.returned import PROBLEM_SHEET, key_column
from client.intake.sheet_xml import column_letters, column_number, sheet_ids

_WORKBOOK: Final = "xl/workbook.xml"
_TYPES: Final = "[Content_Types].xml"
_OFFICE: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_KINDS: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_LAST_COLUMN: Final = 16_383
_MERGED_TO: Final = re.compile(r'<mergeCell ref="[A-Z]+[0-9]+:([A-Z]+)[0-9]+"')
_COMMENT_REF: Final = re.compile(r'<threadedComment\b[^>]*?\bref="([A-Z]+[0-9]+)"')


def losses(path: Path) -> tuple[str, ...]:
    """Return codes of what marking a workbook cannot keep.

    ``signature_lost``: a digital signature is of every byte. ``threads_unmarked``: cells with a
    conversation are coloured, but get no note. ``format_unmarked``: a spreadsheet that is no .xlsx or
    .xlsm is reported on in a new workbook. Empty for texts, which have no looks to keep.
    """
    try:
        kind = judge(path)
        if kind != "xlsx":
            return () if kind == "text" else ("format_unmarked",)
        with zipfile.ZipFile(path) as archive:
            names = [name.casefold() for name in archive.namelist()]
    except (FileRefused, *parts.BROKEN):
        return ()
    lost = {"_xmlsignatures/": "signature_lost", "xl/threadedcomments/": "threads_unmarked"}
    return tuple(code for folder, code in lost.items() if any(name.startswith(folder) for name in names))


def is_healable(source: Path, out: Path) -> bool:
    """Whether a file can come back as itself under a name: macros need the ending that allows them."""
    try:
        with zipfile.ZipFile(source) as archive:
            if _WORKBOOK not in archive.NameToInfo or _TYPES not in archive.NameToInfo:
                return False
            macros = b"macroEnabled" in archive.read(_TYPES)
    except (OSError, zipfile.BadZipFile, KeyError):
        return False
    return out.suffix.lower() == (".xlsm" if macros else ".xlsx")


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
        self._book = relations(archive, _WORKBOOK)
        self._ids = dict(sheet_ids(archive))
        self._part = self._target(sheet)
        self._relations = relations(archive, self._part)
        self._changed: dict[str, bytes] = {}

    def _target(self, sheet: str) -> str:
        relation = self._book.get(self._ids.get(sheet, ""))
        if relation is None or relation.target not in self._archive.NameToInfo:
            raise Odd("sheet")
        return relation.target

    def changed(self, keys: Mapping[int, str], listed: Sequence[Listed]) -> dict[str, bytes]:
        """Return the parts that differ from the file, or are new."""
        styles_part = next((r.target for r in self._book.values() if r.kind == "styles"), "")
        if styles_part not in self._archive.NameToInfo:
            raise Odd("styles")
        styles = Styles(self._archive.read(styles_part))
        text = known_sheet(self._archive.read(self._part))
        column = key_column(self._header)
        if column is None:
            merged = [column_number(letters) for letters in _MERGED_TO.findall(text)]
            column = max([last_column(text), *merged, *(h.column for h in self._header.headings)]) + 1
            if column > _LAST_COLUMN:
                raise Odd("no free column")
            text = hide_column(widen_dimension(text, column), column)
        marks = _marks(listed, keys)
        texts = {row: {column: key} for row, key in keys.items()}
        texts[self._header.last_row] = {column: ROW_KEY_HEADING}
        text = rewrite_rows(text, marks, texts, styles.coloured)
        text = self._notes(text, _notes_of(listed, keys))
        self._changed[self._part] = text.encode()
        self._put_list(list_sheet(listed, self._name, styles))
        self._changed[styles_part] = styles.written()
        return self._changed

    # --- notes ---

    def _notes(self, text: str, notes: dict[str, str]) -> str:
        """Write the notes; return the sheet, which may have to name their drawing."""
        for threaded in self._of("threadedComment"):
            for reference in _COMMENT_REF.findall(self._read(threaded.target)):
                notes.pop(reference, None)
        if not notes:
            return text
        comments = next(iter(self._of("comments")), None)
        drawing = next(iter(self._of("vmlDrawing")), None)
        had = self._read(comments.target) if comments else NO_COMMENTS
        part, fresh = add_notes(had, notes)
        self._changed[comments.target if comments else self._add_comments()] = part.encode()
        if drawing is not None:
            self._changed[drawing.target] = add_shapes(self._read(drawing.target), fresh).encode()
            return text if "<legacyDrawing " in text else self._named(text, drawing)
        name = self._free("xl/drawings/vmlDrawing{}.vml")
        self._changed[name] = add_shapes(NO_DRAWING, fresh).encode()
        self._type('<Default Extension="vml" ContentType="{}"/>'.format(
            "application/vnd.openxmlformats-officedocument.vmlDrawing"), 'Extension="vml"')  # fmt: skip
        return name_legacy_drawing(text, self._relate(self._part, "vmlDrawing", name))

    def _named(self, text: str, drawing: Relation) -> str:
        relation = next(name for name, one in self._relations.items() if one == drawing)
        return name_legacy_drawing(text, relation)

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
        if key_column(self._header) is not None and PROBLEM_SHEET in self._ids:
            self._changed[self._target(PROBLEM_SHEET)] = sheet
            return
        name, number = PROBLEM_SHEET, 2
        while name in self._ids:
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
        folder, _, name = part.rpartition("/")
        listing = f"{folder}/_rels/{name}.rels"
        empty = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"></Relationships>'
        known = listing in self._changed or listing in self._archive.NameToInfo
        text = self._read(listing) if known else empty
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
        if known and known in text:
            return
        if "</Types>" not in text:
            raise Odd("types")
        if tag.startswith("<Default"):
            text = re.sub(r"(<Types\b[^>]*>)", rf"\1{tag}", text, count=1)
        else:
            text = text.replace("</Types>", f"{tag}</Types>", 1)
        self._changed[_TYPES] = text.encode()


def _marks(listed: Sequence[Listed], keys: Mapping[int, str]) -> dict[int, dict[int, str]]:
    """Return row → column → severity, of rows with records; an error beats a warning."""
    marks: dict[int, dict[int, str]] = {}
    for one in listed:
        if one.row in keys and one.finding.column:
            row = marks.setdefault(one.row, {})
            column = column_number(one.finding.column)
            if row.get(column) != "error":
                row[column] = "error" if one.finding.severity == "error" else "warning"
    return marks


def _notes_of(listed: Sequence[Listed], keys: Mapping[int, str]) -> dict[str, str]:
    """Return cell → what its note says; a problem without a column of its own is said at the first cell."""
    notes: dict[str, str] = {}
    for one in listed:
        if one.row not in keys:
            continue
        reference = f"{one.finding.column or column_letters(0)}{one.row}"
        if reference in notes:
            notes[reference] += f"\n{one.finding.sentence}"
        elif len(notes) < MOST_COMMENTS:
            notes[reference] = one.finding.sentence
    return notes
