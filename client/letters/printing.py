"""Prints of the desk: read what is printed, write the PDF, audit that it leaves."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from client.core.listing import Listing
from client.core.shown import catalog_of
from client.letters.record import record_pdf, record_sheet
from client.letters.tables import list_pdf
from client.store import records
from client.store.desk import Desk
from client.store.exports import operator_names, write_out

RECORD: Final = "record_printed"
LIST: Final = "list_printed"


def print_record(desk: Desk, record_id: str, path: Path, *, numbers: bool = False) -> int:
    """Write a record of the desk as a PDF; return the number of sheets.

    Args:
        desk: whose record it is.
        record_id: of the record.
        path: of the file; one that is there is replaced.
        numbers: signs that no face has are printed as their numbers.

    Raises:
        NotAllowed: ``record_unknown``, ``catalog_unknown``.
        FileRefused: ``signs_unprintable``, ``file_unwritable``.
    """
    reader = desk.db.reader()
    detail = records.get(reader, record_id)
    sheet = record_sheet(
        detail,
        desk.catalogs.item(catalog_of(detail)),
        unit=desk.device.unit_name,
        operator=desk.operator.name,
        names=operator_names(reader),
        at=desk.now(),
        today=desk.today(),
    )
    return write_out(
        desk,
        path,
        lambda made: record_pdf(made, sheet, numbers=numbers),
        action=RECORD,
        thing=record_id,
        said={"state": detail.row.state},
    )


def print_list(
    desk: Desk,
    listing: Listing,
    path: Path,
    *,
    numbers: bool = False,
    progress: Callable[[int], None] = lambda _row: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> int:
    """Write a list of the desk as a PDF; return the number of rows.

    Args:
        desk: whose list it is.
        listing: the list.
        path: of the file; one that is there is replaced.
        numbers: signs that no face has are printed as their numbers.
        progress: told how many rows are read.
        cancelled: asked between rows.

    Raises:
        FileRefused: ``too_long_to_print``, ``signs_unprintable``, ``file_unwritable``.
        ClientError: ``stopped``.
    """

    def write(made: Path) -> int:
        return list_pdf(
            made,
            listing,
            unit=desk.device.unit_name,
            operator=desk.operator.name,
            at=desk.now(),
            numbers=numbers,
            progress=progress,
            cancelled=cancelled,
        )

    return write_out(desk, path, write, action=LIST, thing=listing.name, said=dict(listing.said))
