"""`minxin reconcile`: hold what this desk has reported against what the platform holds (对账)."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click

from client.cli.opening import line_of, opened
from client.cli.output import FINE, PROBLEMS, common, personal, show_json
from client.core.reconciled import Reconciled, What
from client.sync.reconciling import reconcile as hold_against

WORDS: Final[dict[What, str]] = {
    "lost": "平台缺这一条，已重新排队，下次同步时送出",
    "ahead": "平台上有别的终端改过的更新内容",
    "altered": "同一版本的内容两边不一样，请联系平台管理员",
    "outcome": "平台现在的结论和本机的回执不一样，请联系平台管理员",
    "only_there": "平台上有，本机没有：由本机构别的终端报送",
}


@click.command("reconcile")
@common
@personal
def reconcile(profile: Path, as_json: bool, operator_name: str, passphrase_fd: int | None) -> int:
    """和平台对账：逐层比对，只列出不一致的记录；平台缺的重新排队，其余只说明，不改动。"""
    with opened(profile, operator_name, passphrase_fd) as desk:
        transport = line_of(desk)
        try:
            done = hold_against(desk, transport)
        finally:
            transport.close()
    if as_json:
        show_json(
            {
                "compared": done.compared,
                "requests": done.requests,
                "waiting": done.waiting,
                "queued": done.queued,
                "only_there": done.only_there,
                "differing": [one.as_dict() for one in done.differing],
            }
        )
    else:
        click.echo(_in_words(done))
    return PROBLEMS if any(one.what != "only_there" for one in done.differing) else FINE


def _in_words(done: Reconciled) -> str:
    lines = [f"{one.record_id} {one.item}：{WORDS[one.what]}" for one in done.differing]
    wrong = sum(one.what != "only_there" for one in done.differing)
    left = f"重新排队 {done.queued} · 在途未比 {done.waiting} · 只在平台上 {done.only_there}"
    lines.append(f"对账 {done.compared:,} 条：不一致 {wrong} · {left}")
    return "\n".join(lines)


COMMANDS = {"reconcile": reconcile}
