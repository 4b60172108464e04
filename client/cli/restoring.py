"""The verb restore: a copy takes the place of a database that is lost or damaged; unsent work comes back."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from pathlib import Path

import click

from client import credentials
from client.cli.output import FINE, PROBLEMS, common, personal, read_secret, show_json
from client.core.times import SHANGHAI
from client.store import backup
from client.store import profile as profiles
from client.ui.restored_words import KINDS, found_words
from client.wiring import open_desk, utc_now


@click.command("restore")
@click.argument("name", required=False)
@click.option("--newest", is_flag=True, help="恢复最新的、完好的一份")
@common
@personal
def restore(
    name: str | None,
    newest: bool,
    profile: Path,
    as_json: bool,
    operator_name: str,
    passphrase_fd: int | None,
) -> int:
    """数据库丢失或损坏时，用备份恢复；不写名字就列出有哪些备份。"""
    if name is None and not newest:
        _list(profile, as_json=as_json)
        return FINE
    passphrase = read_secret(passphrase_fd, f"{operator_name} 的口令")
    half = profiles.half_of(profile, operator_name, credentials.fetch_half)
    put = partial(backup.restore_newest, profile) if name is None else partial(backup.restore, profile, name)
    done = put(operator_name=operator_name, passphrase=passphrase, possession=half, clock=utc_now)
    desk = open_desk(profile, operator_name, passphrase)
    found = desk.second_copy.found if desk.second_copy is not None else None
    desk.close()
    if as_json:
        show_json({
            "restored": done.name, "aside": done.aside.name, "damaged_backups": list(done.damaged),
            "found_again": found.versions if found else 0,
            "second_copy_damaged": found is not None and found.damaged,
        })  # fmt: skip
    else:
        for one in done.damaged:
            click.echo(f"备份 {one} 不完整，没有用它。", err=True)
        click.echo(f"已用备份 {done.name} 恢复。原来的数据库没有删，在 {done.aside}。")
        if found is not None:
            click.echo(found_words(found))
    return PROBLEMS if found is not None and found.damaged else FINE


def _list(profile: Path, *, as_json: bool) -> None:
    copies = backup.list_backups(profile)
    if as_json:
        rows = [{"name": one.name, "kind": one.kind, "made_at": _at(one.made_at)} for one in copies]
        show_json({"backups": rows})
        return
    for one in copies:
        click.echo(f"{one.name}\t{KINDS[one.kind]}\t{_at(one.made_at)}")
    if not copies:
        click.echo("还没有备份。")


def _at(at: datetime) -> str:
    return at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")


COMMANDS = {"restore": restore}
