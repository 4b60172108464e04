"""What stands for a person in what is published: a keyed digest of the number, made slowly. Pure.

What it protects. Snapshots and filters travel on sticks and lie on desks of field offices, and must show
nobody's number. A digest without a key would not do: there are only some 10¹¹ citizens' numbers that can
be (division × birthday × serial), and a PC tries them all against SHA-256 within minutes. So

- the key (32 random bytes of the platform) is in none of the published files: a lost stick alone tells
  nothing of any number, however long it is tried. Desks are given the key over the line, after sign-in,
  and keep it in their encrypted store;
- the derivation is scrypt with 16 MB and a tenth of a second a try or more, so that whoever does have
  the key cannot walk through all numbers: three hundred years of one core for 10¹¹.

What it does not protect. Whoever has the key and knows much of a person already (district and birthday
leave a thousand numbers) finds in minutes whether that person is listed. That is a look-up of one
person, as the program itself does it. Nor does it hide how many persons are on a list, nor that the same
tag stands on two lists.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final

from forms.seal.canonical import digest

COST: Final = 14
"""2¹⁴ blocks of 1 kB: 16 MB."""

MOST_COST: Final = 18
"""A file that asks for more is refused: it would only hold up whoever reads it."""

KEY_BYTES: Final = 32
_BLOCKS: Final = 8
_TAG_BYTES: Final = 16


@dataclass(frozen=True, slots=True, repr=False)
class PersonKey:
    """The key of a platform, and how slow the derivation is (a power of two)."""

    raw: bytes
    cost: int = COST

    def __post_init__(self) -> None:
        if len(self.raw) != KEY_BYTES or not 1 <= self.cost <= MOST_COST:
            raise ValueError("not a key of persons")

    @property
    def id(self) -> str:
        """Names the key and the cost without telling the key: 16 hex digits."""
        return digest(b"minxin:person-key:1\n%d\n" % self.cost + self.raw)[:16]

    def tag(self, number: str) -> str:
        """Return what stands for a number: 32 hex digits. Takes a tenth of a second or more."""
        memory = 128 * _BLOCKS * 2**self.cost
        made = hashlib.scrypt(
            "".join(number.split()).upper().encode(), salt=self.raw, n=2**self.cost, r=_BLOCKS, p=1,
            maxmem=memory + 1_048_576, dklen=_TAG_BYTES,
        )  # fmt: skip
        return made.hex()
