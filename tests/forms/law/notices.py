"""Texts of the shape that notices (放假通知) had, made from the days that we hold; none is copied."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

FILES = Path(__file__).parents[3] / "resources" / "calendars"
NUMBERS = "一二三四五六七"


def held(year: int) -> dict[str, Any]:
    return json.loads((FILES / f"{year}.json").read_bytes())


def weekday(day: date, word: str) -> str:
    return f"（{word}{'一二三四五六日'[day.weekday()]}）"


def spans_of(year: int) -> list[tuple[str, date, date]]:
    """The holidays as their notice named them: New Year with the days of December that belong to it."""

    def own(file: dict[str, Any], last_month: int) -> Iterator[tuple[str, date, date]]:
        for one in file["off"]:
            first, last = date.fromisoformat(one["from"]), date.fromisoformat(one["to"])
            if (first.month == 12) == (last_month == 12):
                yield one["name"], first, last

    before = list(own(held(year - 1), 12)) if year > 2018 else []
    spans = list(own(held(year), 1))
    if before:
        spans[0] = (spans[0][0], before[0][1], spans[0][2])
    return spans


def work_of(year: int) -> list[date]:
    days = [date.fromisoformat(one) for one in held(year)["work"]]
    days = [day for day in days if day.month < 12]
    if year > 2018:
        late = [date.fromisoformat(one) for one in held(year - 1)["work"]]
        days = [day for day in late if day.month == 12] + days
    return days


def said(day: date, year: int, word: str, *, month: bool = True) -> str:
    text = f"{day.year}年" if day.year != year else ""
    return f"{text}{f'{day.month}月' if month else ''}{day.day}日{weekday(day, word) if word else ''}"


def a_notice(year: int) -> str:
    """A text of the shape that notices had in that year, made from the days that we hold."""
    word = "周" if year >= 2025 else ""
    lines = [
        f"国务院办公厅关于{year}年", "各省、自治区、直辖市人民政府，国务院各部委、各直属机构：",
        f"经国务院批准，现将{year}年节日放假调休日期的具体安排通知如下。",
    ]  # fmt: skip
    lines[0] += "部分节假日安排的通知"
    spans, work = spans_of(year), work_of(year)
    for n, (name, first, last) in enumerate(spans):
        length = (last - first).days + 1
        if first == last:
            tail = "放假1天，不调休。" if word else "放假，与周末连休。"
            text = said(first, year, word) + tail
        else:
            end = said(last, year, word, month=last.month != first.month or last.year != first.year)
            if last.year != first.year:
                end = f"{last.year}年" + said(last, year, word)
            text = f"{said(first, year, word)}至{end}放假调休，共{length}天。"
        near = [day for day in work if abs((day - first).days) <= 20 and owner(day, spans) == n]
        if near:
            text += "、".join(said(day, year, word or "星期") for day in near) + "上班。"
        lines.append(f"{NUMBERS[n]}、{name}：{text}")
    if year == 2024:
        lines[4] += "鼓励各单位结合带薪年休假等制度落实，安排职工在除夕（2月9日）休息。"
    lines += ["节假日期间，各地区要安排好值班等工作。", "国务院办公厅", f"{year - 1}年11月4日"]
    return "\n".join(lines)


def owner(day: date, spans: list[tuple[str, date, date]]) -> int:
    return min(
        range(len(spans)), key=lambda n: min(abs((day - spans[n][1]).days), abs((day - spans[n][2]).days))
    )
