"""Texts that a spreadsheet program would take for a formula, on their way out and back in. Pure."""

from __future__ import annotations

import re
from typing import Final

MARK: Final = "'"
"""What spreadsheet programs take for "this is a text" when they read it in a text file or type it in."""

_FORMULA: Final = "=+-@＝＋－＠\t\r"
_NUMBER: Final = re.compile(r"[-+]?\d+(\.\d+)?")


def disarmed(text: str) -> str:
    """Return a text that no spreadsheet program takes for a formula when it opens a text file."""
    return f"{MARK}{text}" if is_formula_like(text) else text


def is_formula_like(text: str) -> bool:
    """Whether a text begins like a formula and is no number."""
    first = text[:1] if text[:1] in {"\t", "\r"} else text.lstrip()[:1]
    return bool(first) and first in _FORMULA and not _NUMBER.fullmatch(text)


def rearmed(text: str) -> str:
    """Return what `disarmed` was given: the text without the mark, where that was needed."""
    return text[1:] if text[:1] == MARK and is_formula_like(text[1:]) else text
