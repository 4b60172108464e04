"""import --watch: look at a folder until somebody ends it; a line for each file."""

from __future__ import annotations

import signal
import threading
from pathlib import Path
from types import FrameType

import click

from client.cli.output import FINE, show_json
from client.errors import FileRefused
from client.intake.watch import Taken, Watch
from client.store.desk import Desk
from client.ui.messages import sentence_of

SAID = {"imported": "已导入", "faulty": "有误的行见报告", "refused": "没有读取", "waiting": "等待"}


def run_watch(desk: Desk, folder: Path, period_s: float, *, item: str | None, as_json: bool) -> int:
    """Watch a folder until SIGTERM or Ctrl+C; a file that is being read then is left for the next time.

    Raises:
        FileRefused: ``folder_missing``, ``item_unknown``.
    """
    if not folder.is_dir():
        raise FileRefused("folder_missing", name=folder.name)
    if item is not None and item not in desk.catalogs.current.items:
        raise FileRefused("item_unknown", item=item)
    ended = threading.Event()

    def end(_number: int, _frame: FrameType | None) -> None:
        ended.set()

    before = {number: signal.signal(number, end) for number in (signal.SIGTERM, signal.SIGINT)}
    watch = Watch(desk, folder, sentence_of, item=item)
    try:
        while not ended.is_set():
            try:
                for taken in watch.poll(ended.is_set):
                    _say(taken, as_json=as_json)
            except FileRefused as refused:  # a share that is away for a while
                click.echo(f"{sentence_of(refused)}（{refused.code}）", err=True)
            ended.wait(period_s)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    return FINE


def _say(taken: Taken, *, as_json: bool) -> None:
    if as_json:
        show_json(taken.as_json())
        return
    sums = taken.sums
    text = f"{taken.file}：{SAID[taken.outcome]}"
    if sums:
        text += (
            f"，读取 {sums['read']:,} = 新增 {sums['created']:,} + 更新 {sums['updated']:,}"
            f" + 更正 {sums['corrected']:,} + 跳过 {sums['skipped']:,} + 有误 {sums['faulty']:,}"
        )
    if taken.message:
        text += f"，{taken.message}（{taken.code}）"
    click.echo(text + (f" → {taken.moved_to}" if taken.moved_to else ""))
