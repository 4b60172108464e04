"""Verbs of the stick: courier out, courier in."""

from __future__ import annotations

import random
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import click

from client.cli.opening import opened
from client.cli.output import FINE, PROBLEMS, common, personal, progress_line, show_json
from client.core.packages import Packed, TakenIn
from client.letters.slip import print_slip
from client.sync import courier
from client.ui.messages import sentence
from client.ui.sync.stick_words import MOST_PART_MB, part_bytes, step_words

WHAT: Final = {"approval": "审核", "attachment": "附件", "batch": "批次"}


@click.group("courier")
def by_stick() -> None:
    """用 U 盘报送：没有网络时，待报送的内容装成交换包带到平台，再把回执包读回来。"""


def _tell(step: courier.Progress) -> None:
    progress_line(step_words(step))


def _go_on() -> bool:
    return False


@by_stick.command("out")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--part-size", type=click.IntRange(1, MOST_PART_MB), help="按这个大小（MB）分卷，供小 U 盘使用")
@click.option("--again", is_flag=True, help="把上一个包原样再写一份，不装新内容")
@click.option("--from-part", type=click.IntRange(1, 999), default=1, help="配合 --again：从这一卷写起")
@click.option("--slip", type=click.Path(dir_okay=False, path_type=Path), help="交接单写到这个 .pdf 文件")
@common
@personal
def out(
    file: Path, part_size: int | None, again: bool, from_part: int, slip: Path | None,
    profile: Path, as_json: bool, operator_name: str, passphrase_fd: int | None,
) -> int:  # fmt: skip
    """把待报送的内容写成交换包。"""
    size = part_bytes(part_size)
    with opened(profile, operator_name, passphrase_fd) as desk:
        if again:
            packed = courier.again(
                desk, file, part_bytes=size, from_part=from_part, progress=_tell, cancelled=_go_on
            )
        else:
            packed = courier.out(desk, file, part_bytes=size, progress=_tell, cancelled=_go_on)
        progress_line("")
        if slip is not None:
            print_slip(desk, packed, slip)
    if as_json:
        show_json({**asdict(packed), "code": packed.code})
    else:
        click.echo(_packed_in_words(packed))
    return FINE


def _packed_in_words(packed: Packed) -> str:
    load = packed.load
    counts = (
        f"审核 {load.approvals:,}，附件 {load.attachments:,}，批次 {load.batches:,}，记录 {load.versions:,}"
    )
    lines = [
        f"第 {packed.package_seq} 号包已写入 {'、'.join(packed.files)}。核对码 {packed.code}",
        f"{counts}。有效期到 {packed.expires_at[:10]}。",
    ]
    if load.left_behind:
        lines.append(f"还有 {load.left_behind:,} 个附件装不下，随下一个包带走。")
    return "\n".join(lines)


@by_stick.command("in")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@common
@personal
def read_in(file: Path, profile: Path, as_json: bool, operator_name: str, passphrase_fd: int | None) -> int:
    """读入平台的回执包；再读一次不会重复。"""
    with opened(profile, operator_name, passphrase_fd) as desk:
        taken = courier.take_in(
            desk, file, progress=_tell, cancelled=_go_on, entropy=random.SystemRandom().random
        )
    progress_line("")
    if as_json:
        show_json(_as_json(taken))
    else:
        click.echo(_taken_in_words(taken))
    return PROBLEMS if taken.refused or taken.applied.rejected else FINE


def _as_json(taken: TakenIn) -> dict[str, Any]:
    said = asdict(taken)
    return {**{name: value for name, value in said.items() if name != "applied"}, **said["applied"]}


def _taken_in_words(taken: TakenIn) -> str:
    done = taken.applied
    about = f"，答复本机第 {taken.ack_seq} 号包" if taken.ack_seq else ""
    again = "（以前读过）" if taken.again else ""
    lines = [
        f"第 {taken.package_seq} 号回执包{about}{again}。",
        f"已接收 {done.accepted:,}，退回修改 {done.rejected:,}，平台待处理 {done.held:,}。",
        f"新消息 {taken.events:,} 条。",
    ]
    if taken.missing:
        lines.append("此前的回执包没有读入：第 " + "、".join(str(n) for n in taken.missing[-20:]) + " 号。")
    if taken.epoch_changed:
        lines.append(sentence("epoch_changed"))
    if taken.resent:
        lines.append(f"平台缺 {taken.resent:,} 条以前接收过的记录，已重新排队，随下一个包带走。")
    if taken.outdated:
        lines.append("包里的部分内容比本机已有的旧，已略过。")
    lines += [f"{WHAT[one.what]} {one.name}：{sentence(one.code)}" for one in taken.refused]
    return "\n".join(lines)


COMMANDS = {"courier": by_stick}
