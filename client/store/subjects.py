"""Subjects (主体) that this desk has already written of, for filling in again. Reads only, works offline."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Final

from client.errors import NotAllowed
from client.store.connection import Connection, Row
from client.store.draft_rows import as_json, read_draft
from client.store.versions import last_values
from forms.catalog.schema import Item

LOOKED_AT: Final = 50_000
"""Only the newest so many records are searched: a subject of five years ago is typed again."""

CANDIDATES: Final = 200
SHOWN: Final = 12
_BRACKETS: Final = str.maketrans(dict.fromkeys("()[]（）［］【】〔〕", "_"))

REPRESENTATIVES: Final = frozenset(
    {"法定代表人", "法定代表人姓名", "法定代表人名称", "法定代表人(负责人)", "法定代表人(经营者姓名)",
     "法定代表人或负责人", "法定代表人或者负责人姓名", "主要负责人", "负责人", "负责人姓名", "经营者"}
)  # fmt: skip
"""Titles of the field that holds who stands for a subject."""


@dataclass(frozen=True, slots=True)
class Subject:
    """One subject, as the newest record about it has it.

    Attributes:
        representative: empty where no record says it.
        used_at: when that record was changed, UTC text.
    """

    name: str
    code: str
    representative: str
    used_at: str


def representative_field(item: Item) -> str | None:
    """Return the id of the field of `item` that names who stands for the subject."""
    return next(
        (f.id for f in item.fields if f.title.replace("（", "(").replace("）", ")") in REPRESENTATIVES), None
    )


def find(
    reader: Connection,
    text: str,
    items: Collection[str],
    item_of: Callable[[str], Item],
    *,
    limit: int = SHOWN,
) -> list[Subject]:
    """Return subjects whose name holds `text`, or whose code begins with it; newest first.

    Args:
        reader: of the desk.
        text: as typed; brackets of any kind are equal. Empty for those written of last.
        items: only records of the items with these codes are looked at.
        item_of: the item of a code; raises NotAllowed for one that is in no set any more.
        limit: most subjects.
    """
    found: dict[tuple[str, str], Row] = {}
    for row in _rows(reader, text.strip(), items):
        found.setdefault((row["subject_name"], row["subject_code"]), row)
        if len(found) == limit:
            break
    return [_subject(reader, row, item_of) for row in found.values()]


def _rows(reader: Connection, text: str, items: Collection[str]) -> list[Row]:
    """Newest first; what was thrown away before anybody approved it is not there."""
    literal = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_").translate(_BRACKETS)
    return reader.execute(
        "SELECT r.record_id, r.item, r.subject_name, r.subject_code, r.changed_at"
        " FROM (SELECT * FROM record ORDER BY changed_at DESC, record_id DESC LIMIT :looked) r"
        " LEFT JOIN draft d INDEXED BY draft_state ON d.record_id = r.record_id"
        " WHERE r.subject_name <> '' AND (d.deleted_at IS NULL OR d.op <> 'create')"
        " AND r.item IN (SELECT value FROM json_each(:items))"
        " AND (r.subject_name LIKE '%' || :text || '%' ESCAPE '\\'"
        " OR r.subject_code LIKE :text || '%' ESCAPE '\\')"
        " LIMIT :most",
        {"looked": LOOKED_AT, "items": as_json(sorted(items)), "text": literal, "most": CANDIDATES},
    ).fetchall()


def _subject(reader: Connection, row: Row, item_of: Callable[[str], Item]) -> Subject:
    try:
        field = representative_field(item_of(row["item"]))
    except NotAllowed:  # the catalog has moved on; name and code are still of use
        field = None
    who: object = ""
    if field is not None:
        draft = read_draft(reader, row["record_id"])
        held = None if draft is not None and draft.values else last_values(reader, row["record_id"])
        values = draft.values if held is None and draft is not None else held.values if held else {}
        who = values.get(field, "")
    return Subject(
        row["subject_name"], row["subject_code"], who if isinstance(who, str) else "", row["changed_at"]
    )
