"""What `doctor` says of one desk: second copy, room on its disk, queue, contact, clock, epoch, protocol.

Without a person only what lies open is looked at; with one the desk is read, beside an open window, too.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from client.core.times import from_text, to_text
from client.doctor import Finding, State
from client.errors import StoreError
from client.store import link, outbox
from client.store.connection import Connection
from client.store.desk import Desk
from client.store.second_copy import NAME, prove
from client.ui.messages import sentence_of
from client.ui.sync.standing import read_facts
from client.ui.sync.status import clock_words, contact_words, sunset_words, words

LITTLE_BYTES: Final = 500 * 1024 * 1024
NEXT_TO_NOTHING_BYTES: Final = 50 * 1024 * 1024
LONG_AGO: Final = timedelta(days=1)

SAYS: Final[Mapping[str, str]] = {
    "room": "磁盘空间够用。",
    "room_little": "磁盘空间不多了，请清理；满了就不能再审核和导入。",
    "room_none": "磁盘快满了，请马上清理；满了就不能再审核和导入。",
    "copy": "待发送内容的第二份在，逐条核对过。",
    "copy_unread": "待发送内容的第二份在；带上 --operator 可以逐条核对。",
    "copy_none": "还没有待发送内容的第二份；第一次复核通过时就会有。",
    "copy_damaged": "待发送内容的第二份有损坏；下次打开时会自动从数据库重写一份。",
    "copy_lacking": "第二份里缺几条待发送的内容；重新打开程序会自动补上。",
    "queue": "没有待发送的内容。",
    "contact_none": "还没有联系过平台。",
    "offset": "上次联系时，电脑时间和平台一致。",
    "epoch": "平台没有恢复过备份。",
    "epoch_changed": "平台从备份恢复过，已核对，缺的已重新发送。",
    "epoch_open": "平台从备份恢复过，正在核对它缺哪些；下次同步接着核对。",
    "protocol": "平台接受这个版本的程序，没有宣布停用。",
}
"""Code of a finding → what it means and what to do."""


def look(profile: Path) -> list[Finding]:
    """Look at what lies open beside the database; nothing of a folder that holds no desk."""
    if not (profile / "keys.json").exists():
        return []
    return [_room(profile), _lying(profile)]


def look_into(desk: Desk) -> list[Finding]:
    """Look at an open desk; it may be open only to read."""
    reader = desk.db.reader()
    return [_room(desk.profile), _copy(desk), *_line(desk), _epoch(reader)]


def _room(profile: Path) -> Finding:
    free = shutil.disk_usage(profile).free
    detail = f"{profile}: {free / 2**30:,.1f} GB free"
    if free < NEXT_TO_NOTHING_BYTES:
        return _finding("room", "bad", detail, code="room_none")
    if free < LITTLE_BYTES:
        return _finding("room", "warn", detail, code="room_little")
    return _finding("room", "ok", detail)


def _where(profile: Path) -> str:
    """Say where the copy lies, how large it is, when it was last written, and what damaged ones lie there."""
    path = profile / NAME
    seen = path.stat()
    at = to_text(datetime.fromtimestamp(seen.st_mtime, UTC))
    aside = len(list(profile.glob(f"{NAME}.damaged-*")))
    kept = f", {aside} damaged ones kept aside" if aside else ""
    return f"{path}, {seen.st_size:,} bytes, last written {at}{kept}"


def _lying(profile: Path) -> Finding:
    if not (profile / NAME).exists():
        return _finding("second_copy", "ok", str(profile / NAME), code="copy_none")
    return _finding("second_copy", "ok", _where(profile), code="copy_unread")


def _copy(desk: Desk) -> Finding:
    try:
        proved = prove(desk)
        where = _where(desk.profile) if (desk.profile / NAME).exists() else str(desk.profile / NAME)
    except StoreError as error:
        return Finding("second_copy", "bad", sentence_of(error), error.code)
    detail = f"{where}; {proved.versions:,} versions proved, {proved.lacking:,} lacking"
    if proved.damaged:
        return _finding("second_copy", "bad", detail, code="copy_damaged")
    if proved.lacking:
        return _finding("second_copy", "warn", detail, code="copy_lacking")
    return _finding("second_copy", "ok", detail, code="copy")


def _line(desk: Desk) -> list[Finding]:
    facts, now = read_facts(desk), link.link(desk.db.reader())
    counted = outbox.status(desk.db.reader())
    numbers = ", ".join(f"{counted[name]} {name}" for name in outbox.WAITING_STATES)
    queue = words(facts).sentence if facts.waiting else SAYS["queue"]
    at = now.last_contact_at
    late = at is not None and facts.now is not None and facts.now - from_text(at) > LONG_AGO
    contact = f"{contact_words(facts)}。" if at is not None else SAYS["contact_none"]
    tried = f"{at or 'never'}; last error {now.last_error or 'none'}; next try {now.next_try_at or 'none'}"
    return [
        Finding("queue", "warn" if facts.blocked else "ok", queue, numbers),
        Finding("contact", "warn" if late or at is None or now.last_error else "ok", contact, tried),
        Finding(
            "clock_offset", "warn" if clock_words(facts) else "ok", clock_words(facts) or SAYS["offset"],
            f"platform ahead by {now.clock_offset_ms / 1000:+.1f} s at the last greeting",
        ),
        Finding(
            "protocol", "warn" if facts.sunset_at else "ok", sunset_words(facts) or SAYS["protocol"],
            now.sunset_at or "",
        ),
    ]  # fmt: skip


def _epoch(reader: Connection) -> Finding:
    now, asked = link.link(reader), link.asked_up_to(reader)
    detail = f"epoch {now.epoch}, feed read up to {now.cursor:,}"
    if asked is not None:
        return _finding("epoch", "warn", f"{detail}, asked up to {asked:,}", code="epoch_open")
    if link.was_restored(reader):
        return _finding("epoch", "ok", detail, code="epoch_changed")
    return _finding("epoch", "ok", detail)


def _finding(name: str, state: State, detail: str = "", *, code: str | None = None) -> Finding:
    return Finding(name, state, SAYS[code or name], detail)
