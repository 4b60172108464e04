"""Numbers and states of official letters (文书) of a case. Values only."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

DocumentState = Literal["draft", "issued", "voided"]

MOST_SHORT: Final = 20
_LETTER: Final = re.compile(r"[A-Z]{1,2}")


@dataclass(frozen=True, slots=True)
class Stationery:
    """What an administrator sets for the letters of this desk.

    Attributes:
        short: abbreviation of the unit (机关代字), e.g. 厦市监.
        letter: of this device (终端字母), A to ZZ: no two desks of a unit have the same.
        phone, address: of the unit, as they stand under a letter.
    """

    short: str = ""
    letter: str = ""
    phone: str = ""
    address: str = ""

    @property
    def can_number(self) -> bool:
        """Both parts of a number that tell desks apart are set."""
        return bool(self.short) and _LETTER.fullmatch(self.letter) is not None

    def number(self, year: int, seq: int) -> str:
        """Return the number of a document: ``厦市监〔2026〕A-12``."""
        return f"{self.short}〔{year}〕{self.letter}-{seq}"


def fault_of(stationery: Stationery) -> str | None:
    """Return why it cannot be set: ``letter_short_unfit``, ``letter_of_desk_unfit``; None when it can."""
    short = stationery.short
    if len(short) > MOST_SHORT or any(sign in short for sign in "〔〕[]-\n\r\t ") or not short.isprintable():
        return "letter_short_unfit"
    if stationery.letter and _LETTER.fullmatch(stationery.letter) is None:
        return "letter_of_desk_unfit"
    return None


@dataclass(frozen=True, slots=True)
class Document:
    """One letter of a case.

    Attributes:
        kind: code of `client.letters.kinds`.
        texts: paragraphs that a person wrote, by the names of the kind.
        number: None until it was given out.
        template_sha256: of the template that it was made of.
        docx_sha256, pdf_sha256: of its files, attachments of the desk; None of a draft.
        issued_on: the legal day that it bears.
        reason: why it was voided.
    """

    document_id: str
    case_id: str
    kind: str
    state: DocumentState
    texts: Mapping[str, str]
    saved_by: str
    saved_at: str
    number: str | None
    template_sha256: str | None
    docx_sha256: str | None
    pdf_sha256: str | None
    issued_by: str | None
    issued_on: str | None
    issued_at: str | None
    voided_by: str | None
    voided_at: str | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class Gap:
    """A number that no letter bears (空号): `why` is ``not_issued`` or ``draft_dropped``."""

    number: str
    given_at: str
    why: str


@dataclass(frozen=True, slots=True)
class OwnTemplate:
    """A department's own template."""

    kind: str
    name: str
    sha256: str
    imported_by: str
    imported_at: str
