"""What a file is, by its content; what may not come in is named."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from client.errors import FileRefused
from client.intake.compound import Compound
from client.intake.gate import judge
from client.intake.preview import preview
from forms.catalog.schema import CatalogSet
from tests.client.intake.locked import lock_ods, lock_xls, lock_xlsx


def refusal(path: Path) -> tuple[str, object]:
    with pytest.raises(FileRefused) as refused:
        judge(path)
    return refused.value.code, refused.value.params.get("kind")


@pytest.mark.parametrize(
    ("content", "code", "kind"),
    [
        pytest.param(b"", "file_empty", None, id="nothing"),
        pytest.param(b"\xef\xbb\xbf\r\n \r\n", "file_empty", None, id="a mark and blanks"),
        pytest.param(b"%PDF-1.7\n...", "not_a_spreadsheet", "pdf", id="PDF"),
        pytest.param(b"\x89PNG\r\n\x1a\n", "not_a_spreadsheet", "image", id="PNG"),
        pytest.param(b"\xff\xd8\xff\xe0\x00\x10JFIF", "not_a_spreadsheet", "image", id="JPEG"),
        pytest.param(b"MZ\x90\x00\x03", "not_a_spreadsheet", "program", id="Windows program"),
        pytest.param(b"\x7fELF\x02", "not_a_spreadsheet", "program", id="Linux program"),
        pytest.param(b"Rar!\x1a\x07", "not_a_spreadsheet", "archive", id="RAR"),
        pytest.param(b"<html><table><tr>", "not_a_spreadsheet", "html", id="web page called .xls"),
        pytest.param(b"<?xml version='1.0'?><Workbook>", "not_a_spreadsheet", "xml", id="XML table"),
        pytest.param(b"PK\x03\x04" + b"x" * 90, "file_damaged", None, id="cut archive"),
        pytest.param(b"PK\x05\x06" + b"\0" * 18, "file_damaged", None, id="empty archive"),
        pytest.param(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1short", "file_damaged", None, id="cut OLE file"),
    ],
)
def test_what_is_no_spreadsheet_is_refused_by_its_content(
    tmp_path: Path, content: bytes, code: str, kind: str | None
):
    path = tmp_path / "表.xlsx"
    path.write_bytes(content)

    assert refusal(path) == (code, kind)


def test_a_missing_file_is_called_missing(tmp_path: Path):
    assert refusal(tmp_path / "没有.xlsx") == ("file_missing", None)


def test_a_folder_cannot_be_read(tmp_path: Path):
    assert refusal(tmp_path) == ("file_unreadable", None)


def test_a_file_over_50_mb_is_refused_unread(tmp_path: Path):
    path = tmp_path / "大.csv"
    with path.open("wb") as file:
        file.truncate((50 << 20) + 1)

    assert refusal(path) == ("file_too_large", None)


@pytest.mark.parametrize(
    ("streams", "code", "kind"),
    [
        pytest.param(("EncryptionInfo", "EncryptedPackage"), "password_protected", None, id="locked .xlsx"),
        pytest.param(("WordDocument",), "not_a_spreadsheet", "word", id=".doc"),
        pytest.param(("PowerPoint Document",), "not_a_spreadsheet", "slides", id=".ppt"),
        pytest.param(("Something",), "not_a_spreadsheet", "unknown", id="another OLE file"),
    ],
)
def test_ole_files_are_told_apart_by_their_streams(
    compound: Callable[..., Path], streams: tuple[str, ...], code: str, kind: str | None
):
    assert refusal(compound(*streams)) == (code, kind)


def test_workbooks_that_excel_and_libreoffice_have_locked_are_refused_by_name(
    xlsx: Callable[..., Path], xls: Callable[..., Path], ods: Callable[..., Path], catalog: CatalogSet
):
    """Really locked ones, whose table is nowhere in the file; an .xls shows it only among its records."""
    rows = [["行政相对人名称", "备注"], *([f"样例{n}号商行", "无"] for n in range(200))]
    old = xls(rows)
    with old.open("rb") as file:
        stream = Compound(file, old.stat().st_size).stream("Workbook")
    locked = [lock_xlsx(xlsx(rows)), lock_xls(old, stream), lock_ods(ods(rows))]

    assert [refusal(locked[0]), refusal(locked[2])] == [("password_protected", None)] * 2
    for path in locked:
        assert not any("样例".encode(codec) in path.read_bytes() for codec in ("utf-8", "utf-16-le"))
        refused = preview(path, catalog).refused
        assert refused is not None
        assert refused.code == "password_protected"


@pytest.mark.parametrize("stream", ["Workbook", "Book"])
def test_an_old_workbook_is_known_by_its_stream(compound: Callable[..., Path], stream: str):
    assert judge(compound(stream)) == "xls"


def test_a_directory_that_runs_in_a_circle_is_damage(compound: Callable[..., Path]):
    path = compound("Nothing")
    content = bytearray(path.read_bytes())
    struct.pack_into("<I", content, 512 + 4, 1)  # the directory's sector follows itself
    path.write_bytes(content)

    assert refusal(path) == ("file_damaged", None)


@pytest.mark.parametrize(
    ("parts", "kind"),
    [
        pytest.param(("word/document.xml",), "word", id=".docx"),
        pytest.param(("ppt/presentation.xml",), "slides", id=".pptx"),
        pytest.param(("readme.txt",), "zip", id="any archive"),
    ],
)
def test_archives_are_told_apart_by_their_parts(
    archive: Callable[..., Path], parts: tuple[str, ...], kind: str
):
    assert refusal(archive(dict.fromkeys(parts, b"x"))) == ("not_a_spreadsheet", kind)


def test_an_open_document_must_be_a_spreadsheet(archive: Callable[..., Path]):
    text = {"mimetype": b"application/vnd.oasis.opendocument.text", "content.xml": b"<a/>"}

    assert refusal(archive(text)) == ("not_a_spreadsheet", "word")


def test_an_open_document_under_a_password_is_refused(archive: Callable[..., Path]):
    parts = {
        "mimetype": b"application/vnd.oasis.opendocument.spreadsheet",
        "content.xml": b"\x00",
        "META-INF/manifest.xml": b"<m:manifest><m:encryption-data/></m:manifest>",
    }

    assert refusal(archive(parts)) == ("password_protected", None)


def test_an_encrypted_archive_is_refused(archive: Callable[..., Path]):
    path = archive({"xl/workbook.xml": b"<workbook/>"})
    content = bytearray(path.read_bytes())
    for magic, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(magic) + flags] |= 1
    path.write_bytes(content)

    assert refusal(path) == ("password_protected", None)


def test_a_part_that_unpacks_three_hundredfold_is_a_bomb(archive: Callable[..., Path]):
    assert refusal(archive({"xl/workbook.xml": b"x", "xl/worksheets/sheet1.xml": bytes(20 << 20)})) == (
        "compressed_bomb",
        None,
    )


def test_more_than_200_mb_unpacked_is_refused_from_the_directory(archive: Callable[..., Path]):
    path = archive({"xl/workbook.xml": b"x" * 1000, "xl/worksheets/sheet1.xml": b"<worksheet/>"})
    content = bytearray(path.read_bytes())
    place = content.rindex(b"PK\x01\x02")
    struct.pack_into("<II", content, place + 20, 1 << 20, 201 << 20)  # packed and unpacked size
    path.write_bytes(content)

    assert refusal(path) == ("unpacks_too_large", None)


def test_two_parts_of_one_name_are_damage(tmp_path: Path):
    path = tmp_path / "表.xlsx"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("xl/workbook.xml", b"a")
        with pytest.warns(UserWarning, match="Duplicate name"):
            file.writestr("xl/workbook.xml", b"b")

    assert refusal(path) == ("file_damaged", None)


def test_text_is_whatever_claims_to_be_nothing_else(tmp_path: Path):
    path = tmp_path / "表.xlsx"
    path.write_text("名称,代码\n", encoding="utf-8")

    assert judge(path) == "text"
