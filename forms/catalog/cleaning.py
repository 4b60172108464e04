"""Undo what keyboards and spreadsheets do to a text: full width, blanks, invisible characters."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

INVISIBLE: Final = re.compile(r"[\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff]")
"""Characters that nobody sees and that spoil a comparison: soft hyphens, zero-width and direction marks."""

_BLANKS: Final = re.compile(r"\s+")
_PLAIN: Final = re.compile(r"[0-9A-Z]*")
_IDENTIFIER_NOISE: Final = re.compile(r"[\s\-‐‑–—_·'’`‘]+")
_WHOLE_FLOAT: Final = re.compile(r"(\d+)\.0+")


def squeeze(text: str) -> str:
    """Return `text` half-width, without any blank or invisible character."""
    wide = unicodedata.normalize("NFKC", text)
    clean = _BLANKS.sub("", INVISIBLE.sub("", wide))
    return clean if len(clean) == len(wide) else unicodedata.normalize("NFKC", clean)


def identifier_form(text: str) -> str:
    """Return an identifier as it is written properly: half-width, upper case, no blanks or hyphens."""
    if _PLAIN.fullmatch(text):
        return text
    clean = _IDENTIFIER_NOISE.sub("", INVISIBLE.sub("", unicodedata.normalize("NFKC", text))).upper()
    whole = _WHOLE_FLOAT.fullmatch(clean)
    return whole[1] if whole else clean


def trim(text: str) -> str:
    """Return `text` without blanks and invisible characters at its ends."""
    return text.strip().strip("\u200b\ufeff\u2060").strip()
