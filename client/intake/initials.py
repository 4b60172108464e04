"""The initials of Chinese names as they are typed: 厦门市 → xms. For searching in code sets."""

from __future__ import annotations

from collections.abc import Iterable

from pypinyin import Style, lazy_pinyin

from forms.catalog.schema import Code


def initials(name: str) -> str:
    """Return the first letter of each syllable; what is no Chinese character stays as it is."""
    return "".join(lazy_pinyin(name, style=Style.FIRST_LETTER))


def initials_of(codes: Iterable[Code]) -> dict[str, str]:
    """Return code → initials of its name, as `forms.catalog.codesearch.CodeIndex` takes them."""
    return {code.code: initials(code.name) for code in codes}
