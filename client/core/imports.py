"""Values of an import (导入): the file and its sum, its rows on their way in, and those that stayed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass, field
from typing import Any, Final

from client.core.row_keys import RowKey

GoodRow = tuple[int, bytes, str | None, str, str, str, str, int]
"""Row, payload as JSON, natural key, subject name and code, document number, act day, warnings to answer.

The payload is in bytes as the database keeps it: it is most of what travels, and nobody on the way reads it.
"""

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


def fates_of(group: str | None) -> tuple[str, ...]:
    """Return the fates of the rows in a part of the sum: what was faulty and is a draft now, still was."""
    if group is None:
        return ("faulty", "skipped", "taken", "updated", "corrected")
    return ("faulty", "taken") if group == "faulty" else (group,)


@dataclass(slots=True)
class Chunk:
    """Some rows in a row, as the reader judged them.

    Attributes:
        good: without errors, and the first of their kind in the file.
        faulty: with errors.
        doubled: without errors, but the same act as an earlier row.
        next_row: the row after the last one.
        keys: row → its key, where that can be believed; only in a file that was given back.
        changes: what was cleaned in these rows.
    """

    good: list[GoodRow] = field(default_factory=list)
    faulty: list[KeptRow] = field(default_factory=list)
    doubled: list[KeptRow] = field(default_factory=list)
    next_row: int = 0
    keys: dict[int, RowKey] = field(default_factory=dict)
    changes: Cleaned | None = None

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


UNSETTLED: Final = ""
"""Said of a column instead of a field: it is left out this time, and nobody has said what it stands for."""

ROW_KEY_HEADING: Final = "闽信通行标识（请勿修改）"
"""Heading of the hidden column by which the rows of a file that was given back are known again."""

PROPOSED: Final = frozenset({"check_slip"})
"""Reasons of cleaning that change nothing until a person says yes."""


@dataclass(frozen=True, slots=True)
class Cleaned:
    """What was cleaned in some rows, packed.

    Attributes:
        first_row, last_row: as the sheet shows them; no change is outside.
        counts: field id and reason → how many.
        body: `client.core.packed` entries: row, column, field, before, after, reason, done.
    """

    first_row: int
    last_row: int
    counts: Mapping[tuple[str, str], int]
    body: bytes


@dataclass(frozen=True, slots=True)
class Cleanings:
    """What a person said of the proposals to clean: a cell beats its group, a group the default.

    Attributes:
        groups: (field, reason) → whether it is accepted; an empty field stands for every field.
        cells: (row, field, reason) → whether it is accepted.
    """

    groups: Mapping[tuple[str, str], bool] = field(default_factory=dict)
    cells: Mapping[tuple[int, str, str], bool] = field(default_factory=dict)

    def wanted(self, row: int, field_id: str, reason: str) -> bool:
        """Whether a proposal is to be carried out."""
        said = self.cells.get((row, field_id, reason))
        if said is None:
            said = self.groups.get((field_id, reason), self.groups.get(("", reason)))
        return reason not in PROPOSED if said is None else said

    def __bool__(self) -> bool:
        """Whether anything was said at all."""
        return bool(self.groups or self.cells)


AS_PROPOSED: Final = Cleanings()
"""Nothing was said of cleaning."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What is to become of a row that meets something (比对).

    Attributes:
        act: skip; update (the draft, or the earlier row); correct; keep (both); create (it is another act).
        reason: why both are kept.
        record_id: the record to update or correct; None for the one that the natural key meets.
    """

    act: str
    reason: str = ""
    record_id: str | None = None


USUAL: Final[Mapping[str, Choice]] = {
    "doubled_same": Choice("skip"),
    "doubled_differs": Choice("skip"),
    "same": Choice("skip"),
    "draft_differs": Choice("update"),
    "accepted_differs": Choice("correct"),
    "not_now": Choice("skip"),
    "deleted_by_case": Choice("skip"),
    "near_record": Choice("create"),
    "near_row": Choice("create"),
    "on_platform": Choice("skip"),
}
"""Kinds of what a row meets, and what becomes of it when nobody says otherwise."""

POSSIBLE: Final[Mapping[str, tuple[str, ...]]] = {
    "doubled_same": ("skip", "keep"),
    "doubled_differs": ("skip", "update", "keep"),
    "same": ("skip", "keep"),
    "draft_differs": ("update", "skip", "keep"),
    "accepted_differs": ("correct", "skip", "keep"),
    "not_now": ("skip", "keep"),
    "deleted_by_case": ("skip", "keep"),
    "near_record": ("create", "skip", "update"),
    "near_row": ("create", "skip"),
    "on_platform": ("skip", "keep"),
}
"""What can be chosen for each kind."""


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """What is to become of a row whose act another unit has reported: skip, or keep with a reason.

    Attributes:
        who: which unit, where and when, in words.
    """

    act: str
    reason: str
    who: str


@dataclass(frozen=True, slots=True)
class Choices:
    """What a person chose for rows that meet something: one by one, else by kind, else as usual.

    Attributes:
        elsewhere: rows that would become records, whose acts the platform has from other units.
    """

    groups: Mapping[str, Choice] = field(default_factory=dict)
    rows: Mapping[int, Choice] = field(default_factory=dict)
    elsewhere: Mapping[int, Elsewhere] = field(default_factory=dict)

    def of(self, row: int, kind: str) -> Choice:
        """Return what is to become of a row."""
        return self.rows.get(row) or self.groups.get(kind) or USUAL[kind]

    def over(self, before: Choices) -> Choices:
        """Return these and, where nothing is said now, what was said before."""
        return Choices(
            {**before.groups, **self.groups}, {**before.rows, **self.rows},
            {**before.elsewhere, **self.elsewhere},
        )  # fmt: skip

    def __bool__(self) -> bool:
        """Whether anything was chosen at all."""
        return bool(self.groups or self.rows or self.elsewhere)

    def as_json(self) -> dict[str, Any]:
        """Write them as they stay with their import, until it is finished."""
        return {
            "groups": {kind: astuple(one) for kind, one in self.groups.items()},
            "rows": {str(row): astuple(one) for row, one in self.rows.items()},
            "elsewhere": {str(row): astuple(one) for row, one in self.elsewhere.items()},
        }

    @classmethod
    def from_json(cls, said: Mapping[str, Any]) -> Choices:
        """Read what `as_json` wrote."""
        return cls(
            {kind: Choice(*one) for kind, one in said.get("groups", {}).items()},
            {int(row): Choice(*one) for row, one in said.get("rows", {}).items()},
            {int(row): Elsewhere(*one) for row, one in said.get("elsewhere", {}).items()},
        )


AS_USUAL: Final = Choices()
"""Nothing was chosen."""
