"""Amounts as people write them → 万元 (ten thousand yuan) as a decimal text with at most six decimals.

A bare number is taken for 万元, the unit of the national fields, and that is doubtful. Nothing is rounded.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import Final, Literal

from forms.catalog.cleaning import INVISIBLE
from forms.catalog.numerals import CHARACTERS, DIGITS, NoNumber, decimal_number, whole_number
from forms.catalog.verdict import Verdict, doubtful, wrong

Unit = Literal["元", "万元"]

SCALE: Final = 6
"""Decimals of an amount in 万元: one 分 is 0.000001."""

_MOST: Final = Decimal(10) ** 12
"""An amount in 万元 must be less."""

_LONGEST: Final = 500
"""No amount needs more characters, nor does the sentence around it; longer texts are not looked at."""

_STEPS: Final = {
    "": Decimal(1),
    "十": Decimal(10),
    "百": Decimal(100),
    "千": Decimal(1000),
    "仟": Decimal(1000),
}
_GROUPS: Final = {"": Decimal(1), "万": Decimal(10_000), "萬": Decimal(10_000), "亿": Decimal(100_000_000)}
_NUMBER: Final = r"\d[\d,，]*(?:\.\d+)?"
_CHINESE: Final = f"[{CHARACTERS}]+(?:点[{CHARACTERS}]+)?"
_YUAN: Final = "(?:元|圆|块)"
_AMOUNT: Final = re.compile(
    rf"(?P<sign>-|负)?(?P<currency>(?:人民币|RMB|CNY|¥)[:：]?)?"
    rf"(?:(?P<digits>(?:{_NUMBER}[十百千仟]?[万萬亿]?)+)|(?P<words>{_CHINESE}))"
    rf"(?P<yuan>{_YUAN})?(?P<minor>(?:[\d{CHARACTERS}]角)?(?:[\d{CHARACTERS}]分)?)(?:整|正)?(?P<rmb>人民币)?"
)
_PART: Final = re.compile(rf"(?P<number>{_NUMBER})(?P<step>[十百千仟]?)(?P<group>[万萬亿]?)")
_SCALED: Final = re.compile(r"[百佰千仟万萬亿億]")
_IDLE_NOUGHT: Final = re.compile(r"(?<=[百千万亿])[零〇](?=\d)")
_BARE: Final = re.compile(rf"[-+]?{_NUMBER}(?:E[-+]?\d{{1,3}})?")
_FOREIGN: Final = re.compile(r"美元|港[元币]|欧元|日元|英镑|澳元|加元|新台币|USD|HKD|EUR|JPY|GBP|[$€£]|%|‰")
_TOTALS: Final = re.compile(r"(?:合计|共计|总计|总额|罚没款?)$")
_FINE: Final = re.compile(r"(?:罚款|处以?|罚金)(?:人民币|金额|共?计|合计|总额|:|RMB|¥)*$")
_RANGE: Final = re.compile(rf"[\d{CHARACTERS}元](?:[-~—–―至到]+|\.\.+)$")
"""What stands before the second end of a range: neither end is the amount."""

_HALF: Final = re.compile(r"[\d.][./]$")
"""What stands before a piece of something else: 5.5.5万, 3/5万."""

_ABOUT_BEFORE: Final = re.compile(
    r"(?:约|大约|近|将近|超过?|不超过|不到|不足|不低于|不少于|至少|至多|最高|最低)$"
)
_ABOUT_AFTER: Final = re.compile(
    r"[(（]?(?:含|本数)*[)）]?(?:以上|以下|以内|之内|左右|上下|余|多|许|起|不等)"
)
_PER: Final = re.compile(r"[/每]")
_SPOKEN: Final = re.compile(rf"([百佰千仟万萬亿億])([{DIGITS}])$")
_STEP_BELOW: Final = {"百": 10, "佰": 10, "千": 100, "仟": 100, "万": 1000, "萬": 1000}


@dataclass(frozen=True, slots=True)
class _Found:
    """One amount in a text: how much in 元, whether a unit stood by it, what stood before it."""

    yuan: Decimal
    has_unit: bool
    before: str
    code: str = ""


def plain(number: Decimal) -> str:
    """Write a decimal without exponent and without nought at its end."""
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def judge_amount(text: str, bare_unit: Unit = "万元") -> Verdict:
    """Say how many 万元 a text means.

    Args:
        text: e.g. ``19.5万``, ``十九万五千元``, ``5,000元``, ``罚款人民币十九万五千元``.
        bare_unit: what a number without a unit counts; it stays doubtful.

    Returns:
        The amount in 万元; doubtful for a bare number and for a text of several amounts.
    """
    if len(text) > _LONGEST:
        return wrong(text, "amount_unreadable")
    clean = re.sub(r"\s+", "", INVISIBLE.sub("", unicodedata.normalize("NFKC", text))).upper().lstrip("'’‘")
    clean = _IDLE_NOUGHT.sub("", clean.replace("￥", "¥").replace("，", ","))
    if not clean:
        return wrong(text, "amount_blank")
    if _BARE.fullmatch(clean):
        return _bare(text, clean, bare_unit)
    if _FOREIGN.search(clean):
        return wrong(text, "amount_other_unit")
    found = _amounts(clean)
    if not found:
        return wrong(text, "amount_unreadable")
    return _settle(text, found, bare_unit)


def _bare(text: str, clean: str, unit: Unit) -> Verdict:
    if not _commas_fit(clean):
        return wrong(text, "amount_commas")
    try:
        number = Decimal(clean.replace(",", ""))
    except InvalidOperation:
        return wrong(text, "amount_unreadable")
    verdict = _in_wan(text, number * (10_000 if unit == "万元" else 1))
    if verdict.normal is None:
        return verdict
    return doubtful(text, "amount_bare", verdict.normal, unit=unit, read=verdict.normal)


def _commas_fit(number: str) -> bool:
    """Whether commas part thousands; 1,2 and 5,0000 are somebody's slip."""
    whole, _, rest = number.partition(".")
    groups = whole.lstrip("+-").split(",")
    return "," not in rest and (
        len(groups) == 1 or (all(len(g) == 3 for g in groups[1:]) and len(groups[0]) <= 3)
    )


