"""`minxin-platform`: serve, seed, migrate, subjects load; others in `admin_cli`, `list_commands`."""

from __future__ import annotations

import csv
import gc
import ipaddress
import json
import os
import socket
import ssl
from contextlib import suppress
from pathlib import Path
from typing import Any

import click
import uvicorn

from regional_platform import admin_cli, demo, publishing_cli, score_cli
from regional_platform.app import create_app
from regional_platform.auth.credentials import COSTS
from regional_platform.console import database_option, open_database, stop, stop_too_new
from regional_platform.list_commands import lists_group
from regional_platform.logs import LEVELS, write_logs
from regional_platform.pipeline.subjects import Subject, load_subjects
from regional_platform.settings import Settings, database_url, find_resources
from regional_platform.store.migrate import DatabaseTooNew
from regional_platform.times import utc_now


@click.group()
def main() -> None:
    """区域信用信息平台（参考实现）。"""
    write_logs("warning")


@main.command()
@database_option
@click.option("--host", default="127.0.0.1", show_default=True, help="监听地址。")
@click.option(
    "--port", default=8750, show_default=True, type=click.IntRange(0, 65535), help="端口；0 由系统选。"
)
@click.option("--log-level", type=click.Choice(LEVELS), default="warning", show_default=True,
              help="日志级别；info 每个请求一行。")  # fmt: skip
@click.option("--tls-cert", type=click.Path(exists=True, dir_okay=False), help="证书文件（PEM）。")
@click.option("--tls-key", type=click.Path(exists=True, dir_okay=False), help="私钥文件（PEM）。")
def serve(
    database: str, host: str, port: int, log_level: str, tls_cert: str | None, tls_key: str | None
) -> None:
    """启动平台；就绪后输出一行 JSON。"""
    write_logs(log_level)
    if (tls_cert is None) != (tls_key is None):
        stop("--tls-cert 和 --tls-key 要一起给出。")
    if tls_cert is None and not _is_loopback(host):
        stop("明文 HTTP 只能用于本机。请加 --tls-cert 和 --tls-key，或改用 --host 127.0.0.1。")
    if tls_cert is not None:
        _try_certificate(tls_cert, tls_key)
    with _listen(host, port) as listening:
        _serve(database, listening, tls_cert, tls_key)


def _serve(database: str, listening: socket.socket, tls_cert: str | None, tls_key: str | None) -> None:
    try:
        app = create_app(Settings(database_url(database), find_resources()))
    except DatabaseTooNew:
        stop_too_new()
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        ssl_certfile=tls_cert,
        ssl_keyfile=tls_key,
        timeout_graceful_shutdown=10,
    )
    _leave_alone_what_stays()
    with suppress(KeyboardInterrupt):
        _Server(config, listening, "https" if tls_cert else "http").run(sockets=[listening])


class _Server(uvicorn.Server):
    """Says when it listens, and lets go of waiting readers when it stops."""

    def __init__(self, config: uvicorn.Config, listening: socket.socket, scheme: str) -> None:
        super().__init__(config)
        self._listening = listening
        self._scheme = scheme

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        host, port = self._listening.getsockname()[:2]
        shown = f"[{host}]" if ":" in host else host
        click.echo(json.dumps({"listening": f"{self._scheme}://{shown}:{port}"}))

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self.config.app.state.platform.bell.close()  # type: ignore[union-attr]  # uvicorn types it as any ASGI callable
        await super().shutdown(sockets)


def _leave_alone_what_stays() -> None:
    """Keep the collector off what lives as long as the process: a sixth of a batch's time went there."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def _try_certificate(cert: str, key: str | None) -> None:
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(cert, key)
    except (ssl.SSLError, ValueError):
        stop("证书或私钥文件不能用，或两者不是一对。")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    if os.name == "posix":  # on Windows the same option would let two servers share a port
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        stop(f"不能监听 {host}:{port}：{error.strerror}。")
    return listening


@main.command()
@database_option
@click.option("--demo", "out", type=click.Path(dir_okay=False, path_type=Path), required=True,
              help="写入演示机构、人员、口令和主体的 JSON 文件。")  # fmt: skip
@click.option("--password-cost", type=click.Choice(sorted(COSTS)), default="normal", show_default=True,
              help="口令散列的强度；low 只用于演练和测试。")  # fmt: skip
@click.option(
    "--subjects", default=300, show_default=True, type=click.IntRange(0, 840), help="演示主体个数。"
)
def seed(database: str, out: Path, password_cost: str, subjects: int) -> None:
    """在空库里建立三市演示机构和人员。"""
    store = open_database(database)
    try:
        made = store.write(
            lambda connection: demo.seed(connection, utc_now(), cost=COSTS[password_cost], subjects=subjects)
        )
    except demo.AlreadySeeded:
        stop("库里已经有机构，演示数据只能建在空库里。")
    finally:
        store.close()
    out.parent.mkdir(parents=True, exist_ok=True)
    out.touch(mode=0o600)
    out.write_text(json.dumps(made, ensure_ascii=False, indent=1), encoding="utf-8")


@main.command()
@database_option
def migrate(database: str) -> None:
    """把数据库升级到当前版本。"""
    open_database(database).close()


main.add_command(lists_group)


@main.group("subjects")
def subjects_group() -> None:
    """主体库。"""


@subjects_group.command("load")
@database_option
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def load(database: str, file: Path) -> None:
    """装入主体（.csv 或 .json：code、name、representative），并重新关联等待中的数据。"""
    subjects = _read_subjects(file)
    store = open_database(database)
    try:
        again = store.write(lambda connection: load_subjects(connection, subjects, utc_now()))
    finally:
        store.close()
    click.echo(json.dumps({"loaded": len(subjects), "matched_again": again}))


def _read_subjects(file: Path) -> list[Subject]:
    try:
        text = file.read_text(encoding="utf-8-sig")
        rows: list[dict[str, Any]]
        if file.suffix.lower() == ".json":
            read = json.loads(text)
            rows = read["subjects"] if isinstance(read, dict) else read
        else:
            rows = list(csv.DictReader(text.splitlines()))
        return [
            Subject(row["code"].strip().upper(), row["name"].strip(), row.get("representative") or None)
            for row in rows
        ]
    except (ValueError, KeyError, TypeError, AttributeError, csv.Error):
        stop("文件须为 UTF-8 的 .csv 或 .json，有 code、name 两列，可有 representative。")


for command in (*admin_cli.GROUPS, *publishing_cli.GROUPS, *score_cli.GROUPS):
    main.add_command(command)


if __name__ == "__main__":
    main()
