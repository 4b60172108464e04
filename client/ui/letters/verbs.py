"""What the window asks of letters. Values in, values out; no widget."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from client.core.letters import Document, OwnTemplate, Stationery
from client.errors import ClientError, FileRefused
from client.letters import casework
from client.letters.casework import Letters
from client.store import attachments, case_documents
from client.store.desk import Desk
from client.store.files import OPENED
from client.ui.viewer.reading import Refusal, Sheet, sheets_of

MOST_PAGES: Final = 12
PRINTS: Final = "prints"


@dataclass(frozen=True, slots=True)
class Drawn:
    """Pages of a letter as pictures; `count` of all pages, `lost` as in `casework.Preview.not_shown`."""

    sheets: tuple[Sheet, ...]
    lost: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Settings:
    """What 设置 · 文书 shows."""

    stationery: Stationery
    own: Mapping[str, OwnTemplate]


def read_letters(desk: Desk, case_id: str) -> Letters:
    """Return the letters of a case."""
    return casework.letters_of(desk, case_id)


def draw_draft(
    desk: Desk, case_id: str, kind: str, texts: Mapping[str, str], width_px: int, numbers: bool,
    cancelled: Callable[[], bool],
) -> Drawn:  # fmt: skip
    """Return the pages of a letter as it would be issued now; raises as `casework.preview`."""
    made = casework.preview(desk, case_id, kind, texts, numbers=numbers)
    return Drawn(_pages(made.pdf, width_px, cancelled), made.not_shown)


def draw_issued(desk: Desk, document: Document, width_px: int, cancelled: Callable[[], bool]) -> Drawn:
    """Return the pages of a letter that was issued; raises StoreError."""
    return Drawn(_pages(attachments.read(desk, document.pdf_sha256 or ""), width_px, cancelled), ())


def _pages(pdf: bytes, width_px: int, cancelled: Callable[[], bool]) -> tuple[Sheet, ...]:
    found = sheets_of(pdf, "letter.pdf", range(MOST_PAGES), width_px, cancelled)
    if isinstance(found, Refusal):
        raise ClientError("attachment_damaged")
    return tuple(found)


def save_text(desk: Desk, case_id: str, kind: str, texts: Mapping[str, str], document_id: str | None) -> str:
    """Keep what was written; return the id of the draft."""
    return case_documents.save_draft(desk, case_id, kind, texts, document_id=document_id)


def issue(
    desk: Desk, case_id: str, kind: str, texts: Mapping[str, str], document_id: str | None, numbers: bool
) -> Document:
    """Issue a letter; raises as `casework.issue`."""
    return casework.issue(desk, case_id, kind, texts, document_id=document_id, numbers=numbers)


def to_print(
    desk: Desk, document: Document | None, case_id: str, kind: str, texts: Mapping[str, str], numbers: bool
) -> Path:
    """Write the PDF that the system's viewer shows; it goes when the desk is locked."""
    if document is not None and document.pdf_sha256 is not None:
        return attachments.open_copy(desk, document.pdf_sha256)
    made = casework.preview(desk, case_id, kind, texts, numbers=numbers)
    folder = desk.profile / OPENED / PRINTS
    path = folder / f"{kind}-{desk.new_id()}.pdf"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.write_bytes(made.pdf)
    except OSError as error:
        raise FileRefused("file_unwritable", file_name=path.name) from error
    return path


def save_as(
    desk: Desk, document: Document | None, case_id: str, kind: str, texts: Mapping[str, str], numbers: bool,
    path: Path,
) -> None:  # fmt: skip
    """Write a letter, or its draft, into a file as its ending says."""
    if document is not None and document.pdf_sha256 is not None:
        casework.save_copy(desk, document, path)
        return
    casework.save_draft_copy(
        desk, case_id, casework.preview(desk, case_id, kind, texts, numbers=numbers), path
    )


def read_settings(desk: Desk) -> Settings:
    """Return what is set for all letters."""
    reader = desk.db.reader()
    return Settings(case_documents.stationery(reader), case_documents.own_templates(reader))
