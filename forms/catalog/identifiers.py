"""Judge one text of a kind: is it right, how is it written properly, what is wrong with it.

One table: kind → judge. For fields, files and the command line alike; `check` uses the same functions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Final

from forms.catalog.amounts import judge_amount
from forms.catalog.cleaning import identifier_form
from forms.catalog.codes import DOUBTS, FAULTS, repaired, ric_of_18
from forms.catalog.dates import judge_date
from forms.catalog.divisions import CURRENT, KNOWN, REPLACED_BY
from forms.catalog.docno import judge_docno
from forms.catalog.messages import identifier_sentence
from forms.catalog.verdict import Verdict, doubtful, wrong

__all__ = ["KINDS", "Verdict", "judge", "sentence"]

_DIVISION_LENGTH: Final = 6


def judge(kind: str, text: str, *, today: date) -> Verdict:
    """Judge one text.

    Args:
        kind: one of `KINDS`.
        text: as it was written; full width, blanks and lower case are put right without a word.
        today: births and short years are judged by it.

    Returns:
        The verdict; `normal` is the text as it should be written, for ``amount`` 万元 as a decimal text,
        for ``date`` ISO 8601.

    Raises:
        KeyError: the kind is unknown.
    """
    return KINDS[kind](kind, text, today)


def sentence(verdict: Verdict) -> str:
    """Say the verdict in Chinese; an empty text when there is nothing to say."""
    return identifier_sentence(verdict.code, verdict.params) if verdict.code else ""


def _judge_code(kind: str, text: str, today: date) -> Verdict:
    clean = identifier_form(text)
    if not clean:
        return wrong(text, "identifier_blank")
    fault = FAULTS[kind](clean, today)
    if not fault:
        return Verdict(text, clean)
    if fault == "ric_fifteen":
        return doubtful(text, fault, ric_of_18(clean))
    if fault in DOUBTS:
        return doubtful(text, fault, clean)
    guess = repaired(kind, text, today)
    if guess is not None:
        return doubtful(text, "letter_guessed", guess, read=guess)
    return wrong(text, fault, clean, length=len(clean))


def _judge_division(_kind: str, text: str, _today: date) -> Verdict:
    clean = identifier_form(text)
    if clean in CURRENT:
        return Verdict(text, clean)
    if clean in KNOWN:
        if clean in REPLACED_BY:
            return doubtful(text, "division_replaced", clean, by=REPLACED_BY[clean])
        return doubtful(text, "division_withdrawn", clean)
    shaped = len(clean) == _DIVISION_LENGTH and clean.isascii() and clean.isdigit()
    return wrong(text, "division_unknown" if shaped else "division_form", clean or None)


KINDS: Final[Mapping[str, Callable[[str, str, date], Verdict]]] = {
    **dict.fromkeys(FAULTS, _judge_code),
    "docno": lambda _kind, text, _today: judge_docno(text),
    "amount": lambda _kind, text, _today: judge_amount(text),
    "date": lambda _kind, text, today: judge_date(text, today),
    "division": _judge_division,
}
"""Every kind that `judge` knows."""
