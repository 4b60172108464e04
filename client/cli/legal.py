"""The verbs calendar and rules: working days, a pasted notice read for checking, time limits of cases."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import click

from client.cli.opening import opened
from client.cli.output import FINE, PROBLEMS, common, show_json
from client.core.law import Choice
from client.core.words import CITIES
from client.errors import ClientError, FileRefused
from client.paths import resources
from client.store import legal
from client.store.files import file_error
from forms.law import words
from forms.law.calendar import Calendar, Notice
from forms.law.clocks import Clock
from forms.law.notice_text import NoticeUnreadable, ReadNotice, read_notice
from forms.law.rulesets import RuleSet, Span

_MOST_CHARACTERS = 1_000_000
_WEEKDAYS = "一二三四五六日"
_PROVENANCE = {"sourced": "通知原文", "derived": "由开源日历推得", "own": "自行填写"}


def _person(verb: Callable[..., Any]) -> Callable[..., Any]:
    """Options of verbs that show what ships, and with a person what came to the desk too."""
    verb = click.option("--passphrase-fd", type=int, default=None, help="从这个文件描述符读口令（第一行）")(
        verb
    )
    return click.option(
        "--operator", "operator_name", default=None, help="操作员姓名；给了就连平台下发的一起看"
    )(verb)


@contextmanager
def _law(
    profile: Path, operator_name: str | None, passphrase_fd: int | None
) -> Iterator[tuple[Calendar, dict[str, RuleSet], tuple[Choice, ...]]]:
    """What is in force: what ships, and with a person what the platform sent over it."""
    if operator_name is None:
        yield legal.shipped_calendar(), dict(legal.shipped_rules()), ()
        return
    with opened(profile, operator_name, passphrase_fd, writable=False) as desk:
        law = legal.read_law(desk.db.reader(), desk.device)
        own = {one.rule_set.id: one.rule_set for one in law.choices}
        yield law.calendar, {**law.shipped, **own}, law.choices


@click.group("calendar")
def calendar() -> None:
    """工作日历：列出、查看、读放假通知。"""


@calendar.command("list")
@_person
@common
def calendar_list(operator_name: str | None, passphrase_fd: int | None, profile: Path, as_json: bool) -> int:
    """列出有放假通知的年份。"""
    with _law(profile, operator_name, passphrase_fd) as (known, _, _):
        rows = [_of_year(known, notice) for _, notice in sorted(known.notices.items())]
    if as_json:
        show_json({"years": rows})
        return FINE
    for one in rows:
        source = _PROVENANCE.get(one["provenance"], one["provenance"])
        click.echo(f"{one['year']}\t{one['working_days']} 个工作日\t{one['title']}\t{source}")
    click.echo("没有列出的年份没有放假通知，到那时的期限只能暂定。")
    return FINE


def _of_year(known: Calendar, notice: Notice) -> dict[str, Any]:
    first = date(notice.year, 1, 1)
    days = [first + timedelta(days=n) for n in range((date(notice.year, 12, 31) - first).days + 1)]
    return {
        "year": notice.year, "title": notice.title, "provenance": notice.provenance,
        "issued_on": notice.issued_on.isoformat() if notice.issued_on else None, "source": notice.source,
        "working_days": sum(known.is_working_day(day) is True for day in days),
        "off": [day.isoformat() for day in days if notice.days.get(day) is False],
        "work": [day.isoformat() for day in days if notice.days.get(day) is True],
    }  # fmt: skip


@calendar.command("show")
@click.argument("year", type=int)
@_person
@common
def calendar_show(
    year: int, operator_name: str | None, passphrase_fd: int | None, profile: Path, as_json: bool
) -> int:
    """查看一年的放假和调休上班。"""
    with _law(profile, operator_name, passphrase_fd) as (known, _, _):
        notice = known.notices.get(year)
        if notice is None:
            raise ClientError("calendar_year_unknown", year=year)
        told = _of_year(known, notice)
    if as_json:
        show_json(told)
        return FINE
    click.echo(f"{year} 年：{told['title']}，{told['working_days']} 个工作日。")
    click.echo("放假：" + "、".join(_day(date.fromisoformat(day)) for day in told["off"]))
    click.echo("调休上班：" + ("、".join(_day(date.fromisoformat(day)) for day in told["work"]) or "无"))
    return FINE


def _day(day: date) -> str:
    return f"{day.month}月{day.day}日（周{_WEEKDAYS[day.weekday()]}）"


@calendar.command("read")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path, allow_dash=True))
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), help="把读出的日历写到这个文件夹，供平台发布"
)
@common
def calendar_read(file: Path, out: Path | None, profile: Path, as_json: bool) -> int:
    """读一份粘贴下来的国务院放假通知（FILE 或 -），核对后由平台管理员发布。"""
    del profile
    try:
        found = read_notice(_text(file))
    except NoticeUnreadable as refused:
        lines = [{"line": one.n, "text": one.text, "why": one.why} for one in refused.lines]
        if as_json:
            show_json({"unread": lines})
        else:
            for one in refused.lines:
                where = f"第 {one.n} 行" if one.n else "全文"
                click.echo(f"{where}：{one.why}" + (f"　{one.text}" if one.text else ""))
            click.echo("没有读懂的地方改好再读；没有写出日历。")
        return PROBLEMS
    files = _files(found, "粘贴的通知全文")
    if out is not None:
        _write(out, files)
    if as_json:
        show_json({"year": found.year, "title": found.title, "files": files})
    else:
        _tell_notice(found)
        if out is not None:
            click.echo("已写出：" + "、".join(f"{one['year']}.json" for one in files))
    return FINE


def _text(file: Path) -> str:
    try:
        if str(file) == "-":
            return sys.stdin.read(_MOST_CHARACTERS)
        raw = file.read_bytes()[:_MOST_CHARACTERS]
        try:
            return raw.decode("utf-8-sig")
        except UnicodeDecodeError:
            return raw.decode("gb18030")
    except (OSError, UnicodeDecodeError) as error:
        raise FileRefused("file_unreadable") from error


def _files(found: ReadNotice, source: str) -> list[dict[str, Any]]:
    """The calendar of the notice's year, and that of the year before where the notice adds days to it."""
    files = [found.file(source)]
    before = resources() / "calendars" / f"{found.year - 1}.json"
    amended = found.amended(json.loads(before.read_bytes())) if before.exists() else None
    return files if amended is None else [amended, *files]


