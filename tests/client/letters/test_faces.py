from __future__ import annotations

import io

import pytest
from fontTools.ttLib import TTFont

from client.letters.faces import Faces, numbered, printable
from client.paths import font_file, more_font_files


@pytest.fixture
def faces():
    return Faces([font_file(), *more_font_files()])


@pytest.mark.parametrize(
    ("text", "lacking"),
    [
        pytest.param("厦市监罚〔2026〕9号·①％", "", id="usual"),
        pytest.param("㛃䶮𬭼", "", id="names beyond GBK"),
        pytest.param("𠮷", "", id="beyond the basic plane, from the second face"),
        pytest.param("\U00030edd", "", id="beyond Extension F"),
        pytest.param("甲\U0002a6d0乙\U0002a6d0", "\U0002a6d0", id="what nobody has, once"),
        pytest.param("a\tb\u200bc\ufe00\r\n", "", id="what is not seen is not missed"),
    ],
)
def test_a_sign_that_no_face_has_is_named(faces, text, lacking):
    assert faces.lacking([text]) == lacking


def test_the_font_of_a_print_holds_what_it_uses_and_no_more(faces):
    made = TTFont(io.BytesIO(faces.font("海𠮷A")))

    assert "glyf" in made
    assert sorted(made.getBestCmap()) == [0x20, 0x41, 0x6D77, 0x20BB7]
    assert made["hmtx"][made.getBestCmap()[0x6D77]][0] == faces.advance("海") == 1_000


def test_a_file_that_is_no_font_has_no_signs(tmp_path):
    strange = tmp_path / "strange.ttf"
    strange.write_bytes(b"not a font")

    assert Faces([strange, tmp_path / "gone.otf", font_file()]).lacking(["海"]) == ""
    assert Faces([strange]).lacking(["海"]) == "海"


def test_what_cannot_be_drawn_is_written_as_its_number():
    assert numbered("甲\U0002a6d0", "\U0002a6d0") == "甲〔U+2A6D0〕"
    assert printable("一\t二\u200b\x07三\r\n") == "一 二三\n"
