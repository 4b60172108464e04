"""Where things lie: what ships with the program, and where a desk is kept when nobody says otherwise.

Reads nothing but the environment. The program runs from the source tree, from a wheel, or frozen.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

import pylopdf_fonts_jp
import pylopdf_fonts_zh_cn

_PACKAGE = Path(__file__).resolve().parent


def resources() -> Path:
    """Return the folder of catalogs, calendars, icons and the like."""
    return resources_of(_PACKAGE, frozen_at=getattr(sys, "_MEIPASS", None))


def resources_of(package: Path, *, frozen_at: str | None) -> Path:
    """Return the resources that belong to the client at `package`.

    Args:
        package: the folder of the client package.
        frozen_at: where PyInstaller unpacked the program; None when it is not frozen.
    """
    if frozen_at is not None:
        return Path(frozen_at) / "resources"
    installed = package.parent / "minxin_resources"
    return installed if installed.is_dir() else package.parent / "resources"


def default_profile() -> Path:
    """Return the folder of the desk where `--profile` is not given."""
    return default_profile_of(sys.platform, os.environ, Path.home())


def default_profile_of(platform: str, environment: Mapping[str, str], home: Path) -> Path:
    """Return the usual place for a program's own files on `platform` (as `sys.platform` names it)."""
    if platform == "win32":
        local = environment.get("LOCALAPPDATA")
        return (Path(local) if local else home / "AppData" / "Local") / "MinXin"
    if platform == "darwin":
        return home / "Library" / "Application Support" / "MinXin"
    shared = environment.get("XDG_DATA_HOME", "")
    # The XDG specification has relative paths ignored.
    return (Path(shared) if Path(shared).is_absolute() else home / ".local" / "share") / "minxin"


def log_file(profile: Path) -> Path:
    """Return the log of a desk; older ones lie beside it, numbered."""
    return profile / "log" / "minxin.log"


def font_file() -> Path:
    """Return Noto Sans SC (OFL-1.1), which a package brings, so that no PC lacks a glyph."""
    return pylopdf_fonts_zh_cn.sans_path()


def more_font_files() -> tuple[Path, ...]:
    """Return Noto Sans JP (OFL-1.1): its package brings 𠮷 and others that Noto Sans SC lacks."""
    return (pylopdf_fonts_jp.sans_path(),)
