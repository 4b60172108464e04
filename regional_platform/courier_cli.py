"""`minxin-platform courier in`: a package that came on a stick is taken in, and answered by another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import click
from fastapi import FastAPI
from sqlalchemy.exc import OperationalError

from forms.seal.package import PackageError, check_code
from regional_platform import courier
from regional_platform.app import create_app
from regional_platform.console import (
    answer,
    database_option,
    json_option,
    sentence,
    stop,
    stop_too_new,
    stop_unreachable,
)
from regional_platform.problems import Refusal
from regional_platform.settings import Settings, database_url, find_resources
from regional_platform.store.migrate import DatabaseTooNew

MEGABYTE: Final = 1_048_576

SENTENCES: Final[Mapping[str, str]] = {
    "not_a_package": "这不是交换包。请选 .mxp 文件。",
    "package_unknown_format": "交换包由更新版本的程序制作，请更新平台程序。",
    "package_truncated": "交换包不完整，可能没有复制完。请从U盘重新复制，或请对方重写一份。",
    "package_damaged": "交换包已损坏或被改动，没有收下任何内容。请对方重写一份。",
    "package_forged": "交换包的签名与登记的终端或人员不符，没有收下任何内容。",
    "package_for_another": "交换包是给另一个平台的。",
    "package_wrong_way": "这是平台发出的回执包，请交给基层终端读入。",
    "package_expired": "交换包已过期（有效期到 {until}）。请对方核对电脑日期后另制一份。",
    "package_too_large": "交换包展开后超过 {most_mb} MB，没有收下。",
    "package_too_many": "交换包超过 {most} 项，没有收下。",
    "package_part_missing": "缺第 {part} 卷（共 {parts} 卷）。请把各卷放在同一个文件夹。",
    "package_too_many_parts": "分卷超过 {most} 个。请加大每卷的大小。",
    "stick_full": "存放回执包的地方满了：第 {part} 卷（共 {parts} 卷）没有写下。腾出空间后再读一次即可。",
    "stick_unwritable": "回执包没有写成（第 {part} 卷，共 {parts} 卷）。请检查位置和权限，再读一次即可。",
    "stick_unreadable": "文件读不出来。请检查U盘是否还插着。",
}
"""Code of a PackageError → what people here are told."""


@click.group("courier")
def courier_group() -> None:
    """交换包：没有网络的终端用U盘报送。"""


@courier_group.command("in")
@database_option
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--reply", required=True, type=click.Path(dir_okay=False, path_type=Path),
              help="回执包写到哪里（.mxp）。")  # fmt: skip
@click.option("--part-size", type=click.IntRange(1, 4_096), help="回执包按这个大小（MB）分卷。")
@json_option
def take_in(database: str, file: Path, reply: Path, part_size: int | None, *, as_json: bool) -> None:
    """收下一个交换包，写出回执包；再收一次不会重复入库。"""
    part_bytes = None if part_size is None else part_size * MEGABYTE
    with _opened(database) as app:
        try:
            taken = courier.take_in(app, file, reply, part_bytes=part_bytes)
        except PackageError as error:
            stop(SENTENCES[error.code].format(**error.params))
        except Refusal as refused:
            stop(sentence(refused))
    said = told(taken)
    answer(said, _in_words(said), as_json=as_json)


@contextmanager
def _opened(database: str) -> Iterator[FastAPI]:
    """Open the platform without serving it; a process that serves may run beside."""
    try:
        app = create_app(Settings(database=database_url(database), resources=find_resources()))
    except DatabaseTooNew:
        stop_too_new()
    except OperationalError:
        stop_unreachable()
    try:
        yield app
    finally:
        app.state.platform.shelf.close()
        app.state.platform.store.close()


def told(taken: courier.TakenIn) -> dict[str, Any]:
    """What the command says with `--json`."""
    counts = ("approvals", "attachments", "batches", "accepted", "accepted_with_warnings", "rejected", "held",
              "refused")  # fmt: skip
    return {
        "package_id": taken.header.package_id,
        "number": taken.header.package_seq,
        "code": check_code(taken.sha256),
        "device_id": taken.header.device_id,
        "unit": taken.unit,
        "replayed": taken.replayed,
        "missing": list(taken.missing),
        "forked": taken.forked,
        **{name: taken.counts.get(name, 0) for name in counts},
        "reply": {
            "package_id": taken.reply.header.package_id,
            "number": taken.reply.header.package_seq,
            "code": check_code(taken.reply.sha256),
            "files": [str(path) for path in taken.reply.files],
        },
    }


def _in_words(said: Mapping[str, Any]) -> str:
    accepted = said["accepted"] + said["accepted_with_warnings"]
    again = "（以前收过，没有重复入库）" if said["replayed"] else ""
    came = f"审核 {said['approvals']}，附件 {said['attachments']}，批次 {said['batches']}"
    became = f"接收 {accepted}，退回 {said['rejected']}，待处理 {said['held']}，未收 {said['refused']}"
    back, files = said["reply"], "、".join(said["reply"]["files"])
    lines = [
        f"第 {said['number']} 号包，机构 {said['unit']}，核对码 {said['code']}{again}",
        f"{came}：{became}",
        f"回执包第 {back['number']} 号，核对码 {back['code']}：{files}",
    ]
    if said["missing"]:
        lines.append("此前没有收到第 " + "、".join(str(n) for n in said["missing"][:20]) + " 号包。")
    if said["forked"]:
        lines.append("同一号数来过两个不同的包：终端的磁盘可能被复制或恢复过，请与该机构核对。")
    return "\n".join(lines)


GROUPS: Final = (courier_group,)
