"""Whether a file of evidence is what its name says: no program under another name, no half of a PDF. Pure.

A file is looked at by its first and last bytes only; whoever opens it later opens it as what it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

LOOKED_AT: Final = 4_096
"""Bytes at the beginning, and at the end."""

PROGRAMS: Final = (
    b"MZ", b"\x7fELF", b"\xfe\xed\xfa\xce", b"\xfe\xed\xfa\xcf", b"\xce\xfa\xed\xfe", b"\xcf\xfa\xed\xfe",
    b"\xca\xfe\xba\xbe", b"#!",
)  # fmt: skip
"""First bytes of what a computer runs."""

RUN_BY_NAME: Final = frozenset({
    ".exe", ".com", ".scr", ".bat", ".cmd", ".ps1", ".vbs", ".vbe", ".js", ".jse", ".wsf", ".msi", ".dll",
    ".jar", ".lnk", ".sh", ".hta", ".reg", ".apk",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shape:
    """How a kind of file begins and ends.

    Attributes:
        begins: one of these is among the first `within` bytes.
        ends: this is among the last bytes.
    """

    begins: tuple[bytes, ...]
    ends: bytes
    within: int = 0


_JPEG: Final = Shape((b"\xff\xd8\xff",), b"\xff\xd9")
SHAPES: Final[Mapping[str, Shape]] = {
    ".pdf": Shape((b"%PDF-",), b"%%EOF", 1_024),
    ".png": Shape((b"\x89PNG\r\n\x1a\n",), b"IEND"),
    ".jpg": _JPEG,
    ".jpeg": _JPEG,
}


def fault_of(name: str, head: bytes, tail: bytes) -> str | None:
    """Say what is wrong with a file; None when nothing is.

    Args:
        name: with its ending.
        head: the first `LOOKED_AT` bytes.
        tail: the last ones.

    Returns:
        ``evidence_program``; ``evidence_other_kind``: the content is another than the name says;
        ``evidence_broken``: its end is missing.
    """
    ending = "." + name.rpartition(".")[2].lower()
    if head.startswith(PROGRAMS) or ending in RUN_BY_NAME:
        return "evidence_program"
    shape = SHAPES.get(ending)
    if shape is None:
        return None
    beginning = head[: shape.within + max(map(len, shape.begins))]
    if not any(one in beginning if shape.within else beginning.startswith(one) for one in shape.begins):
        return "evidence_other_kind"
    return None if shape.ends in tail else "evidence_broken"
