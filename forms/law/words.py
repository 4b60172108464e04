"""Chinese sentences of clocks: derivations, states, units, provenance; for window, CLI and letters.

A sentence stands here by the code of its step; `sentence` fills it in.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Final

from forms.law.clocks import Clock, Due
from forms.law.counting import Step

UNITS: Final[Mapping[str, str]] = {
    "working_day": "个工作日", "natural_day": "日", "month": "个月", "year": "年", "at_once": "立即",
    "promptly": "及时", "unspecified": "没有规定天数",
}  # fmt: skip
STATES: Final[Mapping[str, str]] = {
    "not_started": "未起算", "running": "计时中", "suspended": "暂停计时", "met": "已完成",
    "late_met": "超期完成", "overdue": "已超期",
}  # fmt: skip
ACTORS: Final[Mapping[str, str]] = {"platform": "平台", "provider": "提供单位"}
PROVENANCE: Final[Mapping[str, str]] = {
    "sourced": "已读条文", "secondary": "转载所见，未核对条文", "recalled": "凭记忆，未核对条文",
    "unknown": "没有查到", "own": "自行填写",
}  # fmt: skip
SEVERITIES: Final[Mapping[str, str]] = {"minor": "轻微", "ordinary": "一般", "serious": "严重"}
KINDS: Final[Mapping[str, str]] = {"objection": "异议", "repair": "信用修复"}
EVENTS: Final[Mapping[str, str]] = {
    "received": "收到申请", "supplement_asked": "要求补正", "supplemented": "补正材料", "accepted": "受理",
    "refused": "不予受理", "assigned": "分派承办人", "transferred": "移送", "extended": "延长期限",
    "suspended": "暂停计时", "resumed": "恢复计时", "decided": "作出决定", "told": "告知结果",
    "waived": "免除等待", "withdrawn": "申请人撤回", "closed": "办结",
}  # fmt: skip
UNCONFIRMED: Final = "未经本地法制部门确认"
PROVISIONAL: Final = "暂定"

_NO_NUMBER: Final[Mapping[str, str]] = {
    "at_once": "规定为“立即”，没有天数。", "promptly": "规定为“及时”，没有天数。",
    "unspecified": "规定没有写天数。",
}  # fmt: skip
_RUNS_FROM: Final[Mapping[str, str]] = {
    "published": "从公示之日起算", "decided": "从处罚决定之日起算",
    "unknown": "起算点没有查到，按公示之日起算",
}  # fmt: skip
_DAY: Final = timedelta(days=1)


def day_words(day: date) -> str:
    """Return a date as it is written in a sentence: ``2026年11月9日``."""
    return f"{day.year}年{day.month}月{day.day}日"


def length_words(clock: Clock) -> str:
    """Return how long a clock is: ``5个工作日``, ``立即``, ``天数未查到``."""
    if clock.length is not None:
        return f"{clock.length}{UNITS[clock.unit]}"
    return UNITS[clock.unit] if clock.unit in _NO_NUMBER else "天数未查到"


def due_words(due: Due) -> str:
    """Return how a clock stands, in a few words: ``2026年11月9日到期，还有3个工作日``."""
    if due.state == "suspended":
        return f"暂停计时，还余{_amount(due.left or 0, due.clock.unit)}"
    if due.state not in ("running", "overdue"):
        return STATES[due.state]
    if due.on is None or due.left is None:
        return length_words(due.clock)
    doubt = "" if due.certain else f"（{PROVISIONAL}，最早）"
    if due.left < 0:
        past = _amount(-due.left, due.clock.unit)
        return f"{day_words(due.on)}{doubt}到期，已过{past}"
    left = "今天到期" if due.left == 0 else f"还有{_amount(due.left, due.clock.unit)}"
    return f"{day_words(due.on)}{doubt}到期，{left}"


def _amount(n: int, unit: str) -> str:
    return f"{n}{'个工作日' if unit == 'working_day' else '天'}"


def derivation(steps: Sequence[Step]) -> tuple[str, ...]:
    """Return how a date was found, a sentence a step."""
    return tuple(sentence(step) for step in steps)


def sentence(step: Step) -> str:
    """Return one step of a derivation in Chinese."""
    return _SENTENCES[step.code](step.on, step.data)


def _plain(text: str) -> Callable[[date | None, Mapping[str, Any]], str]:
    def said(on: date | None, data: Mapping[str, Any]) -> str:
        values = dict(data)
        if "event" in values:
            values["event"] = EVENTS[values["event"]]
        if "unit" in values:
            values["unit"] = UNITS[values["unit"]]
        if "from" in values:
            values["since"] = day_words(date.fromisoformat(values.pop("from")))
        return text.format(on=day_words(on) if on else "", **values)

    return said


def _spans(days: Sequence[str]) -> str:
    """Days as ``10月1日至2日、10月5日至7日``; days of several years with their year."""
    found = [date.fromisoformat(day) for day in days]
    runs: list[list[date]] = []
    for day in found:
        if runs and day - runs[-1][-1] == _DAY:
            runs[-1].append(day)
        else:
            runs.append([day])
    said = []
    for run in runs:
        first, last = run[0], run[-1]
        text = f"{first.month}月{first.day}日"
        if last != first:
            text += f"至{last.day}日" if last.month == first.month else f"至{last.month}月{last.day}日"
        said.append(text)
    return "、".join(said)


def _counted(on: date | None, data: Mapping[str, Any]) -> str:
    off, work = data["off"], data["work"]
    first, last = day_words(date.fromisoformat(data["from"]) + _DAY), day_words(on) if on else ""
    text = f"{first}至{last}，计{data['n']}个工作日"
    if off:
        text += f"；{_spans(off)}放假不计"
    if work:
        text += f"；{_spans(work)}调休上班计入"
    return text + "。"


def _no_number(_on: date | None, data: Mapping[str, Any]) -> str:
    return _NO_NUMBER.get(data["unit"], "天数没有查到，不推算日期；请管理员按本地文件填写。")


def _extended(on: date | None, data: Mapping[str, Any]) -> str:
    by = f"，批准人：{data['by']}" if data["by"] else ""
    when = f"{day_words(on)}" if on else ""
    return f"{when}延长{data['days']}{UNITS[data['unit']]}{by}。"


def _beyond(on: date | None, data: Mapping[str, Any]) -> str:
    return _extended(on, data)[:-1] + f"；超出可以延长的限度，只计{data['counts']}{UNITS[data['unit']]}。"


def _repair_started(on: date | None, data: Mapping[str, Any]) -> str:
    return f"{_RUNS_FROM[data['runs_from']]}（{day_words(on) if on else ''}），当日不计入。"


_SENTENCES: Final[Mapping[str, Callable[[date | None, Mapping[str, Any]], str]]] = {
    "started": _plain("{on}{event}，当日不计入，从次日起算。"),
    "restarted": _plain("{on}{event}，重新起算，当日不计入。"),
    "supplement_awaited": _plain("{on}要求补正，材料补齐之日起算。"),
    "length": _plain("期限{n}{unit}。"),
    "no_number": _no_number,
    "extended": _extended,
    "extended_beyond": _beyond,
    "pause_ignored": _plain("{on}起的检验、鉴定等时间，本规则没有规定扣除，照常计算。"),
    "paused": _plain("{on}暂停计时，余下部分恢复后接着算。"),
    "resumed": _plain("{since}暂停、{on}恢复，其间不计入。"),
    "counted": _counted,
    "by_days": _plain("按自然日计{n}日，至{on}。"),
    "by_months": _plain("按日历计{n}{unit}，至{on}。"),
    "month_end": _plain("按日历计{n}{unit}，没有对应日，至当月末日{on}。"),
    "rolled": _plain("{since}是休息日，顺延至{on}。"),
    "year_unknown": _plain("还没有{year}年的放假通知，只能算出最早的日期，暂定。"),
    "due": _plain("到期日：{on}。"),
    "due_earliest": _plain("到期日最早为{on}（暂定）。"),
    "met": _plain("{on}{event}，本期限完成。"),
    "ended": _plain("{on}{event}，办件结束，不再计时。"),
    "repair_started": _repair_started,
    "repair_no_shortest": _plain("没有最短公示期，履行义务后即可修复。"),
    "repair_shortest": _plain("最短公示期{n}{unit}，至{on}。"),
    "repair_unfulfilled": _plain("还没有履行完义务，不能修复。"),
    "repair_fulfilled": _plain("{on}履行完义务。"),
    "repair_from": _plain("最早可以在{on}准予修复。"),
    "repair_longest": _plain("最长公示期{n}{unit}，至{on}自然停止公示。"),
}
