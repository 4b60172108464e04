"""Workbooks that are archives (.xlsx, .xlsb, .ods): their sheets' parts, what else they carry, what to mend.

calamine is given the file as it is. Where it would miss cells or a sheet that Excel reads, it is given
a copy in memory that says the same in the words that it knows.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
from collections.abc import Mapping
from html import escape
from typing import Final

from client.intake import parts, sheet_ods, sheet_xlsb, sheet_xml
from client.intake.gate import Kind
from client.intake.marks import Marks, Remark
from client.intake.relations import Relation, relations

_LINK_BYTES: Final = 1 << 16
_COMMENT: Final = re.compile(rb"<(?:\w+:)?comment [^>]*?\bref=[\"']([A-Z]{1,3})([0-9]{1,7})[\"']")
_COMMENT_RECORD: Final = b"\xfb\x04\x24"
"""Head of a note in an .xlsb: kind 635, 36 bytes."""

_NAMED: Final[tuple[tuple[str, Remark], ...]] = (
    ("xl/vbaproject", "macros_not_run"),
    ("xl/macrosheets/", "macros_not_run"),
    ("xl/intlmacrosheets/", "macros_not_run"),
    ("xl/externallinks/external", "links_not_followed"),
    ("xl/connections.", "links_not_followed"),
    ("xl/querytables/", "links_not_followed"),
    ("xl/embeddings/", "objects_not_opened"),
    ("xl/activex/", "objects_not_opened"),
)
_READ_ALONG: Final = frozenset({"sharedStrings", "styles"})
"""Parts that calamine reads only as far as it needs to, and so never comes to their check sums."""

_SOUND_TARGET: Final = re.compile(r"/?(?:[^./\\][^/\\]*/)*[^/\\]+")


class Package:
    """An open archive and what was found in it.

    Attributes:
        kind: of the three.
        archive: stays open as long as sheets are read.
        remarks: what it carries beside its cells.
    """

    def __init__(self, kind: Kind, archive: zipfile.ZipFile) -> None:
        self.archive = archive
        self.kind = kind
        self._parts: dict[str, str] = {}
        self._marks: dict[str, Marks] = {}
        self._changed: dict[str, bytes] = {}
        self.remarks = _remarks(archive)
        if kind == "xlsx":
            self._find_parts("xl/workbook.xml", sheet_xml.sheet_ids(archive))
        elif kind == "xlsb":
            self._find_parts("xl/workbook.bin", sheet_xlsb.sheet_targets(archive))
            self._scan_binary()
        else:
            book = sheet_ods.scan(archive)
            self._marks = book.marks
            self.remarks |= book.remarks

    def marks(self, sheet: str) -> Marks:
        """Return the marks of a sheet.

        Raises:
            FileRefused: the sheet is too large to lay out, or damaged.
        """
        if self.kind == "xlsx" and sheet in self._parts:
            marks = sheet_xml.scan(self.archive, self._parts[sheet])
            self._count_notes(self._parts[sheet], marks)
            return marks
        return self._marks.get(sheet) or Marks()

    def is_small(self, sheet: str) -> bool:
        """Whether a sheet says in its first lines that it can be laid out; the marks may come later then.

        Raises:
            FileRefused: it is damaged.
        """
        return (
            self.kind == "xlsx"
            and sheet in self._parts
            and sheet_xml.is_small(self.archive, self._parts[sheet])
        )

    def mended(self) -> io.BytesIO | None:
        """Return the copy that calamine is to read; None when the file itself will do."""
        return rewritten(self.archive, self._changed) if self._changed else None

    def _find_parts(self, workbook: str, sheets: list[tuple[str, str]]) -> None:
        found = relations(self.archive, workbook)
        for one in found.values():
            if one.kind in _READ_ALONG:
                parts.check(self.archive, one.target)
        for name, key in sheets:
            if key in found and found[key].target in self.archive.NameToInfo:
                self._parts[name] = found[key].target
        if any(not _SOUND_TARGET.fullmatch(one.written) for one in found.values() if not one.outside):
            folder, _, name = workbook.rpartition("/")
            self._changed[f"{folder}/_rels/{name}.rels"] = _listing(self.archive, workbook, found)

    def _scan_binary(self) -> None:
        for name, part in self._parts.items():
            marks, has_short = sheet_xlsb.scan(self.archive, part)
            self._count_notes(part, marks)
            self._marks[name] = marks
            if has_short:
                self._changed[part] = sheet_xlsb.with_columns(parts.read(self.archive, part))

    def _count_notes(self, part: str, marks: Marks) -> None:
        for relation in relations(self.archive, part).values():
            if relation.kind != "comments" or relation.target not in self.archive.NameToInfo:
                continue
            content = parts.read(self.archive, relation.target)
            if self.kind == "xlsx":
                for letters, row in _COMMENT.findall(content):
                    marks.add_note((int(row) - 1, sheet_xml.column_number(letters.decode())))
            else:
                for place in re.finditer(re.escape(_COMMENT_RECORD), content):
                    start = place.end() + 4
                    if start + 16 <= len(content):
                        row, _, column, _ = struct.unpack_from("<4I", content, start)
                        marks.add_note((row, column))


def rewritten(archive: zipfile.ZipFile, changed: Mapping[str, bytes]) -> io.BytesIO:
    """Copy an archive in memory with some parts changed."""
    copy = io.BytesIO()
    with zipfile.ZipFile(copy, "w", zipfile.ZIP_STORED) as target:
        for name in archive.NameToInfo:
            if not name.endswith("/"):
                target.writestr(name, changed[name] if name in changed else parts.read(archive, name))
    copy.seek(0)
    return copy


def _remarks(archive: zipfile.ZipFile) -> set[Remark]:
    remarks: set[Remark] = set()
    for name in archive.NameToInfo:
        small = name.casefold()
        for start, remark in _NAMED:
            if small.startswith(start):
                remarks.add(remark)
        if small.startswith("xl/externallinks/external"):
            with archive.open(name) as stream:
                head = stream.read(_LINK_BYTES)
            if b"ddeLink" in head:
                remarks.add("dde_not_run")
    return remarks


def _listing(archive: zipfile.ZipFile, workbook: str, found: Mapping[str, Relation]) -> bytes:
    """Write the workbook's relations with targets from the top of the package."""
    folder, _, name = workbook.rpartition("/")
    text = parts.read(archive, f"{folder}/_rels/{name}.rels").decode("utf-8", "replace")
    for relation in found.values():
        if not relation.outside:
            text = text.replace(f'Target="{relation.written}"', f'Target="{escape("/" + relation.target)}"')
    return text.encode()
