"""A pasted notice of the State Council (放假通知), read into the calendar of its year. Pure.

Every line must be understood: one that is not is named, and then nothing is taken: a day lost in copying
would make every date after it wrong. So is a weekday that is not that of its date, a count of days
that does not come out, and a holiday that is missing.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

_DAY: Final = timedelta(days=1)
_SATURDAY: Final = 5
_LONGEST: Final = 15
"""More days in a row than any holiday has."""

HOLIDAYS: Final = ("元旦", "春节", "清明", "劳动", "端午", "中秋", "国庆")
"""Each must be named in a notice, as the law fixes them (全国年节及纪念日放假办法第二条)."""

_TITLE: Final = re.compile(r"(?:国务院办公厅)?关于(\d{4})年(?:部分)?节假日安排的通知")
_ISSUED: Final = re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})日")
_ITEM: Final = re.compile(r"[一二三四五六七八九十]{1,3}、([^:,.]{2,12}):(.*)")
_FRAME: Final = tuple(
    re.compile(pattern)
    for pattern in (
        r"国办发(?:明电)?[\[〔(]\d{4}[\]〕)]\d+号", r"(?:中华人民共和国)?国务院办公厅", r"各省.*:", r"各省.*",
        r"国务院各部委.*", r"(?:经国务院批准|根据).*", r"现将.*通知如下.", r"节假日期间.*",
        r"\(?此件公开发布\)?", r"索引号.*", r"发文机关.*", r"成文日期.*", r"发布日期.*",
        r"标题.*", r"发文字号.*", r"主题分类.*",
    )
)  # fmt: skip
"""Lines around the holidays that say nothing of a day."""

_DATE: Final = r"(?:(?:\d{4})年)?(?:\d{1,2}月)?\d{1,2}日(?:\([^()]*\))?"
_OFF: Final = re.compile(rf"({_DATE})(?:(?:至|到|-|~)({_DATE}))?放假(.*)")
_OFF_TAIL: Final = re.compile(r"(?:调休|公休)?,?(?:共?(\d{1,2})天)?,?(?:不调休|与周末连休)?")
_WORK: Final = re.compile(rf"({_DATE}(?:[、,和]{_DATE})*)(?:照常|正常)?上班")
_ADVICE: Final = re.compile(r"鼓励.*")
"""What an employer is asked to allow makes no day off."""

_PART: Final = re.compile(r"(?:(\d{4})年)?(?:(\d{1,2})月)?(\d{1,2})日(?:\(([^()]*)\))?")
_WEEKDAY: Final = re.compile(r"(?:周|星期|礼拜)([一二三四五六日天])")
_WEEKDAYS: Final = "一二三四五六日"


class NoticeUnreadable(ValueError):
    """The notice cannot be taken; every line that was not understood is named.

    Attributes:
        lines: each with its number in the text, from 1, and why; 0 for what is missing as a whole.
    """

    def __init__(self, lines: Sequence[Unread]) -> None:
        self.lines: Final = tuple(lines)
        super().__init__("\n".join(f"第 {one.n} 行：{one.why}：{one.text}" for one in self.lines))


@dataclass(frozen=True, slots=True)
class Unread:
    """A line that was not understood."""

    n: int
    text: str
    why: str


@dataclass(frozen=True, slots=True)
class Off:
    """Days off in a row, the name of the holiday that they belong to."""

    name: str
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class ReadNotice:
    """What a notice says, all of it understood.

    Attributes:
        off, work: in the order of the days; days of the year before among them.
    """

    year: int
    title: str
    issued_on: date | None
    off: tuple[Off, ...]
    work: tuple[date, ...]

    def file(self, source: str) -> dict[str, Any]:
        """Return the calendar of the notice's year, as its file has it.

        Args:
            source: where the text came from.
        """
        return {
            "year": self.year, "title": self.title,
            "issued_on": self.issued_on.isoformat() if self.issued_on else None, "source": source,
            "provenance": "sourced", **self._days(self.year),
        }  # fmt: skip

    def amended(self, before: Mapping[str, Any]) -> dict[str, Any] | None:
        """Return the calendar of the year before with the days that this notice adds to it; None without any.

        Args:
            before: the file of that year.
        """
        added = self._days(self.year - 1)
        known = [(one["from"], one["to"]) for one in before["off"]]
        off = [one for one in added["off"] if (one["from"], one["to"]) not in known]
        work = [one for one in added["work"] if one not in before["work"]]
        if not off and not work:
            return None
        return {**before, "off": [*before["off"], *off], "work": sorted([*before["work"], *work])}

    def _days(self, year: int) -> dict[str, Any]:
        first, last = date(year, 1, 1), date(year, 12, 31)
        spans = [
            {
                "name": one.name,
                "from": max(one.first, first).isoformat(),
                "to": min(one.last, last).isoformat(),
            }
            for one in self.off
            if one.first <= last and one.last >= first
        ]
        return {"off": spans, "work": [day.isoformat() for day in self.work if day.year == year]}


def read_notice(text: str) -> ReadNotice:
    """Read a pasted notice.

    Raises:
        NoticeUnreadable: with every line that was not understood, and what is missing.
    """
    lines = list(_lines(text))
    title = next(((line, found) for _, line in lines if (found := _TITLE.search(line))), None)
    if title is None:
        raise NoticeUnreadable([Unread(0, "", "没有读到标题“关于…年部分节假日安排的通知”")])
    year = int(title[1][1])
    unread: list[Unread] = []
    off: list[Off] = []
    work: list[date] = []
    issued_on: date | None = None
    for n, line in lines:
        item, issued = _ITEM.fullmatch(line), _ISSUED.fullmatch(line)
        try:
            if item:
                _read_item(item[1], item[2], year, off, work)
            elif issued:
                issued_on = date(int(issued[1]), int(issued[2]), int(issued[3]))
            elif not _TITLE.fullmatch(line) and not any(frame.fullmatch(line) for frame in _FRAME):
                unread.append(Unread(n, line, "没有读懂"))
        except ValueError as error:
            unread.append(Unread(n, line, str(error)))
    unread += _missing(off, work, unread)
    if unread:
        raise NoticeUnreadable(unread)
    full = f"国务院办公厅关于{year}年部分节假日安排的通知"
    return ReadNotice(
        year, full, issued_on, tuple(sorted(off, key=lambda one: one.first)), tuple(sorted(work))
    )


def _missing(off: Sequence[Off], work: Sequence[date], unread: Sequence[Unread]) -> Iterator[Unread]:
    """What is wrong with the whole; a holiday in a line that was not understood is not missing."""
    named = "".join([one.name for one in off] + [one.text for one in unread])
    for name in HOLIDAYS:
        if name not in named:
            yield Unread(0, "", f"没有读到{name}的放假安排")
    days = [one.first + n * _DAY for one in off for n in range((one.last - one.first).days + 1)]
    for day in sorted({day for day in [*days, *work] if [*days, *work].count(day) > 1}):
        yield Unread(0, "", f"{day.isoformat()} 写了两次")


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """The lines that say something, in half-width signs without blanks; a line broken in two is joined."""
    held: tuple[int, str] | None = None
    for n, raw in enumerate(text.splitlines(), 1):
        line = re.sub(r"\s", "", unicodedata.normalize("NFKC", raw)).replace("。", ".").replace("至至", "至")
        line = line.replace("\u2014", "-").replace("\u2013", "-").replace("〜", "~")
        if not line:
            continue
        if held is not None and held[1][-1] not in ".:" and not _stands_alone(line):
            held = (held[0], held[1] + line)
            continue
        if held is not None:
            yield held
        held = (n, line)
    if held is not None:
        yield held


def _stands_alone(line: str) -> bool:
    whole = (_TITLE, _ISSUED, *_FRAME)
    return bool(_ITEM.match(line)) or any(one.fullmatch(line) for one in whole)


def _read_item(name: str, said: str, year: int, off: list[Off], work: list[date]) -> None:
    """Read what is said of one holiday; ValueError says why a sentence is not understood."""
    found = False
    for sentence in filter(None, re.split(r"[.;]", said)):
        days_off, days_on = _OFF.fullmatch(sentence), _WORK.fullmatch(sentence)
        if days_off:
            off.append(_off(name, days_off, year))
            found = True
        elif days_on:
            work.extend(_work(days_on[1], year))
        elif not _ADVICE.fullmatch(sentence):
            raise ValueError(f"没有读懂“{sentence}”")
    if not found:
        raise ValueError("没有读到哪天放假")


def _off(name: str, found: re.Match[str], year: int) -> Off:
    tail = _OFF_TAIL.fullmatch(found[3])
    if tail is None:
        raise ValueError(f"没有读懂“放假{found[3]}”")
    first = _date(found[1], year, None)
    last = _date(found[2], year, first) if found[2] else first
    if first > last and not re.match(r"\d{4}年", found[1]):
        first = first.replace(year=year - 1)  # 12月31日至1月2日
    length = (last - first).days + 1
    if not 0 < length <= _LONGEST:
        raise ValueError("放假起止日期不对")
    if tail[1] and int(tail[1]) != length:
        raise ValueError(f"写的是{tail[1]}天，起止日期是{length}天")
    _hold_weekday(found[1], first)
    if found[2]:
        _hold_weekday(found[2], last)
    _hold_year(first, year)
    _hold_year(last, year)
    return Off(name, first, last)


def _work(said: str, year: int) -> list[date]:
    days: list[date] = []
    for part in _PART.finditer(said):
        day = _date(part[0], year, days[-1] if days else None)
        _hold_weekday(part[0], day)
        _hold_year(day, year)
        if day.weekday() < _SATURDAY:
            raise ValueError(f"{day.isoformat()} 不是周末，不用写上班")
        days.append(day)
    return days


def _date(said: str, year: int, before: date | None) -> date:
    """A date as it is written; month and year where they are left out are those of the one before."""
    part = _PART.fullmatch(said)
    if part is None or (part[2] is None and before is None):
        raise ValueError(f"没有读懂日期“{said}”")
    month = int(part[2]) if part[2] else before.month if before else 0
    try:
        return date(int(part[1] or year), month, int(part[3]))
    except ValueError as error:
        raise ValueError(f"没有“{said}”这一天") from error


def _hold_weekday(said: str, day: date) -> None:
    found = _WEEKDAY.search(said)
    if found and _WEEKDAYS.index(found[1].replace("天", "日")) != day.weekday():
        raise ValueError(f"{day.isoformat()} 是星期{_WEEKDAYS[day.weekday()]}，不是“{found[0]}”")


def _hold_year(day: date, year: int) -> None:
    if day.year not in (year - 1, year):
        raise ValueError(f"{day.isoformat()} 不在{year}年")
