"""Verbs that ask the platform at once: find the records of a subject; take a case in hand, let it go."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Final

import click

from client.cli.opening import line_of, opened
from client.cli.output import FINE, PROBLEMS, common, personal, show_json
from client.core.times import clock, to_text
from client.sync import finding, leases
from client.ui.messages import sentence


@click.command("take")
@click.argument("case_id")
@common
@personal
def take(case_id: str, profile: Path, as_json: bool, operator_name: str, passphrase_fd: int | None) -> int:
    """锁定半小时，别人不会同时办；再来一次就是续。连不上平台就没有锁，并且说明。"""
    with (
        opened(profile, operator_name, passphrase_fd, writable=False) as desk,
        closing(line_of(desk)) as line,
    ):
        lease = leases.take(desk, line, case_id)
    until = to_text(lease.until) if lease.until is not None else None
    if as_json:
        show_json({"mine": lease.is_mine, "name": lease.name, "until": until, "code": lease.code})
    elif lease.code is not None:
        click.echo(sentence(lease.code, {"name": lease.name}))
    elif until is not None:
        click.echo(f"已锁定，到 {clock(until)}。")
    return FINE if lease.is_mine else PROBLEMS


@click.command("release")
@click.argument("case_id")
@common
@personal
def release(case_id: str, profile: Path, as_json: bool, operator_name: str, passphrase_fd: int | None) -> int:
    """放开锁定。"""
    with (
        opened(profile, operator_name, passphrase_fd, writable=False) as desk,
        closing(line_of(desk)) as line,
    ):
        told = leases.release(desk, line, case_id)
    if as_json:
        show_json({"released": told})
    else:
        click.echo("已放开。" if told else "连不上平台，半小时后自动放开。")
    return FINE if told else PROBLEMS


@click.command("find")
@click.argument("subject")
@click.option("--look-reason", default="", help="查自然人的事由，平台会记下")
@common
@personal
def find(
    subject: str, look_reason: str, profile: Path, as_json: bool, operator_name: str,
    passphrase_fd: int | None,
) -> int:  # fmt: skip
    """一个主体在平台上的记录，各市各部门的都在；登记异议用它的编号。"""
    with (
        opened(profile, operator_name, passphrase_fd, writable=False) as desk,
        closing(line_of(desk)) as line,
    ):
        found = finding.of_subject(desk, line, subject, look_reason)
    if as_json:
        rows = [
            {
                "record_id": one.record_id, "unit": one.snapshot.unit, "unit_name": one.unit_name,
                "catalog": one.snapshot.catalog, "disputed": one.disputed, "values": one.snapshot.values,
            }
            for one in found
        ]  # fmt: skip
        show_json({"records": rows})
        return FINE
    for one in found:
        mark = "已有异议" if one.disputed else ""
        click.echo(f"{one.record_id}\t{one.snapshot.catalog}\t{one.unit_name}\t{mark}")
    click.echo(f"共 {len(found):,} 条。")
    return FINE


COMMANDS: Final = {"find": find, "take": take, "release": release}
