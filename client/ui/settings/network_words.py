"""The way to the platform in words: what is set, what a test of the line found and what to do. No Qt."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Final

from client.core.times import SHANGHAI
from client.errors import LinkError
from client.store.desk import Desk
from client.sync import lines
from client.sync.diagnosis import Diagnosis
from client.sync.ways import Mode
from client.ui import messages
from client.ui.sync.facts import LineTone
from client.ui.sync.status import CLOCK_TOLERANCE_S

MODE_WORDS: Final[dict[Mode, str]] = {
    "system": "跟随系统", "none": "不用代理", "manual": "手动", "script": "自动脚本（PAC）",
}  # fmt: skip
CA_WORDS: Final = "系统和程序自带的证书"


def ca_words(desk: Desk) -> str | None:
    """Say of the desk's own authority whose it is and how long it holds; None when it has none."""
    path = lines.ca_path(desk)
    if path is None:
        return None
    try:
        first = lines.first_authority(Path(path))
    except LinkError as error:
        return f"{Path(path).name}：{messages.sentence(error)}"
    return f"{first.subject}，有效到 {first.until.astimezone(SHANGHAI):%Y-%m-%d}"


def sentence(found: Diagnosis) -> tuple[str, LineTone]:
    """Return what it means and what to do, and its tone."""
    if found.error is not None:
        if found.is_offline and found.error.code in ("no_connection", "name_not_found", "timeout"):
            return "这台电脑没有连上任何网络。请检查网线、无线网或专网客户端。", "bad"
        return f"{messages.sentence(found.error)}（{found.error.code}）", "bad"
    assert found.ahead is not None
    assert found.hello is not None
    seconds = round(found.ahead.total_seconds())
    if abs(seconds) > CLOCK_TOLERANCE_S:
        side = "慢" if seconds > 0 else "快"
        return f"连接正常，但这台电脑的时间{side}了 {abs(seconds):,} 秒。请校准电脑的日期和时间。", "warn"
    return f"连接正常，是本单位登记的平台。目录 {found.hello.catalog_set}，时间一致。", "good"


def rows(found: Diagnosis) -> tuple[tuple[str, str], ...]:
    """Return what was seen: word and value."""
    seen = [("经过", f"代理 {found.proxy}" if found.proxy else "直接连接，没有代理")]
    seen.append(("电脑时间", _at(found.here_at)))
    if found.hello is not None:
        seen.append(("平台时间", _at(found.hello.at)))
        if found.hello.sunset_at is not None:
            day = found.hello.sunset_at.astimezone(SHANGHAI)
            seen.append(("程序版本", f"平台自 {day:%Y-%m-%d} 起不再接受，请在此之前升级"))
    shown = found.certificate
    if shown is not None:
        seen.append(("证书", f"发给“{shown.subject}”，由“{shown.issuer}”签发"))
        seen.append(("证书有效期", f"{_at(shown.since)} 至 {_at(shown.until)}"))
        if found.here_at < shown.since:
            seen.append(("看来", "电脑时间早于证书生效的时间，多半是电脑时间慢了"))
        elif found.here_at > shown.until:
            seen.append(("看来", "电脑时间没错的话，证书已经过期"))
    return tuple(seen)


def _at(at: datetime) -> str:
    return f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
