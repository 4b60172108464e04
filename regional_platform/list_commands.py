"""`minxin-platform lists`: publish the day by hand, catch up after an upgrade, change the key of persons."""

from __future__ import annotations

import json
import sys
from functools import partial
from typing import Final

import click
from sqlalchemy import Connection

from regional_platform.console import database_option, stop_too_new
from regional_platform.list_moves import catch_up
from regional_platform.person_keys import coming_key, person_key, tag_some, take_over
from regional_platform.platform import Platform, open_platform
from regional_platform.publishing import publish
from regional_platform.settings import Settings, database_url, find_resources
from regional_platform.store.migrate import DatabaseTooNew
from regional_platform.times import utc_now

AT_ONCE: Final = 500


@click.group("lists")
def lists_group() -> None:
    """名单。"""


@lists_group.command("publish")
@database_option
def publish_now(database: str) -> None:
    """发布当天的名单快照、变动和速查文件；当天已发布过就什么也不做。"""
    platform = _open(database)
    try:
        tagged, numbers = 0, [""]
        while numbers := tag_some(platform, person_key(platform), numbers[-1]):
            tagged += len(numbers)
        made = publish(platform, "command", utc_now())
    finally:
        platform.store.close()
    if made is None:
        click.echo("还没有人列入任何名单，没有可发布的。", err=True)
        sys.exit(1)
    members = made.told["filter"]["members"]
    each = round(made.told["filter"]["bytes"] / members, 2) if members else None
    said = {"again": made.again, "tagged": tagged, "bytes_per_member": each, **made.told}
    click.echo(json.dumps(said, ensure_ascii=False))


@lists_group.command("rekey")
@database_option
def rekey(database: str) -> None:
    """换一把自然人标识的密钥；可以中断，再运行一次就接着做，做完之前一直用旧的。"""
    platform = _open(database)
    tagged = 0
    try:
        before, coming = person_key(platform), coming_key(platform)
        while not take_over(platform, coming):
            numbers = [""]
            while numbers := tag_some(platform, coming, numbers[-1]):
                tagged += len(numbers)
                click.echo(f"\r已换 {tagged} 人", nl=False, err=True)
        if tagged:
            click.echo(err=True)
    finally:
        platform.store.close()
    click.echo(json.dumps({"key": coming.id, "before": before.id, "tagged": tagged}))


@lists_group.command("catch-up")
@database_option
def catch_up_now(database: str) -> None:
    """把平台开始管理名单以前已入库的名单记录补进名单。"""
    platform = _open(database)
    count, after = 0, ""
    try:
        while records := platform.store.write(partial(_some, platform, after)):
            count, after = count + len(records), records[-1]
    finally:
        platform.store.close()
    click.echo(json.dumps({"records": count}))


def _some(platform: Platform, after: str, connection: Connection) -> list[str]:
    return catch_up(platform, connection, after, AT_ONCE)


def _open(database: str) -> Platform:
    try:
        return open_platform(Settings(database_url(database), find_resources()), utc_now)
    except DatabaseTooNew:
        stop_too_new()
