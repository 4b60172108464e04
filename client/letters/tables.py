"""A list on paper: landscape, the heading on every sheet, long texts on several lines."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from client.core.listing import Listing
from client.core.times import day_and_clock
from client.errors import ClientError, FileRefused
from client.letters.column import Column
from client.letters.faces import Faces, numbered, printable
from client.letters.paper import BROAD, Imprint, draw
from client.letters.refusal import refuse_unprintable

MOST_ROWS: Final = 20_000
"""Nobody prints more; a spreadsheet takes them."""

STEP: Final = 200
"""Rows between two words of progress."""

Progress = Callable[[int], None]
Cancelled = Callable[[], bool]


def list_pdf(
    path: Path,
    listing: Listing,
    *,
    unit: str,
    operator: str,
    at: str,
    numbers: bool = False,
    faces: Faces | None = None,
    progress: Progress = lambda _row: None,
    cancelled: Cancelled = lambda: False,
) -> int:
    """Write a list as a PDF; return the number of rows.

    Args:
        path: of the file to write.
        listing: the list; its columns for paper are printed.
        unit: whose list it is.
        operator: name of who prints.
        at: now, as UTC text.
        numbers: signs that no face has are printed as their numbers.
        faces: by default the packaged ones and the system's.
        progress: told how many rows are done.
        cancelled: asked between rows.

    Raises:
        FileRefused: ``too_long_to_print``; ``signs_unprintable``, unless `numbers`.
        ClientError: ``stopped``.
        OSError: the disk says no.
    """
    faces = faces or Faces()
    rows = _rows(listing, progress, cancelled)
    heads = [head for head in listing.heads if head.on_paper]
    said = (unit, operator, listing.title, *(text for note in listing.notes for text in note))
    lacking = faces.lacking((*said, *(head.title for head in heads), *(text for row in rows for text in row)))
    if not numbers:
        refuse_unprintable(lacking)
    page = Column(faces, lambda text: numbered(printable(text), lacking), BROAD)
    page.edges(unit, f"闽信通　共 {len(rows):,} 行")
    page.line(listing.title, 14)
    page.gap(1)
    for name, text in listing.notes:
        page.line(f"{name}：{text}", 8, "quiet")
    page.gap(2)

    def look_up(count: int) -> None:
        if count % STEP == 0 and cancelled():
            raise ClientError("stopped")

    page.table([head.title for head in heads], [head.width for head in heads], rows, look_up)
    if not rows:
        page.gap(2)
        page.line("没有内容", 9, "quiet")
    made = page.clean(f"{day_and_clock(at)}　{operator} 打印")
    draw(path, page.sheets, Imprint(listing.title, page.clean(unit), made), faces)
    return len(rows)


def _rows(listing: Listing, progress: Progress, cancelled: Cancelled) -> list[Sequence[str]]:
    places = [n for n, head in enumerate(listing.heads) if head.on_paper]
    rows: list[Sequence[str]] = []
    for row in listing.rows:
        rows.append([row[n] for n in places])
        if len(rows) > MOST_ROWS:
            raise FileRefused("too_long_to_print", limit=MOST_ROWS)
        if len(rows) % STEP == 0:
            progress(len(rows))
            if cancelled():
                raise ClientError("stopped")
    return rows
