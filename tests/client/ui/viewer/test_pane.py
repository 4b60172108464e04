"""Evidence beside the fields: pages of a PDF, pictures, and what cannot or must not be shown."""

from __future__ import annotations

import io
from collections.abc import Callable

import pypdfium2
import pytest
from PySide6.QtCore import QBuffer, QByteArray, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from client.core.records import Attachment
from client.store import attachments
from client.ui.session import Session
from client.ui.tasks import Tasks
from client.ui.viewer.kinds import is_misnamed, kind_of
from client.ui.viewer.pane import ViewerPane
from tests.client.ui.house import House

LIMIT_MS = 20_000


def a_pdf(pages: int) -> bytes:
    with pypdfium2.PdfDocument.new() as document:
        for n in range(pages):
            document.new_page(595, 842 + n)
        held = io.BytesIO()
        document.save(held)
    return held.getvalue()


def a_picture(width: int = 40, height: int = 20) -> bytes:
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.darkGreen)
    content = QByteArray()
    held = QBuffer(content)
    held.open(QBuffer.OpenModeFlag.WriteOnly)
    image.save(held, "PNG")
    return bytes(content.data())


FILES = {
    "决定书.pdf": lambda: a_pdf(5),
    "照片.png": a_picture,
    "坏的.pdf": lambda: a_pdf(1)[:120],
    "发票.pdf": lambda: b"MZ\x90\x00" + b"\0" * 2_000,
    "改了名.pdf": "只是一段文字".encode,
    "坏图.gif": lambda: b"GIF87a" + b"\0" * 3,
    "说明.docx": lambda: b"PK\x03\x04" + b"\0" * 50,
}


@pytest.fixture
def held(profile: House) -> dict[str, Attachment]:
    """Every kind of file, in an open desk."""
    desk = profile.desk_of("许可")
    return {
        name: attachments.keep(desk, [make()], name=name, media_type="application/octet-stream")
        for name, make in FILES.items()
    }


@pytest.fixture
def pane(held: dict[str, Attachment], profile: House, qapp: QApplication, qtbot: QtBot):
    assert profile.opened is not None
    tasks = Tasks()
    session = Session(profile.opened, tasks)
    made = ViewerPane(session)
    qtbot.addWidget(made)
    made.resize(420, 500)
    made.show()
    yield made
    tasks.close()


@pytest.fixture
def show(pane: ViewerPane, held: dict[str, Attachment], qtbot: QtBot) -> Callable[..., None]:
    def shown(*names: str) -> None:
        pane.show_files([held[name] for name in names], "没有材料")
        qtbot.waitUntil(pane._session.tasks.is_idle, timeout=LIMIT_MS)

    return shown


def test_pages_of_a_pdf_are_turned_enlarged_and_rotated_by_keys(pane: ViewerPane, show, qtbot: QtBot):
    show("决定书.pdf")
    assert pane.said() == ""
    assert pane.page_label.text() == "1 / 5"
    wide = pane.picture.pixmap().width()

    for key, page in ((Qt.Key.Key_PageDown, 2), (Qt.Key.Key_End, 5), (Qt.Key.Key_Home, 1)):
        qtbot.keyClick(pane.area, key)
        qtbot.waitUntil(pane._session.tasks.is_idle, timeout=LIMIT_MS)
        assert pane.page_label.text() == f"{page} / 5"
    qtbot.keyClick(pane.area, Qt.Key.Key_Plus)
    assert pane.picture.pixmap().width() > wide
    qtbot.keyClick(pane.area, Qt.Key.Key_0)
    assert pane.picture.pixmap().width() == wide
    qtbot.keyClick(pane.area, Qt.Key.Key_R)
    size = pane.picture.pixmap().size()
    assert size.width() > size.height()


def test_another_file_is_chosen_from_the_list(pane: ViewerPane, show, held, qtbot: QtBot):
    show("照片.png", "说明.docx")
    assert pane.said() == ""
    assert pane.choice.isVisibleTo(pane)

    pane.choose(held["说明.docx"].sha256)
    qtbot.waitUntil(pane._session.tasks.is_idle, timeout=LIMIT_MS)
    assert "不能在这里显示" in pane.said()
    assert pane.open_button.isVisibleTo(pane)


@pytest.mark.parametrize(
    ("name", "said", "openable"),
    [
        pytest.param("坏的.pdf", "这份 PDF 读不出来", True, id="a broken PDF"),
        pytest.param("发票.pdf", "是一个程序", False, id="a renamed executable"),
        pytest.param("改了名.pdf", "和文件名说的不一样", True, id="no PDF at all"),
        pytest.param("坏图.gif", "这张图片读不出来", False, id="a broken picture"),
    ],
)
def test_what_cannot_be_shown_says_why(pane: ViewerPane, show, name: str, said: str, openable: bool):
    show(name)

    assert said in pane.said()
    assert pane.open_button.isVisibleTo(pane) is openable


def test_a_file_that_is_not_here_says_that_it_comes(pane: ViewerPane, qtbot: QtBot):
    pane.show_files([Attachment("0" * 64, 9, "还没到.pdf", "application/pdf")], "没有材料")
    qtbot.waitUntil(pane._session.tasks.is_idle, timeout=LIMIT_MS)

    assert pane.said() == "还没有取到本机"


def test_a_file_is_what_its_bytes_say():
    assert kind_of(b"MZ..", "扫描件.pdf") == "program"
    assert kind_of(b"echo", "扫描件.BAT") == "program"
    assert kind_of(b"\n\n%PDF-1.4", "无名") == "pdf"
    assert is_misnamed("office", "a.pdf")
    assert not is_misnamed("picture", "a.JPG")
