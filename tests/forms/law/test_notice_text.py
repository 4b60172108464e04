"""A pasted notice is read whole, or every line that was not understood is named."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from forms.law.calendar import Calendar, read_notice_file
from forms.law.notice_text import NoticeUnreadable, read_notice
from tests.forms.law.notices import a_notice, held

FILES = Path(__file__).parents[3] / "resources" / "calendars"
CALENDAR = Calendar.load(FILES)
YEARS = range(2018, 2027)


@pytest.mark.parametrize("year", [*YEARS])
def test_the_notice_of_every_year_is_read_into_the_days_that_we_hold(year: int):
    text = a_notice(year)
    if year == 2020:  # two holidays in one
        text = text.replace("、国庆节：", "、国庆节、中秋节：")

    found = read_notice(text)
    calendar = CALENDAR.with_notices([read_notice_file(found.file("粘贴"), "读出的日历")])

    first = date(year, 1, 1)
    days = [first + n * timedelta(days=1) for n in range(350)]
    assert [calendar.is_working_day(day) for day in days] == [CALENDAR.is_working_day(day) for day in days]
    assert (found.year, found.issued_on) == (year, date(year - 1, 11, 4))
    if year > 2018:
        assert found.amended(held(year - 1)) is None  # what we hold of December came from this notice


def test_days_of_december_are_added_to_the_year_before():
    found = read_notice(a_notice(2019))
    without = {**held(2018), "off": held(2018)["off"][:-1], "work": held(2018)["work"][:-1]}

    assert found.amended(without) == held(2018)
    assert [one["from"] for one in found.file("粘贴")["off"]][:1] == ["2019-01-01"]


PRESENT = a_notice(2026)


def test_other_ways_of_writing_are_read_too():
    text = (
        PRESENT.replace("：", ":")
        .replace("（", "(")
        .replace("）", ")")
        .replace("，", ",")
        .replace("至", "到")
    )
    broken = PRESENT.replace("放假调休，共", "放假调休，\n共", 3).replace("\n", "\n\n")
    spaced = "\n".join("  " + " ".join(line) for line in PRESENT.splitlines())
    wide = PRESENT.translate(str.maketrans("0123456789", "０１２３４５６７８９"))

    assert read_notice(text) == read_notice(broken) == read_notice(spaced) == read_notice(wide)
    assert read_notice(PRESENT.replace("1月1日（周四）至3日", "2026年1月1日（周四）至2026年1月3日"))
    turn = PRESENT.replace("1月1日（周四）至3日（周六）放假调休，共3天", "12月31日至1月3日放假调休，共4天")
    assert read_notice(turn).off[0].first == date(2025, 12, 31)


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        pytest.param(
            "1月4日（周日）上班", "1月4日（周六）上班", "是星期日，不是“周六”", id="another weekday"
        ),
        pytest.param("1月4日（周日）上班", "1月5日上班", "不是周末", id="a Monday made a working day"),
        pytest.param("共3天", "共4天", "起止日期是3天", id="another count"),
        pytest.param("1月1日（周四）至3日（周六）", "1月3日至1日", "起止日期不对", id="backwards"),
        pytest.param("放假调休，共9天", "放假另行通知", "没有读懂“放假另行通知”", id="an unknown tail"),
        pytest.param("1月4日（周日）上班", "1月4日补课", "没有读懂“1月4日补课”", id="an unknown sentence"),
        pytest.param("1月1日（周四）至3日（周六）", "2月30日", "没有“2月30日”这一天", id="no such day"),
        pytest.param("1月4日（周日）上班", "2031年1月4日上班", "不在2026年", id="another year"),
        pytest.param("国务院办公厅\n", "联系人：张某\n", "没有读懂", id="a strange line"),
        pytest.param("三、清明节：", "三、", "没有读懂", id="a holiday without its name"),
        pytest.param("部分节假日安排的通知", "放假", "没有读到标题", id="no title"),
        pytest.param("2026-", "", "", id="nothing changed"),
    ],
)
def test_what_is_not_understood_is_named(old: str, new: str, why: str):
    text = PRESENT.replace(old, new, 1)
    if not why:
        assert read_notice(text)
        return

    with pytest.raises(NoticeUnreadable, match=why) as refused:
        read_notice(text)

    assert all(one.why for one in refused.value.lines)


def test_a_lost_line_is_missed_and_a_doubled_day_is_seen():
    lines = PRESENT.splitlines()
    lost = [line for line in lines if "端午" not in line]
    doubled = PRESENT.replace("1月4日（周日）上班", "1月4日（周日）、1月4日上班")

    with pytest.raises(NoticeUnreadable, match="没有读到端午的放假安排"):
        read_notice("\n".join(lost))
    with pytest.raises(NoticeUnreadable, match="2026-01-04 写了两次"):
        read_notice(doubled)
    with pytest.raises(NoticeUnreadable) as refused:
        read_notice(PRESENT.replace("上班", "不休").replace("节假日期间，", "又及，"))
    assert len(refused.value.lines) >= 5
