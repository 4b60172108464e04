"""Whether an .xlsx is sound inside: what Excel would offer to repair, found by reading its parts.

Source: ECMA-376 part 1 (SpreadsheetML) and part 2 (packages); [MS-OE376] for what Excel minds.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

from client.intake.sheet_xml import column_number

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
LINK = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
PACKAGE = "{http://schemas.openxmlformats.org/package/2006/relationships}"
TYPES = "{http://schemas.openxmlformats.org/package/2006/content-types}"
COMPATIBLE = "{http://schemas.openxmlformats.org/markup-compatibility/2006}AlternateContent"
EXCEL = "{urn:schemas-microsoft-com:office:excel}"
OFFICE = "{urn:schemas-microsoft-com:office:office}"
VML = "{urn:schemas-microsoft-com:vml}"

ORDER = (
    "sheetPr", "dimension", "sheetViews", "sheetFormatPr", "cols", "sheetData", "sheetCalcPr",
    "sheetProtection", "protectedRanges", "scenarios", "autoFilter", "sortState", "dataConsolidate",
    "customSheetViews", "mergeCells", "phoneticPr", "conditionalFormatting", "dataValidations", "hyperlinks",
    "printOptions", "pageMargins", "pageSetup", "headerFooter", "rowBreaks", "colBreaks", "customProperties",
    "cellWatches", "ignoredErrors", "smartTags", "drawing", "legacyDrawing", "legacyDrawingHF", "drawingHF",
    "picture", "oleObjects", "controls", "webPublishItems", "tableParts", "extLst",
)  # fmt: skip

Element = ET.Element
_PLACE = re.compile(r"([A-Z]+)(\d+)")


def assert_sound(path: Path) -> None:
    """Fail with all that is wrong inside a workbook."""
    said = "; ".join(faults(path))
    assert not said, said


def faults(path: Path) -> Iterator[str]:
    """Yield what is wrong, in words."""
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        raw = {name: archive.read(name) for name in names}
    yield from _doubled("part", [name.casefold() for name in names])
    trees: dict[str, Element] = {}
    for name, content in raw.items():
        if name.endswith((".xml", ".rels", ".vml")):
            try:
                trees[name] = ET.fromstring(content)
            except ET.ParseError as error:
                yield f"{name}: {error}"
    yield from _types(trees["[Content_Types].xml"], names)
    for name, tree in trees.items():
        if name.endswith(".rels"):
            yield from _relations(name, tree, names)
    book = _Book(trees)
    yield from book.faults()


def _doubled(what: str, names: Iterable[object]) -> Iterator[str]:
    seen: set[object] = set()
    for name in names:
        if name in seen:
            yield f"{what} {name} twice"
        seen.add(name)


def _types(tree: Element, names: list[str]) -> Iterator[str]:
    endings = [one.attrib["Extension"].casefold() for one in tree.iter(f"{TYPES}Default")]
    parts = [one.attrib["PartName"] for one in tree.iter(f"{TYPES}Override")]
    yield from _doubled("default type", endings)
    yield from _doubled("type", [part.casefold() for part in parts])
    for part in parts:
        if part.lstrip("/") not in names:
            yield f"type of a missing part {part}"
    for name in names:
        known = f"/{name}" in parts or name.rpartition(".")[2].casefold() in endings
        if name != "[Content_Types].xml" and not name.endswith("/") and not known:
            yield f"{name} has no type"


def _targets(name: str, tree: Element) -> dict[str, tuple[str, str]]:
    """Return id → kind and part; an empty part for what lies outside."""
    folder = posixpath.dirname(posixpath.dirname(name))
    found = {}
    for one in tree.iter(f"{PACKAGE}Relationship"):
        target = one.attrib["Target"]
        path = posixpath.normpath(target if target[:1] == "/" else f"/{folder}/{target}").lstrip("/")
        outside = one.attrib.get("TargetMode") == "External"
        found[one.attrib["Id"]] = one.attrib["Type"].rpartition("/")[2], "" if outside else path
    return found


def _relations(name: str, tree: Element, names: list[str]) -> Iterator[str]:
    yield from _doubled(f"{name}: id", [one.attrib["Id"] for one in tree.iter(f"{PACKAGE}Relationship")])
    for key, (_, part) in _targets(name, tree).items():
        if part and part not in names:
            yield f"{name}: {key} names a missing part {part}"


class _Book:
    def __init__(self, trees: dict[str, Element]) -> None:
        self._trees = trees
        self._book = trees["xl/workbook.xml"]
        self._links = self._links_of("xl/workbook.xml")
        styles = next(part for kind, part in self._links.values() if kind == "styles")
        self._styles = trees[styles]
        strings = [part for kind, part in self._links.values() if kind == "sharedStrings"]
        self._strings = len(trees[strings[0]].findall(f"{MAIN}si")) if strings else 0

    def _links_of(self, part: str) -> dict[str, tuple[str, str]]:
        name = f"{posixpath.dirname(part)}/_rels/{posixpath.basename(part)}.rels"
        return _targets(name, self._trees[name]) if name in self._trees else {}

    def faults(self) -> Iterator[str]:
        sheets = list(self._book.iter(f"{MAIN}sheet"))
        yield from _doubled("sheet", [one.attrib["name"].casefold() for one in sheets])
        yield from _doubled("sheet id", [one.attrib["sheetId"] for one in sheets])
        for one in self._book.iter(f"{MAIN}definedName"):
            if int(one.attrib.get("localSheetId", 0)) >= len(sheets):
                yield f"name {one.attrib['name']} of no sheet"
        yield from self._style_faults()
        tables: list[Element] = []
        for one in sheets:
            kind, part = self._links.get(one.attrib[f"{LINK}id"], ("", ""))
            if kind != "worksheet":
                yield f"sheet {one.attrib['name']} has no part"
                continue
            said = _Sheet(self._trees[part], len(self._styles.find(f"{MAIN}cellXfs") or ()), self._strings)
            yield from (f"{one.attrib['name']}: {fault}" for fault in said.faults())
            links = self._links_of(part)
            yield from self._link_faults(one.attrib["name"], self._trees[part], links)
            yield from self._note_faults(one.attrib["name"], links)
            tables += [self._trees[target] for kind, target in links.values() if kind == "table"]
        for key in ("id", "name", "displayName"):
            yield from _doubled(f"table {key}", [one.attrib[key] for one in tables])
        for table in tables:
            left, _, right, _ = _box(table.attrib["ref"])
            columns = table.findall(f"{MAIN}tableColumns/{MAIN}tableColumn")
            if len(columns) != right - left + 1:
                yield f"table {table.attrib['name']}: {len(columns)} columns in {table.attrib['ref']}"

    def _style_faults(self) -> Iterator[str]:
        counts = {}
        for group in ("fonts", "fills", "borders", "cellXfs", "cellStyleXfs", "dxfs"):
            found = self._styles.find(f"{MAIN}{group}")
            counts[group] = 0 if found is None else len(found)
            if found is not None and int(found.attrib.get("count", len(found))) != len(found):
                yield f"styles: {group} count {found.attrib['count']}, are {len(found)}"
        for xf in self._styles.findall(f"{MAIN}cellXfs/{MAIN}xf"):
            for key, group in (("fontId", "fonts"), ("fillId", "fills"), ("borderId", "borders")):
                if int(xf.attrib.get(key, 0)) >= counts[group]:
                    yield f"styles: {key} {xf.attrib[key]} of {counts[group]}"

    def _link_faults(self, name: str, sheet: Element, links: dict[str, tuple[str, str]]) -> Iterator[str]:
        wanted = {
            "drawing": "drawing", "legacyDrawing": "vmlDrawing", "legacyDrawingHF": "vmlDrawing",
            "tablePart": "table", "picture": "image",
        }  # fmt: skip
        for tag, kind in wanted.items():
            for one in sheet.iter(f"{MAIN}{tag}"):
                if links.get(one.attrib[f"{LINK}id"], ("",))[0] != kind:
                    yield f"{name}: {tag} leads to no {kind}"
        named = {one for tag in wanted for one in self._ids(sheet, tag)}
        for key, (kind, _) in links.items():
            if kind in wanted.values() and key not in named:
                yield f"{name}: a {kind} that the sheet does not name"

    def _ids(self, sheet: Element, tag: str) -> list[str]:
        return [one.attrib[f"{LINK}id"] for one in sheet.iter(f"{MAIN}{tag}")]

    def _note_faults(self, name: str, links: dict[str, tuple[str, str]]) -> Iterator[str]:
        notes = [self._trees[part] for kind, part in links.values() if kind == "comments"]
        drawings = [self._trees[part] for kind, part in links.values() if kind == "vmlDrawing"]
        references = []
        for tree in notes:
            authors = len(tree.findall(f"{MAIN}authors/{MAIN}author"))
            for one in tree.iter(f"{MAIN}comment"):
                references.append(one.attrib["ref"])
                if int(one.attrib["authorId"]) >= authors:
                    yield f"{name}: note {one.attrib['ref']} of nobody"
        yield from _doubled(f"{name}: note", references)
        places = []
        for drawing in drawings:
            shapes = list(drawing.iter(f"{VML}shape"))
            ids = [shape.attrib["id"] for shape in shapes]
            yield from _doubled(f"{name}: shape", ids)
            places += [_shape_place(shape) for shape in shapes]
            map_ = next(drawing.iter(f"{OFFICE}idmap"), None)
            clusters = set(map_.attrib["data"].split(",")) if map_ is not None else set()
            for one in ids:
                number = int(one.rpartition("_s")[2]) if "_s" in one else 0
                if number > 1024 and str(number // 1024) not in clusters:
                    yield f"{name}: shape {one} outside of {sorted(clusters)}"
        places = [place for place in places if place]
        if sorted(places) != sorted(references):
            yield f"{name}: notes at {sorted(references)}, boxes at {sorted(places)}"


def _shape_place(shape: Element) -> str:
    row, column = next(shape.iter(f"{EXCEL}Row"), None), next(shape.iter(f"{EXCEL}Column"), None)
    if row is None or column is None:
        return ""
    letters, number = "", int(column.text or 0) + 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{int(row.text or 0) + 1}"


def _box(reference: str) -> tuple[int, int, int, int]:
    """Return left, top, right, bottom of a range; columns from 0."""
    first, _, last = reference.partition(":")
    (left, top), (right, bottom) = (_PLACE.fullmatch(one).groups() for one in (first, last or first))  # type: ignore[union-attr]
    return column_number(left), int(top), column_number(right), int(bottom)


class _Sheet:
    def __init__(self, tree: Element, styles: int, strings: int) -> None:
        self._tree, self._styles, self._strings = tree, styles, strings

    def faults(self) -> Iterator[str]:
        places = []
        for child in self._tree:
            names = [child.tag]
            if child.tag == COMPATIBLE:
                names = [one.tag for one in child[0]]
            places += [ORDER.index(name.removeprefix(MAIN)) for name in names]
        if places != sorted(places):
            yield f"order {[ORDER[place] for place in places]}"
        yield from self._row_faults()
        last = 0
        for one in self._tree.iter(f"{MAIN}col"):
            first, end = int(one.attrib["min"]), int(one.attrib["max"])
            if first <= last or end < first:
                yield f"col {first}:{end} after {last}"
            last = end
        boxes = [_box(one.attrib["ref"]) for one in self._tree.iter(f"{MAIN}mergeCell")]
        cells = [
            (column, row)
            for left, top, right, bottom in boxes
            for column in range(left, right + 1)
            for row in range(top, bottom + 1)
        ]
        yield from _doubled("merged cell", cells)

    def _row_faults(self) -> Iterator[str]:
        last_row = 0
        for row in self._tree.iter(f"{MAIN}row"):
            number, last = int(row.attrib["r"]), -1
            if number <= last_row:
                yield f"row {number} after {last_row}"
            last_row = number
            for cell in row.iter(f"{MAIN}c"):
                letters, own = _PLACE.fullmatch(cell.attrib["r"]).groups()  # type: ignore[union-attr]
                if int(own) != number or column_number(letters) <= last:
                    yield f"cell {cell.attrib['r']} in row {number} behind column {last}"
                last = column_number(letters)
                if int(cell.attrib.get("s", 0)) >= self._styles:
                    yield f"cell {cell.attrib['r']} has no style {cell.attrib['s']}"
                value = cell.find(f"{MAIN}v")
                if cell.attrib.get("t") == "s" and (value is None or int(value.text or 0) >= self._strings):
                    yield f"cell {cell.attrib['r']} has no text"
