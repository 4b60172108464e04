"""Faults of one value by itself: shape, length, characters, code. No rules, no other fields."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from itertools import product
from typing import Final, cast

from forms.catalog.cleaning import INVISIBLE, trim
from forms.catalog.codevalues import show_codes
from forms.catalog.problems import Problem
from forms.catalog.schema import Code, CodeSet, Field, Value

PLACEHOLDERS: Final = frozenset({
    "undefined", "null", "(null)", "none", "nil", "nan", "n/a",
    "#n/a", "#ref!", "#value!", "#div/0!", "#name?", "#num!", "#null!",
})  # fmt: skip
"""What programs write where they have nothing, in lower case. Source: ZJ-CF (undefined), else DERIVED."""

LONGEST_PLACEHOLDER: Final = max(map(len, PLACEHOLDERS))
PLACEHOLDERS_AS_WRITTEN: Final = frozenset(
    "".join(letters)
    for word in PLACEHOLDERS
    for letters in product(*({letter, letter.upper()} for letter in word))
)
"""The same in every mixture of cases, some 670 in all: a text need not be lowered to be held against them."""

UNLIMITED: Final = 1_000_000

_CONTROLS: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_CONTROLS_OF_TEXT: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]")
_BROKEN: Final = re.compile("[\ufffd\ufffe\uffff\ud800-\udfff]")
_DECIMAL: Final = re.compile(r"-?(0|[1-9][0-9]*)(?:\.([0-9]+))?")
_OTHER_KEYS: Final = {"code", "text"}


def value_limit(field: Field) -> int:
    """Return the most characters of a text; unlimited for a set of which all codes together fit."""
    if field.max_length is None:
        return UNLIMITED
    if field.type == "set" and field.code_set is not None:
        names = show_codes(field.code_set, [code.code for code in field.code_set.codes])
        return UNLIMITED if len(names) <= field.max_length else field.max_length
    return field.max_length


def required_missing(field: Field) -> Problem:
    """The field must be filled and is not."""
    return Problem(field.id, "required_missing")


def text_faults(field: Field, value: object) -> Iterator[Problem]:
    """Find what is wrong with a text; nothing when it is fine."""
    if not isinstance(value, str):
        yield Problem(field.id, "wrong_shape", params={"type": field.type})
        return
    if not trim(value):
        yield required_missing(field) if field.required else Problem(field.id, "blank")
        return
    if value.lower() in PLACEHOLDERS:
        yield Problem(field.id, "placeholder", params={"value": value})
    if field.max_length is not None and len(value) > field.max_length:
        yield Problem(field.id, "too_long", params={"max": field.max_length, "length": len(value)})
    yield from _character_faults(field.id, value, multiline=field.type == "text")
    if field.code_set is not None and value not in field.code_set.by_code:
        yield Problem(field.id, "not_in_code_set", params={"value": value[:40]})


def _character_faults(path: str, value: str, *, multiline: bool) -> Iterator[Problem]:
    controls = _CONTROLS_OF_TEXT if multiline else _CONTROLS
    found = controls.search(value.strip() if multiline else value)
    if found:
        clean = trim(controls.sub("" if multiline else " ", value))
        yield Problem(path, "control_characters", params={"place": found.start() + 1}, suggestion=clean)
        return
    if _BROKEN.search(value):
        yield Problem(path, "broken_characters")
        return
    if INVISIBLE.search(value):
        yield Problem(path, "invisible_characters", suggestion=trim(INVISIBLE.sub("", value)))
    elif value != trim(value):
        yield Problem(path, "outer_blanks", suggestion=trim(value))


@lru_cache(maxsize=65536)
def is_day(value: str) -> bool:
    """Whether a text is a calendar day as ``YYYY-MM-DD``."""
    if len(value) != 10 or not value.isascii() or value[4] != "-" or value[7] != "-":
        return False
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


def date_faults(field: Field, value: object) -> Iterator[Problem]:
    """Find what is wrong with a date."""
    if not isinstance(value, str):
        yield Problem(field.id, "wrong_shape", params={"type": field.type})
    elif not trim(value):
        yield required_missing(field) if field.required else Problem(field.id, "blank")
    elif not is_day(value):
        yield Problem(field.id, "not_a_date", params={"value": value[:40]})


def decimal_form(field: Field) -> re.Pattern[str]:
    """Return the pattern of the decimals that a field takes: no nought before or after without need."""
    scale = field.scale or 0
    most = "" if field.max_length is None else str(max(field.max_length - scale - 1, 0))
    whole = f"[1-9][0-9]{{0,{most}}}"
    decimals = rf"\.[0-9]{{0,{scale - 1}}}[1-9]" if scale else ""
    number = f"{whole}(?:{decimals})?|0{decimals}" if scale else whole
    return re.compile(f"(?:0|-?(?:{number}))")


def decimal_faults(field: Field, value: object) -> Iterator[Problem]:
    """Find what is wrong with a decimal: one number has one way to be written, for it is digested."""
    if not isinstance(value, str):
        yield Problem(field.id, "wrong_shape", params={"type": field.type})
        return
    if not trim(value):
        yield required_missing(field) if field.required else Problem(field.id, "blank")
        return
    number = _DECIMAL.fullmatch(value)
    if number is None or value == "-0":
        yield Problem(field.id, "not_a_number", params={"value": value[:40]})
        return
    whole, decimals = number[1], number[2] or ""
    scale = field.scale or 0
    if len(decimals) > scale:
        yield Problem(field.id, "too_many_decimals", params={"scale": scale})
    if field.max_length is not None and len(whole) > field.max_length - scale:
        yield Problem(field.id, "too_many_digits", params={"max": field.max_length - scale})
    if decimals.endswith("0"):
        plain = value.rstrip("0").rstrip(".")
        yield Problem(field.id, "decimal_form", suggestion="0" if plain == "-0" else plain)


def int_faults(field: Field, value: object) -> Iterator[Problem]:
    """Find what is wrong with a whole number."""
    if isinstance(value, bool) or not isinstance(value, int):
        yield Problem(field.id, "wrong_shape", params={"type": field.type})
    elif field.max_length is not None and len(str(abs(value))) > field.max_length:
        yield Problem(field.id, "too_many_digits", params={"max": field.max_length})


def code_faults(field: Field, codes: CodeSet, value: object, as_of: str, path: str) -> Iterator[Problem]:
    """Find what is wrong with one code, judged as of the day `as_of`."""
    text: object = None
    chosen = value
    if isinstance(value, dict):
        if value.keys() != _OTHER_KEYS:
            yield Problem(path, "wrong_shape", params={"type": field.type})
            return
        chosen, text = value["code"], value["text"]
    if not isinstance(chosen, str) or not (text is None or isinstance(text, str)):
        yield Problem(path, "wrong_shape", params={"type": field.type})
        return
    code = codes.by_code.get(chosen)
    if code is None:
        yield Problem(path, "not_in_code_set", params={"value": chosen[:40]})
        return
    yield from _period_faults(code, as_of, path)
    yield from _other_faults(field, code, text, path)


def _period_faults(code: Code, as_of: str, path: str) -> Iterator[Problem]:
    if code.since is not None and as_of < code.since.isoformat():
        yield Problem(path, "code_not_yet", params={"name": code.name, "since": code.since.isoformat()})
    if code.until is not None and as_of > code.until.isoformat():
        yield Problem(path, "code_no_more", params={"name": code.name, "until": code.until.isoformat()})


def _other_faults(field: Field, code: Code, text: str | None, path: str) -> Iterator[Problem]:
    if not code.other:
        if text is not None:
            yield Problem(path, "other_text_unwanted", params={"name": code.name})
        return
    if text is None or not trim(text):
        yield Problem(path, "other_text_missing", params={"name": code.name})
        return
    if text.lower() in PLACEHOLDERS:
        yield Problem(path, "placeholder", params={"value": text})
    limit = other_limit(field)
    if len(text) > limit:
        yield Problem(path, "too_long", params={"max": limit, "length": len(text)})
    yield from _character_faults(path, text, multiline=False)


def other_limit(field: Field) -> int:
    """Most characters of the text of "other, namely": what the field's length leaves beside 其他-."""
    return UNLIMITED if field.max_length is None else max(field.max_length - len("其他-"), 1)


