"""What is said of copies of the desk and of what came back with them; window and command line alike."""

from __future__ import annotations

from typing import Final

from client.store.desk import FoundAgain

KINDS: Final = {
    "daily": "每日自动", "by_hand": "手动", "before_migration": "升级前", "before_restore": "恢复前",
}  # fmt: skip

OFFER: Final = "从备份恢复（{at}）"
OFFERED: Final = {
    "damaged": "数据库损坏，打不开。输入口令后可以从备份恢复，已通过审核、还没送到的会一并找回。",
    "database_missing": "数据库不见了。输入口令后可以从备份恢复，已通过审核、还没送到的会一并找回。",
}
"""Codes of a desk that does not open because of its database, and what is said where there are copies."""
TYPE_FIRST: Final = "请先输入口令，再按恢复。"
RESTORING: Final = "正在恢复…"
RESTORED: Final = "备份已恢复，请解锁查看。"
NOT_RESTORED: Final = "没有恢复：{why}"
FOUND: Final = "从第二份副本找回了 {n:,} 条待发送的记录，会照常发送，不会重复。"
DAMAGED: Final = "第二份副本有损坏的地方，读不出的部分没有找回；损坏的文件留着，没有删。"


def found_words(found: FoundAgain) -> str:
    """Say what came back from the second copy."""
    said = FOUND.format(n=found.versions) if found.versions else ""
    return said + (DAMAGED if found.damaged else "")
