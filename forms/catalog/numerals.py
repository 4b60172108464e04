"""Numbers in Chinese characters, as decisions write them: 十九万五千, 壹拾玖万伍仟, 二〇二六."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

_DIGITS: Final = {
    character: value
    for value, characters in enumerate(
        ("〇零○", "一壹", "二贰两", "三叁", "四肆", "五伍", "六陆", "七柒", "八捌", "九玖")
    )
    for character in characters
}
_STEPS: Final = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
_GROUPS: Final = {"万": 10_000, "萬": 10_000, "亿": 100_000_000, "億": 100_000_000}

DIGITS: Final = "".join(_DIGITS)
"""Every character for one digit."""

CHARACTERS: Final = DIGITS + "".join(_STEPS) + "".join(_GROUPS)
"""Every character that a number may be written with."""


LONGEST: Final = 40
"""Most characters of a number."""


class NoNumber(ValueError):
    """The characters make no number."""


def whole_number(text: str) -> int:
    """Return the number that `text` says, e.g. 195000 for 十九万五千.

    Raises:
        NoNumber: an empty or endless text, an unknown character, or steps in no order that anybody writes.
    """
    if not 0 < len(text) <= LONGEST:
        raise NoNumber(text[:LONGEST])
    if all(character in _DIGITS for character in text):
        return int("".join(str(_DIGITS[character]) for character in text))
    total = 0
    rest = text
    for group in ("亿億", "万萬"):
        places = [place for place, character in enumerate(rest) if character in group]
        if len(places) > 1:
            raise NoNumber(text)
        if places:
            total += _below_ten_thousand(rest[: places[0]], text) * _GROUPS[rest[places[0]]]
            rest = rest[places[0] + 1 :]
    return total + (_below_ten_thousand(rest, text) if rest else 0)


def _below_ten_thousand(text: str, whole: str) -> int:
    """Read up to 九千九百九十九; a step without a digit before it counts once (十九)."""
    total, digit, last_step = 0, None, 10_000
    for character in text:
        if character in _STEPS:
            step = _STEPS[character]
            if step >= last_step:
                raise NoNumber(whole)
            total += (1 if digit is None else digit) * step
            digit, last_step = None, step
        elif character in _DIGITS and digit in {None, 0}:
            digit = _DIGITS[character]
        else:
            raise NoNumber(whole)
    if not text:
        raise NoNumber(whole)
    return total + (digit or 0)


def decimal_number(text: str) -> Decimal:
    """Return the number that `text` says, with digits after 点 if there are any, e.g. 十九点五万.

    Raises:
        NoNumber: see `whole_number`.
    """
    whole, point, after = text.partition("点")
    number = Decimal(whole_number(whole))
    if not point:
        return number
    group = _GROUPS.get(after[-1:], 1)
    digits = after if group == 1 else after[:-1]
    if not digits or any(character not in _DIGITS for character in digits):
        raise NoNumber(text)
    return (number + Decimal("0." + "".join(str(_DIGITS[character]) for character in digits))) * group
