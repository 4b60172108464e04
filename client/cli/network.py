"""Verbs of the way to the platform: network show, network set, network test; as 设置 · 网络 of the window."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, cast

import click

from client import credentials
from client.cli.opening import asked_for, opened
from client.cli.output import FINE, PROBLEMS, common, read_secret, show_json
from client.errors import ClientError
from client.store import profile as profiles
from client.store.desk import Desk
from client.store.files import ProfileLock
from client.sync import lines
from client.sync.diagnosis import Diagnosis, examine
from client.sync.ways import MODES, Mode, Way, parsed_proxy
from client.ui.settings.network_words import CA_WORDS, MODE_WORDS, ca_words, rows, sentence
from client.ui.sync.facts import LineFacts
from client.ui.sync.status import update_by
from client.wiring import WayOut, likings, way_out

Verb = Callable[..., Any]

NEEDS_ADDRESS: Final = ("manual", "script")


def by_anybody(verb: Verb) -> Verb:
    """Give a verb the options that name a person, where the proxy alone needs none."""
    verb = click.option("--passphrase-fd", type=int, default=None, help="从这个文件描述符读口令（第一行）")(
        verb
    )
    return click.option("--operator", "operator_name", default=None, help="操作员姓名；看和改 CA 证书时要")(
        verb
    )


@click.group("network")
def network() -> None:
    """怎样连到平台：代理、自动代理脚本（PAC）、平台的 CA 证书；测试连接。"""


@network.command("show")
@common
@by_anybody
def show(profile: Path, as_json: bool, operator_name: str | None, passphrase_fd: int | None) -> int:
    """现在怎样连；带 --operator 时连平台地址和 CA 证书一起看。"""
    way = way_out(likings(profile))
    said: dict[str, Any] = {
        "mode": way.mode,
        "address": way.address,
        "user": way.user,
        "password_kept": bool(way.password),
        "keyring": credentials.backend_name() or None,
    }
    lines_said = [f"代理：{_way_in_words(way)}"]
    if operator_name is not None:
        with opened(profile, operator_name, passphrase_fd, writable=False) as desk:
            said |= {"platform": desk.device.platform_url, "ca": _authority(desk)}
            lines_said += [
                f"平台地址：{desk.device.platform_url}",
                f"信任的证书：{ca_words(desk) or CA_WORDS}",
            ]
    if as_json:
        show_json(said)
    else:
        click.echo("\n".join(lines_said))
    return FINE


@network.command("set")
@click.option(
    "--proxy",
    "mode",
    type=click.Choice(MODES),
    help="system 跟随系统，none 不用，manual 手动，script 自动脚本",
)
@click.option("--address", help="代理的地址和端口，或自动脚本的地址")
@click.option("--user", help="代理的用户名；给空文字就不用")
@click.option("--password-fd", type=int, default=None, help="从这个文件描述符读代理的口令；不给就询问")
@click.option(
    "--ca-file", type=click.Path(dir_okay=False, path_type=Path), help="只信任这个文件里的 CA（PEM 或 DER）"
)
@click.option("--system-ca", is_flag=True, help="改回系统和程序自带的证书")
@common
@by_anybody
def set_way(
    mode: str | None, address: str | None, user: str | None, password_fd: int | None,
    ca_file: Path | None, system_ca: bool,
    profile: Path, as_json: bool, operator_name: str | None, passphrase_fd: int | None,
) -> int:  # fmt: skip
    """改变怎样连到平台。代理可以在登记以前就设；CA 证书要 --operator。"""
    about_ca = ca_file is not None or system_ca
    if ca_file is not None and system_ca:
        raise click.UsageError("--ca-file 和 --system-ca 只能用一个。")
    if about_ca and operator_name is None:
        raise click.UsageError("改 CA 证书要用 --operator 说明是谁。")
    way = _wanted(way_out(likings(profile)), mode, address, user, password_fd)
    kept = True
    if about_ca and operator_name is not None:
        with opened(profile, operator_name, passphrase_fd) as desk:
            lines.use_ca_file(desk, ca_file)
            kept = way is None or WayOut(profile).set(way)
    elif way is not None:
        with _alone(profile):
            kept = WayOut(profile).set(way)
    now = likings(profile)
    if as_json:
        show_json(
            {"mode": now.proxy, "address": now.proxy_address, "user": now.proxy_user, "password_kept": kept}
        )
    else:
        click.echo(f"已设：{_way_in_words(way_out(now))}" + ("，CA 证书已更新。" if about_ca else "。"))
        if not kept:
            click.echo("这台电脑没有可用的系统钥匙串，口令没有存下；在终端上运行时会再问。", err=True)
    return FINE if kept else PROBLEMS


@network.command("test")
@common
@click.option("--passphrase-fd", type=int, default=None, help="从这个文件描述符读口令（第一行）")
@click.option("--operator", "operator_name", required=True, help="操作员姓名")
def test(profile: Path, as_json: bool, operator_name: str, passphrase_fd: int | None) -> int:
    """走和报送一样的路，向平台打一声招呼；说明哪里不通、怎么办。"""
    with opened(profile, operator_name, passphrase_fd, writable=False) as desk:
        found = examine(desk, asked_for(way_out(likings(profile))))
    if as_json:
        show_json(_as_json(found))
    else:
        click.echo("\n".join([sentence(found)[0], *(f"{word}：{value}" for word, value in rows(found))]))
    return FINE if found.error is None else PROBLEMS


# --- inside -----------------------------------------------------------------------------------------------


def _wanted(
    had: Way, mode: str | None, address: str | None, user: str | None, password_fd: int | None
) -> Way | None:
    """Return the way that is asked for, checked; None when only the authority changes.

    Raises:
        LinkError: as `parsed_proxy`.
    """
    if mode is None and address is None and user is None and password_fd is None:
        return None
    way = replace(
        had,
        mode=cast("Mode", mode or had.mode),
        address=had.address if address is None else address.strip(),
        user=had.user if user is None else user.strip(),
    )
    if way.mode in NEEDS_ADDRESS and not way.address:
        raise click.UsageError("手动代理和自动脚本要用 --address 给出地址。")
    if way.mode == "manual":
        proxy = parsed_proxy(way.address)
        if proxy.password:
            raise click.UsageError("口令不要写在地址里：请用 --user，再按提示输入口令，或用 --password-fd。")
    if not way.user:
        return replace(way, password="")  # nobody is named, so nothing is kept
    if password_fd is None and not user:
        return way
    return replace(way, password=read_secret(password_fd, f"代理 {way.user} 的口令"))


@contextmanager
def _alone(profile: Path) -> Iterator[None]:
    """Hold the profile, so that no open window writes the same file; of a folder without one, make it."""
    if not (profile / profiles.KEYS).exists():
        profile.mkdir(mode=0o700, parents=True, exist_ok=True)
        yield
        return
    lock = ProfileLock(profile / profiles.LOCK)
    try:
        yield
    finally:
        lock.release()


def _way_in_words(way: Way) -> str:
    said = MODE_WORDS[way.mode]
    if way.mode in NEEDS_ADDRESS:
        said += f" {way.address}"
    if way.user and way.mode != "none":
        said += f"，用户名 {way.user}，口令{'在系统钥匙串里' if way.password else '没有存下'}"
    return said


def _authority(desk: Desk) -> dict[str, Any] | None:
    path = lines.ca_path(desk)
    if path is None:
        return None
    try:
        first = lines.first_authority(Path(path))
    except ClientError as error:
        return {"subject": None, "until": None, "problem": error.code}
    return {"subject": first.subject, "until": first.until.isoformat(), "problem": None}


def _as_json(found: Diagnosis) -> dict[str, Any]:
    shown, hello = found.certificate, found.hello
    return {
        "ok": found.error is None,
        "problem": found.error.code if found.error is not None else None,
        "message": sentence(found)[0],
        "proxy": found.proxy or None,
        "offline": found.is_offline,
        "here_at": found.here_at.isoformat(),
        "platform_at": hello.at.isoformat() if hello is not None else None,
        "clock_ahead_s": round(found.ahead.total_seconds()) if found.ahead is not None else None,
        "update_by": update_by(LineFacts(sunset_at=hello.sunset_at)) or None if hello is not None else None,
        "certificate": None
        if shown is None
        else {
            "subject": shown.subject,
            "issuer": shown.issuer,
            "since": shown.since.isoformat(),
            "until": shown.until.isoformat(),
        },
    }


COMMANDS = {"network": network}
