"""What this machine has and lacks, each finding with its reason; and the frozen program's check of itself.

Part of the composition root. It changes nothing on the machine but a temporary folder, and loads Qt only
for the self-check.
"""

from __future__ import annotations

import ctypes
import importlib
import os
import secrets
import ssl
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final, Literal

import certifi

from client import credentials, paths
from client.core.listing import Head, Listing
from client.core.times import day_in_shanghai, to_text
from client.errors import ClientError, ProfileError, UnlockError
from client.intake.initials import initials_of
from client.intake.preview import preview
from client.intake.template import write_template
from client.letters.faces import Faces
from client.letters.tables import list_pdf
from client.store import catalog_sets
from client.store import profile as profiles
from client.store.database import Database
from client.sync.lines import to_address
from client.sync.reading import read_hello
from client.sync.ways import Way
from client.sync.wire import Request
from client.ui.messages import sentence_of
from client.wiring import catalog_home, likings, load_catalogs, utc_now, way_out
from forms.catalog.codesearch import CodeIndex
from forms.catalog.loader import verify_set
from forms.catalog.reading import CatalogError
from forms.catalog.schema import CatalogSet, Code
from forms.law.calendar import Calendar, CalendarError

State = Literal["ok", "warn", "bad"]

SAYS: Final[Mapping[str, str]] = {
    "keyring": "系统密钥环可用，口令之外再加一道。",
    "keyring_none": "没有可用的系统密钥环；档案只靠口令保护，口令请设得长一些。",
    "font": "中文字体齐全。",
    "font_bad": "随程序的中文字体缺失或损坏，请重新安装。",
    "display": "有图形桌面。",
    "display_none": "没有图形桌面，窗口打不开；命令行都能用。",
    "display_libraries": "缺少显示窗口要用的系统组件，请让管理员安装。",
    "database": "加密数据库可用，错误的密钥打不开。",
    "database_bad": "加密数据库不能用，请把这一行告诉技术支持。",
    "profile": "本机档案在，可以解锁。",
    "profile_none": "这里还没有本机档案，请先登记终端。",
    "platform": "平台连得上，签名相符。",
    "platform_unasked": "没有给出平台地址，这一项没有检查。",
    "clock": "电脑时间正常。",
    "clock_off": "电脑时间与平台相差太多，请校准后再报送。",
    "clock_behind": "电脑时间比程序自带的文件还早，请校准。",
    "catalog": "目录可用。",
    "catalog_bad": "有目录集不完整或被改动过，请重新安装它。",
    "catalog_run_out": "在用的目录集签名已经到期，请安装新的目录集。",
    "calendar": "工作日历可用。",
    "calendar_ending": "还没有明年的放假通知，跨年的期限只能暂定。",
    "calendar_old": "没有今年的放假通知，期限只能暂定。请升级程序。",
    "calendar_bad": "工作日历读不出来，请重新安装。",
    "tls": "加密通信组件可用。",
    "tls_bad": "加密通信组件太旧或缺少根证书，请重新安装。",
    "search": "代码可以按拼音首字母查找。",
    "search_bad": "代码不能按拼音首字母查找，请重新安装。",
    "spreadsheet": "表格文件读得出来。",
    "spreadsheet_bad": "表格文件读不出来，请重新安装。",
    "paper": "可以打印和导出 PDF。",
    "paper_bad": "不能打印和导出 PDF，请重新安装。",
    "qt": "窗口组件可用。",
    "glyphs": "窗口能显示中文。",
    "words": "窗口组件自带的文字是中文。",
    "window": "窗口画得出来。",
    "form": "每个目录事项都能生成表单。",
    "window_bad": "窗口不能正常显示，请重新安装，并把这一行告诉技术支持。",
}
"""Code of a finding → what it means and what to do."""

DISPLAY_LIBRARIES: Final[Mapping[str, str]] = {
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
}
"""What Qt needs for an X11 display, and the Debian package that has it."""

