"""Slips of the hand in identifiers: letters that only look right, and one wrong character that can be proved.

Nothing here changes a value by itself: what is found is a proposal.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from forms.catalog.codes import USCC_ALPHABET, orgcode_fault, uscc_fault

LOOK_ALIKES: Final = str.maketrans(
    "АВЕЅІЈКМНОРСТУХаеорсухіѕјΑΒΕΖΗΙΚΜΝΟΡΤΥΧο〇○◯⚪Ｏ",
    "ABESIJKMHOPCTYXaeopcyxisjABEZHIKMNOPTYXo0000O",
)
"""Cyrillic and Greek letters and circles → the Latin letters and digits that they are taken for."""

_LOOKS_ALIKE: Final = frozenset(map(chr, LOOK_ALIKES))
_NUMBERS: Final = {character: number for number, character in enumerate(USCC_ALPHABET)}
_WEIGHTS: Final = (*(3**place % 31 for place in range(17)), 1)
_LENGTH: Final = 18


def has_look_alikes(text: str) -> bool:
    """Whether a text holds a character of another alphabet that looks like a Latin letter or a digit."""
    return not _LOOKS_ALIKE.isdisjoint(text)


@lru_cache(maxsize=4096)
def one_slip(code: str) -> str | None:
    """Return the credit code that was meant, when one slip explains a wrong one and only one way does.

    A slip is one wrong character or two neighbours swapped. What counts as a credit code here has known
    first two characters, a known division, and a subject part with a right check of its own: the two check
    characters together tell most slips from each other. Not every register made subject parts so; hence two
    swapped neighbours that the last check alone allows are a second way. A person says yes all the same.

    Args:
        code: in its normal form; only one of 18 characters of the alphabet has an answer.
    """
    if len(code) != _LENGTH or any(character not in _NUMBERS for character in code):
        return None
    swapped = {guess for guess in _swapped(code) if not uscc_fault(guess)}
    possible = {guess for guess in _replaced(code) if not uscc_fault(guess)} | swapped
    meant = {guess for guess in possible if not orgcode_fault(guess[8:17])}
    return meant.pop() if len(meant) == 1 and swapped <= meant else None


def _replaced(code: str) -> Iterator[str]:
    """Return what one character away has the right check character: one a place."""
    numbers = [_NUMBERS[character] for character in code]
    rest = sum(number * weight for number, weight in zip(numbers, _WEIGHTS, strict=True)) % 31
    for place, weight in enumerate(_WEIGHTS):
        right = (numbers[place] - rest * pow(weight, -1, 31)) % 31
        if right != numbers[place]:
            yield code[:place] + USCC_ALPHABET[right] + code[place + 1 :]


def _swapped(code: str) -> Iterator[str]:
    for place in range(_LENGTH - 1):
        one, two = code[place], code[place + 1]
        if one != two:
            yield code[:place] + two + one + code[place + 2 :]
