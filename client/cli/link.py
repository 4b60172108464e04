"""Verbs of the link: sync and status."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Final

import click

from client.cli.opening import line_of, opened
from client.cli.output import FINE, PROBLEMS, common, fail, personal, progress_line, show_json
from client.errors import FileRefused
from client.store import case_sending, outbox
from client.store.proofs import receipts_as_json
from client.sync import cycle
from client.ui.sync.facts import LineFacts
from client.ui.sync.spans import amount, lasting
from client.ui.sync.standing import read_facts
from client.ui.sync.status import contact_words, notices, update_by, words

PHASES: Final = {
    "hello": "联系平台",
    "attachments": "送附件",
    "approvals": "送审核",
    "sending": "发送",
    "receiving": "接收",
    "evidence": "取证据",
    "waiting": "等待",
}


@click.command("sync")
@common
@personal
def sync(profile: Path, as_json: bool, operator_name: str, passphrase_fd: int | None) -> int:
    """送出该送的，取回该取的；断在哪里都可以再来一次。"""
    with opened(profile, operator_name, passphrase_fd) as desk:
        transport = line_of(desk)
        try:
            done = cycle.run(
                desk,
                transport,
                progress=lambda step: progress_line(_how_far(step)),
                cancelled=lambda: False,
                entropy=random.SystemRandom().random,
            )
        finally:
            transport.close()
        status, facts = outbox.status(desk.db.reader()), read_facts(desk)
    progress_line("")
    if as_json:
        problem = done.problem.code if done.problem else None
        show_json(
            {
                **status,
                **_besides(facts),
                "events": done.events,
                "problem": problem,
                "just_accepted": done.accepted,
            }
        )
    else:
        click.echo(_in_words(status, facts))
    if done.problem is not None:
        return fail(done.problem)
    return PROBLEMS if status["blocked"] or status["rejected"] else FINE


@click.command("status")
@click.option(
    "--receipts", type=click.Path(path_type=Path), default=None, help="把全部回执写到文件，供 verify 核验"
)
@common
@personal
def status(
    receipts: Path | None, profile: Path, as_json: bool, operator_name: str, passphrase_fd: int | None
) -> int:
    """报送状态：待发、已送、结果未知、平台待处理、已隔离、已接收、退回。"""
    with opened(profile, operator_name, passphrase_fd, writable=False) as desk:
        said, facts = outbox.status(desk.db.reader()), read_facts(desk)
        posts = case_sending.counts(desk.db.reader())
        if receipts is not None:
            _write(receipts, receipts_as_json(desk.db.reader()))
    if as_json:
        show_json({**said, **_besides(facts), "case_posts": posts})
    else:
        click.echo(_in_words(said, facts))
        if any(posts.values()):
            click.echo(f"办件：待送 {posts['waiting']:,} 步，被退回 {posts['refused']:,} 步。")
    return FINE


def _how_far(step: cycle.Progress) -> str:
    """Say how far it is, with bytes and time left where they are known."""
    said = f"{PHASES[step.phase]} {step.done:,} / {step.total:,}"
    if step.total_bytes:
        said += f"（{amount(step.sent_bytes)} / {amount(step.total_bytes)}）"
    return said if step.seconds_left is None else f"{said}，还要{lasting(step.seconds_left)}"


def _write(path: Path, said: object) -> None:
    try:
        path.write_text(json.dumps(said, ensure_ascii=False, indent=1), encoding="utf-8")
    except OSError as error:
        raise FileRefused("file_unwritable", file_name=path.name) from error


def _in_words(said: dict[str, object], facts: LineFacts) -> str:
    """The sentence that the window says too, then the figures."""
    counts = (
        f"待发送 {said['queued']} · 发送中 {said['sent']} · 结果未知 {said['unknown']}"
        f" · 平台待处理 {said['held']}"
        f" · 已隔离 {said['blocked']} · 已接收 {said['accepted']} · 退回修改 {said['rejected']}"
    )
    said_first = words(facts).sentence
    more = [one for one in notices(facts) if one not in said_first]
    return "\n".join([said_first, counts, contact_words(facts), *more])


def _besides(facts: LineFacts) -> dict[str, object]:
    """What a script may want to warn of: the clock, and by when the program must be updated."""
    return {"clock_ahead_s": facts.clock_ahead_s, "update_by": update_by(facts) or None}


COMMANDS = {"sync": sync, "status": status}