CLOCK_BAD: Final = timedelta(minutes=10)
CLOCK_WARN: Final = timedelta(minutes=2)
NOTICE_MONTH: Final = 12
"""The notice for the next year has come out in November, or earlier, since 2018."""
FONT_BYTES: Final = 1_000_000
SHIPPED_AFTER: Final = date(2026, 11, 1)
"""No PC that has this program can be earlier."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at.

    Attributes:
        name: what, e.g. ``keyring``; stable.
        text: what it means and what to do, for people.
        detail: versions, names and ages, for support; nothing secret.
    """

    name: str
    state: State
    text: str
    detail: str = ""


def examine(
    profile: Path,
    *,
    address: str | None = None,
    ca_file: str | None = None,
    clock: Callable[[], datetime] = utc_now,
) -> list[Finding]:
    """Look at everything that the program needs, in the order in which it needs it.

    Args:
        profile: the desk's folder; it need not exist, and is not opened.
        address: of the platform, where it is known; else nothing is asked of the network.
        ca_file: certificate authority of the platform, when it is not a public one.
        clock: this PC's.
    """
    now = clock()
    platform, theirs = _platform(address, ca_file, way_out(likings(profile)))
    return [
        _profile(profile),
        keyring(),
        database(),
        font(),
        _display(os.environ, sys.platform),
        tls(),
        platform,
        _clock(now, theirs),
        catalogs(now, profile),
        calendar(now),
    ]


def self_check() -> list[Finding]:
    """Check the program itself, without a display, a desk or a network; for a bundle that was just built."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    # By name and here: opening the command line loads no Qt.
    window = importlib.import_module("client.ui.self_check")
    now = utc_now()
    known = load_catalogs().items()
    seen = [
        _finding(name, "ok", detail) if good else _finding(name, "bad", detail, code="window_bad")
        for name, good, detail in window.look(known)
    ]
    own = [keyring(), database(), font(), tls(), catalogs(now), calendar(now)]
    return [*own, search(), spreadsheet(), paper(), *seen]


def report(findings: Sequence[Finding]) -> dict[str, object]:
    """Return what `doctor --json` prints, whichever way it was asked."""
    return {"state": worst(findings), "findings": [asdict(finding) for finding in findings]}


def worst(findings: Iterable[Finding]) -> State:
    """Return the worst state of all: `bad` is what makes `doctor` end with 1."""
    states = {finding.state for finding in findings}
    return "bad" if "bad" in states else "warn" if "warn" in states else "ok"


# --- one function a thing --------------------------------------------------------------------------------


def keyring() -> Finding:
    """Name the keyring of this desktop. None is no fault: the passphrase then stands alone."""
    name = credentials.backend_name()
    return (
        _finding("keyring", "ok", name) if name else _finding("keyring", "warn", "none", code="keyring_none")
    )


def database() -> Finding:
    """Make an encrypted database, write into it, and see that another key does not open it."""
    with tempfile.TemporaryDirectory(prefix="minxin-doctor-") as folder:
        path, key = Path(folder) / "trial.db", secrets.token_bytes(32)
        try:
            Database.create(path, key).close()
            whole = Database.open(path, key)
            sound, version = whole.is_sound(), whole.reader().value("SELECT sqlite_version()")
            cipher = whole.reader().value("PRAGMA cipher_version")
            whole.close()
        except ClientError as error:
            return _finding("database", "bad", error.code, code="database_bad")
        with suppress(UnlockError):
            Database.open(path, secrets.token_bytes(32)).close()
            return _finding("database", "bad", "opens with any key", code="database_bad")
        if not sound or path.read_bytes().startswith(b"SQLite format 3"):
            return _finding("database", "bad", "not encrypted", code="database_bad")
    return _finding("database", "ok", f"SQLite {version}, SQLCipher {cipher}")


def font() -> Finding:
    """See that the Chinese font that ships with the program is whole."""
    path = paths.font_file()
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            good = file.read(4) in (b"OTTO", b"\0\1\0\0") and size > FONT_BYTES
    except OSError as error:
        return _finding("font", "bad", f"{path.name}: {error.strerror}", code="font_bad")
    detail = f"{path.name}, {size / 1e6:.1f} MB"
    return _finding("font", "ok", detail) if good else _finding("font", "bad", detail, code="font_bad")


def tls() -> Finding:
    """Name the TLS library, and see that public certificate authorities are at hand."""
    detail = f"{ssl.OPENSSL_VERSION}, certifi {certifi.__version__}"
    try:
        context = ssl.create_default_context(cafile=certifi.where())
    except OSError as error:
        return _finding("tls", "bad", f"{detail}: {error}", code="tls_bad")
    good = ssl.HAS_TLSv1_3 and context.cert_store_stats()["x509_ca"] > 0
    return _finding("tls", "ok", detail) if good else _finding("tls", "bad", detail, code="tls_bad")


def catalogs(now: datetime, profile: Path | None = None) -> Finding:
    """Hold every file of every catalog set against its signature: of those that ship and of a desk's own."""
    home, today = catalog_home(), day_in_shanghai(now)
    told, states = list[str](), list[str]()
    try:
        trusted = catalog_sets.trusted_keys(profile, home) if profile is not None else None
        current = load_catalogs(profile).current
    except (CatalogError, ValueError) as error:
        return _finding("catalog", "bad", str(error), code="catalog_bad")
    own = catalog_sets.directories(profile) if profile is not None else []
    for directory in [*(one.parent for one in sorted(home.glob("*/set.json"))), *own]:
        try:
            one = verify_set(directory, trusted=trusted if directory in own else None)
        except CatalogError as error:
            told.append(f"{directory.name}: {error.faults[0]}")
            states.append("catalog_bad")
            continue
        told.append(_age(one, today, is_current=one.name == current.name))
        if one.name == current.name and (one.signature is None or one.signature.until < today):
            states.append("catalog_run_out")
    state: State = "bad" if "catalog_bad" in states else "warn" if states else "ok"
    return _finding("catalog", state, "；".join(told), code=min(states, default="catalog"))


