"""Dates as people write them → calendar days. No clock: today is passed in."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from forms.catalog.cleaning import INVISIBLE
from forms.catalog.numerals import DIGITS, NoNumber, whole_number
from forms.catalog.verdict import Verdict, doubtful, wrong

LONG_TERM: Final = date(2099, 12, 31)
"""Stands for "long term" (长期). Source: SZ-TPL, NB-UAP."""

LONG_TERM_WORDS: Final = frozenset(
    ["长期", "长期有效", "永久", "永久有效", "无期限", "无固定期限", "不限期", "无限期"]
)  # fmt: skip

FIRST_YEAR: Final = 1850
LAST_YEAR: Final = 2100
_SPREADSHEET_EPOCH: Final = date(1899, 12, 30)
_SERIAL_FROM: Final = 15_000
_SERIAL_TO: Final = 73_050
"""Day numbers of spreadsheets that can be meant: 1941 to 2099."""

_LONGEST: Final = 100
"""No date needs more characters; longer texts are not looked at."""

_SEPARATOR: Final = r"[-/\\.,_:·—–―‐−~。、]"
_ISO: Final = re.compile(r"[0-9]{4}([-/.])[0-9]{2}\1[0-9]{2}")
_YEAR_FIRST: Final = re.compile(
    rf"(\d{{4}})(?:年|{_SEPARATOR})(\d{{1,2}}|元(?=月))(?:月|{_SEPARATOR})(\d{{1,2}})[日号]?\.?"
)
_SHORT_YEAR: Final = re.compile(
    rf"(\d{{2}})(?:年|{_SEPARATOR})(\d{{1,2}})(?:月|{_SEPARATOR})(\d{{1,2}})[日号]?\.?"
)
_YEAR_LAST: Final = re.compile(rf"(\d{{1,2}}){_SEPARATOR}(\d{{1,2}}){_SEPARATOR}(\d{{4}})")
_SPACED: Final = re.compile(r"\d{4}\s+\d{1,2}\s+\d{1,2}")
_TENS: Final = str.maketrans({"廿": "二十", "卅": "三十"})
_COMPACT: Final = re.compile(r"\d{8}")
_SERIAL: Final = re.compile(r"(\d{5})(?:\.\d+)?")
_MONTH_ONLY: Final = re.compile(
    rf"\d{{4}}(?:年|{_SEPARATOR})\d{{1,2}}月?|\d{{4}}年?|\d{{4}}(?:0[1-9]|1[0-2])"
)
_DAY_ONLY: Final = re.compile(rf"\d{{1,2}}(?:月|{_SEPARATOR})\d{{1,2}}[日号]?")
_CHINESE: Final = re.compile(rf"([{DIGITS}]{{4}})年(元|[{DIGITS}十]{{1,3}})月([{DIGITS}十]{{1,4}})[日号]")
_ENGLISH: Final = re.compile(
    r"(\d{1,2})-?([A-Z]{3})[A-Z]*\.?-?,?(\d{4}|\d\d)|([A-Z]{3})[A-Z]*\.?-?(\d{1,2}),?-?(\d{4})"
)
_MONTHS: Final = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_TIME: Final = re.compile(
    r"(?<=[\d日号])(?:[T\s]\s*|(?<=[日号]))(?:[上下中]午|晚上|凌晨)?\s*\d{1,2}(?::\d{1,2}(?::\d{1,2}(?:\.\d+)?)?|[时点](?:\d{1,2}分?)?)"
    r"(?:\s*[AP]M)?(?:Z|[+-]\d{2}:?\d{2})?$"
)
_WEEKDAY: Final = re.compile(r"\(?(?:星期|周|礼拜)[一二三四五六日天]\)?")
_SEVERAL: Final = re.compile(r"\d{4}.*[至到~].*\d|\d{4}年.*\d{4}年")


@dataclass(frozen=True, slots=True)
class Reading:
    """What a text says as a date.

    Attributes:
        day: None when it cannot be told.
        code: empty when the text is clear; else why it is doubtful (with a day) or wrong (without).
    """

    day: date | None
    code: str = ""


def read_date(text: str, today: date) -> Reading:
    """Read a date in any of the ways that people write it.

    A bare day number of a spreadsheet and a year of two digits are read, and are doubtful; a day and month
    that could be swapped are not read.

    Args:
        text: as it was written.
        today: settles the century of a short year.
    """
    if _ISO.fullmatch(text):
        return _calendar(int(text[:4]), int(text[5:7]), int(text[8:]))
    if len(text) > _LONGEST:
        return Reading(None, "date_unreadable")
    clean = INVISIBLE.sub("", unicodedata.normalize("NFKC", text)).strip().upper().lstrip("'’‘")
    clean = _WEEKDAY.sub("", clean).strip()
    clean = _TIME.sub("", clean)
    if _SPACED.fullmatch(clean):
        year, month, day = map(int, clean.split())
        return _calendar(year, month, day)
    clean = re.sub(r"\s+", "", clean).removeprefix("公元").translate(_TENS)
    if clean in LONG_TERM_WORDS:
        return Reading(LONG_TERM)
    for read in (_plain, _compact, _chinese, _year_last, _serial):
        reading = read(clean)
        if reading is not None:
            return reading
    return _english(clean, today) or _short_year(clean, today) or Reading(None, _why_not(clean))


def _why_not(clean: str) -> str:
    if not clean:
        return "date_blank"
    if _MONTH_ONLY.fullmatch(clean) or _DAY_ONLY.fullmatch(clean):
        return "date_incomplete"
    return "date_several" if _SEVERAL.search(clean) else "date_unreadable"


def _calendar(year: int, month: int, day: int, code: str = "") -> Reading:
    if not FIRST_YEAR <= year <= LAST_YEAR and year != date.max.year:
        return Reading(None, "date_year")
    try:
        return Reading(date(year, month, day), code)
    except ValueError:
        return Reading(None, "date_impossible")


def _plain(clean: str) -> Reading | None:
    found = _YEAR_FIRST.fullmatch(clean)
    if not found:
        return None
    return _calendar(int(found[1]), 1 if found[2] == "元" else int(found[2]), int(found[3]))


def _compact(clean: str) -> Reading | None:
    return _calendar(int(clean[:4]), int(clean[4:6]), int(clean[6:])) if _COMPACT.fullmatch(clean) else None


def _chinese(clean: str) -> Reading | None:
    found = _CHINESE.fullmatch(clean)
    if not found:
        return None
    try:
        month = 1 if found[2] == "元" else whole_number(found[2])
        return _calendar(whole_number(found[1]), month, whole_number(found[3]))
    except NoNumber:
        return Reading(None, "date_unreadable")


def _english(clean: str, today: date) -> Reading | None:
    found = _ENGLISH.fullmatch(clean)
    if not found:
        return None
    day, month, year = (found[1], found[2], found[3]) if found[1] else (found[5], found[4], found[6])
    if month not in _MONTHS:
        return None
    number = _MONTHS.index(month) + 1
    if len(year) == 4:
        return _calendar(int(year), number, int(day))
    return _calendar(_full_year(int(year), today), number, int(day), "date_short_year")


def _year_last(clean: str) -> Reading | None:
    """Read 25/3/2026 and 3/25/2026; refuse 5/3/2026, which is two different days in two countries."""
    found = _YEAR_LAST.fullmatch(clean)
    if not found:
        return None
    first, second, year = int(found[1]), int(found[2]), int(found[3])
    if first != second and max(first, second) <= 12:
        return Reading(None, "date_ambiguous")
    month, day = (second, first) if first > 12 else (first, second)
    return _calendar(year, month, day)


def _serial(clean: str) -> Reading | None:
    """Read the day number that a spreadsheet shows for an unformatted date (epoch 1900)."""
    found = _SERIAL.fullmatch(clean)
    if not found or not _SERIAL_FROM <= int(found[1]) <= _SERIAL_TO:
        return None
    return Reading(_SPREADSHEET_EPOCH + timedelta(days=int(found[1])), "date_serial")


def _short_year(clean: str, today: date) -> Reading | None:
    found = _SHORT_YEAR.fullmatch(clean)
    if not found:
        return None
    return _calendar(_full_year(int(found[1]), today), int(found[2]), int(found[3]), "date_short_year")


def _full_year(short: int, today: date) -> int:
    """Take a year of two digits for one of the hundred that end in thirty years."""
    year = today.year // 100 * 100 + short
    return year if year <= today.year + 30 else year - 100


def judge_date(text: str, today: date) -> Verdict:
    """Say which day a text means: ISO 8601, 2099-12-31 for long term."""
    reading = read_date(text, today)
    if reading.day is None:
        return wrong(text, reading.code)
    normal = reading.day.isoformat()
    return doubtful(text, reading.code, normal, read=normal) if reading.code else Verdict(text, normal)
