"""Rules as departments write them in a cell → rules as catalog files have them.

Several in a cell, parted by semicolons: 统一社会信用代码校验 · 不晚于报送日 · 不早于CF_JDRQ ·
CF_CFLB=02时必填 · CF_CFLB=02时不填 · CF_ZJHM填写时必填 · 不小于0 · 正则：^[0-9]{6}$.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from forms.catalog.rules import REPORTING_DAY, RULES
from forms.catalog.schema import CodeSet

Entry = Mapping[str, Any]
"""A field as a catalog file has it."""

Reason = tuple[str, dict[str, str | int]]

_IDENTIFIERS: Final[Mapping[str, str]] = {
    "统一社会信用代码": "uscc", "uscc": "uscc", "组织机构代码": "orgcode", "工商注册号": "regno",
    "身份证": "idcard", "身份证号": "idcard", "公民身份号码": "idcard",
}  # fmt: skip
_REGEX: Final = re.compile(r"正则(?:表达式)?[:：=](.+)", re.DOTALL)
_ORDER: Final = re.compile(r"不(晚|早|迟)于(.+)")
_WHEN: Final = re.compile(r"(.+?)[=＝为](.+?)时(必填|不填|留空)")
_FILLED: Final = re.compile(r"(.+?)(?:填写|填了|有值)时必填")
_ZERO: Final = re.compile(r"(?:不小于|大于等于|>=|≥)0|非负")


class BadRule(ValueError):
    """Rules that cannot be read; `reasons` names each."""

    def __init__(self, reasons: list[Reason]) -> None:
        self.reasons: Final = reasons
        super().__init__(str(reasons))


def read_rules(
    text: str, entry: Entry, ids: Mapping[str, Entry], known: Mapping[str, CodeSet]
) -> list[dict[str, Any]]:
    """Read the rules of one cell.

    Args:
        text: of the cell.
        entry: the field that they stand on.
        ids: the fields of the item, by id.
        known: code sets, by id, to hold codes against.

    Raises:
        BadRule: naming every rule that cannot be read, names no field, or does not suit the field.
    """
    pieces = [text] if _REGEX.fullmatch(text) else re.split(r"[;；\n]", text)
    found, reasons = [], list[Reason]()
    for piece in (one.strip() for one in pieces):
        if not piece:
            continue
        for pattern, read in _READERS:
            matched = pattern.fullmatch(piece)
            if matched:
                rule, why = read(matched, ids, known)
                break
        else:
            rule, why = _identifier(piece)
        reasons += why
        if rule is not None and not why:
            if entry["type"] in RULES[rule["kind"]].suits:
                found.append(rule)
            else:
                reasons.append(("rule_unfit", {"value": piece}))
    if reasons:
        raise BadRule(reasons)
    return found


Read = tuple[dict[str, Any] | None, list[Reason]]


def _identifier(piece: str) -> Read:
    word = piece.removesuffix("校验").removesuffix("号") if piece not in _IDENTIFIERS else piece
    kind = _IDENTIFIERS.get(word) or _IDENTIFIERS.get(f"{word}号") or _IDENTIFIERS.get(piece.casefold())
    if kind is None:
        return None, [("rule_unreadable", {"value": piece})]
    return {"kind": kind}, []


def _field(text: str, ids: Mapping[str, Entry]) -> tuple[str, list[Reason]]:
    field_id = text.strip().upper()
    titles = {entry["title"]: known for known, entry in ids.items()}
    field_id = titles.get(text.strip(), field_id)
    return field_id, [] if field_id in ids else [("rule_names_no_field", {"value": text.strip()})]


def _regex(matched: re.Match[str], _ids: Mapping[str, Entry], _known: Mapping[str, CodeSet]) -> Read:
    pattern = matched[1].strip()
    try:
        re.compile(pattern)
    except re.error:
        return None, [("rule_unreadable", {"value": matched[0]})]
    return {"kind": "regex", "pattern": pattern}, []


def _order(matched: re.Match[str], ids: Mapping[str, Entry], _known: Mapping[str, CodeSet]) -> Read:
    kind = "not_before" if matched[1] == "早" else "not_after"
    if matched[2].strip() in {"报送日", "报送日期", "今天", "当日", "填报日"}:
        return {"kind": kind, "ref": REPORTING_DAY}, []
    field_id, why = _field(matched[2], ids)
    if not why and ids[field_id]["type"] != "date":
        why = [("rule_unfit", {"value": matched[0]})]
    return {"kind": kind, "ref": field_id}, why


def _when(matched: re.Match[str], ids: Mapping[str, Entry], known: Mapping[str, CodeSet]) -> Read:
    field_id, why = _field(matched[1], ids)
    if why:
        return None, why
    other = ids[field_id]
    if other["type"] not in {"enum", "set"}:
        return None, [("rule_unfit", {"value": matched[0]})]
    codes, why = _codes(re.split(r"[、,，/或]", matched[2]), other, known)
    kind = "required_if" if matched[3] == "必填" else "empty_if"
    over = "contains_any" if other["type"] == "set" else "in"
    return {"kind": kind, "field": field_id, over: codes}, why


def _codes(words: list[str], other: Entry, known: Mapping[str, CodeSet]) -> tuple[list[str], list[Reason]]:
    code_set = known.get(other.get("code_set", ""))
    if code_set is None:  # spelt out in the table itself, and held against it when the set is read
        return [word.strip() for word in words], []
    codes, why = [], list[Reason]()
    for word in (one.strip() for one in words):
        code = code_set.by_code.get(word) or code_set.by_name.get(word)
        if code is None:
            why.append(("rule_unknown_code", {"value": word, "field": other["title"]}))
        else:
            codes.append(code.code)
    return codes, why


def _filled(matched: re.Match[str], ids: Mapping[str, Entry], _known: Mapping[str, CodeSet]) -> Read:
    field_id, why = _field(matched[1], ids)
    return {"kind": "required_if_filled", "ref": field_id}, why


def _zero(_matched: re.Match[str], _ids: Mapping[str, Entry], _known: Mapping[str, CodeSet]) -> Read:
    return {"kind": "not_negative"}, []


_READERS: Final[tuple[tuple[re.Pattern[str], Callable[..., Read]], ...]] = (
    (_REGEX, _regex), (_ORDER, _order), (_ZERO, _zero), (_FILLED, _filled), (_WHEN, _when),
)  # fmt: skip
"""How a rule is written → what reads it; the first that fits."""
