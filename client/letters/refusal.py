"""What cannot be printed is said before anything is printed."""

from __future__ import annotations

from typing import Final

from client.errors import FileRefused

MOST_NAMED: Final = 20


def refuse_unprintable(lacking: str) -> None:
    """Name the signs that no face has.

    Raises:
        FileRefused: ``signs_unprintable``: `signs`, each with its number, and how many they are.
    """
    if lacking:
        named = "、".join(f"{sign}（U+{ord(sign):04X}）" for sign in lacking[:MOST_NAMED])
        raise FileRefused("signs_unprintable", signs=named, count=len(lacking))
