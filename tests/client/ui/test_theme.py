"""The table of colours: every text can be read, every shape and state has its look."""

from __future__ import annotations

import string
from pathlib import Path

import pytest
from PySide6.QtGui import QColor, QFont, QPalette, QRawFont
from PySide6.QtWidgets import QApplication

from client.ui import theme
from client.ui.fonts import body_font, load_family, load_rare
from client.ui.theme import DARK, LIGHT, Tokens
from client.ui.widgets.marks import SEVERITY, SHAPES, STATES, mark

ICONS = Path(__file__).parents[3] / "resources" / "icons"
TONES = ("good", "warn", "bad", "info")
GROUNDS = ("window", "surface", "raised")
PAIRS = (
    [(text, ground) for text in ("text", "secondary", "accent", *TONES) for ground in GROUNDS]
    + [(tone, f"{tone}_weak") for tone in TONES]
    + [("text", f"{tone}_weak") for tone in TONES]
    + [("text", "weak"), ("accent", "weak"), ("on_accent", "accent"), ("on_accent", "hover")]
)
SCHEMES = pytest.mark.parametrize("tokens", [LIGHT, DARK], ids=["light", "dark"])


def luminance(colour: str) -> float:
    """Relative luminance of WCAG 2.2."""
    parts = [part / 255 for part in QColor(colour).getRgb()[:3]]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@SCHEMES
@pytest.mark.parametrize(("text", "ground"), PAIRS, ids=lambda name: name)
def test_text_stands_out_from_its_ground_by_four_and_a_half_to_one(tokens: Tokens, text: str, ground: str):
    assert contrast(getattr(tokens, text), getattr(tokens, ground)) >= 4.5


@SCHEMES
def test_the_style_sheet_has_no_colour_of_its_own(tokens: Tokens):
    allowed = {getattr(tokens, name) for name in Tokens.__slots__ if getattr(tokens, name).startswith("#")}
    sheet = theme.stylesheet(tokens, ICONS)

    found = {
        sheet[n : n + 7] for n, sign in enumerate(sheet) if sign == "#" and sheet[n + 1] in string.hexdigits
    }

    assert found <= allowed
    assert "$" not in sheet


@SCHEMES
def test_the_images_that_the_style_sheet_names_are_there(tokens: Tokens):
    sheet = theme.stylesheet(tokens, ICONS)

    named = {part.split('"')[0] for part in sheet.split('url("')[1:]}

    assert named
    assert all(Path(one).is_file() for one in named)


@SCHEMES
def test_a_palette_tells_which_table_it_was_made_from(qapp: QApplication, tokens: Tokens):
    assert theme.tokens_for(theme.palette(tokens)) is tokens


def test_the_packaged_font_draws_chinese(qapp: QApplication):
    assert load_family() == "Noto Sans SC"


def test_what_it_lacks_is_drawn_by_a_face_of_rare_signs(qapp: QApplication):
    (rare,) = load_rare()

    assert QRawFont.fromFont(QFont(rare)).supportsCharacter(ord("𠮷"))
    assert rare in body_font(load_family(), [rare]).families()


def test_every_state_has_a_shape_and_a_word(qapp: QApplication):
    for name, look in {**STATES, **SEVERITY}.items():
        assert look.shape in SHAPES, name
        assert look.word, name


def test_no_two_states_look_alike():
    looks = [(look.shape, look.word) for look in STATES.values()]

    assert len(set(looks)) == len(looks)


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_draws_something(qapp: QApplication, shape: str):
    picture = mark(shape, theme.palette(LIGHT), "bad").toImage()

    drawn = {
        picture.pixelColor(x, y).alpha() for x in range(picture.width()) for y in range(picture.height())
    }

    assert max(drawn) > 0
    assert QPalette().color(QPalette.ColorRole.Window).isValid()
