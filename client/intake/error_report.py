"""Which error report (错误报告) a file gets: the clerk's own workbook, or a new one of the faulty rows.

Rows are kept back until it is known that the workbook can be marked; with more than `MOST_ROWS`, another
format or an unusual way of writing, they go into the new workbook as they come.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

from client.core.row_keys import write_key
from client.errors import FileRefused
from client.intake.cells import Cell
from client.intake.headings import Header
from client.intake.heal import heal
from client.intake.heal_list import Listed
from client.intake.heal_parts import Odd
from client.intake.losses import MOST_ROWS, is_healable
from client.intake.placing import may_write
from client.intake.report import Finding, Report, Source

Kept = tuple[int, "Sequence[Cell] | None", Sequence[Finding]]
"""Row, its cells where it is faulty, and its problems."""


@dataclass(frozen=True, slots=True)
class Origin:
    """What the keys of a report name.

    Attributes:
        kind: ``I`` for an import, ``R`` for a report without one.
        id: of the import or the report.
    """

    kind: Literal["I", "R"]
    id: str


def may_report(source: Path | None, out: Path) -> None:
    """Make sure that a report can be written, before any work is done for it.

    Raises:
        FileRefused: `report_unwritable`, `report_over_source`.
    """
    if source is not None and out.exists() and source.exists() and out.samefile(source):
        raise FileRefused("report_over_source")
    may_write(out)


class _Digests:
    """Row → digest of what it says, 12 bytes a row: a problem may be told of any row up to the last one."""

    def __init__(self) -> None:
        self._rows = array("I")
        self._said = array("Q")

    def __len__(self) -> int:
        return len(self._rows)

    def add(self, row: int, digest: str) -> None:
        """Take the digest of a row below all that are known."""
        self._rows.append(row)
        self._said.append(int(digest, 16))

    def of(self, row: int) -> str:
        """Return the digest of a row; empty for one that holds no record."""
        place = bisect_left(self._rows, row)
        known = place < len(self._rows) and self._rows[place] == row
        return f"{self._said[place]:016x}" if known else ""

    def rows(self) -> Sequence[int]:
        """Return all rows, in their order."""
        return self._rows


class ErrorReport:
    """An error report being written; `know` rows and `add` the faulty ones, then leave the block.

    Attributes:
        healed: whether it is the clerk's own workbook; known at the end.

    Raises:
        FileRefused: `report_unwritable`, `report_over_source`.
    """

    def __init__(
        self, path: Path, header: Header, about: Source, origin: Origin, source: Path | None,
        *, most_rows: int = MOST_ROWS,
    ) -> None:  # fmt: skip
        may_report(source, path)
        self.healed = False
        self._path, self._header, self._about, self._origin = path, header, about, origin
        self._most_rows = most_rows
        self._source = source if source is not None and is_healable(source, path) else None
        self._digests = _Digests()
        self._kept: list[Kept] = []
        self._report: Report | None = None
        if self._source is None:
            self._begin()

    def _begin(self) -> None:
        """Turn to the new workbook."""
        self._report = Report(self._path, self._header, self._about).__enter__()
        for kept in self._kept:
            self._put(*kept)
        self._kept = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None and self._report is None:
            self._heal()
        if self._report is not None:
            self._report.__exit__(kind, error, trace)

    def _heal(self) -> None:
        assert self._source is not None
        keys = {row: self._key(row) for row in self._digests.rows()}
        listed = [
            Listed(row, keys.get(row, ""), finding) for row, _, findings in self._kept for finding in findings
        ]
        try:
            heal(
                self._source, self._path, sheet=self._about.sheet, header=self._header, keys=keys,
                listed=listed,
            )  # fmt: skip
            self.healed = True
        except Odd:
            self._begin()

    def know(self, digests: Mapping[int, str]) -> None:
        """Take the digests of the next rows, faulty or not: each becomes part of a key."""
        for row in sorted(digests):
            self._digests.add(row, digests[row])
        if self._report is None and len(self._digests) > self._most_rows:
            self._begin()

    def _key(self, row: int) -> str:
        digest = self._digests.of(row)
        return write_key(self._origin.kind, self._origin.id, row, digest) if digest else ""

    def add(self, row: int, cells: Sequence[Cell], findings: Sequence[Finding]) -> None:
        """Take a faulty row and its problems; rows come in their order."""
        self._take(row, cells, findings)

    def add_finding(self, row: int, finding: Finding) -> None:
        """Take a problem of a row that is no faulty one, or of the file."""
        self._take(row, None, [finding])

    def _take(self, row: int, cells: Sequence[Cell] | None, findings: Sequence[Finding]) -> None:
        if self._report is None:
            self._kept.append((row, cells, findings))
        else:
            self._put(row, cells, findings)

    def _put(self, row: int, cells: Sequence[Cell] | None, findings: Sequence[Finding]) -> None:
        assert self._report is not None
        key = self._key(row)
        if cells is not None:
            self._report.add(row, cells, findings, key)
            return
        for finding in findings:
            self._report.add_finding(row, finding, key)
