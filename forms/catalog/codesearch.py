"""Find codes while somebody types: by code, by name or alias, by the initials of the name's pinyin.

Pure. The initials come from outside, for what a character sounds like stands in no standard library. Each way
to be found is one long text, one line a code, searched by `str.find`: fifty thousand lines take less than a
millisecond, and nothing has to be sorted.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Final

from forms.catalog.schema import Code

LIMIT: Final = 50
"""Most codes that are shown at once."""


def folded(text: str) -> str:
    """Fold a text for searching: width, case and blanks do not count."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


class _Lines:
    """Many short texts, each with the place of its code, as one long text."""

    def __init__(self, texts: Iterable[tuple[int, str]]) -> None:
        pieces, starts, owners, at = [], [], [], 0
        for owner, text in texts:
            pieces.append(text)
            starts.append(at)
            owners.append(owner)
            at += len(text) + 1
        self._text: Final = "\n" + "\n".join(pieces) + "\n"
        self._starts: Final = starts
        self._owners: Final = owners

    def count(self, needle: str) -> int:
        """How often a text occurs."""
        return self._text.count(needle)

    def owners(self, needle: str) -> Iterator[int]:
        """Yield the places of the codes in whose line `needle` occurs, in their order, perhaps twice."""
        at = self._text.find(needle)
        while at >= 0:
            line = bisect_right(self._starts, at if needle[0] == "\n" else at - 1) - 1
            yield self._owners[line]
            at = self._text.find(needle, at + 1)


class CodeIndex:
    """A code set laid out for searching."""

    def __init__(self, codes: Sequence[Code], initials: Mapping[str, str] | None = None) -> None:
        """Lay the codes out.

        Args:
            codes: in the order in which equals are shown.
            initials: code → initials of its name, e.g. ``xms`` for 厦门市; None to search without them.
        """
        self._codes: Final = tuple(codes)
        names = [[folded(one) for one in (code.name, *code.aliases)] for code in self._codes]
        self._by_code: Final = _Lines((place, folded(code.code)) for place, code in enumerate(self._codes))
        self._by_name: Final = _Lines((place, name) for place, of in enumerate(names) for name in of)
        sounds = [folded(initials.get(code.code, "")) for code in self._codes] if initials else []
        self._by_sound: Final = _Lines((place, sound) for place, sound in enumerate(sounds) if sound)
        self._whole: Final = [
            "\n".join((folded(code.code), *names[place], *(sounds[place : place + 1])))
            for place, code in enumerate(self._codes)
        ]

    def __len__(self) -> int:
        return len(self._codes)

    def find(self, text: str, *, limit: int = LIMIT, on: date | None = None) -> list[Code]:
        """Find codes: those that begin with the text first, by code, name, sound; then those that hold it.

        Args:
            text: as typed; several words, parted by blanks, must all occur in the code, its name or sound.
            limit: most codes to return.
            on: the day of the act; codes that do not hold on it are left out. None takes all.

        Returns:
            The codes; without a text the first ones of the set.
        """
        words = [folded(word) for word in text.split()]
        words = [word for word in words if word]
        places = self._places(words) if words else iter(range(len(self._codes)))
        found: dict[int, Code] = {}
        for place in places:
            code = self._codes[place]
            if place not in found and (on is None or _usable(code, on)):
                found[place] = code
                if len(found) >= limit:
                    break
        return list(found.values())

    def _places(self, words: list[str]) -> Iterator[int]:
        ways = (self._by_code, self._by_name, self._by_sound)
        rarest = min(words, key=lambda word: sum(way.count(word) for way in ways))
        others = [word for word in words if word is not rarest]
        for needle in (f"\n{rarest}\n", f"\n{rarest}", rarest):
            for way in ways:
                for place in way.owners(needle):
                    whole = self._whole[place]
                    if all(word in whole for word in others):
                        yield place


def _usable(code: Code, day: date) -> bool:
    return (code.since is None or code.since <= day) and (code.until is None or day <= code.until)
