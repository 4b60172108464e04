"""What is said of packages (交换包) on a stick: how far, what came of it, which one was the last. No Qt."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from client.core.packages import Packed, TakenIn
from client.errors import ClientError
from client.sync.courier import Progress
from client.ui import messages
from client.ui.sync.facts import LineTone
from client.ui.sync.spans import amount, clock_text

MEGABYTE: Final = 1_048_576
MOST_PART_MB: Final = 4_095
"""A file of FAT32, which most sticks have, is smaller than 4 GB."""

SIZES: Final[tuple[tuple[str, int | None], ...]] = (
    ("一个文件", None),
    ("每卷 100 MB", 100),
    ("每卷 700 MB（光盘）", 700),
    ("每卷 2,000 MB", 2_000),
    ("每卷 4,095 MB（FAT32）", MOST_PART_MB),
)
"""How a package is parted: word, and megabytes of a part."""

PHASES: Final = {
    "cutting": "整理待报送的记录",
    "packing": "装包",
    "writing": "写入 U 盘",
    "checking": "核对",
    "applying": "读入",
}

MOST_NAMED: Final = 3


def step_words(step: Progress) -> str:
    """Say how far it is."""
    said = PHASES[step.phase]
    if step.phase == "writing":
        return f"{said} {amount(step.done)} / {amount(step.total)}"
    return f"{said} {step.done:,} / {step.total:,}" if step.total else f"{said} {step.done:,}"


def part_bytes(megabytes: int | None) -> int | None:
    """Return the size of a part in bytes."""
    return None if megabytes is None else megabytes * MEGABYTE


def written_words(packed: Packed, slip_problem: ClientError | None) -> str:
    """Say what lies on the stick now, and what is to be done with it."""
    left = packed.load.left_behind
    slip = (
        "交接单在旁边，请打印后随 U 盘一起交。"
        if slip_problem is None
        else f"交接单没有写成：{messages.sentence(slip_problem)}"
    )
    return (
        f"已写好 {_named(packed.files)}：{_load(packed)}，核对码 {packed.code}。"
        f"{f'还有 {left:,} 个附件装不下，随下一个包带走。' if left else ''}{slip}"
        "请带到平台，读入平台给的回执包后才算送达。"
    )


def _load(packed: Packed) -> str:
    return f"{packed.load.versions:,} 条记录" if packed.load.versions else "没有新记录，只取回执和通知"


def _named(files: tuple[str, ...]) -> str:
    if len(files) <= MOST_NAMED:
        return "、".join(files)
    return f"{files[0]} 到 {files[-1]}，共 {len(files):,} 卷"


def read_words(taken: TakenIn) -> tuple[str, LineTone]:
    """Say what a package of the platform brought, and its tone."""
    done = taken.applied
    parts = [
        f"平台接受 {done.accepted:,} 条" if done.accepted else "",
        f"退回 {done.rejected:,} 条" if done.rejected else "",
        f"待处理 {done.held:,} 条" if done.held else "",
        f"新消息 {taken.events:,} 条" if taken.events else "",
        f"没有接收 {len(taken.refused):,} 项" if taken.refused else "",
    ]
    more = [
        "这个回执包以前读过。" if taken.again else "",
        "平台从备份恢复过，正在核对。" if taken.epoch_changed else "",
        f"平台缺 {taken.resent:,} 条以前接受过的记录，随下一个包再送。" if taken.resent else "",
        "包里有的内容比本机的旧，已略过。" if taken.outdated else "",
        f"此前还有回执包没有读入（第 {'、'.join(map(str, taken.missing[-MOST_NAMED:]))} 号）。"
        if taken.missing
        else "",
    ]
    said = "，".join(part for part in parts if part)
    about = f"第 {taken.ack_seq} 号包的回执" if taken.ack_seq else "回执包"
    is_odd = taken.missing or taken.refused or done.rejected or taken.epoch_changed or taken.outdated
    return f"已读入{about}：{said or '没有新内容'}。{''.join(more)}", "warn" if is_odd else "good"


def last_words(packed: Packed, *, answered: bool, now: datetime) -> str:
    """Say which package was the last, and how it stands with it."""
    if answered:
        how = "回执已读入"
    elif packed.files:
        how = "回执还没有读入"
    else:
        how = "没有在 U 盘上写完，请再写一份"
    return (
        f"上一个包：第 {packed.package_seq} 号，{clock_text(packed.created_at, now)} 制作，"
        f"{packed.load.versions:,} 条记录，核对码 {packed.code}。{how}。"
    )


STOPPED: Final = "已停下。没有写完或读完的不算数；要用时再来一次，不会重复。"