def _in_wan(text: str, yuan: Decimal) -> Verdict:
    wan = yuan / 10_000
    if wan < 0:
        return wrong(text, "amount_negative")
    if wan >= _MOST:
        return wrong(text, "amount_too_much")
    if wan != wan.quantize(Decimal(10) ** -SCALE):
        return wrong(text, "amount_too_fine")
    return Verdict(text, plain(wan))


def _amounts(clean: str) -> list[_Found]:
    """Find every amount; a run of digits that belongs to a date or a number of a paper is none."""
    found: list[_Found] = []
    end = 0
    for match in _AMOUNT.finditer(clean):
        before = clean[end : match.start()]
        end = match.end()
        unit = match["yuan"] or match["minor"] or match["rmb"] or match["currency"]
        digits = match["digits"] or ""
        scaled = _SCALED.search(digits or match["words"])
        if not (unit or scaled):
            if not found and end == len(clean) and (digits or not before or _FINE.search(before)):
                found.append(_read(match, before, has_unit=False))
            continue
        one = _read(match, before, has_unit=True)
        vague = _vague(clean[: match.start()], clean[end:], match["sign"])
        found.append(replace(one, code=vague) if vague else one)
    return found


def _vague(before: str, after: str, sign: str | None) -> str:
    """Say why an amount is none by what stands around it: a range, about so much, so much a month."""
    if _RANGE.search(before + ("-" if sign == "-" else "")):
        return "amount_range"
    if _ABOUT_BEFORE.search(before) or _ABOUT_AFTER.match(after):
        return "amount_about"
    if _PER.match(after):
        return "amount_other_unit"
    return "amount_unreadable" if _HALF.search(before) else ""


def _read(match: re.Match[str], before: str, *, has_unit: bool) -> _Found:
    code = ""
    try:
        if match["words"]:
            number, code = _in_words(match["words"])
        else:
            number, code = _mixed(match["digits"])
        number += _minor(match["minor"])
    except NoNumber:
        return _Found(Decimal(0), has_unit, before, "amount_unreadable")
    return _Found(-number if match["sign"] else number, has_unit, before, code)


def _in_words(words: str) -> tuple[Decimal, str]:
    """Read 十九万五千; a last digit without a step (十九万五) is what people say, and doubtful."""
    number = decimal_number(words)
    spoken = _SPOKEN.search(words)
    if spoken is None or spoken[1] not in _STEP_BELOW or "点" in words:
        return number, ""
    return number + whole_number(spoken[2]) * (_STEP_BELOW[spoken[1]] - 1), "amount_spoken"


def _mixed(digits: str) -> tuple[Decimal, str]:
    """Read 19万5千, 5千, 1.2亿; a last digit without a step (5万5) is what people say, and doubtful."""
    total, last, code = Decimal(0), Decimal("Infinity"), ""
    for part in _PART.finditer(digits):
        if not _commas_fit(part["number"]):
            return Decimal(0), "amount_commas"
        size = _STEPS[part["step"]] * _GROUPS[part["group"]]
        number = Decimal(part["number"].replace(",", ""))
        if size == 1 and last != Decimal("Infinity") and len(part["number"]) == 1:
            size, code = last / 10, "amount_spoken"
        if size >= last:
            raise NoNumber(digits)
        total += number * size
        last = size
    return total, code


def _minor(text: str) -> Decimal:
    total = Decimal(0)
    for sign, share in (("角", Decimal("0.1")), ("分", Decimal("0.01"))):
        if sign in text:
            digit = text[text.index(sign) - 1]
            total += (Decimal(digit) if digit.isdigit() else decimal_number(digit)) * share
    return total


def _settle(text: str, found: list[_Found], bare_unit: Unit) -> Verdict:
    """Choose among the amounts of one text: all the same, or the one that is called a fine."""
    faulty = [f.code for f in found if f.code not in {"", "amount_spoken"}]
    if faulty:
        return wrong(text, faulty[0])
    if not found[0].has_unit:
        return _bare(text, plain(found[0].yuan), bare_unit)
    if len({f.yuan for f in found}) == 1:
        verdict = _in_wan(text, found[0].yuan)
        code = next((f.code for f in found if f.code), "")
        if code and verdict.normal is not None:
            return doubtful(text, code, verdict.normal, read=verdict.normal)
        return verdict
    if any(f.before.endswith("(") for f in found):
        return wrong(text, "amount_contradiction")
    fines = [f for f in found if _FINE.search(f.before) and not _TOTALS.search(f.before)]
    if len(fines) != 1:
        return wrong(text, "amount_several")
    verdict = _in_wan(text, fines[0].yuan)
    if verdict.normal is None:
        return verdict
    return doubtful(text, "amount_several_one_fine", verdict.normal, read=verdict.normal)
