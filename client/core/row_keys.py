"""Row keys (行标识): by which a row of a file that was given back is known again.

A key stands in a hidden column of the file. It names the import that the row came with (or, for a
report that was written without an import, that report), the row, and a digest of what the row said.
Its check characters tell a damaged key from a foreign one. Pure.
"""

from __future__ import annotations

import hashlib
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal

IMPORT: Final = "I"
REPORT: Final = "R"

_KEY: Final = re.compile(r"MX1-([IR])-([0-9A-Za-z-]{8,40})-([0-9]{1,7})-([0-9a-f]{16})-([0-9a-f]{4})")
_DIGEST_BYTES: Final = 8


@dataclass(frozen=True, slots=True)
class RowKey:
    """What the key of a row says.

    Attributes:
        kind: ``I`` for an import of this desk or another, ``R`` for a report only.
        origin: id of the import or of the report.
        row: of the row in the file that was reported on.
        digest: of what the row said then.
        unchanged: whether the row still says so.
    """

    kind: Literal["I", "R"]
    origin: str
    row: int
    digest: str
    unchanged: bool = False

    def with_unchanged(self, *, unchanged: bool) -> RowKey:
        """Return the same key, knowing whether its row is as it was."""
        return replace(self, unchanged=unchanged)


def row_digest(texts: Mapping[str, str]) -> str:
    """Return a short digest of what a row says: field id → text of its cell, blank ones left out.

    Blanks around a text and the kind of its line breaks do not count: programs that save a file change them.
    """
    said = (
        f"{name}\x1e{text}"
        for name in sorted(texts)
        if (text := texts[name].replace("\r\n", "\n").replace("_x000D_\n", "\n").strip())
    )
    return hashlib.blake2b(
        "\x1f".join(said).encode("utf-8", "surrogatepass"), digest_size=_DIGEST_BYTES
    ).hexdigest()


def write_key(kind: Literal["I", "R"], origin: str, row: int, digest: str) -> str:
    """Write the key of a row."""
    body = f"MX1-{kind}-{origin}-{row}-{digest}"
    return f"{body}-{_check(body)}"


def read_key(text: str) -> RowKey | None:
    """Read a key; None when it is damaged."""
    text = text.strip()
    match = _KEY.fullmatch(text)
    if match is None or _check(text[:-5]) != match[5]:
        return None
    kind: Literal["I", "R"] = "I" if match[1] == IMPORT else "R"
    return RowKey(kind, match[2], int(match[3]), match[4])


def _check(body: str) -> str:
    return f"{zlib.crc32(body.encode('ascii', 'replace')) & 0xFFFF:04x}"
