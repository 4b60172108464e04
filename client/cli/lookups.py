"""Verbs that need no profile: identify and workdays."""

from __future__ import annotations

import json
import sys
from datetime import date
from pathlib import Path

import click

from client.cli.output import FINE, PROBLEMS, common, show_json
from client.core.times import day_in_shanghai
from client.errors import ClientError
from client.paths import resources
from client.wiring import utc_now
from forms.catalog import identifiers
from forms.law.calendar import Calendar

KINDS = ("uscc", "ric", "orgcode", "regno", "docno", "amount", "date", "division")


@click.command("identify")
@click.argument("kind", type=click.Choice(KINDS))
@common
def identify(kind: str, profile: Path, as_json: bool) -> int:
    """逐行校验标准输入里的值。接在管道里时总是输出 JSON 行。"""
    del profile
    today = day_in_shanghai(utc_now())
    lines = as_json or not sys.stdout.isatty()
    write, encode, judge = sys.stdout.write, json.dumps, identifiers.judge
    wrong = False
    for line in sys.stdin:
        verdict = judge(kind, line.rstrip("\r\n"), today=today)
        wrong = wrong or verdict.verdict == "wrong"
        message = identifiers.sentence(verdict)
        if lines:
            said = {
                "value": verdict.value,
                "normal": verdict.normal,
                "verdict": verdict.verdict,
                "code": verdict.code,
                "message": message,
            }
            write(encode(said, ensure_ascii=False) + "\n")
        else:
            write(f"{verdict.value}\t{verdict.normal or ''}\t{message or '正确'}\n")
    return PROBLEMS if wrong else FINE


@click.command("workdays")
@click.argument("start", metavar="DATE")
@click.argument("count", metavar="N", type=click.IntRange(0, 3660))
@common
def workdays(start: str, count: int, profile: Path, as_json: bool) -> int:
    """DATE 之后第 N 个工作日；缺当年放假通知时标明暂定。"""
    del profile
    calendar = Calendar.load(resources() / "calendars")
    try:
        answer = calendar.add_working_days(date.fromisoformat(start), count)
    except ValueError as error:  # no date, or one past the last day there is
        raise ClientError("date_unreadable", text=start) from error
    counted = [day.isoformat() for day in answer.counted]
    if as_json:
        show_json({"date": answer.date.isoformat(), "certain": answer.certain, "counted": counted})
    else:
        doubt = "" if answer.certain else "（暂定：缺当年放假通知，最早为这一天）"
        click.echo(answer.date.isoformat() + doubt)
        click.echo("逐日：" + "、".join(counted))
    return FINE


COMMANDS = {"identify": identify, "workdays": workdays}
