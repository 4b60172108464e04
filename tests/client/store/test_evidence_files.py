"""Evidence that is no evidence is refused before it is kept."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from reportlab.pdfgen.canvas import Canvas

from client.errors import FileRefused
from client.store import attachments, evidence_files
from client.store.desk import Desk

MB = 1024 * 1024


def a_pdf() -> bytes:
    out = io.BytesIO()
    canvas = Canvas(out)
    canvas.drawString(72, 720, "receipt")
    canvas.save()
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        pytest.param("缴款书.pdf", b"MZ\x90\x00" + bytes(600), "evidence_program", id="a renamed executable"),
        pytest.param("证明.docx", b"\x7fELF" + bytes(99), "evidence_program", id="a renamed Linux program"),
        pytest.param("点我.bat", b"del *.*", "evidence_program", id="a script"),
        pytest.param("决定书.pdf", b"\x89PNG\r\n\x1a\n" + bytes(99), "evidence_other_kind", id="a picture"),
        pytest.param("决定书.pdf", a_pdf()[:-300], "evidence_broken", id="a broken PDF"),
        pytest.param("照片.jpg", b"\xff\xd8\xff\xe0" + bytes(5_000), "evidence_broken", id="half a picture"),
        pytest.param("空.pdf", b"", "attachment_empty", id="nothing"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_evidence_is_refused(
    house: Any, tmp_path: Path, name: str, content: bytes, code: str
):
    desk: Desk = house.desk
    path = tmp_path / name
    path.write_bytes(content)

    with pytest.raises(FileRefused, match=code):
        evidence_files.add(desk, path)

    assert desk.db.reader().value("SELECT COUNT(*) FROM attachment") == 0


def test_two_hundred_megabytes_are_refused_unread(house: Any, tmp_path: Path):
    path = tmp_path / "录像.mp4"
    with path.open("wb") as file:
        file.truncate(200 * MB)

    with pytest.raises(FileRefused, match="attachment_too_large"):
        evidence_files.add(house.desk, path)


def test_a_whole_pdf_and_what_has_no_shape_of_its_own_are_kept(house: Any, tmp_path: Path):
    for name, content in (("决定书.pdf", a_pdf()), ("说明.txt", "情况说明".encode())):
        path = tmp_path / name
        path.write_bytes(content)
        kept = evidence_files.add(house.desk, path)
        assert attachments.read(house.desk, kept.sha256) == content
