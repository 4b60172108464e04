"""`minxin-platform`: serve, seed, migrate, subjects load; others in `admin_cli`, `list_commands`."""

from __future__ import annotations

import csv
import ipaddress
import json
import socket
import sqlite3
import ssl
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

import click
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError

from regional_platform import (
    admin_cli,
    archive_cli,
    case_cli,
    code_set_cli,
    courier_cli,
    demo,
    dropping_cli,
    legal_cli,
    publishing_cli,
    registry_cli,
    score_cli,
)
from regional_platform.auth.credentials import COSTS
from regional_platform.console import (
    database_option,
    open_database,
    stop,
    stop_too_new,
    stop_unreachable,
)
from regional_platform.list_commands import lists_group
from regional_platform.logs import LEVELS, write_logs
from regional_platform.pipeline.subjects import Subject, load_subjects
from regional_platform.serving import Front, WorkersFailed, listen, serve_alone, serve_with_workers
from regional_platform.settings import Sunset, database_url
from regional_platform.store.identity import begin_epoch
from regional_platform.store.migrate import DatabaseTooNew
from regional_platform.times import utc_now

DAY = click.DateTime(["%Y-%m-%d"])

AT_ONCE: Final = 1_000
"""Subjects loaded in one transaction: everybody waits for it, so it is short."""


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
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 64),
              help="进程数；多于一个时请用 PostgreSQL。")  # fmt: skip
@click.option("--log-level", type=click.Choice(LEVELS), default="warning", show_default=True,
              help="日志级别；info 每个请求一行。")  # fmt: skip
@click.option("--tls-cert", type=click.Path(exists=True, dir_okay=False), help="证书文件（PEM）。")
@click.option("--tls-key", type=click.Path(exists=True, dir_okay=False), help="私钥文件（PEM）。")
@click.option("--spread-seconds", "spread_s", default=0, show_default=True, type=click.IntRange(0, 900),
              help="启动后这么多秒内，请各终端把第一批错开到这么多秒里；停机恢复时用。")  # fmt: skip
@click.option("--sunset", "sunsets", multiple=True, metavar="版本 起 止", nargs=3,
              type=(int, DAY, DAY), help="将停用的协议版本：从哪天起不再推荐，到哪天停用。")  # fmt: skip
def serve(
    database: str,
    host: str,
    port: int,
    workers: int,
    log_level: str,
    tls_cert: str | None,
    tls_key: str | None,
    spread_s: int,
    sunsets: tuple[tuple[int, datetime, datetime], ...],
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
        ending = tuple(Sunset(version, since.date(), until.date()) for version, since, until in sunsets)
        front = Front(database_url(database), tls_cert, tls_key, log_level, spread_s, ending, workers)

        def ready() -> None:
            bound, number = listening.getsockname()[:2]
            shown = f"[{bound}]" if ":" in bound else bound
            click.echo(json.dumps({"listening": f"{'https' if tls_cert else 'http'}://{shown}:{number}"}))

        _serve(front, listening, ready)


def _serve(front: Front, listening: socket.socket, ready: Callable[[], None]) -> None:
    if front.workers > 1:
        open_database(front.database).close()  # migrated once, and what is wrong is said once
        try:
            serve_with_workers(front, listening, ready)
        except WorkersFailed:
            stop("有一个进程没能启动，原因见上。")
        return
    try:
        serve_alone(front, listening, ready)
    except DatabaseTooNew:
        stop_too_new()
    except OperationalError:
        stop_unreachable()


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
    try:
        return listen(host, port)
    except OSError as error:
        stop(f"不能监听 {host}:{port}：{error.strerror}。")


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
    click.echo("数据库已是当前版本。")


@main.command()
@database_option
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path), metavar="文件")
def backup(database: str, file: Path) -> None:
    """把 SQLite 库备份成一个文件；平台可以同时在运行。"""
    place = make_url(database_url(database))
    if place.get_backend_name() != "sqlite" or not place.database:
        stop("只备份 SQLite 库。PostgreSQL 请用 pg_basebackup，见 docs/platform.md。")
    if not Path(place.database).exists():
        stop(f"没有 {place.database}，请核对 --database。")
    try:
        file.touch(mode=0o600, exist_ok=False)
    except FileExistsError:
        stop(f"{file} 已存在，没有覆盖。")
    except OSError as error:
        stop(f"{file} 写不了：{error.strerror}。")
    with closing(sqlite3.connect(place.database)) as source, closing(sqlite3.connect(file)) as copy:
        source.backup(copy)
        sound = copy.execute("PRAGMA quick_check").fetchone() == ("ok",)
    if not sound:
        stop("备份没有通过检查，请勿使用。原库可能已损坏。")
    click.echo(f"已备份到 {file}。恢复时换上它，先运行一次 restored 再启动。")


@main.command()
@database_option
def restored(database: str) -> None:
    """从备份恢复后、启动前运行一次：换新的编号纪元，各终端会自己核对，把平台缺的补送一遍。"""
    store = open_database(database)
    try:
        epoch = store.write(lambda connection: begin_epoch(connection, utc_now())).epoch
    finally:
        store.close()
    click.echo(json.dumps({"epoch": epoch}))


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
        again = 0
        for start in range(0, len(subjects), AT_ONCE):
            part = subjects[start : start + AT_ONCE]
            again += store.write(partial(load_subjects, subjects=part, now=utc_now()))
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


for command in (
    *admin_cli.GROUPS,
    *registry_cli.GROUPS,
    *publishing_cli.GROUPS,
    *legal_cli.GROUPS,
    *code_set_cli.GROUPS,
    *score_cli.GROUPS,
    *case_cli.GROUPS,
    *courier_cli.GROUPS,
    *archive_cli.GROUPS,
    *dropping_cli.GROUPS,
):
    main.add_command(command)


if __name__ == "__main__":
    main()
