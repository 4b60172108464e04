"""What a file is by its first bytes, whatever its name says. Pure."""

from __future__ import annotations

from typing import Final, Literal

Kind = Literal["pdf", "picture", "program", "office", "other"]

HEAD_BYTES: Final = 1024

_PICTURES: Final = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a", b"BM")
_PROGRAMS: Final = (
    b"MZ",                 # Windows
    b"\x7fELF",            # Linux
    b"\xcf\xfa\xed\xfe", b"\xce\xfa\xed\xfe", b"\xca\xfe\xba\xbe",  # macOS, Java
    b"#!",                 # a script
)  # fmt: skip
_OFFICE: Final = (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"PK\x03\x04")
_SCRIPTS: Final = (
    ".bat",
    ".cmd",
    ".com",
    ".exe",
    ".hta",
    ".js",
    ".lnk",
    ".msi",
    ".ps1",
    ".scr",
    ".vbs",
    ".wsf",
)
_ENDINGS: Final[dict[Kind, tuple[str, ...]]] = {
    "pdf": (".pdf",),
    "picture": (".png", ".jpg", ".jpeg", ".gif", ".bmp", ".tif", ".tiff", ".webp"),
}


def kind_of(head: bytes, name: str) -> Kind:
    """Say what a file is.

    Args:
        head: its first `HEAD_BYTES`.
        name: as people see it; only what no bytes tell, a script of plain text, is told by its ending.
    """
    if b"%PDF-" in head[:HEAD_BYTES]:
        return "pdf"
    if head.startswith(_PICTURES):
        return "picture"
    if head.startswith(_PROGRAMS) or name.lower().endswith(_SCRIPTS):
        return "program"
    if head.startswith(_OFFICE):
        return "office"
    return "other"


def is_misnamed(kind: Kind, name: str) -> bool:
    """Say whether the ending of a name promises a PDF or a picture that the bytes are not."""
    lower = name.lower()
    return any(lower.endswith(endings) for promised, endings in _ENDINGS.items() if promised != kind)