def _age(one: CatalogSet, today: date, *, is_current: bool) -> str:
    """Say of a set in words since when it holds, who signed it and until when."""
    days = (today - one.effective_on).days
    age = f"起用 {days:,} 天" if days >= 0 else f"{-days:,} 天后起用"
    signature = one.signature
    signed = f"{signature.signed_by} 签发至 {signature.until}" if signature is not None else "没有签名"
    return f"{one.name}（{'在用，' if is_current else ''}{len(one.entries)} 个事项，{age}，{signed}）"


def calendar(now: datetime) -> Finding:
    """Load the working-day calendar and say how far it reaches."""
    today = day_in_shanghai(now)
    try:
        last = Calendar.load(paths.resources() / "calendars").last_year or 0
    except CalendarError as error:
        return _finding("calendar", "bad", str(error), code="calendar_bad")
    detail = f"notices until {last}-12-31"
    if last < today.year:
        return _finding("calendar", "bad", detail, code="calendar_old")
    if last == today.year and today.month >= NOTICE_MONTH:
        return _finding("calendar", "warn", detail, code="calendar_ending")
    return _finding("calendar", "ok", detail)


def search() -> Finding:
    """Find a code by the initials of its name's pinyin, for which a package brings the sounds."""
    codes = (Code("350200", "厦门市"), Code("350500", "泉州市"))
    found = [one.code for one in CodeIndex(codes, initials_of(codes)).find("xms")]
    detail, good = f"xms → {found}", found == ["350200"]
    return _finding("search", "ok", detail) if good else _finding("search", "bad", detail, code="search_bad")


