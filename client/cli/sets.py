"""The verbs of installed catalog sets: install one, list them, name who may sign."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import click

from client.cli.output import FINE, PROBLEMS, common, show_json
from client.core.times import day_in_shanghai
from client.errors import FileRefused
from client.store import catalog_sets
from client.store.files import ProfileLock
from client.store.profile import LOCK
from client.wiring import catalog_home, load_catalogs, utc_now
from forms.catalog.schema import CatalogSet
from forms.seal.keys import BadKey, from_text

KEY_BYTES: Final = 32


@click.command("install")
@click.argument("source", type=click.Path(exists=True, path_type=Path))
@common
def install(source: Path, profile: Path, as_json: bool) -> int:
    """装一个目录集（文件夹或 .zip）：核对签名和每个文件，与已有的并存，不动任何记录。"""
    known = load_catalogs(profile)
    profile.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = ProfileLock(profile / LOCK)
    try:
        made = catalog_sets.install(
            profile, source, home=catalog_home(), known=known.sets, today=day_in_shanghai(utc_now())
        )
    finally:
        lock.release()
    known.take_in(made)
    current = known.current.name
    if as_json:
        show_json({**_set_json(made), "current": current})
        return FINE
    click.echo(f"目录集 {made.name} 已装好：{len(made.entries)} 个事项，{_by_whom(made)}。")
    when = "现在用的就是它" if made.name == current else f"{made.effective_on} 起用，现在用的是 {current}"
    click.echo(f"{when}。草稿没有动，在窗口的“目录”里看影响、迁移。")
    return FINE


@click.command("sets")
@common
def list_sets(profile: Path, as_json: bool) -> int:
    """列出并存的目录集：谁签发、到哪天、哪一个在用；装坏了的也说。"""
    known = load_catalogs(profile)
    found = catalog_sets.load_installed(profile, catalog_home())
    if as_json:
        sets = [{**_set_json(one), "current": one is known.current} for one in known.sets]
        unsound = [{"set": one.name, "fault": one.fault} for one in found.unsound]
        show_json({"sets": sets, "unsound": unsound})
    else:
        for one in known.sets:
            mark = "在用" if one is known.current else ""
            click.echo(f"{one.name}\t{one.title}\t{one.effective_on} 起用\t{_by_whom(one)}\t{mark}")
        for bad in found.unsound:
            click.echo(f"{bad.name}\t不能用：{bad.fault}")
    return PROBLEMS if found.unsound else FINE


@click.command("trust")
@click.argument("key")
@click.argument("name")
@common
def trust(key: str, name: str, profile: Path, as_json: bool) -> int:
    """登记一把可以签发目录集的公钥；先与发布的人当面或电话核对。"""
    del as_json
    try:
        raw = from_text(key)
    except BadKey as error:
        raise FileRefused("key_unreadable") from error
    if len(raw) != KEY_BYTES:
        raise FileRefused("key_unreadable")
    catalog_sets.trust(profile, catalog_home(), key, name)
    click.echo(f"已登记：{name} 签发的目录集可以装在本机。")
    return FINE


def _set_json(one: CatalogSet) -> dict[str, Any]:
    return {
        "set": one.name, "title": one.title, "effective_on": one.effective_on.isoformat(),
        "items": len(one.entries), "digest": one.digest, "signed": signed(one),
    }  # fmt: skip


def _by_whom(one: CatalogSet) -> str:
    signature = one.signature
    return f"{signature.signed_by} 签发，至 {signature.until}" if signature else "没有签名"


def signed(one: CatalogSet) -> dict[str, str] | None:
    """Who signed a set and until when, as JSON; None for one that nobody signed."""
    if one.signature is None:
        return None
    return {"by": one.signature.signed_by, "until": one.signature.until.isoformat()}


SETS: Final = (install, list_sets, trust)
"""Verbs of the group catalog."""
