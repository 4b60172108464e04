"""What a person likes on this desk: a small JSON file in the profile. Nothing secret, no record."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final, Literal

from client.errors import ClientError

Theme = Literal["system", "light", "dark"]
Density = Literal["compact", "roomy"]

FILE_NAME: Final = "settings.json"
TEXT_PERCENT: Final = range(80, 201)


@dataclass(frozen=True, slots=True)
class Settings:
    """Likings, each with the default of a fresh desk.

    Attributes:
        density: rows of 30 px (compact) or 36 px (roomy).
        text_percent: size of all text, 80 to 200.
        narrow_navigation: icons only.
        window: place and size of the window, as Qt writes it, in base64; None before the first close.
        splitters: name of a splitter → its state, as above.
    """

    theme: Theme = "system"
    density: Density = "compact"
    text_percent: int = 100
    narrow_navigation: bool = False
    window: str | None = None
    splitters: Mapping[str, str] = field(default_factory=dict)


_CHECKS: Final[Mapping[str, Callable[[object], bool]]] = {
    "theme": lambda value: value in ("system", "light", "dark"),
    "density": lambda value: value in ("compact", "roomy"),
    "text_percent": lambda value: type(value) is int and value in TEXT_PERCENT,
    "narrow_navigation": lambda value: isinstance(value, bool),
    "window": lambda value: value is None or isinstance(value, str),
    "splitters": lambda value: (
        isinstance(value, dict) and all(isinstance(state, str) for state in value.values())
    ),
}


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
        if key not in _CHECKS or not _CHECKS[key](value):
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