def _write(out: Path, files: list[dict[str, Any]]) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
        for one in files:
            text = json.dumps(one, ensure_ascii=False, indent=2)
            (out / f"{one['year']}.json").write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise file_error(error) from error


def _tell_notice(found: ReadNotice) -> None:
    issued = f"，{words.day_words(found.issued_on)}印发" if found.issued_on else ""
    click.echo(f"{found.title}{issued}")
    for one in found.off:
        length = (one.last - one.first).days + 1
        until = "" if length == 1 else f"至{_whole(one.last)}"
        click.echo(f"{one.name}\t{_whole(one.first)}{until}放假 {length} 天")
    click.echo("调休上班\t" + "、".join(_whole(day) for day in found.work))
    click.echo("请对照通知原文核对，再交平台管理员发布。")


def _whole(day: date) -> str:
    return f"{day.year}年{_day(day)}"


@click.group("rules")
def rules() -> None:
    """办件期限的规则集：列出、查看。"""


@rules.command("list")
@_person
@common
def rules_list(operator_name: str | None, passphrase_fd: int | None, profile: Path, as_json: bool) -> int:
    """列出规则集，以及各城市选定的。"""
    with _law(profile, operator_name, passphrase_fd) as (_, sets, choices):
        rows = [
            {
                "id": one.id, "title": one.title, "holds_in": one.holds_in, "kind": one.kind,
                "since": one.since.isoformat() if one.since else None, "provenance": one.provenance,
            }
            for one in sorted(sets.values(), key=lambda one: (one.kind, one.id))
        ]  # fmt: skip
        chosen = [
            {
                "city": one.city, "kind": one.kind, "rule_set": one.rule_set.id,
                "since": one.since.isoformat(), "confirmed_by": one.confirmed_by,
                "confirmed_on": one.confirmed_on.isoformat() if one.confirmed_on else None,
            }
            for one in choices
        ]  # fmt: skip
    if as_json:
        show_json({"rule_sets": rows, "choices": chosen})
        return FINE
    for row in rows:
        known = words.PROVENANCE[str(row["provenance"])]
        click.echo(f"{row['id']}\t{words.KINDS[str(row['kind'])]}\t{row['title']}\t{known}")
    for row in chosen:
        by = f"{row['confirmed_by']} {row['confirmed_on']} 确认" if row["confirmed_by"] else words.UNCONFIRMED
        city = CITIES.get(str(row["city"]), row["city"])
        click.echo(f"{city}{words.KINDS[str(row['kind'])]}：{row['since']} 起用 {row['rule_set']}（{by}）")
    return FINE


@rules.command("show")
@click.argument("rule_set", metavar="ID")
@_person
@common
def rules_show(
    rule_set: str, operator_name: str | None, passphrase_fd: int | None, profile: Path, as_json: bool
) -> int:
    """查看一个规则集的期限、延长、救济途径和出处。"""
    with _law(profile, operator_name, passphrase_fd) as (_, sets, _):
        one = sets.get(rule_set)
    if one is None:
        raise ClientError("rule_set_unknown", id=rule_set)
    if as_json:
        show_json(_plain(asdict(one)))
        return FINE
    since = f"，{one.since.isoformat()} 起施行" if one.since else ""
    click.echo(f"{one.title}（{one.holds_in}）")
    click.echo(f"{one.instrument} {one.number}{since}　{words.PROVENANCE[one.provenance]}")
    for clock in one.clocks:
        click.echo(_clock_line(clock))
    for period in one.repair_periods:
        spans = f"最短 {_span(period.shortest)}，最长 {_span(period.longest)}"
        known = words.PROVENANCE[period.provenance]
        click.echo(f"{words.SEVERITIES[period.severity]}\t{spans}\t{period.title}\t{known}")
    for text in (*one.not_repairable, *one.remedies, *filter(None, [one.note])):
        click.echo(f"· {text}")
    return FINE


def _clock_line(clock: Clock) -> str:
    said = [words.ACTORS[clock.actor], clock.title, words.length_words(clock)]
    if clock.extension is not None:
        most = f"{'总共最多' if clock.extension.in_all else '可再延长'}{clock.extension.most}"
        said.append(f"{most}{words.UNITS[clock.extension.unit]}（{clock.extension.by}）")
    return "\t".join([*said, clock.clause, words.PROVENANCE[clock.provenance]])


def _span(span: Span | None) -> str:
    return "没有规定" if span is None else f"{span.length}{words.UNITS[span.unit]}"


def _plain(value: Any) -> Any:
    """A rule set as JSON has it."""
    if isinstance(value, Mapping):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value.isoformat() if isinstance(value, date) else value


COMMANDS = {"calendar": calendar, "rules": rules}
