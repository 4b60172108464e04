"""Open a file and give its rows, whatever spreadsheet it is. Runs in a child process only (`child`).

Rows are numbered from 1 and columns from A, as the spreadsheet shows them. What a file may
not be is settled by `gate` before anything is parsed.
"""

from __future__ import annotations

import contextlib
import io
import zipfile
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import python_calamine as calamine

from client.errors import FileRefused
from client.intake import gate, parts, plain_text, sheet_ods, sheet_xls
from client.intake.beside import Beside
from client.intake.cells import Cell, Merge, Row
from client.intake.marks import REMARKS, Marks, Remark
from client.intake.packages import Package, rewritten
from client.intake.sheet_xml import MAX_CELLS, MAX_COLUMNS

NO_MARKS: Final = Marks()

_ENDINGS: Final[dict[gate.Kind, frozenset[str]]] = {
    "xlsx": frozenset({".xlsx", ".xlsm"}),
    "xlsb": frozenset({".xlsb"}),
    "xls": frozenset({".xls"}),
    "ods": frozenset({".ods"}),
}


@dataclass(slots=True)
class Sheet:
    """One sheet, opened when its rows are asked for.

    Attributes:
        height: rows down to the last filled one, for progress; about as many for a text file.
    """

    name: str
    hidden: bool
    height: int
    merges: tuple[Merge, ...]
    marks: Marks
    rows: Callable[[], Iterator[Row]]


@dataclass(slots=True)
class Book:
    """A file that is a spreadsheet.

    Attributes:
        encoding: of a text file or of an Excel 95 workbook, as people write it; else None.
        names: (name, hidden) of the sheets that hold cells, in their order.
        sheet: opens one of them by name.
        remarks: what it carries beside its cells, which is left alone.
    """

    kind: gate.Kind
    encoding: str | None
    names: tuple[tuple[str, bool], ...]
    sheet: Callable[[str], Sheet]
    remarks: tuple[Remark, ...] = ()


@contextlib.contextmanager
def open_book(path: Path) -> Iterator[Book]:
    """Open a spreadsheet of any kind.

    Raises:
        FileRefused: what it is, and why that cannot come in.
    """
    kind = gate.judge(path)
    if kind == "text":
        yield _text_book(path)
    elif kind == "xls":
        yield _old_book(path)
    else:
        with _opened(path) as archive:
            package = Package(kind, archive)
            # Held by the book alone: whoever lets go of it lets go of the workbook's texts.
            yield _workbook(
                kind, _packed_workbook(path, package), package.marks, package.remarks, package.is_small
            )


def _old_book(path: Path) -> Book:
    old = sheet_xls.scan(path)
    with _foreign_errors():
        workbook = _load("xls", path if old.copy is None else io.BytesIO(old.copy))
    by_name = dict(zip((meta.name for meta in workbook.sheets_metadata), old.marks, strict=False))
    book = _workbook("xls", workbook, lambda name: by_name.get(name, NO_MARKS), old.remarks)
    return book if old.codec is None else _decoded(book, old.codec)


def _decoded(book: Book, codec: str) -> Book:
    """Put the texts of an Excel 95 file into words, the names of its sheets included."""
    names = {sheet_xls.decoded(name, codec): name for name, _ in book.names}

    def sheet(name: str) -> Sheet:
        opened = book.sheet(names[name])

        def rows() -> Iterator[Row]:
            for number, cells in opened.rows():
                yield number, [sheet_xls.decoded(c, codec) if isinstance(c, str) else c for c in cells]

        return replace(opened, name=name, rows=rows)

    hidden = dict(book.names)
    shown = tuple((name, hidden[raw]) for name, raw in names.items())
    return Book("xls", plain_text.shown_name(codec), shown, sheet, book.remarks)


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    """Open an archive. What zipfile stumbles over, also later, is a damaged file."""
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except parts.BROKEN as error:
        raise FileRefused("file_damaged") from error


