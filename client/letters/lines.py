"""Breaking texts into lines as Chinese print does: between any two signs, but for a few."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Final

NOT_FIRST: Final = frozenset("，。、；：？！）》〉」』】〕］｝”’％…—·,.;:?!)]}>%°℃")
NOT_LAST: Final = frozenset("（《〈「『【〔［｛“‘([{<￥$#")
WORD: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_*'-")


def wrap(text: str, width: int, advance: Callable[[str], int]) -> list[str]:
    r"""Break a text into lines; put together again they are the text, but for its own line breaks.

    Args:
        text: with ``\n`` where its writer broke it.
        width: of a line, in the unit of `advance`.
        advance: width of a sign.
    """
    lines: list[str] = []
    for paragraph in text.split("\n"):
        ends = line_ends(paragraph, [advance(sign) for sign in paragraph], lambda _line: width)
        lines += [paragraph[begin:end] for begin, end in pairwise([0, *ends])] or [""]
    return lines


def line_ends(text: str, advances: Sequence[float], width_of: Callable[[int], float]) -> list[int]:
    """Return where each line of a paragraph ends; the last end is that of the text.

    Args:
        text: without line breaks.
        advances: width of each of its signs.
        width_of: of a line, counted from 0: the first may be indented.
    """
    ends: list[int] = []
    begin = 0
    while begin < len(text):
        end = _fitting(advances, begin, width_of(len(ends)))
        begin = _break(text, begin, end) if end < len(text) else end
        ends.append(begin)
    return ends


def _fitting(advances: Sequence[float], begin: int, width: float) -> int:
    """Return where the longest line ends that fits; at least one sign is on it."""
    used = 0.0
    for place in range(begin, len(advances)):
        used += advances[place]
        if used > width and place > begin:
            return place
    return len(advances)


def _break(text: str, begin: int, end: int) -> int:
    """Return the last place up to `end` where a line may end."""
    if text[end] == " ":
        while end < len(text) and text[end] == " ":  # a blank may hang over the edge
            end += 1
        return end
    for place in range(end, begin, -1):
        if _may_break(text[place - 1], text[place]):
            return place
    return end


def _may_break(before: str, after: str) -> bool:
    if after in NOT_FIRST or before in NOT_LAST or after == " ":
        return False
    return not (before in WORD and after in WORD)
