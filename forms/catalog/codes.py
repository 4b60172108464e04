"""Identifiers with a check character: 统一社会信用代码, 组织机构代码, 公民身份号码, 工商注册号.

Each function takes a text in its normal form (half-width, upper case, no blanks) and returns the code of
the first fault, or an empty text. Which faults are only doubts says `DOUBTS`. No sentence, no catalog.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import cache, lru_cache
from operator import mul
from typing import Final

from forms.catalog.cleaning import identifier_form
from forms.catalog.divisions import KNOWN

DOUBTS: Final = frozenset({
    "uscc_pilot_check", "uscc_kind_unknown", "uscc_division_unknown", "ric_fifteen", "ric_division_unknown",
    "regno_old",
})  # fmt: skip
"""Faults that real, valid identifiers may show: a warning that a person may answer, never an error."""

USCC_ALPHABET: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_USCC_VALUES: Final = bytes(max(USCC_ALPHABET.find(chr(byte)), 0) for byte in range(256))
_USCC_WEIGHTS: Final = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
_USCC_SHAPE: Final = re.compile(f"[{USCC_ALPHABET}]{{2}}[0-9]{{6}}[{USCC_ALPHABET}]{{10}}")

USCC_KINDS: Final = frozenset(
    authority + kind
    for authority, kinds in {
        "1": "1239", "2": "19", "3": "123459", "4": "19", "5": "1239", "6": "129", "7": "129", "8": "19",
        "9": "123", "A": "19", "N": "1239", "Y": "1",
    }.items()
    for kind in kinds
)  # fmt: skip
"""Registering authority and kind, positions 1 and 2. Source: RECALLED (GB 32100-2015 and amendment 1)."""

_PILOT: Final = re.compile(r"..350[12]..M000")
"""Codes of the 2015 pilot in 福州 and 厦门: some that were really issued break the check character."""


@lru_cache(maxsize=65536)
def uscc_fault(code: str) -> str:
    """Judge a unified social credit code (统一社会信用代码).

    Source: GB 32100-2015. Divisions are judged against all that ever were; the subject part need not pass
    GB 11714, for not every register made it so.
    """
    if len(code) != 18:
        return "uscc_length"
    if not _USCC_SHAPE.fullmatch(code):
        return "uscc_character"
    numbers = code.encode().translate(_USCC_VALUES)
    if (sum(map(mul, _USCC_WEIGHTS, numbers)) + numbers[17]) % 31:
        return "uscc_pilot_check" if _PILOT.match(code) else "uscc_check"
    if code[:2] not in USCC_KINDS:
        return "uscc_kind_unknown"
    return "" if code[2:8] in KNOWN else "uscc_division_unknown"


_USCC_BYTES: Final = USCC_ALPHABET.encode()
_MODULO_31: Final = bytes(byte % 31 for byte in range(256))
_USCC_SHARES: Final = tuple(
    bytes(value * weight % 31 for value in _USCC_VALUES) for weight in (*_USCC_WEIGHTS, 1)
)
"""What each character adds to the sum at each of the 18 places."""

_EIGHT: Final = ((0, 8), (8, 16), (16, 18))
"""Places whose shares fit into one byte together."""


def are_usccs(codes: Sequence[str]) -> bool:
    """Whether `uscc_fault` finds nothing in any of many codes; empty ones do not count.

    Sums up all codes at once: a number as wide as the list is long has one byte a code.
    """
    codes = list({*codes} - {""})
    if not codes:
        return True
    joined = "".join(codes)
    if not {18}.issuperset(map(len, codes)) or not joined.isascii():
        return False
    text = joined.encode()
    if text.translate(None, _USCC_BYTES) or not all(
        text[place::18].isdigit() for place in range(2, 8) if text
    ):
        return False
    sums = 0
    for first, last in _EIGHT:
        some = sum(
            int.from_bytes(text[place::18].translate(_USCC_SHARES[place]), "little")
            for place in range(first, last)
        )
        sums += int.from_bytes(some.to_bytes(len(codes), "little").translate(_MODULO_31), "little")
    if any(sums.to_bytes(len(codes), "little").translate(_MODULO_31)):
        return False
    return USCC_KINDS.issuperset(code[:2] for code in codes) and KNOWN.issuperset(code[2:8] for code in codes)


ORGCODE_ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_ORGCODE_VALUES: Final = bytes(max(ORGCODE_ALPHABET.find(chr(byte)), 0) for byte in range(256))
_ORGCODE_WEIGHTS: Final = (3, 7, 9, 10, 5, 8, 4, 2)
_ORGCODE_SHAPE: Final = re.compile(r"[0-9A-Z]{8}[0-9X]")


@lru_cache(maxsize=4096)
def orgcode_fault(code: str) -> str:
    """Judge an organisation code (组织机构代码), written without its hyphen. Source: GB 11714-1997."""
    if len(code) != 9:
        return "orgcode_length"
    if not _ORGCODE_SHAPE.fullmatch(code):
        return "orgcode_character"
    rest = 11 - sum(map(mul, _ORGCODE_WEIGHTS, code.encode().translate(_ORGCODE_VALUES))) % 11
    return "" if code[8] == "0123456789X0"[rest] else "orgcode_check"


_RIC_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_RIC_CHECKS: Final = "10X98765432"
_RIC_SHAPE: Final = re.compile(r"[0-9]{17}[0-9X]")
_RIC_OLD_SHAPE: Final = re.compile(r"[0-9]{15}")


def ric_fault(code: str, today: date) -> str:
    """Judge a resident identity number (公民身份号码); residence permits 81, 82 and 83 are of the same form.

    Births before 1900 are fine, births after `today` are not. Fifteen digits are a doubt, see `ric_of_18`.
    Source: GB 11643-1999 (ISO 7064 MOD 11-2).
    """
    if len(code) != 18:
        return _old_ric_fault(code) if len(code) == 15 else "ric_length"
    if not _RIC_SHAPE.fullmatch(code):
        return "ric_character"
    birth, of_birth = _birth(code[6:14])
    if birth is None or birth > today:
        return "ric_birth"
    known, of_division = _division(code[:6])
    if code[17] != _RIC_CHECKS[(of_division + of_birth + _of_serial(code[14:17])) % 11]:
        return "ric_check"
    return "" if known else "ric_division_unknown"


def _weighed(digits: str, place: int) -> int:
    """Weigh the digits that stand at `place` of an identity number."""
    return sum(map(mul, _RIC_WEIGHTS[place : place + len(digits)], map(int, digits)))


@lru_cache(maxsize=8192)
def _division(division: str) -> tuple[bool, int]:
    """Say whether a division is known, with its weighed sum."""
    return division in KNOWN, _weighed(division, 0)


@lru_cache(maxsize=1000)
def _of_serial(serial: str) -> int:
    return _weighed(serial, 14)


@lru_cache(maxsize=65536)
def _birth(text: str) -> tuple[date | None, int]:
    """Read the date of birth in an identity number, with its weighed sum."""
    return _day(text), _weighed(text, 6)


def _old_ric_fault(code: str) -> str:
    if not _RIC_OLD_SHAPE.fullmatch(code):
        return "ric_character"
    return "ric_fifteen" if _day(f"19{code[6:12]}") else "ric_birth"


def ric_of_18(code: str) -> str:
    """Return the 18 characters that replaced an identity number of 15 digits."""
    body = f"{code[:6]}19{code[6:]}"
    return body + _ric_check(body)


def _ric_check(code: str) -> str:
    return _RIC_CHECKS[_weighed(code[:17], 0) % 11]


def _day(text: str) -> date | None:
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:8]))
    except ValueError:
        return None


_REGNO_SHAPE: Final = re.compile(r"[0-9]{15}")
_REGNO_OLD_SHAPE: Final = re.compile(r"[0-9]{13}")
_REGNO_COOPERATIVE: Final = re.compile(r"[0-9]{6}NA[0-9]{6}[0-9A-Z]")


@lru_cache(maxsize=4096)
def regno_fault(code: str) -> str:
    """Judge a business registration number (工商注册号).

    Fifteen digits carry a check; thirteen are older, without one, hence a doubt. Those of farmers'
    cooperatives (农民专业合作社) hold the letters NA, and how their check is made is not known.
    Source: GS 15-2006 with GB/T 17710-2008 MOD 11,10.
    """
    if len(code) != 15 or not _REGNO_SHAPE.fullmatch(code):
        return _other_regno_fault(code)
    product = _regno_steps(_regno_steps(_regno_start(code[:6]))[code[6:9]])[code[9:12]]
    product = _regno_steps(product)[code[12:14]]
    return "" if (product + int(code[14])) % 10 == 1 else "regno_check"


def _other_regno_fault(code: str) -> str:
    if _REGNO_OLD_SHAPE.fullmatch(code):
        return "regno_old"
    if len(code) != 15:
        return "regno_length"
    return "" if _REGNO_COOPERATIVE.fullmatch(code) else "regno_character"


@lru_cache(maxsize=8192)
def _regno_start(division: str) -> int:
    return _regno_steps(_regno_steps(10)[division[:3]])[division[3:]]


@cache
def _regno_steps(product: int) -> dict[str, int]:
    """Carry a product, 0 to 10, over two digits or three: digits as text → product after them."""
    one = {f"{d}": 2 * ((product + d) % 10 or 10) % 11 for d in range(10)}
    two = {f"{a}{d}": 2 * ((after + d) % 10 or 10) % 11 for a, after in one.items() for d in range(10)}
    return two | {f"{a}{d}": 2 * ((after + d) % 10 or 10) % 11 for a, after in two.items() for d in range(10)}


PASSPORTS: Final = ("护照号", "护照", "外国人护照", "普通护照", "外交护照", "公务护照", "公务普通护照")

DOCUMENT_FORMS: Final[Mapping[str, re.Pattern[str]]] = {
    name: re.compile(pattern)
    for names, pattern in (
        (("港澳居民来往内地通行证",), r"[HM][0-9]{8}(?:[0-9]{2})?"),
        (("台湾居民来往大陆通行证",), r"[0-9]{8}|[0-9]{10}[A-Z]?"),
        (("港澳台居民居住证",), r"8[123]0000[0-9]{11}[0-9X]"),
        (("外国人永久居留身份证",), r"[A-Z]{3}[0-9]{12}|9[0-9]{16}[0-9X]"),
        (PASSPORTS, r"[A-Z0-9]{5,17}"),
    )
    for name in names
}  # fmt: skip
"""Kind of certificate, by its name in the code sets → its form. All RECALLED, so each breach is a doubt."""

RESIDENT_CARDS: Final = frozenset({"身份证", "居民身份证", "临时居民身份证"})
"""Kinds of certificate whose number is a resident identity number."""


Fault = Callable[[str, date], str]
"""(text in its normal form, today) → code of the first fault, or an empty text."""

FAULTS: Final[Mapping[str, Fault]] = {
    "uscc": lambda code, _today: uscc_fault(code),
    "orgcode": lambda code, _today: orgcode_fault(code),
    "regno": lambda code, _today: regno_fault(code),
    "ric": ric_fault,
}
"""Kinds with a check character."""

_MISTAKEN: Final[Mapping[str, Mapping[int, int]]] = {
    "uscc": str.maketrans("OISZ", "0152"),
    "orgcode": str.maketrans("OI", "01"),
    "regno": str.maketrans("OILSZB", "011528"),
    "ric": str.maketrans("OILSZB×Х✕", "011528XXX"),
}
"""Letters that are taken for digits, a kind each; used only where the check character then proves it."""


def repaired(kind: str, text: str, today: date) -> str | None:
    """Return the identifier that `text` was meant to be, if cleaning or one mistaken letter explains it.

    None when that cannot be proved by the check character, or when there is nothing to repair.
    """
    clean = identifier_form(text)
    fault = FAULTS[kind](clean, today)
    if not fault or fault in DOUBTS:
        return clean if clean != text else None
    guess = clean.translate(_MISTAKEN[kind])
    return guess if guess != clean and not FAULTS[kind](guess, today) else None
