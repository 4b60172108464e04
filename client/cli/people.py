"""Verbs of a desk and its people: enrol, sign-in, operators."""

from __future__ import annotations

from pathlib import Path

import click

from client import credentials
from client.cli.opening import line_of, opened
from client.cli.output import FINE, common, personal, read_secret, show_json
from client.errors import UnlockError
from client.store import profile as profiles
from client.sync import signin
from client.wiring import enrol_desk


@click.command("enrol")
@click.option("--platform", "url", required=True, metavar="URL", help="平台地址")
@click.option("--code", required=True, help="本单位的登记码")
@click.option("--name", "desk_name", required=True, help="这台终端的名字，如 一楼窗口")
@click.option("--ca-file", type=click.Path(exists=True, dir_okay=False), default=None, help="平台的 CA 证书")
@click.option("--no-keyring", is_flag=True, help="不用系统钥匙串，只凭口令")
@common
@personal
def enrol(
    url: str, code: str, desk_name: str, ca_file: str | None, no_keyring: bool,
    profile: Path, as_json: bool, operator_name: str, passphrase_fd: int | None,
) -> int:  # fmt: skip
    """向平台登记这台终端，建立本机档案；--operator 是第一位能解锁的人。"""
    passphrase = read_secret(passphrase_fd, f"给 {operator_name} 定一个口令")
    enrolled = enrol_desk(
        profile, url=url, ca_file=ca_file, code=code, desk_name=desk_name,
        operator_name=operator_name, passphrase=passphrase, use_keyring=not no_keyring,
    )  # fmt: skip
    device = enrolled.device
    if as_json:
        show_json({"device_id": device.device_id, "unit": device.unit_code, "unit_name": device.unit_name})
    else:
        click.echo(f"已登记：{device.unit_name}（{device.unit_code}），终端 {device.name}。")
    return FINE


@click.command("enrol-again")
@click.option("--code", required=True, help="本单位的新登记码")
@common
@personal
def enrol_again(
    code: str, profile: Path, as_json: bool, operator_name: str, passphrase_fd: int | None
) -> int:
    """平台恢复备份后不认识这台终端时，重新登记；记录和待发的都留在本机，之后各人重新联网登录。"""
    with opened(profile, operator_name, passphrase_fd) as desk:
        transport = line_of(desk)
        try:
            again = signin.enrol_again(desk, transport, code=code)
        finally:
            transport.close()
        device = desk.device
    if as_json:
        show_json({"device_id": device.device_id, "unit": device.unit_code, "queued_again": again})
    else:
        click.echo(f"已重新登记：{device.unit_name}，终端 {device.name}。请联网登录，待发的记录会接着发送。")
    return FINE


@click.command("sign-in")
@click.option("--password-fd", type=int, default=None, help="从这个文件描述符读平台密码")
@click.option("--totp", default=None, help="动态码；不给就询问")
@common
@personal
def sign_in(
    password_fd: int | None, totp: str | None,
    profile: Path, as_json: bool, operator_name: str, passphrase_fd: int | None,
) -> int:  # fmt: skip
    """操作员联网登录，并让平台认得其签名钥匙。"""
    with opened(profile, operator_name, passphrase_fd) as desk:
        password = read_secret(password_fd, f"{operator_name} 的平台密码")
        code = totp or click.prompt("动态码", err=True)
        transport = line_of(desk)
        try:
            signin.sign_in(desk, transport, password=password, totp=code)
        finally:
            transport.close()
    show_json({"signed_in": operator_name}) if as_json else click.echo(f"{operator_name} 已登录平台。")
    return FINE


@click.command("operators")
@click.option("--add", "added", default=None, metavar="NAME", help="让本单位的这位操作员也能解锁本机")
@click.option("--new-passphrase-fd", type=int, default=None, help="从这个文件描述符读新操作员的口令")
@click.option("--no-keyring", is_flag=True, help="不用系统钥匙串，只凭口令")
@common
@personal
def operators(
    added: str | None, new_passphrase_fd: int | None, no_keyring: bool,
    profile: Path, as_json: bool, operator_name: str, passphrase_fd: int | None,
) -> int:  # fmt: skip
    """本机操作员：列出，或加一位。"""
    with opened(profile, operator_name, passphrase_fd, writable=added is not None) as desk:
        everyone = profiles.read_operators(desk.db.reader())
        if added is not None:
            who = next((one for one in everyone if added in (one.operator_id, one.name)), None)
            if who is None:
                raise UnlockError("operator_unknown")
            half = None if no_keyring else credentials.store_half(desk.profile_id, who.operator_id)
            passphrase = read_secret(new_passphrase_fd, f"给 {who.name} 定一个口令")
            profiles.add_operator(desk, who, passphrase, half)
    can_unlock = {choice.operator_id for choice in profiles.locked_profile(profile)}
    rows = [
        {
            "operator_id": one.operator_id,
            "name": one.name,
            "roles": sorted(one.roles),
            "can_unlock": one.operator_id in can_unlock,
        }
        for one in everyone
    ]
    if as_json:
        show_json({"operators": rows})
        return FINE
    for one in everyone:
        unlocks = "可解锁本机" if one.operator_id in can_unlock else ""
        click.echo(f"{one.name}\t{'、'.join(sorted(one.roles))}\t{unlocks}")
    return FINE


COMMANDS = {"enrol": enrol, "enrol-again": enrol_again, "sign-in": sign_in, "operators": operators}
