"""The log: one JSON object a line on standard error, without personal data.

What is logged are codes, routes, counts and numbers of incidents. Texts of errors are left out where
they may quote what a person sent; `incidents` sees to that.
"""

from __future__ import annotations

import json
import logging
import os
import sys
from datetime import UTC, datetime
from typing import Final

from regional_platform.times import iso

LEVELS: Final = ("warning", "info")


class _Line(logging.Formatter):
    """Writes a record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        said = {
            "at": iso(datetime.fromtimestamp(record.created, UTC)),
            "level": record.levelname.lower(),
            "from": record.name,
            "process": os.getpid(),
            "event": record.getMessage(),
            **getattr(record, "facts", {}),
        }
        if record.exc_info and record.exc_info[0] is not None:
            said["error"] = record.exc_info[0].__qualname__
        return json.dumps(said, ensure_ascii=False)


def write_logs(level: str) -> None:
    """Send the log of this process to standard error.

    Args:
        level: of `LEVELS`; ``info`` adds a line a request.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Line())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("regional_platform").setLevel(level.upper())
    logging.getLogger("uvicorn.error").addFilter(_already_logged)


def _already_logged(record: logging.LogRecord) -> bool:
    """Drop the server's own report of an error: `app` has logged it without what was sent."""
    return "Exception in ASGI application" not in record.getMessage()
