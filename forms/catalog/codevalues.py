"""Codes as people write them: by name, by code, 其他-×× for "other, namely", several in a row."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

from forms.catalog.schema import Code, CodeSet, OtherValue, Value

CodeValue = str | OtherValue

SEPARATORS: Final = ";；、,，\n"
"""What parts the codes of a set; one of them may also stand within a name."""

_STRONG: Final = ";；\n"
"""Separators that end even the text of "other, namely"."""

_OTHER: Final = re.compile(r"其[他它](?:[-－—–:：]+|[(（])(?P<text>.+)", re.DOTALL)
_QUOTED: Final = re.compile(r'"(?P<text>(?:[^"]|"")*)"')
_NEEDS_QUOTES: Final = re.compile(rf'[{SEPARATORS}"]|^[\s(（]|[\s)）]$')
_PIECE: Final = re.compile(rf'(?:[^{SEPARATORS}"]*-"(?:[^"]|"")*"|[^{SEPARATORS}]+)|[{SEPARATORS}]')


@dataclass(frozen=True, slots=True)
class _Index:
    """A code set, laid out for reading.

    Attributes:
        codes: kept, so that `id` stays its own.
        folded: names, aliases and codes without blanks and widths → code.
        numbers: codes that are numbers → code, for spreadsheets that make 2 or 2.0 of 02.
        other: the code "other, namely", if there is one.
        most_pieces: how many pieces the name with most separators falls into.
    """

    codes: CodeSet
    folded: dict[str, str]
    numbers: dict[int, str]
    other: Code | None
    most_pieces: int


_INDEXES: Final[dict[int, _Index]] = {}
_MOST_INDEXES: Final = 2_000
_LONGEST_CODE: Final = 64


def _index(codes: CodeSet) -> _Index:
    index = _INDEXES.get(id(codes))
    if index is None:
        if len(_INDEXES) >= _MOST_INDEXES:
            _INDEXES.clear()
        names = [name for code in codes.codes for name in (code.name, *code.aliases)]
        index = _INDEXES[id(codes)] = _Index(
            codes=codes,
            folded={_fold(alias): code.code for code in codes.codes for alias in code.aliases}
            | {_fold(name): code.code for name, code in codes.by_name.items()}
            | {_fold(code.code): code.code for code in codes.codes},
            numbers={int(code.code): code.code for code in codes.codes if code.code.isdecimal()},
            other=next((code for code in codes.codes if code.other), None),
            most_pieces=max(sum(name.count(one) for one in SEPARATORS) + 1 for name in names),
        )
    return index


def _fold(text: str) -> str:
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))


def read_code(codes: CodeSet | None, text: str) -> CodeValue | None:
    """Read one code; None when the code set has none for the text."""
    if codes is None:
        return None
    known = codes.by_code.get(text) or codes.by_name.get(text)
    if known:
        return known.code
    index = _index(codes)
    other = _read_other(index, text)
    return other if other is not None else _read_folded(index, text)


def _read_folded(index: _Index, text: str) -> str | None:
    folded = _fold(text)
    if folded in index.folded:
        return index.folded[folded]
    whole = folded.removesuffix(".0")
    if whole.isascii() and whole.isdecimal() and len(whole) <= _LONGEST_CODE:
        return index.numbers.get(int(whole))
    code, dash, name = folded.partition("-")
    known = index.codes.by_code.get(code)
    return code if dash and known and _fold(known.name) == name else None


def _read_other(index: _Index, text: str) -> CodeValue | None:
    if index.other is None:
        return None
    code = index.other.code
    if text in {"其他", "其它"}:
        return code
    for name in (index.other.name, *index.other.aliases):
        if text.startswith(f"{name}-") and len(text) > len(name) + 1:
            return {"code": code, "text": _unquote(text[len(name) + 1 :].strip())}
    found = _OTHER.fullmatch(text)
    if not found:
        return None
    said = found["text"].strip()
    if text[2] in "(（" and said.endswith((")", "）")):
        said = said[:-1].strip()
    return {"code": code, "text": _unquote(said)} if said else code


def _unquote(text: str) -> str:
    quoted = _QUOTED.fullmatch(text)
    return quoted["text"].replace('""', '"') if quoted else text


def show_code(codes: CodeSet | None, value: Value, *, quoted: bool) -> str:
    """Write one code by its name; a code that the set does not have is written as it is."""
    if isinstance(value, dict):
        text = value.get("text", "")
        if (quoted and _NEEDS_QUOTES.search(text)) or text.startswith('"') or text != text.strip():
            text = '"' + text.replace('"', '""') + '"'
        code = codes.by_code.get(value.get("code", "")) if codes else None
        name = "其他" if code is None or "其他" in code.name or "其它" in code.name else code.name
        return f"{name}-{text}"
    if codes is None or not isinstance(value, str):
        return str(value)
    code = codes.by_code.get(value)
    if code is None:
        return value
    return code.name if code.name in codes.by_name and codes.by_name[code.name].code == value else value


def show_codes(codes: CodeSet | None, value: Value) -> str:
    """Write the codes of a set, joined with a semicolon."""
    members = value if isinstance(value, list) else [value]
    return ";".join(show_code(codes, member, quoted=True) for member in members)


def read_codes(codes: CodeSet | None, text: str) -> tuple[list[CodeValue], str]:
    """Read several codes.

    Returns:
        The codes in order, each once, and the first piece that no code fits (empty when all fit).
    """
    pieces: list[str] = _PIECE.findall(text)
    if codes is None:
        return [], text
    found: list[CodeValue] = []
    place = 0
    while place < len(pieces):
        if pieces[place] in SEPARATORS or not pieces[place].strip():
            place += 1
            continue
        value, place = _first(codes, pieces, place)
        if value is None:
            return found, pieces[place].strip()
        if value not in found:
            found.append(value)
    return found, ""


def _first(codes: CodeSet, pieces: list[str], place: int) -> tuple[CodeValue | None, int]:
    """Read the longest run of pieces that is a code; the next place, or the same when there is none."""
    longest = min(place + 2 * _index(codes).most_pieces - 1, len(pieces))
    for end in range(longest, place, -2):
        value = read_code(codes, "".join(pieces[place:end]).strip())
        if isinstance(value, str):
            return value, end
    for end in range(place + 1, longest + 1, 2):
        value = read_code(codes, "".join(pieces[place:end]).strip())
        if value is not None:
            return _namely(codes, pieces, place, end)
    return None, place


def _namely(codes: CodeSet, pieces: list[str], place: int, end: int) -> tuple[CodeValue | None, int]:
    """Read "other, namely": up to a semicolon, or to where a code follows; to the end of its quotes."""
    while '"' not in pieces[end - 1] and end + 1 < len(pieces) and pieces[end] not in _STRONG:
        if pieces[end + 1] in SEPARATORS or read_code(codes, pieces[end + 1].strip()) is not None:
            break
        end += 2
    return read_code(codes, "".join(pieces[place:end]).strip()), end