def enum_faults(field: Field, value: object, as_of: str) -> Iterator[Problem]:
    """Find what is wrong with the value of an enum, judged as of the day `as_of`."""
    if isinstance(value, str) and not value.strip():
        yield required_missing(field) if field.required else Problem(field.id, "blank")
    elif field.code_set is not None:
        yield from code_faults(field, field.code_set, value, as_of, field.id)


def set_faults(field: Field, value: object, as_of: str) -> Iterator[Problem]:
    """Find what is wrong with a set of codes: each member, doubles, the length when written out."""
    codes = field.code_set
    if codes is None:
        return
    if not isinstance(value, list):
        yield Problem(field.id, "wrong_shape", params={"type": field.type})
        return
    if not value:
        yield required_missing(field) if field.required else Problem(field.id, "blank")
        return
    sound = True
    for place, member in enumerate(value):
        path = f"{field.id}/{place}"
        for problem in code_faults(field, codes, member, as_of, path):
            sound = False
            yield problem
        if member in value[:place]:
            sound = False
            yield Problem(path, "code_doubled")
    if sound and field.max_length is not None:
        length = len(show_codes(codes, value))
        if length > field.max_length:
            yield Problem(field.id, "too_long", params={"max": field.max_length, "length": length})


def codes_of(value: Value | None) -> tuple[str, ...]:
    """The codes that a value of an enum or a set stands for; none for anything else."""
    if isinstance(value, str):
        return (value,)
    if isinstance(value, dict):
        code = value.get("code")
        return (code,) if isinstance(code, str) else ()
    if isinstance(value, list):
        if all(type(member) is str for member in value):
            return tuple(cast("list[str]", value))
        return tuple(code for member in value for code in codes_of(member))
    return ()
