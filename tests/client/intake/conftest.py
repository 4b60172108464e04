"""Builders of the files that people drop: made here, by other libraries than those that read them."""

from __future__ import annotations

import csv
import datetime as dt
import io
import random
import resource
import struct
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
import xlwt
from odf.opendocument import OpenDocumentSpreadsheet
from odf.table import Table, TableCell, TableRow
from odf.text import P

from client.demo import samples
from client.demo.samples import Office, invented_subject, with_check
from client.paths import resources
from forms.catalog.loader import load_set
from forms.catalog.schema import CatalogSet, Item

TODAY = dt.date(2026, 11, 24)
OFFICE = Office("厦门市示范市场监督管理局", with_check("11350200M0DEM0000"))

Rows = Sequence[Sequence[Any]]


@pytest.fixture
def xlsx(tmp_path: Path) -> Callable[..., Path]:
    """Write an .xlsx; `paint(workbook, sheet)` adds what rows cannot say."""

    def write(rows: Rows, *, paint: Callable[..., None] | None = None, name: str = "表.xlsx") -> Path:
        path = tmp_path / name
        with xlsxwriter.Workbook(path) as workbook:
            sheet = workbook.add_worksheet("表")
            day = workbook.add_format({"num_format": "yyyy-mm-dd"})
            for number, cells in enumerate(rows):
                for column, cell in enumerate(cells):
                    if isinstance(cell, dt.date):
                        sheet.write_datetime(number, column, cell, day)
                    elif cell is not None:
                        sheet.write(number, column, cell)
            if paint:
                paint(workbook, sheet)
        return path

    return write


@pytest.fixture
def xls(tmp_path: Path) -> Callable[[Rows], Path]:
    def write(rows: Rows) -> Path:
        book = xlwt.Workbook()
        sheet = book.add_sheet("表")
        plain, day = xlwt.Style.default_style, xlwt.easyxf(num_format_str="YYYY-MM-DD")
        for number, cells in enumerate(rows):
            for column, cell in enumerate(cells):
                if cell is not None:
                    sheet.write(number, column, cell, day if isinstance(cell, dt.date) else plain)
        path = tmp_path / "表.xls"
        book.save(str(path))
        return path

    return write


@pytest.fixture
def ods(tmp_path: Path) -> Callable[[Rows], Path]:
    def write(rows: Rows) -> Path:
        document = OpenDocumentSpreadsheet()
        table = Table(name="表")
        for cells in rows:
            row = TableRow()
            for cell in cells:
                row.addElement(_ods_cell(cell))
            table.addElement(row)
        document.spreadsheet.addElement(table)
        path = tmp_path / "表.ods"
        document.save(str(path))
        return path

    return write


def _ods_cell(value: Any) -> Any:
    if value is None:
        return TableCell()
    if isinstance(value, dt.date):
        return TableCell(valuetype="date", datevalue=value.isoformat())
    if isinstance(value, int | float):
        return TableCell(valuetype="float", value=str(value))
    cell = TableCell(valuetype="string")
    cell.addElement(P(text=value))
    return cell


@pytest.fixture
def text_table(tmp_path: Path) -> Callable[..., Path]:
    """Write a text file with rows in an encoding, `bom` before them."""

    def write(
        rows: Rows, codec: str, *, separator: str = ",", bom: bytes = b"", name: str = "表.csv"
    ) -> Path:
        text = io.StringIO(newline="")
        csv.writer(text, delimiter=separator).writerows(rows)
        path = tmp_path / name
        path.write_bytes(bom + text.getvalue().encode(codec))
        return path

    return write


@pytest.fixture
def compound(tmp_path: Path) -> Callable[..., Path]:
    """Write the smallest OLE compound file with streams of these names."""

    def write(*names: str) -> Path:
        return _save(tmp_path / "旧.xls", compound_bytes(*names))

    return write


