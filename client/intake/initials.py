"""The sounds of Chinese names as they are typed: 厦门市 → xms, xiamenshi. For searching and for headings."""

from __future__ import annotations

import functools
from collections.abc import Iterable

from pypinyin import Style, lazy_pinyin

from forms.catalog.schema import Code


@functools.lru_cache(maxsize=4096)
def initials(name: str) -> str:
    """Return the first letter of each syllable; what is no Chinese character stays as it is."""
    return "".join(lazy_pinyin(name, style=Style.FIRST_LETTER))


@functools.lru_cache(maxsize=4096)
def syllables(name: str) -> str:
    """Return the syllables without tones; what is no Chinese character stays as it is."""
    return "".join(lazy_pinyin(name))


def initials_of(codes: Iterable[Code]) -> dict[str, str]:
    """Return code → initials of its name, as `forms.catalog.codesearch.CodeIndex` takes them."""
    return {code.code: initials(code.name) for code in codes}
