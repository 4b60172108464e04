"""What a person likes on this desk: a small JSON file in the profile. Nothing secret, no record."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final, Literal, get_args

from client.errors import ClientError

Scheme = Literal["system", "light", "dark"]
LogLevel = Literal["info", "debug"]
ProxyMode = Literal["system", "none", "manual", "script"]

FILE_NAME: Final = "settings.json"


@dataclass(frozen=True, slots=True)
class Settings:
    """Likings, each with the default of a fresh desk. What a window remembers by itself is not here.

    Attributes:
        scheme: light or dark, or as the desktop is.
        log_level: how much the log says; `debug` when support asks for it.
        proxy: the way to the platform: as the system says, straight, through `proxy_address`,
            or as the script there says (PAC).
        proxy_address, proxy_user: of the proxy; its password lies in the keyring.
    """

    scheme: Scheme = "system"
    log_level: LogLevel = "info"
    proxy: ProxyMode = "system"
    proxy_address: str = ""
    proxy_user: str = ""


_VALUES: Final[Mapping[str, tuple[str, ...] | None]] = {
    "scheme": get_args(Scheme),
    "log_level": get_args(LogLevel),
    "proxy": get_args(ProxyMode),
    "proxy_address": None,
    "proxy_user": None,
}
"""Key → the values that it may have; None for any text."""


def load(profile: Path) -> Settings:
    """Read the settings of a desk; the defaults where it has none yet.

    Raises:
        ClientError: `settings_unreadable`, with the key that is unknown or has a wrong value.
    """
    path = profile / FILE_NAME
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Settings()
    except (OSError, ValueError) as error:
        raise ClientError("settings_unreadable", file=FILE_NAME, key="") from error
    if not isinstance(raw, dict):
        raise ClientError("settings_unreadable", file=FILE_NAME, key="")
    for key, value in raw.items():
        allowed = _VALUES.get(key, ())
        if not isinstance(value, str) or (allowed is not None and value not in allowed):
            raise ClientError("settings_unreadable", file=FILE_NAME, key=key)
    return Settings(**raw)


def save(profile: Path, settings: Settings) -> None:
    """Write the settings whole or not at all: a cut leaves the file of before.

    Raises:
        ClientError: `settings_unwritable`: disk full, or read-only.
    """
    path = profile / FILE_NAME
    half = path.with_suffix(".new")
    try:
        with half.open("w", encoding="utf-8") as out:
            json.dump(asdict(settings), out, ensure_ascii=False, indent=2)
            out.flush()
            os.fsync(out.fileno())
        half.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            half.unlink(missing_ok=True)
        raise ClientError("settings_unwritable", file=FILE_NAME) from error
