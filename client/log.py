"""The log of a desk: small, rotating, and blind to what it must not keep.

Write which record and what next. Identity numbers, credit codes, tokens and passphrases are cut out of
every line, tracebacks included; names cannot be told from other words, so do not write them.
"""

from __future__ import annotations

import logging
import re
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Final

from client.paths import log_file

FILE_BYTES: Final = 1_000_000
OLD_FILES: Final = 5
ROOTS: Final = ("client", "forms")

_UUID = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
_CUTS: Final = (
    # What follows a word for a secret, up to the next blank.
    (
        re.compile(r"(?i)(bearer|token|password|passphrase|totp|secret|口令|验证码)(\W{1,4})[^\s,;，；]+"),
        r"\1\2…",
    ),
    # Long runs are tokens, keys or digests. The first eight characters still tell two digests apart.
    (re.compile(rf"(?P<uuid>{_UUID})|(?P<head>[\w-]{{8}})[\w-]{{24,}}", re.ASCII), None),
    # Identity numbers of persons, then unified credit codes.
    (re.compile(r"\d{17}[\dXx]", re.ASCII), "〔证件号码〕"),
    (re.compile(r"[0-9A-Za-z]{2}\d{6}[0-9A-Za-z]{10}", re.ASCII), "〔信用代码〕"),
)


def logger(name: str) -> logging.Logger:
    """Return the logger of a module, which passes its own `__name__`."""
    return logging.getLogger(name)


def start(profile: Path, *, level: int = logging.INFO) -> logging.Handler:
    """Open the log of a desk and let all our modules write to it.

    Returns:
        The handler, for `stop`.
    """
    path = log_file(profile)
    path.parent.mkdir(parents=True, exist_ok=True)
    handler = RotatingFileHandler(
        path, maxBytes=FILE_BYTES, backupCount=OLD_FILES, encoding="utf-8", delay=True
    )
    handler.setFormatter(_Careful("%(asctime)s %(levelname)-7s %(name)s: %(message)s"))
    for root in ROOTS:
        logging.getLogger(root).addHandler(handler)
        logging.getLogger(root).setLevel(level)
    return handler


def stop(handler: logging.Handler) -> None:
    """Close the log, when a desk is locked or the program ends."""
    for root in ROOTS:
        logging.getLogger(root).removeHandler(handler)
    handler.close()


def scrub(text: str) -> str:
    """Cut out what a log must not keep."""
    for pattern, instead in _CUTS:
        text = pattern.sub(_shorten if instead is None else instead, text)
    return text


def _shorten(found: re.Match[str]) -> str:
    return found["uuid"] or f"{found['head']}…"


class _Careful(logging.Formatter):
    """Scrubs the finished line, so that tracebacks and arguments are covered as well."""

    def format(self, record: logging.LogRecord) -> str:
        return scrub(super().format(record))