def compound_bytes(*names: str) -> bytes:
    end, free = 0xFFFFFFFE, 0xFFFFFFFF
    header = bytearray(512)
    header[:8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    struct.pack_into("<HHHHH", header, 24, 0x3E, 3, 0xFFFE, 9, 6)
    struct.pack_into("<IIIIIIII", header, 44, 1, 1, 0, 4096, end, 0, end, 0)
    struct.pack_into("<109I", header, 76, 0, *[free] * 108)
    table = struct.pack("<128I", 0xFFFFFFFD, end, *[free] * 126)
    directory = b"".join(_entry(name) for name in ("Root Entry", *names)).ljust(512, b"\0")
    return bytes(header) + table + directory


def _entry(name: str) -> bytes:
    raw = (name + "\0").encode("utf-16-le")
    return struct.pack("<64sHB", raw, len(raw), 2).ljust(128, b"\0")


@pytest.fixture
def archive(tmp_path: Path) -> Callable[..., Path]:
    """Write a ZIP with these parts: name → bytes."""

    def write(parts: dict[str, bytes], *, name: str = "包.xlsx") -> Path:
        path = tmp_path / name
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
            for part, content in parts.items():
                file.writestr(part, content)
        return path

    return write


def _save(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


@pytest.fixture
def rewritten() -> Callable[[Path, str, bytes, bytes], Path]:
    """Replace bytes within one part of an archive."""

    def rewrite(path: Path, part: str, old: bytes, new: bytes) -> Path:
        with zipfile.ZipFile(path) as file:
            parts = {name: file.read(name) for name in file.namelist()}
        assert old in parts[part]
        parts[part] = parts[part].replace(old, new)
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
            for name, content in parts.items():
                file.writestr(name, content)
        return path

    return rewrite


@pytest.fixture(scope="session")
def catalog() -> CatalogSet:
    return load_set(resources() / "catalogs" / "2026.1")


@pytest.fixture(scope="session")
def penalty(catalog: CatalogSet) -> Item:
    return catalog.item("XZCF_FR")


@pytest.fixture(scope="session")
def typed(penalty: Item) -> Callable[..., dict[str, Any]]:
    """Cells of a right penalty, as a person types them; `number` tells one from another."""

    def build(number: int = 1, **cells: Any) -> dict[str, Any]:
        chance = random.Random(number)
        subject = invented_subject(number, chance)
        return samples.penalty(number, subject, OFFICE, TODAY, chance) | cells

    return build


@pytest.fixture
def penalties(xlsx: Callable[..., Path], penalty: Item) -> Callable[..., Path]:
    """Write penalties under their titles into an .xlsx; `heading` renames columns."""

    def write(*rows: dict[str, Any], heading: dict[str, str] | None = None, **more: Any) -> Path:
        titles = [(heading or {}).get(field.id, field.title) for field in penalty.fields]
        cells = [[row.get(field.id) for field in penalty.fields] for row in rows]
        return xlsx([titles, *cells], **more)

    return write


@contextmanager
def disk_of(size: int) -> Iterator[None]:
    """Let no file grow over a size, as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.fixture
def small_disk() -> Callable[[int], AbstractContextManager[None]]:
    return disk_of


_OFFICE = "http://schemas.openxmlformats.org"
_STRICT = "http://purl.oclc.org/ooxml"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"


@pytest.fixture
def odd_xlsx(tmp_path: Path) -> Callable[..., Path]:
    """Write an .xlsx by hand, as programs do that know the format in part only; `sheet` is its XML.

    `target` names the sheet in the workbook's relations, `parts` adds or replaces parts of the package.
    """

    def write(
        sheet: str, *, target: str = "worksheets/sheet1.xml", strict: bool = False, shared: str = "",
        properties: str = "", styles: str = "", parts: dict[str, str] | None = None,
    ) -> Path:  # fmt: skip
        main = f"{_STRICT}/spreadsheetml/main" if strict else f"{_OFFICE}/spreadsheetml/2006/main"
        office = _STRICT + "/officeDocument" if strict else f"{_OFFICE}/officeDocument/2006"
        kinds = f"{office}/relationships"
        listing = f'<Relationships xmlns="{_PACKAGE}/relationships">'
        relation = '<Relationship Id="{}" Type="' + kinds + '/{}" Target="{}"/>'
        content = {
            "_rels/.rels": listing + relation.format("r1", "officeDocument", "xl/workbook.xml"),
            "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{kinds}">{properties}<sheets>'
            '<sheet name="表" sheetId="1" r:id="r1"/></sheets></workbook>',
            "xl/_rels/workbook.xml.rels": listing
            + relation.format("r1", "worksheet", target)
            + relation.format("r2", "sharedStrings", "sharedStrings.xml")
            + relation.format("r3", "styles", "styles.xml"),
            "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}">{sheet}</worksheet>',
            "xl/sharedStrings.xml": f'<sst xmlns="{main}">{shared}</sst>',
            "xl/styles.xml": f'<styleSheet xmlns="{main}">{styles}</styleSheet>',
        }
        for name in ("_rels/.rels", "xl/_rels/workbook.xml.rels"):
            content[name] += "</Relationships>"
        path = tmp_path / "手写.xlsx"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
            for name, text in (content | (parts or {})).items():
                file.writestr(name, text)
        return path

    return write
