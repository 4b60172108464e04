"""What a heading may mean that is no field's name: by its sound (拼音) or by likeness. A guess, never a fact.

Two fields that are alike are never told apart by a guess, and no two columns get the same field. Digits and
words that turn a meaning round (起 and 止) must agree.
"""

from __future__ import annotations

import functools
import importlib
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any, Final

from client.intake.headings import LONGEST_HEADING, Header, Heading, How, forms_of
from forms.catalog.schema import Field, Item

LEAST: Final = 65
"""Certainty from which a guess is shown at all."""

MARGIN: Final = 8
"""How much surer a guess must be than the next one."""

FULL_SOUND: Final = 95
INITIALS: Final = 80
SHORTEST_SOUND: Final = 3
"""Letters or syllables; shorter ones sound like too much."""

_TELLING: Final = frozenset("0123456789起止自至始终前后上下男女甲乙非不无未")
"""Characters that tell fields apart which are alike otherwise."""

_NO_COLUMN: Final = "attachment"


@dataclass(frozen=True, slots=True)
class _Guess:
    field: str
    certainty: int
    how: How


def guessed(header: Header, item: Item) -> Header:
    """Add guesses to the columns that no name settled, for fields that have no column yet."""
    taken = {heading.field for heading in header.headings if heading.field}
    open_columns = [
        one for one in header.headings if one.field is None and not one.found and _may_name(one.text)
    ]
    if not open_columns or all(field.id in taken for field in item.fields):
        return header
    found = {one.column: guess for one in open_columns if (guess := _guess(one.text, item, taken))}
    said = _one_column_each(found)
    return replace(header, headings=tuple(_with_guess(one, said.get(one.column)) for one in header.headings))


def _with_guess(heading: Heading, guess: _Guess | None) -> Heading:
    if guess is None:
        return heading
    return replace(heading, guess=guess.field, found=guess.how, certainty=guess.certainty)


def _one_column_each(found: dict[int, _Guess]) -> dict[int, _Guess]:
    """Leave a field to the column that fits clearly best; to none when two fit alike."""
    said: dict[int, _Guess] = {}
    for column, guess in found.items():
        others = [g.certainty for c, g in found.items() if c != column and g.field == guess.field]
        if all(guess.certainty >= other + MARGIN for other in others):
            said[column] = guess
    return said


def _may_name(text: str) -> bool:
    return 1 < len(text) <= LONGEST_HEADING


def _guess(text: str, item: Item, taken: Iterable[str | None]) -> _Guess | None:
    """Return the field that a heading may stand for, unless another one is as near, or has its column."""
    best: dict[str, _Guess] = {}
    sounding = _Sounding(text)
    for field in item.fields:
        if field.type == _NO_COLUMN:
            continue
        guess = max(
            (one for name in _names(field) if (one := _alike(text, name, field.id, sounding))),
            key=lambda one: one.certainty, default=None,
        )  # fmt: skip
        if guess is not None:
            best[field.id] = guess
    ranked = sorted(best.values(), key=lambda one: -one.certainty)
    if not ranked or ranked[0].certainty < LEAST or ranked[0].field in taken:
        return None
    if len(ranked) > 1 and ranked[0].certainty < ranked[1].certainty + MARGIN:
        return None
    return ranked[0]


def _names(field: Field) -> Iterable[str]:
    yield field.title
    yield from field.aliases


def _alike(text: str, name: str, field_id: str, sounding: _Sounding) -> _Guess | None:
    own, other = forms_of(text)[1], forms_of(name)[1]
    sound = sounding.held_against(name)
    if sound:
        return _Guess(field_id, sound, "pinyin")
    if len(own) < 3 or len(other) < 3 or _telling(own) != _telling(other):
        return None
    return _Guess(field_id, int(_likeness()(own, other)), "fuzzy")


def _telling(text: str) -> Counter[str]:
    return Counter(character for character in text if character in _TELLING)


class _Sounding:
    """A heading as it is spoken. The table of sounds is large: it is read only where a sound may tell."""

    def __init__(self, text: str) -> None:
        self._form = forms_of(text)[1]
        letters = "".join(self._form.split())
        self._latin = (
            letters if letters.isascii() and letters.isalpha() and len(letters) >= SHORTEST_SOUND else ""
        )

    def held_against(self, name: str) -> int:
        """Return how certain it is that the heading is this name, spoken; 0 for not at all."""
        other = forms_of(name)[1]
        if other.isascii() or len(other) < SHORTEST_SOUND:
            return 0
        if self._latin:
            sounds = _sounds()
            if self._latin == sounds.syllables(other):
                return FULL_SOUND
            return INITIALS if self._latin == sounds.initials(other) else 0
        if self._form.isascii() or len(self._form) != len(other) or _telling(self._form) != _telling(other):
            return 0
        same = sum(mine == theirs for mine, theirs in zip(self._form, other, strict=True))
        if same * 2 < len(other):
            return 0
        sounds = _sounds()
        return FULL_SOUND if sounds.syllables(self._form) == sounds.syllables(other) else 0


def _sounds() -> Any:
    """Return the module of sounds."""
    return importlib.import_module("client.intake.initials")


@functools.cache
def _likeness() -> Callable[[str, str], float]:
    """Return what measures likeness; a table whose headings are all known needs none."""
    ratio: Callable[[str, str], float] = importlib.import_module("rapidfuzz.fuzz").ratio
    return ratio
