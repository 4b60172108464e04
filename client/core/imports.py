"""Values of an import (导入): the file and its sum, its rows on their way in, and those that stayed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

GoodRow = tuple[int, str, str | None, str, str, str, str, int]
"""Row, payload as JSON, natural key, subject name and code, document number, act day, warnings to answer."""

KeptRow = tuple[int, str, str, str]
"""Row number; cells, payload and problems as JSON: a row that makes no record by itself."""


@dataclass(frozen=True, slots=True)
class Import:
    """One import and its sum.

    Attributes:
        item: ``XZCF_FR@2026.1``.
        headings: the header as it was read: ``{"column", "text", "field"}``.
        state: loading, visible or removed.
        faulty: rows that had errors when they were read; some may have been taken over since.
        next_row: rows before this one, as the sheet shows it, are done.
    """

    import_id: str
    file_name: str
    file_sha256: str
    sheet: str
    item: str
    headings: Sequence[Mapping[str, Any]]
    state: str
    rows_read: int
    created: int
    updated: int
    corrected: int
    skipped: int
    faulty: int
    next_row: int
    started_at: str
    finished_at: str | None
    operator: str

    def adds_up(self) -> bool:
        """Whether read = created + updated + corrected + skipped + faulty."""
        parts = self.created + self.updated + self.corrected + self.skipped + self.faulty
        return parts == self.rows_read


@dataclass(frozen=True, slots=True)
class ImportRow:
    """A row that made no new record.

    Attributes:
        fate: faulty, skipped, updated, corrected; taken when it was faulty and is a draft now.
        record_id: the record that it met or became.
        cells: what the row held, as text, column A first; empty unless it was faulty or doubled.
        values: what could be read of it; wrong values as typed.
        problems: ``{"path", "code", "severity", "params", "column", "value", …}``.
    """

    row: int
    fate: str
    record_id: str | None
    cells: Sequence[str]
    values: Mapping[str, Any]
    problems: Sequence[Mapping[str, Any]]


@dataclass(slots=True)
class Chunk:
    """Some rows in a row, as the reader judged them.

    Attributes:
        good: without errors, and the first of their kind in the file.
        faulty: with errors.
        doubled: without errors, but the same act as an earlier row.
        next_row: the row after the last one.
    """

    good: list[GoodRow] = field(default_factory=list)
    faulty: list[KeptRow] = field(default_factory=list)
    doubled: list[KeptRow] = field(default_factory=list)
    next_row: int = 0

    def __len__(self) -> int:
        return len(self.good) + len(self.faulty) + len(self.doubled)


@dataclass(frozen=True, slots=True)
class Source:
    """What an import is of; two with the same values are the same import."""

    file_name: str
    file_sha256: str
    sheet: str
    item: str
    headings: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of faulty rows that somebody took over.

    Attributes:
        record_ids: drafts made or changed, in the order of the rows.
        left: rows that meet a record which cannot be changed now; they stay faulty.
    """

    record_ids: tuple[str, ...]
    left: tuple[int, ...]
