"""Numbers of official documents (文号): one decision is written in many ways, and must be known as one.

The text that a person typed is kept; what is made here is only for comparing and for showing beside it.
"""

from __future__ import annotations

import re
from typing import Final

from forms.catalog.cleaning import squeeze
from forms.catalog.verdict import Verdict, doubtful, wrong

_OPENING: Final = "[(【﹝〔〖{<《〈「『⟦"
_CLOSING: Final = "])】﹞〕〗}>》〉」』⟧"
_BRACKETS: Final = {
    ord(bracket): same for brackets, same in ((_OPENING, "（"), (_CLOSING, "）")) for bracket in brackets
}
_YEAR: Final = re.compile(r"（(\d{4})年?）")
_ORDINAL: Final = re.compile(r"^[第笫](?=\w)")
_DASHES: Final = re.compile(r"(?<=\d)号?[-—–―－~至到]+第?(?=\d)")
_END: Final = re.compile(r"号+$")
_PROPER: Final = re.compile(r"[\u4e00-\u9fff]+〔[0-9]{4}〕[0-9]+号")
_RANGE: Final = re.compile(r"〕\D*\d+—\d")

NONE_WORDS: Final = frozenset({"空", "无", "无文号", "无编号", "没有", "/", "-", "—", "无号"})
"""What people write where a document has no number; 空 is what the older template asks for (SZ-TPL)."""


def is_proper(text: str) -> bool:
    """Whether a document number is written properly as it stands; most are."""
    return _PROPER.fullmatch(text) is not None


def docno_form(text: str) -> str:
    """Return a document number as it is written properly: 厦市监罚〔2026〕12号.

    All kinds of brackets, with 第 and 号 or without, full or half width, with blanks or without: one form.
    """
    if _PROPER.fullmatch(text):
        return text
    clean = _YEAR.sub(r"〔\1〕", squeeze(text).translate(_BRACKETS))
    head, year, tail = clean.partition("〕")
    if not year:
        return clean
    tail = _END.sub("", _DASHES.sub("—", _ORDINAL.sub("", tail)))
    return f"{head}〕{tail}号" if tail[-1:].isdecimal() else f"{head}〕{tail}"


def says_none(text: str) -> bool:
    """Whether the text only says that the document has no number."""
    return squeeze(text) in NONE_WORDS


def judge_docno(text: str) -> Verdict:
    """Say how a document number is written properly; a range and "none" are doubtful."""
    if not squeeze(text):
        return wrong(text, "docno_blank")
    normal = docno_form(text)
    if says_none(text):
        return doubtful(text, "docno_none", normal)
    if _RANGE.search(normal):
        return doubtful(text, "docno_range", normal)
    return Verdict(text, normal)