def spreadsheet() -> Finding:
    """Write a workbook and a text file as departments have them, and read both, in the child that does it."""
    current = load_catalogs().current
    item = next(iter(current.items.values()))
    headings = ",".join(field.title for field in item.fields)
    with tempfile.TemporaryDirectory(prefix="minxin-doctor-") as folder:
        book, text = Path(folder) / "模板.xlsx", Path(folder) / "旧系统导出.csv"
        write_template(item, book)
        text.write_text(f"{headings}\n某某有限公司{',' * headings.count(',')}\n", encoding="gb18030")
        looked = [preview(book, current), preview(text, current)]
    best = [one.best for one in looked]
    good = all(sheet and sheet.header and sheet.header.item == item.code for sheet in best)
    detail = f"{item.code} from .xlsx and from .csv in {looked[1].encoding}"
    return (
        _finding("spreadsheet", "ok", detail)
        if good
        else _finding("spreadsheet", "bad", code="spreadsheet_bad")
    )


def paper() -> Finding:
    """Print a line with a rare sign as a PDF, with nothing but the fonts that ship with the program."""
    listing = Listing("trial", "试印", (Head("行政相对人"),), 1, [("海湾𠮷记样例商行",)])
    faces = Faces([paths.font_file(), *paths.more_font_files()])
    with tempfile.TemporaryDirectory(prefix="minxin-doctor-") as folder:
        made = Path(folder) / "试印.pdf"
        try:
            list_pdf(made, listing, unit="闽信通", operator="自检", at=to_text(utc_now()), faces=faces)
            detail = f"{made.stat().st_size:,} bytes"
        except (ClientError, OSError) as error:
            return _finding("paper", "bad", str(error), code="paper_bad")
    return _finding("paper", "ok", detail)


def _profile(profile: Path) -> Finding:
    try:
        operators = profiles.locked_profile(profile)
    except ProfileError as error:
        if error.code == "profile_missing":
            return _finding("profile", "warn", str(profile), code="profile_none")
        return Finding("profile", "bad", sentence_of(error), error.code)
    return _finding("profile", "ok", f"{profile}: {len(operators)} operators")


def _display(environment: Mapping[str, str], system: str) -> Finding:
    if system != "linux":
        return _finding("display", "ok", system)
    screen = environment.get("WAYLAND_DISPLAY") or environment.get("DISPLAY")
    if not screen:
        return _finding("display", "warn", code="display_none")
    # A frozen program carries these libraries itself.
    missing = (
        [] if hasattr(sys, "_MEIPASS") else [p for lib, p in DISPLAY_LIBRARIES.items() if not _loads(lib)]
    )
    if missing:
        return _finding("display", "bad", " ".join(missing), code="display_libraries")
    return _finding("display", "ok", screen)


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def _platform(address: str | None, ca_file: str | None, way: Way) -> tuple[Finding, datetime | None]:
    """Return the finding, and the platform's clock where it answered."""
    if address is None:
        return _finding("platform", "warn", code="platform_unasked"), None
    try:
        transport = to_address(address, ca_file, way)
        try:
            hello = read_hello(transport.exchange(Request("GET", "/v1/hello")), None)
        finally:
            transport.close()
    except ClientError as error:
        return Finding("platform", "bad", sentence_of(error), f"{address}: {error.code}"), None
    return _finding("platform", "ok", f"{address}, {hello.server_id}, catalog {hello.catalog_set}"), hello.at


def _clock(now: datetime, theirs: datetime | None) -> Finding:
    if theirs is None:
        shown = now.astimezone().isoformat(timespec="seconds")
        if day_in_shanghai(now) < SHIPPED_AFTER:
            return _finding("clock", "bad", shown, code="clock_behind")
        return _finding("clock", "ok", shown)
    ahead = now - theirs
    detail = f"{ahead.total_seconds():+.1f} s from the platform's"
    if abs(ahead) >= CLOCK_WARN:
        return _finding("clock", "bad" if abs(ahead) >= CLOCK_BAD else "warn", detail, code="clock_off")
    return _finding("clock", "ok", detail)


def _finding(name: str, state: State, detail: str = "", *, code: str | None = None) -> Finding:
    return Finding(name, state, SAYS[code or name], detail)