def _packed_workbook(path: Path, package: Package) -> calamine.CalamineWorkbook:
    mended = package.mended()
    try:
        with _foreign_errors():
            return _load(package.kind, mended or path)
    except FileRefused as refused:
        if package.kind != "ods" or refused.code != "file_damaged":
            raise
    content = sheet_ods.without_blanks(parts.read(package.archive, sheet_ods.PART))
    with _foreign_errors():
        return _load("ods", rewritten(package.archive, {sheet_ods.PART: content}))


def _load(kind: gate.Kind, source: Path | io.BytesIO) -> calamine.CalamineWorkbook:
    if isinstance(source, Path):
        if source.suffix.lower() in _ENDINGS[kind]:
            return calamine.CalamineWorkbook.from_path(str(source))
        # calamine believes the ending of a path; bytes it looks into.
        source = io.BytesIO(source.read_bytes())
    return calamine.CalamineWorkbook.from_filelike(source)


@contextlib.contextmanager
def _foreign_errors() -> Iterator[None]:
    """Turn calamine's errors into ours. A panic inside it is a damaged file, too."""
    try:
        yield
    except calamine.PasswordError as error:
        raise FileRefused("password_protected") from error
    except (calamine.CalamineError, OSError) as error:
        raise FileRefused("file_damaged") from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # the class cannot be imported
            raise
        raise FileRefused("file_damaged") from error


def _workbook(
    kind: gate.Kind,
    workbook: calamine.CalamineWorkbook,
    marks_of: Callable[[str], Marks],
    remarks: Collection[Remark],
    is_small: Callable[[str], bool] = lambda _name: False,
) -> Book:
    names = tuple(
        (meta.name, meta.visible != calamine.SheetVisibleEnum.Visible)
        for meta in workbook.sheets_metadata
        if meta.typ == calamine.SheetTypeEnum.WorkSheet
    )
    hidden = dict(names)

    def open_sheet(name: str) -> Sheet:
        # The marks come first: a sheet too wide for memory is refused before calamine lays it out. Only
        # where its first lines say that it is not wide, both are read at once.
        beside = Beside(lambda: marks_of(name)) if is_small(name) else None
        marks = NO_MARKS if beside else marks_of(name)
        try:
            with _foreign_errors():
                sheet = workbook.get_sheet_by_name(name)
                merges = sheet.merged_cell_ranges or ()
        finally:
            if beside:
                marks = beside.result()
        height = sheet.end[0] + 1 if sheet.end else 0
        if sheet.width > MAX_COLUMNS:
            raise FileRefused("too_many_columns", limit=MAX_COLUMNS)
        if sheet.width * height > MAX_CELLS:
            raise FileRefused("too_many_cells")
        return Sheet(
            name=name,
            hidden=hidden[name],
            height=height,
            merges=tuple((top, left, bottom, right) for (top, left), (bottom, right) in merges),
            marks=marks,
            rows=lambda: _sheet_rows(sheet),
        )

    said = tuple(remark for remark in REMARKS if remark in remarks)
    return Book(kind, None, names, open_sheet, said)


def _sheet_rows(sheet: calamine.CalamineSheet) -> Iterator[Row]:
    if sheet.start is None:
        return
    # calamine leaves out blank columns on the left, though not blank rows above.
    blanks: list[Cell] = [""] * sheet.start[1]
    with _foreign_errors():
        if not blanks:
            yield from enumerate(sheet.iter_rows(), start=1)
            return
        for number, cells in enumerate(sheet.iter_rows(), start=1):
            yield number, blanks + cells


def _text_book(path: Path) -> Book:
    codec = plain_text.encoding_of(path)
    name = path.stem

    def rows() -> Iterator[Row]:
        return plain_text.rows(path, codec, plain_text.separator_of(path, codec))

    def open_sheet(_name: str) -> Sheet:
        return Sheet(
            name, hidden=False, height=plain_text.lines_of(path), merges=(), marks=NO_MARKS, rows=rows
        )

    return Book("text", plain_text.shown_name(codec), ((name, False),), open_sheet)
