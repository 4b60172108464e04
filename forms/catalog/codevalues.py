"""Codes as people write them: by name, by code, 其他-×× for "other, namely", several in a row."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from forms.catalog.schema import Code, CodeSet, OtherValue, Value

SEPARATORS: Final = ";；、,，\n"
"""What parts the codes of a set; one of them may also stand within a name."""

_OTHER: Final = re.compile(r"其[他它](?:[-－—–:：]+|[(（])(?P<text>.+)", re.DOTALL)
_QUOTED: Final = re.compile(r'"(?P<text>(?:[^"]|"")*)"')
_NEEDS_QUOTES: Final = re.compile(rf'[{SEPARATORS}"]|^[\s(（]|[\s)）]$')
_SEPARATOR: Final = re.compile(f"[{SEPARATORS}]")
_SEMICOLON: Final = re.compile(r"[;；\n]")
_GAP: Final = SEPARATORS + " \t\r\u3000"
_QUOTED_PIECE: Final = re.compile(rf'[^;；"]*-"(?:[^"]|"")*"(?=$|[{SEPARATORS}\s])')

CodeValue = str | OtherValue


def _fold(text: str) -> str:
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))


def _other_code(codes: CodeSet) -> Code | None:
    return next((code for code in codes.codes if code.other), None)


def read_code(codes: CodeSet | None, text: str) -> CodeValue | None:
    """Read one code; None when the code set has none for the text."""
    if codes is None:
        return None
    known = codes.by_code.get(text) or codes.by_name.get(text)
    if known:
        return known.code
    other = _read_other(codes, text)
    if other is not None:
        return other
    folded = _fold(text)
    for code in codes.codes:
        if folded in {_fold(code.name), code.code} or _same_number(folded, code.code):
            return code.code
    named, dash, rest = folded.partition("-")
    if dash and named in codes.by_code and rest == _fold(codes.by_code[named].name):
        return named
    return None


def _same_number(text: str, code: str) -> bool:
    """Whether a spreadsheet made 2 or 2.0 of the code 02."""
    whole = text.removesuffix(".0")
    return code.isdecimal() and whole.isascii() and whole.isdecimal() and int(whole) == int(code)


def _read_other(codes: CodeSet, text: str) -> CodeValue | None:
    other = _other_code(codes)
    if other is None:
        return None
    if text in {"其他", "其它"}:
        return other.code
    prefix = f"{other.name}-"
    if text.startswith(prefix) and len(text) > len(prefix):
        return {"code": other.code, "text": _unquote(text[len(prefix) :])}
    found = _OTHER.fullmatch(text)
    if not found:
        return None
    said = found["text"].strip()
    if text[2] in "(（" and said.endswith((")", "）")):
        said = said[:-1].strip()
    return {"code": other.code, "text": _unquote(said)} if said else other.code


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
    found: list[CodeValue] = []
    rest = text
    while rest := rest.lstrip(_GAP):
        piece, value = _first(codes, rest)
        if value is None:
            return found, piece
        if value not in found:
            found.append(value)
        rest = rest[len(piece) :]
    return found, ""


def _first(codes: CodeSet | None, text: str) -> tuple[str, CodeValue | None]:
    """Take the longest beginning that is a code; names, and texts of "other", may hold separators."""
    quoted = _QUOTED_PIECE.match(text)
    if quoted:
        value = read_code(codes, quoted[0])
        if value is not None:
            return quoted[0], value
    ends = [match.start() for match in _SEPARATOR.finditer(text)]
    for end in (len(text), *reversed(ends)):
        value = read_code(codes, text[:end].strip())
        if isinstance(value, str):
            return text[:end], value
    return _namely(codes, text, [*ends, len(text)])


def _namely(codes: CodeSet | None, text: str, ends: list[int]) -> tuple[str, CodeValue | None]:
    """Take "other, namely": up to where all the rest reads as codes, else up to a semicolon."""
    for end in ends:
        value = read_code(codes, text[:end].strip())
        if value is not None and not read_codes(codes, text[end:])[1]:
            return text[:end], value
    semicolon = _SEMICOLON.search(text)
    end = semicolon.start() if semicolon else ends[0]
    return text[:end], read_code(codes, text[:end].strip())
