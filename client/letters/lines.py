"""Breaking texts into lines as Chinese print does: between any two signs, but for a few."""

from __future__ import annotations

from collections.abc import Callable
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
        advances = [advance(sign) for sign in paragraph]
        begin = 0
        while begin < len(paragraph):
            end = _fitting(advances, begin, width)
            if end < len(paragraph):
                end = _break(paragraph, begin, end)
            lines.append(paragraph[begin:end])
            begin = end
        if not paragraph:
            lines.append("")
    return lines


def _fitting(advances: list[int], begin: int, width: int) -> int:
    """Return where the longest line ends that fits; at least one sign is on it."""
    used = 0
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
