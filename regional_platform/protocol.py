"""Which versions of the protocol are spoken here, which one a caller speaks, and which will go."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time
from email.utils import format_datetime
from typing import Any, Final

from regional_platform.settings import Sunset
from regional_platform.times import LEGAL_ZONE

PROTOCOL: Final[Mapping[str, int]] = {"min": 1, "max": 1}

_VERSION: Final = re.compile(rb";\s*v\s*=\s*\"?([0-9]{1,3})(?![0-9])")


def spoken(scope: Mapping[str, Any]) -> int | None:
    """Return the version that a request says in `Accept` (``application/json; v=1``); None when none."""
    for name, value in scope["headers"]:
        if name == b"accept":
            found = _VERSION.search(value)
            return int(found[1]) if found else None
    return None


def sunset_headers(version: int | None, sunsets: Sequence[Sunset]) -> dict[str, str]:
    """Return what tells a caller that its version goes (RFC 9745, RFC 8594); none said is the oldest."""
    speaks = PROTOCOL["min"] if version is None else version
    for one in sunsets:
        if one.protocol == speaks:
            since, until = (datetime.combine(day, time(), LEGAL_ZONE) for day in (one.since_on, one.until_on))
            return {
                "Deprecation": f"@{int(since.timestamp())}",
                "Sunset": format_datetime(until.astimezone(UTC), usegmt=True),
            }
    return {}
