"""What of personal numbers is shown on paper and in spreadsheets. Pure.

A field whose sensitivity is ``id_number`` is masked; a code of a unit, where the same field may
hold one, is public and stays.
"""

from __future__ import annotations

import re
from typing import Final

from forms.catalog.schema import Sensitivity

_UNIT_CODE: Final = re.compile(r"[1-9A-HJ-NPQRTUWXY][0-9A-HJ-NPQRTUWXY]\d{6}[0-9A-HJ-NPQRTUWXY]{10}")
_CITIZEN: Final = re.compile(r"(?:[1-6]\d|71|8[1-3]|9[01])\d{4}(?:1[89]|20)\d\d(?:0[1-9]|1[0-2])\d{5}[0-9Xx]")
_SHORT: Final = 6
NOTE: Final = "证件号码已隐去中间几位"


def masked(text: str, sensitivity: Sensitivity) -> str:
    """Return a value as it may be shown: of a personal number, the first and last signs."""
    if sensitivity != "id_number" or not text:
        return text
    if _CITIZEN.fullmatch(text):
        return f"{text[:6]}********{text[14:]}"
    if _UNIT_CODE.fullmatch(text):
        return text
    if len(text) <= _SHORT:
        return "*" * len(text)
    return f"{text[:2]}{'*' * (len(text) - 4)}{text[-2:]}"
