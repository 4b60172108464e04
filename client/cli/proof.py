"""Verbs that prove something: verify a file of the platform, and examine this machine."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from client import doctor
from client.cli import case_proof, desk_check, list_proof
from client.cli.list_proof import Proof
from client.cli.opening import opened
from client.cli.output import FINE, PROBLEMS, common, show_json
from client.errors import FileRefused
from client.sync.lines import ca_path
from forms.lists.filterfile import is_filter
from forms.seal.case_file import is_case_file
from forms.seal.proof import unproved

MOST_BYTES = 64 * 1024 * 1024


@click.command("verify")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--key", "server_key", default=None, help="平台（档案则为签名人）的公钥；不给就用文件里写的那一个"
)
@common
def verify(file: Path, server_key: str | None, profile: Path, as_json: bool) -> int:
    """核验回执、名单文件或异议处理档案：是谁签的、有没有被改过。不需要本机档案。"""
    del profile
    if is_case_file(file):
        return case_proof.prove(file, server_key, as_json=as_json)
    content = _content(file)
    if is_filter(content):
        return _show_list(list_proof.prove_filter(content, server_key), as_json=as_json)
    said = _said(content)
    envelopes = list_proof.sealed_in(said)
    if envelopes:
        return _show_list(list_proof.prove_sealed(envelopes, server_key), as_json=as_json)
    return _verify_receipts(said, server_key, as_json=as_json)


def _content(file: Path) -> bytes:
    try:
        if file.stat().st_size > MOST_BYTES:
            raise FileRefused("file_too_large", limit_mb=MOST_BYTES // 1024 // 1024)
        return file.read_bytes()
    except OSError as error:
        raise FileRefused("file_unreadable") from error


def _said(content: bytes) -> object:
    try:
        said: object = json.loads(content.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise FileRefused("not_provable") from error
    return said


def _show_list(proof: Proof, *, as_json: bool) -> int:
    if as_json:
        show_json(proof.as_dict())
    else:
        click.echo(proof.sentence())
    return FINE if proof.problem is None else PROBLEMS


def _verify_receipts(said: object, server_key: str | None, *, as_json: bool) -> int:
    whole = said if isinstance(said, dict) else {}
    public, receipts = server_key or _text(whole.get("server_key")), _receipts_in(said)
    if public is None:
        raise FileRefused("server_key_missing")
    seals = whole.get("seals")
    bad = unproved(public, receipts, seals if isinstance(seals, list) else [], whole.get("server_id"))
    numbers = [str(one.get("receipt_no", "")) for one in bad]
    valid = len(receipts) - len(bad)
    if as_json:
        show_json({"receipts": len(receipts), "valid": valid, "invalid": numbers, "key": public})
    else:
        click.echo(f"回执 {len(receipts):,} 张，核验通过 {valid:,} 张。")
        for number in numbers:
            click.echo(f"核不上：{number}")
    return PROBLEMS if bad or not receipts else FINE


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _receipts_in(said: object) -> list[dict[str, Any]]:
    """Find one receipt, a list of them, or ``{"server_id", "server_key", "seals", "receipts"}``."""
    many = said.get("receipts", said) if isinstance(said, dict) else said
    receipts: list[Any] = many if isinstance(many, list) else [many]
    if not all(isinstance(receipt, dict) for receipt in receipts):
        raise FileRefused("not_provable")
    return receipts


@click.command("doctor")
@click.option("--self-check", is_flag=True, help="只查程序自己：数据库、钥匙串、字体、目录、TLS、窗口")
@click.option("--platform", default=None, metavar="URL", help="看看这个平台连不连得上")
@click.option("--operator", "operator_name", default=None, help="操作员姓名：连本机档案和平台一起查")
@click.option("--passphrase-fd", type=int, default=None, help="从这个文件描述符读口令（第一行）")
@common
def examine(
    self_check: bool, platform: str | None, operator_name: str | None, passphrase_fd: int | None,
    profile: Path, as_json: bool,
) -> int:  # fmt: skip
    """检查这台电脑有什么、缺什么。"""
    if self_check:
        findings = doctor.self_check()
    elif operator_name is None:
        findings = [*doctor.examine(profile, address=platform), *desk_check.look(profile)]
    else:
        findings = _of_desk(profile, operator_name, passphrase_fd, platform)
    if as_json:
        show_json(doctor.report(findings))
    else:
        marks = {"ok": "●", "warn": "▲", "bad": "■"}
        for one in findings:
            click.echo(f"{marks[one.state]} {one.text}" + (f"（{one.detail}）" if one.detail else ""))
    return PROBLEMS if doctor.worst(findings) == "bad" else FINE


def _of_desk(
    profile: Path, operator_name: str, passphrase_fd: int | None, platform: str | None
) -> list[doctor.Finding]:
    """Look at the machine and at the desk, and greet its platform unless another is named."""
    with opened(profile, operator_name, passphrase_fd, writable=False) as desk:
        inside = desk_check.look_into(desk)
        address = platform or desk.device.platform_url
        ca_file = ca_path(desk) if platform is None else None
    return [*doctor.examine(profile, address=address, ca_file=ca_file), *inside]


COMMANDS = {"verify": verify, "doctor": examine}
