"""Which rows of a file are about one act (比对): the first, and the later ones. Keeps numbers only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

_CONTENT_BITS: Final = 40
_CONTENT_MASK: Final = (1 << _CONTENT_BITS) - 1


class Acts:
    """The acts of a file so far; rows come in their order."""

    def __init__(self) -> None:
        self._seen: dict[int, int] = {}

    def doubled(
        self, numbers: Sequence[int], keys: Sequence[str | None], payloads: Sequence[bytes]
    ) -> dict[int, tuple[int, bool]]:
        """Take rows; return those whose act an earlier one is about, and whether it says the very same.

        Args:
            numbers: of the rows, as the sheet shows them.
            keys: natural keys. Without one only the very same values are the same act.
            payloads: values as JSON.

        Returns:
            Number → (number of the first row about the act, whether both say the same).
        """
        mine = [
            number << _CONTENT_BITS | hash(payload) & _CONTENT_MASK
            for number, payload in zip(numbers, payloads, strict=True)
        ]
        about = [hash(key or payload) for key, payload in zip(keys, payloads, strict=True)]
        firsts = list(map(self._seen.setdefault, about, mine))
        if firsts == mine:
            return {}
        return {
            number: (first >> _CONTENT_BITS, first & _CONTENT_MASK == own & _CONTENT_MASK)
            for number, first, own in zip(numbers, firsts, mine, strict=True)
            if first != own
        }
